"""Baskets on their way to the groups that mine them: packed once, ranked, merged, cut into prefixes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from vitalfew.algorithms.itemsets import basket_encoding, group_projections
from vitalfew.algorithms.itemsets.basket_encoding import code_type, pack
from vitalfew.algorithms.itemsets.group_projections import shard, unpack
from vitalfew.algorithms.itemsets.item_groups import mine_groups
from vitalfew.algorithms.itemsets.mining import Harvest


def batches(*parts: list[list[str | None] | None]) -> list[pa.RecordBatch]:
    return [pa.record_batch([pa.array(part, pa.list_(pa.string()))], names=["items"]) for part in parts]


def counted(packed: list[pa.RecordBatch]) -> dict[str, tuple[int, int]]:
    """Of each item, baskets and items in them; 0, 0 where a chunk saw the item only in oversized baskets."""
    found: dict[str, tuple[int, int]] = {}
    for row in pa.Table.from_batches(packed).to_pylist():
        for name, n, basket_items in zip(row["names"], row["n"], row["basket_items"], strict=True):
            before = found.get(name, (0, 0))
            found[name] = (before[0] + n, before[1] + basket_items)
    return found


def test_an_item_that_stands_twice_counts_once_and_null_not_at_all() -> None:
    packed = list(pack(batches([["b", "a", "b", None], ["a", "a"], [None], [], None]), 10))
    assert counted(packed) == {"a": (2, 3), "b": (1, 2)}
    assert [row["baskets"] for row in packed[0].to_pylist()] == [2]


def test_oversized_baskets_are_counted_by_their_distinct_items_and_left_out() -> None:
    packed = list(pack(batches([["a", "b", "a", "b"], ["a", "b", "c"], ["c"]]), 2))
    assert counted(packed) == {"a": (1, 2), "b": (1, 2), "c": (1, 1)}
    assert [(row["baskets"], row["oversized"]) for row in packed[0].to_pylist()] == [(2, 1)]


def test_single_items_are_counted_but_sent_no_further() -> None:
    (row,) = pack(batches([["a"], ["b", "a"]]), 10)
    assert np.frombuffer(row["lengths"][0].as_py(), np.int32).tolist() == [2]


def test_chunks_of_any_size_count_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = batches([["a", "b"], ["c", "a"]], [["b"]], [], [["a", "d"]])
    whole = counted(list(pack(parts, 10)))
    monkeypatch.setattr(basket_encoding, "CHUNK", 1)
    pieces = list(pack(parts, 10))
    assert len(pieces) > 2
    assert counted(pieces) == whole == {"a": (3, 6), "b": (2, 3), "c": (1, 2), "d": (1, 2)}


def test_a_slice_of_a_batch_is_read_as_that_slice() -> None:
    (batch,) = batches([["x", "y"], ["a", "b"], ["z"]])
    assert counted(list(pack([batch.slice(1, 1)], 10))) == {"a": (1, 2), "b": (1, 2)}


@pytest.mark.parametrize(("names", "width"), [(1, 1), (255, 1), (256, 2), (65_535, 2), (65_536, 4)])
def test_codes_are_as_wide_as_the_number_of_names_needs(names: int, width: int) -> None:
    assert code_type(names).itemsize == width


@pytest.mark.parametrize("emitted", [1, 4_000_000])
def test_each_group_gets_prefixes_up_to_its_last_item_and_equal_baskets_once(
    emitted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_projections, "EMITTED", emitted)
    packed = list(pack(batches([["c", "a", "b"], ["b", "rare", "a", "c"], ["d", "a"], ["a", "rare"]]), 10))
    names, group_of = pa.array(["a", "b", "c", "d"]), np.array([0, 1, 0, 1])
    sent = list(shard(packed, names, group_of, 2))
    found = unpack(sent, code_type(4))
    rows = {
        group: sorted(
            (tuple(row.tolist()), weight)
            for row, weight in zip(np.split(baskets.ranks, baskets.bounds[1:-1]), baskets.weights.tolist(), strict=True)
        )
        for group, baskets in found.items()
    }
    assert rows == {0: [((0, 1, 2), 2)], 1: [((0, 1), 2), ((0, 3), 1)]}


def test_baskets_of_rare_items_alone_send_nothing() -> None:
    packed = list(pack(batches([["x", "y"]]), 10))
    assert list(shard(packed, pa.array(["a", "b"]), np.array([0, 0]), 1)) == []


def test_a_partition_may_hold_several_groups_or_none() -> None:
    packed = list(pack(batches([["a", "b", "c"], ["a", "b"], ["b", "c"]]), 10))
    names, group_of, supports = pa.array(["b", "a", "c"]), np.array([0, 1, 0]), np.array([3, 2, 2])
    sent = list(shard(packed, names, group_of, 2))
    found = [row for batch in mine_groups(sent, group_of, supports, Harvest(1, 100, 9)) for row in batch.to_pylist()]
    assert [(row["size"], row["sets"], row["most"], row["least"]) for row in found if row["sets"]] == [
        (2, 2, 2, 1),
        (3, 1, 1, 1),
        (2, 1, 2, 2),
    ]
    assert [row["floor"] for row in found if not row["sets"]] == [1, 1]
    assert list(mine_groups([], group_of, supports, Harvest(1, 100, 9))) == []


def test_each_group_has_a_harvest_of_its_own() -> None:
    packed = list(pack(batches([["a", "b", "c"], ["a", "b"], ["b", "c"]]), 10))
    names, group_of, supports = pa.array(["b", "a", "c"]), np.array([0, 1, 0]), np.array([3, 2, 2])
    sent = list(shard(packed, names, group_of, 2))
    found = [row for batch in mine_groups(sent, group_of, supports, Harvest(1, 1, 9)) for row in batch.to_pylist()]
    assert [(row["floor"], row["size"]) for row in found] == [(2, 0), (2, 2), (1, 0), (1, 2)]
