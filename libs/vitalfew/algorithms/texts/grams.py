"""How often words and characters follow each other, and what stands beside them. Runs on executors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import pyarrow as pa

from vitalfew.algorithms.texts.runs import plain, runs
from vitalfew.algorithms.texts.stop_words import is_han_word, is_phrase

LONGEST_GRAM = 4
"""Characters of the longest word that is looked for in runs of Han."""
LONGEST_PHRASE = 3
"""Words of the longest phrase."""
GRAMS = "gram string, is_han boolean, units int, side string, beside string, n bigint"
"""`gram`: of Han its characters, else words with blanks between them. `side`: left or right, of Han, and what stands
`beside` it there, an empty text at the end of a run; else `once`, and nothing."""
SCHEMA = pa.schema(
    {
        "gram": pa.string(),
        "is_han": pa.bool_(),
        "units": pa.int32(),
        "side": pa.string(),
        "beside": pa.string(),
        "n": pa.int64(),
    }
)


def grams_of(batches: Iterable[pa.RecordBatch], column: str) -> Iterator[pa.RecordBatch]:
    """GRAMS of the texts in `column`: the sums of each batch."""
    for batch in batches:
        found: Counter[tuple[str, bool, int, str, str]] = Counter()
        for text in batch.column(batch.schema.get_field_index(column)).to_pylist():
            if text:
                for is_han, units in runs(plain(text)):
                    found.update(of_han("".join(units)) if is_han else of_words(units))
        if found:
            rows = [*zip(*found, strict=True), list(found.values())]
            yield pa.RecordBatch.from_arrays(
                [pa.array(list(each), field.type) for each, field in zip(rows, SCHEMA, strict=True)], schema=SCHEMA
            )


def of_han(run: str) -> Iterator[tuple[str, bool, int, str, str]]:
    """All characters, and all longer grams that may be words, with what stands beside them."""
    for start in range(len(run)):
        for units in range(1, min(LONGEST_GRAM, len(run) - start) + 1):
            gram = run[start : start + units]
            if units == 1:
                yield gram, True, 1, "once", ""
            elif is_han_word(gram):
                yield gram, True, units, "left", run[start - 1 : start]
                yield gram, True, units, "right", run[start + units : start + units + 1]


def of_words(words: list[str]) -> Iterator[tuple[str, bool, int, str, str]]:
    """All words, and all of two or three that may be phrases."""
    for start, word in enumerate(words):
        yield word, False, 1, "once", ""
        for units in range(2, min(LONGEST_PHRASE, len(words) - start) + 1):
            phrase = tuple(words[start : start + units])
            if is_phrase(phrase):
                yield " ".join(phrase), False, units, "once", ""
