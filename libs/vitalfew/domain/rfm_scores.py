"""Recency, frequency and monetary value of each customer, their cut points and scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import add

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes import exact_quantiles
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.ratios import ratio
from vitalfew.domain.order_windows import is_sale
from vitalfew.domain.segment_map import SegmentMap
from vitalfew.domain.segmentation_params import SegmentationParams

DAYS_IN_A_MONTH = 30.4375
AXES = ("recency_days", "frequency", "monetary")
Cuts = Mapping[str, Sequence[Decimal]]
"""Of each axis, where the scores 2, 3 … begin; nothing where there are no customers."""


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
    return per_sale(totals, as_of)


def per_sale(totals: DataFrame, as_of: date) -> DataFrame:
    """`totals` of customers with a sale (customer_id, frequency, monetary, pieces, first and last order) with means."""
    months = F.greatest(F.lit(1.0), F.datediff(F.lit(as_of), F.col("first_order_on")) / F.lit(DAYS_IN_A_MONTH))
    return totals.select(
        "customer_id",
        F.datediff(F.lit(as_of), F.col("last_order_on")).cast("int").alias("recency_days"),
        "frequency",
        "monetary",
        "first_order_on",
        "last_order_on",
        ratio(F.col("monetary"), F.col("frequency")).cast("decimal(28,2)").alias("average_order_value"),
        ratio(F.col("pieces").cast("double"), F.col("frequency")).alias("pieces_per_order"),
        ratio(F.col("frequency"), months).alias("orders_per_month"),
    )


def cut_points(customers: DataFrame, params: SegmentationParams) -> Cuts:
    """The cut points set by hand, and exact quantiles for the axes that have none; no money, no cut points of it."""
    whole = customers.select(
        F.col("recency_days").cast("bigint").alias("recency_days"),
        "frequency",
        (F.col("monetary") * 100).cast("bigint").alias("monetary"),
    )
    by_hand = {axis: getattr(params.cuts, axis) for axis in AXES}
    left = [axis for axis in AXES if by_hand[axis] is None]
    found = exact_quantiles.cuts(whole, left, params.segment_map.bands) if left else {}
    rising: dict[str, list[Decimal]] = {axis: [Decimal(cut) for cut in cuts] for axis, cuts in by_hand.items() if cuts}
    for axis, cuts in found.items():
        ends = [cut.last if axis == "recency_days" else cut.first for cut in cuts]
        rising[axis] = [Decimal(end).scaleb(-2 if axis == "monetary" else 0) for end in ends]
    if "monetary" in found and len({*rising["monetary"]}) <= 1 and not has_money(customers):
        del rising["monetary"]
    return {axis: cuts[::-1] if axis == "recency_days" else cuts for axis, cuts in rising.items()}


def has_money(customers: DataFrame) -> bool:
    """Whether any customer has an amount: a shop may bring orders without."""
    most = collect_rows(customers.agg(F.max(F.abs("monetary"))), "the largest spend")[0][0]
    return most is None or bool(most)


def score(customers: DataFrame, cuts: Cuts, segments: SegmentMap) -> DataFrame:
    """`customers` with their scores, cell and segment. Fewer days are better; more orders and more money are.

    Where no order has an amount, `m` is NULL, the cell has two places, and the segment is that of the middle score.
    """
    r = score_of([F.col("recency_days") <= F.lit(cut) for cut in cuts.get("recency_days", ())])
    f = score_of([F.col("frequency") >= F.lit(cut) for cut in cuts.get("frequency", ())])
    spent = score_of([F.col("monetary") >= F.lit(cut) for cut in cuts.get("monetary", ())])
    m = spent if "monetary" in cuts else F.lit(None).cast("int")
    scored = customers.select("*", r.alias("r"), f.alias("f"), m.alias("m"))
    cell = F.concat_ws("", *[F.col(axis).cast("string") for axis in "rfm"])
    middle = F.coalesce("m", F.lit((segments.bands + 1) // 2))
    segment = segments.name_of(F.col("r"), F.col("f"), middle)
    return scored.select("*", cell.alias("rfm_cell"), segment.alias("segment"))


def score_of(reached: Sequence[Column]) -> Column:
    """One more than the cut points reached."""
    return reduce(add, [cut.cast("int") for cut in reached], F.lit(1))
