"""A message on the driver before it is written out: its key, and its values as they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Row

from vitalfew.messages.canonical import canonical_text
from vitalfew.messages.catalogue import group, needed, template_of
from vitalfew.messages.sentences import checked
from vitalfew.messages.spoken import text_of
from vitalfew.messages.words import Words
from vitalfew.tables import Table


@dataclass(frozen=True)
class Message:
    """The whole key, and the values that are put in."""

    key: str
    values: Mapping[str, str]

    @property
    def code(self) -> str:
        """The last part of the key: what the message is within its group."""
        return self.key.rpartition(".")[2]

    def text(self, words: Words) -> str:
        return text_of(template_of(self.key, words.language), self.values, words)

    def as_group(self, name: str) -> Message:
        """The message of the same code in another group, with those of the values that it needs."""
        key = f"{name}.{self.code}"
        wanted = needed(template_of(key))
        return Message(key, {each: value for each, value in self.values.items() if each in wanted})


def message(key: str, **values: Any) -> Message:
    """The message `key` with these values; ValueError for one that it does not name, or that is missing.

    A value may be a message, where the template puts one of a group: its values are put in too.
    """
    inner = {name: value for name, value in values.items() if isinstance(value, Message)}
    plain = {name: value.code if name in inner else value for name, value in values.items()}
    placeholders = checked(key, plain)
    kept = {name: canonical_text(placeholder, plain[name]) for name, placeholder in placeholders.items()}
    for name, each in inner.items():
        if placeholders[name].kind != "message" or f"{placeholders[name].group}.{each.code}" != each.key:
            raise ValueError(f"message {key}: {name} is {each.key}, which is not of its group")
        if clash := [one for one, value in each.values.items() if kept.get(one, value) != value]:
            raise ValueError(f"message {key}: {clash[0]} is another value in {each.key}")
        kept = {**each.values, **kept}
    return Message(key, kept)


def of_row(row: Row, name: str, table: Table) -> Message | None:
    """The message that a row of `table` keeps of its text `name`; None where it has none."""
    code = row[f"{name}_code"]
    if code is None:
        return None
    found = next(each for each in table.texts[name] if code in group(each))
    return Message(f"{found}.{code}", row[f"{name}_values"] or {})


def with_code(name: str, said: Message | None, words: Words) -> dict[str, Any]:
    """As `by_key`, with the code that the message has in its group: what a table of a job keeps."""
    found = by_key(name, said, words)
    return {**found, f"{name}_code": said.code if said else None}


def by_key(name: str, said: Message | None, words: Words) -> dict[str, Any]:
    """A text and what is kept of it: `name`, `<name>_code` (the whole key) and `<name>_values`; all None of nothing."""
    if said is None:
        return {name: None, f"{name}_code": None, f"{name}_values": None}
    return {name: said.text(words), f"{name}_code": said.key, f"{name}_values": said.values}
