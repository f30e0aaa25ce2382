"""Break a run at each of its commit points, in each way, run it again, and compare every table with a run left alone.

Usage: fault_injection.py [--rounds 200] [--first 1] [--engine sail|spark] [--seed 1] [--jobs ingest orders rfm]
A point is one write of one table, that of the log of runs among them. It is broken in one of four ways: the process is
killed before it, killed inside it (some milliseconds after it began), or killed after it; or the disk is full inside it
(no file can grow beyond some bytes). The rounds go through all points and ways, spread over the run.
Each round must hold: what is published is what was before the run, or all of what a job wrote; the run that is repeated
comes to the tables of a run left alone; a third run changes nothing. The exit code says whether it was so.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crash_test import COMPARED, ROOT, commits, environment, rows

from vitalfew import suite
from vitalfew.config import loading
from vitalfew.config.target import Target
from vitalfew.engines import engine
from vitalfew.engines.engine import Engine
from vitalfew.runs import manifest, rollback
from vitalfew.runs.pipeline import Runner
from vitalfew.runs.published import Published
from vitalfew.storage.delta import Storage

WAYS = ("killed before", "killed inside", "killed after", "disk full inside")
WRITES = ("replace", "append", "merge")
POINTS = "VITALFEW_POINTS"
TARGET = """
engine: {engine}
root: {root}
files:
  order_lines:
    at: drops
    columns: {{order_id: id, customer_id: who, product_id: what, ordered_at: at, quantity: n, amount: n * price}}
    types: {{price: "decimal(18,4)"}}
"""
ITEMS = ("tea", "cup", "pot", "jam")


@dataclass(frozen=True)
class Fault:
    """What happens at which point: the writes of a run are numbered from 0."""

    way: str
    point: int
    size: float
    """Of a kill inside, the milliseconds; of a full disk, the bytes that still fit a file."""

    @property
    def text(self) -> str:
        return f"{self.way}|{self.point}|{self.size}"


def broken(fault: Fault | None) -> list[str]:
    """Let the writes of this process count, and the fault happen; the tables that were written, in order."""
    seen: list[str] = []

    def counted(whole: Callable[..., Any]) -> Callable[..., Any]:
        def write(self: Storage, table: Any, *args: Any, **kwargs: Any) -> Any:
            if getattr(self, "is_inside", False):
                return whole(self, table, *args, **kwargs)
            seen.append(table.name)
            is_here = fault is not None and len(seen) - 1 == fault.point
            self.is_inside = True  # type: ignore[attr-defined]
            try:
                return (
                    happening(fault, lambda: whole(self, table, *args, **kwargs))
                    if is_here and fault
                    else whole(self, table, *args, **kwargs)
                )
            finally:
                self.is_inside = False  # type: ignore[attr-defined]

        return write

    for name in WRITES:
        setattr(Storage, name, counted(getattr(Storage, name)))
    return seen


def happening(fault: Fault, write: Callable[[], Any]) -> Any:
    """The write, with the fault."""
    if fault.way == "killed before":
        stop()
    if fault.way == "killed inside":
        threading.Timer(fault.size / 1000, stop).start()
    if fault.way == "disk full inside":
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(fault.size), hard))
        try:
            return write()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    done = write()
    if fault.way == "killed after":
        stop()
    return done


def stop() -> None:
    """This process, and the engine that is part of it or its child."""
    os.killpg(os.getpgid(0), signal.SIGKILL)


def child() -> None:
    """One run, in a process of its own: `--child FAULT arguments of vitalfew …`."""
    text = sys.argv[2]
    way, point, size = text.split("|") if text else ("", "-1", "0")
    seen = broken(Fault(way, int(point), float(size)) if text else None)
    sys.argv = ["vitalfew", *sys.argv[3:]]
    from vitalfew.cli import main

    try:
        main()
    finally:
        if path := os.environ.get(POINTS):
            Path(path).write_text("\n".join(seen), encoding="utf-8")


def run(root: Path, asked: argparse.Namespace, fault: Fault | None = None) -> tuple[int, str]:
    """The exit code of a run and what it said."""
    command = [sys.executable, __file__, "--child", fault.text if fault else "", "run", *asked.jobs]
    where = ["--conf", str(root.parent / "conf"), "--target", str(root.parent / f"{root.name}.yml")]
    (root.parent / f"{root.name}.yml").write_text(TARGET.format(engine=asked.engine, root=root), encoding="utf-8")
    libs = {"PYTHONPATH": os.pathsep.join([str(ROOT / "libs"), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(
        [*command, *where],
        env={**environment(), **libs, POINTS: str(root.parent / "points")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        check=False,
    )
    return done.returncode, done.stdout


def lay(root: Path, month: int) -> None:
    """A month's drop of order lines, some of them refused."""
    lines = [
        f"o{c}-{month}-{day},c{c},{ITEMS[(c + day) % 4]},2025-{month:02}-{day:02} 09:00:00,{1 + day % 2},{1 + c}.50"
        for c in range(9)
        for day in range(1 + c % 3, 25, 2 + c % 4)
    ]
    (root / "drops").mkdir(parents=True, exist_ok=True)
    text = "\n".join(["id,who,what,at,n,price", *lines, f"x{month},c1,tea,never,1,1.00"]) + "\n"
    (root / "drops" / f"{month:02}.csv").write_text(text, encoding="utf-8")


class Undisturbed:
    """Runs that nobody disturbs, and what is in the tables, in one session."""

    def __init__(self, running: Engine, asked: argparse.Namespace) -> None:
        self.running, self.names = running, tuple(asked.jobs)

    def run(self, root: Path) -> str:
        """What went wrong in a run; nothing where all is well."""
        chosen = suite.chosen(self.names)
        config = loading.load(root.parent / "conf", str(root.parent / f"{root.name}.yml"), chosen)
        storage = Storage(self.running, config.target)
        outcomes = Runner(storage, config).run(chosen)
        storage.release()
        return "; ".join(one.message for one in outcomes if one.state not in ("published", "unchanged"))

    def contents(self, root: Path) -> dict[str, list[str]]:
        storage = Storage(self.running, Target(root=str(root), engine=self.running.name))
        return {table.name: rows(storage, table) for table in COMPARED if storage.exists(table)}

    def half_published(self, root: Path) -> list[str]:
        """The tables whose newest version is not what was published, once another job has started."""
        storage = Storage(self.running, Target(root=str(root), engine=self.running.name))
        published = Published(storage)
        seen = [(one.table, rows(storage, one.table, one.snapshot.version)) for one in manifest.listed(published)]
        rollback.others(published, suite.JOBS["ingest"], datetime.now(UTC).replace(tzinfo=None))
        storage.release()
        return [table.name for table, before in seen if rows(storage, table) != before]


def scenes(folder: Path, asked: argparse.Namespace) -> list[str]:
    """A target before the run that is broken, in `before`, and after it, in `alone`; the writes of that run."""
    (folder / "conf" / "jobs").mkdir(parents=True)
    lay(folder / "before", 1)
    for month, name in ((1, "before"), (2, "alone")):
        if month == 2:
            lay(folder / "before", month)
            shutil.copytree(folder / "before", folder / name)
        code, said = run(folder / name, asked)
        if code:
            sys.exit(f"a run left alone failed with {code}:\n{said}")
    return (folder / "points").read_text(encoding="utf-8").splitlines()


def faults(rounds: int, points: int, chance: random.Random) -> list[Fault]:
    """Spread over the points, each way in turn."""
    found = []
    for number in range(rounds):
        way = WAYS[number % len(WAYS)]
        point = (
            (number // len(WAYS)) % points if rounds >= points * len(WAYS) else int((number + 0.5) * points / rounds)
        )
        size = chance.uniform(0, 60) if way == "killed inside" else chance.choice([0, 200, 900, 1500, 4000])
        found.append(Fault(way, point, size))
    return found


def wrong_in(
    root: Path, asked: argparse.Namespace, fault: Fault, expected: dict[str, list[str]], undisturbed: Undisturbed
) -> list[str]:
    """What does not hold after a fault."""
    code, said = run(root, asked, fault)
    if code not in (0, -signal.SIGKILL) and fault.way != "disk full inside":
        return [f"ended with {code}: {said[-300:]}"]
    if "Traceback" in said:
        return [f"a traceback: {said[-300:]}"]
    wrong = [f"{table} is half published" for table in undisturbed.half_published(root)]
    if trouble := undisturbed.run(root):
        return [*wrong, f"the run that is repeated failed: {trouble[-300:]}"]
    found = undisturbed.contents(root)
    wrong += [f"{table} differs" for table in {*expected, *found} if expected.get(table) != found.get(table)]
    made = per_table(root)
    undisturbed.run(root)
    third = per_table(root)
    return wrong + [f"a third run wrote {table}" for table in third if third[table] != made[table] and table != "runs"]


def per_table(root: Path) -> Counter[str]:
    """How many commits each table has."""
    return Counter(text.partition(" of ")[2] for text in commits(root))


def main() -> int:
    """Run the rounds; 0 if all held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--first", type=int, default=1, help="Go on with this round: those before it are left out.")
    parser.add_argument("--engine", choices=["sail", "spark"], default="sail")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", nargs="+", default=["ingest", "orders", "customer_products", "rfm"])
    asked = parser.parse_args()
    if asked.rounds < 1:
        parser.error(f"--rounds is {asked.rounds}; it must be 1 or more.")
    if not 1 <= asked.first <= asked.rounds:
        parser.error(f"--first is {asked.first}; it must be a round from 1 to {asked.rounds}.")
    failed: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="vitalfew-faults-") as name:
        folder = Path(name)
        points = scenes(folder, asked)
        print(f"{len(points)} points: {', '.join(points)}", flush=True)
        running = engine.start(asked.engine, remote=None, master=None, options={})
        undisturbed = Undisturbed(running, asked)
        expected = undisturbed.contents(folder / "alone")
        drawn = faults(asked.rounds, len(points), random.Random(asked.seed))
        for number, fault in enumerate(drawn[asked.first - 1 :], start=asked.first):
            root = folder / f"round-{number}"
            shutil.copytree(folder / "before", root)
            wrong = wrong_in(root, asked, fault, expected, undisturbed)
            failed[fault.way] += bool(wrong)
            told = "; ".join(wrong) or "as it should be"
            print(f"round {number}: {fault.way} write {fault.point} ({points[fault.point]}): {told}", flush=True)
            shutil.rmtree(root)
        running.close()
    per_way = ", ".join(f"{way}: {failed[way]}" for way in WAYS)
    print(f"{asked.rounds - asked.first + 1 - failed.total()} passed, {failed.total()} failed ({per_way})")
    return 1 if failed.total() else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child()
    else:
        sys.exit(main())
