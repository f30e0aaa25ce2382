"""Orders and value over horizons, for each customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import reduce
from itertools import pairwise

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.clv.activity import to_number
from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.staging import Stage
from vitalfew.domain.still_there import still_there
from vitalfew.jobs.next_purchase import actions, baselines, due_windows, return_probability
from vitalfew.jobs.next_purchase.due_windows import QUANTILES
from vitalfew.jobs.next_purchase.evidence import measured_days
from vitalfew.jobs.next_purchase.outlook import Published
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.return_probability import RETURN_DAYS
from vitalfew.jobs.next_purchase.scoring import WEEK, ahead, with_returns
from vitalfew.jobs.next_purchase.snapshot import Past, predictions
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE
from vitalfew.messages.sentences import with_texts
from vitalfew.messages.words import Words

YEAR = 365.0
MONEY = "decimal(28,2)"
LEAST = 1e-300


def points(params: NextPurchaseParams) -> list[int]:
    """Days at which orders must be predicted: ends of periods, and horizons."""
    longest = params.horizons_days[-1]
    return sorted({*range(params.period_days, longest, params.period_days), *measured_days(params)})


def factors(params: NextPurchaseParams, days: Sequence[int], horizon: int) -> list[float]:
    """Weights of the cumulative orders at `days` whose sum is the orders within `horizon`, each discounted at the end
    of its period: the sum of (E[Y(i)] - E[Y(i-1)]) / (1 + d)^i.
    """
    ends = [day for day in days if day == horizon or (day < horizon and day % params.period_days == 0)]
    worth = {day: (1 + params.discount_rate) ** (-day / YEAR) for day in ends}
    later = dict(pairwise(ends))
    return [worth[day] - (worth[later[day]] if day in later else 0.0) if day in worth else 0.0 for day in days]


def customers(
    now: Past,
    limits: DataFrame,
    model: str,
    published: Published,
    days: DataFrame,
    params: NextPurchaseParams,
    stage: Stage,
) -> DataFrame:
    """Every customer with histories, windows, limit_days, p_alive, p_return_…, amount and `orders` at the points.

    And for each horizon what is published: expected_orders_90, expected_value_90 …
    """
    if published.gaps is not None:
        ends = ahead(now.clock, to_number(now.on), RETURN_DAYS) * WEEK
        now = replace(now, known=with_returns(now.known, published.gaps, ends.tolist()))
    forecast = predictions(now, model, points(params), stage)
    told = timed(now).join(forecast, on="customer_id", how="inner").join(limits, on="customer_id", how="left")
    told = told.withColumn("amount", now.amount)
    for name in sorted(published.baselines):
        told = told.join(baselines.of_each(days, name, now.on, params), on="customer_id", how="left")
    at = {day: F.col("orders")[position] for position, day in enumerate(points(params))}
    returning = return_probability.columns(published.returns, at)
    return told.select("*", *returning, *figures(published, params))


def figures(published: Published, params: NextPurchaseParams) -> list[Column]:
    """expected_orders and expected_value of each horizon; never less than those of a shorter one."""
    found: list[Column] = []
    orders: list[Column] = []
    values: list[Column] = []
    for horizon in params.horizons_days:
        orders.append(orders_of(published, horizon, params))
        values.append(value_of(published, horizon, params))
        found.append(greatest(orders).alias(f"expected_orders_{horizon}"))
        found.append(greatest(values).cast(MONEY).alias(f"expected_value_{horizon}"))
    return found


def greatest(columns: Sequence[Column]) -> Column:
    return reduce(lambda one, other: F.greatest(one, other), columns)


def orders_of(published: Published, horizon: int, params: NextPurchaseParams) -> Column:
    choice = published.orders[horizon]
    if choice.is_baseline:
        return F.coalesce(F.col(baselines.orders_name(choice.method, horizon)), F.lit(0.0))
    return F.col("orders")[points(params).index(horizon)] * F.lit(choice.factor)


def value_of(published: Published, horizon: int, params: NextPurchaseParams) -> Column:
    """Money of a horizon, discounted."""
    choice, days = published.value[horizon], points(params)
    if choice.is_baseline:
        money = F.coalesce(F.col(baselines.money_name(choice.method, horizon)), F.lit(0.0))
        return F.greatest(money, F.lit(0.0)) * F.lit((1 + params.discount_rate) ** (-horizon / 2 / YEAR))
    return weighted(factors(params, days, horizon)) * F.col("amount") * F.lit(choice.factor)


def timed(now: Past) -> DataFrame:
    """Histories with the windows; without any where nobody ever came back."""
    if now.rhythm is not None:
        return due_windows.windows(now.known, now.rhythm, F.lit(now.on))
    none = dict.fromkeys(("gap_days", "open_share"), "double") | dict.fromkeys(QUANTILES, "date")
    return now.known.select("*", *[F.lit(None).cast(kind).alias(name) for name, kind in none.items()])


def horizons(scored: DataFrame, published: Published, params: NextPurchaseParams) -> DataFrame:
    """PURCHASE_FORECAST."""
    told = [
        F.struct(
            F.lit(horizon).alias("horizon_days"),
            F.col(f"expected_orders_{horizon}").alias("expected_orders"),
            F.col(f"expected_value_{horizon}").alias("expected_value"),
            F.lit(published.orders[horizon].method).alias("method"),
            F.lit(published.season_known).alias("season_known"),
        )
        for horizon in params.horizons_days
    ]
    return scored.select("customer_id", F.explode(F.array(*told)).alias("told")).select("customer_id", "told.*")


def weighted(weights: Sequence[float]) -> Column:
    """The sum of `orders`, each times its weight."""
    parts = [F.col("orders")[position] * F.lit(weight) for position, weight in enumerate(weights) if weight]
    return reduce(Column.__add__, parts)


def at_own_pace(days: int) -> Column:
    """What `days` bring at the pace of all days so far, the silent ones among them.

    No loss is greater: if one who bought once and then not for a year were still there, they would buy seldom.
    """
    return ratio((F.col("repeats") + F.lit(1)) * F.col("amount") * F.lit(float(days)), F.greatest("age_days", F.lit(1)))


def next_purchase_rows(
    scored: DataFrame, model: str, published: Published, on: date, params: NextPurchaseParams, words: Words
) -> DataFrame:
    """NEXT_PURCHASE."""
    horizon = params.horizons_days[-1]
    choice = published.value[horizon]
    factor = 1.0 if choice.is_baseline else choice.factor
    longest = weighted(factors(params, points(params), horizon)) * F.col("amount") * F.lit(factor)
    if_there = ratio(longest, F.greatest(F.col("p_alive"), F.lit(LEAST)))  # the model predicts orders times P(alive)
    to_go_by = still_there()
    stake = F.coalesce(F.least(if_there, at_own_pace(horizon)) * (F.lit(1.0) - to_go_by), F.lit(0.0)).cast(MONEY)
    known = scored.select(
        "customer_id",
        "repeats",
        (F.col("recency_days") / F.lit(WEEK)).alias("recency_weeks"),
        (F.col("age_days") / F.lit(WEEK)).alias("age_weeks"),
        "silent_days",
        ratio(F.col("repeat_amount"), F.col("repeats")).cast(MONEY).alias("mean_amount"),
        F.lit(model).alias("model"),
        F.col("p_alive").alias("model_p_alive"),
        to_go_by.alias("p_alive"),  # by which status and steps go
        *[f"p_return_{days}" for days in return_probability.RETURN_DAYS],
        F.col("amount").cast(MONEY).alias("expected_amount"),
        "gap_days",
        "limit_days",
        "open_share",
        *QUANTILES,
        "gaps",
        stake.alias("value_at_stake"),
    )
    stepped = known.withColumn("status", actions.status(params)).withColumn("next_step", actions.next_step(on, params))
    said = with_texts(stepped.select("*", *actions.action(on, params).named("action")), NEXT_PURCHASE, words)
    named = said.withColumn("p_alive", F.col("model_p_alive"))
    return named.select(*[name for name in NEXT_PURCHASE.columns if name != NEXT_PURCHASE.slice])
