"""Baskets with published figures, random ones, and what a naive reading of the definitions makes of them."""

from __future__ import annotations

import lzma
import random
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from vitalfew.algorithms.itemsets.itemsets import Itemsets, named
from vitalfew.dataframes.from_arrow import to_frame

SOLD_ON = date(2025, 1, 1)
AS_OF = date(2025, 1, 2)

Basket = Sequence[str]
Counts = dict[frozenset[str], int]


def groceries(shared: Path) -> list[Basket]:
    return [line.split(",") for line in (shared / "groceries.csv").read_text(encoding="utf-8").splitlines()]


def t10i4d100k(shared: Path) -> list[Basket]:
    with lzma.open(shared / "T10I4D100K.dat.xz", "rt") as lines:
        return [line.split() for line in lines]


def random_baskets(seed: int, baskets: int = 400, items: int = 14) -> list[Basket]:
    """Baskets in which low numbers are frequent and neighbours go together; some are empty, some are alike."""
    rng = random.Random(seed)
    drawn: list[Basket] = []
    for _ in range(baskets):
        first = int(items * rng.random() ** 2)
        near = [(first + step) % items for step in range(3) if rng.random() < 0.6]
        other = [int(items * rng.random() ** 1.5) for _ in range(rng.randrange(5))]
        drawn.append([f"i{number}" for number in sorted({*near, *other})])
    return drawn


def naive_itemsets(baskets: Iterable[Iterable[str | None]], least: int, longest: int = 99) -> Counts:
    """Every set of items that is in `least` baskets at least, by trying all sets of every basket."""
    counts: Counts = {}
    for basket in baskets:
        items = sorted({item for item in basket if item is not None})
        for size in range(1, min(longest, len(items)) + 1):
            for found in combinations(items, size):
                counts[frozenset(found)] = counts.get(frozenset(found), 0) + 1
    return {items: n for items, n in counts.items() if n >= least}


def as_counts(itemsets: Itemsets) -> Counts:
    """Itemsets as a dictionary, with no set in it twice."""
    found = [
        (frozenset(items), n)
        for sets in itemsets.of_size
        for items, n in zip(named(itemsets.names, sets.ranks).to_pylist(), sets.counts.tolist(), strict=True)
    ]
    counts = dict(found)
    assert len(counts) == len(found)
    return counts


def items_frame(spark: SparkSession, baskets: Sequence[Iterable[str | None]]) -> DataFrame:
    """One column, `items`."""
    return to_frame(spark, pa.table({"items": pa.array(baskets, pa.list_(pa.string()))}), "items array<string>")


def sales(spark: SparkSession, baskets: Sequence[Iterable[str | None]]) -> DataFrame:
    """A sale on SOLD_ON for each basket, with the columns of `orders` that baskets are made of."""
    columns = {
        "order_id": [f"o{number}" for number in range(len(baskets))],
        "ordered_on": pa.array([SOLD_ON] * len(baskets), pa.date32()),
        "kind": ["sale"] * len(baskets),
        "product_ids": pa.array(baskets, pa.list_(pa.string())),
    }
    frame = to_frame(
        spark, pa.table(columns), "order_id string, ordered_on date, kind string, product_ids array<string>"
    )
    return frame.selectExpr("*", "order_id as customer_id", "cast(1 as decimal(28,2)) as net_amount")
