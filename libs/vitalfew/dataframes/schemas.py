"""Schemas of what Spark SQL or Arrow says of columns, without a question to the engine.

Each question takes milliseconds, and a run would ask hundreds of times.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pyarrow as pa
from pyspark.sql import types as T
from pyspark.sql.pandas.types import from_arrow_schema

PLAIN: dict[str, type[T.DataType]] = {
    "bigint": T.LongType,
    "binary": T.BinaryType,
    "boolean": T.BooleanType,
    "date": T.DateType,
    "double": T.DoubleType,
    "float": T.FloatType,
    "int": T.IntegerType,
    "smallint": T.ShortType,
    "string": T.StringType,
    "timestamp": T.TimestampType,
    "timestamp_ntz": T.TimestampNTZType,
    "tinyint": T.ByteType,
}
ARROW: dict[type[T.DataType], pa.DataType] = {
    T.BinaryType: pa.binary(),
    T.BooleanType: pa.bool_(),
    T.ByteType: pa.int8(),
    T.DateType: pa.date32(),
    T.DoubleType: pa.float64(),
    T.FloatType: pa.float32(),
    T.IntegerType: pa.int32(),
    T.LongType: pa.int64(),
    T.ShortType: pa.int16(),
    T.StringType: pa.string(),
    T.TimestampNTZType: pa.timestamp("us"),
    T.TimestampType: pa.timestamp("us", tz="UTC"),
}
COLUMN = re.compile(
    r"(?P<name>`[^`]+`|\w+)\s+(?P<type>.+?)(?P<required>\s+not\s+null)?(?:\s+comment\s+'(?P<comment>[^']*)')?",
    re.DOTALL | re.IGNORECASE,
)
DECIMAL = re.compile(r"decimal\(\s*(\d+)\s*,\s*(\d+)\s*\)", re.IGNORECASE)
NESTED = re.compile(r"(array|map|struct)<(.*)>", re.DOTALL | re.IGNORECASE)


@cache
def schema(ddl: str) -> T.StructType:
    """The columns of `ddl`, such as `a bigint not null comment 'What it means.', b array<string>`.

    ValueError where it holds anything that no table of ours is declared with.
    """
    return T.StructType([column(text) for text in split(ddl)])


def without_comments(columns: T.StructType) -> T.StructType:
    return T.StructType([T.StructField(field.name, field.dataType, field.nullable) for field in columns])


def column(text: str) -> T.StructField:
    found = COLUMN.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not \"NAME TYPE [not null] [comment '…']\"")
    said = {} if found["comment"] is None else {"comment": found["comment"]}
    return T.StructField(found["name"].strip("`"), of_type(found["type"]), not found["required"], said)


def of_type(text: str) -> T.DataType:
    """The type that Spark SQL calls `text`."""
    if plain := PLAIN.get(text.strip().lower()):
        return plain()
    if decimal := DECIMAL.fullmatch(text.strip()):
        return T.DecimalType(int(decimal[1]), int(decimal[2]))
    nested = NESTED.fullmatch(text.strip())
    if nested is None:
        raise ValueError(f"{text!r} is no type of a column of ours")
    inner = [*split(nested[2])]
    if nested[1].lower() == "array":
        return T.ArrayType(of_type(nested[2]))
    if nested[1].lower() == "map" and len(inner) == 2:
        return T.MapType(of_type(inner[0]), of_type(inner[1]))
    return T.StructType([column(re.sub(r"^(\s*[^\s:]+)\s*:\s*", r"\1 ", text)) for text in inner])


def split(text: str) -> Iterator[str]:
    """The parts of `text` between commas that stand in no brackets and in no quotes."""
    depth, start, is_quoted = 0, 0, False
    for at, sign in enumerate(text):
        if sign == "'":
            is_quoted = not is_quoted
        elif not is_quoted and sign in "<(":
            depth += 1
        elif not is_quoted and sign in ">)":
            depth -= 1
        elif sign == "," and depth == 0 and not is_quoted:
            yield text[start:at].strip()
            start = at + 1
    if text[start:].strip():
        yield text[start:].strip()


def arrow_schema(columns: T.StructType) -> pa.Schema:
    """Arrow's schema of columns, moments in UTC. KeyError where one holds structs."""
    return pa.schema([pa.field(field.name, arrow_type(field.dataType), field.nullable) for field in columns])


def arrow_type(type_: T.DataType) -> pa.DataType:
    if isinstance(type_, T.DecimalType):
        return pa.decimal128(type_.precision, type_.scale)
    if isinstance(type_, T.ArrayType):
        return pa.list_(pa.field("element", arrow_type(type_.elementType), type_.containsNull))
    if isinstance(type_, T.MapType):
        return pa.map_(
            arrow_type(type_.keyType), pa.field("value", arrow_type(type_.valueType), type_.valueContainsNull)
        )
    return ARROW[type(type_)]


def of_arrow(columns: pa.Schema) -> T.StructType:
    """The schema of Arrow's `columns`, all of which may be NULL: another file beside theirs may hold one.

    A text or a list of texts may be one that only points to its characters.
    """
    return from_arrow_schema(pa.schema([nullable(field) for field in columns]))


def nullable(field: pa.Field) -> pa.Field:
    """`field`, and what is in it, as one that may be NULL, and that holds its texts or bytes."""
    return pa.field(field.name, of_values(field.type))


def of_values(type_: pa.DataType) -> pa.DataType:
    """`type_`; where it points to texts or bytes elsewhere, the type that holds them: PySpark knows no other."""
    if pa.types.is_string_view(type_):
        return pa.string()
    if pa.types.is_binary_view(type_):
        return pa.binary()
    if pa.types.is_list(type_):
        return pa.list_(nullable(type_.value_field))
    if pa.types.is_struct(type_):
        return pa.struct([nullable(field) for field in type_])
    if pa.types.is_map(type_):
        return pa.map_(of_values(type_.key_type), nullable(type_.item_field))
    return type_
