"""Mining one group on plain arrays: against every set that there is, in steps of any size, under any cap."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market import naive_itemsets

from vitalfew.algorithms.itemsets import mining
from vitalfew.algorithms.itemsets.group_projections import to_bounds
from vitalfew.algorithms.itemsets.mining import Baskets, Harvest, affordable_floor, mine, pieces

ITEMS = 7
weighted_rows = st.lists(
    st.tuples(st.sets(st.integers(0, ITEMS - 1), min_size=1), st.integers(1, 3)), min_size=1, max_size=30
)


def supports_of(rows: list[tuple[set[int], int]]) -> np.ndarray:
    return np.array([sum(weight for row, weight in rows if item in row) for item in range(ITEMS)])


def as_baskets(rows: list[tuple[set[int], int]]) -> Baskets:
    ranks = np.array([rank for row, _ in rows for rank in sorted(row)], np.uint8)
    return Baskets(ranks, to_bounds(np.array([len(row) for row, _ in rows])), np.array([weight for _, weight in rows]))


def mined(rows: list[tuple[set[int], int]], roots: list[int], harvest: Harvest) -> dict[frozenset[int], int]:
    mine(as_baskets(rows), np.array(roots, np.int64), supports_of(rows), harvest)
    return {
        frozenset(ranks): n
        for sets in harvest.by_size().values()
        for ranks, n in zip(sets.ranks.tolist(), sets.counts.tolist(), strict=True)
    }


def naive(
    rows: list[tuple[set[int], int]], roots: list[int], least: int, longest: int = 99
) -> dict[frozenset[int], int]:
    """Sets of two or more whose rarest item, the one of highest rank, is a root."""
    texts = [[str(item) for item in row] for row, weight in rows for _ in range(weight)]
    every = {frozenset(map(int, items)): n for items, n in naive_itemsets(texts, least, longest).items()}
    return {items: n for items, n in every.items() if len(items) > 1 and max(items) in roots}


@settings(max_examples=60, deadline=None)
@given(rows=weighted_rows, least=st.integers(1, 6), step=st.sampled_from([1, 3, 1_000_000]))
def test_every_frequent_set_is_found_with_its_weight_in_steps_of_any_size(
    rows: list[tuple[set[int], int]], least: int, step: int
) -> None:
    frequent = [item for item in range(ITEMS) if supports_of(rows)[item] >= least]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mining, "STEP", step)
        found = mined(rows, frequent, Harvest(least, 10_000, 99))
    assert found == naive(rows, frequent, least)


@settings(max_examples=30, deadline=None)
@given(rows=weighted_rows, longest=st.integers(1, 4))
def test_no_set_is_longer_than_the_longest(rows: list[tuple[set[int], int]], longest: int) -> None:
    assert mined(rows, list(range(ITEMS)), Harvest(1, 10_000, longest)) == naive(rows, list(range(ITEMS)), 1, longest)


@settings(max_examples=60, deadline=None)
@given(rows=weighted_rows, most=st.integers(1, 40))
def test_under_a_cap_the_best_supported_sets_stay_and_equal_ones_stay_or_go_together(
    rows: list[tuple[set[int], int]], most: int
) -> None:
    harvest = Harvest(1, most, 99)
    found = mined(rows, list(range(ITEMS)), harvest)
    every = naive(rows, list(range(ITEMS)), 1)
    floor = 1
    while sum(n >= floor for n in every.values()) > most:
        floor += 1
    assert harvest.floor == floor
    assert found == {items: n for items, n in every.items() if n >= floor}


def test_a_group_mines_only_sets_whose_rarest_item_it_owns() -> None:
    rows = [({0, 1, 2}, 2), ({0, 2}, 1), ({1, 2}, 1)]
    found = mined(rows, [1], Harvest(1, 100, 99))
    assert found == {frozenset({0, 1}): 2}


def test_equal_rows_of_many_items_cost_no_more_than_the_cap() -> None:
    """Forty items that always go together make 2 ** 40 sets: the floor rises beyond them all, or length ends it."""
    rows = Baskets(np.arange(40, dtype=np.uint8), np.array([0, 40]), np.array([1000]))
    harvest = Harvest(2, 5_000, 40)
    mine(rows, np.arange(40), np.full(40, 1000), harvest)
    assert harvest.by_size() == {}
    assert harvest.floor == 1001
    harvest = Harvest(2, 11_000, 3)
    mine(rows, np.arange(40), np.full(40, 1000), harvest)
    assert {size: sets.counts.size for size, sets in harvest.by_size().items()} == {2: 780, 3: 9880}


def test_the_affordable_floor_is_the_least_that_few_enough_reach() -> None:
    counts = np.array([5, 3, 3, 9, 1])
    assert [affordable_floor(counts, most) for most in (0, 1, 2, 3, 4, 5)] == [10, 6, 4, 4, 2, 0]


@given(sizes=st.lists(st.integers(0, 9), max_size=30), limit=st.integers(1, 20))
def test_pieces_hold_everything_once_and_are_small(sizes: list[int], limit: int) -> None:
    found = list(pieces(np.array(sizes, np.int64), limit))
    covered = Counter(position for first, last in found for position in range(first, last))
    assert set(covered.values()) <= {1}
    assert all(size == 0 for position, size in enumerate(sizes) if position not in covered)
    assert all(sum(sizes[first:last]) < limit + max(sizes[first:last]) for first, last in found)
