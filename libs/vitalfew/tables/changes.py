"""What a transformation asks of a table that is not simply replaced by its `as_of`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Everything:
    """The whole table becomes `frame`."""

    frame: DataFrame


@dataclass(frozen=True)
class Slices:
    """The rows whose `column` is one of `values` become `frame`; the others stay."""

    frame: DataFrame
    column: str
    values: Sequence[date]


@dataclass(frozen=True)
class Upsert:
    """Rows are replaced or added by the table's key; those of `removed` (key columns only) go."""

    frame: DataFrame
    removed: DataFrame | None = None


@dataclass(frozen=True)
class AsFitted:
    """The slice becomes what it is in the slice whose fit the run used: it belongs to the fit, not to the day."""


Change = Everything | Slices | Upsert
