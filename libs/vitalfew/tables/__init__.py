"""What a table and a change to one are, and the tables that are no job's: sources, facts and logs."""

from __future__ import annotations

from vitalfew.tables.changes import AsFitted, Change, Everything, Slices, Upsert
from vitalfew.tables.table import Column, Table

__all__ = ["AsFitted", "Change", "Column", "Everything", "Slices", "Table", "Upsert"]
