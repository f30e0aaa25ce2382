"""One session per process, on the engine that VITALFEW_TEST_ENGINE names, and tables drawn as text."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from crash_test import SHORT_LIVED
from pyspark.sql import DataFrame, SparkSession
from shop import Shop

from journey import HOUSEHOLDS, ROOT, alone_with, lay_files, run
from vitalfew.config import loading
from vitalfew.engines import engine
from vitalfew.runs import lock_files
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table

SHARED = Path(__file__).parents[2] / "shared" / "data"
ENGINE = os.environ.get("VITALFEW_TEST_ENGINE", "sail")

AS_WRITTEN = {  # few rows: to compile a plan, or to plan it again half-way, takes longer than to interpret it
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
}
AS_FOR_USERS = {
    "spark.sql.codegen.wholeStage": "true",
    "spark.sql.codegen.factoryMode": "FALLBACK",
    "spark.sql.adaptive.enabled": "true",
}

Frame = Callable[[Table, str], DataFrame]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[engine.Engine]:
    """The engine under test."""
    options = {
        "spark.master": "local[2]",
        "spark.sql.shuffle.partitions": "2",  # small data: every partition costs milliseconds
        "spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse")),  # tables by name leave nothing behind
        "spark.databricks.delta.snapshotPartitions": "1",  # small logs
        "spark.delta.logStore.file.impl": "io.delta.storage.LocalLogStore",  # no chmod and readlink for each commit
        "spark.driver.defaultJavaOptions": f"{SHORT_LIVED} -Xms1g -Xmn512m",  # fewer collections
        **AS_WRITTEN,
    }
    name: engine.EngineName = "spark" if ENGINE == "spark" else "sail"
    running = engine.start(name, remote=None, master=None, options=options if name == "spark" else {})
    yield running
    running.close()


@pytest.fixture(scope="session")
def spark(running: engine.Engine) -> SparkSession:
    return running.spark


@pytest.fixture
def compiled(running: engine.Engine) -> Iterator[None]:
    """Plans as Spark makes them for users: compiled, and changed while they run.

    Those of test_cluster.py are compiled, too.
    """
    if running.name == "spark":
        engine.configure(running.spark, AS_FOR_USERS)
    yield
    if running.name == "spark":
        engine.configure(running.spark, AS_WRITTEN)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of public data sets; tests that need it are skipped where it is not."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared/data beside the repository")
    return SHARED


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the embedded engine has run everything on real data, by the command line.

    Test processes that run side by side share it: the first one makes it in VITALFEW_TEST_SHARED.
    """
    root = Path(os.environ.get("VITALFEW_TEST_SHARED") or tmp_path_factory.mktemp("embedded")) / "tables"
    with alone_with(root):
        if not root.exists():
            new = root.with_name("new")
            lay_files(new / "files", HOUSEHOLDS)
            new.rename(root)
            done = run("run", "all", "--target", "demo", "--root", str(root), "--engine", "sail")
            if done.returncode:
                shutil.rmtree(root)
            assert done.returncode == 0, done.stderr
    return root


@pytest.fixture
def storage_of_embedded(running: engine.Engine, embedded: Path) -> Iterator[Storage]:
    """The tables of `embedded`."""
    storage = Storage(running, loading.load(ROOT / "conf", "demo", [], root=str(embedded), engine=running.name).target)
    yield storage
    storage.release()


@pytest.fixture
def shop(running: engine.Engine, tmp_path: Path) -> Iterator[Shop]:
    """A shop whose files `ingest` takes; tests of the command line have one of their own."""
    made = Shop(running, tmp_path)
    yield made
    made.storage.release()


@pytest.fixture
def living() -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Makes a process that holds the lock of a run, as the process of that run would, until it is killed."""
    held = (
        "import fcntl, sys; file = open(sys.argv[1], 'a'); fcntl.flock(file, fcntl.LOCK_EX); print(flush=True); input()"
    )
    made = []

    def holding(run_id: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", held, str(lock_files.place(run_id))]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        made.append(process)
        return process

    yield holding
    for process in made:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def frame(spark: SparkSession) -> Frame:
    """A table from a drawing: a header, a line of dashes if you like, and rows; `~` is NULL.

    Columns that are not drawn are NULL. An array is drawn as `[a, b]`, a map as `[a=1, b=2]`.
    """

    def draw(table: Table, drawing: str) -> DataFrame:
        lines = [line.split("|") for line in drawing.strip().splitlines() if not set(line.strip()) <= set("-+")]
        header, *rows = [[cell.strip() for cell in line] for line in lines]
        cells = [[None if cell == "~" else cell for cell in row] for row in rows]
        drawn = spark.createDataFrame(cells, ", ".join(f"{name} string" for name in header))
        return drawn.selectExpr(*[read_cell(name, table.type_of(name), name in header) for name in table.columns])

    return draw


def read_cell(name: str, type_: str, is_drawn: bool) -> str:
    if not is_drawn:
        return f"cast(null as {type_}) {name}"
    if type_.startswith("array"):
        inner = f"replace(replace(replace({name}, '[', ''), ']', ''), ' ', '')"
        return f"cast(if({inner} = '', array(), split({inner}, ',')) as {type_}) {name}"
    if type_.startswith("map"):
        inner = f"substring({name}, 2, length({name}) - 2)"
        return f"cast(if({inner} = '', map(), str_to_map({inner}, ', ', '=')) as {type_}) {name}"
    return f"cast({name} as {type_}) {name}"
