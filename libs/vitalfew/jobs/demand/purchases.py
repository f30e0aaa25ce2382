"""What to order: the quantile of demand at the critical ratio, less what is there, in whole packs; and the risk."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.demand.count_columns import Ask, with_quantiles, with_shortages
from vitalfew.algorithms.demand.newsvendor import critical_ratio, expected_cost
from vitalfew.dataframes.ratios import ratio
from vitalfew.domain.stock_counts import last_counts
from vitalfew.jobs.demand.intervals import DAYS, DIGITS, between, sum_of_first, wide
from vitalfew.jobs.demand.params import DemandParams
from vitalfew.jobs.demand.tables import PURCHASE_PLAN

TOO_FEW = "too_few"
YEAR = 365.0
MOST = 1e15
"""No larger order: it is a mistake in `stock`."""


def prices(weekly: DataFrame, weeks: int, params: DemandParams) -> DataFrame:
    """series, price and unit_cost of the weeks with units left after returns, of the last active_weeks."""
    recent = weekly.where((F.col("week") > weeks - params.active_weeks) & (F.col("units") > 0))
    summed = recent.groupBy(F.col("product_id").alias("series")).agg(
        *[F.sum(name).alias(name) for name in ("units", "amount", "cost", "costed_units")]
    )
    return summed.select(
        "series",
        positive(ratio(F.col("amount"), F.col("units"))).alias("price"),
        positive(ratio(F.col("cost"), F.col("costed_units"))).alias("unit_cost"),
    )


def positive(column: Column) -> Column:
    return F.when(column > 0, column)


def purchase_plan(
    today: DataFrame, weekly: DataFrame, stock: DataFrame, weeks: int, has_stock: bool, params: DemandParams
) -> DataFrame:
    """PURCHASE_PLAN of today's forecasts: series, mean, dispersion, widening_week and widening_sum."""
    known = today.join(prices(weekly, weeks, params), on="series", how="left")
    joined = known.join(last_counts(stock).withColumnRenamed("product_id", "series"), on="series", how="left")
    asked = with_target(with_costs(with_cover(joined, params), params), params)
    ordered = with_order(with_quantiles(asked, [Ask("order_up_to", "expected_units", "spread", "critical_ratio")]))
    asks = [Ask(f"short_{name}", "expected_units", "spread", name) for name in ("available", "position")]
    risked = with_worth(with_shortages(ordered, asks))
    made = with_risk(risked).withColumn("why", why(has_stock))
    return made.select(
        *[F.col(c.name).cast(c.type).alias(c.name) for c in PURCHASE_PLAN.declared if c.name != PURCHASE_PLAN.slice]
    )


def with_cover(joined: DataFrame, params: DemandParams) -> DataFrame:
    """The days until the next delivery but one: all that this order must last for, or less where it spoils before."""
    is_counted = F.col("day").isNotNull()
    lead = F.when(F.col("lead_time_days") >= 0, F.col("lead_time_days")).otherwise(params.lead_time_days)
    shelf = F.when(F.col("shelf_life_days") > 0, F.col("shelf_life_days"))
    sells = F.least(shelf, F.lit(params.review_days))  # NULL is ignored
    return joined.withColumns(
        {
            "is_counted": is_counted,
            "lead_time_days": F.when(is_counted, F.least(lead, F.lit(YEAR))).cast("int"),
            "shelf_life_days": shelf.cast("int"),
            "spoils": F.coalesce(shelf < params.review_days, F.lit(False)),
            "cover_days": (F.when(is_counted, F.least(lead, F.lit(YEAR))).otherwise(0) + sells).cast("int"),
        }
    )


def with_costs(joined: DataFrame, params: DemandParams) -> DataFrame:
    """What a unit too few and one too many cost, as shares of the price and in money."""
    is_assumed = ~F.coalesce(F.col("unit_cost") < F.col("price"), F.lit(False))
    own = ratio(F.col("price") - F.col("unit_cost"), F.col("price"))
    holding = F.when(F.col("spoils"), 1.0).otherwise(F.col("cover_days") * (params.holding_share / YEAR))
    costed = joined.withColumns(
        {"is_margin_assumed": is_assumed, "margin": F.when(is_assumed, params.margin_share).otherwise(own)}
    ).withColumn("excess", (1 - F.col("margin")) * holding)
    return costed.withColumns(
        {
            "critical_ratio": F.round(critical_ratio(F.col("margin"), F.col("excess")), DIGITS),
            "unit_margin": F.col("price") * F.col("margin"),
            "unit_excess_cost": F.col("price") * F.col("excess"),
        }
    )


def with_target(joined: DataFrame, params: DemandParams) -> DataFrame:
    """Mean and dispersion of the demand of cover_days, and what is there or comes."""
    weeks = F.col("cover_days").cast("double") / DAYS
    mean = sum_of_first(params.horizon_weeks) / params.horizon_weeks
    zero = F.lit(0.0)
    there = F.greatest(F.coalesce("on_hand", zero), zero) + F.greatest(F.coalesce("on_order", zero), zero)
    return joined.withColumns(
        {
            "expected_units": F.round(mean * weeks, DIGITS),
            "spread": wide(ratio(F.col("dispersion"), weeks), mean * weeks, between(weeks, params)),
            "position": there,
        }
    )


def with_order(asked: DataFrame) -> DataFrame:
    """The quantity: what is missing, raised to the minimum, in whole packs."""
    lacking = F.greatest(F.col("order_up_to") - F.col("position"), F.lit(0.0))
    missing = F.when(F.col("class") == TOO_FEW, 0.0).otherwise(lacking)
    pack = F.coalesce(positive(F.col("pack_size")), F.lit(1.0))
    minimum = F.coalesce(positive(F.col("minimum_order")), F.lit(0.0))
    wanted = F.when(missing > 0, F.greatest(missing, minimum)).otherwise(0.0)
    quantity = F.least(F.ceil(F.ceil(ratio(wanted, pack)) * pack).cast("double"), F.lit(MOST))
    return asked.withColumns(
        {
            "quantity": quantity,
            "available": quantity + F.col("position"),
            "is_raised": (missing > 0) & (missing < minimum),
            "counted_on": F.col("day"),
            "product_id": F.col("series"),
        }
    )


def with_worth(ordered: DataFrame) -> DataFrame:
    """No order where whole packs, or the minimum, cost more on average than ordering nothing; with what is then there.

    Costs are shares of the price here, which need not be known.
    """
    is_worth = cost("available", "margin", "excess") <= cost("position", "margin", "excess")
    chosen = {
        "quantity": F.when(is_worth, F.col("quantity")).otherwise(0.0),
        "there": F.when(is_worth, F.col("available")).otherwise(F.col("position")),
        "short_there": F.when(is_worth, F.col("short_available")).otherwise(F.col("short_position")),
    }
    return ordered.withColumns({"is_worth": is_worth, **chosen})


def with_risk(ordered: DataFrame) -> DataFrame:
    left = F.col("there") - F.col("expected_units") + F.col("short_there")
    return ordered.withColumns(
        {
            "expected_short": F.col("short_there"),
            "expected_left": F.greatest(left, F.lit(0.0)),
            "expected_cost": cost("there", "unit_margin", "unit_excess_cost"),
            "cost_of_nothing": cost("position", "unit_margin", "unit_excess_cost"),
        }
    )


def cost(there: str, too_few: str, too_many: str) -> Column:
    """What it costs on average to be wrong with the units of the column `there`."""
    mean, shortage = F.col("expected_units"), F.col(f"short_{there}")
    found: Column = expected_cost(mean, shortage, F.col(there), F.col(too_few), F.col(too_many))
    return found


def why(has_stock: bool) -> Column:
    """The reason of the quantity."""
    unknown = "not_counted" if has_stock else "no_stock_table"
    return (
        F.when(F.col("class") == TOO_FEW, TOO_FEW)
        .when(F.col("order_up_to") == 0, "no_demand")
        .when(~F.col("is_counted"), unknown)
        .when(F.col("on_hand") < 0, "negative_stock")
        .when(~F.col("is_worth"), "not_worth")
        .when(F.col("quantity") == 0, "enough")
        .when(F.col("spoils"), "shelf_life")
        .when(F.col("is_raised"), "minimum")
        .otherwise("order")
    )
