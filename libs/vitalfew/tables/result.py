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


def fit(name: str, what: str) -> Table:
    """A result that holds what was fitted, so that any engine can score with it: numbers and words by part and name."""
    return result(
        name,
        f"one number or word of {what}",
        ("part", "name", "position"),
        {
            "fitted_on": "date not null comment 'Orders before this day were seen; earlier than as_of where the slice was scored with an earlier fit.'",
            "part": "string not null comment 'Which part of it; seen: what it was fitted to, by which a later run tells that it has moved.'",
            "name": "string not null comment 'Of what.'",
            "position": "int not null comment 'From 0, where there are several.'",
            "value": "double comment 'The number; NULL where it is a word.'",
            "word": "string comment 'The word; NULL where it is a number.'",
        },
        ("fitted_on <= as_of", "position >= 0", "(value is null) <> (word is null)"),
    )


SHARE = "between 0 and 1"
