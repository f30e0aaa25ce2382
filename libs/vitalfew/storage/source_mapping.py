"""A table of the company as ours: its columns renamed, cast where that loses nothing, moved to the shop's clock."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew import tables
from vitalfew.config.expressions import checked, columns_of
from vitalfew.config.target import Location, Source
from vitalfew.dataframes.exact_decimals import Rounding, exact, rounded, shifted
from vitalfew.dataframes.exact_decimals import fitted as fitted_decimal
from vitalfew.dataframes.identifiers import WHOLE_BELOW, exact_text, is_placeholder, named
from vitalfew.domain.product_levels import groupings
from vitalfew.engines.engine import first_line
from vitalfew.errors import TableError, hint
from vitalfew.tables import Table

ORIGINALS = "_originals"
ROUNDED = "_rounded"
MONEY = "decimal(18,2)"
NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double", "decimal")
TELLABLE = (*NUMBERS, "string", "date", "timestamp", "timestamp_ntz", "boolean")


def mapped(table: Table, found: DataFrame, source: Source | None, at: Location, called: str) -> DataFrame:
    """The rows of `found` in the declared columns, and `ORIGINALS`, the text from which each cast value was made.

    TableError, with all that is wrong at once, where a column is not there or a cast could lose more than precision.
    """
    columns = dict(source.columns) if source else {}
    refuse_absent(table, found, columns, at, called)
    have = {name.lower() for name in found.columns}
    if unknown := unknown_names(table, found, source):
        raise TableError(lacking(table, found, at, called, unknown))
    picked = [
        F.expr(checked(columns[c.name])).alias(c.name)
        if c.name in columns
        else (F.col(c.name) if c.name in have else F.lit(None).cast(c.type)).alias(c.name)
        for c in table.declared
    ]
    kept = originals(table, found, columns)
    try:
        chosen = found.where(checked(source.where)) if source and source.where else found
        ours = chosen.select(*picked, *kept)
        types = {field.name: field.dataType.simpleString() for field in ours.schema.fields}
    except PySparkException as error:
        raise TableError(
            f"{table.name} at {at.at}: a mapping does not fit its columns ({', '.join(found.columns)}): "
            f"{first_line(error)}"
        ) from error
    refuse_other_types(table, types, at)
    zone = source.time_zone if source else None
    placeholders = source.placeholders if source else ()
    blank = {*named(table), *groupings(table)}
    digits = ours.select(*[in_digits(c, types[c.name]) for c in table.declared], *[ORIGINALS for _ in kept])
    exactly = digits.select(*[exact_money(c, types[c.name]) for c in table.declared], *[ORIGINALS for _ in kept])
    how = source.rounding if source else None
    return exactly.select(
        *[fitted(c, types[c.name], zone, how, placeholders if c.name in blank else ()) for c in table.declared],
        *[ORIGINALS for _ in kept],
        *[before_rounding(types["amount"], how) for _ in kept if "amount" in types],
    )


def refuse_absent(table: Table, found: DataFrame, columns: Mapping[str, str], at: Location, called: str) -> None:
    """TableError where a required column is neither there nor mapped."""
    have = {name.lower() for name in found.columns}
    missing = [c.name for c in table.declared if c.required and c.name not in columns and c.name not in have]
    if missing:
        near = "; ".join(f"{name}: {hint(name, found.columns)}" for name in missing)
        raise TableError(
            f"{table.name} at {at.at} has no column {', '.join(missing)} ({near}) "
            f"Map it in the file of {called} under sources.{table.name}.columns."
        )


def unknown_names(table: Table, found: DataFrame, source: Source | None) -> list[str]:
    """A sentence for each column that a mapping names and that is not there.

    No engine sees such a name: Spark would take `user` or `current_date` for a function, backquotes or not.
    """
    said = {f"columns.{name}": text for name, text in source.columns.items()} if source else {}
    if source and source.where:
        said["where"] = source.where
    have = {name.lower() for name in found.columns}
    return [
        f"sources.{table.name}.{key} names {name}: {hint(name, found.columns)}"
        for key, text in said.items()
        for name in sorted(columns_of(text))
        if name.lower() not in have
    ]


def lacking(table: Table, found: DataFrame, at: Location, called: str, unknown: Sequence[str]) -> str:
    """What a table lacks of that which a mapping names."""
    has = f"{table.name} at {at.at} lacks what the file of {called} names. It has: {', '.join(found.columns)}."
    return "\n  ".join([has, *unknown])


def refuse_other_types(table: Table, types: Mapping[str, str], at: Location) -> None:
    """TableError that names every column whose type is none of ours."""
    wrong = [
        f"column {c.name} is {types[c.name]}, it must be {c.type} or become it by an expression under "
        f"sources.{table.name}.columns.{c.name}, such as `try_cast({c.name} as {c.type})`."
        for c in table.declared
        if not is_compatible(types[c.name], c.type)
    ]
    if wrong:
        raise TableError(f"{table.name} at {at.at}: " + "\n  ".join(wrong))


def is_compatible(found: str, declared: str) -> bool:
    """Whether every value of the type `found` is a value of `declared`, give or take decimals."""
    kinds = found.split("(")[0], declared.split("(")[0]
    if kinds[0] == kinds[1] or found == "void":
        return True
    if kinds[1] == "string":
        return kinds[0] in (*NUMBERS, "date", "boolean")
    if kinds[1] in ("decimal", "double"):
        return kinds[0] in NUMBERS
    return kinds[1] == "timestamp" and kinds[0] in ("date", "timestamp_ntz")


def originals(table: Table, found: DataFrame, columns: Mapping[str, str]) -> list[Column]:
    """One column: for each of ours that a cast may empty, the text that stood there; none where nothing can be told.

    It is read of refused rows alone. What a private table holds is not kept.
    """
    if table.is_private:
        return []
    theirs = {
        f.name.lower(): f.name for f in found.schema.fields if f.dataType.simpleString().split("(")[0] in TELLABLE
    }
    told: list[Column] = []
    for column in table.declared:
        named = columns_of(columns.get(column.name, column.name))
        known = [theirs[name.lower()] for name in sorted(named) if name.lower() in theirs]
        if column.type == "string" or not known:
            continue
        texts = [F.col(f"`{name}`").cast("string").alias(name) for name in known]
        told.append((texts[0] if len(texts) == 1 else F.to_json(F.struct(*texts))).alias(column.name))
    return [F.struct(*told).alias(ORIGINALS)] if told else []


def loses_digits(wanted: tables.Column, type_: str) -> bool:
    """Whether the type `type_` of a column of money has more digits than the wanted one."""
    scale = re.fullmatch(r"decimal\(\d+,(\d+)\)", type_)
    return wanted.type == MONEY and (type_ in ("double", "float") or bool(scale and int(scale[1]) > 2))


def in_digits(wanted: tables.Column, type_: str) -> Column:
    """Floating money in digits; any other column as it is."""
    column = F.col(f"`{wanted.name}`")
    return shifted(column.cast("string")).alias(wanted.name) if loses_digits(wanted, type_) else column


def exact_money(wanted: tables.Column, type_: str) -> Column:
    """Money in digits as a wide decimal; any other column as it is."""
    return exact(wanted.name).alias(wanted.name) if loses_digits(wanted, type_) else F.col(f"`{wanted.name}`")


def before_rounding(type_: str, how: Rounding | None) -> Column:
    """By how much the amount was more, before it was rounded; NULL where nothing was."""
    whole = F.col("amount")
    wanted = tables.Column("amount", MONEY, True, "")
    lost = whole - rounded(whole, 2, how or "half_up") if loses_digits(wanted, type_) else F.lit(None)
    return lost.cast("decimal(28,8)").alias(ROUNDED)


def fitted(
    wanted: tables.Column, type_: str, zone: str | None, how: Rounding | None, placeholders: Sequence[str]
) -> Column:
    """The `wanted` column in its declared type; what is no such value is NULL, and the door sees it."""
    if loses_digits(wanted, type_):
        return fitted_decimal(F.col(f"`{wanted.name}`"), MONEY, how or "half_up").alias(wanted.name)
    column = F.expr(f"try_cast(`{wanted.name}` as {wanted.type})")
    if wanted.type == "string" and type_ in WHOLE_BELOW:
        column = exact_text(F.col(f"`{wanted.name}`"), type_)
    if placeholders:
        column = F.when(~is_placeholder(column, placeholders), column)
    if wanted.type == "timestamp" and zone is not None:
        in_calendar = column.between(F.lit("0001-01-02").cast("timestamp"), F.lit("9999-12-30").cast("timestamp"))
        column = F.when(in_calendar, F.from_utc_timestamp(column, zone))  # what falls off its ends is no time
    return column.alias(wanted.name)
