"""What every analysis would otherwise compute again: the lines, read once."""

from __future__ import annotations

from vitalfew.tables.sources import CUSTOMERS
from vitalfew.tables.table import Table

ORDERS = Table(
    name="orders",
    row="one order",
    key=("order_id",),
    kind="fact",
    apart_by="ordered_on",
    happened="ordered_on",
    columns={
        "order_id": "string not null comment 'The order.'",
        "customer_id": "string comment 'Who bought; NULL where nobody knows.'",
        "is_disputed": "boolean comment 'True where its lines name several customers: the least id was taken.'",
        "ordered_at": "timestamp not null comment 'Time of its first line, on the clock of the shop.'",
        "ended_at": "timestamp not null comment 'Time of its last line.'",
        "ordered_on": "date not null comment 'Day of its first line, on the calendar of the shop.'",
        "kind": "string not null comment 'sale; return (no line was sold); cancelled (a sale undone soon after, and what undid it); charge (fees alone).'",
        "net_amount": "decimal(28,2) not null comment 'Money of all its lines, returns taken off.'",
        "cost": "decimal(28,2) comment 'Cost of the goods, where every line has one.'",
        "pieces": "decimal(28,3) not null comment 'Pieces sold less returned; a product measured in litres or grams counts one a line, a charge none.'",
        "lines": "bigint not null comment 'Lines of the order.'",
        "channel": "string comment 'Where it was bought.'",
        "product_ids": "array<string> not null comment 'Distinct products sold, or in a return those returned, sorted; charges left out.'",
        "product_pieces": "array<decimal(18,3)> not null comment 'Pieces of each of product_ids, in its order.'",
        "product_amounts": "array<decimal(18,2)> not null comment 'Net money of each of product_ids, in its order.'",
        "product_costs": "array<decimal(18,2)> comment 'Cost of each of product_ids, in its order; NULL in it where a line of the product has none.'",
        "returned_ids": "array<string> comment 'In a sale: products that only came back in it, sorted; NULL where none did.'",
        "returned_pieces": "array<decimal(18,3)> comment 'Pieces of each of returned_ids, in its order.'",
        "returned_amounts": "array<decimal(18,2)> comment 'Net money of each of returned_ids, in its order.'",
    },
    always=(
        "kind in ('sale', 'return', 'cancelled', 'charge')",
        "lines > 0",
        "size(product_ids) = size(product_pieces) and size(product_ids) = size(product_amounts)",
        "product_costs is null or size(product_ids) = size(product_costs)",
    ),
)

ORDER_DAYS = Table(
    name="order_days",
    row="one day of order lines, as the facts know it",
    key=("ordered_on",),
    kind="fact",
    columns={
        "ordered_on": "date not null comment 'The day.'",
        "lines": "bigint not null comment 'Lines of that day.'",
        "amount": "decimal(28,2) not null comment 'Net money of that day.'",
        "fingerprint": "decimal(38,0) not null comment 'Sum of a hash of every line: changes when any line does.'",
    },
    always=("lines > 0",),
)


ATTRIBUTES = {name: text for name, text in CUSTOMERS.columns.items() if name not in ("customer_id", "updated_at")}

CUSTOMER_PROFILE = Table(
    name="customer_profile",
    row="one customer, known by name or by purchases or both, as of the last order in the data",
    key=("customer_id",),
    kind="fact",
    columns={
        "customer_id": "string not null comment 'The customer.'",
        "is_registered": "boolean not null comment 'Has a row in customers.'",
        "has_bought": "boolean not null comment 'Has at least one order.'",
        **ATTRIBUTES,
        "first_order_on": "date comment 'Day of the first order.'",
        "last_order_on": "date comment 'Day of the last order.'",
        "orders": "bigint not null comment 'Sales; returns, cancelled orders and mere charges not counted.'",
        "net_amount": "decimal(28,2) not null comment 'Money of all orders, returns taken off.'",
        "pieces": "decimal(28,3) not null comment 'Pieces of all orders, returns taken off.'",
        "favourite_channel": "string comment 'Channel of most orders; ties by name.'",
    },
    always=("orders >= 0", "is_registered or has_bought", "first_order_on is null or first_order_on <= last_order_on"),
)
