"""Kill a run with SIGKILL at random moments, run it again, and compare every table with a run that was left alone.

Usage: crash_test.py [--rounds 20] [--engine sail|spark] [--households 150] [--seed 1] [--jobs all]
In odd rounds the run that is killed is the first at its place; in even rounds half a year of drops was taken before,
and the rest of the year and corrected products arrive. It dies at a moment from when its engine has started until it
would end; the moments are random, and spread over that time. Then another job starts, and the newest version of every
table is what was published; and the run is repeated.
Nothing may be lost or doubled, and the money is the same to the cent; the exit code says whether it was so.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vitalfew import suite
from vitalfew.config.target import Target
from vitalfew.dataframes.collect import collect_rows
from vitalfew.engines import engine
from vitalfew.runs import manifest, rollback
from vitalfew.runs.published import Published
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES
from vitalfew.tables import Table, logs

ROOT = Path(__file__).parents[1]
COMPARED = [table for table in TABLES.values() if table.kind in ("source", "fact", "result")] + [
    logs.FILES,
    logs.QUARANTINE,
]
OF_THE_MOMENT = ("file_digest", "ingested_at")
STARTS_WITHIN = 600  # seconds
COMMIT = re.compile(r"\d{20}\.json")
SHORT_LIVED = (  # a run ends before the JVM's second compiler is of use; what it loads is Spark, sound and large
    "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC -XX:MetaspaceSize=256m -XX:-UsePerfData "
    "-XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
)
INTERPRETED = """
spark:  # few rows: to compile a plan takes longer than to interpret it
  spark.sql.codegen.wholeStage: false
  spark.sql.codegen.factoryMode: NO_CODEGEN
  spark.sql.adaptive.enabled: false
  spark.sql.shuffle.partitions: 1
  spark.databricks.delta.snapshotPartitions: 1
"""


@dataclass
class Scene:
    """A kind of round: the target before it, the files that arrive, and how a run goes that is left alone.

    The seconds are those of the last run that was not killed: the machine may have become less busy.
    """

    name: str
    before: Path
    files: Path
    seconds: float
    commits: int
    expected: dict[str, list[str]]


def main() -> int:
    """Run the rounds; 0 if every one ended with the same tables."""
    asked = arguments()
    chance = random.Random(asked.seed)
    with tempfile.TemporaryDirectory(prefix="vitalfew-crash-") as name:
        folder = Path(name)
        asked.target = target(folder, asked.engine)
        early, late = lay_drops(folder, asked.households)
        first = scene("first run", asked, folder / "nothing", (early, late))
        half = folder / "half"
        shutil.copytree(early, half / "files")
        run(half, asked)
        scenes = (first, scene("later drops", asked, half, (late,)))
        wrong = 0
        for number, share in enumerate(moments(asked.rounds, chance), start=1):
            wrong += not is_passed(number, scenes[(number - 1) % 2], folder / f"round-{number}", asked, share)
    print(f"{asked.rounds - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


def moments(rounds: int, chance: random.Random) -> list[float]:
    """The share of a run after which each round's is killed: for odd and even rounds one in each equal part of it."""
    found = [0.0] * rounds
    for first in range(min(2, rounds)):
        count = len(found[first::2])
        found[first::2] = [(part + chance.random()) / count for part in chance.sample(range(count), count)]
    return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--engine", choices=["sail", "spark"], default="sail")
    parser.add_argument("--households", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", nargs="+", default=["all"])
    asked = parser.parse_args()
    if asked.rounds < 1:
        parser.error(f"--rounds is {asked.rounds}; it must be 1 or more.")
    return asked


def target(folder: Path, name: str) -> Path:
    """The demo's target, its engine set for short runs on few rows."""
    path = folder / "demo.yml"
    demo = (ROOT / "conf" / "targets" / "demo.yml").read_text(encoding="utf-8")
    path.write_text(demo + (INTERPRETED if name == "spark" else ""), encoding="utf-8")
    return path


def lay_drops(folder: Path, households: int) -> tuple[Path, Path]:
    """The demo's files for some households, in two folders: order lines as monthly drops, one row standing in all.

    The second has products once more, those of one department under another brand.
    """
    early, late = folder / "early", folder / "late"
    subprocess.run([sys.executable, str(ROOT / "scripts" / "demo_data.py"), str(early)], check=True)
    for path in early.rglob("*.parquet"):
        table = pq.read_table(path)
        if "household_id" in table.column_names:
            pq.write_table(table.filter(pc.less_equal(table["household_id"], households)), path)
    path = early / "transactions" / "transactions.parquet"
    lines = pq.read_table(path)
    month = pc.month(lines["transaction_timestamp"])
    path.unlink()
    (late / "transactions").mkdir(parents=True)
    for number in range(1, 13):
        drop = pa.concat_tables([lines.filter(pc.equal(month, number)), lines.slice(0, 1)])
        pq.write_table(drop, (early if number <= 6 else late) / "transactions" / f"{number:02}.parquet")
    correct_products(early, late, lines)
    return early, late


def correct_products(early: Path, late: Path, lines: pa.Table) -> None:
    """Leave the products that were bought, and let those of one department arrive again, under another brand."""
    path = early / "products" / "products.parquet"
    products = pq.read_table(path)
    products = products.filter(pc.is_in(products["product_id"], value_set=pc.unique(lines["product_id"])))
    pq.write_table(products, path)
    grocery = products.filter(pc.equal(products["department"], "GROCERY"))
    brand = pa.array(["Corrected"] * grocery.num_rows)
    (late / "products").mkdir(parents=True)
    corrected = grocery.set_column(grocery.column_names.index("brand"), "brand", brand)
    pq.write_table(corrected, late / "products" / "products_corrected.parquet")


def scene(name: str, asked: argparse.Namespace, before: Path, arriving: tuple[Path, ...]) -> Scene:
    """A scene, with what a run comes to that is left alone."""
    files = before.with_name(name.replace(" ", "-") + "-files")
    for folder in arriving:
        shutil.copytree(folder, files, dirs_exist_ok=True)
    root = before.with_name(name.replace(" ", "-") + "-left-alone")
    stage(root, before, files)
    had = len(list(commits(root)))
    seconds = run(root, asked)
    made = len(list(commits(root))) - had
    print(f"{name}, left alone: {seconds:.1f} s from the start of {asked.engine}, {made} commits", flush=True)
    return Scene(name, before, files, seconds, made, contents(root))


def stage(root: Path, before: Path, files: Path) -> None:
    """A target as it was before, with files that have arrived."""
    if before.exists():
        shutil.copytree(before, root)
    shutil.copytree(files, root / "files", dirs_exist_ok=True)


def is_passed(number: int, scene: Scene, root: Path, asked: argparse.Namespace, share: float) -> bool:
    """One round, told in a line; whether it ended with the tables it should."""
    had = len(list(commits(scene.before)))
    after = kill(scene, root, asked, share)
    made = list(commits(root))[had:]
    last = f", the last: {made[-1]}" if made else ""
    half = half_published(root)
    run(root, asked)
    found = contents(root)
    differing = [table for table, rows in scene.expected.items() if rows != found.get(table)]
    differing += [table for table in found if table not in scene.expected]
    differing += [f"{table} as others see it when another job starts" for table in half]
    state = f"differs: {', '.join(differing)}" if differing else "the same"
    done = f"{len(made)} of {scene.commits} commits done{last}"
    print(f"round {number} ({scene.name}): killed after {after:.1f} s, {done}; run again: {state}", flush=True)
    shutil.rmtree(root)
    return not differing


def kill(scene: Scene, root: Path, asked: argparse.Namespace, share: float) -> float:
    """Stage a scene and kill a run of it after a share of its time; how many seconds that was."""
    while True:
        stage(root, scene.before, scene.files)
        after = share * scene.seconds
        took = run(root, asked, after)
        if took < 0:
            return after
        scene.seconds = took  # it ended before: another, earlier
        shutil.rmtree(root)


def commits(root: Path) -> Iterator[str]:
    """The commits to tables below `root`, in the order of time: the table and its version."""
    found = [path for path in root.glob("**/_delta_log/*.json") if COMMIT.fullmatch(path.name)]
    for path in sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name)):
        yield f"version {int(path.stem)} of {path.parent.parent.name}"


def command(root: Path, asked: argparse.Namespace) -> list[str]:
    where = ["--conf", str(ROOT / "conf"), "--target", str(asked.target), "--root", str(root)]
    return [sys.executable, "-m", "vitalfew", "run", *asked.jobs, *where, "--engine", asked.engine]


def environment() -> dict[str, str]:
    """Ours, without what an embedded session leaves in it for the next."""
    ours = {key: value for key, value in os.environ.items() if not key.startswith("SPARK_")}
    return {"JDK_JAVA_OPTIONS": SHORT_LIVED, **ours}


def run(root: Path, asked: argparse.Namespace, after: float | None = None) -> float:
    """How many seconds a run takes, counted from its first job; a negative number if it was killed.

    `after`: kill it, with its children, after that many seconds. If it fails by itself: SystemExit with its words.
    """
    log = root / "run.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command(root, asked), env=environment(), stderr=output, stdout=output, start_new_session=True
        )
        started = time.monotonic()
        while process.poll() is None and ": started" not in log.read_text(encoding="utf-8"):
            if time.monotonic() - started > STARTS_WITHIN:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                sys.exit(f"the run in {root} began no job within {STARTS_WITHIN} s:\n{log.read_text(encoding='utf-8')}")
            time.sleep(0.02)
        started = time.monotonic()
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return -1
    if process.returncode:
        sys.exit(f"the run in {root} failed with {process.returncode}:\n{log.read_text(encoding='utf-8')}")
    return time.monotonic() - started


def half_published(root: Path) -> list[str]:
    """The tables whose newest version is not what was published, once another job has started."""
    running = engine.start("sail", remote=None, master=None, options={})
    try:
        storage = Storage(running, Target(root=str(root)))
        published = Published(storage)
        seen = [(one.table, rows(storage, one.table, one.snapshot.version)) for one in manifest.listed(published)]
        rollback.others(published, suite.JOBS["ingest"], datetime.now(UTC).replace(tzinfo=None))
        storage.release()
        return [table.name for table, published in seen if rows(storage, table) != published]
    finally:
        running.close()


def contents(root: Path) -> dict[str, list[str]]:
    """Every row of every table below `root`, as sorted text."""
    running = engine.start("sail", remote=None, master=None, options={})
    try:
        storage = Storage(running, Target(root=str(root)))
        return {table.name: rows(storage, table) for table in COMPARED if storage.exists(table)}
    finally:
        running.close()


def rows(storage: Storage, table: Table, version: int | None = None) -> list[str]:
    """The rows as text; when they came, and which of two files an exact copy was taken from, is left out."""
    names = [name for name in table.columns if name not in OF_THE_MOMENT]
    return sorted(
        str(tuple(row))
        for row in collect_rows(storage.load(storage.target.location(table.name), version).select(*names), table.name)
    )


if __name__ == "__main__":
    sys.exit(main())
