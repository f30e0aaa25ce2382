"""The last level: the smallest confirmed group of each customer, and the own figure beside that of the group.

Where a figure is the mean of n own orders or purchases, it is drawn to the group as much as n says (empirical Bayes;
the credibility of Buhlmann and Straub, 1970).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.subgroups.descriptions import FIRST, Conditions, key_of
from vitalfew.algorithms.subgroups.shrinkage import between_and_within
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.ratios import ratio
from vitalfew.jobs.micro_segments.coding import Counts, capped_figure, code
from vitalfew.jobs.micro_segments.groups import Found, Searched
from vitalfew.jobs.micro_segments.params import MicroSegmentsParams, TargetName
from vitalfew.jobs.micro_segments.people import TARGETS, figure, own
from vitalfew.jobs.micro_segments.tables import CONFIRMED, CUSTOMER_MICRO_SEGMENTS, EVERYBODY, GROUP, SEGMENT

ANY = "decimal(38,0)"
INVERSE = 1_000_000
"""1 / n is counted in parts of which 1 has this many, as a whole number: sums of these are exact."""
DIGITS = 6


@dataclass(frozen=True)
class Reference:
    """What customers are compared with: a confirmed group, a segment of rfm (below 0), or everybody (0)."""

    target: TargetName
    number: int
    level: str
    mean: float
    conditions: Conditions


def references(
    searched: Sequence[Searched], found: Sequence[Found], counts: Counts, params: MicroSegmentsParams
) -> list[Reference]:
    """By target: groups, the smallest first; segments; and everybody. None of fewer than min_customers."""
    made: list[Reference] = []
    for each in searched:
        if each.everybody.n[0] < params.min_customers:
            continue
        groups = [one for one in found if one.searched is each and one.verdict == CONFIRMED]
        both = each.halves.both
        for one in sorted(groups, key=lambda one: (both.n[one.place], one.number)):
            made.append(Reference(each.target, one.number, GROUP, mean_of(each, one.place), one.conditions))
        for value, place in segments(each, counts):
            if both.n[place] >= params.min_customers:
                number = next(n for n, known in enumerate(counts.attributes) if known.name == "segment")
                made.append(Reference(each.target, -value, SEGMENT, mean_of(each, place), ((number, value),)))
        made.append(Reference(each.target, 0, EVERYBODY, mean_of(each, each.whole), ()))
    return made


def mean_of(searched: Searched, place: int) -> float:
    return (searched.centre + float(searched.halves.both.mean[place])) / TARGETS[searched.target].parts


def segments(searched: Searched, counts: Counts) -> list[tuple[int, int]]:
    """The codes of the segments, and where they are."""
    names = [each.name for each in counts.attributes]
    if "segment" not in names:
        return []
    place = names.index("segment")
    number = searched.halves.sets.index((place,))
    values = [FIRST + n for n in range(len(counts.attributes[place].values))]
    where = searched.halves.places(np.array([key_of(number, [value]) for value in values], np.int64))
    return [(value, int(at)) for value, at in zip(values, where, strict=True) if at >= 0]


def placed(coded: DataFrame, made: Sequence[Reference], counts: Counts) -> DataFrame:
    """One row per customer and target: the reference, the figure as it is and capped, and own_n."""
    targets = list(dict.fromkeys(each.target for each in made))
    each = coded.withColumn("at", F.explode(F.array(*[F.lit(place) for place in range(len(targets))])))
    numbers = [number_of([one for one in made if one.target == target], counts) for target in targets]
    named = coded.sparkSession.createDataFrame(
        [(targets.index(one.target), one.target, one.number, one.level, one.mean) for one in made],
        "at int, target string, number int, level string, reference_mean double",
    )
    flat = each.select(
        "customer_id",
        "segment",
        "at",
        of_target(numbers).alias("number"),
        of_target([F.col(figure(target)) for target in targets]).alias("figure"),
        of_target([F.col(capped_figure(target)) for target in targets]).alias("capped"),
        of_target([F.col(own(target)) for target in targets]).alias("own_n"),
    )
    return flat.join(F.broadcast(named), on=["at", "number"], how="inner")


def of_target(columns: Sequence[Column]) -> Column:
    """The column of the target of a row."""
    found = columns[0]
    for place, column in enumerate(columns[1:], 1):
        found = F.when(F.col("at") == place, column).otherwise(found)
    return found


def number_of(made: Sequence[Reference], counts: Counts) -> Column:
    """The first reference that a customer is in; the last is everybody."""
    *first, last = made
    found = F.lit(last.number)
    for each in reversed(first):
        found = F.when(meets(each.conditions, counts), each.number).otherwise(found)
    return found.cast("int")


def meets(conditions: Conditions, counts: Counts) -> Column:
    return reduce(and_, [F.col(code(counts.attributes[place].name)) == value for place, value in conditions])


def own_spreads(rows: DataFrame, params: MicroSegmentsParams) -> dict[TargetName, tuple[float, float]]:
    """By target that is a mean of own figures, if these tell it, the deviations between customers and in one."""
    targets = [target for target in params.targets if TARGETS[target].own]
    if not targets:
        return {}
    inverse = F.floor(ratio(F.lit(float(INVERSE)), F.col("own_n").cast("double"))).cast(ANY)
    residual = F.col("capped").cast("double") - F.col("reference_mean") * parts_of(targets)
    whole = F.floor(residual + F.lit(0.5)).cast("bigint").cast("decimal(18,0)")
    known = rows.where(F.col("target").isin(*targets) & F.col("own_n").isNotNull() & F.col("capped").isNotNull())
    known = known.select("target", inverse.alias("x"), (whole * whole).cast(ANY).alias("r"))
    sums = {"x": F.col("x"), "xx": F.col("x") * F.col("x"), "r": F.col("r"), "xr": F.col("x") * F.col("r")}
    summed = known.groupBy("target").agg(
        F.count(F.lit(1)).alias("n"),
        *[F.sum(column.cast(ANY)).cast("double").alias(name) for name, column in sums.items()],
    )
    found: dict[TargetName, tuple[float, float]] = {}
    for row in collect_rows(summed, "spreads of customers"):
        target: TargetName = row["target"]
        x, xx, xr = row["x"] / INVERSE, row["xx"] / INVERSE**2, row["xr"] / INVERSE
        between, within = between_and_within(row["n"], x, xx, row["r"], xr)
        parts = TARGETS[target].parts
        if within > 0:  # else customers of many orders differ as much as those of few: nothing tells the two apart
            found[target] = (between**0.5 / parts, within**0.5 / parts)
    return found


def parts_of(targets: Sequence[TargetName]) -> Column:
    found = F.lit(1.0)
    for target in targets:
        found = F.when(F.col("target") == target, float(TARGETS[target].parts)).otherwise(found)
    return found


def customer_rows(
    rows: DataFrame, own_of: Mapping[TargetName, tuple[float, float]], params: MicroSegmentsParams
) -> DataFrame:
    """CUSTOMER_MICRO_SEGMENTS."""
    parts = parts_of(params.targets)
    is_known = F.col("figure").isNotNull()
    weight = F.lit(None).cast("double")
    for target, (between, within) in own_of.items():
        own_part = F.col("own_n").cast("double") * F.lit(between**2)
        shares = ratio(own_part, own_part + F.lit(within**2))
        of_target = F.round(shares, DIGITS) if between > 0 else F.lit(0.0)
        weight = F.when(F.col("target") == target, of_target).otherwise(weight)
    weighted = rows.withColumn("own_weight", F.when(is_known & F.col("own_n").isNotNull(), weight))
    mean, value = F.col("reference_mean"), ratio(F.col("figure").cast("double"), parts)
    drawn = mean + F.col("own_weight") * (ratio(F.col("capped").cast("double"), parts) - mean)
    return weighted.select(
        "customer_id",
        "target",
        "level",
        F.when(F.col("level") == GROUP, F.col("number")).alias("micro_segment"),
        "segment",
        "reference_mean",
        value.alias("customer_figure"),
        F.when(is_known, F.col("own_n")).alias("own_n"),
        "own_weight",
        F.coalesce(drawn, value, mean).alias("expected_figure"),
    )


def nobody(beside: DataFrame) -> DataFrame:
    """No row of CUSTOMER_MICRO_SEGMENTS."""
    return local_table(CUSTOMER_MICRO_SEGMENTS, [], beside=beside)
