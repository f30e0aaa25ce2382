"""How the files of a company become rows of ours: the model behind `files:` in `conf/targets/<target>.yml`."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from vitalfew.config import presets
from vitalfew.config.expressions import calculated, columns_of, problem
from vitalfew.config.file_rules import Copies, CopiesBy, Items, Join, Names, Replaces, ReplacesKey, Returns
from vitalfew.config.json_names import JSON, with_paths
from vitalfew.config.sql_names import is_column
from vitalfew.config.time_formats import translated
from vitalfew.dataframes.exact_decimals import Rounding
from vitalfew.dataframes.identifiers import PLACEHOLDERS
from vitalfew.dataframes.number_styles import PER_CENT, PLAIN, NumberStyle, of_locale
from vitalfew.errors import hint
from vitalfew.tables import Table

TYPE = re.compile(r"string|boolean|int|bigint|double|date|timestamp|decimal\(\d{1,2},\s*\d{1,2}\)")
RATE = re.compile(r"(?=.*[1-9])[0-9]{1,9}([.][0-9]{1,10})?")
OFFSET = re.compile(r"[XxZOVz]")
USUAL_ENCODINGS = ("utf-8", "utf-16", "cp1252", "latin-1", "iso8859-15", "gb18030", "big5", "shift_jis", "koi8-r")
NO_CHARACTER_SETS = ("charmap", "idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape")
MONEY = ("amount", "cost")  # our columns of money
OURS_ALONE = ("line_id", "file_digest")  # set by ingest, whatever the files say
WITHOUT = {
    "order_id": " If the files have none, say order_is: customer_and_moment, or row.",
    "product_id": " If the files have none, write product_id: \"'any'\": what is bought together has no answer then.",
    "quantity": ' If the files have none, write quantity: "1".',
    "amount": ' If the files have none, write amount: "0": what asks for money has no answer then.',
}

Edits = Annotated[tuple[Literal["trim", "unwrap", "whole", "squeeze", "upper", "lower"], ...], Field(strict=False)]


class Marks(BaseModel):
    """The marks in numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    decimal: Literal[".", ","] = Field(default=".", description="Before the decimals.")
    group: Literal["", ",", ".", " ", "'"] | None = Field(
        default=None, description="Between groups of digits; empty: none. If not said: a space or an apostrophe."
    )

    units: tuple[Annotated[str, Field(min_length=1, max_length=20, pattern=r"^[^0-9\s].*$")], ...] = Field(
        default=(),
        strict=False,
        description="What may stand after a number, such as [pc, pcs]; numbers with another unit are refused. ['%']: "
        "each number has a per cent sign, and 10% is 0.10.",
    )

    @model_validator(mode="after")
    def marks_differ(self) -> Marks:
        if self.decimal == self.group:
            raise ValueError("decimal and group must differ")
        if PER_CENT in self.units and len(self.units) > 1:
            raise ValueError("units: % cannot stand beside other units, as it changes the number")
        return self


class FileSource(BaseModel):
    """The files of one source table: where they are, how they are written, what their columns mean.

    Expressions are Spark SQL. Those of `columns` see the columns of the file, in their `types`. Conditions see our
    columns, and those of the file whose name is not one of ours. A condition that is NULL does not hold.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    at: str = Field(description="A file, a folder of drops, or a pattern with * ? **.", min_length=1)
    preset: str | None = Field(
        default=None,
        description="A published layout whose settings hold where others are not said, such as shopify_orders.",
    )
    format: Literal["csv", "jsonl", "json", "parquet", "excel"] = Field(
        default="csv",
        description="jsonl: one JSON object a line; json: an array of objects, or objects over several lines; excel: "
        ".xlsx, .xls or .ods. Files in a .zip archive are read as if they lay in its place.",
    )
    members: str = Field(default="", description="Of a zip archive: which of its files, a pattern; all, if not said.")
    sheet: str | int | None = Field(
        default=None, description="Of a workbook: the name of the sheet, or its number; else the only one with rows."
    )
    header_at: int | None = Field(
        default=None,
        ge=1,
        le=100_000,
        description="The line of CSV, or the row of a sheet that is not blank, that names the columns. If not said: "
        "the first, or one below a title or notes that has all columns which are used.",
    )
    records: str = Field(
        default="", description="With json: the key, or a path with dots, that holds the array of objects."
    )
    explode: str = Field(
        default="",
        description="With JSON: the key, or a path with dots, of an array: each of its elements becomes a row, and "
        "their fields are columns such as `items.sku`.",
    )
    items: Items | None = Field(
        default=None,
        description="Several items in a cell: {column: products, split: ';'}; each becomes a row.",
    )
    separator: str = Field(default=",", min_length=1, max_length=1, description="Between two cells of CSV.")
    quote: str = Field(default='"', max_length=1, description="Around a cell of CSV; empty: cells are never quoted.")
    multiline: bool = Field(
        default=False,
        description="A quoted cell may hold line breaks. Else a stray quote costs one line only.",
    )
    escape: str = Field(
        default="",
        max_length=1,
        description="Before a quote within a quoted cell, such as \\ (Spark writes so); empty: quotes are doubled.",
    )
    max_lines_of_record: int = Field(
        default=100,
        ge=1,
        le=100_000,
        description="With multiline: lines of one row, at most; a line whose quote stays open longer is refused.",
    )
    encoding: str = Field(default="utf-8", description="Of CSV and JSON lines, such as latin-1, cp1252 or utf-16.")
    header: bool = Field(default=True, description="The first line of CSV names the columns; if not, `names` does.")
    names: Names = Field(default=(), description="Columns of a CSV without header, in order.")
    types: dict[str, str] = Field(
        default_factory=dict,
        description="Their column: its Spark SQL type. If not said: that of our column it becomes, else string.",
    )
    columns: dict[str, str] = Field(description="Our column: their column, or an expression over their columns.")
    absent: Names = Field(
        default=(), description="Their columns, or keys of JSON, that files may do without: they are missing then."
    )
    missing: Names = Field(default=(), description="Texts that mean a missing value, beside an empty cell.")
    numbers: str | Marks | None = Field(
        default=None,
        description="How numbers are written: a locale such as de_DE, or their marks, as {decimal: ',', group: '.'}. "
        "If not said: a point before the decimals, and spaces or apostrophes between groups of three digits.",
    )
    column_numbers: dict[str, str | Marks] = Field(
        default_factory=dict, description="Their column: how its numbers are written, where it differs from `numbers`."
    )
    currency: str | None = Field(
        default=None, description="What money is converted to by `rates`, such as EUR.", pattern="^[A-Z]{3}$"
    )
    rates: dict[str, str] = Field(
        default_factory=dict,
        description="Other currency: what one of it is worth in `currency`, as text, such as {USD: '0.92'}. It needs "
        "columns.currency. If not said, a source in several currencies is refused.",
    )
    currency_signs: dict[str, Annotated[str, Field(pattern="^[A-Z]{3}$")]] = Field(
        default_factory=dict,
        description="What a sign means that several currencies share, such as {kr: SEK}. If not said, Rs is INR, "
        "and the others are not known.",
    )
    placeholders: Names = Field(
        default=PLACEHOLDERS,
        description="Texts for a customer, product or contact that nobody knows, in any case: the customer of an order "
        "is then NULL, and a row that needs the identifier is refused. The group of a product (department, category, "
        "subcategory, brand) is NULL too.",
    )
    rounding: Rounding | None = Field(
        default=None,
        description="How money with more than two decimals becomes cents: half_up or half_even. If not said, a cell of "
        "money with more decimals is refused, and computed money is rounded half up, with a warning.",
    )
    timestamp_formats: Names = Field(
        default=(), description="Of times and dates, such as dd.MM.yyyy HH:mm, tried in order; if none: ISO 8601."
    )
    time_zone: str | None = Field(
        default=None, description="Zone of the shop: times with an offset (Z, +02:00) are brought to its clock."
    )
    normalise: dict[str, Edits] = Field(
        default_factory=dict,
        description='Our column: trim, unwrap (="0012" and \'0012 are 0012), whole (12.0 is 12), squeeze (inner white '
        "space), upper, lower; in order.",
    )
    returns: str | Returns | None = Field(
        default=None,
        description="Lines that are returns or cancellations: a condition, where quantity and amount are negative in "
        "the file (other rows are refused); else {when: condition, sign: positive_in_file}.",
    )
    charges: str | None = Field(default=None, description="Lines that are postage, fees and such, not goods.")
    reject: dict[str, str] = Field(default_factory=dict, description="Reason: rows that go to quarantine for it.")
    join: Join | None = Field(
        default=None,
        description="Files that belong to these, such as orders to their lines: {at: orders/*.csv, on: order_id}. "
        "Their columns are written as `order.customer_id`, in backquotes. A line that meets no row of them is refused.",
    )
    order_is: Literal["customer_and_moment", "row"] | None = Field(
        default=None,
        description="Where the files have no order id. customer_and_moment: what one customer buys at one time is an "
        "order, and a line without a customer is one by itself; row: each row of a file is an order, such as a basket "
        "whose items stand in a cell.",
    )
    order_level: Names = Field(
        default=(),
        description="Their columns that are filled on one line of an order only: all its lines in the file get the "
        "value, before expressions and conditions are computed.",
    )
    order_discount: str | None = Field(
        default=None,
        description="A discount on a whole order, positive: their column or an expression. It is taken off the amounts "
        "of the order's sales in proportion, to the cent.",
    )
    order_amount: str | None = Field(
        default=None,
        description="What the items of a whole order cost: their column or an expression. What the amounts of its "
        "sales are more is taken off them in proportion, to the cent.",
    )
    copies: Copies = Field(
        default="across_files",
        description="Which rows count once. across_files: every line of one file counts, and a line of another file "
        "with the same content is the same line; keep: every line of every file counts; exact: equal lines are one; "
        "{by: [their columns]}: rows that agree in these are one. In tables without a key.",
    )
    replaces: Replaces = Field(
        default="nothing",
        description="What rows of a later file do to those of earlier files: nothing (they are added); order, day or "
        "{key: [their columns]}: they replace all rows of the same order, day or key.",
    )
    newest_by: str | None = Field(
        default=None,
        description="With replaces: their column that says which version is newer, a time or a number; if none, the "
        "date in the file's name, else the time of its last change.",
    )
    hide: Names = Field(
        default=(), description="Their columns never shown in quarantine, beside those called like contact details."
    )

    @model_validator(mode="before")
    @classmethod
    def preset_fills(cls, given: Any) -> Any:
        return with_paths(presets.filled(given)) if isinstance(given, dict) else given

    @field_validator("encoding")
    @classmethod
    def encoding_is_known(cls, name: str) -> str:
        if not is_encoding_of_text(name):
            raise ValueError(f"{name} is not an encoding of text; usual are {', '.join(USUAL_ENCODINGS)}")
        return codecs.lookup(name).name

    @field_validator("timestamp_formats")
    @classmethod
    def formats_say_a_day(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(translated(form) for form in formats)

    @field_validator("time_zone")
    @classmethod
    def zone_is_known(cls, zone: str | None) -> str | None:
        if zone is not None and zone not in available_timezones():
            raise ValueError(f"{zone} is not a time zone; {hint(zone, available_timezones())}")
        return zone

    @model_validator(mode="after")
    def settings_agree(self) -> FileSource:
        found = [
            f"{where}: {why}{or_a_column(where, text, why)}"
            for where, text in self.expressions().items()
            if (why := problem(text, where.partition(".")[2] or where))
        ]
        found += [
            f"types.{n}: {t} is not one of {TYPE.pattern}" for n, t in self.types.items() if not TYPE.fullmatch(t)
        ]
        if self.format in ("csv", "excel") and self.header == bool(self.names):
            found.append("names: say the columns, in order, if and only if there is no header")
        if self.time_zone is None and any(OFFSET.search(unquoted(text)) for text in self.timestamp_formats):
            found.append("time_zone: say the zone of the shop, as the times carry an offset")
        if len({self.separator, self.quote, "\n", "\r"}) < 4 or not (self.separator + self.quote).isascii():
            found.append("separator and quote must be two ASCII characters that break no line")
        for where, numbers in (("numbers", self.numbers), *self.column_numbers.items()):
            try:
                style(numbers)
            except ValueError as error:
                found.append(f"{where}: {error}")
        found += self.wrong_shape()
        found += self.wrong_rates()
        found += [
            f"absent: {n} is used by no setting; {hint(n, self.own_used)}"
            for n in sorted({*self.absent} - {*self.own_used})
        ]
        if self.order_is and "order_id" in self.columns:
            found.append("order_is: leave it out, as columns.order_id says what an order is")
        if self.order_is and (self.order_level or self.order_discount):
            found.append("order_level and order_discount need columns.order_id")
        if self.order_amount and (self.order_discount or self.order_is):
            found.append("order_amount cannot stand beside order_discount or order_is: leave one of them out")
        found += self.rules_agree()
        if twice := repeated(name.lower() for name in self.used):
            found.append(f"columns that differ only by case cannot both be used: {', '.join(twice)}")
        if found:
            raise ValueError("; ".join(found))
        return self

    def wrong_shape(self) -> list[str]:
        """Settings of another format than that of the files."""
        of = {
            "sheet": ("excel",),
            "header_at": ("csv", "excel"),
            "records": ("json",),
            "explode": JSON,
            "items": ("csv", "excel", "parquet"),
        }
        found = [
            f"{name} is for format {' or '.join(formats)}"
            for name, formats in of.items()
            if getattr(self, name) not in (None, "") and self.format not in formats
        ]
        if self.header_at and self.names:
            found.append("header_at cannot stand beside names: leave one of them out")
        return found

    def wrong_rates(self) -> list[str]:
        """What is wrong with the rates, if any are said."""
        if bool(self.rates) != bool(self.currency):
            return ["currency and rates: say both or neither"]
        if self.rates and "currency" not in self.columns:
            return ["rates: map columns.currency, which says the currency of a line"]
        return [f"rates.{n}: {r!r} is no positive number" for n, r in self.rates.items() if not RATE.fullmatch(r)]

    def rules_agree(self) -> list[str]:
        """What contradicts itself in the rules about copies, versions and quotes."""
        found = []
        if self.escape and (not self.quote or self.escape in (self.quote, self.separator) or not self.escape.isascii()):
            found.append("escape must be an ASCII character that is neither quote nor separator, beside a quote")
        if self.replaces == "nothing" and self.newest_by:
            found.append("newest_by: say under replaces what newer rows replace: order, day or {key: [...]}")
        if self.replaces != "nothing" and not isinstance(self.copies, str | None):
            found.append("copies: by cannot stand beside replaces; leave one of them out")
        if self.replaces != "nothing" and self.copies == "exact":
            found.append("copies: exact cannot stand beside replaces; leave one of them out")
        if self.newest_by and self.types.get(self.newest_by) in ("string", "boolean"):
            found.append(f"types.{self.newest_by}: newest_by needs a time or a number")
        return found

    @property
    def returned(self) -> str | None:
        """The condition of lines that are returns."""
        return self.returns.when if isinstance(self.returns, Returns) else self.returns

    @property
    def turns_returns(self) -> bool:
        """Whether the money of returns is positive in the files."""
        return isinstance(self.returns, Returns) and self.returns.sign == "positive_in_file"

    @property
    def has_items(self) -> bool:
        """Whether one line of a file may become several rows."""
        return bool(self.items or self.explode)

    def is_spread(self, name: str) -> bool:
        """Whether the money in our column `name` is that of all items of a line together."""
        if not self.items or self.items.amount == "each" or name not in self.columns:
            return False
        return not names_in(self.columns[name]) & {*self.items.all}

    @property
    def copies_by(self) -> tuple[str, ...]:
        """The columns that make two rows copies of each other; empty: all."""
        return self.copies.by if isinstance(self.copies, CopiesBy) else ()

    @property
    def replaces_key(self) -> tuple[str, ...]:
        return self.replaces.key if isinstance(self.replaces, ReplacesKey) else ()

    def expressions(self) -> dict[str, str]:
        """Every expression and condition, by where it stands."""
        single = {"returns": self.returned, "charges": self.charges, "order_discount": self.of_order_expression}
        return {
            **{f"columns.{name}": text for name, text in self.columns.items() if not is_column(text)},
            **{name: text for name, text in single.items() if text is not None},
            **{f"reject.{name}": text for name, text in self.reject.items()},
        }

    @property
    def of_order(self) -> str | None:
        """The money of a whole order that its lines are to meet: what is taken off them, or what is left."""
        return self.order_amount if self.order_discount is None else self.order_discount

    @property
    def of_order_expression(self) -> str | None:
        return None if self.of_order is None or is_column(self.of_order) else self.of_order

    @property
    def used(self) -> tuple[str, ...]:
        """The columns that a file must have, sorted."""
        found = {*self.types, *self.copies_by, *self.replaces_key, *self.order_level}
        found |= {*self.items.all} if self.items else set()
        found |= {*self.join.keys} if self.join else set()
        if self.newest_by:
            found.add(self.newest_by)
        if self.of_order:
            found |= names_in(self.of_order)
        for text in self.columns.values():
            found |= names_in(text)
        for condition in (self.returned, self.charges, *self.reject.values()):
            found |= {name for name in columns_of(condition or "") if name not in self.columns}
        return tuple(sorted(found))

    @property
    def places(self) -> tuple[str, ...]:
        """Where its files are, and those that are joined to them."""
        return (self.at, *([self.join.at] if self.join else []))

    @property
    def joined(self) -> dict[str, str]:
        """The columns that are used of joined files: as they are written here, and as they are called there."""
        start = f"{self.join.name}." if self.join else None
        return {name: name[len(start) :] for name in self.used if start and name.startswith(start)}

    @property
    def own_used(self) -> tuple[str, ...]:
        """The columns that the files themselves must have, sorted."""
        return tuple(name for name in self.used if name not in self.joined)

    def numbers_of(self, name: str) -> NumberStyle:
        """How the numbers of their column `name` are written."""
        return style(self.column_numbers.get(name, self.numbers))

    @property
    def money_cells(self) -> frozenset[str]:
        """Their columns that money is made of."""
        texts = [self.columns[name] for name in MONEY if name in self.columns]
        return frozenset(name for text in (*texts, self.of_order) if text for name in names_in(text))

    def type_of(self, name: str, table: Table) -> str:
        """The Spark SQL type of their column `name`."""
        taken = {
            table.type_of(ours)
            for ours, text in self.columns.items()
            if text.strip("`") == name and ours in table.columns
        }
        default = "string"
        if name == self.newest_by:
            default = "timestamp"
        elif self.of_order and name in names_in(self.of_order):
            default = "decimal(18,2)"
        return self.types.get(name) or (taken.pop() if len(taken) == 1 else default)

    def problems(self, table: Table) -> list[str]:
        """What keeps these settings from filling `table`, one sentence each."""
        known = [name for name in table.columns if name not in OURS_ALONE]
        text = [name for name in known if table.type_of(name) == "string"]
        found = [
            f"columns.{name} is not a column of {table.name}; {hint(name, known)}"
            for name in self.columns
            if name not in known
        ]
        found += [
            f"columns.{name} is missing, and {table.name} needs it.{WITHOUT.get(name, '')}"
            for name in table.required
            if name not in self.columns and not (name == "order_id" and self.order_is)
        ]
        found += [
            f"normalise.{name} is not a text column; {hint(name, text)}" for name in self.normalise if name not in text
        ]
        found += [
            f"{name} is for order_lines only."
            for name in ("returns", "charges", "order_is", "order_level", "order_discount", "order_amount", "join")
            if getattr(self, name) and table.name != "order_lines"
        ]
        if self.replaces == "order" and table.name != "order_lines":
            found.append("replaces: order is for order_lines only; day and {key: [...]} are for events too.")
        if self.replaces == "day" and not any(each.type == "timestamp" and each.required for each in table.declared):
            found.append(
                f"replaces: day is for tables whose rows have a time, and {table.name} has none: say {{key: [...]}}."
            )
        if table.key and (self.replaces != "nothing" or self.copies != "across_files"):
            setting = "copies" if self.replaces == "nothing" else "replaces"
            found.append(
                f"{setting} is for tables without a key: of {table.name} the newest row of each "
                f"{', '.join(table.key)} is kept, by updated_at (map it under columns), else by the file's time."
            )
        for ours, theirs in self.columns.items():
            text = (
                []
                if is_column(theirs)
                else [n for n in sorted(calculated(theirs)) if self.type_of(n, table) == "string"]
            )
            found += [
                f"types.{name} must be said, as columns.{ours} calculates with it, such as {name}: decimal(18,2)."
                for name in text
            ]
            if (
                ours in known
                and is_column(theirs)
                and self.type_of(theirs.strip("`"), table) == "string" != table.type_of(ours)
            ):
                found.append(f"types.{theirs.strip('`')} must be said: columns.{ours} needs a {table.type_of(ours)}.")
        return found


def or_a_column(where: str, text: str, why: str) -> str:
    """What to write where an expression that may not be run is the name of one column."""
    name = where.partition(".")
    if name[0] != "columns" or "`" in text or ": write " in why or "(" in text.split(" ")[0]:
        return ""
    return f". If it is the name of one column, write {name[2]}: {json.dumps(f'`{text}`', ensure_ascii=False)}"


def names_in(text: str) -> set[str]:
    """The columns of the file that a column or an expression names."""
    return {text.strip("`")} if is_column(text) else columns_of(text)


def is_encoding_of_text(name: str) -> bool:
    """Whether files are written in the encoding `name`: it turns text into bytes and those into the same text."""
    sample = "order_id,amount\n1,2.50\n"
    try:
        found = codecs.lookup(name)
        if not found._is_text_encoding or found.name in NO_CHARACTER_SETS:
            return False
        decoder = codecs.getincrementaldecoder(name)(errors="replace")
        return decoder.decode(found.encode(sample)[0], final=True) == sample
    except (LookupError, ValueError, TypeError):
        return False


def style(numbers: str | Marks | None) -> NumberStyle:
    """The style that a setting names; ValueError where there is no such locale."""
    if isinstance(numbers, str):
        return of_locale(numbers)
    return NumberStyle(numbers.decimal, numbers.group, numbers.units) if numbers else PLAIN


def unquoted(text: str) -> str:
    """A format of times without its literal parts."""
    return re.sub(r"'[^']*'", "", text)


def repeated(names: Iterable[str]) -> list[str]:
    """Names that occur more than once, sorted."""
    counts: dict[str, int] = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return sorted(name for name, count in counts.items() if count > 1)


Files = Mapping[str, FileSource]
