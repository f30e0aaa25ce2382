"""A result: one slice per `as_of`, which a run replaces and no other."""

from __future__ import annotations

from collections.abc import Mapping

from vitalfew.tables.table import Table

AS_OF = "date not null comment 'The day of observation: what is older is known, what is of this day or later is not.'"


def result(
    name: str,
    row: str,
    key: tuple[str, ...],
    columns: Mapping[str, str],
    always: tuple[str, ...] = (),
    is_restricted: bool = False,
    *,
    values: Mapping[str, tuple[str, ...]] | None = None,
    texts: Mapping[str, tuple[str, ...]] | None = None,
) -> Table:
    """A result table: `as_of` comes first, in the columns and in the key."""
    return Table(
        name=name,
        row=row + ", on one day of observation",
        key=("as_of", *key),
        kind="result",
        columns={"as_of": AS_OF, **columns},
        always=always,
        slice="as_of",
        is_restricted=is_restricted,
        values=values or {},
        texts=texts or {},
    )


SHARE = "between 0 and 1"
