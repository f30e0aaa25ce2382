"""Pieces of SQL that passes over all rows are made of."""

from __future__ import annotations

from collections.abc import Sequence


def quoted(column: str) -> str:
    return f"`{column}`"


def literal(value: float) -> str:
    """SQL for a finite double."""
    return f"({float(value)!r}D)"  # in brackets: `x--1.0` would begin a comment


def least(names: Sequence[str]) -> str:
    """SQL for the least of one or more expressions."""
    return names[0] if len(names) == 1 else f"least({', '.join(names)})"
