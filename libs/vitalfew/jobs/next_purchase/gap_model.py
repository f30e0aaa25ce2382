"""The rhythm in which somebody buys: gaps between purchase days, drawn to those of all where there are few.

The logarithm of the next gap is foretold as centre + scale * z. Centre and scale come from the gaps seen so far: with
fewer than three, those missing to three are taken from all; the scale is always drawn to that of all as if three more
gaps had been seen. How z is spread is not assumed but counted, over gaps each foretold from those before it, apart for
0, 1, 2 and 3 or more known gaps: so the windows hold what they promise also for those of whom little is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.clv.gap_returns import LEAST_SCALE
from vitalfew.algorithms.clv.gap_spread import (
    CLASSES,
    ENOUGH,
    comebacks,
    cumulative,
    leaving,
    still_open,
    with_silences,
)
from vitalfew.dataframes.arrays import Floats
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.ratios import ratio

PER_UNIT, EDGE = 20, 160
"""z is counted in bins of 1 / PER_UNIT, from -EDGE to EDGE - 1 of them."""


@dataclass(frozen=True)
class Rhythm:
    """Of all together: mean of the log-gap, its variance within one customer and between them, the mean gap in days.

    seen[c]: the share of z below each edge of its bins, for c known gaps, of gaps that have ended; spread[c]: of those
    too that have not; leaving[c]: the probability that nothing comes after them that is not longer than what was seen.
    """

    mean_log: float
    within: float
    between: float
    mean_gap: float
    seen: Floats
    spread: Floats
    leaving: Floats


def fit(known: DataFrame) -> Rhythm | None:
    """The rhythm of all, from histories; None where nobody came back."""
    together = of_all(known)
    if together is None:
        return None
    of_everyone = F.lit(together.mean_log)
    gaps = known.select(F.explode(F.array(*foretold_gaps())).alias("gap")).select("gap.*").where("log_gap is not null")
    aim, reach = centre("n", "total", of_everyone), scale("n", "total", "square", together)
    ended, _ = counted(gaps, bin_of(ratio(F.col("log_gap") - aim, reach)), "n", F.lit(0))
    beyond = F.greatest(F.col("gaps") - ENOUGH, F.lit(0))
    silent, more = counted(known, silence_bin(together, of_everyone), "gaps", beyond)
    came_back, seen = comebacks(silent, more), cumulative(ended)
    return replace(
        together,
        seen=seen,
        spread=with_silences(ended, silent, came_back),
        leaving=leaving(silent, came_back, still_open(seen)),
    )


def foretold_gaps() -> list[Column]:
    """Of a history: the first three gaps and the last, each with number, sum and squares of those before it."""
    first, second = F.col("log_1"), F.col("log_2")
    last = F.when(F.col("gaps") > ENOUGH, F.col("log_last"))
    before = (
        (F.lit(0), F.lit(0.0), F.lit(0.0), first),
        (F.lit(1), first, first * first, second),
        (F.lit(2), first + second, first * first + second * second, F.col("log_3")),
        (F.col("gaps") - 1, F.col("log_sum") - last, F.col("log_square") - last * last, last),
    )
    names = ("n", "total", "square", "log_gap")
    return [F.struct(*[value.alias(name) for value, name in zip(row, names, strict=True)]) for row in before]


def of_all(known: DataFrame) -> Rhythm | None:
    """What all have in common, the spread of z and leaving left open."""
    own_mean = ratio(F.col("log_sum"), F.col("gaps"))
    apart = F.col("log_square") - F.col("log_sum") * own_mean
    row = collect_rows(
        known.where("gaps > 0").agg(
            F.count(F.lit(1)).alias("n"),
            F.avg(own_mean).alias("mean"),
            F.avg(own_mean * own_mean).alias("square"),
            F.avg(ratio(F.lit(1.0), F.col("gaps"))).alias("noise"),
            F.avg(ratio(F.col("recency_days"), F.col("gaps"))).alias("gap"),
            F.sum(F.when(F.col("gaps") > 1, apart)).alias("apart"),
            F.sum(F.col("gaps") - 1).alias("free"),
        ),
        "the rhythm of all",
    )[0]
    if not row["n"]:
        return None
    within = max(row["apart"] / row["free"] if row["free"] else 0.0, LEAST_SCALE**2)
    between = max(row["square"] - row["mean"] ** 2 - within * row["noise"], LEAST_SCALE**2)
    mean, gap, none = round(row["mean"], 9), round(row["gap"], 9), np.empty(0)
    return Rhythm(mean, round(within, 9), round(between, 9), gap, seen=none, spread=none, leaving=none)


def centre(gaps: str, total: str, prior: Column) -> Column:
    """Where the next log-gap is foretold."""
    missing = F.greatest(F.lit(ENOUGH) - F.col(gaps), F.lit(0))
    return ratio(F.col(total) + missing * prior, F.greatest(F.col(gaps), F.lit(ENOUGH)))


def scale(gaps: str, total: str, square: str, rhythm: Rhythm) -> Column:
    """How far from there it may be."""
    n = F.col(gaps).cast("double")
    apart = F.greatest(F.col(square) - ratio(F.col(total) * F.col(total), F.greatest(n, F.lit(1.0))), F.lit(0.0))
    own = ratio(apart + F.lit(ENOUGH * rhythm.within), F.greatest(n - 1, F.lit(0.0)) + F.lit(float(ENOUGH)))
    unknown = F.greatest(F.lit(ENOUGH) - n, F.lit(0.0)) / F.lit(float(ENOUGH))
    return F.greatest(F.sqrt(own + unknown * F.lit(rhythm.between)), F.lit(LEAST_SCALE))


def silence_bin(rhythm: Rhythm, prior: Column) -> Column:
    """The bin of z of a gap as long as the silence (less half a day, as days are whole)."""
    silent = F.log(F.col("silent_days").cast("double") - F.lit(0.5))
    return bin_of(ratio(silent - centre("gaps", "log_sum", prior), scale("gaps", "log_sum", "log_square", rhythm)))


def bin_of(z: Column) -> Column:
    within = F.greatest(F.least(z * F.lit(float(PER_UNIT)), F.lit(EDGE - 0.5)), F.lit(float(-EDGE)))
    return F.floor(within).cast("int")


def gap_class(gaps: str) -> Column:
    return F.least(F.col(gaps), F.lit(ENOUGH)).cast("int")


def counted(frame: DataFrame, z_bin: Column, gaps: str, more: Column) -> tuple[Floats, Floats]:
    """How many of each class of known gaps (row) are in each bin (column), and the sum of `more` of each class."""
    binned = frame.select(gap_class(gaps).alias("gap_class"), z_bin.alias("bin"), more.cast("bigint").alias("more"))
    grouped = binned.groupBy("gap_class", "bin").agg(F.count(F.lit(1)).alias("n"), F.sum("more").alias("more"))
    counts, sums = np.zeros((len(CLASSES), 2 * EDGE)), np.zeros(len(CLASSES))
    for row in collect_rows(grouped, "bins of gaps"):
        counts[row["gap_class"], row["bin"] + EDGE] = row["n"]
        sums[row["gap_class"]] += row["more"]
    return counts, sums
