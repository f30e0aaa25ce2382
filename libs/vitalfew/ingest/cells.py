"""Cells: text into values, and a sentence for every text that is none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.ingest.settings import OFFSET, FileSource, unquoted

WHITE = " \t\r\n\u00a0\ufeff"
ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?)?$"
ISO_WITH_OFFSET = ISO[:-1] + r"(Z|[+-][0-9]{2}:[0-9]{2})$"
NOT_FINITE = r"^[+-]?(nan|inf|infinity)$"
TRUE, FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
SHOWN = 1000


def quoted(name: str) -> str:
    """Any name as SQL."""
    return "`" + name.replace("`", "``") + "`"


def text(cell: Column, missing: Sequence[str]) -> Column:
    """The cell, or NULL where it is blank or says that it is missing."""
    bare = F.btrim(cell, F.lit(WHITE))
    return F.when(~bare.isin("", *missing), cell)


def value(cell: Column, type_: str, source: FileSource) -> Column:
    """The cell in a Spark SQL type; NULL where it is none. The same texts pass on every engine."""
    bare = F.btrim(cell, F.lit(WHITE))
    if type_ == "string":
        return cell
    if type_ == "boolean":
        low = F.lower(bare)
        return F.when(low.isin(*TRUE), True).when(low.isin(*FALSE), False)
    if type_ == "timestamp":
        return time(bare, source)
    if type_ == "date":
        return try_cast(time(bare, source), "date")
    return number(bare, type_, source)


def number(bare: Column, type_: str, source: FileSource) -> Column:
    """A number in plain or scientific notation, with the marks of `source` and nothing else."""
    group, mark = re.escape(source.thousands_mark), re.escape(source.decimal_mark)
    whole = f"([0-9]+|[0-9]{{1,3}}({group}[0-9]{{3}})+)" if group else "[0-9]+"
    digits = re.compile(f"[+-]?({whole}({mark}[0-9]*)?|{mark}[0-9]+)" if "int" not in type_ else f"[+-]?{whole}")
    plain = F.replace(bare, F.lit(source.thousands_mark), F.lit("")) if group else bare
    plain = F.replace(plain, F.lit(source.decimal_mark), F.lit(".")) if source.decimal_mark != "." else plain
    scientific = try_cast(try_cast(plain, "double"), type_)
    found = F.when(bare.rlike(f"^{digits.pattern}$"), try_cast(plain, type_))
    if "int" not in type_:
        found = found.when(bare.rlike(f"^{digits.pattern}[eE][+-]?[0-9]{{1,3}}$"), scientific)
    return F.when(F.abs(found) < F.lit(float("inf")), found) if type_ == "double" else found


def time(bare: Column, source: FileSource) -> Column:
    """A time on the clock of the shop: ISO 8601, or the first format of `source` that fits."""
    if source.timestamp_formats:
        return F.coalesce(*[formatted(bare, text, source.time_zone) for text in source.timestamp_formats])
    short = F.regexp_replace(bare, "([.][0-9]{6})[0-9]+", "$1")  # digits beyond the microsecond
    local = F.when(short.rlike(ISO), try_cast(short, "timestamp"))
    if source.time_zone is None:
        return local
    instant = F.when(short.rlike(ISO_WITH_OFFSET), try_cast(short, "timestamp"))
    return F.coalesce(local, F.from_utc_timestamp(instant, source.time_zone))


def formatted(bare: Column, form: str, zone: str | None) -> Column:
    found = F.try_to_timestamp(bare, F.lit(form))
    return F.from_utc_timestamp(found, zone) if zone and OFFSET.search(unquoted(form)) else found


def try_cast(column: Column, type_: str) -> Column:
    """`try_cast` as a function of columns, which Spark 3.5 has in SQL only."""
    return F.call_function("try_cast", column, F.lit(type_))


def fault(name: str, cell: Column, found: Column, type_: str, longest: int) -> Column:
    """What is wrong with a cell, in words; NULL where nothing is."""
    bare = F.lower(F.btrim(cell, F.lit(WHITE)))
    known = F.when(F.length(cell) > longest, F.lit(f"{name} is longer than {longest:,} characters"))
    if type_ == "string":
        return known
    if "int" in type_ or type_ == "double" or type_.startswith("decimal"):
        known = known.when(bare.rlike(NOT_FINITE), F.lit(f"{name} is NaN or infinite"))
    return known.when(cell.isNotNull() & found.isNull(), F.lit(f"{name} is not a {type_}"))


def cut(cell: Column) -> Column:
    """The cell, as much of it as is shown."""
    return F.when(F.length(cell) > SHOWN, F.concat(F.substring(cell, 1, SHOWN), F.lit("…"))).otherwise(cell)


def identity(cells: dict[str, Column]) -> Column:
    """128 bits of SHA-256 over named cells, NULLs left out; each is preceded by its length, so that no two rows agree."""
    said = [
        F.when(cell.isNotNull(), F.concat(F.lit(f"{len(name)}:{name}="), F.length(cell).cast("string"), F.lit(":"), cell))
        for name, cell in sorted(cells.items())
    ]
    return F.left(F.sha2(F.concat_ws("", *said), 256), F.lit(32))
