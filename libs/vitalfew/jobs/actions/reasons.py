"""Why a customer gets an action, in a sentence with its numbers."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.jobs.actions.options import UNITS
from vitalfew.jobs.actions.params import ActionsParams
from vitalfew.messages.sentences import Sentence, choose, say


def reason(params: ActionsParams) -> Sentence:
    """The sentence of a priced option: what makes the action fit, and what is promised of it."""
    figures = promise(params)
    silent = {"silent": F.col("silent_days")}
    own = {
        "win_back": silent,
        "second_order": silent,
        "restock": {
            "item": F.coalesce("item", F.lit("")),
            "due": F.coalesce("due_on", F.lit("1970-01-01").cast("date")),
        },
        "next_product": {"item": F.coalesce("item", F.lit(""))},
        "call": silent,
        "review": silent,
    }
    cases = [
        (F.col("action") == name, say(f"actions.reason.{name}", **values, **figures)) for name, values in own.items()
    ]
    return choose(*cases)


def promise(params: ActionsParams) -> dict[str, Column]:
    """Values that say what the action is to bring, and on what that rests: the message `promise`, and its own."""
    is_measured = F.col("basis") == "measured"
    which = (
        F.when(F.col("money").isNotNull(), "measured_money")
        .when(is_measured, "measured")
        .when(F.col("is_review"), "assumed_review")
        .otherwise("assumed")
    )
    nothing = F.lit(0.0)
    return {
        "promise": which,
        "gain": F.col("gain_units") / UNITS,
        "cost": F.col("cost_units") / UNITS,
        "worth": F.col("worth_units") / UNITS,
        "uplift": F.coalesce("raised", nothing),
        "low": F.coalesce("uplift_low", nothing),
        "high": F.coalesce("uplift_high", nothing),
        "low_money": F.coalesce("uplift_low", nothing),
        "high_money": F.coalesce("uplift_high", nothing),
        "days": F.lit(params.horizon_days),
    }
