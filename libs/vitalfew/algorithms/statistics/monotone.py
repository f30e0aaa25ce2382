"""Rates that may only rise with a score: to make a probability of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vitalfew.dataframes.arrays import Bools, Floats

LEAST_HITS = 30
"""Of a bin: with fewer, its rate is chance."""
MOST_BINS = 10
PRIOR_HITS = 5.0
"""As many expected hits does what the score says weigh in the rate of a bin."""
EDGE = 1e-6


@dataclass(frozen=True)
class Curve:
    """Log-odds by log-odds: straight between the knots, and of slope 1 beyond them; without knots, as they are."""

    knots: tuple[float, ...] = ()
    values: tuple[float, ...] = ()

    def at(self, odds: Floats) -> Floats:
        if not self.knots:
            return odds
        inner = np.interp(odds, self.knots, self.values)
        return np.asarray(inner + np.minimum(odds - self.knots[0], 0) + np.maximum(odds - self.knots[-1], 0))

    def moved(self, by: float) -> Curve:
        """The same, all log-odds that it gives moved."""
        return Curve(self.knots or (0.0,), tuple(value + by for value in self.values or (0.0,)))


def pooled(rates: Floats, weights: Floats) -> Floats:
    """The nearest rates, by weighted squares, that never fall (pool adjacent violators; Ayer and others, 1955)."""
    blocks: list[list[float]] = []  # rate, weight, members
    for rate, weight in zip(rates, weights, strict=True):
        blocks.append([float(rate), float(weight), 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            last, before = blocks.pop(), blocks.pop()
            total = before[1] + last[1]
            blocks.append([(before[0] * before[1] + last[0] * last[1]) / total, total, before[2] + last[2]])
    return np.concatenate([np.full(int(members), rate) for rate, _, members in blocks]) if blocks else rates


def curve(odds: Floats, outcome: Bools) -> Curve:
    """What log-odds, of rows that they were not fitted to, should have been: by bins of as many hits each.

    Bins that were pooled are one knot, so that the curve is nowhere flat: it keeps every difference of rank.
    """
    hits = int(outcome.sum())
    bins = min(MOST_BINS, hits // LEAST_HITS)
    if bins < 2:
        return Curve()
    cuts = np.quantile(odds[outcome], np.arange(1, bins) / bins)
    place = np.searchsorted(cuts, odds, side="right")
    predicted = 1 / (1 + np.exp(-odds))
    rows, found, meant = (
        np.bincount(place, weights=each, minlength=bins).astype(float)
        for each in (np.ones(len(odds)), outcome, predicted)
    )
    full = rows > 0
    rows, found, meant = rows[full], found[full], np.maximum(meant[full], EDGE)
    prior = PRIOR_HITS * rows / meant
    rates = pooled((found + PRIOR_HITS) / (rows + prior), rows)
    block = np.cumsum(np.append(False, np.diff(rates) > 0))
    sizes, sums = (np.bincount(block, weights=each) for each in (rows, meant))
    knots, values = log_odds(sums / sizes), log_odds(rates[np.unique(block, return_index=True)[1]])
    is_new = np.append(True, np.diff(knots) > EDGE)
    return Curve(tuple(knots[is_new].tolist()), tuple(values[is_new].tolist()))


def log_odds(p: Floats) -> Floats:
    inside = np.clip(p, EDGE, 1 - EDGE)
    return np.asarray(np.log(inside / (1 - inside)), dtype=np.float64)
