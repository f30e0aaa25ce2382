"""A sentence of a result before it is written out: its code and its values; and the columns made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.messages.canonical import canonical_column, canonical_text
from vitalfew.messages.catalogue import EVERY, codes, group, needed, template_of
from vitalfew.messages.spoken import column_of, spoken_column, text_of, values_of
from vitalfew.messages.template import Placeholder
from vitalfew.messages.words import Words
from vitalfew.tables import Table

VALUES = "map<string,string>"


@dataclass(frozen=True)
class Sentence:
    """Which message it is, and the values that go into it, as columns."""

    code: Column
    values: Column

    def named(self, name: str) -> list[Column]:
        """`<name>_code` and `<name>_values`: what a table keeps of the text `name`."""
        return [self.code.alias(f"{name}_code"), self.values.alias(f"{name}_values")]


def say(key: str, **values: Column) -> Sentence:
    """The message `key` with these values; ValueError for a value that it does not name, or one that is missing."""
    kept = [
        part
        for name, placeholder in checked(key, values).items()
        for part in (F.lit(name), canonical_column(placeholder, values[name]))
    ]
    return Sentence(F.lit(key.rpartition(".")[2]), (F.create_map(*kept) if kept else F.create_map()).cast(VALUES))


def choose(*cases: tuple[Column, Sentence], otherwise: Sentence | None = None) -> Sentence:
    """The sentence of the first condition that holds; without any, `otherwise`, or NULL."""
    condition, first = cases[0]
    code, values = F.when(condition, first.code), F.when(condition, first.values)
    for condition, sentence in cases[1:]:
        code, values = code.when(condition, sentence.code), values.when(condition, sentence.values)
    if otherwise is not None:
        code, values = code.otherwise(otherwise.code), values.otherwise(otherwise.values)
    return Sentence(code, values)


def around(key: str, name: str, inner: Sentence) -> Sentence:
    """The message `key`, into which the sentence `inner` is put as `name`."""
    outer = say(key, **{name: inner.code})
    return Sentence(outer.code, F.map_concat(inner.values, outer.values))


def kept(name: str) -> Sentence:
    """The sentence that a table keeps of its text `name`."""
    return Sentence(F.col(f"{name}_code"), F.col(f"{name}_values"))


def checked(key: str, values: Iterable[str]) -> dict[str, Placeholder]:
    """The placeholders of the message `key` that `values` name; ValueError unless they are as many as needed.

    The values of messages that are put into this one may be left out: only some of them are said.
    """
    template = template_of(key)
    known, given = needed(template), set(values)
    if extra := sorted(given - set(known)):
        raise ValueError(f"message {key} has no placeholder {', '.join(extra)}; it has {', '.join(known) or 'none'}")
    if absent := sorted(set(template.placeholders) - given):
        raise ValueError(f"message {key} lacks a value for {', '.join(absent)}")
    return {name: placeholder for name, placeholder in known.items() if name in given}


def said(name: str, key: str, words: Words, **values: Any) -> dict[str, Any]:
    """A text of the driver and what is kept of it: `name`, `<name>_code` and `<name>_values`."""
    kept = {each: canonical_text(part, values[each]) for each, part in checked(key, values).items()}
    code = key.rpartition(".")[2]
    return {
        name: text_of(template_of(key, words.language), kept, words),
        f"{name}_code": code,
        f"{name}_values": kept,
    }


def text(key: str, words: Words, **values: Any) -> str:
    """The message `key` with its values."""
    return str(said("text", key, words, **values)["text"])


def with_text(frame: DataFrame, name: str, groups: Iterable[str], words: Words) -> DataFrame:
    """`frame` with the text of its columns `<name>_code` and `<name>_values`, whose codes are of these groups.

    Each value is spoken once, in a column of its own, whatever number of messages say it: plans stay small.
    """
    templates = [each for one in groups for each in group(one, words.language).items()]
    values, code = F.col(f"{name}_values"), F.col(f"{name}_code")
    parts = values_of([template for _, template in templates], words.language)
    called = {value: f"{name}__{i}" for i, value in enumerate(parts)}
    spoken = {called[value]: spoken_column(part, values, words) for value, part in parts.items()}
    columns = {value: F.col(each) for value, each in called.items()}
    found = F.when(code.isNull(), F.lit(None).cast("string"))
    for key, template in templates:
        found = found.when(code == key, column_of(template, values, words, columns))
    kept = [F.col(column) for column in frame.columns if column != name]
    wider = frame.select(*kept, *[column.alias(each) for each, column in spoken.items()])
    return wider.select(*kept, found.alias(name))


def retold(groups: Iterable[str], code: str | None, values: Mapping[str, str] | None, words: Words) -> str | None:
    """The text of a code and its values, as a row keeps them."""
    if code is None:
        return None
    template = next(found[code] for each in groups if code in (found := group(each, words.language)))
    return text_of(template, values or {}, words)


def row_in_words(row: Row, table: Table, words: Words) -> dict[str, Any]:
    """A row of `table`, in which each text is made of its code and values."""
    texts = {
        name: retold(groups, row[f"{name}_code"], row[f"{name}_values"], words) for name, groups in table.texts.items()
    }
    return {**row.asDict(), **texts}


def with_texts(frame: DataFrame, table: Table, words: Words) -> DataFrame:
    """`frame` with each text of `table`, made of its code and values."""
    for name, groups in table.texts.items():
        frame = with_text(frame, name, groups, words)
    return frame


def closed_values(table: Table) -> dict[str, tuple[str, ...]]:
    """The columns of `table` that hold nothing but these values: those declared so, and the codes of its texts.

    Whole keys are left out: of whatever message there is, they are no set to choose from.
    """
    said = {f"{name}_code": codes(groups) for name, groups in table.texts.items() if EVERY not in groups}
    return {**table.values, **said}
