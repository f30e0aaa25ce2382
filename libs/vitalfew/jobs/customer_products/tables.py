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

CUSTOMER_HISTORY = Table(
    name="customer_history",
    row="what several analyses need of all orders of one customer",
    key=("customer_id",),
    kind="fact",
    columns={
        "customer_id": "string not null comment 'The customer.'",
        "sales": "bigint not null comment 'Orders that are sales.'",
        "net_amount": "decimal(28,2) not null comment 'Money of all orders, returns taken off.'",
        "year_amount": "decimal(28,2) not null comment 'Money of the 365 days up to the last sale.'",
        "pieces": "decimal(28,3) not null comment 'Pieces of all orders, returns taken off.'",
        "first_on": "date comment 'Day of the first sale.'",
        "last_on": "date comment 'Day of the last sale.'",
        "sale_days": "array<date> not null comment 'Days with a sale, each once, in order.'",
        "gap_days": "array<int> not null comment 'Days between one of sale_days and the next.'",
        "log_orders": "bigint not null comment 'Sales for more than nothing.'",
        "log_sum": "bigint not null comment 'Sum of the natural logarithms of their money, in 10,000ths.'",
        "log_squares": "bigint not null comment 'Sum of the squares of these.'",
        "most_bought_product_id": "string comment 'The product in most sales; ties by pieces, then by product.'",
    },
    always=("sales >= size(sale_days)", "size(gap_days) = greatest(size(sale_days) - 1, 0)", "sales >= log_orders"),
)
