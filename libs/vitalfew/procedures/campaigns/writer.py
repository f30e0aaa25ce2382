"""One file of a campaign, in batches: contacts are joined to the plan here, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import Row as SparkRow

from vitalfew.dataframes.from_arrow import to_frame
from vitalfew.domain.consents import GRANTED
from vitalfew.jobs.campaigns.params import CONSENT, CUSTOMER_ID, NOBODYS, CampaignFile
from vitalfew.jobs.campaigns.platforms import CONTACT_COLUMNS
from vitalfew.jobs.campaigns.tables import CAMPAIGN_CONTACTS
from vitalfew.procedures.campaigns.audience import purposes, values_for
from vitalfew.procedures.campaigns.choice import Chooser
from vitalfew.procedures.campaigns.sinks import (
    PackedSink,
    ParquetSink,
    Row,
    Sink,
    TableSink,
    TextSink,
    Written,
    lines_of,
    values_of,
)
from vitalfew.storage.delta import Storage

ROWS_AT_ONCE = 20_000


def batches(frame: DataFrame, rows: int = ROWS_AT_ONCE) -> Iterator[list[SparkRow]]:
    """The rows, in lists that memory holds with ease."""
    coming = frame.toLocalIterator()
    while some := list(islice(coming, rows)):
        yield some


@dataclass
class TableRows:
    """Rows for CAMPAIGN_CONTACTS, staged batch by batch."""

    storage: Storage
    campaign: str
    frames: list[DataFrame] = field(default_factory=list)
    count: int = 0

    def keep(self, rows: Sequence[Row]) -> None:
        """`rows`: customer_id, the purposes that were granted, and the values of a file by their columns."""
        declared = [column for column in CAMPAIGN_CONTACTS.declared if column.name != CAMPAIGN_CONTACTS.slice]
        ddl = ", ".join(f"{column.name} {column.type}" for column in declared)
        columns: dict[str, list[Any]] = {column.name: [] for column in declared}
        for position, (customer, consents, values) in enumerate(rows, self.count + 1):
            known = {"campaign": self.campaign, "position": position, CUSTOMER_ID: customer, "consents": consents}
            for name, held in columns.items():
                held.append({**values, **known}.get(name))
        types = {"position": pa.int64(), "send_hour": pa.int32(), "rank": pa.int32(), "consents": pa.list_(pa.string())}
        dates = {"send_on": pa.date32(), "send_until": pa.date32()}
        kinds = {name: {**types, **dates}.get(name, pa.string()) for name in columns}
        table = pa.table({name: pa.array(held, kinds[name]) for name, held in columns.items()})
        self.count += len(rows)
        self.frames.append(self.storage.stage(to_frame(self.storage.spark, table, ddl)))


@dataclass
class FileWriter:
    """One file, or one for each set of further purposes that customers have granted."""

    name: str
    file: CampaignFile
    chooser: Chooser
    folder: Path
    table_rows: TableRows
    sinks: dict[tuple[str, ...], Sink] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    """By outcome, the customers whom only their contacts keep out."""

    def write(self, rows: DataFrame) -> list[tuple[tuple[str, ...], Written]]:
        """What was written, with the purposes to which everybody in it has consented."""
        last: str | None = None
        values: dict[str, str] = {}
        why: str | None = None
        columns = self.file.contact_columns
        for some in batches(rows):
            ready: dict[tuple[str, ...], list[Row]] = {}
            firsts: dict[tuple[str, ...], int] = {}
            for row in some:
                is_first = row[CUSTOMER_ID] != last
                if is_first:
                    last = row[CUSTOMER_ID]
                    values, why = self.chooser.chosen({name: row[values_for(name)] for name in columns})
                    if why is not None:
                        self.left_out.setdefault(why, []).append(last)
                if why is None:
                    group = self.group(row["states"])
                    ready.setdefault(group, []).append(self.row(row, values))
                    firsts[group] = firsts.get(group, 0) + is_first
            for group, made in ready.items():
                self.sink(group).add(made, firsts[group])
        if not self.sinks:
            self.sink(())
        return [
            ((*self.file.needed_purposes, *group), written)
            for group in sorted(self.sinks)
            for written in self.sinks[group].end()
        ]

    def group(self, states: Sequence[str]) -> tuple[str, ...]:
        """Of the further purposes, those that are granted."""
        if not self.file.separate_by:
            return ()
        needed = len(self.file.needed_purposes)
        found = zip(self.file.other_purposes, states[needed:], strict=True)
        return tuple(purpose for purpose, state in found if state == GRANTED)

    def row(self, row: SparkRow, values: Mapping[str, str]) -> Row:
        cells = {name: cell_of(row, name, values) for name in self.file.columns if name != CONSENT}
        if self.file.form == "delta":
            granted = [p for p, state in zip(purposes(self.file), row["states"], strict=True) if state == GRANTED]
            return row[CUSTOMER_ID], granted, cells
        out: list[Any] = []
        for name in self.file.columns:
            out += list(row["states"]) if name == CONSENT else [cells[name]]
        return out

    def header(self) -> list[str]:
        """The columns, as the platform calls them."""
        called = self.file.of_platform.headers
        asked = [f"consent_{purpose}" for purpose in purposes(self.file)]
        every = [[called.get(name, name)] if name != CONSENT else asked for name in self.file.columns]
        return [name for names in every for name in names]

    def sink(self, group: tuple[str, ...]) -> Sink:
        """Where the rows of customers with these further purposes go."""
        if group not in self.sinks:
            suffix = f".{'+'.join(group) or NOBODYS}" if self.file.separate_by else ""
            self.sinks[group] = self.made(suffix)
        return self.sinks[group]

    def made(self, suffix: str) -> Sink:
        platform, called = self.file.of_platform, f"{self.name}{suffix}"
        if self.file.form == "delta":
            return TableSink(f"{CAMPAIGN_CONTACTS.name}{suffix}", self.table_rows.keep)
        if self.file.form == "parquet":
            return ParquetSink(self.folder / f"{called}.parquet", self.header())
        if platform.is_packed and platform.most_text:
            return PackedSink(self.folder, called, platform.most_text)
        if platform.is_list:
            return TextSink(self.folder / f"{called}.txt", values_of)
        return TextSink(self.folder / f"{called}.csv", lines_of, self.header())


def cell_of(row: SparkRow, name: str, values: Mapping[str, str]) -> Any:
    """The value of a column: of a contact the chosen one, if there is one."""
    return values.get(name) if name in CONTACT_COLUMNS else row[name]
