"""FP-Growth's groups of items: out to wherever they are mined, and what was found back to the driver."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.itemsets.basket_encoding import code_type
from vitalfew.algorithms.itemsets.group_projections import SCHEMA, shard, unpack
from vitalfew.algorithms.itemsets.load_balancing import balance
from vitalfew.algorithms.itemsets.mining import Harvest, Sets, affordable_floor, mine, together
from vitalfew.dataframes.arrays import AnyInts as Ints
from vitalfew.dataframes.collect import collect_rows, collect_table

MINED = "size int, floor bigint, least bigint, most bigint, sets bigint, ranks binary, counts binary"
SETS_PER_ROW = 65_536


def distribute(
    packed: DataFrame, names: pa.Array, supports: Ints, work: Ints, floor: int, longest: int, most_sets: int
) -> DataFrame:
    """Rows of MINED: the frequent sets of two items or more, group by group.

    `packed` are rows of packed baskets; `names`, `supports` and `work` are those of the frequent items, by rank. Each
    group keeps at most `most_sets` sets, and says to what its floor had to rise.
    """
    group_of, groups = balance(work)
    shards = packed.select("names", "codes", "lengths").mapInArrow(
        lambda batches: shard(batches, names, group_of, groups), SCHEMA
    )
    return shards.repartition(groups, "grp").mapInArrow(
        lambda batches: mine_groups(batches, group_of, supports, Harvest(floor, most_sets, longest)), MINED
    )


def mine_groups(
    batches: Iterable[pa.RecordBatch], group_of: Ints, supports: Ints, empty: Harvest
) -> Iterator[pa.RecordBatch]:
    """Rows of MINED from rows of shards, of one group, several or none; each begins with a copy of `empty`."""
    # Spark 3.5 has no groupBy().applyInArrow, hence a partition and what happens to be in it.
    prefixes = unpack(batches, code_type(supports.size))
    for group in sorted(prefixes):
        harvest = copy.deepcopy(empty)
        mine(prefixes.pop(group), np.flatnonzero(group_of == group), supports, harvest)
        yield from rows_of(harvest)


def rows_of(harvest: Harvest) -> Iterator[pa.RecordBatch]:
    """Rows of MINED, each of sets of one size, the most frequent first; one of no sets at all tells the floor."""
    by_size = harvest.by_size()
    yield row_of(0, harvest.floor, Sets(np.zeros((0, 0), np.int32), np.zeros(0, np.int64)))
    for size, sets in by_size.items():
        order = np.argsort(-sets.counts, kind="stable")
        for first in range(0, order.size, SETS_PER_ROW):
            part = order[first : first + SETS_PER_ROW]
            yield row_of(size, harvest.floor, Sets(sets.ranks[part], sets.counts[part]))


def row_of(size: int, floor: int, sets: Sets) -> pa.RecordBatch:
    columns = {
        "size": pa.array([size], pa.int32()),
        "floor": pa.array([floor], pa.int64()),
        "least": pa.array([int(sets.counts.min(initial=np.iinfo(np.int64).max))], pa.int64()),
        "most": pa.array([int(sets.counts.max(initial=0))], pa.int64()),
        "sets": pa.array([sets.counts.size], pa.int64()),
        "ranks": pa.array([sets.ranks.astype(np.int32).tobytes()], pa.binary()),
        "counts": pa.array([sets.counts.tobytes()], pa.binary()),
    }
    return pa.record_batch(list(columns.values()), names=list(columns))


def collect(mined: DataFrame, singles: Ints, floor: int, most_sets: int) -> tuple[dict[int, Sets], int]:
    """The sets by size, and the floor that all sets of all groups reach: the least one that leaves no more than
    `most_sets`, with the `singles` of which only the counts are given.

    `mined` is read twice: what each group could keep may be too much for the driver when it comes from all of them.
    """
    heads = collect_rows(mined.select("floor", "least", "sets"), "groups of itemsets")
    floor = max([floor, *(head["floor"] for head in heads)])
    certain = 0
    for least, sets in sorted(((head["least"], head["sets"]) for head in heads), reverse=True):
        certain += sets
        if certain > most_sets:
            floor = max(floor, least + 1)
    wanted = mined.where((F.col("sets") > 0) & (F.col("most") >= floor)).select("size", "ranks", "counts")
    parts: dict[int, list[Sets]] = {}
    for size, ranks, counts in zip(*(c.to_pylist() for c in collect_table(wanted, "itemsets").columns), strict=True):
        sets = Sets(np.frombuffer(ranks, np.int32).reshape(-1, size), np.frombuffer(counts, np.int64))
        parts.setdefault(size, []).append(sets)
    by_size = {size: together(of_size) for size, of_size in parts.items()}
    counts = np.concatenate([singles, *(sets.counts for sets in by_size.values())])
    floor = max(floor, affordable_floor(counts, most_sets))
    return {size: sets.reaching(floor) for size, sets in by_size.items()}, floor
