"""No group of few people is shown, and none can be computed from a total and the groups that are shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vitalfew.config.expressions import columns_of
from vitalfew.domain.small_groups import BASKETS, MARGINS, Group, hidden
from vitalfew.suite import TABLES

SIZES = st.lists(st.integers(0, 30), max_size=12)


def row(*sizes: int) -> list[Group]:
    return [Group(number, people, ["all"]) for number, people in enumerate(sizes)]


def test_a_small_group_takes_the_next_smallest_with_it() -> None:
    assert hidden(row(20, 9, 3, 50), 5) == {1, 2}, "3 is read from the total minus 79, unless 9 is hidden too"
    assert hidden(row(20, 9, 2, 4), 5) == {2, 3}, "two that hold six people give nobody away"
    assert hidden(row(20, 9, 1, 2), 5) == {1, 2, 3}, "two that hold three people do"
    assert hidden(row(20, 9, 5), 5) == set()
    assert hidden(row(1, 2), 5) == {0, 1}
    assert hidden([], 5) == set()


@given(SIZES, st.integers(1, 10))
def test_what_is_left_of_a_total_is_nothing_or_enough_people_in_two_groups_or_all(sizes: list[int], least: int) -> None:
    gone = hidden(row(*sizes), least)
    assert {i for i, people in enumerate(sizes) if people < least} <= gone
    if gone and len(gone) < len(sizes):
        assert len(gone) > 1
        assert sum(sizes[i] for i in gone if isinstance(i, int)) >= least


@given(st.lists(st.lists(st.integers(0, 12), min_size=4, max_size=4), min_size=2, max_size=5), st.integers(2, 6))
def test_a_matrix_holds_by_rows_and_by_columns(matrix: list[list[int]], least: int) -> None:
    cells = [
        Group((i, j), people, [("row", i), ("column", j)])
        for i, values in enumerate(matrix)
        for j, people in enumerate(values)
    ]
    gone = hidden(cells, least)
    for total in {total for cell in cells for total in cell.totals}:
        parts = [cell for cell in cells if total in cell.totals]
        away = [cell for cell in parts if cell.key in gone]
        assert not away or len(away) == len(parts) or (len(away) > 1 and sum(cell.people for cell in away) >= least)


def test_the_columns_that_are_named_are_there() -> None:
    for name, (people, margins) in MARGINS.items():
        assert people in TABLES[name].columns
        assert {column for margin in margins for column in margin} <= set(TABLES[name].key)
    for name, baskets in BASKETS.items():
        assert columns_of(baskets)
        assert columns_of(baskets) <= set(TABLES[name].columns)
