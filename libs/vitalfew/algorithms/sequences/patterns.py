"""Frequent ordered patterns of any number of histories, with least and greatest gap and span, distributed.

Level by level, as GSP and cSPADE (Zaki, CIKM 2000): histories are packed once, each level is one pass over them in
which Arrow workers follow all occurrences of the frequent prefixes, and counts are added up by the engine. A pattern is
looked for where its prefix and its suffix are frequent: leaving out the first or the last item changes no gap.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.sequences import histories, occurrences
from vitalfew.algorithms.sequences.occurrences import EMPTY, Caps, Level, Spacing
from vitalfew.dataframes.arrays import Ints
from vitalfew.dataframes.collect import collect_rows, collect_table
from vitalfew.dataframes.staging import Stage

log = logging.getLogger(__name__)

Elements = tuple[tuple[int, ...], ...]
"""A pattern: items by their places, those of one day in one element, in rising order."""
EPOCH = date(1970, 1, 1)
CANDIDATES = 20
"""This many times as many patterns of two items as may be found are counted exactly."""


FEW = 500_000
"""No more keys than that are all counted, without a pass that looks for candidates."""


@dataclass(frozen=True)
class Limits:
    """What keeps mining small.

    longest: items of a pattern; largest_element: items of one element; most_items: frequent ones, and most_patterns: of
    two items and more, else the count that they need is raised; most_events: of one history, the latest;
    most_occurrences: of one pattern in it.
    """

    longest: int
    largest_element: int
    most_items: int
    most_patterns: int
    most_events: int
    most_occurrences: int


@dataclass(frozen=True)
class Packed:
    """Histories as rows of `histories.SCHEMA`, and what was counted of them.

    names: the frequent items in the order of their places; counts: in how many histories each is. days: from the first
    to the last. capped: histories that were longer than allowed; left_out: events that are therefore not looked at.
    """

    rows: DataFrame
    names: pa.Array
    counts: Ints
    histories: int
    events: int
    first_day: int
    days: int
    capped: int
    left_out: int
    requested: int
    floor: int


@dataclass(frozen=True)
class Found:
    """The patterns with the number of histories that have them; the count that a pattern needed, and what was cut off.

    cut_off: how often a pattern had more occurrences in one history than are followed.
    """

    counts: Mapping[Elements, int]
    floor: int
    cut_off: int = 0
    reasons: tuple[str, ...] = ()


def pack(events: DataFrame, least: Callable[[int], int], limits: Limits, stage: Stage) -> Packed:
    """`events` (owner string, day date, item string; NULL where nothing on the day counts) as packed histories.

    Events may repeat, and are read three times. Frequent are the items that are in at least `least(number of
    histories)` of them; if there are more than `most_items`, the count that they need is raised.
    """
    numbered = events.select("owner", F.datediff("day", F.lit(EPOCH)).alias("day"), "item")
    totals = numbered.agg(
        F.count_distinct("owner").alias("owners"),
        F.count(F.lit(1)).alias("events"),
        F.min("day").alias("first_day"),
        F.max("day").alias("last_day"),
    )
    (row,) = collect_rows(totals, "number of histories")
    requested = floor = max(1, least(row["owners"]))
    of_item = numbered.where("item is not null").groupBy("item").agg(F.count_distinct("owner").alias("n"))
    frequent = of_item.where(F.col("n") >= floor).orderBy(F.desc("n"), "item").limit(limits.most_items + 1)
    table = collect_table(frequent, "frequent items").sort_by([("n", "descending"), ("item", "ascending")])
    counts = table["n"].to_numpy().astype(np.int64)
    if counts.size > limits.most_items:
        floor = int(counts[limits.most_items]) + 1
        counts = counts[counts >= floor]
    names = pa.array(table["item"].to_pylist()[: counts.size], pa.string())
    first_day, most = row["first_day"] or 0, limits.most_events
    packed = stage.by_key(
        numbered,
        "owner",
        row["events"],
        lambda part: histories.pack(part, names, first_day, most),
        histories.SCHEMA,
    )
    (capped,) = collect_rows(packed.agg(F.sum("capped").alias("n"), F.sum("left_out").alias("events")), "capped")
    days = (row["last_day"] or 0) - first_day + 1
    return Packed(
        packed,
        names,
        counts,
        row["owners"],
        row["events"],
        first_day,
        days,
        capped["n"] or 0,
        capped["events"] or 0,
        requested,
        floor,
    )


def frequent_patterns(packed: Packed, spacing: Spacing, limits: Limits) -> Found:
    """All patterns that are in as many histories as an item has to be, single items included.

    Counted is a history in which the pattern occurs with all gaps and the span as asked for.
    """
    items = len(packed.names)
    parents: list[Elements] = [((place,),) for place in range(items)]
    found = {one: (int(n), int(n)) for one, n in zip(parents, packed.counts, strict=True)}
    every, levels = dict(found), list[Level]()
    floor, cut_off = packed.floor, 0
    for length in range(2, limits.longest + 1):
        if not parents:
            break
        if length > 2:
            keys: Ints | None = joined(parents, found, items)
        elif 2 * items**2 <= FEW:
            keys = None
        else:
            keys, floor = candidates(packed, floor, spacing, limits)
        if keys is not None and not keys.size:
            break
        counted, cut = passed(packed, [*levels, Level(keys)], floor, spacing, limits)
        cut_off += cut
        several = sorted([n for pattern, (n, _) in every.items() if size(pattern) > 1] + [row[3] for row in counted])
        if len(several) > limits.most_patterns:
            floor = several[-limits.most_patterns - 1] + 1
        counted = sorted(row for row in counted if row[3] >= floor)
        longer = [with_item(parents[parent], item, is_later) for parent, is_later, item, *_ in counted]
        found = {pattern: (row[3], row[4]) for pattern, row in zip(longer, counted, strict=True)}
        every.update(found)
        parents = longer
        levels.append(Level(np.array([key_of(*row[:3], items) for row in counted], np.int64)))
    reasons = [f"more than {limits.most_patterns:,} patterns would have been found"] if floor > packed.floor else []
    if reasons:
        log.warning("A pattern now needs %d histories, not %d: %s.", floor, packed.floor, reasons[0])
    counts = {pattern: n for pattern, (_, n) in every.items() if n >= (floor if size(pattern) > 1 else packed.floor)}
    if spacing.min_span:  # one day has no span
        counts = {pattern: n for pattern, n in counts.items() if len(pattern) > 1}
    return Found(counts, floor, cut_off, tuple(reasons))


Counted = tuple[int, bool, int, int, int]
"""Place of the parent, whether the item is of a later day, the item, histories, and histories with the least span."""


def size(pattern: Elements) -> int:
    """How many items it has."""
    return sum(map(len, pattern))


def with_item(pattern: Elements, item: int, is_later: bool) -> Elements:
    """`pattern` with one more item, on a later day or in the last element."""
    return (*pattern, (item,)) if is_later else (*pattern[:-1], (*pattern[-1], item))


def key_of(parent: int, is_later: bool, item: int, items: int) -> int:
    return (parent * 2 + is_later) * items + item


def suffix(pattern: Elements) -> Elements:
    """`pattern` without its first item."""
    first, *rest = pattern
    return (first[1:], *rest) if len(first) > 1 else tuple(rest)


def joined(parents: Sequence[Elements], found: Mapping[Elements, object], items: int) -> Ints:
    """The keys, in rising order, of what may be frequent: the prefix is, and so is the suffix.

    `parents` are the frequent patterns of one length, by their places; `found` has the same.
    """
    continuations: dict[Elements, list[tuple[bool, int]]] = {}
    for pattern in found:
        last = pattern[-1]
        is_later = len(last) == 1
        prefix = pattern[:-1] if is_later else (*pattern[:-1], last[:-1])
        continuations.setdefault(prefix, []).append((is_later, last[-1]))
    keys = [
        key_of(parent, *continuation, items)
        for parent, pattern in enumerate(parents)
        for continuation in continuations.get(suffix(pattern), ())
    ]
    return np.sort(np.array(keys, np.int64))


def candidates(packed: Packed, floor: int, spacing: Spacing, limits: Limits) -> tuple[Ints, int]:
    """The keys, in rising order, of the patterns of two items that may reach `floor`, and the floor: raised where they
    are far more than may be found."""
    most = CANDIDATES * limits.most_patterns
    least = (floor, packed.histories)
    found = counted_by(packed, [Level(None)], spacing, limits, least).where(F.col("parent") != EMPTY)
    at_most = found.groupBy("parent", "is_later", "item").agg(F.max("n").alias("n"))
    order = [F.desc("n"), F.asc("parent"), F.asc("is_later"), F.asc("item")]
    table = collect_table(at_most.orderBy(*order).limit(most + 1), "patterns of two items that may be frequent")
    parent, is_later, item, n = (table[name].to_numpy().astype(np.int64) for name in at_most.columns)
    raised = floor if n.size <= most else int(n.min()) + 1
    keys = (parent * 2 + is_later) * len(packed.names) + item
    return np.sort(keys[n >= raised]), raised


def counted_by(
    packed: Packed, levels: Sequence[Level], spacing: Spacing, limits: Limits, least: tuple[int, int] | None = None
) -> DataFrame:
    """Rows of `occurrences.SCHEMA`, of one pass over the histories."""
    items, caps = len(packed.names), Caps(limits.largest_element, limits.most_occurrences)
    return packed.rows.select("lengths", "days", "items").mapInArrow(
        lambda batches: occurrences.count(batches, levels, items, spacing, caps, least), occurrences.SCHEMA
    )


def passed(
    packed: Packed, levels: Sequence[Level], floor: int, spacing: Spacing, limits: Limits
) -> tuple[list[Counted], int]:
    """One pass over the histories: what reaches `floor` of the last of `levels`, and how often something was cut off.

    Of more patterns than allowed, one more than that, the most frequent first.
    """
    total = (
        counted_by(packed, levels, spacing, limits)
        .groupBy("parent", "is_later", "item")
        .agg(F.sum("n").alias("n"), F.sum("n_spanning").alias("n_spanning"))
    )
    kept = total.where((F.col("n") >= floor) | (F.col("parent") == EMPTY))
    order = [F.asc(F.col("parent") != EMPTY), F.desc("n"), F.asc("parent"), F.asc("is_later"), F.asc("item")]
    table = collect_table(kept.orderBy(*order).limit(limits.most_patterns + 2), "frequent patterns")
    columns = (table[name].to_pylist() for name in ("parent", "is_later", "item", "n", "n_spanning"))
    rows: list[Counted] = list(zip(*columns, strict=True))
    return [row for row in rows if row[0] != EMPTY], sum(row[3] for row in rows if row[0] == EMPTY)
