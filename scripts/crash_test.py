"""Kill a run with SIGKILL at random moments, run it again, and compare every table with a run that was left alone.

Usage: crash_test.py [--rounds 20] [--engine sail|spark] [--households 150] [--seed 1] [--jobs all]
Nothing may be lost or doubled, and the money is the same to the cent; the exit code says whether it was so.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vitalfew import engine
from vitalfew.algorithms import driver
from vitalfew.places import Place
from vitalfew.storage import Storage
from vitalfew.tables import ALL, Table

ROOT = Path(__file__).parents[1]
COMPARED = [table for table in ALL.values() if table.kind in ("source", "fact", "result")]
OF_THE_MOMENT = ("file_digest",)


def main() -> int:
    """Run the rounds; 0 if every one ended with the same tables."""
    asked = arguments()
    chance = random.Random(asked.seed)
    with tempfile.TemporaryDirectory(prefix="vitalfew-crash-") as name:
        folder = Path(name)
        files = folder / "files"
        lay_drops(files, asked.households)
        whole = folder / "whole"
        shutil.copytree(files, whole / "files")
        seconds = run_whole(whole, asked)
        print(f"left alone: {seconds:.1f} s on {asked.engine}")
        expected = contents(whole)
        wrong = 0
        for number in range(1, asked.rounds + 1):
            root = folder / f"round-{number}"
            shutil.copytree(files, root / "files")
            after = chance.uniform(0.05, 1.0) * seconds
            killed = run_killed(root, asked, after)
            run_whole(root, asked)
            differing = [table for table, rows in contents(root).items() if rows != expected[table]]
            wrong += bool(differing)
            state = f"differs: {', '.join(differing)}" if differing else "the same"
            print(f"round {number}: killed after {after:.1f} s ({killed}); run again: {state}", flush=True)
            shutil.rmtree(root)
    print(f"{asked.rounds - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--engine", choices=["sail", "spark"], default="sail")
    parser.add_argument("--households", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", nargs="+", default=["all"])
    return parser.parse_args()


def lay_drops(folder: Path, households: int) -> None:
    """The demo's files for some households, the order lines as twelve monthly drops, one row standing in two."""
    subprocess.run([sys.executable, str(ROOT / "scripts" / "demo_data.py"), str(folder)], check=True)
    for path in folder.rglob("*.parquet"):
        table = pq.read_table(path)
        if "household_id" in table.column_names:
            pq.write_table(table.filter(pc.less_equal(table["household_id"], households)), path)
    path = folder / "transactions" / "transactions.parquet"
    lines = pq.read_table(path)
    month = pc.month(lines["transaction_timestamp"])
    path.unlink()
    for number in range(1, 13):
        drop = pa.concat_tables([lines.filter(pc.equal(month, number)), lines.slice(0, 1)])
        pq.write_table(drop, path.with_name(f"{number:02}.parquet"))


def command(root: Path, asked: argparse.Namespace) -> list[str]:
    where = ["--conf", str(ROOT / "conf"), "--place", "demo", "--root", str(root), "--engine", asked.engine]
    return [sys.executable, "-m", "vitalfew", "run", *asked.jobs, *where]


def environment() -> dict[str, str]:
    """Ours, without what an embedded session leaves in it for the next."""
    return {key: value for key, value in os.environ.items() if not key.startswith("SPARK_")}


def run_whole(root: Path, asked: argparse.Namespace) -> float:
    """Seconds of a run that is left alone; SystemExit with its words if it fails."""
    started = time.monotonic()
    done = subprocess.run(command(root, asked), env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"the run in {root} failed with {done.returncode}:\n{done.stderr}")
    return time.monotonic() - started


def run_killed(root: Path, asked: argparse.Namespace, after: float) -> str:
    """Start a run, kill it and its children after so many seconds, and say what it was doing."""
    log = root / "killed.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command(root, asked), env=environment(), stderr=output, stdout=output, start_new_session=True
        )
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    said = [line for line in log.read_text(encoding="utf-8").splitlines() if ": " in line]
    return said[-1].split(" ", 1)[-1].strip()[:60] if said else "before the first job"


def contents(root: Path) -> dict[str, list[str]]:
    """Every row of every table below `root`, as sorted text."""
    running = engine.start("sail", remote=None, master=None, options={})
    try:
        storage = Storage(running, Place(root=str(root)))
        return {table.name: rows(storage, table) for table in COMPARED if storage.exists(table)}
    finally:
        running.close()


def rows(storage: Storage, table: Table) -> list[str]:
    """The rows as text; which of two files an exact copy was taken from is chance, and left out."""
    names = [name for name in table.columns if name not in OF_THE_MOMENT]
    return sorted(
        str(tuple(row))
        for row in driver.rows(storage.load(storage.place.location(table.name), None).select(*names), table.name)
    )


if __name__ == "__main__":
    sys.exit(main())
