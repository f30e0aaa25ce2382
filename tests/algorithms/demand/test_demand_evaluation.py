"""Sums over past forecasts: a naive implementation forecast by forecast agrees."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from vitalfew.algorithms.demand.evaluation import SUMS, WIDENINGS, covered, judged

ASKED = (0.1, 0.5, 0.9)
H = 3


def rows(seed: int) -> list[dict[str, Any]]:
    random = np.random.default_rng(seed)
    found = []
    for series in range(12):
        for origin in (10, 13, 16):
            mean = float(random.exponential(3))
            actual = [None if random.random() < 0.1 else float(random.poisson(mean)) for _ in range(H)]
            found.append(
                {
                    "series": f"s{series}",
                    "class": "smooth" if (series + origin) % 3 else "lumpy",
                    "origin": origin,
                    "means": [0.0, mean, -1.0],
                    "seasonal": [float(random.poisson(2)) for _ in range(H)],
                    "mean": [mean] * H,
                    "actual": actual,
                    "scale": None if series == 3 else float(random.exponential(2)),
                    "total": float(random.integers(1, 50)),
                    "spread_week": float(random.exponential(0.3)),
                    "spread_sum": float(random.exponential(0.1)),
                }
            )
    return found


def quantile(mean: float, spread: float, probability: float) -> float:
    return float(stats.nbinom.ppf(probability, 1 / spread, 1 / (1 + spread * mean))) if mean else 0.0


def naive(given: list[dict[str, Any]], method: str) -> dict[tuple[str, str, int], dict[str, float]]:
    sums: dict[tuple[str, str, int], dict[str, float]] = defaultdict(lambda: dict.fromkeys(SUMS, 0.0))
    squares: dict[tuple[str, str, str, int], list[float]] = defaultdict(list)
    weights: dict[tuple[str, str, str, int], dict[int, float]] = defaultdict(dict)
    for number, row in enumerate(given):
        mean = {"zero": [0.0] * H, "mean": row["mean"], "seasonal_naive": row["seasonal"]}[method]
        told = [("week", h + 1, mean[h], row["actual"][h], row["spread_week"]) for h in range(H)]
        told += [("weeks", H, mean[h], row["actual"][h], row["spread_week"]) for h in range(H)]
        whole = None if None in row["actual"] else sum(row["actual"])
        told.append(("sum", H, sum(mean), whole, row["spread_sum"]))
        for span, weeks, forecast, actual, spread in told:
            if actual is None:
                continue
            at = sums[row["class"], span, weeks]
            ends = [quantile(forecast, spread, p) for p in ASKED]
            at["forecasts"] += 1
            at["error"] += forecast - actual
            at["actual"] += actual
            at["pinball"] += (
                sum(max(p * (actual - q), (p - 1) * (actual - q)) for p, q in zip(ASKED, ends, strict=True)) / 3
            )
            at["inside"] += ends[0] <= actual <= ends[2]
            if row["scale"] and span != "sum":
                key = (row["series"], row["class"], span, weeks)
                squares[key].append((forecast - actual) ** 2 / row["scale"])
                weights[key][number] = row["total"]
    for (series, name, span, weeks), errors in squares.items():
        weight = float(np.mean([*weights[series, name, span, weeks].values()]))
        at = sums[name, span, weeks]
        at["weight"] += weight
        at["scaled"] += weight * float(np.sqrt(np.mean(errors)))
        at["series"] += 1
    return sums


def test_a_naive_implementation_agrees() -> None:
    given = rows(1)
    found = judged(pa.Table.from_pylist(given), ("zero", "mean", "seasonal_naive"), ASKED).to_pylist()
    for method in ("zero", "mean", "seasonal_naive"):
        mine = {(row["class"], row["span"], row["weeks_ahead"]): row for row in found if row["method"] == method}
        expected = naive(given, method)
        assert mine.keys() == expected.keys()
        for key, sums in expected.items():
            assert {name: mine[key][name] for name in SUMS} == pytest.approx(sums, rel=1e-9, abs=1e-9), (method, key)


def test_coverage_counts_older_and_newer_days_apart_and_rises_with_the_width() -> None:
    given = rows(5)
    found = covered(pa.Table.from_pylist(given), ASKED, 13).to_pylist()
    for name in ("smooth", "lumpy"):
        for is_newer in (False, True):
            mine = [row for row in given if row["class"] == name and (row["origin"] > 13) == is_newer]
            for span in ("week", "sum"):
                counts = [
                    row for row in found if (row["class"], row["span"], row["is_newer"]) == (name, span, is_newer)
                ]
                hits = [row["inside"] for row in sorted(counts, key=lambda row: row["widening"])]
                assert len(hits) == len(WIDENINGS)
                assert hits == sorted(hits)
                assert {row["forecasts"] for row in counts} == {sum(1 for _ in forecasts(mine, span))}
                inside = [quantile(m, s, 0.1) <= a <= quantile(m, s, 0.9) for m, s, a in forecasts(mine, span)]
                assert hits[0] == sum(inside)


def forecasts(given: list[dict[str, Any]], span: str) -> list[tuple[float, float, float]]:
    """Mean, dispersion and actual of all forecasts that can be checked."""
    if span == "week":
        return [
            (m, r["spread_week"], a)
            for r in given
            for m, a in zip(r["mean"], r["actual"], strict=True)
            if a is not None
        ]
    return [(sum(r["mean"]), r["spread_sum"], sum(r["actual"])) for r in given if None not in r["actual"]]


def test_a_wider_interval_has_the_variance_it_says() -> None:
    mean, spread, factor = 7.0, 0.3, 2.5
    row = {"class": "smooth", "origin": 1, "spread_week": spread, "spread_sum": spread, "mean": [mean]}
    variance = factor * (mean + spread * mean**2)
    wide = (variance - mean) / mean**2
    edge = quantile(mean, wide, 0.9)
    assert edge > quantile(mean, quantile_before := (2.0 * (mean + spread * mean**2) - mean) / mean**2, 0.9)
    assert quantile_before < wide
    found = covered(pa.Table.from_pylist([{**row, "actual": [edge]}]), ASKED, 0).to_pylist()
    first = min(r["widening"] for r in found if r["span"] == "week" and r["inside"])
    assert WIDENINGS[first] == factor
