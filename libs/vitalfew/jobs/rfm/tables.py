"""Scores and segments of customers."""

from __future__ import annotations

from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import result

RFM = result(
    "rfm",
    "one customer",
    ("customer_id",),
    {
        "customer_id": "string not null comment 'Who bought.'",
        "recency_days": "int not null comment 'Days from the last order to as_of.'",
        "frequency": "bigint not null comment 'Distinct orders in the window.'",
        "monetary": "decimal(28,2) not null comment 'Net spend in the window, returns taken off.'",
        "first_order_on": "date not null comment 'First order in the window.'",
        "last_order_on": "date not null comment 'Last order in the window.'",
        "average_order_value": "decimal(28,2) not null comment 'monetary / frequency.'",
        "pieces_per_order": "double not null comment 'Pieces / frequency.'",
        "orders_per_month": "double not null comment 'frequency per 30.4375 days since the first order, at least one month.'",
        "most_bought_product_id": "string comment 'Product in most orders; ties by pieces, then by id.'",
        "r": "int not null comment 'Score of recency, the highest is the most recent.'",
        "f": "int not null comment 'Score of frequency, the highest is the most frequent.'",
        "m": "int comment 'Score of monetary, the highest spends most; NULL where no order has an amount.'",
        "rfm_cell": "string not null comment 'r, f and m in a row: 555 is the best; without m where that is NULL.'",
        "segment": "string not null comment 'Name of the cell in the chosen map.'",
    },
    ("recency_days > 0", "frequency > 0", "least(r, f, coalesce(m, 1)) >= 1", "first_order_on <= last_order_on"),
)


RFM_CUTS = result(
    "rfm_cuts",
    "one cut point between two scores of one axis",
    ("axis", "score"),
    {
        "axis": "string not null comment 'recency_days, frequency or monetary.'",
        "score": "int not null comment 'The score that begins here: a value at or beyond the cut (recency: at or below) has at least this score.'",
        "cut": "decimal(28,2) not null comment 'The cut point, in the unit of the axis.'",
    },
    ("score >= 2",),
)


RFM_SEGMENTS = result(
    "rfm_segments",
    "one segment",
    ("segment",),
    {
        "segment": "string not null comment 'Name of the segment.'",
        "customers": "bigint not null comment 'Customers in it.'",
        "share_of_customers": "double not null comment 'Of all scored customers.'",
        "monetary": "decimal(28,2) not null comment 'Their net spend.'",
        "share_of_monetary": "double comment 'Of the net spend of all scored customers; NULL where that is zero.'",
        "mean_recency_days": "double not null comment 'Mean days since the last order.'",
        "mean_frequency": "double not null comment 'Mean orders.'",
        "mean_monetary": "decimal(28,2) not null comment 'Mean net spend.'",
        **text_columns("action", "What to do next."),
    },
    ("customers > 0",),
    texts={"action": ("rfm_segments.action",)},
)
