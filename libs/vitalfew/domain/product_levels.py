"""The levels of the product hierarchy."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from vitalfew.tables.table import Table

Hierarchy = Literal["department", "category", "subcategory", "brand"]
Level = Literal["product", "department", "category", "subcategory", "brand"]
Texts = Annotated[tuple[str, ...], Field(strict=False)]
HIERARCHY: tuple[str, ...] = get_args(Hierarchy)


def groupings(table: Table) -> list[str]:
    """The columns of `table` by which products are grouped: a placeholder there is no group."""
    return [name for name in HIERARCHY if name in table.columns] if table.name == "products" else []
