"""Words of a text that are equal to some values: found, or replaced. Runs on executors.

A value is found where it stands alone: `c12` in `c12,tea` and in `{"who": "c12"}`, not in `c123`, `xc12` or `c12-a`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pyarrow as pa

BETWEEN = r"[\s,;|\"'=:()\[\]{}\\/<>，。、；：！？（）「」『』【】《》“”„‘’«»…]"
"""What ends a word: white space, separators, quotes, brackets, also those of other scripts."""


def pattern(values: Iterable[str]) -> re.Pattern[str]:
    """Matches each of `values` where it is a whole word, or several, in any case."""
    longest_first = sorted({value for value in values if value}, key=len, reverse=True)
    any_of = "|".join(map(re.escape, longest_first)) or r"(?!)"
    return re.compile(rf"(?:(?<={BETWEEN})|^)(?:{any_of})(?={BETWEEN}|$)", re.IGNORECASE | re.MULTILINE)


def replaced_batches(
    batches: Iterable[pa.RecordBatch], columns: tuple[str, ...], values: tuple[str, ...], by: str
) -> Iterator[pa.RecordBatch]:
    """`batches`, in whose text `columns` each of `values` is replaced."""
    found = pattern(values)
    for batch in batches:
        arrays = [
            pa.array([None if text is None else found.sub(by, text) for text in column.to_pylist()], column.type)
            if name in columns
            else column
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=batch.schema)


def batches_with(
    batches: Iterable[pa.RecordBatch], columns: tuple[str, ...], values: tuple[str, ...], is_with: bool
) -> Iterator[pa.RecordBatch]:
    """The rows of `batches` in whose text `columns` one of `values` is found; or the others."""
    found = pattern(values)
    for batch in batches:
        texts = [batch.column(batch.schema.get_field_index(name)).to_pylist() for name in columns]
        hits = [any(found.search(str(text)) for text in row if text is not None) for row in zip(*texts, strict=True)]
        yield batch.filter(pa.array([hit is is_with for hit in hits], pa.bool_()))
