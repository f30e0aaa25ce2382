"""PageRank of a graph of any size, to its fixpoint and not for a fixed number of rounds.

Brin & Page (1998). A node gives `damping` of its score to the nodes that it links to, in proportion to the weights of
its links; the rest comes from outside. Two flavours are published:

- `normalised`: scores are chances and add up to 1. What a node without links has goes to all nodes alike.
- GraphX, Neo4j: the rest is `1 - damping` for each node, and what a node without links has is lost.

A round makes the error `damping` times as large at most, so that the change of a round bounds what is left of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.graphs.links import LINKS_ON_DRIVER, Nodes, ends, fitting
from vitalfew.dataframes.arrays import Floats
from vitalfew.dataframes.arrow_columns import whole
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.from_arrow import large_frame
from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.staging import Stage
from vitalfew.errors import AnalysisError

SCORES = "node string, score double"


@dataclass(frozen=True)
class Ranking:
    """Which flavour, and when a score is one: `tolerance` bounds the error of all scores together, as a share of it."""

    damping: float = 0.85
    is_normalised: bool = True
    tolerance: float = 1e-10
    most_rounds: int = 2_000

    def from_outside(self, nodes: int, lost: float) -> float:
        """What a node has without any link to it, of what the nodes without links have too."""
        return (1 - self.damping + self.damping * lost) / nodes if self.is_normalised else 1 - self.damping

    def start(self, nodes: int) -> float:
        """What every node has before the first round."""
        return 1 / nodes if self.is_normalised else 1.0

    def is_done(self, change: float, total: float) -> bool:
        """Whether the round that changed the scores by so much in all was the last."""
        return change * self.damping <= self.tolerance * (1 - self.damping) * total

    def unfinished(self) -> AnalysisError:
        return AnalysisError(
            f"PageRank: the scores still change after {self.most_rounds:,} rounds. "
            "Raise the tolerance, or lower the damping."
        )


def page_rank(links: DataFrame, stage: Stage, how: Ranking = Ranking(), on_driver: int = LINKS_ON_DRIVER) -> DataFrame:
    """`node` and `score` of every node of the links: `a` links to `b` (strings) with a `weight` (a double above 0).

    Several links from one node to another count as one of their weights together. AnalysisError where `most_rounds` do
    not reach the tolerance.
    """
    found = fitting(links.select("a", "b", "weight"), "links", on_driver)
    if found is None:
        return on_the_engine(links, stage, how)
    nodes, scores = on_the_driver(found, how)
    table = pa.table({"node": nodes.texts, "score": pa.array(scores)})
    return large_frame(links.sparkSession, table, SCORES, stage)


def on_the_driver(links: pa.Table, how: Ranking) -> tuple[Nodes, Floats]:
    """The nodes and their scores; sums are made in the order of the links' ends, whatever order the links come in."""
    nodes, start, end = ends(links, ("a", "b"))
    if not len(nodes):
        return nodes, np.empty(0)
    weight = whole(links.column("weight")).to_numpy(zero_copy_only=False)
    order = np.lexsort((weight, start, end))
    start, end, weight = start[order], end[order], weight[order]
    n = len(nodes)
    given = np.bincount(start, weight, n)
    is_dangling = given == 0
    share: Floats = weight / given[start]
    scores: Floats = np.full(n, how.start(n), np.float64)
    for _ in range(how.most_rounds):
        came: Floats = np.bincount(end, share * scores[start], n).astype(np.float64)
        new: Floats = how.from_outside(n, float(scores[is_dangling].sum())) + how.damping * came
        change = float(np.abs(new - scores).sum())
        scores = new
        if how.is_done(change, float(scores.sum())):
            return nodes, scores
    raise how.unfinished()


def on_the_engine(links: DataFrame, stage: Stage, how: Ranking) -> DataFrame:
    """The same, one staged frame of nodes for each round."""
    given = links.groupBy("a").agg(F.sum("weight").alias("given"))
    shares = stage(
        links.join(given, on="a", how="inner").select("a", "b", ratio(F.col("weight"), F.col("given")).alias("share"))
    )
    ends_ = shares.select(F.col("a").alias("node"), F.lit(1).alias("gives")).unionByName(
        shares.select(F.col("b").alias("node"), F.lit(0).alias("gives"))
    )
    nodes = stage(ends_.groupBy("node").agg((F.max("gives") == 0).alias("is_dangling")))
    n, total, lost = sums(nodes.withColumn("score", F.lit(1.0)))
    if not n:
        return nodes.select("node", F.lit(0.0).alias("score"))
    start = how.start(int(n))
    scores, lost = nodes.withColumn("score", F.lit(start)), lost * start
    for _ in range(how.most_rounds):
        scores = stage(one_round(scores, shares, how.damping, how.from_outside(int(n), lost)))
        _, total, lost, change = sums(scores, F.sum("change").alias("change"))
        if how.is_done(change, total):
            return scores.select("node", "score")
    raise how.unfinished()


def one_round(scores: DataFrame, shares: DataFrame, damping: float, base: float) -> DataFrame:
    """node, is_dangling, score, change: what nodes have after one more round."""
    sent = shares.join(scores.select(F.col("node").alias("a"), "score"), on="a", how="inner")
    came = sent.groupBy("b").agg(F.sum(F.col("share") * F.col("score")).alias("came"))
    new = F.lit(base) + F.lit(damping) * F.coalesce("came", F.lit(0.0))
    joined = scores.join(came.withColumnRenamed("b", "node"), on="node", how="left")
    return joined.select("node", "is_dangling", new.alias("score"), F.abs(new - F.col("score")).alias("change"))


def sums(scores: DataFrame, *more: Column) -> tuple[float, ...]:
    """How many nodes there are, the score of all, and that of those without links; and `more`."""
    lost = F.sum(F.when(F.col("is_dangling"), F.col("score")))
    wanted = (F.count(F.lit(1)).alias("n"), F.sum("score").alias("total"), lost.alias("lost"), *more)
    row = collect_rows(scores.agg(*wanted), "sums of scores")[0]
    return tuple(value or 0 for value in row)
