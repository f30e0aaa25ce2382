"""What a job is: a question, the tables that it reads and writes, and the function between them."""

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
    Sources and facts are always read whole. An optional table that is not there is read as an empty one; so is a fact
    that must be `in_step`, where it was made of other orders than the run reads, or of one of `as_of` or later.
    """

    table: Table
    part: Literal["same", "previous"] = "same"
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
class Job:
    """A pure function between declared tables.

    `transform` takes the frames of `reads` by their names, and the keywords `params`, `as_of` and `stage`, and `words`
    where it writes sentences; it returns one frame (or `Change`) for each of `writes`, in order. The runner adds the
    column `as_of`. A job without a
    transform (`ingest`) has a procedure of its own in the runner. `is_dated` jobs look at the world on a day, `as_of`.
    A job `on_request` is not part of `all`, and runs each time that it is named. One that `is_comparing` slices is
    given `other_settings` too: by table, the day of a slice before that was made with other settings, and so is not
    read. `logs` are the tables in which it keeps books of its own.
    A job that `follows` one of its `reads` is given, as `changed`, the rows of it that changed since its last run; None
    where they cannot be told, or where that run used other settings, or other values in the columns of `as_before`.
    `rules` is another number when the same input gives other facts than before: then everything is computed anew.
    """

    name: str
    question: str
    params: type[Params]
    reads: Mapping[str, Read]
    writes: tuple[Table, ...]
    transform: Callable[..., tuple[Any, ...]] | None
    is_dated: bool = True
    on_request: bool = False
    is_comparing: bool = False
    logs: tuple[Table, ...] = ()
    follows: str = ""
    as_before: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rules: int = 0

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables that a stopped run may have changed: those it writes, and those in which it keeps books."""
        return *self.writes, *self.logs

    def __post_init__(self) -> None:
        """TypeError where `transform` does not take exactly what `reads` names."""
        if self.transform is None:
            return
        taken = inspect.signature(self.transform).parameters.values()
        frames = {p.name for p in taken if p.kind is p.POSITIONAL_OR_KEYWORD}
        takes_any = any(p.kind is p.VAR_KEYWORD for p in taken) and not frames
        if frames != set(self.reads) and not takes_any:
            raise TypeError(f"job {self.name} reads {sorted(self.reads)}, and its transform takes {sorted(frames)}")
        if not self.has_words and any(table.texts for table in self.writes):
            raise TypeError(f"job {self.name} writes sentences, and its transform does not take `words`")

    @property
    def has_words(self) -> bool:
        """Whether `transform` writes sentences, for which it is given the words of the target."""
        return self.transform is not None and "words" in inspect.signature(self.transform).parameters
