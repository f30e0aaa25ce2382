"""A generated shop: to be asked in SQL, or with the jobs run on it and the planted truth beside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from generator import writing
from generator.world import AS_OF, World
from pyspark.sql import DataFrame, SparkSession

from vitalfew import suite
from vitalfew.config.loading import load
from vitalfew.engines.engine import Engine
from vitalfew.runs.pipeline import Runner
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES
from vitalfew.tables import Table

CONF = Path(__file__).parents[2] / "conf"


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


@dataclass(frozen=True)
class Planted:
    """The tables that jobs have written on a generated shop, and the planted truth."""

    storage: Storage
    root: Path

    def result(self, table: Table | str) -> DataFrame:
        return self.storage.read(TABLES[table] if isinstance(table, str) else table)

    def truth(self, name: str) -> DataFrame:
        return writing.load(self.storage.spark, self.root / f"truth_{name}")


@contextmanager
def planted_shop(
    running: Engine, root: Path, world: World, jobs: Sequence[str], settings: Sequence[str] = ()
) -> Iterator[Planted]:
    """The shop `world`, written below `root`, and these jobs run on it."""
    writing.write(running.spark, world, root)
    storage = ran(running, root, jobs, settings)
    yield Planted(storage, root)
    storage.release()


def ran(running: Engine, root: Path, jobs: Sequence[str], settings: Sequence[str] = (), as_of: date = AS_OF) -> Storage:
    """The tables below `root` when these jobs, as the suite configures them, have all been published."""
    chosen = [suite.JOBS[name] for name in jobs]
    config = load(CONF, "generated", chosen, list(settings), root=str(root), engine=running.name)
    storage = Storage(running, config.target)
    outcomes = Runner(storage, config, as_of=as_of).run(chosen, lenient=True)
    assert {outcome.job: outcome.message for outcome in outcomes if outcome.state != "published"} == {}
    return storage
