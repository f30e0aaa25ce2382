"""What Vital Few does, on one of its engines."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from generator.world import AS_OF
from pyspark.sql import functions as F

from benchmarks.data import DIMENSIONS
from benchmarks.measuring import Watch
from vitalfew import suite
from vitalfew.algorithms.itemsets.fpgrowth import Limits, frequent_itemsets
from vitalfew.algorithms.kmeans import driver_fit, fit
from vitalfew.algorithms.kmeans.standardised_points import examine
from vitalfew.config import loading
from vitalfew.config.target import Target
from vitalfew.dataframes import collect
from vitalfew.dataframes.exact_shares import least_count
from vitalfew.engines import engine
from vitalfew.engines.engine import Engine, EngineName
from vitalfew.job import Job
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.runs.pipeline import Outcome, Runner
from vitalfew.storage.delta import Storage

CONF = Path(__file__).parents[2] / "conf"
SOURCES = ("order_lines", "products", "customers", "events", "contacts")
SUPPORT = Fraction(1, 1000)
CLUSTERS, STARTS, SAMPLE = 8, 4, 50_000
BEFORE, COMPARED_LATER = AS_OF - timedelta(weeks=4), ("rfm", "contribution", "clusters", "next_purchase", "alerts")
NO_LIMITS = Limits(largest_basket=1_000, longest_set=100, most_sets=10_000_000, memory_mb=8_192)

Timed = tuple[float, dict[str, Any]]
Work = Callable[[Path], Timed]


def on(name: EngineName, work: Callable[[Engine, Path], Timed]) -> Work:
    """`work` on the engine `name`; its start is not counted."""

    def run(root: Path) -> Timed:
        running = engine.start(name, remote=None, master=None, options={})
        try:
            running.spark.sql("select 1").collect()
            return work(running, root)
        finally:
            running.close()

    return run


def jobs(names: tuple[str, ...]) -> Callable[[Engine, Path], Timed]:
    """The jobs as they are shipped, from Delta tables to Delta tables, and what rfm found.

    Of each job its seconds, its peak of memory, and the most rows that came to the driver at once. Without names, all:
    those that look back on an earlier look have one, of four weeks before, which is not counted.
    """

    def work(running: Engine, root: Path) -> Timed:
        chosen = suite.chosen(names) if names else [job for job in suite.chosen(["all"]) if isinstance(job, Job)]
        target = root / f"jobs-{running.name}"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        for source in SOURCES:
            if (root / source).exists():
                (target / source).symlink_to(root / source)
        loaded = loading.load(CONF, "generated", chosen, root=str(target), engine=running.name)
        watch, answer, most = Watch(os.getpid()), {}, [0]
        watch.start()
        refuse = collect.refuse

        def counted(found: int, what: str, at_most: int) -> None:
            most[0] = max(most[0], found)
            refuse(found, what, at_most)

        def ended(outcome: Outcome) -> None:
            fine(outcome)
            if outcome.state == "published":
                told = {"seconds": round(outcome.seconds, 1), "peak_mb": watch.peak_mb, "driver_rows": most[0]}
                answer[outcome.job] = told
            watch.peak_mb, most[0] = 0, 0

        storage = Storage(running, loaded.target)
        started = time.monotonic()
        with patch.object(collect, "refuse", counted):
            now = Runner(storage, loaded, as_of=AS_OF, ended=ended)
            if not names:
                now.run(suite.chosen(["orders"]))
                begun = time.monotonic()
                Runner(storage, loaded, as_of=BEFORE, ended=fine).run(suite.chosen(COMPARED_LATER))
                started += time.monotonic() - begun
            now.run(chosen, lenient=True)
        seconds = time.monotonic() - started
        return seconds, {**answer, **published(storage)}

    return work


def fine(outcome: Outcome) -> None:
    """RuntimeError where a job failed."""
    if outcome.state == "failed":
        raise RuntimeError(f"{outcome.job}: {outcome.message}")


def published(storage: Storage, as_of: date = AS_OF) -> dict[str, Any]:
    """How many customers rfm has published, and their money: what other contestants must have found too."""
    if not storage.exists(RFM):
        return {}
    told = (
        storage.read(RFM)
        .where(F.col("as_of") == F.lit(as_of))
        .agg(F.count("*").alias("customers"), F.sum("monetary").alias("money"))
        .collect()[0]
    )
    return {"customers": told["customers"], "money": str(told["money"])}


def itemsets(running: Engine, root: Path) -> Timed:
    """All frequent itemsets of the baskets."""
    storage = Storage(running, Target(root=str(root)))
    started = time.monotonic()
    found = frequent_itemsets(
        running.spark.read.parquet(str(root / "baskets")),
        lambda baskets: least_count(SUPPORT, baskets),
        NO_LIMITS,
        storage.stage,
    ).itemsets
    total = sum(int(sets.counts.sum()) for sets in found.of_size)
    seconds = time.monotonic() - started
    storage.release()
    return seconds, {"sets": found.count, "occurrences": total}


def twice(work: Callable[[Engine, Path], Timed]) -> Callable[[Engine, Path], Timed]:
    """`work`, and its seconds in the same session once more: what starting to compile costs is their difference."""

    def run(running: Engine, root: Path) -> Timed:
        seconds, answer = work(running, root)
        return seconds, {**answer, "again": round(work(running, root)[0], 1)}

    return run


def clusters(running: Engine, root: Path) -> Timed:
    """Eight clusters: centres, cost, and how many points each has in the final assignment."""
    columns = [f"x{i}" for i in range(DIMENSIONS)]
    started = time.monotonic()
    points = examine(running.spark.read.parquet(str(root / "points")), columns, "id", SAMPLE)
    random = np.random.default_rng(1)
    start = driver_fit.fit(points.sample.thinned(SAMPLE // 5, random), CLUSTERS, STARTS, random).centres
    start = driver_fit.lloyd(points.sample, start).centres
    fitted = fit.fit(points, start)
    assigned = fit.assign(points, fitted.centres)
    rows = assigned.groupBy("cluster").agg(F.count("*").alias("n")).orderBy("cluster").collect()
    seconds = time.monotonic() - started
    return seconds, {"cost": round(fitted.cost), "points": sum(row["n"] for row in rows)}
