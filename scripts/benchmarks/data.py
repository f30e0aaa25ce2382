"""What is measured on: a generated shop, its baskets, and points."""

from __future__ import annotations

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


def prepare(root: Path, lines: int, points: int) -> None:
    """Everything below `root` that is not there yet."""
    if not (root / TRUTH).exists():
        make_data.main(["--root", str(root), "--lines", str(lines), "--dirty", "0"])
    if not (root / "baskets").exists():
        baskets(root)
    if not (root / "points").exists():
        spread(root / "points", points)


def baskets(root: Path) -> None:
    """One row per order: the products sold, each once, in `items`."""
    (root / "baskets.new").mkdir(exist_ok=True)
    connection = duckdb.connect()
    for number in range(FILES):
        connection.execute(
            f"""copy (select order_id, array_agg(distinct product_id) items from read_parquet({lines_of(root)})
                where quantity > 0 and hash(order_id) % {FILES} = {number} group by order_id)
                to '{root}/baskets.new/{number}.parquet' (format parquet)"""
        )
    (root / "baskets.new").rename(root / "baskets")


def lines_of(root: Path) -> list[str]:
    """The files of the Delta table order_lines."""
    return [uri.removeprefix("file://") for uri in DeltaTable(str(root / "order_lines")).file_uris()]


def spread(folder: Path, points: int) -> None:
    """Points around eight centres, on the grid on which sums are exact: all contestants get the same."""
    random = np.random.default_rng(7)
    centres = random.normal(0, 1.5, (8, DIMENSIONS))
    values = centres[random.integers(0, 8, points)] + random.normal(0, 1, (points, DIMENSIONS))
    values = np.round(values * GRID) / GRID
    folder.mkdir()
    for number, part in enumerate(np.array_split(np.arange(points), FILES)):
        columns = {f"x{i}": values[part, i] for i in range(DIMENSIONS)}
        pq.write_table(pa.table({"id": part, **columns}), folder / f"{number}.parquet")
