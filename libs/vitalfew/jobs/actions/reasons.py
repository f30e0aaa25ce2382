"""Why a customer gets an action, and what that is to bring, in sentences with their numbers."""

from __future__ import annotations

from pyspark.sql import functions as F

from vitalfew.jobs.actions.params import ActionsParams
from vitalfew.jobs.actions.tables import MEASURED, MIXED
from vitalfew.messages.sentences import Sentence, choose, say

NO_DAY = "1970-01-01"


def reason() -> Sentence:
    """What makes the action fit this customer."""
    silent = {"silent": F.col("silent_days")}
    item = {"item": F.coalesce("item", F.lit(""))}
    gap = {"gap": F.coalesce("gap_amount", F.lit(0.0))}
    of_gap, first = F.col("action") == "win_share", F.col("action") == "first_order"
    own = {
        "win_back": silent,
        "second_order": silent,
        "restock": {**item, "due": F.coalesce("due_on", F.lit(NO_DAY).cast("date"))},
        "next_product": item,
        "next_stage": {"need": F.coalesce("item", F.lit(""))},
        "refer": {
            "customers": F.coalesce(F.col("brought_customers").cast("bigint"), F.lit(0)),
            "value": F.coalesce("brought_value", F.lit(0.0)),
        },
        "call": silent,
        "review": silent,
    }
    return choose(
        (of_gap & F.col("item").isNotNull(), say("actions.reason.win_share", **item, **gap)),
        (of_gap, say("actions.reason.win_share_any", **gap)),
        (first & F.col("item").isNotNull(), say("actions.reason.first_order", **item, **silent)),
        (first, say("actions.reason.first_order_any", **silent)),
        *[(F.col("action") == name, say(f"actions.reason.{name}", **values)) for name, values in own.items()],
    )


def promise(params: ActionsParams) -> Sentence:
    """What the action is to bring and to cost, and on what that rests."""
    money = {name: F.col(f"{name}_units") * F.lit(0.0001) for name in ("gain", "cost", "worth")}
    without_worth = {name: money[name] for name in ("gain", "cost")}
    interval = {name: F.coalesce(f"uplift_{name}", F.lit(0.0)) for name in ("low", "high")}
    uplift = {"uplift": F.coalesce("raised", F.lit(0.0))}
    high = F.when(F.col("raised") < F.col("effect"), F.col("raised")).otherwise(F.col("uplift_high"))
    in_room = {"low": F.coalesce(F.least("uplift_low", "raised"), F.lit(0.0)), "high": F.coalesce(high, F.lit(0.0))}
    days = {"days": F.lit(params.horizon_days)}
    share = {"share": F.coalesce("assumed_share", F.lit(1.0))}
    of_money, of_orders = {**without_worth, **interval, **share}, {**money, **uplift, **in_room, **share}
    return choose(
        *[
            (F.col("money").isNotNull() & (F.col("basis") == name), say(f"actions.promise.{name}_money", **of_money))
            for name in (MEASURED, MIXED)
        ],
        *[(F.col("basis") == name, say(f"actions.promise.{name}", **of_orders)) for name in (MEASURED, MIXED)],
        (F.col("is_review"), say("actions.promise.assumed_review", **money, **uplift)),
        (F.col("is_refer"), say("actions.promise.assumed_refer", **money, **uplift)),
        (F.col("is_gap"), say("actions.promise.assumed_gap", **money, **uplift)),
        otherwise=say("actions.promise.assumed", **money, **uplift, **days),
    )
