"""What a table is: the one form in which every schema of the suite is declared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

COLUMN = re.compile(r"^(?P<type>.+?)(?P<required> not null)? comment '(?P<comment>[^']*)'$", re.DOTALL)


@dataclass(frozen=True)
class Column:
    """One declared column: its name, Spark SQL type, whether it may be null, and what it means."""

    name: str
    type: str
    required: bool
    comment: str


@dataclass(frozen=True)
class Table:
    """A table's contract: what one row is, its columns, its key, and what holds of every row.

    `columns` maps names to Spark SQL: `"bigint not null comment 'What it means.'"`.
    `key` is empty where rows may repeat. `always` are SQL conditions; one that is NULL counts as broken.
    `slice` is the column whose values a run replaces (`as_of`), or None for a table that is kept as a whole.
    `is_private`: it holds contact details; no message, log or other table holds a value of its rows.
    `is_restricted`: its rows may describe persons, so its files are for their owner alone and carry no statistics.
    `free_text` are columns into which people type: a contact detail in them is not read.
    `apart_by` is the column of days by whose months or years the rows lie in files of their own (`storage/time_slices`).
    `contact_details` are its columns with contact details, which are printed and exported only where that is asked for.
    `happened` is the column that says when a row came to be: no dated job is given rows of its `as_of` or later.
    `counts_early`: some of its rows count before their time: dated jobs and ingest leave out none for its time, and who
    reads them says which count.
    `values`: columns that hold nothing but these values (or NULL, where they may be null).
    `texts`: columns that are sentences, and the groups of messages that they come from; beside each are the columns
    `<name>_code` and `<name>_values`, from which it can be said in another language.
    """

    name: str
    row: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    kind: Literal["source", "fact", "result", "log"]
    always: tuple[str, ...] = ()
    slice: str | None = None
    apart_by: str | None = None
    is_private: bool = False
    is_restricted: bool = False
    contact_details: tuple[str, ...] = ()
    happened: str | None = None
    counts_early: bool = False
    free_text: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """ValueError where `values`, `texts` or `contact_details` name a column that is not there."""
        named = [
            *self.values,
            *self.contact_details,
            *(f"{name}{end}" for name in self.texts for end in ("", "_code", "_values")),
        ]
        if absent := [name for name in named if name not in self.columns]:
            raise ValueError(f"table {self.name} has no column {', '.join(absent)}")
        if odd := [value for values in self.values.values() for value in values if set(value) & set("'\"\\\n")]:
            raise ValueError(f"table {self.name}: {odd[0]!r} is no value that SQL can hold between quotes as it is")

    @property
    def declared(self) -> tuple[Column, ...]:
        """The columns, parsed, in order."""
        return tuple(parse(name, text) for name, text in self.columns.items())

    @property
    def ddl(self) -> str:
        """The columns as Spark SQL, fit for `createDataFrame([], ddl)` and `CREATE TABLE`."""
        return ", ".join(f"{name} {text}" for name, text in self.columns.items())

    @property
    def types(self) -> str:
        """The columns and their types as Spark SQL, all of them nullable: as a table is read."""
        return ", ".join(f"{column.name} {column.type}" for column in self.declared)

    @property
    def is_owner_only(self) -> bool:
        """Whether only the owner of its files may read them, and Delta's log keeps no statistics of its columns."""
        return self.is_private or self.is_restricted

    @property
    def properties(self) -> dict[str, str]:
        """What Delta is told when the table is created: of an owner-only one, statistics of `as_of` at most."""
        if not self.is_owner_only:
            return {}
        return {"delta.dataSkippingNumIndexedCols": "1" if next(iter(self.columns)) == self.slice else "0"}

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns that are never null."""
        return tuple(column.name for column in self.declared if column.required)

    def type_of(self, column: str) -> str:
        """The Spark SQL type of `column`, without `not null` and comment."""
        return parse(column, self.columns[column]).type


@cache
def parse(name: str, text: str) -> Column:
    """One declaration, taken apart; a declaration without a comment is a mistake of ours."""
    match = COLUMN.match(text)
    if match is None:
        raise ValueError(f"column {name}: {text!r} is not \"TYPE [not null] comment '…'\"")
    return Column(name, match["type"], bool(match["required"]), match["comment"])
