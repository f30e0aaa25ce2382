"""Probabilities predicted on past days from days before them, behaviour against the simple rules, and which is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil

import numpy as np
import scipy

from vitalfew.algorithms.statistics.ranking import auc, clustered_error, lift_of_first
from vitalfew.dataframes.arrays import Bools, Floats, Ints
from vitalfew.jobs.prospects.behaviour import Model, fitted
from vitalfew.jobs.prospects.level import latest, shift_of, shifted
from vitalfew.jobs.prospects.panel import Panel
from vitalfew.jobs.prospects.params import ProspectsParams
from vitalfew.jobs.prospects.rules import EDGES, Rule, learnt
from vitalfew.jobs.prospects.tables import BASE_RATE, BEHAVIOUR

BINS = 10
LEAST_OF_BIN = 5
"""Expected orders of a bin, at least: with fewer, bins are larger."""
REACH = 2.576
LEEWAY = 0.25
"""Of a bin: what was predicted may be off by this part of it, beyond chance."""


@dataclass(frozen=True)
class Score:
    """How one method did; gains of behaviour over it, with the lower ends of their one-sided intervals."""

    predicted: float
    found: float
    brier: float
    auc: float | None
    lift: float | None
    brier_gain: float | None = None
    brier_gain_low: float | None = None
    auc_gain_low: float | None = None


@dataclass(frozen=True)
class Bin:
    """People to whom like probabilities were given."""

    people: int
    moments: int
    conversions: int
    predicted: float
    low: float
    high: float

    @property
    def is_right(self) -> bool:
        leeway = LEEWAY * self.predicted
        return self.low - leeway <= self.predicted <= self.high + leeway


@dataclass(frozen=True)
class Judged:
    """One horizon: the tests, which method is published and why, and that, fitted to all whose outcome is known."""

    horizon: int
    method: str | None
    reason: str
    periods: int
    people: int
    moments: int
    conversions: int
    fitted_moments: int
    fitted_conversions: int
    scores: Mapping[str, Score]
    bins: tuple[Bin, ...]
    model: Model | None
    rule: Rule | None
    shift: float = 0.0
    """By how much the log-odds of the published method were moved, to the level of the last days that are known."""

    @property
    def is_calibrated(self) -> bool | None:
        """Whether what was predicted held; None where too few ordered to tell: their wide intervals hold anything."""
        return all(each.is_right for each in self.bins) if self.bins and self.reason != "too_few" else None


@dataclass(frozen=True)
class BackTest:
    """Rows that were predicted from earlier days: who, whether they ordered, and the probability by method."""

    periods: int
    who: Ints
    ordered: Bools
    predicted: Mapping[str, Floats]
    levelled: Mapping[str, Floats] = field(default_factory=dict)
    """The same, moved to the level of the last spacing_days that were known when each period began."""


def judged(panel: Panel, horizon: int, params: ProspectsParams) -> Judged:
    """See Judged. Nothing is published where no whole horizon lies before as_of."""
    known = panel.at(panel.is_known(horizon))
    ordered = known.ordered(horizon)
    plain = back_test(known, horizon, params)
    is_moving = level_helps(plain, params)
    tested = replace(plain, predicted=plain.levelled) if is_moving else plain
    scores, reason, method = compared(tested, params)
    enough = int(ordered.sum()) >= params.min_conversions
    if not len(known):
        method, reason = None, "too_short"
    elif not enough:
        method, reason = BASE_RATE, "too_few"
    counts = (len({*tested.who.tolist()}), len(tested.who), int(tested.ordered.sum()))
    used = tested.predicted.get(method) if method else None
    model = fitted(known, ordered, params.max_values) if enough else None
    rule = learnt(known, ordered, method) if method in EDGES else None
    shift = 0.0
    if is_moving and (chosen := model if method == BEHAVIOUR else rule) is not None:
        now = latest(known, params.spacing_days)
        shift = shift_of(chosen.probability(known.at(now)), ordered[now])
        model = model.moved(shift) if model else None
        rule = rule.moved(shift) if rule else None
    return Judged(
        horizon,
        method,
        reason,
        tested.periods,
        *counts,
        len(known),
        int(ordered.sum()),
        scores,
        reliability(tested, used) if used is not None and len(used) else (),
        model,
        rule,
        shift,
    )


def level_helps(tested: BackTest, params: ProspectsParams) -> bool:
    """Whether one figure for all is closer, beyond chance, at the level of the last days that were known."""
    if not tested.periods or int(tested.ordered.sum()) < params.min_conversions:
        return False
    both = {"plain": tested.predicted[BASE_RATE], "level": tested.levelled[BASE_RATE]}
    reach = float(scipy.special.ndtri(1 - params.significance))
    return (against(replace(tested, predicted=both), "plain", "level", reach).brier_gain_low or 0.0) > 0


def back_test(known: Panel, horizon: int, params: ProspectsParams) -> BackTest:
    """The last periods whose outcome is known, each predicted from those whose outcome was known when it began.

    Everything is learnt from rows whose horizon had ended by the first moment of the period that is predicted.
    """
    spacing = params.spacing_days
    first = ceil(horizon / spacing)
    wanted = range(first, min(first + params.test_periods, params.periods))
    parts: list[tuple[Panel, dict[str, Floats], dict[str, Floats]]] = []
    for period in wanted:
        tested = known.at(known.period == period)
        begins_ago = spacing * (period + 1) - 1  # of its moments, the earliest
        past = known.at((known.period > period) & (known.moment_ago - horizon >= begins_ago))
        ordered = past.ordered(horizon)
        if not len(tested) or int(ordered.sum()) < params.min_conversions:
            continue
        rules = {name: learnt(past, ordered, name) for name in EDGES}
        methods: dict[str, Model | Rule] = {BEHAVIOUR: fitted(past, ordered, params.max_values), **rules}
        now = latest(past, spacing)
        shifts = {name: shift_of(each.probability(past.at(now)), ordered[now]) for name, each in methods.items()}
        predicted = {name: each.probability(tested) for name, each in methods.items()}
        parts.append((tested, predicted, {name: shifted(p, shifts[name]) for name, p in predicted.items()}))
    if not parts:
        nobody = np.zeros(0, dtype=np.int64)
        return BackTest(0, nobody, nobody.astype(bool), {})
    _, who = np.unique(np.concatenate([each.who for each, *_ in parts]), return_inverse=True)
    ordered = np.concatenate([each.ordered(horizon) for each, *_ in parts])
    whole = {name: np.concatenate([by[name] for _, by, _ in parts]) for name in parts[0][1]}
    levelled = {name: np.concatenate([by[name] for *_, by in parts]) for name in parts[0][2]}
    return BackTest(len(parts), who, ordered, whole, levelled)


def compared(tested: BackTest, params: ProspectsParams) -> tuple[dict[str, Score], str, str | None]:
    """How each method did, the reason, and the method that is used."""
    if not tested.periods or int(tested.ordered.sum()) < params.min_conversions or tested.ordered.all():
        return {name: scored(tested, name) for name in tested.predicted}, "too_few", BASE_RATE
    reach = float(scipy.special.ndtri(1 - params.significance))
    scores = {name: against(tested, name, BEHAVIOUR, reach) for name in EDGES}
    found = {BEHAVIOUR: scored(tested, BEHAVIOUR), **scores}
    if all((each.brier_gain_low or 0) > 0 and (each.auc_gain_low or 0) > 0 for each in scores.values()):
        return found, "better", BEHAVIOUR
    stricter = float(scipy.special.ndtri(1 - params.significance / (len(EDGES) - 1)))
    rules = [name for name in EDGES if name != BASE_RATE]
    beating = [n for n in rules if (against(tested, BASE_RATE, n, stricter).brier_gain_low or 0) > 0]
    best = min(beating, key=lambda name: found[name].brier, default=BASE_RATE)
    return found, "not_better", best


def scored(tested: BackTest, method: str) -> Score:
    p, ordered = tested.predicted[method], tested.ordered
    area = auc(p, ordered)
    return Score(
        float(p.mean()),
        float(ordered.mean()),
        float(np.mean((p - ordered) ** 2)),
        area.value if area else None,
        lift_of_first(p, ordered, 1 / BINS),
    )


def against(tested: BackTest, method: str, other: str, reach: float) -> Score:
    """As `scored`, with the gains of `other` over `method`."""
    own, ordered = scored(tested, method), tested.ordered
    errors = [(tested.predicted[name] - ordered) ** 2 for name in (method, other)]
    gain = errors[0] - errors[1]
    mean = float(gain.mean())
    error = clustered_error((gain - mean) / len(gain), tested.who)
    areas = [auc(tested.predicted[name], ordered) for name in (method, other)]
    auc_low = None
    if areas[0] and areas[1]:
        off = clustered_error(areas[1].influence - areas[0].influence, tested.who)
        auc_low = areas[1].value - areas[0].value - reach * off
    return Score(own.predicted, own.found, own.brier, own.auc, own.lift, mean, mean - reach * error, auc_low)


def reliability(tested: BackTest, predicted: Floats) -> tuple[Bin, ...]:
    """Bins of like probabilities, from the lowest on; rows with one probability are in one bin."""
    bins = int(min(BINS, max(1, predicted.sum() // LEAST_OF_BIN)))
    cuts = np.unique(np.quantile(predicted, np.arange(1, bins) / bins)) if bins > 1 else np.zeros(0)
    place = np.searchsorted(cuts, predicted, side="left")
    return tuple(bin_of(tested, predicted, place == number) for number in np.unique(place))


def bin_of(tested: BackTest, predicted: Floats, rows: Bools) -> Bin:
    moments, conversions = int(rows.sum()), int(tested.ordered[rows].sum())
    low, high = wilson(conversions, moments)
    return Bin(len({*tested.who[rows].tolist()}), moments, conversions, float(predicted[rows].mean()), low, high)


def wilson(hits: int, rows: int) -> tuple[float, float]:
    """The 99 % interval of a share (Wilson 1927)."""
    share, square = hits / rows, REACH * REACH
    middle = (share + square / (2 * rows)) / (1 + square / rows)
    reach = REACH / (1 + square / rows) * np.sqrt(share * (1 - share) / rows + square / (4 * rows * rows))
    return max(0.0, float(middle - reach)), min(1.0, float(middle + reach))
