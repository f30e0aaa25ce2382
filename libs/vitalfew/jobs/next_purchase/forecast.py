"""Orders and value over horizons, for each customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import reduce
from itertools import pairwise

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.staging import Stage
from vitalfew.jobs.next_purchase import actions, due_windows
from vitalfew.jobs.next_purchase.due_windows import QUANTILES
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.scoring import WEEK
from vitalfew.jobs.next_purchase.snapshot import Past, foretold
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE
from vitalfew.messages.sentences import with_texts
from vitalfew.messages.words import Words

YEAR = 365.0
MONEY = "decimal(28,2)"
LEAST = 1e-300


def points(params: NextPurchaseParams) -> list[int]:
    """Days at which orders must be foretold: ends of periods, and horizons."""
    longest = params.horizons_days[-1]
    return sorted({*range(params.period_days, longest, params.period_days), *params.horizons_days})


def factors(params: NextPurchaseParams, days: Sequence[int], horizon: int) -> list[float]:
    """Weights of the cumulative orders at `days` whose sum is the orders within `horizon`, each discounted at the end
    of its period: the sum of (E[Y(i)] - E[Y(i-1)]) / (1 + d)^i.
    """
    ends = [day for day in days if day == horizon or (day < horizon and day % params.period_days == 0)]
    worth = {day: (1 + params.discount_rate) ** (-day / YEAR) for day in ends}
    later = dict(pairwise(ends))
    return [worth[day] - (worth[later[day]] if day in later else 0.0) if day in worth else 0.0 for day in days]


def customers(
    now: Past, limits: DataFrame, model: str, correction: float, params: NextPurchaseParams, stage: Stage
) -> DataFrame:
    """Every customer with histories, windows, limit_days, p_alive, amount and `orders` at the points, corrected."""
    forecast = foretold(now, model, points(params), stage)
    if correction != 1:
        forecast = forecast.withColumn("orders", F.transform("orders", lambda each: each * correction))
    told = timed(now).join(forecast, on="customer_id", how="inner").join(limits, on="customer_id", how="left")
    return told.withColumn("amount", now.amount)


def timed(now: Past) -> DataFrame:
    """Histories with the windows; without any where nobody ever came back."""
    if now.rhythm is not None:
        return due_windows.windows(now.known, now.rhythm, F.lit(now.on))
    none = dict.fromkeys(("gap_days", "open_share"), "double") | dict.fromkeys(QUANTILES, "date")
    return now.known.select("*", *[F.lit(None).cast(kind).alias(name) for name, kind in none.items()])


def horizons(scored: DataFrame, params: NextPurchaseParams) -> DataFrame:
    """PURCHASE_FORECAST."""
    days = points(params)
    told = [
        F.struct(
            F.lit(horizon).alias("horizon_days"),
            F.col("orders")[days.index(horizon)].alias("expected_orders"),
            (weighted(factors(params, days, horizon)) * F.col("amount")).cast(MONEY).alias("expected_value"),
        )
        for horizon in params.horizons_days
    ]
    return scored.select("customer_id", F.explode(F.array(*told)).alias("told")).select("customer_id", "told.*")


def weighted(weights: Sequence[float]) -> Column:
    """The sum of `orders`, each times its weight."""
    parts = [F.col("orders")[position] * F.lit(weight) for position, weight in enumerate(weights) if weight]
    return reduce(Column.__add__, parts)


def next_purchase_rows(scored: DataFrame, model: str, on: date, params: NextPurchaseParams, words: Words) -> DataFrame:
    """NEXT_PURCHASE."""
    longest = weighted(factors(params, points(params), params.horizons_days[-1])) * F.col("amount")
    p = F.greatest(F.col("p_alive"), F.lit(LEAST))  # orders are foretold times p: what they would be were it 1
    stake = F.coalesce(ratio(longest * (F.lit(1.0) - p), p), F.lit(0.0)).cast(MONEY)
    known = scored.select(
        "customer_id",
        "repeats",
        (F.col("recency_days") / F.lit(WEEK)).alias("recency_weeks"),
        (F.col("age_days") / F.lit(WEEK)).alias("age_weeks"),
        "silent_days",
        ratio(F.col("repeat_amount"), F.col("repeats")).cast(MONEY).alias("mean_amount"),
        F.lit(model).alias("model"),
        "p_alive",
        F.col("amount").cast(MONEY).alias("expected_amount"),
        "gap_days",
        "limit_days",
        "open_share",
        *QUANTILES,
        actions.status(params).alias("status"),
        stake.alias("value_at_stake"),
    )
    stepped = known.withColumn("next_step", actions.next_step(on, params))
    said = with_texts(stepped.select("*", *actions.action(on, params).named("action")), NEXT_PURCHASE, words)
    return said.select(*[name for name in NEXT_PURCHASE.columns if name != NEXT_PURCHASE.slice])
