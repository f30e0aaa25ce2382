"""How many baskets hold a pair of items: distributed, with a floor and a cap, among all and for each segment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.arrays import AnyInts as Ints
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.exact_shares import exactly, least_count
from vitalfew.dataframes.staging import Stage
from vitalfew.domain.basket_items import with_catalogue
from vitalfew.jobs.affinity.params import AffinityLevel, AffinityParams

ALL = "all"
PARENT = {"product": "category", "category": "department"}


@dataclass(frozen=True)
class Counts:
    """Baskets, items and pairs of one level; a column of each matrix is a group: all, then the segments.

    names and kinds (the category of a product; empty where unknown) of the frequent items, sorted by name; `pairs` has
    two columns of their positions, the first the smaller; they are in `floor` baskets, or of one kind.
    """

    groups: tuple[str, ...]
    baskets: Ints
    names: list[str]
    kinds: list[str]
    items: Ints
    pairs: Ints
    together: Ints
    floor: int


def count(
    level: AffinityLevel,
    sales: DataFrame,
    products: DataFrame,
    segments: tuple[str, ...],
    params: AffinityParams,
    stage: Stage,
) -> Counts:
    """The counts of one level. `sales`: order_id, segment (NULL where unknown), product_ids."""
    held = stage(baskets(level, sales, products, params))
    groups = (ALL, *segments)
    sizes = collect_rows(held.agg(*counts(segments)), "numbers of baskets")[0]
    total = np.array([sizes[f"n{g}"] for g in range(len(groups))], np.int64)
    floor = max(params.min_count, least_count(exactly(params.min_support), int(total[0])))
    single = held.select("segment", F.explode("items").alias("name")).groupBy("name").agg(*counts(segments))
    frequent = sorted(collect_rows(single.where(F.col("n0") >= floor), "frequent items"), key=lambda row: row["name"])
    names = [row["name"] for row in frequent]
    kinds = kinds_of(level, names, products)
    found: list[Row] = []
    if len(names) > 1:
        found = collect_rows(paired(held, names, kinds, segments, floor, stage), "pairs of items")
    found.sort(key=lambda row: (row["one"], row["two"]))
    pairs = np.array([(row["one"], row["two"]) for row in found], np.int64).reshape(-1, 2)
    return Counts(groups, total, names, kinds, matrix(frequent, groups), pairs, matrix(found, groups), floor)


def kinds_of(level: AffinityLevel, names: list[str], products: DataFrame) -> list[str]:
    """What each item is a kind of: the category of a product, the (first) department of a category."""
    if not names:
        return []
    wanted = products.sparkSession.createDataFrame([(name,) for name in names], "name string")
    column = "product_id" if level == "product" else level
    parents = (
        products.select(F.col(column).alias("name"), F.col(PARENT[level]).alias("kind"))
        .join(wanted, on="name", how="left_semi")
        .groupBy("name")
        .agg(F.min("kind").alias("kind"))
    )
    known = {row["name"]: row["kind"] or "" for row in collect_rows(parents, "kinds of items")}
    return [known.get(name, "") for name in names]


def matrix(rows: list[Row], groups: tuple[str, ...]) -> Ints:
    return np.array([[row[f"n{g}"] for g in range(len(groups))] for row in rows], np.int64).reshape(-1, len(groups))


def counts(segments: tuple[str, ...]) -> list[Column]:
    """n0 counts all rows, n1 … those of each segment."""
    of_segments = [F.count_if(F.col("segment") == F.lit(name)) for name in segments]
    return [column.alias(f"n{g}") for g, column in enumerate([F.count(F.lit(1)), *of_segments])]


def baskets(level: AffinityLevel, sales: DataFrame, products: DataFrame, params: AffinityParams) -> DataFrame:
    """order_id, segment, items (distinct); baskets of no item, or more than the cap, left out."""
    sold = sales.select("order_id", "segment", F.explode("product_ids").alias("product_id"))
    known = with_catalogue(sold, products, params)
    name = F.col("product_id" if level == "product" else level)
    held = (
        known.where(name.isNotNull())
        .groupBy("order_id", "segment")
        .agg(F.array_distinct(F.collect_list(name)).alias("items"))
    )
    return held.where(F.size("items") <= params.max_basket_size)


def paired(
    held: DataFrame, names: list[str], kinds: list[str], segments: tuple[str, ...], floor: int, stage: Stage
) -> DataFrame:
    """one, two (positions of names), n0, n1 …: pairs in `floor` baskets, and those of one kind in any."""
    numbered = {kind: number for number, kind in enumerate(sorted({*kinds} - {""}))}
    rows = [(place, name, numbered.get(kind, -1)) for place, (name, kind) in enumerate(zip(names, kinds, strict=True))]
    places = held.sparkSession.createDataFrame(rows, "place int, name string, kind int")
    each = held.select("order_id", "segment", F.explode("items").alias("name")).join(places, on="name", how="inner")
    listed = stage(
        each.groupBy("order_id", "segment")
        .agg(F.collect_list(F.struct("place", "kind")).alias("items"))
        .where(F.size("items") > 1)
    )
    first = listed.select("segment", "items", F.explode("items").alias("one"))
    both = first.select("segment", "one", F.explode("items").alias("two")).where("one.place < two.place")
    flat = both.select(
        "segment",
        F.col("one.place").alias("one"),
        F.col("two.place").alias("two"),
        ((F.col("one.kind") == F.col("two.kind")) & (F.col("one.kind") >= 0)).cast("int").alias("alike"),
    )
    found = flat.groupBy("one", "two").agg(*counts(segments), F.max("alike").alias("alike"))
    return found.where((F.col("n0") >= floor) | (F.col("alike") == 1)).drop("alike")
