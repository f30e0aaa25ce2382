"""What is measured on: a generated shop, its baskets, and points."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Collection
from pathlib import Path

import duckdb
import make_data
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from generator.writing import TRUTH

DIMENSIONS = 8
FILES = 4
GRID = 1 << 20


def prepare(root: Path, lines: int, points: int, tasks: Collection[str]) -> tuple[int, int]:
    """What `tasks` read below `root`, made where it is not there yet; how many order lines and points there are.

    SystemExit where what is there is not what is asked for: it stays as it is.
    """
    if not (root / TRUTH).exists():
        make_data.main(["--root", str(root), "--lines", str(lines), "--dirty", "0"])
    truth = json.loads((root / TRUTH).read_text(encoding="utf-8"))
    if not truth["finished"]:
        sys.exit(f"{root} was not generated to its end: remove it, or choose another ROOT.")
    there = int(truth["rows"]["order_lines"])
    if truth["lines_asked_for"] != lines:
        asked = truth["lines_asked_for"]
        sys.exit(f"{root} holds {there:,} lines: choose another ROOT, or --lines {asked}.")
    if "itemsets" in tasks and not (root / "baskets").exists():
        baskets(root)
    return there, points_of(root, points) if "clusters" in tasks else 0


def points_of(root: Path, points: int) -> int:
    """How many points are below `root`, made where there are none; SystemExit where they are not so many."""
    if not (root / "points").exists():
        spread(root / "points", points)
    there: int = sum(pq.read_metadata(path).num_rows for path in (root / "points").glob("*.parquet"))
    if there != points:
        sys.exit(f"{root} holds {there:,} points: choose another ROOT, or --points {there}.")
    return there


def baskets(root: Path) -> None:
    """One row per order: the products sold, each once, in `items`."""
    made = fresh(root / "baskets.new")
    connection = duckdb.connect()
    for number in range(FILES):
        connection.execute(
            f"""copy (select order_id, array_agg(distinct product_id) items from read_parquet({lines_of(root)})
                where quantity > 0 and hash(order_id) % {FILES} = {number} group by order_id)
                to '{made}/{number}.parquet' (format parquet)"""
        )
    made.rename(root / "baskets")


def fresh(folder: Path) -> Path:
    """`folder`, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def lines_of(root: Path) -> list[str]:
    """The files of the Delta table order_lines."""
    return [uri.removeprefix("file://") for uri in DeltaTable(str(root / "order_lines")).file_uris()]


def spread(folder: Path, points: int) -> None:
    """Points around eight centres, on the grid on which sums are exact: all contestants get the same."""
    random = np.random.default_rng(7)
    centres = random.normal(0, 1.5, (8, DIMENSIONS))
    values = centres[random.integers(0, 8, points)] + random.normal(0, 1, (points, DIMENSIONS))
    values = np.round(values * GRID) / GRID
    made = fresh(folder.with_name("points.new"))
    for number, part in enumerate(np.array_split(np.arange(points), FILES)):
        columns = {f"x{i}": values[part, i] for i in range(DIMENSIONS)}
        pq.write_table(pa.table({"id": part, **columns}), made / f"{number}.parquet")
    made.rename(folder)
