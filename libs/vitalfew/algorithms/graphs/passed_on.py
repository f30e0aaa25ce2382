"""Amounts that nodes pass on along links, a share at each step, until nothing is left to pass on: exact to the cent.

Every node has an amount of its own and at most one node to which it passes the same share of all that it has: of its
own, and of what was passed to it. What one gives another gets, so nothing is counted twice and nothing is lost: kept
amounts add up to own amounts. The share is below 1, so that loops of links come to an end as well: each turn passes
less.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.graphs.links import LINKS_ON_DRIVER, ends, fitting
from vitalfew.dataframes.arrays import Ints
from vitalfew.dataframes.arrow_columns import whole
from vitalfew.dataframes.collect import collect_rows, collect_table
from vitalfew.dataframes.from_arrow import large_frame
from vitalfew.dataframes.staging import Stage

MONEY = "decimal(28,2)"
PARTS = 10_000
"""A share is a whole number of these."""
MOST_ROUNDS = 200
"""More than a share of one half needs for any sum of money; a cent that rounding sends round a loop stops here."""
AMOUNTS = f"node string, received {MONEY}, passed {MONEY}"


@dataclass(frozen=True)
class Passed:
    """`amounts`: node, received, passed (MONEY) of every node of a link; nodes on loops, None where nobody counted."""

    amounts: DataFrame
    on_loops: int | None


def passed_on(
    links: DataFrame, own: DataFrame, share: Decimal, stage: Stage, on_driver: int = LINKS_ON_DRIVER
) -> Passed:
    """What each node is given and passes on: `links` from `node` to `heir` (strings), each node in one; `own` amounts.

    `own` has node and amount (MONEY), a node without one has nothing. `share` of what a node has is rounded half up to
    cents; it is at most 0.5, in whole ten thousandths.
    """
    parts = int(share * PARTS)
    found = fitting(links.select("node", "heir"), "links", on_driver)
    if found is None:
        return Passed(on_the_engine(links, own, Decimal(parts) / PARTS, stage), None)
    nodes, start, end = ends(found, ("node", "heir"))
    amounts = collect_table(own.select("node", "amount"), "amounts", 2 * on_driver + 1)
    cents = of_nodes(
        nodes.places(whole(amounts.column("node")).cast(pa.string())), amounts.column("amount"), len(nodes)
    )
    received, passed = on_the_driver(start, end, cents, parts)
    table = pa.table({"node": nodes.texts, "received": in_money(received), "passed": in_money(passed)})
    return Passed(large_frame(links.sparkSession, table, AMOUNTS, stage), int(loops(start, end, len(nodes)).size))


def of_nodes(places: Ints, amounts: pa.ChunkedArray, n: int) -> Any:
    """The cents of each node; Python's numbers where 64 bits may not hold what comes of them."""
    cents = [int(amount.scaleb(2)) if amount is not None else 0 for amount in amounts.to_pylist()]
    is_large = sum(map(abs, cents)) * 4 * PARTS >= 2**62
    found = np.zeros(n, object if is_large else np.int64)
    if cents:
        is_node = places >= 0
        found[places[is_node]] = np.array(cents, found.dtype)[is_node]
    return found


def on_the_driver(start: Ints, end: Ints, own: Any, parts: int) -> tuple[Any, Any]:
    """What each node receives and passes on, in cents; `own` says what it has, in cents."""
    received, passed = np.zeros_like(own), np.zeros_like(own)
    for _ in range(MOST_ROUNDS):
        has = (own + received)[start]
        new = np.zeros_like(own)
        new[start] = np.sign(has) * ((np.abs(has) * parts * 2 + PARTS) // (2 * PARTS))
        if (new == passed).all():
            break
        passed = new
        received = np.zeros_like(own)
        np.add.at(received, end, passed[start])
    return received, passed


def in_money(cents: Any) -> pa.Array:
    return pa.array([Decimal(int(each)).scaleb(-2) for each in cents], pa.decimal128(28, 2))


def loops(start: Ints, end: Ints, n: int) -> Ints:
    """The nodes that come back to themselves, each node having one link at most: found by doubling the way."""
    way = np.full(n + 1, n)
    way[start] = end
    for _ in range(max(n, 1).bit_length()):
        way = way[way]
    return np.unique(way[way < n])


def on_the_engine(links: DataFrame, own: DataFrame, share: Decimal, stage: Stage) -> DataFrame:
    """AMOUNTS by one staged frame for each round."""
    of_money = own.select("node", F.col("amount").cast(MONEY).alias("amount"))
    passes = stage(
        links.join(of_money, on="node", how="left").select("node", "heir", "amount").withColumn("passed", zero())
    )
    for _ in range(MOST_ROUNDS):
        came = passes.groupBy("heir").agg(F.sum("passed").cast(MONEY).alias("came")).withColumnRenamed("heir", "node")
        has = F.coalesce("amount", zero()) + F.coalesce("came", zero())
        new = F.round(has.cast(MONEY) * F.lit(share).cast("decimal(5,4)"), 2).cast(MONEY)
        joined = passes.join(came, on="node", how="left")
        is_changed = new != F.col("passed")
        passes = stage(joined.select("node", "heir", "amount", new.alias("passed"), is_changed.alias("is_changed")))
        changed = collect_rows(passes.agg(F.count_if("is_changed").alias("n")), "changed amounts")[0]["n"]
        passes = passes.drop("is_changed")
        if not changed:
            break
    received = passes.select(F.col("heir").alias("node"), F.col("passed").alias("received"), zero().alias("passed"))
    sent = passes.select("node", zero().alias("received"), "passed")
    totals = received.unionByName(sent).groupBy("node")
    return totals.agg(*[F.sum(name).cast(MONEY).alias(name) for name in ("received", "passed")])


def zero() -> Column:
    return F.lit(0).cast(MONEY)
