"""Sums of runs are exact, whatever their size and sign, and NULL where they are said to be."""

from __future__ import annotations

import random
from decimal import Decimal
from itertools import groupby

import numpy as np
import pyarrow as pa
import pytest

from vitalfew.dataframes.arrow_columns import coded, lists, ranked, whole
from vitalfew.dataframes.arrow_sums import any_of, known, starts, sums, unscaled
from vitalfew.errors import AnalysisError

MONEY = pa.decimal128(28, 2)
LARGEST = Decimal("9999999999999999.99")


@pytest.mark.parametrize("seed", range(8))
def test_sums_are_those_of_python(seed: int) -> None:
    """Of decimals(18,2) up to the ends of their range: a run of those is more than 64 bits hold."""
    random.seed(seed)
    largest = random.choice([Decimal("12.34"), LARGEST])
    keys = sorted(random.choices(range(30), k=random.randint(1, 400)))
    values = [random.choice([-largest, largest, Decimal(random.randint(-(10**6), 10**6)) / 100]) for _ in keys]
    column = pa.array([None, *values], pa.decimal128(18, 2)).slice(1)  # a slice: its buffer begins elsewhere
    found = sums(unscaled(column), starts(np.array(keys)), MONEY).to_pylist()
    together = groupby(zip(keys, values, strict=True), key=lambda pair: pair[0])
    assert found == [sum(value for _, value in run) for _, run in together]


def test_a_sum_is_null_where_it_is_said_to_be() -> None:
    column = pa.array([Decimal("1.50"), None, Decimal("-2.25")], pa.decimal128(18, 2))
    begins = starts(np.array([7, 7, 9]))
    is_null = any_of(~known(column), begins)
    assert sums(unscaled(column), begins, MONEY).to_pylist() == [Decimal("1.50"), Decimal("-2.25")]
    assert sums(unscaled(column), begins, MONEY, is_null).to_pylist() == [None, Decimal("-2.25")]


@pytest.mark.parametrize("most", [LARGEST, -LARGEST])
def test_a_sum_of_more_digits_than_asked_for_is_an_error_and_never_another_number(most: Decimal) -> None:
    short = pa.decimal128(18, 2)
    column = pa.array([most, most / abs(most) / 100], short)
    assert sums(unscaled(column), starts(np.array([1, 2])), short).equals(column)
    with pytest.raises(AnalysisError, match="more digits than its type"):
        sums(unscaled(column), starts(np.array([1, 1])), short)
    with pytest.raises(AnalysisError, match="more digits than its type"):
        sums(np.array([np.iinfo(np.int64).min]), np.array([0]), short)


def test_nothing_has_no_sums() -> None:
    nothing = np.empty(0, np.int64)
    assert starts(nothing).size == any_of(nothing > 0, nothing).size == 0
    assert sums(nothing, nothing, MONEY) == pa.array([], MONEY)


def test_texts_are_ranked_by_their_bytes_and_null_is_none_of_them() -> None:
    column = pa.array(["b", None, "ä", "a", "b", "Z"])
    found = ranked(column)
    assert found.texts.to_pylist() == ["Z", "a", "b", "ä"]
    assert found.ranks.tolist() == [2, -1, 3, 1, 2, 0]
    assert found.null_last().tolist() == [2, 4, 3, 1, 2, 0]
    assert found.text(found.ranks).equals(column)
    assert found.text(found.null_last()).equals(column)
    nobody = ranked(pa.nulls(2, pa.string()))
    assert nobody.text(nobody.null_last()).to_pylist() == nobody.text(nobody.ranks).to_pylist() == [None, None]


def test_codes_stand_for_texts() -> None:
    column = pa.array(["b", None, "a", "b"])
    found = coded(column)
    assert found.ranks[0] == found.ranks[3] != found.ranks[2]
    assert found.text(found.ranks).equals(column)


def test_lists_are_cut_by_their_lengths() -> None:
    values, lengths = pa.array([1, 2, 3]), np.array([2, 0, 1])
    assert lists(values, lengths).to_pylist() == [[1, 2], [], [3]]
    assert lists(values, lengths, lengths == 0).to_pylist() == [[1, 2], None, [3]]


@pytest.mark.parametrize("chunks", [[], [[1]], [[1], [2, 3]]])
def test_a_column_in_pieces_becomes_one(chunks: list[list[int]]) -> None:
    found = whole(pa.chunked_array([pa.array(chunk, pa.int64()) for chunk in chunks], pa.int64()))
    assert isinstance(found, pa.Array)
    assert found.to_pylist() == [value for chunk in chunks for value in chunk]
