"""Columns of the tables behind charts, by their names among the messages."""

from __future__ import annotations

from vitalfew.messages.message import message
from vitalfew.report.sections import Field, Unit


def column(name: str, label: str, unit: Unit = "name", is_minor: bool = False) -> Field:
    """The column `name`, called as the message `page.column.<label>`."""
    return Field(name, message(f"page.column.{label}"), unit, is_minor)
