"""What each customer has bought."""

from __future__ import annotations

from vitalfew.tables.table import Table

CUSTOMER_PRODUCTS = Table(
    name="customer_products",
    row="one product that one customer has bought, as of the last order in the data",
    key=("customer_id", "product_id"),
    kind="fact",
    columns={
        "customer_id": "string not null comment 'Who bought.'",
        "product_id": "string not null comment 'What.'",
        "orders": "bigint not null comment 'Orders that contain it.'",
        "days": "bigint not null comment 'Distinct days on which it was bought.'",
        "first_on": "date not null comment 'First bought on.'",
        "last_on": "date not null comment 'Last bought on.'",
        "pieces": "decimal(28,3) not null comment 'Pieces in all, less those returned in whatever order.'",
        "net_amount": "decimal(28,2) not null comment 'Money in all, less that of returns in whatever order.'",
    },
    always=("orders >= days", "days > 0", "first_on <= last_on"),
)


CUSTOMER_ORDERS = Table(
    name="customer_orders",
    row="the orders of one customer, as customer_products knows them",
    key=("customer_id",),
    kind="fact",
    columns={
        "customer_id": "string not null comment 'The customer.'",
        "orders": "bigint not null comment 'Orders of whatever kind.'",
        "lines": "bigint not null comment 'Lines of these orders.'",
        "fingerprint": "decimal(38,0) not null comment 'Sum of a hash of every order: changes when what was bought does.'",
    },
    always=("orders > 0", "lines > 0"),
)
