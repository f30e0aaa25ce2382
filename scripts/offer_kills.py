"""Kills `vitalfew run offers` while it watches, and measures how soon it answers.

python scripts/offer_kills.py FOLDER --kills 50     # kill -9 at random moments while rows come: none lost or doubled
python scripts/offer_kills.py FOLDER --appends 10   # seconds from the commit of a row to the commit of its offer
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake

STEP = 45
MOST_STEPS = 6
MOMENT = pa.timestamp("us", "UTC")
TARGET = """
engine: sail
root: {root}
sources:
  situations: {{at: theirs/situations}}
"""
JOB = f"""
assume_consent: true
contact_cap: 100000
kinds:
  flight_delay:
    step_minutes: {STEP}
    most_steps: {MOST_STEPS}
    rules: [{{offer: apology, channel: push}}]
"""
Key = tuple[str, str, int]


@dataclass
class Airport:
    """Flights that are late, and those who wait for them."""

    root: Path
    seed: int = 1
    said: dict[tuple[str, str], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        for name, text in (("targets/here", TARGET.format(root=self.root)), ("jobs/offers", JOB)):
            path = self.root / "conf" / f"{name}.yml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def append(self, rows: int = 20) -> None:
        """One commit of rows: delays grow, shrink and repeat."""
        who = [(f"F{self.random.randrange(40)}", f"c{self.random.randrange(200)}") for _ in range(rows)]
        minutes = [float(self.random.randrange(-30, 400)) for _ in who]
        for one, late in zip(who, minutes, strict=True):
            self.said[one] = max(self.said.get(one, 0.0), late)
        now = datetime.now(UTC)
        columns = {
            "event_id": pa.array([event for event, _ in who]),
            "customer_id": pa.array([customer for _, customer in who]),
            "kind": pa.array(["flight_delay"] * rows),
            "minutes_lost": pa.array(minutes),
            "changed_at": pa.array([now] * rows, MOMENT),
        }
        write_deltalake(self.root / "theirs" / "situations", pa.table(columns), mode="append")

    def due(self) -> set[Key]:
        """Every step that was reached, by plain Python."""
        steps = {who: min(MOST_STEPS, int(most // STEP)) for who, most in self.said.items()}
        return {(*who, step) for who, most in steps.items() for step in range(1, most + 1)}

    def answered(self) -> list[Key]:
        """The steps that have a row, in order, twice where there are two."""
        files = DeltaTable(self.root / "offers").file_uris()
        names = ["event_id", "customer_id", "step"]
        found = [row for file in files for row in pq.ParquetFile(file).read(names).to_pylist()]
        return sorted((row["event_id"], row["customer_id"], row["step"]) for row in found)

    def command(self, *settings: str) -> list[str]:
        given = [part for one in settings for part in ("--set", one)]
        return [
            sys.executable,
            "-m",
            "vitalfew",
            "run",
            "offers",
            "--conf",
            f"{self.root}/conf",
            "--target",
            "here",
            *given,
        ]

    def watching(self, minutes: float = 10) -> subprocess.Popen[bytes]:
        """A run that watches."""
        settings = (f"watch_minutes={minutes}", "poll_seconds=0.1")
        with (self.root / "log.txt").open("ab") as log:
            return subprocess.Popen(self.command(*settings), stdout=log, stderr=log)

    def once(self) -> None:
        subprocess.run(self.command(), check=True, capture_output=True)


@contextmanager
def coming(airport: Airport, pause: float) -> Iterator[None]:
    """While it lasts, rows come."""
    over = threading.Event()

    def more() -> None:
        while not over.wait(pause):
            airport.append()

    writer = threading.Thread(target=more)
    writer.start()
    try:
        yield
    finally:
        over.set()
        writer.join()


def batches(airport: Airport) -> int:
    log = airport.root / "offer_batches" / "_delta_log"
    return len(list(log.glob("*.json")))


def begun(airport: Airport) -> int:
    """How many runs have begun their work."""
    log = airport.root / "log.txt"
    return log.read_text(encoding="utf-8").count("offers: started") if log.exists() else 0


def killed(airport: Airport, kills: int, most: float = 3.0) -> int:
    """Kills watching runs: in turn soon after it has noted a batch, and soon after it has begun.

    How many batches they had noted.
    """
    moments = random.Random(airport.seed)
    airport.append()
    with coming(airport, 0.15):
        for i in range(kills):
            seen = begun if i % 2 else batches
            had, run, until = seen(airport), airport.watching(), time.monotonic() + 60
            while seen(airport) <= had and time.monotonic() < until:
                time.sleep(0.02)
            time.sleep(moments.uniform(0, most))
            run.kill()
            run.wait()
    noted = batches(airport)
    airport.once()
    return noted


def latencies(airport: Airport, appends: int) -> list[float]:
    """Seconds from the commit of a row to the commit of its offer, as a reader of the table sees it."""
    airport.append()
    airport.once()
    run, found = airport.watching(), []
    time.sleep(5)
    try:
        for i in range(appends):
            event, customer = f"L{i}", f"c{i}"
            now = datetime.now(UTC)
            row = {"event_id": [event], "customer_id": [customer], "kind": ["flight_delay"], "minutes_lost": [50.0]}
            write_deltalake(
                airport.root / "theirs" / "situations",
                pa.table({**row, "changed_at": pa.array([now], MOMENT)}),
                mode="append",
            )
            began = time.monotonic()
            while (event, customer, 1) not in airport.answered():
                time.sleep(0.02)
            found.append(time.monotonic() - began)
            time.sleep(airport.random.uniform(0.2, 1.5))
    finally:
        run.terminate()
        run.wait()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--appends", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    airport = Airport(given.folder.absolute(), given.seed)
    if given.appends:
        seconds = sorted(latencies(airport, given.appends))
        print(
            f"{len(seconds)} rows: {seconds[0]:.2f} to {seconds[-1]:.2f} s, median {seconds[len(seconds) // 2]:.2f} s"
        )
    if not given.kills:
        return 0
    noted = killed(airport, given.kills)
    had, due = airport.answered(), airport.due()
    lost, doubled, strange = len(due - {*had}), len(had) - len({*had}), len({*had} - due)
    print(
        f"{given.kills} kills, {noted} batches noted, {len(due):,} steps due: "
        f"{lost} lost, {doubled} doubled, {strange} not due"
    )
    return 1 if lost or doubled or strange else 0


if __name__ == "__main__":
    sys.exit(main())
