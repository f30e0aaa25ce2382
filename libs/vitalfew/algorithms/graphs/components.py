"""Connected components of a graph of any size, from its edges, by randomised contraction.

Bögeholz, Brand & Todor (ICDE 2020): in each round every node takes the name of the neighbour (or of itself) whose hash
is least, nodes of one name become one, and the hash is drawn anew. On average at least a quarter of the nodes
disappear in a round, whatever the graph: chains and stars take as few rounds as anything else. What is left when it
fits into memory is finished on the driver.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.staging import Stage

EDGES_ON_DRIVER = 200_000


def components(edges: DataFrame, stage: Stage, on_driver: int = EDGES_ON_DRIVER) -> DataFrame:
    """`node` and `component`, the least node of its component, for every node of the edges (`a`, `b`: strings)."""
    left = stage(sorted_edges(edges.select("a", "b")))
    names: list[DataFrame] = []
    while (size := count(left)) > on_driver:
        named = stage(contracted(left, round_no=len(names)))
        left = stage(renamed(left, named))
        names.append(named)
    found = on_the_driver(left, size)
    for named in reversed(names):
        ends = found.select(F.col("node").alias("name"), F.col("component").alias("end"))
        joined = named.join(ends, on="name", how="left")
        found = stage(joined.select("node", F.coalesce("end", "name").alias("component")))
    least = found.groupBy("component").agg(F.min("node").alias("least"))
    return found.join(least, on="component", how="inner").select("node", F.col("least").alias("component"))


def sorted_edges(edges: DataFrame) -> DataFrame:
    """Each edge once, `a` before `b`; an edge of a node to itself is none."""
    return edges.select(F.least("a", "b").alias("a"), F.greatest("a", "b").alias("b")).where("a < b").distinct()


def count(edges: DataFrame) -> int:
    return int(collect_rows(edges.agg(F.count(F.lit(1)).alias("n")), "number of edges")[0]["n"])


def contracted(edges: DataFrame, round_no: int) -> DataFrame:
    """`node` and its `name`: of the node and its neighbours the one with the least hash of this round."""
    both = edges.select(F.col("a").alias("node"), F.col("b").alias("other")).unionByName(
        edges.select(F.col("b").alias("node"), F.col("a").alias("other"))
    )
    nearest = both.groupBy("node").agg(F.min(drawn("other", round_no)).alias("near"))
    own = drawn("node", round_no)
    return nearest.select("node", F.least(own, F.col("near"))["name"].alias("name"))


def drawn(column: str, round_no: int) -> Column:
    """To be minimised: the hash of a node, then the node."""
    return F.struct(F.xxhash64(F.col(column), F.lit(round_no)).alias("hash"), F.col(column).alias("name"))


def renamed(edges: DataFrame, names: DataFrame) -> DataFrame:
    """The edges between what the nodes have become."""
    ends = [names.select(F.col("node").alias(end), F.col("name").alias(f"new_{end}")) for end in "ab"]
    joined = edges.join(ends[0], on="a", how="inner").join(ends[1], on="b", how="inner")
    return sorted_edges(joined.select(F.col("new_a").alias("a"), F.col("new_b").alias("b")))


def on_the_driver(edges: DataFrame, size: int) -> DataFrame:
    """`node` and `component` of edges that fit into memory."""
    rows = collect_rows(edges.select("a", "b"), "edges", at_most=max(size, 1))
    found = list(merged((row["a"], row["b"]) for row in rows).items())
    return edges.sparkSession.createDataFrame(found, "node string, component string")


def merged(edges: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Every node with the least node of its component."""
    above: dict[str, str] = {}

    def top(node: str) -> str:
        while above.setdefault(node, node) != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    for a, b in edges:
        first, second = sorted((top(a), top(b)))
        above[second] = first
    return {node: top(node) for node in list(above)}
