"""Compare what the jobs say of a generated shop with what was planted in it, one line for each planted thing.

Usage: recover.py ROOT [--run] [--engine sail|spark] [--only NAME ...]

ROOT was made by make_data.py. With --run the jobs look at it first: on three earlier days, whose forecasts are held
against what came; on the day after each planted burst, which alerts are to tell then; four weeks before the end, so
that moves and alerts of who is leaving have something to compare with; and at the end.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from generator import forecasts, recovery, writing
from generator.decisions import recovered
from generator.decisions.planting import has_decisions
from generator.events import BURSTS
from generator.world import AS_OF, FIRST_DAY
from pyspark.sql import DataFrame

from vitalfew.config import loading
from vitalfew.errors import VitalFewError
from vitalfew.storage.delta import Storage
from vitalfew.storage.opening import opened
from vitalfew.suite import TABLES

CONF = Path(__file__).parents[1] / "conf"
MONTH_BEFORE = AS_OF - timedelta(weeks=4)
FORECAST_ON = tuple(AS_OF - timedelta(days=days) for days in (365, 182, 91))
"""Earlier days whose forecasts are held against what came."""
LOOKS: dict[date, tuple[str, ...]] = {
    **dict.fromkeys(FORECAST_ON, ("orders", "next_purchase")),
    **{FIRST_DAY + timedelta(weeks=week + 1): ("orders", "rfm", "next_purchase", "alerts") for _, week in BURSTS},
    MONTH_BEFORE: ("orders", "rfm", "contribution", "clusters", "next_purchase", "alerts", "segment_moves"),
    AS_OF: ("all",),
}
"""When the jobs look at the shop, and which."""


def main(arguments: list[str] | None = None) -> None:
    """Print what was recovered."""
    args = parsed(arguments)
    root = args.root.resolve()
    if args.run:
        look(root, args.engine)
    try:
        loaded = loading.load(CONF, "generated", [], root=str(root), engine=args.engine)
        with opened(loaded) as storage:
            for name, text in report(storage, root, AS_OF, args.only):
                print(f"{name:<28} {text}", flush=True)
    except VitalFewError as error:
        sys.exit(str(error))


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("root", type=Path, help="folder of the tables")
    parser.add_argument("--run", action="store_true", help="run the jobs first")
    parser.add_argument("--engine", choices=("sail", "spark"), default="sail")
    parser.add_argument("--only", nargs="+", default=(), help="only lines whose names begin so")
    return parser.parse_args(arguments)


def look(root: Path, engine: str) -> None:
    """Run the jobs on every day that is compared; the numbers planted are Austrian."""
    for day, jobs in sorted(LOOKS.items()):
        at = ["--conf", str(CONF), "--target", "generated", "--root", str(root), "--engine", engine]
        known = ["--set", 'customer360.country_code="43"'] if "all" in jobs else []
        done = subprocess.run(
            [sys.executable, "-m", "vitalfew", "run", *jobs, *at, "--as-of", str(day), *known], check=False
        )
        if done.returncode:
            sys.exit(done.returncode)


def report(storage: Storage, root: Path, as_of: date, only: Sequence[str] = ()) -> Iterator[tuple[str, str]]:
    """Each planted thing, and what was found of it; or why there is nothing to compare. `only`: begins of names."""

    def on(day: date) -> Callable[[str], DataFrame]:
        return lambda name: storage.read(TABLES[name]).where(f"as_of = date'{day}'")

    def truth(name: str) -> DataFrame:
        return writing.load(storage.spark, root / f"truth_{name}")

    known = storage.read(TABLES["orders"]), storage.read(TABLES["products"])
    sought = dict(recovery.everything(on, truth, *known, as_of))
    if has_decisions(root):
        sought |= recovered.everything(on(as_of), truth)
    for day in FORECAST_ON:
        sought[f"forecast of {day}"] = partial(forecast, on(day), known[0], day, as_of)
    for name, found in sought.items():
        if only and not name.startswith(tuple(only)):
            continue
        try:
            yield name, found()
        except VitalFewError as error:
            yield name, f"nothing to compare: {error}"


def forecast(result: recovery.Tables, orders: DataFrame, day: date, as_of: date) -> str:
    """What came of the forecasts of a day."""
    return forecasts.told(result("purchase_outlook"), result("next_purchase"), orders, day, as_of)


if __name__ == "__main__":
    main()
