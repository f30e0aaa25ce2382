"""How concentrated value is, in all and group by group: the share of the top, Gini, Lorenz, and how sure these are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from typing import Any
from zlib import crc32

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.statistics import inequality
from vitalfew.algorithms.statistics.inequality import Interval
from vitalfew.dataframes.collect import collect_rows, collect_table
from vitalfew.dataframes.exact_shares import exactly
from vitalfew.dataframes.ratios import ratio
from vitalfew.jobs.contribution.params import ContributionParams
from vitalfew.jobs.contribution.value_columns import gain, is_super_customer, is_top, is_within, wide

GROUP = ("subject", "dimension", "member")
UNKNOWN = "unknown"
SINGLE_RANKS = 500
EQUAL_RUNS = 500
CENT = Decimal("0.01")
NO_INTERVALS = (Interval(None, None), Interval(None, None))

Key = tuple[str, ...]


def concentration(ranked: DataFrame, params: ContributionParams) -> list[dict[str, Any]]:
    """The rows of CONCENTRATION, dimensions of which nothing is known left out."""
    groups = known(measured(ranked, params))
    found = sampled(ranked, groups, params) if params.resamples else {}
    rows = []
    for _, members in groupby(groups, lambda group: key_of(group)[:2]):
        together = list(members)
        total, size = sum(group["total"] for group in together), sum(group["size"] for group in together)
        rows += [row_of(group, total, size, found.get(key_of(group), NO_INTERVALS)) for group in together]
    return rows


def measured(ranked: DataFrame, params: ContributionParams) -> list[dict[str, Any]]:
    """Counts and sums of each group, in cents."""
    in_top, in_target = is_top(exactly(params.top_share)), is_within(exactly(params.target_share))
    supers = is_super_customer(params.super_factor)
    from_least = F.col("size") + 1 - F.col("rank")
    figures = ranked.groupBy(*GROUP).agg(
        F.max("size").alias("size"),
        F.max("total").alias("total"),
        F.max("positive").alias("positive"),
        F.count_if(F.col("cents") <= 0).alias("without"),
        F.sum(F.when(in_top, gain()).otherwise(0)).alias("top"),
        F.count_if(in_target).alias("for_target"),
        F.sum(from_least.cast("decimal(19,0)") * gain().cast("decimal(19,0)")).alias("weighted"),
        F.count_if(supers).alias("supers"),
        F.sum(F.when(supers, gain()).otherwise(0)).alias("super_gain"),
    )
    found = [row.asDict() for row in collect_rows(figures, "groups by which value is split")]
    return sorted(found, key=key_of)


def key_of(group: Mapping[str, Any]) -> Key:
    return tuple(group[name] for name in GROUP)


def known(groups: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The groups of all dimensions of which at least one member is known."""
    dimensions = {key_of(group)[:2] for group in groups if group["member"] != UNKNOWN}
    return [group for group in groups if key_of(group)[:2] in dimensions]


def sampled(
    ranked: DataFrame, groups: Sequence[Mapping[str, Any]], params: ContributionParams
) -> dict[Key, tuple[Interval, Interval]]:
    """Of each group, the intervals of the share of the top and of the Gini coefficient.

    The bootstrap draws from runs of subjects next in rank: the first 500 one by one, the others in 500 runs of about
    the same length, whose values are taken as equal.
    """
    rank, size = F.col("rank"), F.col("size")
    later = F.floor(ratio((rank - SINGLE_RANKS - 1) * EQUAL_RUNS, F.greatest(size - SINGLE_RANKS, F.lit(1))))
    run = F.when(rank <= SINGLE_RANKS, rank).otherwise(later + SINGLE_RANKS + 1)
    counted = (
        of_dimensions(ranked, groups)
        .groupBy(*GROUP, run.alias("run"))
        .agg(F.count(F.lit(1)).alias("n"), F.sum(gain()).alias("gain"))
    )
    runs = collect_table(counted, "runs of subjects to sample from")
    runs = runs.sort_by([(name, "ascending") for name in (*GROUP, "run")])
    starts = np.flatnonzero(runs["run"].to_numpy() == 1)
    parts = [runs.slice(start, length) for start, length in zip(starts, np.diff(starts, append=len(runs)), strict=True)]
    return {key_of({name: part[name][0].as_py() for name in GROUP}): intervals(part, params) for part in parts}


def intervals(runs: pa.Table, params: ContributionParams) -> tuple[Interval, Interval]:
    """The intervals of one group, with a seed of its own: no other group can change them."""
    name = "/".join(runs[name][0].as_py() for name in GROUP)
    return inequality.intervals(
        runs["n"].to_numpy(),
        runs["gain"].to_numpy().astype(np.float64),
        top=exactly(params.top_share),
        resamples=params.resamples,
        confidence=params.confidence,
        seed=[params.seed, crc32(name.encode())],
    )


def row_of(
    group: Mapping[str, Any], everything: int, everyone: int, found: tuple[Interval, Interval]
) -> dict[str, Any]:
    """One row of CONCENTRATION; `everything` and `everyone` are the value and the number of all members together."""
    size, total, positive = group["size"], group["total"], group["positive"]
    of_others, others = everything - total, everyone - size
    top, coefficient = found
    return {
        **{name: group[name] for name in GROUP},
        "subjects": size,
        "subjects_without_value": group["without"],
        "value": Decimal(total).scaleb(-2),
        "share_of_value": total / everything if everything else None,
        "mean_value": (Decimal(total).scaleb(-2) / size).quantize(CENT, ROUND_HALF_UP),
        "ratio_to_others": (total * others) / (of_others * size) if of_others > 0 else None,
        "top_share": group["top"] / positive if positive else None,
        "top_share_low": top.low,
        "top_share_high": top.high,
        "subjects_for_target": group["for_target"] if positive else None,
        "share_for_target": group["for_target"] / size if positive else None,
        "gini": inequality.gini(int(group["weighted"]), positive, size) if positive else None,
        "gini_low": coefficient.low,
        "gini_high": coefficient.high,
        "super_subjects": group["supers"],
        "super_share": group["super_gain"] / positive if positive else None,
    }


def lorenz(ranked: DataFrame, concentrations: Sequence[Mapping[str, Any]]) -> DataFrame:
    """LORENZ: what the lowest 0, 1 … 100 percent hold; of groups in which anybody has a value above zero.

    Between two subjects the curve is a straight line.
    """
    hundred, size = F.lit(100), F.col("size")
    below = size - F.col("rank")  # how many hold less
    first = F.when(below == 0, 0).otherwise(F.floor(ratio(below * hundred, size)) + 1)
    last = F.floor(ratio((below + 1) * hundred, size))
    points = (
        of_dimensions(ranked, concentrations)
        .where("positive > 0")
        .where(first <= last)
        .select("*", below.alias("below"), F.explode(F.sequence(first.cast("int"), last.cast("int"))).alias("percent"))
    )
    part = (size * F.col("percent") - F.col("below") * hundred).cast("decimal(19,0)")
    held = (wide("positive") - wide("above") - gain()) * hundred + part * gain()
    whole = F.col("positive").cast("double") * hundred
    return points.select(*GROUP, "percent", ratio(held.cast("double"), whole).alias("share_of_value"))


def of_dimensions(ranked: DataFrame, groups: Sequence[Mapping[str, Any]]) -> DataFrame:
    """The rows of `ranked` whose dimension occurs in `groups`."""
    dimensions = sorted({"/".join(key_of(group)[:2]) for group in groups})
    return ranked.where(F.concat_ws("/", *GROUP[:2]).isin(dimensions))
