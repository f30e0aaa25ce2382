"""The probability of an order within 30, 90 and 365 days, with the proof from earlier days.

It is the mean of two that err in different ways. What was learnt from earlier days (`Formula`) knows how this shop's
customers come back, but nothing of a silence or an age that those days had not seen yet. The model (`by_model`) goes
on beyond what was seen, but has a form that a shop may not have. Equal weights are hard to beat: Clemen (1989),
"Combining forecasts: A review and annotated bibliography", International Journal of Forecasting 5(4). A model that is
far off on the earlier days has no part in it.
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


def mixed(learnt: Any, model: Any, share: float) -> Any:
    """Of two probabilities, the second with the weight `share`."""
    return learnt * (1.0 - share) + model * share


def share_of_model(learnt: Floats, model: Floats, came: Floats, table: Floats) -> float:
    """The weight of the model: one half, or none where the mean errs more than what was learnt by TOLERANCE.

    By less it may: the same customers come before each earlier day, so what was learnt has an advantage there that it
    will not have on the next day. Where what was learnt errs less than the table, the mean must too.
    """
    together, alone, of_table = (brier(each, came) for each in (mixed(learnt, model, 0.5), learnt, table))
    most = alone * (1 + TOLERANCE)
    return 0.5 if together <= (min(most, of_table) if alone <= of_table else most) else 0.0


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
    share: float
    """The weight of the model beside the formula."""
    rows: list[dict[str, Any]]
    is_published: bool


def calibrated(origins: Sequence[Origin], horizons: Sequence[int], model: str) -> dict[int, Calibrated]:
    """For each of RETURN_DAYS that was measured from two origins or more."""
    found = {}
    for days in RETURN_DAYS:
        column = list(horizons).index(days)
        seen = [each for each in origins if each.measured[column] and model in each.orders]
        if len(seen) >= FEWEST_ORIGINS:
            found[days] = one(seen, column, days, model)
    return found


def one(seen: Sequence[Origin], column: int, days: int, model: str) -> Calibrated:
    """Each origin is told by the formula of the others with the model, and by the table of the others."""
    known = [measured(each, each.orders[model][:, column]) for each in seen]
    came = [(each.came[:, column] > 0).astype(float) for each in seen]
    groups = [table_group(each) for each in seen]
    by_formula, by_table = [], []
    model_says = np.concatenate([told_by_model(each, column, model) for each in seen])
    for position in range(len(seen)):
        others = [n for n in range(len(seen)) if n != position]
        y = np.concatenate([came[n] for n in others])
        by_formula.append(formula(together([known[n] for n in others]), y).of(known[position]))
        by_table.append(rates(np.concatenate([groups[n] for n in others]), y)[groups[position]])
    learnt, table, actual = (np.concatenate(part) for part in (by_formula, by_table, came))
    share = share_of_model(learnt, model_says, actual, table)
    predicted = mixed(learnt, model_says, share)
    error, of_table = (brier(each, actual) for each in (predicted, table))
    rows = reliability(predicted, actual, days, len(seen), error, of_table)
    return Calibrated(formula(together(known), actual), share, rows, error <= of_table)


def measured(origin: Origin, scores: Floats) -> list[Floats]:
    """The measures of the customers of an origin."""
    known = origin.known
    silent, repeats, recency = (each.astype(float) for each in (known.silent, known.repeats, known.recency))
    return measures(scores, silent, repeats, recency, ARRAYS)


def together(parts: Sequence[Sequence[Floats]]) -> list[Floats]:
    """The measures of several origins."""
    return [np.concatenate(each) for each in zip(*parts, strict=True)]


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


def still_there() -> Column:
    """The probability that a customer comes back at all, by which status, next step and value at stake go.

    p_return_365; where no earlier day shows it, p_alive, which cannot be observed, or a measured p_return if that is
    more: who returns within 90 days returns.
    """
    measured = [F.col(f"p_return_{days}") for days in RETURN_DAYS[:-1]]
    return F.coalesce(F.col(f"p_return_{RETURN_DAYS[-1]}"), F.greatest("p_alive", *measured))


def columns(found: Mapping[int, Calibrated], orders: Mapping[int, Column]) -> list[Column]:
    """p_return_30, p_return_90 and p_return_365, each at least that of the shorter one; NULL where not measured."""
    told: list[Column] = []
    shorter: list[Column] = []
    for days in RETURN_DAYS:
        if days not in found or not found[days].is_published:
            told.append(F.lit(None).cast("double").alias(f"p_return_{days}"))
            continue
        model = by_model(orders[days], F.col("p_alive"), F.col("repeats").cast("double"), COLUMNS)
        own = mixed(found[days].formula.column(orders[days]), model, found[days].share)
        raised = reduce(lambda a, b: F.greatest(a, b), [*shorter, own])
        shorter.append(own)
        told.append(raised.alias(f"p_return_{days}"))
    return told
