"""Gini coefficient and bootstrap intervals, against formulas spelled out."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from vitalfew.algorithms.statistics.inequality import Interval, gini, intervals


@pytest.mark.parametrize(
    ("values", "expected"),
    [([5, 5, 5, 5], 0.0), ([0, 0, 0, 8], 0.75), ([1, 2, 3, 4], 0.25), ([7], 0.0)],
)
def test_gini_is_as_defined(values: list[int], expected: float) -> None:
    weighted = sum(i * x for i, x in enumerate(sorted(values), 1))
    assert gini(weighted, sum(values), len(values)) == expected


def drawn(counts: list[int], values: list[float], resamples: int = 400) -> tuple[Interval, Interval]:
    sums = np.array(counts) * np.array(values)
    return intervals(np.array(counts), sums, top=Fraction(1, 5), resamples=resamples, confidence=0.9, seed=[1])


def test_equal_values_stay_equal_however_they_are_drawn() -> None:
    top, coefficient = drawn([3, 4, 3], [2.0, 2.0, 2.0])
    assert (top.low, top.high) == pytest.approx((0.2, 0.2))
    assert (coefficient.low, coefficient.high) == pytest.approx((0.0, 0.0))


def test_a_resample_is_measured_like_the_values_themselves() -> None:
    """With one resample both ends are its figures; draw the same numbers and measure them one by one."""
    counts, values, n = [1, 1, 1, 4, 3], [90.0, 40.0, 30.0, 5.0, 0.0], 10
    for seed in range(20):
        sums = np.array(counts) * np.array(values)
        top, coefficient = intervals(
            np.array(counts), sums, top=Fraction(1, 5), resamples=1, confidence=0.9, seed=[seed]
        )
        times = np.random.default_rng([seed]).multinomial(n, np.array(counts) / n, size=1)[0]
        sample = np.repeat(values, times)[::-1]
        assert top.low == top.high == pytest.approx(sample[-2:].sum() / sample.sum())
        expected = 2 * (np.arange(1, n + 1) @ sample) / (n * sample.sum()) - (n + 1) / n
        assert coefficient.low == pytest.approx(expected)


def test_resamples_without_any_value_are_left_out() -> None:
    top, _ = drawn([1, 3], [8.0, 0.0])
    assert top.low is not None
    assert top.low >= 0.25
    assert drawn([4], [0.0]) == (Interval(None, None), Interval(None, None))
