"""People without an order at moments of the past, with what was known of them then, and what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.arrays import Bools, Ints
from vitalfew.dataframes.arrow_columns import ranked, whole
from vitalfew.dataframes.collect import collect_table
from vitalfew.jobs.prospects.params import ProspectsParams
from vitalfew.jobs.prospects.people import COUNTED, FIRST_CHANNEL

SIGNS = (
    "recency_days",
    "known_days",
    "active_days_7",
    "active_days_30",
    "active_days",
    *(f"{name}_30" for name in (*COUNTED, "others")),
    *COUNTED,
    "others",
    "products",
    "is_registered",
    "is_referred",
)
"""What the model goes by besides attributes: whole numbers, from 0."""
BINS = 1000
SAMPLED, DRAWN = "prospects", "moment"


def in_sample(share: float, salt: str = SAMPLED) -> Column:
    """Whether a person is among about this share of all, drawn by hash."""
    return F.pmod(F.xxhash64(F.lit(salt), F.col("customer_id")), F.lit(BINS)) < F.lit(
        min(BINS, int(np.ceil(BINS * share)))
    )


def is_prospect_at(moment_ago: Column) -> Column:
    """Whether somebody was known before the moment and had no order before it."""
    had_none = F.col("order_ago").isNull() | (F.col("order_ago") <= moment_ago)
    return (F.col("seen_ago") > moment_ago) & had_none


def moments(people: DataFrame, begin_ago: int, params: ProspectsParams) -> DataFrame:
    """`people` at one moment of each period, drawn by hash: period, and moment_ago in days before as_of.

    Period 1 ends one spacing before as_of. A moment has a whole spacing of known days, since `begin_ago`, before it.
    """
    spacing = params.spacing_days
    drawn = F.pmod(F.xxhash64(F.lit(DRAWN), F.col("customer_id"), F.col("period")), F.lit(spacing)).cast("int")
    periods = F.explode(F.sequence(F.lit(1), F.lit(params.periods))).alias("period")
    placed = people.select("*", periods).withColumn("moment_ago", F.col("period") * F.lit(spacing) + drawn)
    at = F.col("moment_ago")
    return placed.where(is_prospect_at(at) & (at <= F.lit(begin_ago - spacing)))


def with_signs(moments: DataFrame, days: DataFrame, params: ProspectsParams) -> DataFrame:
    """`moments` with SIGNS of what was known before each of them; those of nothing in memory_days are left out."""
    key = ["customer_id", "moment_ago"]
    since = F.col("ago") - F.col("moment_ago")
    near = moments.select(*key).join(days, on="customer_id", how="inner").withColumn("since", since)
    remembered = near.where((F.col("since") > 0) & (F.col("since") <= F.lit(params.memory_days)))
    is_active, is_late = F.col("events") > 0, F.col("since") <= 30
    counted = [*COUNTED, "others"]
    summed = remembered.groupBy(*key).agg(
        F.min("since").cast("bigint").alias("recency_days"),
        F.max("since").cast("bigint").alias("known_days"),
        F.count_if(is_active & (F.col("since") <= 7)).alias("active_days_7"),
        F.count_if(is_active & is_late).alias("active_days_30"),
        F.count_if(is_active).alias("active_days"),
        *[F.sum(F.when(is_late, F.col(name)).otherwise(F.lit(0))).alias(f"{name}_30") for name in counted],
        *[F.sum(name).alias(name) for name in (*counted, "products")],
    )
    at = F.col("moment_ago")
    was = {"is_registered": F.col("joined_ago") > at, "is_referred": F.col("referred_ago") > at}
    return moments.join(summed, on=key, how="inner").withColumns(
        {name: F.coalesce(held.cast("bigint"), F.lit(0)) for name, held in was.items()}
    )


def known_then(params: ProspectsParams) -> list[Column]:
    """The attributes that were known at the moment, and the first channel, if it was used before it; else NULL."""
    at = F.col("moment_ago")
    was_there = F.col("joined_ago").isNull() | (F.col("joined_ago") > at)
    texts = [F.when(was_there, F.col(name)).alias(name) for name in params.attributes]
    return [*texts, F.when(F.col("channel_ago") > at, F.col(FIRST_CHANNEL)).alias(FIRST_CHANNEL)]


def attribute_names(params: ProspectsParams) -> tuple[str, ...]:
    return *params.attributes, FIRST_CHANNEL


@dataclass(frozen=True)
class Panel:
    """Rows of people at moments, in the order of `who` and period; `order_ago` is -1 without an order.

    `signs` has a column for each of SIGNS, `codes` one for each attribute: -1 where it is not known.
    """

    who: Ints
    period: Ints
    moment_ago: Ints
    order_ago: Ints
    signs: Ints
    codes: Ints
    values: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.who)

    def at(self, rows: Bools) -> Panel:
        who, period, moment_ago, order_ago = (
            part[rows] for part in (self.who, self.period, self.moment_ago, self.order_ago)
        )
        return Panel(who, period, moment_ago, order_ago, self.signs[rows], self.codes[rows], self.values)

    def is_known(self, horizon: int) -> Bools:
        """Whether the whole horizon lies before as_of: others are censored, and say nothing."""
        return np.asarray(self.moment_ago >= horizon)

    def ordered(self, horizon: int) -> Bools:
        """Whether the first order came within the horizon, the day of the moment being its first."""
        return np.asarray((self.order_ago >= 0) & (self.order_ago > self.moment_ago - horizon))


def collected(frame: DataFrame, params: ProspectsParams) -> Panel:
    """The rows of `with_signs`, in memory."""
    who = F.xxhash64("customer_id").alias("who")
    order = F.coalesce("order_ago", F.lit(-1)).alias("order_ago")
    chosen = frame.select(who, "period", "moment_ago", order, *SIGNS, *known_then(params))
    return as_panel(collect_table(chosen, "people without an order at moments of the past"), params)


def as_panel(found: pa.Table, params: ProspectsParams) -> Panel:
    found = found.sort_by([("who", "ascending"), ("period", "ascending")])
    who, period, moment_ago, order_ago = (
        found[name].to_numpy().astype(np.int64) for name in ("who", "period", "moment_ago", "order_ago")
    )
    signs = stacked([found[name].to_numpy().astype(np.int64) for name in SIGNS], len(who))
    texts = [ranked(whole(found[name])) for name in attribute_names(params)]
    codes = stacked([each.ranks for each in texts], len(who))
    return Panel(who, period, moment_ago, order_ago, signs, codes, tuple(tuple(t.texts.to_pylist()) for t in texts))


def stacked(columns: Sequence[Ints], rows: int) -> Ints:
    return np.column_stack(columns) if columns else np.zeros((rows, 0), dtype=np.int64)
