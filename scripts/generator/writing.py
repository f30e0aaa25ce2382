"""The generated tables, as Delta tables in a folder, and what they are in truth.json."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import reduce
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from generator import events, ordering, truth
from generator.catalogue import products
from generator.contacts import contacts
from generator.customers import UNREGISTERED, customers, never_bought
from generator.decisions import planting
from generator.dirt import dirt
from generator.lines import lines
from generator.people import people
from generator.shop import Shop
from generator.shop import shop as make_shop
from generator.world import AS_OF, FIRST_DAY, LINES_PER_CUSTOMER, World

TRUTH = "truth.json"
LINES_PER_SLICE = 20_000_000
"""Lines written in one go: the memory of a write is bounded, whatever the scale."""


def write(
    spark: SparkSession, world: World, root: Path, slice_lines: int = LINES_PER_SLICE, partitions: int | None = None
) -> dict[str, object]:
    """All tables below `root`, and what truth.json says of them. `partitions` are those of a slice."""
    shop = make_shop(spark, world)
    root.mkdir(parents=True, exist_ok=True)
    (root / TRUTH).write_text(json.dumps({"finished": False}))
    for number, buyers in enumerate(slices(shop, slice_lines, partitions)):
        bought, happened = slice_of(shop, buyers)
        save(bought, root / "order_lines", append=number > 0)
        save(happened, root / "events", append=number > 0)
    whole = {
        "products": products(spark, shop.goods),
        "customers": customers(shop),
        "contacts": contacts(shop),
        "truth_dirt": dirt(shop),
        **truth.tables(shop),
    }
    for name, frame in whole.items():
        save(frame, root / name)
    save(load(spark, root / "truth_dirt").drop("dirt"), root / "order_lines", append=True)
    save(events.bursts(shop), root / "events", append=True)
    more = decisions(shop, root)
    found = facts(shop, {name: load(spark, root / name) for name in ("order_lines", "events", *whole, *more)})
    (root / TRUTH).write_text(json.dumps(found, indent=2) + "\n")
    return found


def decisions(shop: Shop, root: Path) -> list[str]:
    """Write what the jobs of decisions learn from, where it is asked for; the names of the tables that it alone has.

    Without it such tables are emptied: an earlier shop may have left them.
    """
    own = [*planting.OWN, *planting.TRUTHS]
    if not shop.world.has_decisions:
        for name in own:
            if (root / name).exists():
                save(load(shop.spark, root / name).limit(0), root / name)
        return []
    begun: set[str] = set()
    for name, parts in planting.added(shop).items():
        for rows in parts:
            save(rows, root / name, append=name not in own or name in begun)
            begun.add(name)
    return [name for name in own if name in begun]


def slices(shop: Shop, slice_lines: int, partitions: int | None) -> Iterator[DataFrame]:
    """All who buy, `customer_no` and traits, in slices of customers."""
    size = max(1, int(slice_lines / LINES_PER_CUSTOMER))
    for start in range(0, shop.world.buyers, size):
        end = min(start + size, shop.world.buyers)
        numbers = shop.spark.range(start, end, 1, partitions).withColumnRenamed("id", "customer_no")
        yield people(shop, numbers)


def slice_of(shop: Shop, buyers: DataFrame) -> tuple[DataFrame, DataFrame]:
    """What these customers bought, as order_lines, and what else they did, as events."""
    sales = ordering.orders(shop, buyers)
    bought = (
        lines(shop, sales)
        .unionByName(lines(shop, ordering.followed(shop, sales)))
        .unionByName(lines(shop, ordering.returned(shop, sales), sign=-1))
    )
    happened = (
        events.about_purchases(shop, sales)
        .unionByName(events.browsing(shop, buyers))
        .unionByName(events.longing(shop, buyers))
        .unionByName(events.campaigns(shop, buyers))
    )
    return bought, happened


def save(frame: DataFrame, path: Path, append: bool = False) -> None:
    """`frame` as the Delta table at `path`, or more rows of it; every column may be NULL, as in the wild.

    A table that is there is overwritten, not removed: a job that has run on it knows by the version that it is new.
    """
    frame.write.format("delta").mode("append" if append else "overwrite").save(str(path))


def load(spark: SparkSession, path: Path) -> DataFrame:
    return spark.read.format("delta").load(str(path))


def facts(shop: Shop, tables: Mapping[str, DataFrame]) -> dict[str, object]:
    """What truth.json says: the scale, the rows of every table, and how many are broken."""
    world = shop.world
    sizes = [frame.select(F.lit(name).alias("name")) for name, frame in tables.items()]
    broken = tables["truth_dirt"].groupBy("dirt").agg(F.count(F.lit(1)).alias("rows"), F.sum("amount").alias("amount"))
    return {
        "finished": True,
        "lines_asked_for": world.lines,
        "seed": world.seed,
        "dirty": world.dirty,
        "has_decisions": world.has_decisions,
        "first_day": FIRST_DAY.isoformat(),
        "as_of": AS_OF.isoformat(),
        "known_customers": world.customers,
        "unknown_customers": world.buyers - world.customers,
        "never_bought": never_bought(shop),
        "unregistered_share": UNREGISTERED,
        "rows": counts(reduce(DataFrame.unionByName, sizes), "name"),
        "dirt": {row["dirt"]: {"rows": row["rows"], "amount": str(row["amount"])} for row in sorted(broken.collect())},
        "segments": counts(tables["truth_customers"], "segment"),
        "styles": counts(tables["truth_customers"], "style"),
    }


def counts(frame: DataFrame, column: str) -> dict[str, int]:
    """How many rows have each value of `column`; there are few values."""
    counted = frame.groupBy(column).agg(F.count(F.lit(1)).alias("n"))
    return {row[column]: row["n"] for row in sorted(counted.collect())}
