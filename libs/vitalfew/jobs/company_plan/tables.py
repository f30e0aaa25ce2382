"""What the company could do, beside the list for each customer."""

from __future__ import annotations

from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import result

FIND_CAUSE, ORDER_STOCK, STOP_DISCOUNT, REPEAT_DISCOUNT, BUNDLE, CONTACT = KINDS = (
    "find_cause",
    "order_stock",
    "stop_discount",
    "repeat_discount",
    "bundle",
    "contact",
)
MEASURED, ESTIMATED, ASSUMED = BASES = ("measured", "estimated", "assumed")
MONEY = "decimal(28,2)"

COMPANY_PLAN = result(
    "company_plan",
    "one thing that the company could do",
    ("kind", "subject", "other"),
    {
        "kind": "string not null comment 'find_cause: a product with a burst of complaints, returns or bad ratings; order_stock: units that are missing soon; stop_discount: a discount that loses money; repeat_discount: one that earns money; bundle: two products at one price; contact: an action of the plan for customers.'",
        "subject": "string not null comment 'The product; of contact the action.'",
        "other": "string not null comment 'find_cause: complaints, returns or bad_ratings; bundle: the second product; contact: the channel. Empty of others.'",
        "rank": "int not null comment '1 is what to do first: causes of bursts by at_stake, then all others by value.'",
        "value": f"{MONEY} comment 'What it is expected to bring in days, when the goods are paid for. NULL of find_cause: nobody can say what the cause costs.'",
        "value_low": f"{MONEY} comment 'Lower end of its 95 % interval; NULL where none is known.'",
        "value_high": f"{MONEY} comment 'Upper end.'",
        "days": "int comment 'For how many days value is; NULL of find_cause, and of contact, which counts what one contact brings.'",
        "at_stake": f"{MONEY} comment 'find_cause: net sales of the product in the last 90 days.'",
        "cost": f"{MONEY} comment 'Money that is needed first; value has it in it already, except for goods that are kept.'",
        "basis": "string not null comment 'measured: against a control arm; estimated: from what was observed; assumed: a setting decides (margin, take-up, uplift).'",
        **text_columns("reason", "On what it rests."),
        **text_columns("action", "What to do."),
    },
    (
        "rank > 0",
        "(kind = 'find_cause') = (value is null)",
        "value is null or value > 0",
        "(kind = 'find_cause') = (at_stake is not null)",
        "value_low is null or value >= value_low",
        "value_high is null or value <= value_high",
        "(kind in ('find_cause', 'contact')) = (days is null)",
    ),
    values={"kind": KINDS, "basis": BASES},
    texts={"reason": ("company_plan.reason",), "action": ("company_plan.action",)},
)
