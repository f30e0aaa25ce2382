"""When to sell: the hours of the week, and each customer's own."""

from __future__ import annotations

from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import SHARE, result

DIMENSIONS = ("all", "segment", "category", "channel")
WEEKDAY, HOUR = "weekday between 1 and 7", "hour is null or hour between 0 and 23"

TIMING_GRID = result(
    "timing_grid",
    "one hour of the week, overall or of one segment, category or channel",
    ("dimension", "member", "weekday", "hour"),
    {
        "dimension": "string not null comment 'all, segment, category or channel.'",
        "member": "string not null comment 'all, or which segment, category or channel.'",
        "weekday": "int not null comment 'ISO day of the week: 1 is Monday.'",
        "hour": "int comment 'Hour on the clock of the shop: 21 is from 21:00 to 22:00; NULL where orders have dates and no times: a row is then a whole day.'",
        "hours": "bigint not null comment 'How many such hours there were, from the first order looked at to as_of.'",
        "orders": "bigint not null comment 'Sales that began in them.'",
        "net_amount": "decimal(28,2) not null comment 'Money of all orders in them, returns taken off; of a category, that of its products.'",
        "customers": "bigint not null comment 'Distinct known customers with a sale in them.'",
        "most_of_one": "bigint not null comment 'Sales of the known customer who has most.'",
        "times_average": "double comment 'Orders an hour over those of the average hour of the week; NULL where there are no orders or no such hours.'",
        "events": "bigint comment 'Events of the kinds that count as traffic; NULL where the company knows of none.'",
        "orders_per_event": "double comment 'Orders / events; NULL without events.'",
    },
    (WEEKDAY, HOUR, "hours >= 0", "orders >= customers", "orders >= most_of_one"),
    values={"dimension": DIMENSIONS},
)

TIMING_PEAKS = result(
    "timing_peaks",
    "one run of hours of a weekday in which more is bought than in the average hour, beyond chance",
    ("dimension", "member", "weekday", "from_hour"),
    {
        "dimension": "string not null comment 'all, segment, category or channel.'",
        "member": "string not null comment 'all, or which segment, category or channel.'",
        "weekday": "int not null comment 'ISO day of the week: 1 is Monday.'",
        "from_hour": "int comment 'It begins at this hour; NULL where orders have no times: it is then a whole day …'",
        "until_hour": "int comment '… and ends before this one; 24 is midnight.'",
        "orders": "bigint not null comment 'Sales in these hours.'",
        "net_amount": "decimal(28,2) not null comment 'Their money.'",
        "usual_orders": "double not null comment 'Sales that average hours of the week would have brought.'",
        "times_average": "double not null comment 'orders / usual_orders.'",
        "best_hour": "int comment 'The hour with the most orders an hour among them; ties to the earlier.'",
        "best_times_average": "double not null comment 'times_average of that hour.'",
        "margin_orders": "double not null comment 'Sales to be expected of this weekday and these hours, did they not favour each other.'",
        "is_special": "boolean not null comment 'In one of the hours there are more sales than weekday and hour by themselves explain, beyond chance.'",
        "dispersion": "double not null comment 'Variance between weeks over that of a Poisson process, at least 1; the largest of the hours.'",
        "p_value": "double not null comment 'Chance of as many orders in an average hour, over-dispersed as observed; the largest of the hours.'",
        "q_value": "double not null comment 'p_value after Benjamini-Hochberg over all hours tested; the largest of the hours.'",
        "share_of_orders": "double not null comment 'Of all sales of this member.'",
        **text_columns("finding", "It in words."),
        **text_columns("action", "What to do next."),
    },
    (
        WEEKDAY,
        "from_hour is null or from_hour between 0 and 23",
        "from_hour is null or (until_hour > from_hour and until_hour <= 24)",
        "from_hour is null or best_hour between from_hour and until_hour - 1",
        "dispersion >= 1",
        f"p_value {SHARE}",
        f"q_value {SHARE}",
        f"share_of_orders {SHARE}",
    ),
    values={"dimension": DIMENSIONS},
    texts={"finding": ("timing_peaks.finding",), "action": ("timing_peaks.action",)},
)

CUSTOMER_TIMING = result(
    "customer_timing",
    "one customer with a sale",
    ("customer_id",),
    {
        "customer_id": "string not null comment 'Who bought.'",
        "segment": "string not null comment 'Segment of RFM to whose habits the own ones are drawn; all, where there is none.'",
        "orders": "bigint not null comment 'Sales.'",
        "best_weekday": "int not null comment 'ISO day of the week on which the next order is likeliest; ties to the earlier.'",
        "weekday_share": "double not null comment 'Its probability.'",
        "best_hour": "int comment 'Hour of the day, on the clock of the shop, likewise.'",
        "hour_share": "double comment 'Its probability.'",
        "own_weight": "double not null comment 'Part of these probabilities that stems from own orders: orders / (orders + prior_orders).'",
        "is_own_weekday": "boolean not null comment 'It is not the best of the segment.'",
        "is_own_hour": "boolean comment 'It is not the best of the segment.'",
    },
    (
        "best_weekday between 1 and 7",
        "best_hour is null or best_hour between 0 and 23",
        "orders > 0",
        f"weekday_share {SHARE}",
        f"hour_share is null or hour_share {SHARE}",
    ),
)
