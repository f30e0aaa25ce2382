"""Where a customer stands, the next step that follows from it, and the step in words: each made of the one before."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.dataframes.text_columns import said
from vitalfew.domain.purchase_gaps import is_late
from vitalfew.jobs.next_purchase import due_windows
from vitalfew.jobs.next_purchase.due_windows import PAST
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.tables import WAIT

NEAR_DAYS = 7


def is_doubtful(params: NextPurchaseParams) -> Column:
    """Whether the customer is more likely gone than the limit allows; false where nobody knows."""
    return F.coalesce(F.col("p_alive") < params.p_alive_limit, F.lit(False))


def status(params: NextPurchaseParams) -> Column:
    """As rhythm_windows.status; but who comes back now and then and is likely still there has not lapsed."""
    by_rhythm = due_windows.status()
    is_there = (F.col("repeats") > 0) & (F.col("p_alive") >= params.p_alive_limit)
    return F.when((by_rhythm == "lapsed") & is_there, "past window").otherwise(by_rhythm)


def next_step(on: date, params: NextPurchaseParams) -> Column:
    """What to do, from `status` and the silence: only who is not late by any measure is left in peace.

    last try, win back: lapsed, after one order or more; second order; ask: late, by the window or by their own gaps;
    offer: due, or unsure; wait.
    """
    is_near = F.datediff("due_50_from", F.lit(on)) <= NEAR_DAYS
    is_usual = F.col("silent_days") < F.col("gap_days")
    return (
        F.when(F.col("status") == "lapsed", F.when(F.col("repeats") == 0, "last try").otherwise("win back"))
        .when(F.col("status").isin("first order", "unknown"), "second order")
        .when((F.col("status") == "past window") | is_late(), "ask")
        .when(is_near | ~is_usual | is_doubtful(params), "offer")
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
    return F.when(is_unusual, usual).when(is_late(), own).otherwise(foretold)
