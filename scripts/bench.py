"""Measure Vital Few against what one would pick instead, in one run and on the same data.

Usage: bench.py ROOT [--lines 20_000_000] [--points 4_000_000] [--task value …] [--without spark …] [--json FILE]
       needs: pip install 'vitalfew[spark,sail-engine,test,bench]'

ROOT gets the generated data, once. Tasks: value (RFM and contribution from order lines), itemsets, clusters, and jobs
(every job of the suite). Each contestant runs in a process of its own; starting an engine is not counted.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from vitalfew import __version__
from vitalfew.engine import machine

OURS = "vitalfew on "
VALUE = ("orders", "rfm", "contribution")


def contestants() -> Mapping[str, Mapping[str, Any]]:
    """By task and name, the function that does it; the first is the one that the ratios are to."""
    ours, theirs = import_module("benchmarks.ours"), import_module("benchmarks.theirs")
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
    }


def main() -> int:
    """Run what the command line asks for; 1 where a contestant failed."""
    asked = arguments()
    if asked.contestant:
        task, name = asked.contestant
        seconds, answer = contestants()[task][name](asked.root)
        print(f"RESULT {json.dumps({'seconds': seconds, 'answer': answer})}")
        return 0
    import_module("benchmarks.data").prepare(asked.root, asked.lines, asked.points)
    measure = import_module("benchmarks.measuring").measure
    print(f"Vital Few {__version__}; {machine()}; {asked.lines:,} order lines, {asked.points:,} points")
    results = []
    for task in asked.task:
        for name in contestants()[task]:
            if not any(word in name for word in asked.without):
                results.append(measure(task, name, asked.root, asked.minutes))
                print(told(results[-1], results, asked.lines), flush=True)
    if asked.json:
        at = datetime.now(UTC).isoformat(timespec="seconds")
        made = {"version": __version__, "machine": machine(), "at": at, "lines": asked.lines, "points": asked.points}
        asked.json.write_text(json.dumps({**made, "results": [asdict(r) for r in results]}, indent=2) + "\n")
    return 1 if any(result.error for result in results) else 0


def told(result: Any, results: list[Any], lines: int) -> str:
    """One contestant in one line, with the ratio to the first of its task."""
    head = f"{result.task:<9} {result.contestant:<18}"
    if result.error:
        return f"{head} failed: {result.error}"
    first = next(r for r in results if r.task == result.task)
    ratio = f"{result.seconds / first.seconds:7.2f} ×" if first.seconds else " " * 9
    rows = f"{lines / result.seconds / 1e6:6.2f} M lines/s" if result.task in ("value", "jobs") else ""
    line = f"{head} {result.seconds:8.1f} s {ratio} {result.peak_mb:7,} MB {rows}"
    if any(not isinstance(value, dict) for value in result.answer.values()):
        return f"{line} {result.answer}"
    by_job = [job_told(name, found["seconds"], found["peak_mb"], lines) for name, found in result.answer.items()]
    return "\n".join([line, *by_job])


def job_told(name: str, seconds: float, peak_mb: int, lines: int) -> str:
    """One job of ours: its seconds, its pace in order lines, and the most memory while it ran."""
    pace = f"{lines / seconds / 1e6:9.2f} M lines/s" if seconds else ""
    return f"  {name:<26} {seconds:8.1f} s {'':9} {peak_mb:7,} MB {pace}"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", type=Path)
    parser.add_argument("--lines", type=int, default=20_000_000)
    parser.add_argument("--points", type=int, default=4_000_000)
    parser.add_argument("--task", nargs="+", choices=["value", "itemsets", "clusters", "jobs"])
    parser.add_argument("--without", nargs="+", default=[], help="words of contestants to leave out")
    parser.add_argument("--minutes", type=float, default=20, help="the longest that one contestant may take")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--contestant", nargs=2, help=argparse.SUPPRESS)
    found = parser.parse_args()
    found.task = found.task or ["value", "itemsets", "clusters"]
    found.root = found.root.resolve()
    return found


if __name__ == "__main__":
    sys.exit(main())
