"""Measure Vital Few against what one would pick instead, in one run and on the same data.

Usage: bench.py ROOT [--lines 20_000_000] [--points 4_000_000] [--task value …] [--without spark …] [--json FILE]
       needs: pip install 'vitalfew[spark,sail-engine,test,bench]'

ROOT gets the generated data, once. Tasks: value (RFM and contribution from order lines), itemsets, clusters, jobs
(every job of the suite), and day (facts, rfm, contribution and alerts when one more day has come, to all of it again).
Each contestant runs in a process of its own; starting an engine is not counted. Before each there is a rest: a virtual
machine gives free memory back to its host, and what has to be fetched again is slow to touch, so that a contestant
would profit from what the one before it has just let go.
The exit code is 1 where a contestant failed, or where those of one task found different things.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from vitalfew import __version__
from vitalfew.engines.engine import machine

OURS = "vitalfew on "
VALUE = ("orders", "rfm", "contribution")
ALL_AGAIN, NEW_DAY = "all again", "a new day"
NEEDS = "pip install 'vitalfew[spark,sail-engine,test,bench]'"
COMPARED = {
    **dict.fromkeys(("customers", "money", "sets", "occurrences", "points"), Decimal(0)),
    "cost": Decimal("1e-5"),  # of K-means: each contestant starts elsewhere, and stops when little changes
}


def contestants() -> Mapping[str, Mapping[str, Any]]:
    """By task and name, the function that does it; the first is the one that the ratios are to."""
    ours, theirs = import_module("benchmarks.ours"), import_module("benchmarks.theirs")
    new_day = import_module("benchmarks.new_day")
    return {
        "value": {
            f"{OURS}sail": ours.on("sail", ours.jobs(VALUE)),
            f"{OURS}spark": ours.on("spark", ours.jobs(VALUE)),
            "duckdb": theirs.duckdb_value,
            "polars": theirs.polars_value,
        },
        "itemsets": {
            f"{OURS}sail": ours.on("sail", ours.itemsets),
            f"{OURS}spark": ours.on("spark", ours.itemsets),
            "C (Borgelt)": theirs.c_itemsets,
            "mllib": theirs.mllib_itemsets,
        },
        "clusters": {
            f"{OURS}sail": ours.on("sail", ours.twice(ours.clusters)),
            f"{OURS}spark": ours.on("spark", ours.twice(ours.clusters)),
            "scikit-learn": theirs.sklearn_clusters,
            "mllib": theirs.mllib_clusters,
        },
        "jobs": {f"{OURS}sail": ours.on("sail", ours.jobs(())), f"{OURS}spark": ours.on("spark", ours.jobs(()))},
        "day": {f"{ALL_AGAIN} on {engine}": ours.on(engine, new_day.again) for engine in ("sail", "spark")}
        | {f"{NEW_DAY} on {engine}": ours.on(engine, new_day.day) for engine in ("sail", "spark")},
    }


def main() -> int:
    """Run what the command line asks for."""
    try:
        return bench(arguments())
    except ModuleNotFoundError as error:
        sys.exit(f"There is no module {error.name}: {NEEDS}")


def bench(asked: argparse.Namespace) -> int:
    """Every contestant of the tasks, each told when it is over; 1 where one failed or two disagree."""
    if asked.contestant:
        task, name = asked.contestant
        seconds, answer = contestants()[task][name](asked.root)
        print(f"RESULT {json.dumps({'seconds': seconds, 'answer': answer})}")
        return 0
    measure = import_module("benchmarks.measuring").measure
    by_task = contestants()
    lines, points = import_module("benchmarks.data").prepare(asked.root, asked.lines, asked.points, asked.task)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    made = {"version": __version__, "machine": machine(), "at": at, "lines": lines, "points": points}
    print(f"Vital Few {__version__}; {machine()}; {lines:,} order lines, {points:,} points")
    results: list[Any] = []
    for task in asked.task:
        for name in by_task[task]:
            if not any(word in name for word in asked.without):
                time.sleep(asked.rest)
                results.append(measure(task, name, asked.root, asked.minutes))
                print(told(results[-1], results, lines), flush=True)
                if asked.json:
                    found = {**made, "results": [asdict(r) for r in results], "differing": differing(results)}
                    asked.json.write_text(json.dumps(found, indent=2) + "\n")
    print(*differing(results), sep="\n", end="\n" if differing(results) else "")
    return 1 if differing(results) or any(result.error for result in results) else 0


def differing(results: list[Any]) -> list[str]:
    """What contestants of one task found that is not what the first to end found, a line for each."""
    first: dict[tuple[str, str], Any] = {}
    found = []
    for result in results:
        for key, tolerance in COMPARED.items():
            if result.error or key not in result.answer:
                continue
            other = first.setdefault((result.task, key), result)
            ours, theirs = Decimal(other.answer[key]), Decimal(result.answer[key])
            if abs(theirs - ours) > tolerance * abs(ours):
                names = f"{other.contestant} found {ours:,}, {result.contestant} {theirs:,}"
                found.append(f"{result.task:<9} they disagree on {key}: {names}")
    return found


def told(result: Any, results: list[Any], lines: int) -> str:
    """One contestant in one line, with the ratio to the first of its task."""
    head = f"{result.task:<9} {result.contestant:<18}"
    if result.error:
        return f"{head} failed: {result.error}"
    first = next(r for r in results if r.task == result.task)
    ratio = f"{result.seconds / first.seconds:7.2f} ×" if first.seconds else " " * 9
    rows = f"{lines / result.seconds / 1e6:6.2f} M lines/s" if result.task in ("value", "jobs") else ""
    answer = {name: value for name, value in result.answer.items() if not isinstance(value, dict)}
    line = f"{head} {result.seconds:8.1f} s {ratio} {result.peak_mb:7,} MB {rows} {answer or ''}".rstrip()
    jobs = [(name, value) for name, value in result.answer.items() if isinstance(value, dict)]
    return "\n".join([line, *[job_told(name, job, lines) for name, job in jobs]])


def job_told(name: str, job: dict[str, Any], lines: int) -> str:
    """One job of ours: its seconds, the most memory while it ran, its pace, the most rows that the driver held."""
    if "written_mb" in job:
        return f"  {name:<26} {job['seconds']:8.1f} s {job['cpu']:8.1f} CPU s {job['written_mb']:8.1f} MB written"
    pace = f"{lines / job['seconds'] / 1e6:9.2f} M lines/s" if job["seconds"] else " " * 19
    to_driver = f"{job['driver_rows']:9,} rows to the driver"
    return f"  {name:<26} {job['seconds']:8.1f} s {'':9} {job['peak_mb']:7,} MB {pace} {to_driver}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--lines", type=int, default=20_000_000)
    parser.add_argument("--points", type=int, default=4_000_000)
    parser.add_argument("--task", nargs="+", choices=["value", "itemsets", "clusters", "jobs", "day"])
    parser.add_argument("--without", nargs="+", default=[], help="words of contestants to leave out")
    parser.add_argument("--minutes", type=float, default=20, help="the longest that one contestant may take")
    parser.add_argument("--rest", type=float, default=20, help="seconds before each contestant")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--contestant", nargs=2, help=argparse.SUPPRESS)
    found = parser.parse_args()
    found.task = found.task or ["value", "itemsets", "clusters"]
    found.root = found.root.resolve()
    return found


if __name__ == "__main__":
    sys.exit(main())
