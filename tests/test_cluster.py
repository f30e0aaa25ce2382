"""On a real standalone cluster, executors being processes of their own: the same answers, also when one is lost."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

from cluster import Cluster, cluster
from comparing import difference
from journey import HOUSEHOLDS, ROOT, lay_files
from vitalfew import config
from vitalfew.storage import Storage
from vitalfew.tables import ALL, Table, sources

FACTS = [table for table in ALL.values() if table.kind == "fact"]
RESULTS = [table for table in ALL.values() if table.kind == "result"]


def submit(at: Cluster, job: str, root: Path) -> subprocess.Popen[str]:
    return at.script("submit.sh", job, "--place", "demo", "--engine", "spark", "--root", str(root))


def finished(at: Cluster, running: subprocess.Popen[str]) -> None:
    code = running.wait()
    assert code == 0, at.said("submit.sh").read_text(encoding="utf-8")[-5000:]


def differing(tables: list[Table], root: Path, embedded: Storage) -> dict[str, str]:
    """What differs first between the tables below `root` and those of the embedded engine."""
    theirs = Storage(embedded.engine, config.load(ROOT / "conf", "demo", [], root=str(root)).place)
    there = [table for table in tables if embedded.exists(table)]
    assert there
    return {table.name: found for table in there if (found := difference(table, theirs, embedded))}


def test_the_submitted_pipeline_gives_what_the_embedded_engine_gives(
    storage_of_embedded: Storage, tmp_path: Path
) -> None:
    """Every fact and result, row by row; sums of floats may differ in the last digits."""
    lay_files(tmp_path / "files", HOUSEHOLDS)
    with cluster(tmp_path / "cluster") as at:
        finished(at, submit(at, "pipeline", tmp_path))
        assert at.executors() == {"worker-1", "worker-2"}
    assert differing(FACTS + RESULTS, tmp_path, storage_of_embedded) == {}


def test_a_job_whose_worker_is_killed_finishes_with_the_same_facts(
    storage_of_embedded: Storage, embedded: Path, tmp_path: Path
) -> None:
    for table in (sources.ORDER_LINES, sources.PRODUCTS, sources.CUSTOMERS):
        shutil.copytree(embedded / table.name, tmp_path / table.name)
    with cluster(tmp_path / "cluster") as at:
        running = submit(at, "orders", tmp_path)
        said = at.said("submit.sh")
        while "orders: started" not in said.read_text(encoding="utf-8") and running.poll() is None:
            time.sleep(0.2)
        time.sleep(5)
        assert running.poll() is None, "the job was over before its worker could be killed"
        assert "worker-2" in at.executors()
        at.kill("worker-2")
        finished(at, running)
    assert "Lost executor" in said.read_text(encoding="utf-8")
    assert differing(FACTS, tmp_path, storage_of_embedded) == {}
