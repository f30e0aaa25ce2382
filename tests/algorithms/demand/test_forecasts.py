"""Forecasts as weighted sums: published figures, and a naive implementation week by week on random series."""

from __future__ import annotations

import csv
import lzma
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from vitalfew.algorithms.demand.classes import demand_class
from vitalfew.algorithms.demand.evaluation import judged
from vitalfew.algorithms.demand.forecasts import METHODS, at_origins

DDL = "series string, week int, units double, starts int, gone array<int>"
PRODUCT_C = [
    0,
    2,
    0,
    1,
    0,
    11,
    0,
    0,
    0,
    0,
    2,
    0,
    6,
    3,
    0,
    0,
    0,
    0,
    0,
    7,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    3,
    1,
    0,
    0,
    1,
    0,
    1,
    0,
    0,
]
Found = dict[tuple[str, int], dict[str, Any]]


def demands(spark: SparkSession, series: Mapping[str, Sequence[float]], starts: int | None = None) -> DataFrame:
    """The weeks with a demand; a series starts with its first, or in week `starts`."""
    rows: list[tuple[Any, ...]] = []
    for name, units in series.items():
        first = next(week for week, each in enumerate(units, 1) if each)
        rows += [(name, week, float(each), starts or first, []) for week, each in enumerate(units, 1) if each]
    return spark.createDataFrame(rows, DDL)


def by_method(row: dict[str, Any]) -> dict[str, float]:
    return dict(zip(METHODS, row["means"], strict=True))


@pytest.mark.both_engines
def test_product_c_of_hyndman_and_athanasopoulos(spark: SparkSession) -> None:
    (row,) = at_origins(demands(spark, {"c": PRODUCT_C}, starts=1), [36], 4, 36).collect()
    found = by_method(row.asDict())
    assert found["croston_10"] == pytest.approx(2.750254 / 2.793280, abs=1e-6)
    assert found["croston_10"] == pytest.approx(0.984597, abs=1e-6)
    assert found["sba_10"] == pytest.approx(0.935367, abs=1e-6)
    assert (row["interval"], row["variation"]) == (pytest.approx(3.2727, abs=5e-5), pytest.approx(0.8776, abs=5e-5))
    assert row["actual"] == [None] * 4


def smoothed(values: list[float], rate: float) -> float:
    level = values[0]
    for value in values[1:]:
        level += rate * (value - level)
    return level


def weighted(values: list[float], rate: float) -> float:
    """The mean with weights that fall by `rate` a week: exponential smoothing without a starting value."""
    weights = [(1 - rate) ** (len(values) - 1 - place) for place in range(len(values))]
    return sum(w * value for w, value in zip(weights, values, strict=True)) / sum(weights)


def naive(units: list[float], year_ago: list[float | None]) -> dict[str, Any]:
    """What is known of a series whose weeks are `units`, in plain Python."""
    places = [place for place, each in enumerate(units) if each]
    sizes = [units[place] for place in places]
    gaps = [float(b - a) for a, b in pairwise(places)]
    if places[0]:
        gaps = [places[0] + 1.0, *gaps]
    mean = sum(units[-13:]) / len(units[-13:])
    found = {"zero": 0.0, "naive": units[-1], "mean_13": mean, "seasonal_naive": mean}
    found |= {f"ses_{name}": weighted(units, rate) for name, rate in (("10", 0.1), ("20", 0.2), ("30", 0.3))}
    for name, rate in (("10", 0.1), ("20", 0.2)):
        size = smoothed(sizes, rate)
        croston = size / (smoothed(gaps, rate) if gaps else len(units))
        found |= {f"croston_{name}": croston, f"sba_{name}": croston * (1 - rate / 2)}
        found[f"tsb_{name}"] = size * weighted([float(each > 0) for each in units], rate)
    changes = [(b - a) ** 2 for a, b in pairwise(units)]
    return {
        "age": len(units),
        "demands": len(sizes),
        "total": sum(units),
        "scale": sum(changes) / len(changes) if changes else None,
        "variation": np.var(sizes, ddof=1) / np.mean(sizes) ** 2 if len(sizes) > 1 else None,
        "seasonal": [mean if each is None else each for each in year_ago],
        "means": [found[method] for method in METHODS],
    }


@pytest.mark.parametrize("weeks", [40, 130])
def test_a_naive_implementation_agrees_from_every_origin(spark: SparkSession, weeks: int) -> None:
    random = np.random.default_rng(weeks)
    origins, horizon = [weeks - 12, weeks - 3, weeks], 3
    rows: list[tuple[Any, ...]] = []
    expected: Found = {}
    for number in range(25):
        chance = random.choice([0.02, 0.1, 0.4, 1.0])
        units = np.where(random.random(weeks) < chance, random.integers(1, 9, weeks) / 4, 0.0)
        if not units.any():
            continue
        starts = int(np.flatnonzero(units)[0]) + 1 - (number % 2)  # every second series begins before its first demand
        starts = max(starts, 1)
        out = [week for week in range(starts + 1, weeks + 1) if not units[week - 1] and random.random() < 0.2]
        name = f"s{number}"
        rows += [(name, week, float(units[week - 1]), starts, out) for week in range(1, weeks + 1) if units[week - 1]]
        for origin in origins:
            seen = [float(units[week - 1]) for week in range(starts, origin + 1) if week not in out]
            if any(seen):
                is_old = len(seen) > 52 and origin >= 104
                ago = [float(units[origin + h - 53]) if is_old else None for h in range(1, horizon + 1)]
                ahead = range(origin + 1, origin + horizon + 1)
                actual = [None if w > weeks or w in out else float(units[w - 1]) for w in ahead]
                expected[name, origin] = {**naive(seen, ago), "actual": actual}
    found = at_origins(spark.createDataFrame(rows, DDL), origins, horizon, weeks).collect()
    assert {(row["series"], row["origin"]) for row in found} == expected.keys()
    for row in found:
        for name, value in expected[row["series"], row["origin"]].items():
            known = pytest.approx(value, rel=1e-6, abs=2e-9) if value is not None and None not in [value] else None
            if isinstance(value, list):
                assert [each is None for each in row[name]] == [each is None for each in value]
                pairs = [(a, b) for a, b in zip(row[name], value, strict=True) if b is not None]
                assert [a for a, _ in pairs] == pytest.approx([b for _, b in pairs], rel=1e-6, abs=2e-9), name
            else:
                assert row[name] == known, name


def carparts(shared: Path) -> list[list[float]]:
    with lzma.open(shared / "decisions" / "carparts.csv.xz", "rt") as file:
        rows = [row[1:] for row in list(csv.reader(file))[1:]]
    return [[float(each) for each in row] for row in rows if not {"", "NA"} & {*row}]


def test_carparts_has_the_classes_and_the_errors_that_were_published(spark: SparkSession, shared: Path) -> None:
    series = carparts(shared)
    assert len(series) == 2509
    frame = demands(spark, {str(number): units for number, units in enumerate(series)}, starts=1)
    found = at_origins(frame, [39, 51], 12, 51).withColumn("class", demand_class(F.col("interval"), F.col("variation")))
    rows = found.select("series", "origin", "class", "demands", "scale", "actual").collect()
    classes = Counter(row["class"] for row in rows if row["origin"] == 51)
    assert classes == {"intermittent": 2067, "lumpy": 416, "too_few": 26}
    held = [row for row in rows if row["origin"] == 39 and row["demands"] > 1]
    table = pa.table(
        {
            "series": [row["series"] for row in held],
            "class": ["all"] * len(held),
            "means": [[0.0, sum(series[int(row["series"])][27:39]) / 12] for row in held],
            "seasonal": [[0.0] * 12] * len(held),
            "actual": [row["actual"] for row in held],
            "scale": [row["scale"] for row in held],
            "total": [1.0] * len(held),
            "spread_week": [0.0] * len(held),
            "spread_sum": [0.0] * len(held),
        }
    )
    sums = [row for row in judged(table, ("zero", "mean_12"), (0.1, 0.5, 0.9)).to_pylist() if row["span"] == "weeks"]
    errors = {row["method"]: row["scaled"] / row["weight"] for row in sums}
    assert errors == {"zero": pytest.approx(0.6951, abs=5e-5), "mean_12": pytest.approx(0.6862, abs=5e-5)}
    mean_error = {row["method"]: -row["error"] / row["forecasts"] for row in sums}
    assert mean_error["zero"] == pytest.approx(0.4218, abs=5e-5), "forecasting nothing has the lowest absolute error"
