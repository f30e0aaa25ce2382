"""Where a value is in a JSON object: paths with dots, arrays that become rows. Runs on executors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

NAMES = ("key", "name")
"""In arrays of named values, as GA4 and Shopify write them: the field that names one."""


@dataclass(frozen=True)
class Row:
    """One row of a record: the record, the elements of its arrays by their paths, and what it is compared by."""

    root: Mapping[str, Any]
    elements: tuple[tuple[str, Any], ...] = ()
    others: str | None = None

    def at(self, path: str) -> Any:
        """The value at `path`: in the element whose path it begins with, else in the record."""
        for prefix, element in reversed(self.elements):
            if path == prefix:
                return element
            if path.startswith(f"{prefix}."):
                return value_at(element, path[len(prefix) + 1 :])
        return value_at(self.root, path)


def value_at(value: Any, path: str) -> Any:
    """What stands at a path with dots; None where nothing does. A key that is called like the whole path goes first.

    In an array a step is a position from 0, or the name of one of its named values.
    """
    if isinstance(value, dict):
        if path in value:
            return value[path]
        step, dot, rest = path.partition(".")
        return value_at(value[step], rest) if dot and step in value else None
    if isinstance(value, list):
        step, dot, rest = path.partition(".")
        found = element_at(value, step)
        return value_at(found, rest) if dot else found
    return None


def element_at(values: Sequence[Any], step: str) -> Any:
    if step.isascii() and step.isdigit():
        return values[int(step)] if int(step) < len(values) else None
    named = (v for v in values if isinstance(v, dict) and any(v.get(name) == step for name in NAMES))
    return next(named, None)


def exploded(record: Mapping[str, Any], steps: Sequence[str]) -> list[Row]:
    """A row for each element of the array at `steps`, arrays on the way too; one without element where there is none.

    `others` of a row tells it from rows with other content, and is not longer for having more siblings.
    """
    return [*rows_below(Row(record, others=""), record, steps, "")]


def rows_below(row: Row, value: Any, steps: Sequence[str], prefix: str) -> Iterator[Row]:
    if not steps:
        yield row
        return
    found = value.get(steps[0]) if isinstance(value, dict) else None
    path = f"{prefix}.{steps[0]}" if prefix else steps[0]
    around = {key: inner for key, inner in value.items() if key != steps[0]} if isinstance(value, dict) else value
    here = f"{row.others}{digest(around)}"
    for element in found if isinstance(found, list) and found else [found or None]:
        own = digest(element) if len(steps) == 1 else ""
        yield from rows_below(Row(row.root, (*row.elements, (path, element)), here + own), element, steps[1:], path)


def digest(value: Any) -> str:
    return sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:32]
