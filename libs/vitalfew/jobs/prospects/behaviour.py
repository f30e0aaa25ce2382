"""The probability of a first order by all that was known before the moment: a calibrated logistic regression."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vitalfew.algorithms.statistics import logistic
from vitalfew.algorithms.statistics.monotone import Curve, curve, log_odds
from vitalfew.dataframes.arrays import Bools, Floats, Ints, Matrix
from vitalfew.jobs.prospects.panel import Panel

FOLDS = 2
PRIOR_ROWS = 50.0
"""As many rows of all does a value of an attribute, or a class of a simple rule, weigh in its own rate."""
LEAST_SCALE = 1.0
"""Of a column: what hardly differs among those learnt from, a rare sign or an attribute that says nothing, would get a
weight without bounds, and judge others by it."""
MOST_ROWS = 120_000
"""From which one regression learns: of more, the first by hash."""
MOST_ODDS = 13.0
"""Nothing is more certain than this, in log-odds: about two in a million."""


@dataclass(frozen=True)
class Model:
    """Log-odds are intercept + the logarithms of 1 + SIGNS @ weights + the contrasts of attributes, then the curve.

    `contrasts` has for each attribute the log-odds by code; `standard` are the weights for one standard deviation.
    """

    intercept: float
    weights: Floats
    contrasts: tuple[Floats, ...]
    calibration: Curve
    standard: Floats

    def raw(self, panel: Panel) -> Floats:
        parts = contrasted(panel.codes, self.contrasts)
        x = np.column_stack([np.log1p(panel.signs.astype(float)), parts])
        return np.asarray(self.intercept + x @ self.weights)

    def probability(self, panel: Panel) -> Floats:
        odds = np.clip(self.calibration.at(self.raw(panel)), -MOST_ODDS, MOST_ODDS)
        return np.asarray(1 / (1 + np.exp(-odds)))

    def moved(self, by: float) -> Model:
        """The same, all log-odds moved."""
        return replace(self, calibration=self.calibration.moved(by))


def fitted(panel: Panel, ordered: Bools, max_values: int) -> Model:
    """The model of `panel`. What attributes say, and the curve, are learnt from other people than they judge."""
    if len(panel) > MOST_ROWS:
        first = np.zeros(len(panel), dtype=bool)
        first[:MOST_ROWS] = True
        panel, ordered = panel.at(first), ordered[:MOST_ROWS]
    fold = folds(panel)
    x = crossed(panel, ordered, fold, max_values)
    odds = np.zeros(len(panel))
    for number in range(FOLDS):
        others, own = fold != number, fold == number
        odds[own] = at(regressed(x[others], ordered[others]), x[own])
    found = regressed(x, ordered)
    spread = x.std(axis=0)
    return Model(
        found.intercept,
        found.weights,
        contrasts(panel, ordered, max_values),
        curve(odds, ordered),
        found.weights * spread,
    )


def folds(panel: Panel) -> Ints:
    """In which part a person is: all their moments in one."""
    return np.asarray((panel.who >> 16) % FOLDS, dtype=np.int64)


def crossed(panel: Panel, ordered: Bools, fold: Ints, max_values: int) -> Matrix:
    """What the regression sees: logarithms of signs, and of attributes what the people of other parts say of them."""
    said = np.zeros(panel.codes.shape)
    for number in range(FOLDS):
        others, own = fold != number, fold == number
        said[own] = contrasted(panel.codes[own], contrasts(panel.at(others), ordered[others], max_values))
    return np.column_stack([np.log1p(panel.signs.astype(float)), said])


def regressed(x: Matrix, ordered: Bools) -> logistic.Fit:
    rate = float(log_odds(np.array([(ordered.sum() + 0.5) / (len(ordered) + 1)]))[0])
    return logistic.fit(x, ordered.astype(float), [rate, *[0.0] * x.shape[1]], least_scale=LEAST_SCALE)


def at(fit: logistic.Fit, x: Matrix) -> Floats:
    return np.asarray(fit.intercept + x @ fit.weights)


def contrasts(panel: Panel, ordered: Bools, max_values: int) -> tuple[Floats, ...]:
    """For each attribute, by code, the log-odds less those of all of whom it is known, drawn to these.

    That an attribute is known says nothing: it may have been asked for with the first order. Nor do rare values.
    """
    found = []
    for place, values in enumerate(panel.values):
        codes = panel.codes[:, place]
        known = codes >= 0
        rows = np.bincount(codes[known], minlength=len(values)).astype(float)
        hits = np.bincount(codes[known], weights=ordered[known], minlength=len(values))
        rate = (hits.sum() + 0.5) / (rows.sum() + 1)
        drawn = log_odds((hits + PRIOR_ROWS * rate) / (rows + PRIOR_ROWS)) - log_odds(np.array([rate]))
        frequent = np.zeros(len(values), dtype=bool)
        frequent[np.argsort(-rows, kind="stable")[:max_values]] = True
        found.append(np.where(frequent & (rows > 0), drawn, 0.0))
    return tuple(found)


def contrasted(codes: Ints, said: tuple[Floats, ...]) -> Matrix:
    """Of each row what its values say; 0 of what is not known."""
    columns = [np.append(by_code, 0.0)[codes[:, place]] for place, by_code in enumerate(said)]
    return np.column_stack(columns) if columns else np.zeros((len(codes), 0))
