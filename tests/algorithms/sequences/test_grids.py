"""Long histories, on grids of bits, give the counts that the same histories give event by event; chance gives no rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from vitalfew.algorithms.sequences import grids, occurrences, own_days
from vitalfew.algorithms.sequences.histories import single
from vitalfew.algorithms.sequences.occurrences import Caps, Level, Spacing
from vitalfew.algorithms.sequences.own_days import ONE, Follows, Windows
from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.algorithms.statistics.unequal_chances import log_upper_bound
from vitalfew.dataframes.arrays import Ints

ITEMS = 9
CAPS = Caps(largest_element=1, most_occurrences=1000)
Counts = Callable[[], Iterator[pa.RecordBatch]]


def packed(rng: np.random.Generator, owners: int = 25, days: int = 200, events: int = 40) -> pa.RecordBatch:
    """Some owners with items on days that chance dealt, as `pack` gives them."""
    rows = np.stack(
        [
            np.repeat(np.arange(owners), events),
            rng.integers(0, days, owners * events),
            rng.integers(-1, ITEMS, owners * events),
        ]
    )
    found = single(*rows[:, np.lexsort(rows[::-1])])
    return pa.record_batch(
        {
            "lengths": [np.bincount(found.owners).astype(np.int32).tobytes()],
            "days": [found.days.astype(np.int32).tobytes()],
            "items": [found.items.astype(np.int32).tobytes()],
        }
    )


def both_ways(counts: Counts, monkeypatch: pytest.MonkeyPatch) -> list[list[dict[str, Any]]]:
    """What is counted where all histories are short, and where all are long."""
    found = []
    for long in (10**9, -1):
        monkeypatch.setattr(grids, "LONG", long)
        monkeypatch.setattr(grids, "WORK_OF_PAIR", 10**9)
        found.append([row for batch in counts() for row in batch.to_pylist()])
    return found


@pytest.mark.parametrize("cells", [1_000_000, 20])
def test_what_follows_what_on_grids_is_what_pairs_of_events_say(monkeypatch: pytest.MonkeyPatch, cells: int) -> None:
    monkeypatch.setattr(grids, "CELLS", cells)
    batch = packed(np.random.default_rng(4))
    names, windows = Follows(ITEMS, 3), Windows((1, 8, 31), (7, 30, 45), until=190)
    short, long = both_ways(lambda: own_days.count([batch], names, windows, None), monkeypatch)
    assert short == long
    assert len(short) > 200
    wanted = np.array(sorted(row["follows"] for row in short)[::3])
    few, same = both_ways(lambda: own_days.count([batch], names, windows, wanted), monkeypatch)
    assert few == same == [row for row in short if row["follows"] in {*wanted.tolist()}]


@pytest.mark.parametrize("spacing", [Spacing(max_gap=9, max_span=15), Spacing(2, 20, 0, 30), Spacing()])
def test_patterns_on_grids_are_those_of_joined_occurrences(monkeypatch: pytest.MonkeyPatch, spacing: Spacing) -> None:
    batch = packed(np.random.default_rng(5))
    two, three, four = levels(batch, spacing)
    for wanted in ([None], [two], [two, three], [two, three, four]):
        asked = [Level(keys) for keys in wanted]
        short, long = both_ways(partial(occurrences.count, [batch], asked, ITEMS, spacing, CAPS), monkeypatch)
        assert short == long
        assert len(short) > 10


def levels(batch: pa.RecordBatch, spacing: Spacing) -> tuple[Ints, Ints, Ints]:
    """Patterns of two, three and four items that are looked for."""
    (found,) = occurrences.count([batch], [Level(None)], ITEMS, spacing, CAPS)
    many = [row for row in found.to_pylist() if row["n"] > 3 and row["parent"] >= 0]
    two = np.array(sorted((row["parent"] * 2 + 1) * ITEMS + row["item"] for row in many), np.int64)
    three = longer(np.arange(two.size), range(0, ITEMS, 2))
    return two, three, longer(np.arange(0, three.size, 2), range(1, ITEMS, 2))


def longer(parents: Ints, items: range) -> Ints:
    return np.array([(parent * 2 + 1) * ITEMS + item for parent in parents.tolist() for item in items], np.int64)


def test_in_fifty_shops_of_chance_no_more_rules_are_found_than_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grids, "LONG", 100)
    names, windows = Follows(ITEMS, 2), Windows((1, 8), (7, 30), until=80)
    wrong = 0
    for seed in range(50):
        batch = packed(np.random.default_rng(seed), owners=60, days=80, events=12)
        (counted,) = own_days.count([batch], names, windows, None)
        n = {row["follows"]: row["n"] for row in counted.to_pylist()}
        _, other, _ = names.parts(np.array(sorted(n)))
        wanted = np.array(sorted(n))[other < ITEMS]
        (chance,) = own_days.expect([batch], wanted, names, windows)
        rows = [(n[row["follows"]] - row["certain"], row["open"], row["chances"] / ONE) for row in chance.to_pylist()]
        q = np.exp(log_false_discovery_rate(log_upper_bound(*(np.array(column) for column in zip(*rows, strict=True)))))
        wrong += bool((q <= 0.05).any())
    assert wrong <= 6  # 2.5 are promised at most: then more than 6 have a chance of 1 in 85
