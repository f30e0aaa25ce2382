"""Each customer's own best day and hour, drawn to the habits of the segment."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.staging import Stage
from vitalfew.domain.weekdays import weekday_of

EVERYONE = "all"
BILLION = 1e9


def customer_timing(orders: DataFrame, segments: DataFrame, prior_orders: float, stage: Stage) -> DataFrame:
    """CUSTOMER_TIMING.

    Dirichlet-multinomial: with n orders, n_h of them at h, and w = `prior_orders`, the next one comes at h with the
    probability (n_h + w π_h) / (n + w); π is that of the segment, itself drawn likewise to all customers. Days and
    hours are judged apart.
    """
    counts = stage(habits(orders, segments))
    priors = stage(prior(counts, prior_orders))
    top = (
        priors.groupBy("segment", "axis")
        .agg(F.max(likeliest("share")).alias("top"))
        .select("segment", "axis", (-F.col("top.nearest")).alias("value"))
    )
    totals = counts.where("axis = 'hour'").groupBy("customer_id", "segment").agg(F.sum("n").alias("orders"))
    # what the customer did not do can only win where the segment does it most
    undone = totals.join(top, on="segment", how="inner").select(
        "customer_id", "segment", "axis", "value", F.lit(0).cast("bigint").alias("n")
    )
    candidates = (
        counts.unionByName(undone).groupBy("customer_id", "segment", "axis", "value").agg(F.sum("n").alias("n"))
    )
    weight = F.lit(prior_orders)
    scored = (
        candidates.join(priors, on=["segment", "axis", "value"], how="inner")
        .join(totals, on=["customer_id", "segment"], how="inner")
        .withColumn("own", packed(ratio(F.col("n") + weight * F.col("share"), F.col("orders") + weight)))
    )
    best = scored.groupBy("customer_id", "segment", "orders").agg(
        *[F.max(F.when(F.col("axis") == axis, F.col("own"))).alias(axis) for axis in ("weekday", "hour")]
    )
    usual = top.groupBy("segment").agg(
        *[F.max(F.when(F.col("axis") == axis, F.col("value"))).alias(f"usual_{axis}") for axis in ("weekday", "hour")]
    )
    return best.join(usual, on="segment", how="inner").select(
        "customer_id",
        "segment",
        "orders",
        value_in("weekday").alias("best_weekday"),
        share_in("weekday").alias("weekday_share"),
        value_in("hour").alias("best_hour"),
        share_in("hour").alias("hour_share"),
        ratio(F.col("orders"), F.col("orders") + weight).alias("own_weight"),
        (value_in("weekday") != F.col("usual_weekday")).alias("is_own_weekday"),
        (value_in("hour") != F.col("usual_hour")).alias("is_own_hour"),
    )


def likeliest(share: str) -> Column:
    """To be maximised: the share, then the earlier of `value`."""
    return F.struct(F.col(share).alias("share"), (-F.col("value")).alias("nearest"))


def packed(share: Column) -> Column:
    """One number to be maximised: the share in billionths, then the earlier of `value`. Least structs are slow."""
    return F.round(share * BILLION).cast("bigint") * F.lit(100) + (F.lit(99) - F.col("value"))


def share_in(column: str) -> Column:
    return F.floor(F.col(column) / F.lit(100)).cast("double") / F.lit(BILLION)


def value_in(column: str) -> Column:
    return (F.lit(99) - F.pmod(F.col(column), F.lit(100))).cast("int")


def habits(orders: DataFrame, segments: DataFrame) -> DataFrame:
    """customer_id, segment, axis (weekday or hour), value, n: sales of known customers."""
    sales = orders.where("kind = 'sale' and customer_id is not null")
    axes = F.inline(
        F.array(
            F.struct(F.lit("weekday").alias("axis"), weekday_of("ordered_at").alias("value")),
            F.struct(F.lit("hour").alias("axis"), F.hour("ordered_at").alias("value")),
        )
    )
    counted = sales.select("customer_id", axes).groupBy("customer_id", "axis", "value").agg(F.count("*").alias("n"))
    return counted.join(segments, on="customer_id", how="left").select(
        "customer_id", F.coalesce("segment", F.lit(EVERYONE)).alias("segment"), "axis", "value", "n"
    )


def prior(counts: DataFrame, weight: float) -> DataFrame:
    """segment, axis, value, share: the habits of each segment, drawn to those of all by `weight` orders."""
    of_axis = Window.partitionBy("axis")
    overall = (
        counts.groupBy("axis", "value")
        .agg(F.sum("n").alias("n"))
        .select("axis", "value", ratio(F.col("n"), F.sum("n").over(of_axis)).alias("overall"))
    )
    sizes = counts.groupBy("segment", "axis").agg(F.sum("n").alias("of_segment"))
    own = counts.groupBy("segment", "axis", "value").agg(F.sum("n").alias("n"))
    drawn = ratio(F.coalesce("n", F.lit(0)) + F.lit(weight) * F.col("overall"), F.col("of_segment") + F.lit(weight))
    return (
        sizes.join(overall, on="axis", how="inner")
        .join(own, on=["segment", "axis", "value"], how="left")
        .select("segment", "axis", "value", F.round(drawn, 12).alias("share"))
    )
