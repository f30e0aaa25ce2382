"""What is published for each horizon: the model, corrected, or the best of the simplest rules, by the back-tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
import scipy

from vitalfew.dataframes.arrays import Floats
from vitalfew.jobs.next_purchase.origins import BASELINES, Origin

MOST_CORRECTION = 2.0
PRIOR_SPREAD = 0.3
"""Standard deviation of the logarithm of found / predicted, where there are too few origins to measure it."""
LEAST_SPREAD = 0.03
UNMEASURED_SPREAD = 0.4
ENOUGH_APART = 2.0
"""Origins that share no day, from which on a baseline is a rival, if any baseline has them."""
TIE = 0.02
"""What a model may err more than the best baseline, for one customer, and still be said to err no more."""
TIE_IN_TOTAL = 0.005
SHARE = 0.9
"""Upper quantile of the intervals, which hold 80 %."""


@dataclass(frozen=True)
class Cell:
    """One method, horizon and origin: customers, sums of what was predicted (p) and came (a), and of the products."""

    on: int
    horizon: int
    method: str
    customers: int
    p: float
    a: float
    pp: float
    pa: float
    aa: float

    @property
    def log_ratio(self) -> float:
        return log((self.a + 0.5) / (self.p + 0.5))

    def squares(self, factor: float = 1.0) -> float:
        """The sum of the squared errors of single customers, every prediction times `factor`."""
        return max(factor**2 * self.pp - 2 * factor * self.pa + self.aa, 0.0)


@dataclass(frozen=True)
class Choice:
    """What is published for a horizon.

    method: a model or a baseline; shared_by: the model by which customers share the sum of a baseline, None where each
    is given what the method says; factor: what the predictions of the model are multiplied by (its correction, or what
    brings its sum to the baseline's); origins: on how many days it was measured; spread: of the logarithm of the sum.
    """

    method: str
    shared_by: str | None
    factor: float
    origins: int
    spread: float

    @property
    def is_baseline(self) -> bool:
        """Whether each customer is given what the baseline says."""
        return self.method in BASELINES and self.shared_by is None


Cells = Mapping[tuple[str, int], list[Cell]]
"""By method and horizon, in the order of the days."""


def cells(
    origins: Iterable[Origin], horizons: Sequence[int], predicted: Callable[[Origin], Mapping[str, Floats]], came: str
) -> dict[tuple[str, int], list[Cell]]:
    """Every method, horizon and origin that was measured."""
    found: dict[tuple[str, int], list[Cell]] = {}
    for origin in origins:
        actual = getattr(origin, came)
        for method, forecast in predicted(origin).items():
            for column, horizon in enumerate(horizons):
                if origin.measured[column]:
                    p, a = forecast[:, column], actual[:, column]
                    sums = (float(each) for each in (p.sum(), a.sum(), p @ p, p @ a, a @ a))
                    cell = Cell(origin.on, horizon, method, len(a), *sums)
                    found.setdefault((method, horizon), []).append(cell)
    return found


def correction(known: Sequence[Cell], horizon: int) -> float:
    """What came for each predicted, drawn to 1 by how far the origins differ (James and Stein, the positive part).

    Origins nearer to each other than the horizon share days: they count for less.
    """
    if not known:
        return 1.0
    logs = np.array([cell.log_ratio for cell in known])
    apart = effective(known, horizon)
    variance = max(float(logs.var(ddof=1)) if len(logs) > 2 else PRIOR_SPREAD**2, LEAST_SPREAD**2)
    mean = float(logs.mean())
    kept = max(0.0, 1 - variance / apart / mean**2) if mean else 0.0
    return exp(float(np.clip(kept * mean, -log(MOST_CORRECTION), log(MOST_CORRECTION))))


def effective(known: Sequence[Cell], horizon: int) -> float:
    """How many origins that share no day these are worth."""
    days = [cell.on for cell in known]
    return 1 + min(len(days) - 1, (max(days) - min(days)) / horizon)


def forward(known: Sequence[Cell], horizon: int) -> list[float]:
    """The correction of each origin as it could have been made on its day: from those whose days had passed."""
    return [correction([c for c in known if c.on + horizon <= each.on], horizon) for each in known]


def applied(known: Sequence[Cell], horizon: int) -> tuple[float, list[float]]:
    """The correction of today, and that of each origin; none where those of the origins made it worse."""
    factors = forward(known, horizon)
    if any(factor != 1 for factor in factors):
        plain = sum(abs(cell.log_ratio) for cell in known)
        corrected = sum(abs(cell.log_ratio - log(f)) for cell, f in zip(known, factors, strict=True))
        if corrected > plain:
            return 1.0, [1.0] * len(known)
    return correction(known, horizon), factors


def total_error(known: Sequence[Cell], factors: Mapping[int, float]) -> float:
    """Mean of how far the sum was off, as a logarithm."""
    return float(np.mean([abs(cell.log_ratio - log(factors.get(cell.on, 1.0))) for cell in known]))


def customer_error(known: Sequence[Cell], factors: Mapping[int, float]) -> float:
    """Root mean squared error of one customer."""
    squares = sum(cell.squares(factors.get(cell.on, 1.0)) for cell in known)
    return sqrt(squares / sum(cell.customers for cell in known))


def common(one: Sequence[Cell], other: Sequence[Cell]) -> tuple[list[Cell], list[Cell]]:
    """Of both the cells of the days that both have."""
    days = {cell.on for cell in one} & {cell.on for cell in other}
    return [c for c in one if c.on in days], [c for c in other if c.on in days]


def beats(model: Sequence[Cell], factors: Mapping[int, float], baseline: Sequence[Cell], in_total: bool = True) -> bool:
    """Whether the model errs no more than a baseline for one customer, and in total."""
    ours, theirs = common(model, baseline)
    if not ours:
        return True
    is_near = customer_error(ours, factors) <= (1 + TIE) * customer_error(theirs, {})
    return is_near and (not in_total or total_error(ours, factors) <= TIE_IN_TOTAL + total_error(theirs, {}))


def score(found: Cells, model: str, horizons: Sequence[int]) -> float:
    """How far a model errs beside the best baseline, in total and for one customer: less is better.

    Infinite where it was sound on less than half of the days, those of all horizons together: that a shop was too young
    for a model on the few first days that show a year to its end, says nothing of the model today.
    """
    parts, sound, days = [], 0, 0
    for horizon in horizons:
        known = found.get((model, horizon), [])
        rivals = [found[b, horizon] for b in BASELINES if (b, horizon) in found]
        sound += len(known)
        days += max((len(rival) for rival in rivals), default=0)
        if known and rivals:
            factors = factors_of(known, horizon)
            best = min(customer_error(rival, {}) for rival in rivals)
            parts.append(total_error(known, factors) + customer_error(known, factors) / max(best, 1e-9))
    return float(np.mean(parts)) if parts and 2 * sound >= days else float("inf")


def factors_of(known: Sequence[Cell], horizon: int) -> dict[int, float]:
    return dict(zip([cell.on for cell in known], applied(known, horizon)[1], strict=True))


def choose(
    found: Cells, model: str, horizons: Sequence[int], sums: Mapping[str, Floats], unknown_season: float
) -> dict[int, Choice]:
    """What is published for each horizon; `sums`: what each method says today, by horizon."""
    return {
        horizon: choice(found, model, horizon, {name: float(of[column]) for name, of in sums.items()}, unknown_season)
        for column, horizon in enumerate(horizons)
    }


def choice(found: Cells, model: str, horizon: int, sums: Mapping[str, float], unknown_season: float) -> Choice:
    season = unknown_season * sqrt(min(1.0, 30 / horizon))
    rivals = {name: found[name, horizon] for name in BASELINES if (name, horizon) in found and name in sums}
    known = found.get((model, horizon), [])
    sound = {
        n: rival for n, rival in rivals.items() if effective(common(rival, known)[0] or rival, horizon) >= ENOUGH_APART
    }
    rivals = sound or rivals
    if not rivals:
        return Choice(model, None, 1.0, 0, sqrt(UNMEASURED_SPREAD**2 + season**2))
    today, factors = applied(known, horizon)
    by_day = dict(zip([cell.on for cell in known], factors, strict=True))
    least = min(customer_error(rival, {}) for rival in rivals.values())
    best = min(rivals, key=lambda n: total_error(rivals[n], {}) + customer_error(rivals[n], {}) / max(least, 1e-9))
    if known and beats(known, by_day, rivals[best]):
        return Choice(model, None, today, len(known), spread(known, by_day, horizon, season))
    of_best = spread(rivals[best], {}, horizon, season)
    ours, theirs = common(known, rivals[best])
    scale = {one.on: (other.p + 0.5) / (one.p + 0.5) for one, other in zip(ours, theirs, strict=True)}
    if ours and sums.get(model) and beats(ours, scale, rivals[best], in_total=False):
        return Choice(best, model, sums[best] / sums[model], len(theirs), of_best)
    return Choice(best, None, 1.0, len(rivals[best]), of_best)


def spread(known: Sequence[Cell], factors: Mapping[int, float], horizon: int, season: float) -> float:
    """Of the logarithm of the sum: how far the origins were off, with few of them for more, and the season."""
    off = np.array([cell.log_ratio - log(factors.get(cell.on, 1.0)) for cell in known])
    apart = effective(known, horizon)
    prior = PRIOR_SPREAD**2
    variance = (float(off @ off) / len(off) * apart + prior) / (apart + 1)
    widened = float(scipy.special.stdtrit(apart + 1, SHARE) / scipy.special.stdtrit(1e6, SHARE))
    return sqrt(max(variance, LEAST_SPREAD**2) * widened**2 + season**2)


def interval(total: float, spread_of: float) -> tuple[float, float]:
    """80 % of the probability."""
    reach = exp(float(scipy.special.stdtrit(1e6, SHARE)) * spread_of)
    return total / reach, total * reach
