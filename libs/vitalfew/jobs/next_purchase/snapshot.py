"""What was known of all customers before a day, and what the models make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.clv.activity import Clock, to_number
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.staging import Stage
from vitalfew.jobs.next_purchase import due_windows, gap_model
from vitalfew.jobs.next_purchase import models as purchase_models
from vitalfew.jobs.next_purchase.gap_model import Rhythm
from vitalfew.jobs.next_purchase.models import Fitted
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.purchase_days import histories
from vitalfew.jobs.next_purchase.scoring import HISTORY, WEEK, ahead, by_model

RHYTHM = "rhythm"


@dataclass(frozen=True)
class Past:
    """Made of the days before `on` alone: a row of histories for each customer, and what was fitted to them."""

    on: date
    known: DataFrame
    customers: int
    repeaters: int
    mean_amount: float
    counting: dict[str, Fitted]
    spending: Fitted
    rhythm: Rhythm | None
    clock: Clock | None = None
    by_frequency: tuple[float, float] | None = None

    @property
    def amount(self) -> Column:
        """E[M] of a row of `known`."""
        return purchase_models.expected_amount(self.spending, self.mean_amount, self.by_frequency)


def past(
    days: DataFrame,
    on: date,
    params: NextPurchaseParams,
    stage: Stage,
    clock: Clock | None = None,
    near: Mapping[str, list[float]] | None = None,
    models: tuple[dict[str, Fitted], Fitted] | None = None,
) -> Past:
    """All that the days before `on` tell; models are fitted in the activity time of `clock`, if there is one.

    `near`: parameters by model, from which to begin; `models`: those of counts and of amounts, where they are fitted.
    """
    known = stage(histories(days, ["customer_id"], on))
    row = collect_rows(
        known.agg(
            F.count(F.lit(1)).alias("customers"),
            F.count_if(F.col("repeats") > 0).alias("repeaters"),
            F.sum("repeats").alias("repeats"),
            F.sum("repeat_amount").alias("amount"),
        ),
        "totals of customers",
    )[0]
    counting, spending = models or (
        purchase_models.counting_models(
            known, row["customers"], row["repeaters"], params, to_number(on), clock, near or {}
        ),
        purchase_models.spending_model(known, params),
    )
    return Past(
        on,
        known,
        row["customers"],
        row["repeaters"],
        max(float(row["amount"] or 0) / row["repeats"], 0.0) if row["repeats"] else 0.0,
        counting,
        spending,
        gap_model.fit(known),
        clock,
    )


def predictions(past: Past, model: str, days: Sequence[int], stage: Stage) -> DataFrame:
    """customer_id, p_alive, orders: an array, expected purchases within each of `days`."""
    if model == RHYTHM:
        return by_rhythm(past, days)
    scored = stage(by_model(past.known, model, past.counting[model].values, days, to_number(past.on), past.clock))
    return past.known.select("customer_id", *HISTORY).join(scored, on=list(HISTORY), how="inner").drop(*HISTORY)


def by_rhythm(past: Past, days: Sequence[int]) -> DataFrame:
    """The same from each customer's own gaps; nobody is expected where nobody ever came back."""
    if past.rhythm is None:
        none = F.array(*[F.lit(0.0) for _ in days])
        return past.known.select("customer_id", F.lit(None).cast("double").alias("p_alive"), none.alias("orders"))
    timed = due_windows.windows(past.known, past.rhythm, F.lit(past.on))
    alive = timed.select("customer_id", "gap_days", due_windows.p_alive().alias("p_alive"))
    orders = due_windows.expected(
        F.col("p_alive"), past.rhythm, (ahead(past.clock, to_number(past.on), days) * WEEK).tolist()
    )
    return alive.select("customer_id", "p_alive", orders.alias("orders"))
