"""JSON: objects in lines, in an array, or one after another; numbers keep the digits they are written with.

Runs on executors.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import chain
from typing import Any

import pyarrow as pa

from vitalfew.procedures.ingest.readers import json_records, lines
from vitalfew.procedures.ingest.readers.json_paths import Row, exploded
from vitalfew.procedures.ingest.readers.lines import UTF8, legible, utf8
from vitalfew.procedures.ingest.readers.parts import REST, Layout, Part, Record, Refused
from vitalfew.procedures.ingest.readers.typed_numbers import unmistakable

MOST_EXACT = 2**53


class Number(str):
    """A number with a point or an exponent, as it is written."""

    __slots__ = ()


def parts(blocks: Iterable[bytes], layout: Layout) -> Iterator[Part]:
    """The rows of a file, by the block; what `layout` does not use is in the column REST."""
    for found in numbered(utf8(blocks, layout.encoding), layout):
        good, refused = legible(found, layout.encoding)
        at: list[int] = []
        sizes: list[int] = []
        rows: list[tuple[str | None, ...]] = []
        for record in good:
            try:
                made = rows_of(record, layout)
            except (ValueError, RecursionError) as error:
                refused.append(Refused(*record, f"is no JSON object: {error}"[:200]))
                continue
            rows += made
            at.append(record[0])
            sizes.append(len(made))
        columns = zip(*rows, strict=True) if rows else [()] * (len(layout.used) + 1)
        names = (*layout.used, REST)
        arrays = {name: pa.array(values, pa.string()) for name, values in zip(names, columns, strict=True)}
        if not layout.explode:
            yield Part(at, arrays, refused)
            continue
        items = [number for size in sizes for number in range(1, size + 1)]
        yield Part(
            [line for line, size in zip(at, sizes, strict=True) for _ in range(size)],
            arrays,
            refused,
            heights=[int(number == 1) for number in items],
            items=items,
            counts=[size for size in sizes for _ in range(size)],
        )


def numbered(text: Iterable[bytes], layout: Layout) -> Iterator[list[Record]]:
    """The records of a text, by the block: its lines, unless it is to be, or is, an array or objects over lines."""
    blocks = iter(text)
    head = b""
    for block in blocks:
        head += block
        if len(head.strip()) > 1:
            break
    if layout.format == "json" or json_records.ARRAY.match(head) or json_records.OVER_LINES.match(head):
        yield from json_records.records(chain([head], blocks), layout.records)
    else:
        yield from (found for found, _ in lines.records(chain([head], blocks), UTF8))


def rows_of(record: Record, layout: Layout) -> list[tuple[str | None, ...]]:
    """The values of `used` in each row of a record, and the rest as one text; ValueError where there is no object."""
    value = json.loads(
        record[1], parse_float=Number, parse_int=str, parse_constant=str, object_pairs_hook=without_repetition
    )
    if not isinstance(value, dict):
        raise ValueError("the line holds another value")
    if layout.explode:
        found = [(*values(row, layout), row.others) for row in exploded(value, layout.explode)]
    else:
        rest = {key: inner for key, inner in value.items() if key not in layout.used and inner is not None}
        found = [(*values(Row(value), layout), as_text(rest) if rest else None)]
    for text in chain.from_iterable(found):
        if text is not None:
            text.encode()  # half of a surrogate pair is no text
    return found


def values(row: Row, layout: Layout) -> tuple[str | None, ...]:
    return tuple(as_cell(row.at(name), name, layout) for name in layout.used)


def as_cell(value: Any, name: str, layout: Layout) -> str | None:
    if isinstance(value, Number) and name in layout.decimals:
        return unmistakable(value, layout.decimals[name])
    return whole(value) if isinstance(value, Number) else as_text(value)


def whole(value: str) -> str:
    """A number without its point or exponent, where it is whole and exact in every program: 12.0 is 12."""
    number = Decimal(value)
    is_whole = number.is_finite() and abs(number) < MOST_EXACT and number == number.to_integral_value()
    return str(int(number)) if is_whole else value


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
