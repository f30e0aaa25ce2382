"""Gaps are counted as a naive loop counts them, and their spread is found although some have not ended."""

from __future__ import annotations

import random
from itertools import pairwise
from math import log

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from vitalfew.algorithms.clv.gap_spread import maximised
from vitalfew.algorithms.clv.gap_statistics import LOGS, MEASURED, measured, statistics, with_gap_statistics
from vitalfew.jobs.next_purchase.gap_model import EDGE

NAMES = [part.split()[0] for part in MEASURED.split(", ")]


def naive(days: list[int]) -> dict[str, float | int | None]:
    logs = [log(b - a) for a, b in pairwise(days)]
    known: list[float | None] = [*logs, None, None, None]
    values = [sum(logs), sum(each**2 for each in logs), *known[:3], logs[-1] if logs else None]
    return {"gaps": len(logs), "first_day": days[0], "last_day": days[-1], **dict(zip(LOGS, values, strict=True))}


def lists(seed: int) -> list[list[int]]:
    rng = random.Random(seed)
    return [sorted(rng.sample(range(100, 900), rng.choice([1, 1, 2, 3, 4, 5, 60]))) for _ in range(80)]


@pytest.mark.parametrize("seed", range(3))
def test_statistics_are_those_of_a_loop(seed: int) -> None:
    known = lists(seed)
    columns = statistics(pa.array(known, pa.list_(pa.int32())))
    found = [dict(zip(NAMES, row, strict=True)) for row in zip(*(c.to_pylist() for c in columns), strict=True)]
    assert found == [
        {name: value if value is None else pytest.approx(value, abs=1e-6) for name, value in naive(days).items()}
        for days in known
    ]


def test_a_slice_of_a_batch_and_an_empty_one_are_counted() -> None:
    known = pa.array(lists(4), pa.list_(pa.int32()))
    whole, part = statistics(known), statistics(known.slice(30, 7))
    assert [c.to_pylist() for c in part] == [c.slice(30, 7).to_pylist() for c in whole]
    assert [len(c) for c in statistics(known.slice(0, 0))] == [0] * len(NAMES)


def test_a_batch_keeps_its_other_columns_in_their_order() -> None:
    batch = pa.RecordBatch.from_pydict({"who": ["ann"], "days": pa.array([[1, 8]], pa.list_(pa.int32())), "x": [2]})
    assert measured(batch, 1).schema.names == ["who", "x", *NAMES]


@pytest.mark.both_engines
def test_a_frame_keeps_its_other_columns(spark: SparkSession) -> None:
    frame = spark.createDataFrame(
        [("ann", [1, 8, 22], 1.5), ("bob", [5], 2.5)], "who string, days array<int>, x double"
    )
    found = {row["who"]: row.asDict() for row in with_gap_statistics(frame, "days").collect()}
    assert [*found["ann"]] == ["who", "x", *NAMES]
    assert (found["ann"]["x"], found["ann"]["gaps"], found["ann"]["log_last"]) == (1.5, 2, pytest.approx(log(14)))
    assert (found["bob"]["gaps"], found["bob"]["log_1"]) == (0, None)


def test_gaps_that_have_not_ended_lengthen_what_is_foretold() -> None:
    """Half of 4,000 gaps are seen only if they end soon; a tenth of all never end."""
    rng = np.random.default_rng(6)
    z, cut = rng.normal(size=4000), rng.normal(0.3, 1.0, size=4000)
    never = rng.random(4000) < 0.1
    bins = np.clip(np.floor(20 * z), -EDGE, EDGE - 1).astype(int) + EDGE
    cuts = np.clip(np.floor(20 * cut), -EDGE, EDGE - 1).astype(int) + EDGE
    is_seen = (z < cut) & ~never
    seen = np.bincount(bins[is_seen], minlength=2 * EDGE).astype(float)
    silent = np.bincount(cuts[~is_seen], minlength=2 * EDGE).astype(float)
    shares, leave = maximised(seen[np.newaxis], silent[np.newaxis], np.zeros(2 * EDGE))
    share = shares[0]
    assert leave[0] == pytest.approx(0.1, abs=0.05)
    middles = (np.arange(-EDGE, EDGE) + 0.5) / 20
    assert share.sum() == pytest.approx(1)
    assert seen @ middles / seen.sum() < -0.25
    assert abs(share @ middles) < 0.1
