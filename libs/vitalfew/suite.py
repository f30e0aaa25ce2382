"""THE jobs, on one page: what each answers, reads, computes and writes.

Registering a job here puts it into the command line, the wheel, the pipeline's order, and every test of completeness.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vitalfew.analyses.params import Params
from vitalfew.errors import ConfigError, hint
from vitalfew.tables import Table, facts, logs, results, sources


@dataclass(frozen=True)
class Read:
    """A table that a job reads, and which part of it.

    `same`: a result's slice of the run's own `as_of`; `previous`: its latest slice before that.
    Sources and facts are always read whole. An optional table that is not there is read as an empty one.
    """

    table: Table
    part: Literal["same", "previous"] = "same"
    optional: bool = False


@dataclass(frozen=True)
class Job:
    """A pure function between declared tables.

    `transform` takes the frames of `reads`, in order, and the keywords `params`, `as_of` and `stage`; it returns one
    frame (or `Change`) for each of `writes`, in order. The runner adds the column `as_of`. A job without a transform
    (`ingest`) has a procedure of its own in the runner. `is_dated` jobs look at the world on a day, `as_of`.
    """

    name: str
    answers: str
    params: type[Params]
    reads: tuple[Read, ...] = ()
    writes: tuple[Table, ...] = ()
    transform: Callable[..., tuple[Any, ...]] | None = None
    is_dated: bool = True
