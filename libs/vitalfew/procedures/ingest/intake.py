"""New files of one source table, with all that is needed to read them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from vitalfew.config.expressions import columns_of
from vitalfew.config.files import OURS_ALONE, FileSource
from vitalfew.config.json_names import JSON
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.ingest.new_files import NewFile, layout
from vitalfew.procedures.ingest.readers.parts import REST, Layout
from vitalfew.storage.contracts import codes
from vitalfew.tables import Table

MOST_UNUSED = 40


@dataclass(frozen=True)
class Intake:
    """What is to be read, into which table, by which rules, and the time of the run (UTC)."""

    table: Table
    source: FileSource
    files: tuple[NewFile, ...]
    params: IngestParams
    now: datetime
    is_fresh: bool = False
    """Whether all files are read again, and what is in the tables does not count."""

    @cached_property
    def layout(self) -> Layout:
        """What the readers need to know; of a private table no cell may be shown."""
        known = layout(self.source, self.table)
        return replace(known, hide=(*known.hide, *known.used)) if self.table.is_private else known

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """All columns of the files, sorted; of files with many that no setting names, those named, and the REST."""
        if self.source.format in JSON or self.is_packed:
            return (*self.source.own_used, REST)
        return tuple(sorted(self.theirs))

    @cached_property
    def theirs(self) -> set[str]:
        """The names of all columns of the files."""
        return {*self.source.names} or {name for file in self.files for name in file.header}

    @property
    def is_packed(self) -> bool:
        """Whether the files have more columns than an engine plans in reasonable time."""
        return self.source.format not in JSON and len(self.theirs - {*self.source.used}) > MOST_UNUSED

    @cached_property
    def cells(self) -> dict[str, str]:
        """Of each column of the files, and of those joined to them, the column of ours that holds its text."""
        return {**self.own_cells, **self.joined_cells}

    @cached_property
    def own_cells(self) -> dict[str, str]:
        """As `cells`, of the columns of the files themselves."""
        return {name: f"__c{i}" for i, name in enumerate(self.columns)}

    @cached_property
    def joined_cells(self) -> dict[str, str]:
        """As `cells`, of the columns of joined files."""
        return {name: f"__j{i}" for i, name in enumerate(self.source.joined)}

    @cached_property
    def types(self) -> dict[str, str]:
        """The Spark SQL types of the columns that the settings use."""
        return {name: self.source.type_of(name, self.table) for name in self.source.used}

    @property
    def rule(self) -> str:
        """The setting `replaces` in one word or line."""
        key = self.source.replaces_key
        return f"key: {', '.join(key)}" if key else str(self.source.replaces)

    @property
    def times(self) -> list[str]:
        """The columns of the table with a time that each row has."""
        return [column.name for column in self.table.declared if column.type == "timestamp" and column.required]

    @property
    def time(self) -> str:
        """The column of the table that says when a row came to be; only of a table that has one."""
        return self.times[0]

    @cached_property
    def codes(self) -> frozenset[str]:
        """Columns of the files that hold numbers, times, or codes of the shop."""
        theirs = [self.source.columns[name] for name in codes(self.table) if name in self.source.columns]
        typed = [name for name, type_ in self.types.items() if type_ != "string"]
        return frozenset([*typed, *[name for text in theirs for name in columns_of(text)]])

    @cached_property
    def ours(self) -> list[str]:
        """The columns of the table that files can fill."""
        return [name for name in self.table.columns if name not in OURS_ALONE]
