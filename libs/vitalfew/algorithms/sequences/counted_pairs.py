"""In how many histories what follows what, and how many would have it by chance: passes over packed histories."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.sequences import own_days
from vitalfew.algorithms.sequences.own_days import Follows, Windows
from vitalfew.algorithms.sequences.patterns import EPOCH, FEW, Packed
from vitalfew.dataframes.arrays import Floats, Ints
from vitalfew.dataframes.collect import collect_table
from vitalfew.dataframes.staging import Stage

log = logging.getLogger(__name__)
CANDIDATES = 1_000_000
"""What may reach the floor and is counted exactly; the floor is raised to keep to it."""


@dataclass(frozen=True)
class Counted:
    """One row per antecedent, consequent (places of items) and window (place of it) that enough histories have.

    n: histories in which B follows A within the window; n_antecedent: those with an A whose window is over. Of those
    with both, B may follow or not in the `open` ones, with probabilities that add up to `chances` / ONE, and must in
    the `certain` ones. floor: the count that a row needed, raised where far too many had it.
    """

    antecedents: Ints
    consequents: Ints
    windows: Ints
    n: Ints
    n_antecedent: Ints
    open: Ints
    certain: Ints
    chances: Ints
    floor: int


def counted_pairs(
    packed: Packed, windows: Sequence[tuple[int, int]], until: date, floor: int, most: int, stage: Stage
) -> Counted:
    """What follows what in at least `floor` histories; as `following`."""
    first, last = zip(*windows, strict=True)
    spans = Windows(first, last, until.toordinal() - EPOCH.toordinal() - packed.first_day)
    names = Follows(len(packed.names), len(windows))
    packs = packed.rows.select("lengths", "days", "items")
    wanted = None
    if names.size > FEW:
        wanted, floor = candidates(packs, names, spans, floor, packed.histories, CANDIDATES)
    exact = packs.mapInArrow(lambda batches: own_days.count(batches, names, spans, wanted), own_days.COUNTED)
    counted = stage(exact.groupBy("follows").agg(F.sum("n").alias("n")).where(F.col("n") >= floor))
    is_pair = F.expr(f"cast(floor(follows / {names.windows}) as bigint) % {names.items + 1} <> {names.items}")
    alone = collected(counted.where(~is_pair), "antecedents", len(packed.names) * len(windows) + 1)
    keys, n = collected(counted.where(is_pair), "what follows what", CANDIDATES)
    a, b, place = names.parts(keys)
    of_a = names.key(a, np.full(a.size, names.items), place)
    given = alone[1][np.searchsorted(alone[0], of_a)] if keys.size else n
    chosen = closest(n / (given * packed.counts[b].astype(np.float64)), most)
    a, b, place, n, given = (column[chosen] for column in (a, b, place, n, given))
    return Counted(a, b, place, n, given, *expected(packs, keys[chosen], names, spans), floor)


def closest(association: Floats, most: int) -> Ints:
    """The places, in rising order, of the `most` highest; of equals the first."""
    return np.sort(np.lexsort((np.arange(association.size), -association))[:most])


def candidates(
    packs: DataFrame, names: Follows, spans: Windows, floor: int, histories: int, most: int
) -> tuple[Ints, int]:
    """The keys, in rising order, of what may reach the floor, and the floor: raised where they are more than `most`."""
    least = (floor, histories)
    found = packs.mapInArrow(lambda batches: own_days.count(batches, names, spans, None, least), own_days.COUNTED)
    at_most = found.groupBy("follows").agg(F.max("n").alias("n"))
    keys, _, raised = pairs(at_most, floor, most)
    return keys, raised


def collected(frame: DataFrame, what: str, at_most: int) -> tuple[Ints, Ints]:
    """Keys in rising order, and their counts."""
    table = collect_table(frame, what, at_most).sort_by("follows")
    return table["follows"].to_numpy().astype(np.int64), table["n"].to_numpy().astype(np.int64)


def pairs(counted: DataFrame, floor: int, most: int) -> tuple[Ints, Ints, int]:
    """The keys and counts of what follows what, and the floor that keeps them to `most`."""
    keys, n = collected(counted.orderBy(F.desc("n"), "follows").limit(most + 1), "what follows what", most + 1)
    if keys.size <= most:
        return keys, n, floor
    raised = int(n.min()) + 1
    log.warning("What follows what now needs %d histories: there were more than %d.", raised, most)
    return keys[n >= raised], n[n >= raised], raised


def expected(packs: DataFrame, wanted: Ints, names: Follows, spans: Windows) -> tuple[Ints, Ints, Ints]:
    """For each key: in how many histories chance decides, in how many it must be so, and the sum of the chances."""
    sums = tuple(np.zeros(wanted.size, np.int64) for _ in range(3))
    if wanted.size:
        made = packs.mapInArrow(lambda batches: own_days.expect(batches, wanted, names, spans), own_days.EXPECTED)
        columns = ("open", "certain", "chances")
        total = made.groupBy("follows").agg(*[F.sum(name).alias(name) for name in columns])
        table = collect_table(total, "what would follow by chance", wanted.size)
        place = np.searchsorted(wanted, table["follows"].to_numpy())
        for column, name in zip(sums, columns, strict=True):
            column[place] = table[name].to_numpy()
    return sums[0], sums[1], sums[2]
