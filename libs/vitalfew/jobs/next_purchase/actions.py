"""Where a customer stands, the next step that follows from it, and the step in words: each made of the one before."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.dataframes.text_columns import said
from vitalfew.domain.purchase_gaps import is_overdue
from vitalfew.jobs.next_purchase import due_windows
from vitalfew.jobs.next_purchase.due_windows import LAPSED, PAST, gone
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.tables import WAIT

NEAR_DAYS = 7


def is_doubtful(params: NextPurchaseParams) -> Column:
    """Whether the customer is more likely gone than the limit allows; false where nobody knows."""
    return F.coalesce(F.col("p_alive") < params.p_alive_limit, F.lit(False))


def status(params: NextPurchaseParams) -> Column:
    """first order, in rhythm, past window, lapsed, or unknown where nobody ever came back.

    Past window is who is overdue by `purchase_gaps.is_overdue`, as alerts have it. Who returns now and then and is
    likely still there has not lapsed.
    """
    is_there = (F.col("repeats") > 0) & (F.col("p_alive") >= params.p_alive_limit)
    return (
        F.when(gone().isNull(), "unknown")
        .when((gone() > LAPSED) & ~F.coalesce(is_there, F.lit(False)), "lapsed")
        .when(is_overdue(), "past window")
        .when(F.col("gaps") == 0, "first order")
        .otherwise("in rhythm")
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
        .when(F.col("status") == "past window", "ask")
        .when(is_due | ~is_usual | due_windows.is_unusual() | is_doubtful(params), "offer")
        .otherwise(WAIT)
    )


def action(on: date, params: NextPurchaseParams) -> Column:
    """`next_step` in words, with the figures that say so."""
    step = F.col("next_step")
    stake = said(F.col("value_at_stake").cast("string"), f" at stake within {params.horizons_days[-1]} days")
    window = said(F.col("due_50_from").cast("string"), " to ", F.col("due_50_to").cast("string"))
    is_near = F.datediff("due_50_from", F.lit(on)) <= NEAR_DAYS
    unsure = said("still there with a probability of ", F.floor(F.col("p_alive") * 100).cast("string"), " %")
    return (
        F.when(step == "last try", said("Ask once more, then let go: one order, ", silent(), "."))
        .when(step == "win back", said("Win back, or let go: ", silence(params), "; ", stake, "."))
        .when(step == "ask", said("Ask now what is missing: ", silence(params), "; ", stake, "."))
        .when(
            F.col("status") == "unknown",
            "Ask for a second order: nobody has come back yet, so there is no rhythm to go by.",
        )
        .when(
            step == "second order",
            said("Win the second order: whoever comes again does so most likely from ", window, "."),
        )
        .when(step == WAIT, said("Leave in peace until ", F.col("due_50_from").cast("string"), ", then offer."))
        .when(is_near, said("Offer now: the next order is most likely from ", window, "."))
        .when(is_doubtful(params), said("Offer now: ", silent(), ", ", unsure, "."))
        .otherwise(said("Offer now: ", silence(params), "."))
    )


def silent() -> Column:
    days = F.col("silent_days")
    return said("silent for ", days.cast("string"), F.when(days == 1, " day").otherwise(" days"))


def silence(params: NextPurchaseParams) -> Column:
    """The silence, and what it is longer than."""
    usual = said("usually ", due_windows.every(), ", ", silent())
    limit = said(F.floor("limit_days").cast("string"), " days")
    own = said(silent(), f", where {params.overdue_percentile:.0%} of their gaps are up to ", limit)
    foretold = said(silent(), f", where {PAST:.0%} of the gaps of such customers are shorter")
    is_unusual = (F.col("repeats") > 0) & (F.col("silent_days") >= F.col("gap_days"))
    return F.when(is_unusual, usual).when(is_overdue(), own).otherwise(foretold)
