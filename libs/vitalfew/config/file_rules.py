"""Settings of a file source that have a form of their own: copies, what later files replace, returns."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Names = Annotated[tuple[str, ...], Field(strict=False)]
SomeNames = Annotated[tuple[str, ...], Field(strict=False, min_length=1)]


class Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class CopiesBy(Rule):
    """Rows that agree in some columns are copies: the first is used."""

    by: SomeNames = Field(description="Their columns that make two rows copies of each other.")


class ReplacesKey(Rule):
    """Rows of a later file replace those of earlier files that agree in some columns."""

    key: SomeNames = Field(description="Their columns that say what a row is about.")


class Returns(Rule):
    """Which lines are returns, and which sign their money has in the file."""

    when: str = Field(description="Lines that are returns or cancellations.")
    sign: Literal["in_file", "positive_in_file"] = Field(
        default="in_file",
        description="in_file: quantity and amount of a return are negative (or 0) in the file, and a row that breaks "
        "this is refused. positive_in_file: they are positive there, and become negative.",
    )


Copies = Literal["keep", "across_files", "exact"] | CopiesBy
Replaces = Literal["nothing", "order", "day"] | ReplacesKey
