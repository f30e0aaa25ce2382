"""How the methods do on customers they have not seen: sums over folds, the damping that loses least, the verdict."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.algorithms.milestones.distributions import METHODS, PRIOR
from vitalfew.algorithms.milestones.posterior import DAMPINGS, FINE, LEVELS, MEANT, MICRO
from vitalfew.algorithms.statistics.normal_quantiles import one_sided
from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.lifecycle.params import LifecycleParams

FOLDS = 5
DIGITS = 9
COVERED = tuple(f"covered_{place}" for place in range(len(LEVELS)))
SUMS = ("n", "loss", "better", "squares", "hits", "certainty", *COVERED)


@dataclass(frozen=True)
class Judged:
    """One method: the damping that loses least, and the level of the interval that holds as much as it is to.

    rows: the customers of each fold, by the damping that the others chose; covered: how many of them are in the
    interval of the level that the others chose.
    """

    method: str
    damping: float
    level: float
    rows: Sequence[Row]
    covered: int
    z: float

    def total(self, name: str, rows: Sequence[Row] | None = None) -> int:
        return sum(row[name] for row in (self.rows if rows is None else rows))

    @property
    def customers(self) -> int:
        return self.total("n")

    @property
    def loss(self) -> float:
        return self.total("loss") / MICRO / self.customers

    @property
    def gain(self) -> float:
        return self.total("better") / FINE / self.customers

    @property
    def gain_low(self) -> float:
        """Lower end of a one-sided interval."""
        squares = self.total("squares") / FINE**2 - self.customers * self.gain**2
        variance = max(squares, 0.0) / max(self.customers - 1, 1)
        return self.gain - self.z * math.sqrt(variance / self.customers)

    def bins(self) -> list[dict[str, Any]]:
        """LIFECYCLE_RELIABILITY, without the ladder."""
        found = []
        for number in sorted({row["bin"] for row in self.rows}):
            rows = [row for row in self.rows if row["bin"] == number]
            count = self.total("n", rows)
            shares = {"predicted": self.total("certainty", rows) / MICRO, "observed": self.total("hits", rows)}
            means = {name: round(value / count, DIGITS) for name, value in shares.items()}
            found.append({"method": self.method, "bin": number, "customers": count, **means})
        return found

    def row(self) -> dict[str, Any]:
        """LIFECYCLE_EVALUATION, without the ladder and whether it is published."""
        clear = [row for row in self.rows if row["is_clear"]]
        sure = self.total("n", clear)
        apart = sum(each["customers"] * abs(each["predicted"] - each["observed"]) for each in self.bins())
        figures = {
            "log_loss": self.loss,
            "accuracy": self.total("hits") / self.customers,
            "gain": self.gain,
            "gain_low": self.gain_low,
            "coverage": self.covered / self.customers,
            "calibration_error": apart / self.customers,
            "clear_accuracy": self.total("hits", clear) / sure if sure else None,
            "clear_probability": self.total("certainty", clear) / MICRO / sure if sure else None,
        }
        rounded = {name: None if value is None else round(value, DIGITS) for name, value in figures.items()}
        return {"method": self.method, "customers": self.customers, "clear_customers": sure, **rounded}


def all_judged(tallies: DataFrame, params: LifecycleParams) -> list[Judged]:
    """Each method on the same customers; empty where there are none."""
    keys = ("fold", "method", "damping", "bin", "is_clear")
    summed = tallies.groupBy(*keys).agg(*[F.sum(name).alias(name) for name in SUMS])
    rows = sorted(collect_rows(summed, "milestones that were judged"), key=lambda row: tuple(row[key] for key in keys))
    z = one_sided(1 - params.significance)
    found = []
    for number, method in enumerate(METHODS):
        own = [row for row in rows if row["method"] == number]
        if own:
            found.append(Judged(method, *by_damping(own), z))
    return found


def by_damping(rows: Sequence[Row]) -> tuple[float, float, list[Row], int]:
    """Damping and level; of each fold the rows of the damping, and how many the level holds, by the others alone."""
    losses = {(row["damping"], row["fold"]): 0 for row in rows}
    for row in rows:
        losses[row["damping"], row["fold"]] += row["loss"]
    folds = sorted({fold for _, fold in losses})
    kept, covered = [], 0
    for fold in folds:
        others = [other for other in folds if other != fold]
        damping = least(losses, others)
        own, rest = (
            [row for row in rows if row["damping"] == damping and (row["fold"] == fold) == is_own]
            for is_own in (True, False)
        )
        kept += own
        covered += sum(row[COVERED[enough(rest)]] for row in own)
    best = least(losses, folds)
    return DAMPINGS[best], LEVELS[enough([row for row in rows if row["damping"] == best])], kept, covered


def enough(rows: Sequence[Row]) -> int:
    """The first of LEVELS that holds as many customers as it is to; the last where none does."""
    meant = MEANT * sum(row["n"] for row in rows)
    return next(
        (place for place, name in enumerate(COVERED) if sum(row[name] for row in rows) >= meant), len(LEVELS) - 1
    )


def least(losses: Mapping[tuple[int, int], int], folds: Sequence[int]) -> int:
    """The damping that loses least in these folds; of equals the first."""
    return min(range(len(DAMPINGS)), key=lambda place: sum(losses[place, fold] for fold in folds))


def chosen(judged: Sequence[Judged]) -> Judged | None:
    """The method that loses least, if it beats the prior beyond chance."""
    others = [each for each in judged if each.method != PRIOR]
    best = min(others, key=lambda each: each.loss, default=None)
    return best if best is not None and best.gain_low > 0 else None
