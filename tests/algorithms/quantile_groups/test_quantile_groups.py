"""Groups of like rows against the best of all splits in two, and quantiles of counted amounts against sorted ones."""

from __future__ import annotations

import math
import random
from itertools import combinations

import numpy as np
import pytest

from vitalfew.algorithms.quantile_groups.counted import (
    STEPS,
    Amounts,
    Sizes,
    best_prior,
    estimates,
    judge,
    quantile,
)
from vitalfew.algorithms.quantile_groups.tree import Tree, coded, grow

ROOT = Tree((None,), {}, ({},))


def counted(values: list[float], leaves: list[int], parts: list[int]) -> tuple[Amounts, Sizes]:
    """The bins of positive `values`, and the rows of each leaf and part."""
    bins: dict[tuple[int, int, int], list[float]] = {}
    sizes: dict[tuple[int, int], int] = {}
    for value, leaf, part in zip(values, leaves, parts, strict=True):
        sizes[leaf, part] = sizes.get((leaf, part), 0) + 1
        if value > 0:
            bins.setdefault((leaf, part, math.floor(math.log(value) * STEPS)), []).append(value)
    keys = sorted(bins)
    at, of, numbers = (np.array([key[place] for key in keys], np.int64) for place in range(3))
    counts = np.array([len(bins[key]) for key in keys], np.int64)
    sums, tops = (np.array([fold(bins[key]) for key in keys], float) for fold in (sum, max))
    return Amounts(at, of, numbers, counts, sums, tops), Sizes(sizes)


def test_the_first_split_is_the_best_of_all_splits_of_the_values_in_two() -> None:
    rng = random.Random(3)
    values = [rng.choice("abcde") for _ in range(300)]
    level = {"a": 10, "b": 60, "c": 20, "d": 55, "e": 12}
    response = [level[value] + rng.randrange(30) for value in values]

    def error(rows: list[int]) -> float:
        return float(np.var(rows) * len(rows)) if rows else 0.0

    best = min(
        (frozenset(side) for n in range(1, 5) for side in combinations("abcde", n)),
        key=lambda side: (
            error([y for x, y in zip(values, response, strict=True) if x in side])
            + error([y for x, y in zip(values, response, strict=True) if x not in side]),
            len(side),
        ),
    )
    tree = grow({"x": coded(values, 30, "other")}, np.array(response), 2, 10)
    assert set(tree.splits[0].values) in ({*best}, {*"abcde"} - best)
    assert tree.leaves == [1, 2]
    assert {*tree.allowed[1]["x"], *tree.allowed[2]["x"]} == {*"abcde"}


def test_chance_makes_no_group_and_the_order_of_rows_does_not_matter() -> None:
    rng = random.Random(4)
    rows = [(rng.choice("ab"), rng.choice("cdef"), rng.randrange(100)) for _ in range(400)]
    trees = []
    for order in (rows, rows[::-1]):
        first, second, response = zip(*order, strict=True)
        codes = {"x": coded(list(first), 30, "other"), "y": coded(list(second), 30, "other")}
        trees.append(grow(codes, np.array(response), 8, 20))
    assert trees[0] == trees[1]
    assert trees[0].leaves == [0]


def test_not_knowing_is_no_likeness() -> None:
    """Those of whom nothing is known spend ten times as much: they are no group all the same."""
    values = ["a", "b"] * 100 + [None] * 100
    response = np.array([10, 11] * 100 + [1000] * 100)
    tree = grow({"x": coded(values, 30, "other")}, response, 8, 20)
    assert {value for split in tree.splits.values() for value in split.values} == {"a"}
    assert tree.allowed[tree.splits[0].outside]["x"] == ("b", None)


def test_no_group_is_smaller_than_asked_and_rare_values_are_one() -> None:
    values = ["a"] * 95 + ["b"] * 5 + ["c"] * 100
    response = np.array([10] * 95 + [30] * 5 + [20] * 100)
    tree = grow({"x": coded(values, 2, "other")}, response, 8, 20)
    assert coded(values, 2, "other").values == ["a", "c", "other"]
    assert tree.splits[0].values == ("a",)
    assert len(tree.leaves) == 2  # b alone is too few


def test_a_constant_response_makes_no_group() -> None:
    assert grow({"x": coded(["a", "b"] * 50, 9, "other")}, np.array([7] * 100), 8, 10) == ROOT
    assert grow({"x": coded([], 9, "other")}, np.array([], np.int64), 8, 10) == ROOT


@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_a_quantile_is_that_of_the_sorted_amounts_to_two_percent(share: float) -> None:
    rng = random.Random(5)
    for size in (1, 2, 7, 200):
        values = [max(0.0, round(rng.lognormvariate(5, 1) - 40, 2)) for _ in range(size)]
        amounts, _ = counted(values, [0] * size, [0] * size)
        exact = float(np.quantile(values, share, method="inverted_cdf"))
        assert exact <= quantile(amounts, size, share) <= exact * math.exp(1 / STEPS)


def test_a_small_group_is_drawn_to_the_one_above() -> None:
    tree = grow({"x": coded(["a"] * 50 + ["b"] * 50, 9, "other")}, np.array([1] * 50 + [9] * 50), 2, 10)
    values, leaves = [10.0] * 20 + [100.0] * 80, [1] * 20 + [2] * 80
    amounts, sizes = counted(values, leaves, [0] * 100)
    assert estimates(tree, amounts, sizes, [0], 0.8, 0) == {1: 10.0, 2: 100.0}
    assert estimates(tree, amounts, sizes, [0], 0.8, 20) == {1: (20 * 10 + 20 * 100) / 40, 2: 100.0}
    assert estimates(tree, amounts, sizes, [0], 0.8, math.inf) == {1: 100.0, 2: 100.0}
    assert best_prior(tree, amounts, sizes, ([0], [0]), 0.8, [0.0, 20.0, math.inf]) == 0


def test_the_loss_is_that_of_koenker_and_bassett() -> None:
    values, leaves = [5.0, 10.0, 40.0, 0.0], [0, 0, 0, 0]
    amounts, sizes = counted(values, leaves, [1] * 4)
    found = judge({0: 10.0}, {0: 20.0}, amounts, sizes, [1], 0.8)
    naive = [sum(max(0.8 * (y - f), -0.2 * (y - f)) for y in values) / 4 for f in (10.0, 20.0)]
    assert (found.loss, found.plain_loss) == pytest.approx(tuple(naive))
    assert (found.rows, found.below, found.up_to) == (4, 0.5, 0.75)
    savings = [max(0.8 * (y - 20), -0.2 * (y - 20)) - max(0.8 * (y - 10), -0.2 * (y - 10)) for y in values]
    assert found.saving == pytest.approx(sum(savings) / 4)
    assert found.saving_error == pytest.approx(float(np.std(savings)) / 2)
