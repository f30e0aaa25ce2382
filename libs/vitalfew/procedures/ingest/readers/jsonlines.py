"""JSON, one object a line; numbers keep the digits they are written with. Runs on executors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa

from vitalfew.procedures.ingest.readers.lines import legible, records
from vitalfew.procedures.ingest.readers.parts import REST, Layout, Part, Record, Refused


def parts(blocks: Iterable[bytes], layout: Layout) -> Iterator[Part]:
    """The rows of a file, by the block; what `layout` does not use is in the column REST."""
    for found, _ in records(blocks, layout.encoding):
        good, refused = legible(found, layout.encoding)
        lines: list[int] = []
        rows: list[tuple[str | None, ...]] = []
        for record in good:
            try:
                rows.append(row(record, layout.used))
                lines.append(record[0])
            except (ValueError, RecursionError) as error:
                refused.append(Refused(*record, f"is no JSON object: {error}"[:200]))
        columns = zip(*rows, strict=True) if rows else [()] * (len(layout.used) + 1)
        names = (*layout.used, REST)
        arrays = {name: pa.array(values, pa.string()) for name, values in zip(names, columns, strict=True)}
        yield Part(lines, arrays, refused)


def row(record: Record, used: tuple[str, ...]) -> tuple[str | None, ...]:
    """The values of `used` as text, and the rest as one JSON text; ValueError where there is no object."""
    value = json.loads(
        record[1], parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=without_repetition
    )
    if not isinstance(value, dict):
        raise ValueError("the line holds another value")
    rest = {key: inner for key, inner in value.items() if key not in used and inner is not None}
    found = (*[as_text(value.get(name)) for name in used], as_text(rest) if rest else None)
    for text in found:
        if text is not None:
            text.encode()  # half of a surrogate pair is no text
    return found


def without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
