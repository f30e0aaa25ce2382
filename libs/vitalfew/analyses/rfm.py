"""How recently, how often and for how much each customer buys; scores, segments and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce
from operator import add

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms import driver, quantiles
from vitalfew.algorithms.modes import modes
from vitalfew.algorithms.staging import Stage
from vitalfew.analyses.local_tables import local_table
from vitalfew.analyses.rfm_params import RfmParams
from vitalfew.analyses.segments import SegmentMap
from vitalfew.analyses.windows import in_window, is_sale
from vitalfew.tables.results import RFM, RFM_CUTS, RFM_SEGMENTS

__all__ = ["RfmParams", "rfm"]

DAYS_IN_A_MONTH = 30.4375
CENT = Decimal("0.01")
ORDERS_IN_A_PARTITION = 250_000

AXES = ("recency_days", "frequency", "monetary")

Cuts = Mapping[str, Sequence[Decimal]]
"""Of each axis, where the scores 2, 3 … begin; nothing where there are no customers."""


def rfm(orders: DataFrame, *, params: RfmParams, as_of: date, stage: Stage) -> tuple[DataFrame, DataFrame, DataFrame]:
    """RFM, RFM_CUTS and RFM_SEGMENTS of the customers with a sale in the window."""
    seen = in_window(orders, as_of, params.window_days).where("customer_id is not null")
    customers = stage(summarise(seen, as_of))
    cuts = cut_points(customers, params)
    scored = score(customers, cuts, params.segment_map)
    result = scored.join(most_bought(seen, customers), on="customer_id", how="left")
    ordered = result.select(*[name for name in RFM.columns if name != RFM.slice])
    return ordered, cut_table(cuts, beside=orders), segment_table(scored, params.segment_map)


def summarise(orders: DataFrame, as_of: date) -> DataFrame:
    """One row per customer with a sale: when, how often, how much; money and pieces of returns taken off."""
    sold_on = F.when(is_sale(), F.col("ordered_on"))
    totals = (
        orders.groupBy("customer_id")
        .agg(
            F.count_if(is_sale()).alias("frequency"),
            F.sum("net_amount").cast("decimal(28,2)").alias("monetary"),
            F.sum("pieces").cast("decimal(28,3)").alias("pieces"),
            F.min(sold_on).alias("first_order_on"),
            F.max(sold_on).alias("last_order_on"),
        )
        .where("frequency > 0")
    )
    months = F.greatest(F.lit(1.0), F.datediff(F.lit(as_of), F.col("first_order_on")) / F.lit(DAYS_IN_A_MONTH))
    return totals.select(
        "customer_id",
        F.datediff(F.lit(as_of), F.col("last_order_on")).alias("recency_days"),
        "frequency",
        "monetary",
        "first_order_on",
        "last_order_on",
        (F.col("monetary") / F.col("frequency")).cast("decimal(28,2)").alias("average_order_value"),
        (F.col("pieces").cast("double") / F.col("frequency")).alias("pieces_per_order"),
        (F.col("frequency") / months).alias("orders_per_month"),
    )


def most_bought(orders: DataFrame, customers: DataFrame) -> DataFrame:
    """The product in most sales of each customer: customer_id, most_bought_product_id."""
    sales = driver.rows(customers.agg(F.sum("frequency").alias("n")), "number of sales")[0]["n"] or 0
    sold = orders.where(is_sale()).withColumnRenamed("product_ids", "most_bought_product_id")
    partitions = max(2, -(-sales // ORDERS_IN_A_PARTITION))
    return modes(sold, "customer_id", "most_bought_product_id", "product_pieces", partitions=partitions)


def cut_points(customers: DataFrame, params: RfmParams) -> Cuts:
    """The cut points set by hand, and exact quantiles for the axes that have none."""
    whole = customers.select(
        F.col("recency_days").cast("bigint").alias("recency_days"),
        "frequency",
        (F.col("monetary") * 100).cast("bigint").alias("monetary"),
    )
    by_hand = {axis: getattr(params.cuts, axis) for axis in AXES}
    left = [axis for axis in AXES if by_hand[axis] is None]
    found = quantiles.cuts(whole, left, params.segment_map.bands) if left else {}
    rising: dict[str, list[Decimal]] = {axis: [Decimal(cut) for cut in cuts] for axis, cuts in by_hand.items() if cuts}
    for axis, cuts in found.items():
        ends = [cut.last if axis == "recency_days" else cut.first for cut in cuts]
        rising[axis] = [Decimal(end).scaleb(-2 if axis == "monetary" else 0) for end in ends]
    return {axis: cuts[::-1] if axis == "recency_days" else cuts for axis, cuts in rising.items()}


def score(customers: DataFrame, cuts: Cuts, segments: SegmentMap) -> DataFrame:
    """`customers` with their scores, cell and segment. Fewer days are better; more orders and more money are."""
    r = score_of([F.col("recency_days") <= F.lit(cut) for cut in cuts.get("recency_days", ())])
    f = score_of([F.col("frequency") >= F.lit(cut) for cut in cuts.get("frequency", ())])
    m = score_of([F.col("monetary") >= F.lit(cut) for cut in cuts.get("monetary", ())])
    scored = customers.select("*", r.alias("r"), f.alias("f"), m.alias("m"))
    cell = F.concat(*[F.col(axis).cast("string") for axis in "rfm"])
    return scored.select("*", cell.alias("cell"), segments.name_of(*[F.col(axis) for axis in "rfm"]).alias("segment"))


def score_of(reached: Sequence[Column]) -> Column:
    """One more than the cut points reached."""
    return reduce(add, [cut.cast("int") for cut in reached], F.lit(1))


def cut_table(cuts: Cuts, beside: DataFrame) -> DataFrame:
    """RFM_CUTS."""
    rows = [
        {"axis": axis, "score": score, "cut": cut}
        for axis in AXES
        for score, cut in enumerate(cuts.get(axis, ()), start=2)
    ]
    return local_table(RFM_CUTS, rows, beside)


def segment_table(scored: DataFrame, segments: SegmentMap) -> DataFrame:
    """RFM_SEGMENTS: the segments that have customers."""
    counted = scored.groupBy("segment").agg(
        F.count(F.lit(1)).alias("customers"),
        F.sum("monetary").alias("monetary"),
        F.sum("recency_days").alias("recency_days"),
        F.sum("frequency").alias("frequency"),
    )
    found = driver.rows(counted, "segments")
    everyone, money = sum(row["customers"] for row in found), sum(row["monetary"] for row in found)
    actions = {segment.name: segment.action for segment in segments.segments}
    rows = [
        {
            "segment": row["segment"],
            "customers": row["customers"],
            "share_of_customers": row["customers"] / everyone,
            "monetary": row["monetary"],
            "share_of_monetary": float(row["monetary"] / money) if money else None,
            "mean_recency_days": row["recency_days"] / row["customers"],
            "mean_frequency": row["frequency"] / row["customers"],
            "mean_monetary": (row["monetary"] / row["customers"]).quantize(CENT, ROUND_HALF_UP),
            "action": actions[row["segment"]],
        }
        for row in found
    ]
    return local_table(RFM_SEGMENTS, rows, beside=scored)
