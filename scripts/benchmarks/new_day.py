"""What one more day of order lines costs: only that day, against everything again; both must find the same."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
from generator.world import AS_OF
from pyspark.sql import functions as F

from benchmarks.ours import CONF, SOURCES, Timed, fine, published
from vitalfew import suite
from vitalfew.config import loading
from vitalfew.engines.engine import Engine
from vitalfew.runs.pipeline import Outcome, Runner
from vitalfew.storage.delta import Storage

JOBS = ("orders", "customer_products", "rfm", "contribution", "alerts")
TOMORROW = AS_OF + timedelta(days=1)


def day(running: Engine, root: Path) -> Timed:
    """The jobs run on all days; then the clock starts, one day more arrives, and they run again."""
    target = laid(running, root, "day")
    storage = opened(running, target)
    run(storage, AS_OF, None)
    more = add_a_day(running, target)
    return timed(storage, target, more)


def again(running: Engine, root: Path) -> Timed:
    """One day more arrives, and the jobs run for the first time."""
    target = laid(running, root, "again")
    more = add_a_day(running, target)
    return timed(opened(running, target), target, more)


def laid(running: Engine, root: Path, name: str) -> Path:
    """A fresh folder with the sources of `root`: the order lines as a copy, for they will grow."""
    target = root / f"{name}-{running.name}"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    shutil.copytree(root / "order_lines", target / "order_lines")
    for source in SOURCES:
        if source != "order_lines" and (root / source).exists():
            (target / source).symlink_to(root / source)
    return target


def opened(running: Engine, target: Path) -> Storage:
    return Storage(running, loading.load(CONF, "generated", [], root=str(target), engine=running.name).target)


def add_a_day(running: Engine, target: Path) -> int:
    """The orders of the last day once more, a day later and under other numbers; gives how many lines these are."""
    path = str(target / "order_lines")
    lines = running.spark.read.format("delta").load(path)
    last = lines.where(F.to_date("ordered_at") == F.lit(AS_OF - timedelta(days=1)))
    more = last.withColumn("ordered_at", F.col("ordered_at") + F.expr("interval 1 day"))
    more = more.withColumn("order_id", F.concat(F.lit("next-"), "order_id"))
    more.write.format("delta").mode("append").save(path)
    found: int = running.spark.read.format("delta").load(path).where(F.col("order_id").startswith("next-")).count()
    return found


def timed(storage: Storage, target: Path, more: int) -> Timed:
    """The jobs on the day after: seconds, CPU seconds of all processes, megabytes written; of each job too."""
    answer: dict[str, Any] = {}
    mark = [cpu(), written(target)]

    def ended(outcome: Outcome) -> None:
        now = [cpu(), written(target)]
        answer[outcome.job] = {
            "seconds": round(outcome.seconds, 2),
            "cpu": round(now[0] - mark[0], 1),
            "written_mb": round((now[1] - mark[1]) / 1e6, 3),
        }
        mark[:] = now

    begun, first = time.monotonic(), list(mark)
    run(storage, TOMORROW, ended)
    seconds = time.monotonic() - begun
    total = {"new_lines": more, "cpu": round(cpu() - first[0], 1), "written_mb": round((mark[1] - first[1]) / 1e6, 3)}
    return seconds, {**answer, **total, **published(storage, TOMORROW)}


def run(storage: Storage, as_of: Any, ended: Callable[[Outcome], None] | None) -> None:
    """JOBS as of a day; RuntimeError where one fails."""
    chosen = suite.chosen(JOBS)
    root, engine = storage.target.root, storage.engine.name
    loaded = loading.load(CONF, "generated", chosen, root=root, engine=engine)

    def told(outcome: Outcome) -> None:
        fine(outcome)
        if ended:
            ended(outcome)

    Runner(storage, loaded, as_of=as_of, ended=told).run(chosen, lenient=True)


def cpu() -> float:
    """CPU seconds of this process and its descendants so far."""
    me = psutil.Process()
    spent = [process.cpu_times() for process in [me, *me.children(recursive=True)]]
    return float(sum(one.user + one.system for one in spent))


def written(target: Path) -> int:
    """Bytes of data files of our own tables so far; Delta takes none away by itself."""
    return sum(
        path.stat().st_size
        for table in target.iterdir()
        if not table.is_symlink() and table.name != "order_lines"
        for path in table.rglob("*.parquet")
        if "_delta_log" not in path.parts
    )
