"""Generate a shop with planted habits, at any scale: Delta tables that the target `generated` reads, and the truth.

Usage: make_data.py --root DIR --lines 1_000_000 [--seed 1] [--engine sail|spark] [--master URL] [--dirty 0.001]
                    [--seasonal] [--decisions]

The same seed gives the same rows on either engine. Beside the source tables there are the tables truth_… and
truth.json: what was planted, to compare results with.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from generator.world import World
from generator.writing import LINES_PER_SLICE, TRUTH, write

from vitalfew.engines import engine
from vitalfew.errors import VitalFewError


def main(arguments: list[str] | None = None) -> None:
    """Generate what the command line asks for."""
    args = parsed(arguments)
    try:
        world = World(args.lines, args.seed, args.dirty, is_seasonal=args.seasonal, has_decisions=args.decisions)
    except ValueError as error:
        sys.exit(str(error))
    refuse_foreign(args.root)
    started = time.monotonic()
    try:
        running = engine.start(args.engine, remote=None, master=args.master, options={})
    except VitalFewError as error:
        sys.exit(str(error))
    try:
        found = write(running.spark, world, args.root.resolve(), args.slice_lines)
    finally:
        running.close()
    print(f"{found['rows']} below {args.root} in {time.monotonic() - started:.1f} s; as_of is {found['as_of']}.")


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--root", type=Path, required=True, help="folder of the tables; what this script made is replaced"
    )
    parser.add_argument("--lines", type=int, required=True, help="order lines, about; 1_000_000 may be written so")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=("sail", "spark"), default="sail")
    parser.add_argument("--master", help="Spark master, where spark-submit does not say it")
    parser.add_argument("--dirty", type=float, default=0.001, help="broken lines for each line; 0 for none")
    parser.add_argument(
        "--seasonal", action="store_true", help="busy months, a growing shop, and more pieces for who comes often"
    )
    parser.add_argument(
        "--decisions", action="store_true", help="added: price changes, stock, trials, families and other planted truth"
    )
    parser.add_argument("--slice-lines", type=int, default=LINES_PER_SLICE, help="lines written at a time")
    return parser.parse_args(arguments)


def refuse_foreign(root: Path) -> None:
    """Stop before anything is overwritten that this script has not made."""
    if root.exists() and any(root.iterdir()) and not (root / TRUTH).exists():
        sys.exit(f"{root} is not empty and has no {TRUTH}: it was not made by this script. Choose another --root.")


if __name__ == "__main__":
    main()
