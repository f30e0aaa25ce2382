"""Compare what the jobs say of a generated shop with what was planted in it, one line for each planted thing.

Usage: recover.py ROOT [--as-of 2024-12-30] [--engine sail|spark]

ROOT was made by make_data.py, and the jobs have run on it: `vitalfew run all --place generated --root ROOT --as-of …`,
with `--set 'customer360.country_code="43"'`, as the numbers planted are Austrian. Moves and alerts of who is leaving
need a slice of the month before; bursts, one of `alerts` on the day after each (truth_bursts).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from generator import recovery, writing
from generator.world import AS_OF
from pyspark.sql import DataFrame

from vitalfew import config
from vitalfew.errors import VitalFewError
from vitalfew.session import opened
from vitalfew.storage import Storage
from vitalfew.tables import ALL

CONF = Path(__file__).parents[1] / "conf"


def main(arguments: list[str] | None = None) -> None:
    """Print what was recovered."""
    args = parsed(arguments)
    try:
        loaded = config.load(CONF, "generated", [], root=str(args.root.resolve()), engine=args.engine)
        with opened(loaded) as storage:
            for name, text in report(storage, args.root.resolve(), args.as_of):
                print(f"{name:<28} {text}", flush=True)
    except VitalFewError as error:
        sys.exit(str(error))


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("root", type=Path, help="folder of the tables")
    parser.add_argument("--as-of", type=date.fromisoformat, default=AS_OF, help="the slice that is compared")
    parser.add_argument("--engine", choices=("sail", "spark"), default="sail")
    return parser.parse_args(arguments)


def report(storage: Storage, root: Path, as_of: date) -> Iterator[tuple[str, str]]:
    """Each planted thing, and what was found of it; or why there is nothing to compare."""

    def on(day: date) -> Callable[[str], DataFrame]:
        return lambda name: storage.read(ALL[name]).where(f"as_of = date'{day}'")

    def truth(name: str) -> DataFrame:
        return writing.load(storage.spark, root / f"truth_{name}")

    known = storage.read(ALL["orders"]), storage.read(ALL["products"])
    for name, found in recovery.everything(on, truth, *known, as_of).items():
        try:
            yield name, found()
        except VitalFewError as error:
            yield name, f"nothing to compare: {error}"


if __name__ == "__main__":
    main()
