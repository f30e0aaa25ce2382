"""How recently, how often and for how much each customer buys; scores, segments and what to do next."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.domain.customer_history import most_bought, there
from vitalfew.domain.order_windows import in_window
from vitalfew.domain.rfm_scores import AXES, Cuts, cut_points, per_sale, score, summarise
from vitalfew.domain.segment_map import Segment, SegmentMap
from vitalfew.jobs.rfm.params import RfmParams
from vitalfew.jobs.rfm.tables import RFM, RFM_CUTS, RFM_SEGMENTS
from vitalfew.messages.sentences import said
from vitalfew.messages.words import ENGLISH, Words

__all__ = ["RfmParams", "rfm"]

CENT = Decimal("0.01")
FAVOURITE = "most_bought_product_id"


def rfm(
    orders: DataFrame,
    customer_history: DataFrame | None = None,
    *,
    params: RfmParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[DataFrame, DataFrame, DataFrame]:
    """RFM, RFM_CUTS and RFM_SEGMENTS of the customers with a sale in the window.

    Without a window, CUSTOMER_HISTORY has their sums already, where it is known.
    """
    seen = in_window(orders, as_of, params.window_days).where("customer_id is not null")
    past = there(customer_history) if params.window_days is None else None
    customers = stage(summarise(seen, as_of) if past is None else per_sale(totals(past), as_of))
    cuts = cut_points(customers, params)
    scored = score(customers, cuts, params.segment_map)
    favourites = favourites_of(seen, customers) if past is None else past.select("customer_id", FAVOURITE)
    result = scored.join(favourites, on="customer_id", how="left")
    ordered = result.select(*[name for name in RFM.columns if name != RFM.slice])
    return ordered, cut_table(cuts, beside=orders), segment_table(scored, params.segment_map, words)


def totals(history: DataFrame) -> DataFrame:
    """Of customers with a sale, what `summarise` sums up."""
    return history.where("sales > 0").select(
        "customer_id",
        F.col("sales").alias("frequency"),
        F.col("net_amount").alias("monetary"),
        "pieces",
        F.col("first_on").alias("first_order_on"),
        F.col("last_on").alias("last_order_on"),
    )


def favourites_of(orders: DataFrame, customers: DataFrame) -> DataFrame:
    """customer_id and FAVOURITE, by the sales among `orders`."""
    sales = collect_rows(customers.agg(F.sum("frequency").alias("n")), "number of sales")[0]["n"] or 0
    return most_bought(orders, sales)


def cut_table(cuts: Cuts, beside: DataFrame) -> DataFrame:
    """RFM_CUTS."""
    rows = [
        {"axis": axis, "score": score, "cut": cut}
        for axis in AXES
        for score, cut in enumerate(cuts.get(axis, ()), start=2)
    ]
    return local_table(RFM_CUTS, rows, beside)


def segment_table(scored: DataFrame, segments: SegmentMap, words: Words) -> DataFrame:
    """RFM_SEGMENTS: the segments that have customers."""
    counted = scored.groupBy("segment").agg(
        F.count(F.lit(1)).alias("customers"),
        F.sum("monetary").alias("monetary"),
        F.sum("recency_days").alias("recency_days"),
        F.sum("frequency").alias("frequency"),
    )
    found = collect_rows(counted, "segments")
    everyone, money = sum(row["customers"] for row in found), sum(row["monetary"] for row in found)
    actions = {segment.name: action(segment, words) for segment in segments.segments}
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
            **actions[row["segment"]],
        }
        for row in found
    ]
    return local_table(RFM_SEGMENTS, rows, beside=scored)


def action(segment: Segment, words: Words) -> dict[str, Any]:
    """What to do for a segment: its text, code and values."""
    own = {} if segment.advice is None else {"advice": segment.advice}
    return said("action", f"rfm_segments.action.{segment.action}", words, **own)
