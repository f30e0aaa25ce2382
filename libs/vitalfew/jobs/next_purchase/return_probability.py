"""The probability of an order within 30, 90 and 365 days, with the proof from earlier days.

What was learnt from earlier days (`Formula`) knows how this shop's customers come back, but nothing of a silence or an
age that those days had not seen yet. Two others have learnt nothing from those days. The model (`by_model`) goes on
beyond what was seen, but has a form that a shop may not have. The customers' own gaps (`gap_returns`) know when the
next order is due, and how surely, but nothing of a rate that changes. The better of the two stands beside the formula,
with equal weights, which are hard to beat: Clemen (1989), "Combining forecasts: A review and annotated bibliography",
International Journal of Forecasting 5(4). Where gaps err less than the formula, they stand alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import combinations_with_replacement
from typing import Any, NamedTuple

import numpy as np
from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.algorithms.statistics import logistic
from vitalfew.dataframes.arrays import Floats, Ints
from vitalfew.jobs.next_purchase.origins import Origin
from vitalfew.jobs.next_purchase.scoring import RETURNS

RETURN_DAYS = (30, 90, 365)
GROUPS = 10
FEWEST_ORIGINS = 2
FREQUENCIES, RECENCIES = 5, 5
WEIGHT = 5.0
"""How many customers the mean of all counts for, in the rate of a cell of the table."""
LEAST_ORDERS = 0.01
OUTERMOST = 0.02
"""The share of customers at either end of a measure who are taken for those next to them."""
TERMS = 15
SILENCE = 1
"""Of the measures, that of the days silent."""
TOLERANCE = 0.02
MODEL, GAPS = "model", "gaps"
"""What stands beside the formula."""
NEVER = 1e-300
"""Below every probability: nothing is divided by zero."""


class By(NamedTuple):
    """Functions of what a measure is held in: an array, or a column."""

    log: Callable[[Any], Any]
    exp: Callable[[Any], Any]
    least: Callable[[Any, float], Any]
    most: Callable[[Any, float], Any]
    inverse: Callable[[Any], Any]
    """A power of columns, not a division: see `ratio_to_digits`."""


ARRAYS = By(np.log, np.exp, np.minimum, np.maximum, np.reciprocal)
COLUMNS = By(
    F.log,
    F.exp,
    lambda one, n: F.least(one, F.lit(n)),
    lambda one, n: F.greatest(one, F.lit(n)),
    lambda one: F.pow(one, F.lit(-1.0)),
)


def measures(score: Any, silent: Any, repeats: Any, recency: Any, by: By) -> list[Any]:
    """Logarithms of orders expected, days silent, repeats, and days silent as multiples of the mean gap."""
    lateness = silent * repeats * by.inverse(by.most(recency, 1.0))
    return [by.log(score + LEAST_ORDERS), by.log(silent + 1.0), by.log(repeats + 1.0), by.log(lateness + 1.0)]


def terms(known: Sequence[Any], by: By) -> list[Any]:
    """What the log-odds are linear in: the measures, their squares and products, and whether there was a repeat."""
    is_repeated = by.least(known[2] / math.log(2.0), 1.0)
    return [*known, *(one * other for one, other in combinations_with_replacement(known, 2)), is_repeated]


def by_model(orders: Any, alive: Any, repeats: Any, by: By) -> Any:
    """The probability of at least one order, from the expected number of `orders` and the probability `alive`.

    A customer who is alive buys at a rate that is gamma distributed, so the number of purchases is negative binomial.
    Its shape is `repeats` + 1: a prior that is worth one purchase.
    """
    shape = repeats + 1.0
    if_alive = orders * by.inverse(by.most(alive, NEVER))
    none = by.exp(by.log(if_alive * by.inverse(shape) + 1.0) * -shape)
    return alive * (none * -1.0 + 1.0)


def mixed(learnt: Any, other: Any, share: float) -> Any:
    """Of two probabilities, the second with the weight `share`."""
    return learnt * (1.0 - share) + other * share


@dataclass(frozen=True)
class Told:
    """What was said of the customers of one earlier day before it was known who came."""

    on: int
    learnt: Floats | None
    """By the formula of the days whose customers had come, or not, before this one; None where there is none."""
    beside: Mapping[str, Floats]
    came: Floats

    def by_other(self, used: Verdict) -> Floats:
        """By what stands beside the formula; by the model, where that says nothing on this day."""
        return self.beside.get(used.beside, self.beside[MODEL])


@dataclass(frozen=True)
class Verdict:
    """What stands beside the formula, and its weight."""

    beside: str
    share: float


def verdict(told: Sequence[Told], shorter: Verdict | None) -> Verdict:
    """What is to stand beside the formula, and whether with one half, alone, or not at all: by squared errors.

    On days that a formula could be made for from what was known then: on others it has seen the same customers, and
    the same weeks, of which it is told. Without such days a horizon goes by the `shorter` one, if there is one.
    """
    judged = [each for each in told if each.learnt is not None]
    if not judged and shorter is not None:
        return shorter
    errors = errors_of(judged or told)
    best = GAPS if errors.get(GAPS, math.inf) < errors[MODEL] else MODEL
    if not judged:
        return Verdict(best, 0.5)
    learnt = np.concatenate([each.learnt for each in judged if each.learnt is not None])
    came = np.concatenate([each.came for each in judged])
    alone = brier(learnt, came)
    if best == GAPS and errors[GAPS] <= (1 - TOLERANCE) * alone:
        return Verdict(GAPS, 1.0)
    together = brier(mixed(learnt, np.concatenate([each.beside[best] for each in judged]), 0.5), came)
    return Verdict(best, 0.5 if together <= (1 + TOLERANCE) * alone else 0.0)


def errors_of(told: Sequence[Told]) -> dict[str, float]:
    """The mean square errors of what may stand beside the formula, where it says something on every day."""
    came = np.concatenate([each.came for each in told])
    return {
        name: brier(np.concatenate([each.beside[name] for each in told]), came)
        for name in (MODEL, GAPS)
        if all(name in each.beside for each in told)
    }


def brier(predicted: Floats, came: Floats) -> float:
    """The mean square error of probabilities."""
    return float(np.mean((predicted - came) ** 2))


@dataclass(frozen=True)
class Formula:
    """Log-odds of an order within a horizon: intercept + weights @ terms, of measures from `low` to `high`.

    Beyond the longest silence that was seen, the odds fall as one over the silence, as they do where customers buy at
    rates of their own that are gamma distributed.
    """

    intercept: float
    weights: Floats
    low: Floats
    high: Floats

    def of(self, known: Sequence[Floats]) -> Floats:
        """The probability, of `measures`."""
        odds = self.intercept + np.column_stack(terms(self.seen(known, ARRAYS), ARRAYS)) @ self.weights
        odds = odds - self.unseen_silence(known, ARRAYS)
        return np.asarray(1.0 / (1.0 + np.exp(-odds)))

    def column(self, score: Column) -> Column:
        """As `of`, for customers with `repeats`, `silent_days` and `recency_days`; NULL where the score is."""
        silent, repeats, recency = (F.col(name).cast("double") for name in ("silent_days", "repeats", "recency_days"))
        known = measures(score, silent, repeats, recency, COLUMNS)
        found = terms(self.seen(known, COLUMNS), COLUMNS)
        odds = F.lit(self.intercept)
        for weight, term in zip(self.weights.tolist(), found, strict=True):
            odds = odds + F.lit(weight) * term
        odds = odds - self.unseen_silence(known, COLUMNS)
        return F.when(score.isNotNull(), COLUMNS.inverse(F.lit(1.0) + F.exp(-odds)))

    def seen(self, known: Sequence[Any], by: By) -> list[Any]:
        """Beyond what was seen of many nothing is known, and a square turns: there the nearest that is known holds."""
        limits = zip(known, self.low.tolist(), self.high.tolist(), strict=True)
        return [by.most(by.least(each, high), low) for each, low, high in limits]

    def unseen_silence(self, known: Sequence[Any], by: By) -> Any:
        """The logarithm of the silence as a multiple of the longest that was seen; 0 for a shorter one."""
        return by.most(known[SILENCE] - float(self.high[SILENCE]), 0.0)


def formula(known: Sequence[Floats], came: Floats) -> Formula:
    """Logistic regression of `came` (0 or 1) on the terms of `measures`, held within all but their outermost values."""
    low, high = np.quantile(np.column_stack(known), [OUTERMOST, 1.0 - OUTERMOST], axis=0)
    unfitted = Formula(0.0, np.zeros(TERMS), low, high)
    fit = logistic.fit(np.column_stack(terms(unfitted.seen(known, ARRAYS), ARRAYS)), came, [0.0] * (TERMS + 1))
    return replace(unfitted, intercept=fit.intercept, weights=fit.weights)


@dataclass(frozen=True)
class Calibrated:
    """Of one horizon: what it is drawn from today, the rows of PURCHASE_RELIABILITY, and whether it is published."""

    formula: Formula
    beside: str
    """MODEL or GAPS."""
    share: float
    """The weight of what stands beside the formula."""
    rows: list[dict[str, Any]]
    is_published: bool


def calibrated(origins: Sequence[Origin], horizons: Sequence[int], model: str) -> dict[int, Calibrated]:
    """For each of RETURN_DAYS that was measured from two origins or more."""
    found: dict[int, Calibrated] = {}
    last: Verdict | None = None
    for days in RETURN_DAYS:
        column = list(horizons).index(days)
        seen = [each for each in origins if each.measured[column] and model in each.orders]
        if len(seen) >= FEWEST_ORIGINS:
            found[days] = one(seen, column, days, model, last)
            last = Verdict(found[days].beside, found[days].share)
    return found


def one(seen: Sequence[Origin], column: int, days: int, model: str, shorter: Verdict | None = None) -> Calibrated:
    """What the forward order of the days says is used; each tenth of proof is told by the formula of the other days."""
    known = [measured(each, each.orders[model][:, column]) for each in seen]
    came = [(each.came[:, column] > 0).astype(float) for each in seen]
    beside = [told_beside(each, column, model) for each in seen]
    groups = [table_group(each) for each in seen]
    forward = [earlier_formula(seen, known, came, position, days) for position in range(len(seen))]
    told = [Told(each.on, *of_it) for each, of_it in zip(seen, zip(forward, beside, came, strict=True), strict=True)]
    used = verdict(told, shorter)
    by_used, by_table = [], []
    for position in range(len(seen)):
        others = [n for n in range(len(seen)) if n != position]
        y = np.concatenate([came[n] for n in others])
        by_table.append(rates(np.concatenate([groups[n] for n in others]), y)[groups[position]])
        own = told[position].by_other(used)
        learnt = own if used.share == 1 else formula(together([known[n] for n in others]), y).of(known[position])
        by_used.append(mixed(learnt, own, used.share))
    predicted, actual = np.concatenate(by_used), np.concatenate(came)
    errors = forward_errors(seen, told, groups, used, days)
    error, of_table = errors or (brier(predicted, actual), brier(np.concatenate(by_table), actual))
    rows = reliability(predicted, actual, days, len(seen), error, of_table)
    return Calibrated(formula(together(known), actual), used.beside, used.share, rows, error <= of_table)


def forward_errors(
    seen: Sequence[Origin], told: Sequence[Told], groups: Sequence[Ints], used: Verdict, days: int
) -> tuple[float, float] | None:
    """The mean square errors of what is used and of the table, each day from the days whose horizon was over by then.

    None where fewer than FEWEST_ORIGINS days have such days. The days around a day would tell the table more of it than
    anybody knew then.
    """
    by_used, by_table, came = [], [], []
    for each, group in zip(told, groups, strict=True):
        past = earlier(seen, each.on, days)
        if each.learnt is not None:
            before = (np.concatenate([of_day[n] for n in past]) for of_day in (groups, [one.came for one in told]))
            by_table.append(rates(*before)[group])
            by_used.append(mixed(each.learnt, each.by_other(used), used.share))
            came.append(each.came)
    if len(came) < FEWEST_ORIGINS:
        return None
    actual = np.concatenate(came)
    return brier(np.concatenate(by_used), actual), brier(np.concatenate(by_table), actual)


def earlier(seen: Sequence[Origin], on: int, days: int) -> list[int]:
    """Positions of the days whose horizon was over by the day `on`."""
    return [n for n, each in enumerate(seen) if each.on + days <= on]


def earlier_formula(
    seen: Sequence[Origin], known: Sequence[Sequence[Floats]], came: Sequence[Floats], position: int, days: int
) -> Floats | None:
    """What the formula of the days whose horizon was over by then says of those of the origin at `position`."""
    past = earlier(seen, seen[position].on, days)
    if not past:
        return None
    return formula(together([known[n] for n in past]), np.concatenate([came[n] for n in past])).of(known[position])


def measured(origin: Origin, scores: Floats) -> list[Floats]:
    """The measures of the customers of an origin."""
    known = origin.known
    silent, repeats, recency = (each.astype(float) for each in (known.silent, known.repeats, known.recency))
    return measures(scores, silent, repeats, recency, ARRAYS)


def together(parts: Sequence[Sequence[Floats]]) -> list[Floats]:
    """The measures of several origins."""
    return [np.concatenate(each) for each in zip(*parts, strict=True)]


def told_beside(origin: Origin, column: int, model: str) -> dict[str, Floats]:
    """The probabilities by the model, and by the customers' own gaps where anybody had come back."""
    of_gaps = {} if origin.by_gaps is None else {GAPS: origin.by_gaps[:, column]}
    return {MODEL: told_by_model(origin, column, model)} | of_gaps


def told_by_model(origin: Origin, column: int, model: str) -> Floats:
    """As `by_model`, of the customers of an origin."""
    repeats = origin.known.repeats.astype(float)
    return np.asarray(by_model(origin.orders[model][:, column], origin.alive[model], repeats, ARRAYS))


def table_group(origin: Origin) -> Ints:
    """The cell of each customer in a table of recency (fifths) by frequency (0, 1, 2, 3, 4 or more repeats)."""
    silent = origin.known.silent
    edges = np.quantile(silent, np.linspace(0, 1, RECENCIES + 1)[1:-1])
    return np.asarray(np.searchsorted(edges, silent) * FREQUENCIES + np.minimum(origin.known.repeats, FREQUENCIES - 1))


def rates(group: Ints, came: Floats) -> Floats:
    """The share that came, of every cell of the table."""
    size = FREQUENCIES * RECENCIES
    n, hits = np.bincount(group, minlength=size), np.bincount(group, weights=came, minlength=size)
    return np.asarray((hits + WEIGHT * came.mean()) / (n + WEIGHT))


def reliability(
    predicted: Floats, actual: Floats, days: int, origins: int, error: float, of_table: float
) -> list[dict[str, Any]]:
    """Rows of PURCHASE_RELIABILITY: tenths of the customers by what was predicted."""
    order = np.argsort(predicted, kind="stable")
    rows = []
    for number, part in enumerate(np.array_split(order, GROUPS), start=1):
        if len(part):
            rows.append(
                {
                    "horizon_days": days,
                    "tenth": number,
                    "customers": len(part),
                    "predicted": float(predicted[part].mean()),
                    "actual": float(actual[part].mean()),
                    "origins": origins,
                    "brier": error,
                    "brier_of_table": of_table,
                    "is_published": error <= of_table,
                }
            )
    return rows


def by_gaps(found: Mapping[int, Calibrated]) -> bool:
    """Whether anything that is published goes by the customers' own gaps."""
    return any(each.is_published and each.beside == GAPS and each.share > 0 for each in found.values())


def column_of(found: Calibrated, days: int, orders: Column) -> Column:
    """p_return of one horizon, from expected `orders` and, where it goes by them, RETURNS."""
    if found.beside == GAPS and found.share > 0:
        other = F.col(RETURNS)[RETURN_DAYS.index(days)]
    else:
        other = by_model(orders, F.col("p_alive"), F.col("repeats").cast("double"), COLUMNS)
    return other if found.share == 1 else mixed(found.formula.column(orders), other, found.share)


def columns(found: Mapping[int, Calibrated], orders: Mapping[int, Column]) -> list[Column]:
    """p_return_30, p_return_90 and p_return_365, each at least that of the shorter one; NULL where not measured."""
    told: list[Column] = []
    shorter: list[Column] = []
    for days in RETURN_DAYS:
        if days not in found or not found[days].is_published:
            told.append(F.lit(None).cast("double").alias(f"p_return_{days}"))
            continue
        own = column_of(found[days], days, orders[days])
        raised = reduce(lambda a, b: F.greatest(a, b), [*shorter, own])
        shorter.append(own)
        told.append(raised.alias(f"p_return_{days}"))
    return told
