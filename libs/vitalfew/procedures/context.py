"""What a procedure is given, and what it gives back to the run that performs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from pyspark.sql import DataFrame

from vitalfew.params import Params
from vitalfew.procedures.forget.persons import Named
from vitalfew.storage.contracts import Reconciliation
from vitalfew.storage.delta import Storage
from vitalfew.storage.snapshots import Snapshot, Versions
from vitalfew.tables import Table


class Reader(Protocol):
    """The tables as readers may see them: what unfinished runs wrote is left out."""

    as_of: date | None
    """The day that was asked for; None for the latest."""

    def refresh(self) -> None:
        """Learn what other runs have published since."""
        ...

    def read_or_empty(self, table: Table) -> DataFrame:
        """What is published of `table`; no rows where it is not there."""
        ...

    def snapshot(self, table: Table) -> Snapshot | None:
        """The state of `table` that readers may see."""
        ...


class Guard(Protocol):
    """What keeps runs of other jobs away from their tables while these are looked after."""

    def groups(self) -> list[tuple[Table, ...]]:
        """The tables of ours that are there; those that the same jobs write together."""
        ...

    def held(self, tables: tuple[Table, ...]) -> AbstractContextManager[str]:
        """While it lasts, no job that writes these tables begins; gives the reason where one is running already."""
        ...

    def needed(self, table: Table) -> list[Snapshot]:
        """The states of a table to which a stopped run may still be rolled back."""
        ...


@dataclass(frozen=True)
class Context:
    """One run of a procedure: `now` is when it began, UTC; `before` are the inputs of its last published run.

    `reread`: sources of which all files are to be read again. `erase`: customers to be forgotten. `guard`: the locks.
    `published`: what other runs have published. `hold`: BusyError where another run has taken over meanwhile.
    """

    storage: Storage
    params: Params
    now: datetime
    before: Versions = field(default_factory=dict)
    reread: tuple[str, ...] = ()
    erase: Named = field(default_factory=Named)
    guard: Guard | None = None
    published: Reader | None = None
    hold: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Performed:
    """What was done: rows by what became of them, where the input rows went, and what the user is told of it."""

    rows: Mapping[str, int]
    inputs: Versions = field(default_factory=dict)
    account: Reconciliation | None = None
    notes: tuple[str, ...] = ()
    report: str = ""


@dataclass(frozen=True)
class Plan:
    """What a procedure will do: from which inputs, and which tables are undone where it is stopped."""

    perform: Callable[[], Performed]
    inputs: Versions = field(default_factory=dict)
    replaces: tuple[Table, ...] = ()


Perform = Callable[[Context], Plan]
"""A procedure: what it will do in a context. Nothing is written before the plan's `perform` is called."""
