"""Where a customer stands, the next step that follows from it, and the step in words: each made of the one before."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.domain.purchase_gaps import is_overdue
from vitalfew.jobs.next_purchase import due_windows
from vitalfew.jobs.next_purchase.due_windows import LAPSED, PAST, gone
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.tables import WAIT
from vitalfew.messages.sentences import Sentence, choose, say

NEAR_DAYS = 7


def is_doubtful(params: NextPurchaseParams) -> Column:
    """Whether the customer is more likely gone than the limit allows; false where nobody knows."""
    return F.coalesce(F.col("p_alive") < params.p_alive_limit, F.lit(False))


def status(params: NextPurchaseParams) -> Column:
    """first order, on schedule, overdue, lapsed, or unknown where nobody ever came back.

    Past window is who is overdue by `purchase_gaps.is_overdue`, as alerts have it. Who returns now and then and is
    likely still there has not lapsed.
    """
    is_there = (F.col("repeats") > 0) & (F.col("p_alive") >= params.p_alive_limit)
    return (
        F.when(gone().isNull(), "unknown")
        .when((gone() > LAPSED) & ~F.coalesce(is_there, F.lit(False)), "lapsed")
        .when(is_overdue(), "overdue")
        .when(F.col("gaps") == 0, "first order")
        .otherwise("on schedule")
    )


def next_step(on: date, params: NextPurchaseParams) -> Column:
    """What to do, from `status` and the silence: only who is not late by any measure is left in peace.

    last try, win back: lapsed, after one order or more; second order; ask: overdue; offer: due, unusually silent, or
    unsure; wait.
    """
    is_due = F.col("due_50_from").isNull() | (F.datediff("due_50_from", F.lit(on)) <= NEAR_DAYS)
    is_usual = F.col("silent_days") < F.col("gap_days")
    return (
        F.when(F.col("status") == "lapsed", F.when(F.col("repeats") == 0, "last try").otherwise("win back"))
        .when(F.col("status").isin("first order", "unknown"), "second order")
        .when(F.col("status") == "overdue", "ask")
        .when(is_due | ~is_usual | due_windows.is_unusual() | is_doubtful(params), "offer")
        .otherwise(WAIT)
    )


def action(on: date, params: NextPurchaseParams) -> Sentence:
    """`next_step` as a sentence, with the figures that say so."""
    step, silent = F.col("next_step"), {"silent": F.col("silent_days")}
    window = {"from_day": F.col("due_50_from"), "to_day": F.col("due_50_to")}
    stake = {"stake": F.col("value_at_stake"), "horizon": F.lit(params.horizons_days[-1])}
    why = silence(params)
    is_near = F.datediff("due_50_from", F.lit(on)) <= NEAR_DAYS
    return choose(
        (step == "last try", say("next_purchase.action.last_try", **silent)),
        (step == "win back", say("next_purchase.action.win_back", **why, **stake)),
        (step == "ask", say("next_purchase.action.ask", **why, **stake)),
        (F.col("status") == "unknown", say("next_purchase.action.no_interval")),
        (step == "second order", say("next_purchase.action.second_order", **window)),
        (step == WAIT, say("next_purchase.action.wait", from_day=F.col("due_50_from"))),
        (is_near, say("next_purchase.action.offer_due", **window)),
        (is_doubtful(params), say("next_purchase.action.offer_unsure", **silent, alive=F.col("p_alive"))),
        otherwise=say("next_purchase.action.offer_late", **why),
    )


def silence(params: NextPurchaseParams) -> dict[str, Column]:
    """Values that say how long the silence is, and what it is longer than: the message `silence`, and its own."""
    is_unusual = (F.col("repeats") > 0) & (F.col("silent_days") >= F.col("gap_days"))
    which = F.when(is_unusual, "longer_than_usual").when(is_overdue(), "longer_than_own_limit")
    return {
        "silence": which.otherwise("longer_than_predicted"),
        "silent": F.col("silent_days"),
        "gap": due_windows.usual_days(),
        "percentile": F.lit(params.overdue_percentile),
        "limit": F.floor("limit_days"),
        "predicted": F.lit(PAST),
    }
