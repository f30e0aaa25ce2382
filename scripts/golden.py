"""Compare every table that two engines made of one shop, row by row, and note what was found.

Usage: golden.py ONE OTHER NOTES SPARK PYTHON DELTA EXIT

ONE and OTHER are folders of tables; NOTES is a JSON file, in which the row of this version of SPARK is renewed. EXIT is
what the run ended with. Ends with 1 where a table differs or is absent.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from deltalake import DeltaTable

from vitalfew.suite import TABLES
from vitalfew.tables import Table

RELATIVE, ABSOLUTE = 1e-9, 1e-12
"""How far two floating-point numbers may lie apart."""
COMPARED = ("fact", "result")


def main(arguments: list[str]) -> int:
    """1 where a table differs, else 0."""
    one, other, notes = (Path(path) for path in arguments[:3])
    spark, python, delta, ended = arguments[3:]
    there = [table for table in TABLES.values() if table.kind in COMPARED and (one / table.name).exists()]
    found = {table.name: difference(table, one, other) for table in there}
    differing = {name: text for name, text in found.items() if text}
    for name, text in differing.items():
        print(f"{name}: {text}")
    print(f"Spark {spark}: {len(found) - len(differing)} of {len(found)} tables are equal; the run ended with {ended}.")
    note(
        notes,
        {
            "spark": spark,
            "delta": delta.rpartition(":")[2],
            "python": python,
            "java": java(),
            "day": f"{date.today()}",  # noqa: DTZ011  a day of the calendar here is meant
            "exit": int(ended),
            "tables": len(found),
            "equal": len(found) - len(differing),
            "rows": sum(len(rows(table, one)) for table in there),
            "differing": sorted(differing),
        },
    )
    return 1 if differing or int(ended) else 0


def java() -> str:
    """The version of Java on the PATH."""
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr
    return said.split('"')[1]


def note(path: Path, row: dict[str, Any]) -> None:
    """Renew the row of this minor version in the notes."""
    before = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    kept = [each for each in before if minor(each["spark"]) != minor(row["spark"])]
    text = json.dumps(sorted([*kept, row], key=lambda each: minor(each["spark"])), indent=2)
    path.write_text(f"{text}\n", encoding="utf-8")


def minor(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2])


def rows(table: Table, folder: Path) -> list[dict[str, Any]]:
    """All rows of a table, in the order of its key, or of all that is in them."""
    found: list[dict[str, Any]] = DeltaTable(folder / table.name).to_pyarrow_table().to_pylist()
    columns = table.key or table.columns
    return sorted(found, key=lambda row: tuple(repr(row[name]) for name in columns))


def difference(table: Table, one: Path, other: Path) -> str:
    """What differs first between two copies of `table`; empty if nothing does."""
    if not (other / table.name).exists():
        return "it is absent"
    mine, theirs = rows(table, one), rows(table, other)
    if len(mine) != len(theirs):
        return f"{len(mine)} rows against {len(theirs)}"
    for ours, others in zip(mine, theirs, strict=True):
        for name in table.columns:
            if not same(ours[name], others[name]):
                key = {each: ours[each] for each in table.key}
                return f"{name} is {ours[name]!r} against {others[name]!r} in {key}"
    return ""


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same: numbers but for the last digits, lists and structs part by part."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=RELATIVE, abs_tol=ABSOLUTE) or (math.isnan(one) and math.isnan(other))
    if is_map(one) and is_map(other):
        return same(dict(one), dict(other))
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, Decimal) or isinstance(other, Decimal):
        return one is not None and other is not None and Decimal(one) == Decimal(other)
    return bool(one == other)


def is_map(value: Any) -> bool:
    """Whether Arrow gave a map: pairs in any order."""
    return isinstance(value, list) and all(isinstance(each, tuple) for each in value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
