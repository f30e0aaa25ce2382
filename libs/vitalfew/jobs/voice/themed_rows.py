"""What each text talks about, and by what it can stand out. Runs on executors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa
from pyspark.sql import DataFrame

from vitalfew.algorithms.texts.runs import is_code
from vitalfew.algorithms.texts.themes import themes_of

KEPT = (
    "kind string, customer_id string, week int, period int, mood int, "
    "is_complaint boolean, is_bad boolean, is_return boolean, is_text boolean"
)
"""`week` and `period` count back from the day of observation: 0 are the last 7, and the last `burst_days`, days."""
ADDED = "themes array<string>, pairs array<string>"
LEFT_OUT = ("text", "product_id", "channel", "region")
LONGEST_VALUE = 100
TEXTS = pa.list_(pa.string())


def themed_rows(rows: DataFrame, words: Mapping[str, float], phrases: frozenset[str]) -> DataFrame:
    """KEPT, `themes` and `pairs` of each row of KEPT, text, product_id, channel and region."""
    kept = [part.split()[0] for part in KEPT.split(", ")]
    return rows.select(*kept, *LEFT_OUT).mapInArrow(
        lambda batches: with_themes(batches, words, phrases), f"{KEPT}, {ADDED}"
    )


def with_themes(
    batches: Iterable[pa.RecordBatch], words: Mapping[str, float], phrases: frozenset[str]
) -> Iterator[pa.RecordBatch]:
    """`batches` with `themes` and `pairs` instead of text, product, channel and region.

    A pair is an attribute, a colon and its value: `product:tea`, `code:l2231`, `theme:leaks`.
    """
    for batch in batches:
        text, product, channel, region = (batch.column(name).to_pylist() for name in LEFT_OUT)
        themes = [themes_of(each, words, phrases) for each in text]
        pairs = [pairs_of(*row) for row in zip(product, channel, region, themes, strict=True)]
        kept = [name for name in batch.schema.names if name not in LEFT_OUT]
        arrays = [batch.column(name) for name in kept]
        yield pa.RecordBatch.from_arrays(
            [*arrays, pa.array(themes, TEXTS), pa.array(pairs, TEXTS)], names=[*kept, "themes", "pairs"]
        )


def pairs_of(product: str | None, channel: str | None, region: str | None, themes: list[str]) -> list[str]:
    """The attributes that are known, and the themes, of which some are codes; phrases that hold a code are left out."""
    known = [("channel", channel), ("region", region)]
    return [
        *([f"product:{product}"] if product else []),
        *[f"{name}:{value}" for name, value in known if value and len(value) <= LONGEST_VALUE],
        *[f"{'code' if is_code(theme) else 'theme'}:{theme}" for theme in themes if not holds_code(theme)],
    ]


def holds_code(theme: str) -> bool:
    """Whether it is a phrase with a code in it."""
    return " " in theme and any(is_code(word) for word in theme.split(" "))
