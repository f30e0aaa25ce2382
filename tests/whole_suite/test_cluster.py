"""On a real standalone cluster, executors being processes of their own: the same answers, also when one is lost."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cluster import Cluster, await_true, cluster
from comparing import difference
from journey import HOUSEHOLDS, ROOT, lay_files
from vitalfew import suite
from vitalfew.config import loading
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES
from vitalfew.tables import Table, sources

pytestmark = pytest.mark.on_cluster
FACTS = [table for table in TABLES.values() if table.kind == "fact"]
LONGEST = 1800.0  # seconds: several times what a machine of two cores takes that does nothing else
RESULTS = [table for table in TABLES.values() if table.kind == "result"]


@contextmanager
def submitted(at: Cluster, job: str, root: Path) -> Iterator[subprocess.Popen[str]]:
    """A job while it runs; at the end it has succeeded, within the time that there is."""
    running = at.script("submit.sh", job, "--target", "demo", "--engine", "spark", "--root", str(root))
    try:
        yield running
        await_true(lambda: running.poll() is not None, f"{job} ended", lambda: at.end_of("submit.sh"), LONGEST)
        assert running.returncode == 0, at.end_of("submit.sh")
    finally:
        running.kill()  # where it has not ended by itself
        running.wait()


def differing(tables: list[Table], root: Path, embedded: Storage) -> dict[str, str]:
    """What differs first between the tables below `root` and those of the embedded engine."""
    theirs = Storage(embedded.engine, loading.load(ROOT / "conf", "demo", [], root=str(root)).target)
    there = [table for table in tables if embedded.exists(table)]
    assert there
    return {table.name: found for table in there if (found := difference(table, theirs, embedded))}


@pytest.mark.long
def test_the_submitted_pipeline_gives_what_the_embedded_engine_gives(
    storage_of_embedded: Storage, tmp_path: Path
) -> None:
    """Every fact and result, row by row; sums of floats may differ in the last digits."""
    lay_files(tmp_path / "files", HOUSEHOLDS)
    with cluster(tmp_path / "cluster") as at:
        with submitted(at, "pipeline", tmp_path):
            pass
        assert at.executors() == {"worker-1", "worker-2"}
    assert differing(FACTS + RESULTS, tmp_path, storage_of_embedded) == {}


def test_a_job_whose_worker_is_killed_finishes_with_the_same_facts(
    storage_of_embedded: Storage, embedded: Path, tmp_path: Path
) -> None:
    for table in (sources.ORDER_LINES, sources.PRODUCTS, sources.CUSTOMERS):
        shutil.copytree(embedded / table.name, tmp_path / table.name)
    with cluster(tmp_path / "cluster") as at, submitted(at, "orders", tmp_path) as running:

        def is_in_the_middle() -> bool:
            assert running.poll() is None, f"it was over before its worker could be killed\n{at.end_of('submit.sh')}"
            parts = tmp_path.glob("_scratch/*/*/**/part-*")  # of a frame that executors compute for later stages
            return "worker-2" in at.executors() and next(parts, None) is not None

        await_true(is_in_the_middle, "orders is in the middle", lambda: at.end_of("submit.sh"), LONGEST)
        at.kill("worker-2")
    assert "Lost executor" in at.said("submit.sh").read_text(encoding="utf-8")
    assert differing(list(suite.JOBS["orders"].writes), tmp_path, storage_of_embedded) == {}
