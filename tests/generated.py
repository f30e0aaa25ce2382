"""A generated shop, to be asked in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator import writing
from generator.world import World
from pyspark.sql import SparkSession


@dataclass(frozen=True)
class Made:
    """A generated shop on an engine: temporary views by the names of its tables, and `clean`, order_lines without dirt."""

    spark: SparkSession
    root: Path
    facts: dict[str, Any]

    def rows(self, query: str) -> list[Any]:
        return self.spark.sql(query).collect()

    def value(self, query: str) -> Any:
        return self.rows(query)[0][0]


@contextmanager
def generated(spark: SparkSession, root: Path, world: World) -> Iterator[Made]:
    """The shop `world`, written below `root`."""
    facts = writing.write(spark, world, root)
    names = [path.name for path in root.iterdir() if path.is_dir()]
    for name in names:
        writing.load(spark, root / name).createOrReplaceTempView(name)
    clean = "order_id is not null and order_id not like '%-9___'"
    spark.sql(f"select distinct * from order_lines where {clean}").createOrReplaceTempView("clean")
    yield Made(spark, root, facts)
    for name in [*names, "clean"]:
        spark.catalog.dropTempView(name)
