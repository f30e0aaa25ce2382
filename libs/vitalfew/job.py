"""What the suite runs: jobs, which are functions between tables, and procedures, which are not."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pyspark.sql import DataFrame

from vitalfew.params import Params
from vitalfew.tables import Table


@dataclass(frozen=True)
class Read:
    """A table that a job reads, and which part of it.

    `same`: a result's slice of the run's own `as_of`; `previous`: its latest slice before that which was computed with
    the settings of today, so that a change of settings is not taken for a change of customers; with `any_settings`,
    the latest of all, for a transform that tells the two apart by itself.
    `fit`: the latest slice up to the run's own day that the same settings and version made, of which the models may be
    used again; empty where there is none, or the user asks that all be fitted again.
    Sources and facts are always read whole. An optional table that is not there is read as an empty one; so is a fact
    that must be `in_step`, where it was made of other orders than the run reads, or of one of `as_of` or later.
    """

    table: Table
    part: Literal["same", "previous", "fit"] = "same"
    optional: bool = False
    any_settings: bool = False
    in_step: bool = False


@dataclass(frozen=True)
class Changed:
    """By which rows a table differs from what the last run of a job read: those that `came`, and those that are `gone`.

    Rows that were written again as they were are in both: what is counted of them cancels out.
    """

    came: DataFrame
    gone: DataFrame


@dataclass(frozen=True)
class Step:
    """What the runner can run, locked, logged and published: a job or a procedure.

    `is_dated` steps look at the world on a day, `as_of`. A step `on_request` is not part of `all`, and runs each time
    that it is named. `logs` are the tables in which it keeps books of its own. `rules` is another number when
    the same input gives other facts than before: then everything is computed again.
    """

    name: str
    question: str
    params: type[Params]
    reads: Mapping[str, Read]
    writes: tuple[Table, ...]
    is_dated: bool = field(default=True, kw_only=True)
    on_request: bool = field(default=False, kw_only=True)
    logs: tuple[Table, ...] = field(default=(), kw_only=True)
    rules: int = field(default=0, kw_only=True)

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables that a stopped run may have changed: those it writes, and those in which it keeps books."""
        return *self.writes, *self.logs

    @property
    def has_words(self) -> bool:
        """Whether it writes sentences, for which it is given the words of the target."""
        return False


@dataclass(frozen=True)
class Procedure(Step):
    """What is no pure function of tables: `vitalfew.procedures` says how it is performed.

    What a stopped run has written is continued by the next and not undone, but for the tables that it says to replace.
    `needs_files`: it has nothing to do where the target names no files. `is_exclusive`: it runs beside no other step.
    """

    is_dated: bool = field(default=False, kw_only=True)
    needs_files: bool = field(default=False, kw_only=True)
    is_exclusive: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class Job(Step):
    """A pure function between declared tables.

    `transform` takes the frames of `reads` by their names, and the keywords `params`, `as_of` and `stage`, and `words`
    where it writes sentences; it returns one frame (or `Change`) for each of `writes`, in order. The runner adds the
    column `as_of`. One that `is_comparing` slices is given `other_settings` too: by table, the day of a slice before
    that was made with other settings, and so is not read.
    One that `follows` one of its `reads` is given, as `changed`, the rows of it that changed since its last run; None
    where they cannot be told, or where that run used other settings, or other values in the columns of `as_before`.
    """

    transform: Callable[..., tuple[Any, ...]]
    is_comparing: bool = field(default=False, kw_only=True)
    follows: str = field(default="", kw_only=True)
    as_before: Mapping[str, tuple[str, ...]] = field(default_factory=dict, kw_only=True)

    def __post_init__(self) -> None:
        """TypeError where `transform` does not take exactly what `reads` names."""
        taken = inspect.signature(self.transform).parameters.values()
        frames = {p.name for p in taken if p.kind is p.POSITIONAL_OR_KEYWORD}
        takes_any = any(p.kind is p.VAR_KEYWORD for p in taken) and not frames
        if frames != set(self.reads) and not takes_any:
            raise TypeError(f"job {self.name} reads {sorted(self.reads)}, and its transform takes {sorted(frames)}")
        if not self.has_words and any(table.texts for table in self.writes):
            raise TypeError(f"job {self.name} writes sentences, and its transform does not take `words`")

    @property
    def fits(self) -> Table | None:
        """The table in which it keeps what it has fitted, for the days on which it only scores; None if it has none."""
        return next((read.table for read in self.reads.values() if read.part == "fit"), None)

    @property
    def has_words(self) -> bool:
        """Whether `transform` writes sentences."""
        return "words" in inspect.signature(self.transform).parameters
