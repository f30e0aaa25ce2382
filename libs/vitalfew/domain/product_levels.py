"""The levels of the product hierarchy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

Hierarchy = Literal["department", "category", "subcategory", "brand"]
Level = Literal["product", "department", "category", "subcategory", "brand"]
Texts = Annotated[tuple[str, ...], Field(strict=False)]
