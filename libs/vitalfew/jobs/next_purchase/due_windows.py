"""When the next purchase is due: windows in days, and who is silent for too long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.clv.gap_spread import CLASSES, ENOUGH, still_open
from vitalfew.dataframes.ratios import ratio
from vitalfew.jobs.next_purchase.gap_model import EDGE, PER_UNIT, Rhythm, centre, gap_class, scale, silence_bin

QUANTILES = {"due_80_from": 0.1, "due_50_from": 0.25, "due_on": 0.5, "due_50_to": 0.75, "due_80_to": 0.9}
PAST, LAPSED = 0.8, 0.98
"""Shares of the gaps that are shorter than the silence."""
LONGEST = 36_500.0
"""Days; nobody is awaited for longer than a hundred years."""
LAST_DAY = date(9999, 12, 31)


def windows(
    known: DataFrame, rhythm: Rhythm, on: Column, prior_log: Column | None = None, prior_gap: Column | None = None
) -> DataFrame:
    """Histories with gap_days, open_share (of gaps longer than the silence), leave_probability and the windows.

    The windows are those of the next purchase, if there is one, given the silence: they begin on the day `on` or
    later. NULL where the silence is beyond any rhythm (LAPSED). The priors are those of `rhythm`, unless given.
    """
    log_prior = F.lit(rhythm.mean_log) if prior_log is None else prior_log
    gap_prior = F.lit(rhythm.mean_gap) if prior_gap is None else prior_gap
    missing = F.greatest(F.lit(ENOUGH) - F.col("gaps"), F.lit(0))
    gap = ratio(F.col("recency_days") + missing * gap_prior, F.greatest(F.col("gaps"), F.lit(ENOUGH)))
    placed = known.select(
        "*",
        gap.alias("gap_days"),
        gap_class("gaps").alias("gap_class"),
        silence_bin(rhythm, log_prior).alias("bin"),
        F.round(centre("gaps", "log_sum", log_prior), 6).alias("centre"),
        F.round(scale("gaps", "log_sum", "log_square", rhythm), 6).alias("scale"),
    )
    joined = placed.join(table(rhythm, known), on=["gap_class", "bin"], how="inner")
    return joined.select(
        *known.columns,
        "gap_days",
        "open_share",
        "leave_probability",
        *[due(name, on).alias(name) for name in QUANTILES],
    )


def table(rhythm: Rhythm, beside: DataFrame) -> DataFrame:
    """For each class of known gaps and each bin of the silence: what share of gaps is longer, and the windows as z."""
    opened, ahead = still_open(rhythm.seen), still_open(rhythm.spread)
    edges = np.arange(-EDGE, EDGE + 1) / PER_UNIT
    rows = []
    for c in CLASSES:
        for position in range(2 * EDGE):
            gone = 1 - opened[c, position]
            shares = [1 - ahead[c, position] * (1 - share) for share in QUANTILES.values()]
            z = np.interp(shares, rhythm.spread[c], edges).tolist()
            cells = z if gone <= LAPSED else [None] * len(z)
            rows.append((c, position - EDGE, float(opened[c, position]), float(rhythm.leaving[c]), *cells))
    ddl = "gap_class int, bin int, open_share double, leave_probability double, "
    return beside.sparkSession.createDataFrame(rows, ddl + ", ".join(f"z_{name} double" for name in QUANTILES))


def due(name: str, on: Column) -> Column:
    """The day on which a gap of this quantile ends, no earlier than `on`."""
    z = F.col(f"z_{name}")
    days = F.least(F.round(F.exp(F.col("centre") + F.col("scale") * z)), F.lit(LONGEST)).cast("int")
    ends = F.least(F.date_add("last_on", days), F.lit(LAST_DAY))
    return F.when(z.isNotNull(), F.greatest(ends, on))  # least and greatest pass over NULL


def usual_days() -> Column:
    """gap_days as people say it: whole days, at least one."""
    return F.greatest(F.round("gap_days").cast("int"), F.lit(1))


def gone() -> Column:
    """The share of the predicted gaps that are shorter than the silence; NULL where nobody ever came back."""
    return F.lit(1.0) - F.col("open_share")


def is_unusual() -> Column:
    """Silent for longer than most predicted gaps, those of all customers counted in; no word for being overdue."""
    return F.coalesce(gone() > PAST, F.lit(False))


def p_alive() -> Column:
    """That something will come: who is silent has left, or is in a gap that happens to be this long."""
    stays = (F.lit(1.0) - F.col("leave_probability")) * F.col("open_share")
    return ratio(stays, stays + F.col("leave_probability"))


def expected(alive: Column, rhythm: Rhythm, days: Sequence[float]) -> Column:
    """Array: purchases foretold within each of `days`, one each gap, some leaving after each."""
    leave = float(rhythm.leaving[ENOUGH])
    lasting = [
        (F.lit(1.0) - F.pow(F.lit(1.0 - leave), ratio(F.lit(float(day)), F.col("gap_days")))) / F.lit(leave)
        for day in days
    ]
    return F.array(*[alive * each for each in lasting])
