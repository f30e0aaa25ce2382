"""Pieces of SQL that passes over all rows are made of."""

from __future__ import annotations

from collections.abc import Sequence

from vitalfew.dataframes.arrays import Matrix


def quoted(name: str) -> str:
    """Any name as SQL."""
    return "`" + name.replace("`", "``") + "`"


def literal(value: float) -> str:
    """SQL for a finite double."""
    return f"({float(value)!r}D)"  # in brackets: `x--1.0` would begin a comment


def least(names: Sequence[str]) -> str:
    """SQL for the least of one or more expressions."""
    return names[0] if len(names) == 1 else f"least({', '.join(names)})"


def square(columns: Sequence[str], centre: Matrix) -> str:
    """SQL for the squared distance of a point to `centre`."""
    return " + ".join(f"({c} - {literal(x)}) * ({c} - {literal(x)})" for c, x in zip(columns, centre, strict=True))
