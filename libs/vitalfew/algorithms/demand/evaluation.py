"""How good forecasts of many series were: sums over the weeks that were held out, in Arrow tables with numpy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vitalfew.algorithms.demand.negative_binomial import quantiles
from vitalfew.dataframes.arrays import Floats, Ints
from vitalfew.dataframes.arrow_columns import coded, whole

SMALL = 1e-9
SUMS = ("weight", "scaled", "series", "forecasts", "error", "actual", "pinball", "inside")
SUMMED = "class string, method string, span string, weeks_ahead int, " + ", ".join(f"{name} double" for name in SUMS)
COUNTED = "class string, span string, widening int, is_newer boolean, forecasts bigint, inside bigint"
WIDENINGS = (1.0, 1.1, 1.2, 1.35, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0)
"""Factors of the variance of a forecast."""


@dataclass(frozen=True)
class Held:
    """Rows of series and origins: n rows, h weeks ahead.

    group: a number for each pair of series and class; classes: the class of each row; means: n x methods; seasonal and
    actual: n x h, NaN where nobody knows; spread: the dispersion of a week and of the sum of h weeks.
    """

    group: Ints
    class_of: Ints
    classes: Sequence[str]
    means: Floats
    seasonal: Floats
    actual: Floats
    scale: Floats
    weight: Floats
    spread: tuple[Floats, Floats]


def held(rows: pa.Table) -> Held:
    """Columns series, class, means, seasonal, actual, scale, total, spread_week, spread_sum."""
    series, classes = coded(whole(rows["series"])), coded(whole(rows["class"]))
    pair = series.ranks * max(1, len(classes.texts)) + classes.ranks
    _, group = np.unique(pair, return_inverse=True)
    return Held(
        group,
        classes.ranks,
        classes.texts.to_pylist(),
        matrix(rows["means"]),
        matrix(rows["seasonal"]),
        matrix(rows["actual"]),
        numbers(rows["scale"]),
        numbers(rows["total"]),
        (numbers(rows["spread_week"]), numbers(rows["spread_sum"])),
    )


def matrix(column: pa.ChunkedArray) -> Floats:
    """A column of lists of one length, as rows."""
    found = whole(column)
    values = found.flatten().cast(pa.float64()).to_numpy(zero_copy_only=False)
    rows: Floats = values.reshape(len(found), -1).astype(np.float64)
    return rows


def numbers(column: pa.ChunkedArray) -> Floats:
    values: Floats = whole(column).cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
    return values


def judged(rows: pa.Table, methods: Sequence[str], asked: Sequence[float], by_week: str = "seasonal_naive") -> pa.Table:
    """SUMMED of the rows (see `held`), by class, method, span and weeks ahead; all rows of a series are in one table.

    `by_week` is the method whose forecasts differ from week to week: those in `seasonal`.
    span `week`: that week alone; `weeks`: each week up to it; `sum`: all weeks up to it together. Of a method:
    weight: units of the series; scaled: the same times its RMSSE, the root of the mean of squared errors over `scale`;
    error: forecast less actual; pinball: mean of the pinball losses of the quantiles `asked`; inside: how often the
    actual lies between the first and the last of them.
    """
    known = held(rows)
    found: list[tuple[str, str, str, int, *tuple[float, ...]]] = []
    for place, method in enumerate(methods):
        is_seasonal = method == by_week
        ahead = known.actual.shape[1]
        mean = known.seasonal if is_seasonal else np.repeat(known.means[:, [place]], ahead, axis=1)
        for span, weeks, sums in of_method(known, mean, is_seasonal, np.array(asked)):
            for number, name in enumerate(known.classes):
                if sums["forecasts"][number]:
                    found.append((name, method, span, weeks, *(float(sums[each][number]) for each in SUMS)))
    return as_table(found, SUMMED)


def of_method(
    known: Held, mean: Floats, is_seasonal: bool, asked: Floats
) -> Iterator[tuple[str, int, dict[str, Floats]]]:
    """The sums of one method by class, for each span."""
    weeks = known.actual.shape[1]
    squares = (mean - known.actual) ** 2 / np.where(known.scale > 0, known.scale, np.nan)[:, None]
    of_weeks = [quantiles_of(mean[:, each], known.spread[0], asked) for each in range(weeks if is_seasonal else 1)]
    each_week = []
    for week in range(weeks):
        bounds = of_weeks[week if is_seasonal else 0]
        sums = sums_of(known, mean[:, week], known.actual[:, week], bounds, asked)
        each_week.append(sums)
        yield "week", week + 1, sums | errors_of(known, squares[:, [week]])
    pooled = {name: np.sum([sums[name] for sums in each_week], axis=0) for name in each_week[0]}
    yield "weeks", weeks, pooled | errors_of(known, squares)
    total, bounds = mean.sum(axis=1), quantiles_of(mean.sum(axis=1), known.spread[1], asked)
    nothing = np.full((len(total), 1), np.nan)
    yield "sum", weeks, sums_of(known, total, known.actual.sum(axis=1), bounds, asked) | errors_of(known, nothing)


def quantiles_of(mean: Floats, spread: Floats, asked: Floats) -> Floats:
    return quantiles(mean, spread, np.broadcast_to(asked, (len(mean), len(asked)))).astype(float)


def sums_of(known: Held, mean: Floats, actual: Floats, bounds: Floats, asked: Floats) -> dict[str, Floats]:
    """By class: how many forecasts, and the sums of errors, actuals, pinball losses and hits."""
    is_known = ~np.isnan(actual)
    everyone = bool(is_known.all())
    of_class = known.class_of if everyone else known.class_of[is_known]
    mean, actual, bounds = (each if everyone else each[is_known] for each in (mean, actual, bounds))
    pinball = np.zeros(len(actual))
    for place, probability in enumerate(asked.tolist()):
        over = actual - bounds[:, place]
        pinball += np.where(over > 0, probability, probability - 1) * over
    inside = (actual >= bounds[:, 0]) & (actual <= bounds[:, -1])
    values = {"error": mean - actual, "actual": actual, "pinball": pinball / len(asked), "inside": inside.astype(float)}
    everything = {"forecasts": np.ones(len(actual))} | values
    return {name: summed_by(of_class, each, len(known.classes)) for name, each in everything.items()}


def errors_of(known: Held, squares: Floats) -> dict[str, Floats]:
    """By class: the series with a scale, their weight, and their RMSSE times it; over all origins of a series."""
    is_known = ~np.isnan(squares)
    groups = int(known.group.max(initial=-1)) + 1
    total = summed_by(known.group, np.where(is_known, squares, 0.0).sum(axis=1), groups)
    count = summed_by(known.group, is_known.sum(axis=1), groups)
    scored = is_known.any(axis=1)
    rows = summed_by(known.group, scored.astype(float), groups)
    weight = summed_by(known.group, np.where(scored, known.weight, 0.0), groups) / np.maximum(rows, 1)
    error: Floats = np.sqrt(total / np.maximum(count, 1))
    class_of = np.zeros(groups, dtype=np.int64)
    class_of[known.group] = known.class_of
    values: dict[str, Floats] = {"weight": weight, "scaled": weight * error, "series": np.minimum(rows, 1.0)}
    return {name: summed_by(class_of, each, len(known.classes)) for name, each in values.items()}


def summed_by(cell: Ints, values: Floats, cells: int) -> Floats:
    """The sums of `values` by cell, from 0 on."""
    found: Floats = np.bincount(cell, weights=values, minlength=cells).astype(np.float64)
    return found


def covered(rows: pa.Table, asked: Sequence[float], middle: int) -> pa.Table:
    """COUNTED: how often the actual lies in the interval, for each of WIDENINGS; origins after `middle` are newer.

    Columns class, origin, mean (lists of weeks), actual, spread_week, spread_sum. An interval that held the actual is
    taken to hold it when it is wider.
    """
    classes = coded(whole(rows["class"]))
    mean, actual = matrix(rows["mean"]), matrix(rows["actual"])
    cell = classes.ranks * 2 + (numbers(rows["origin"]) > middle)
    weeks = mean.shape[1]
    row = np.tile(np.arange(len(mean)), weeks)
    of_weeks = Forecasts(mean.T.ravel(), numbers(rows["spread_week"])[row], actual.T.ravel(), cell[row])
    of_sum = Forecasts(mean.sum(axis=1), numbers(rows["spread_sum"]), actual.sum(axis=1), cell)
    found = []
    for span, forecasts in (("week", of_weeks), ("sum", of_sum)):
        sizes, hits = coverage(forecasts, (min(asked), max(asked)), 2 * len(classes.texts))
        for each in np.flatnonzero(sizes).tolist():
            name, is_newer = classes.texts[each // 2].as_py(), bool(each % 2)
            found += [
                (name, span, place, is_newer, int(sizes[each]), int(inside[each])) for place, inside in enumerate(hits)
            ]
    return as_table(found, COUNTED)


@dataclass(frozen=True)
class Forecasts:
    """Single forecasts, what came (NaN where nobody knows), and a number for what they are counted by."""

    mean: Floats
    spread: Floats
    actual: Floats
    cell: Ints

    def at(self, chosen: Ints) -> Forecasts:
        return Forecasts(self.mean[chosen], self.spread[chosen], self.actual[chosen], self.cell[chosen])


def coverage(forecasts: Forecasts, bounds: tuple[float, float], cells: int) -> tuple[Ints, list[Ints]]:
    """By cell how many forecasts there are, and for each of WIDENINGS how many held what came."""
    left = forecasts.at(np.flatnonzero(~np.isnan(forecasts.actual)))
    sizes = np.bincount(left.cell, minlength=cells)
    hits, held_before = [], np.zeros(cells, dtype=np.int64)
    for factor in WIDENINGS:
        limits = quantiles_of(left.mean, widened(left.spread, left.mean, factor), np.array(bounds))
        inside = (left.actual >= limits[:, 0]) & (left.actual <= limits[:, 1])
        held_before = held_before + np.bincount(left.cell[inside], minlength=cells)
        hits.append(held_before)
        left = left.at(np.flatnonzero(~inside))
    return sizes, hits


def widened(spread: Floats, mean: Floats, factor: float) -> Floats:
    """The dispersion with which the variance is `factor` times that of `spread`."""
    wide: Floats = factor * spread + (factor - 1) / np.maximum(mean, SMALL)
    return np.where(mean > SMALL, wide, spread)


def as_table(rows: Sequence[tuple[object, ...]], ddl: str) -> pa.Table:
    kinds = {"string": pa.string(), "int": pa.int32(), "double": pa.float64(), "bigint": pa.int64()}
    fields = [field.split() for field in ddl.split(", ")]
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(fields)
    return pa.table(
        {
            name: pa.array(values, kinds.get(type_, pa.bool_()))
            for (name, type_), values in zip(fields, columns, strict=True)
        }
    )
