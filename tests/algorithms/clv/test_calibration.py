"""How far classes are off, beyond chance: a naive sum, robust for small classes, and no larger for more customers."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest

from vitalfew.algorithms.clv.calibration import class_deviations


def w(predicted: Sequence[float], actual: Sequence[float], squares: Sequence[float]) -> float:
    parts = class_deviations(*(np.array(each, float) for each in (predicted, actual, squares)))
    return float(np.sqrt(parts.sum()))


def naive(predicted: list[float], actual: list[float], squares: list[float]) -> float:
    """Cohen's w of the shares, class by class, less two standard errors."""
    total = 0.0
    for foretold, came, square in zip(predicted, actual, squares, strict=True):
        share, expected = came / sum(actual), foretold / sum(predicted)
        beyond = max(abs(share - expected) - 2 * square**0.5 / sum(actual), 0)
        total += beyond * beyond / max(expected, 1 / sum(actual))
    return float(total**0.5)


@pytest.mark.parametrize("seed", range(20))
def test_it_is_the_effect_size_that_a_naive_loop_finds(seed: int) -> None:
    rng = random.Random(seed)
    n = rng.randint(1, 9)
    predicted = [rng.choice([0.01, 3.0, 200.0]) * rng.random() for _ in range(n)]
    actual = [float(rng.randint(0, 300)) for _ in range(n - 1)] + [5.0]
    squares = [rng.random() * 400 for _ in range(n)]
    assert w(predicted, actual, squares) == pytest.approx(naive(predicted, actual, squares))


def test_without_chance_it_is_the_w_of_the_textbook() -> None:
    """Shares of 0.4, 0.3 and 0.3 where thirds are expected: the root of the sum of (p - p0)^2 / p0."""
    assert w([50, 50, 50], [40, 30, 30], [0, 0, 0]) == pytest.approx((0.02**0.5) / 1.0, rel=1e-9)


def test_what_is_off_in_all_classes_alike_is_no_question_of_classes() -> None:
    assert w([30, 60, 90], [10, 20, 30], [0, 0, 0]) == pytest.approx(0, abs=1e-9)


def test_a_few_orders_of_a_small_class_are_chance_and_of_a_large_one_are_not() -> None:
    rare = ([0.2, 99.8], [3.0, 97.0], [3.0, 90.0])
    assert w(*rare) == 0
    assert w(*([1000 * each for each in part] for part in rare)) > 0.5


def test_a_tiny_difference_stays_tiny_however_many_customers_there_are() -> None:
    for size in (1e3, 1e6, 1e9):
        assert w([0.51 * size, 0.49 * size], [0.5 * size, 0.5 * size], [size, size]) < 0.03


def test_where_nothing_was_foretold_or_came_there_are_no_shares_to_compare() -> None:
    assert w([0, 0], [1, 2], [0, 0]) == w([1, 2], [0, 0], [0, 0]) == 0
    assert w([0, 10], [5, 5], [0, 0]) > 1, "a class of which nothing was foretold"


def test_fits_in_use_and_unusable_ones_lie_far_apart() -> None:
    """BG/NBD in the hold-out of CDNOW (273 days), and in a generated shop whose rare customers have all left."""
    cdnow: tuple[list[float], ...] = (
        [317.6, 229.7, 223.4, 152.0, 134.2, 100.8, 101.6, 394.1],
        [334, 306, 298, 156, 157, 112, 112, 407],
        [821.2, 717.5, 721.0, 330.4, 463.3, 316.7, 1233.1, 1491.0],
    )
    generated: tuple[list[float], ...] = (
        [221.8, 315.8, 423.1, 502.7, 395.2, 278.5, 100.5, 10947.4],
        [0, 1, 31, 58, 50, 37, 22, 9956],
        [35.9, 79.6, 177.6, 293.7, 253.3, 210.1, 89.1, 22403.2],
    )
    assert w(*cdnow) < 0.05
    assert w(*generated) == pytest.approx(0.352, abs=0.001)
