"""Which method each class of products is forecast with, and by how much its intervals are widened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vitalfew.algorithms.demand.evaluation import SUMS, WIDENINGS
from vitalfew.algorithms.demand.forecasts import METHODS, REFERENCES
from vitalfew.jobs.demand.params import DemandParams
from vitalfew.jobs.demand.tables import BOTTOM_UP, CATEGORY

BASELINE = "mean_13"
ALL = "all"
OF_TOO_FEW = ("too_few", "zero")
"""Of a product with one sale, which began its series, nothing more may be the best forecast."""
WEEK, WEEKS, SUM = "week", "weeks", "sum"

Key = tuple[str, str, str, int]
Judged = Mapping[Key, Mapping[str, float]]
"""By class, method, span and weeks ahead: the sums of `judged`."""


@dataclass(frozen=True)
class Widening:
    """The factor of a variance, and how often the interval then holds what came; None where nobody knows."""

    value: float
    coverage: float | None = None
    newer_coverage: float | None = None


NONE = Widening(1.0)


def with_all(found: Iterable[Mapping[str, Any]]) -> dict[Key, dict[str, float]]:
    """The sums by key, and those of all classes together."""
    sums: dict[Key, dict[str, float]] = {}
    for row in sorted(found, key=lambda row: (row["class"], row["method"], row["span"], row["weeks_ahead"])):
        for name in (row["class"], *([ALL] if row["class"] != CATEGORY else [])):
            key = (name, row["method"], row["span"], row["weeks_ahead"])
            known = sums.setdefault(key, dict.fromkeys(SUMS, 0.0))
            for each in SUMS:
                known[each] += row[each]
    return sums


def rmsse(sums: Mapping[str, float] | None) -> float | None:
    """Of series with a scale, weighted by units; None where there are none."""
    return sums["scaled"] / sums["weight"] if sums and sums["weight"] > 0 else None


def chosen(judged: Judged, classes: Sequence[str], params: DemandParams) -> dict[str, str]:
    """The method of each class: the lowest RMSSE over all weeks, where it is lower than the baseline's by enough."""
    return {name: best(judged, name, params) for name in classes}


def best(judged: Judged, name: str, params: DemandParams) -> str:
    known = {method: judged.get((name, method, WEEKS, params.horizon_weeks)) for method in METHODS}
    base = known[BASELINE]
    least = rmsse(base)
    if base is None or least is None or base["forecasts"] < params.min_forecasts:
        return BASELINE
    open_to = [method for method in METHODS if method not in REFERENCES or (name, method) == OF_TOO_FEW]
    found = {method: rmsse(known[method]) for method in open_to}
    limit = least * (1 - params.min_improvement)
    better = {method: error for method, error in found.items() if error is not None and error <= limit}
    return min(better, key=lambda method: (better[method], METHODS.index(method))) if better else BASELINE


def widenings(counted: Iterable[Mapping[str, Any]], params: DemandParams) -> dict[tuple[str, str], Widening]:
    """By class and span (week, sum): the least widening with which the intervals hold enough of what came."""
    cells: dict[tuple[str, str], dict[tuple[int, bool], tuple[int, int]]] = {}
    for row in counted:
        for name in (row["class"], *([ALL] if row["class"] != CATEGORY else [])):
            cell = cells.setdefault((name, row["span"]), {})
            key = (row["widening"], row["is_newer"])
            n, inside = cell.get(key, (0, 0))
            cell[key] = (n + row["forecasts"], inside + row["inside"])
    return {key: widening(cell, params.confidence) for key, cell in cells.items()}


def widening(cell: Mapping[tuple[int, bool], tuple[int, int]], confidence: float) -> Widening:
    place = least(cell, (False, True), confidence)
    older = least(cell, (False,), confidence)
    newer = share(cell, older, (True,)) if share(cell, older, (False,)) is not None else None
    return Widening(WIDENINGS[place], share(cell, place, (False, True)), newer)


def least(cell: Mapping[tuple[int, bool], tuple[int, int]], parts: Sequence[bool], confidence: float) -> int:
    """The first widening that covers enough; else the last."""
    for place in range(len(WIDENINGS)):
        found = share(cell, place, parts)
        if found is None or found >= confidence:
            return place
    return len(WIDENINGS) - 1


def share(cell: Mapping[tuple[int, bool], tuple[int, int]], place: int, parts: Sequence[bool]) -> float | None:
    n, inside = (sum(each) for each in zip(*[cell.get((place, part), (0, 0)) for part in parts], strict=True))
    return inside / n if n else None


def of(widened: Mapping[tuple[str, str], Widening], name: str, span: str) -> Widening:
    """That of a class; of one that could not be checked, the value of all."""
    return widened.get((name, span)) or Widening(widened.get((ALL, span), NONE).value)


def evaluation_rows(
    judged: Judged,
    methods: Mapping[str, str],
    widened: Mapping[tuple[str, str], Widening],
    origins: int,
) -> list[dict[str, Any]]:
    """Rows of DEMAND_EVALUATION."""
    rows = []
    for (name, method, span, weeks), sums in judged.items():
        is_chosen = method == BOTTOM_UP or methods.get(name) == method
        used = of(widened, name, SUM if span == SUM else WEEK) if is_chosen else None
        actual = sums["actual"]
        rows.append(
            {
                "demand_class": name,
                "method": method,
                "span": span,
                "weeks_ahead": weeks,
                "origins": origins,
                "products": int(sums["series"]),
                "forecasts": int(sums["forecasts"]),
                "rmsse": rmsse(sums),
                "bias": sums["error"] / actual if actual > 0 else None,
                "pinball_loss": sums["pinball"] / actual if actual > 0 else None,
                "coverage": sums["inside"] / sums["forecasts"],
                "widening": used.value if used else None,
                "widened_coverage": used.coverage if used and span != WEEK else None,
                "newer_coverage": used.newer_coverage if used and span != WEEK else None,
                "is_baseline": method == BASELINE,
                "is_chosen": is_chosen,
            }
        )
    return rows
