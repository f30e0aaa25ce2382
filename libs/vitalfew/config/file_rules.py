"""Settings of a file source that have a form of their own: copies, what later files replace, returns, baskets."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

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


class Items(Rule):
    """Cells that hold several items of one basket: each item becomes a row."""

    column: str | None = Field(default=None, description="Their column that holds the items of a basket.")
    columns: Names = Field(
        default=(), description="Or several columns, which hold as many values each: products, quantities, prices."
    )
    split: str = Field(description="What stands between two items.", min_length=1, max_length=10)
    amount: Literal["spread", "each"] = Field(
        default="spread",
        description="What the money of a line means that is not split itself. spread: it is paid for the basket, and "
        "is divided in equal parts over the items, to the cent, the first ones taking what is left; each: it is "
        "paid for each item.",
    )

    @model_validator(mode="after")
    def one_is_said(self) -> Items:
        if bool(self.column) == bool(self.columns):
            raise ValueError("say either column or columns")
        return self

    @property
    def all(self) -> tuple[str, ...]:
        return (self.column,) if self.column else self.columns


class Join(Rule):
    """Files that say what the lines of another leave out, such as orders beside their lines."""

    READING: ClassVar[tuple[str, ...]] = (
        *("at", "format", "members", "sheet", "header_at", "records", "separator", "quote", "escape", "multiline"),
        *("encoding", "header", "names"),
    )

    at: str = Field(description="A file, a folder of drops, or a pattern with * ? **.", min_length=1)
    on: str | dict[str, str] = Field(
        description="The column that both have, or {column of the lines: column of these files}, one or more. One row "
        "of these files has each value.",
    )
    name: str = Field(
        default="order",
        description="Before a dot, what their columns are called by: `order.customer_id`.",
        min_length=1,
    )
    format: Literal["csv", "jsonl", "json", "parquet", "excel"] = Field(default="csv", description="As of a source.")
    members: str = Field(default="", description="As of a source.")
    sheet: str | int | None = Field(default=None, description="As of a source.")
    header_at: int | None = Field(default=None, ge=1, le=100_000, description="As of a source.")
    records: str = Field(default="", description="As of a source.")
    separator: str = Field(default=",", min_length=1, max_length=1, description="As of a source.")
    quote: str = Field(default='"', max_length=1, description="As of a source.")
    escape: str = Field(default="", max_length=1, description="As of a source.")
    multiline: bool = Field(default=False, description="As of a source.")
    encoding: str = Field(default="utf-8", description="As of a source.")
    header: bool = Field(default=True, description="As of a source.")
    names: Names = Field(default=(), description="As of a source.")

    @property
    def keys(self) -> dict[str, str]:
        """Column of the lines: column of these files."""
        return {self.on: self.on} if isinstance(self.on, str) else self.on

    @model_validator(mode="after")
    def key_is_said(self) -> Join:
        if not self.keys:
            raise ValueError("on: say the column that both have")
        return self


Copies = Literal["keep", "across_files", "exact"] | CopiesBy
Replaces = Literal["nothing", "order", "day"] | ReplacesKey
