"""Cells: text into values, and a sentence for every text that is none."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.config.files import OFFSET, FileSource, unquoted
from vitalfew.dataframes.exact_decimals import exact, fitted, has_more
from vitalfew.procedures.ingest.readers import clock_texts
from vitalfew.white_space import WHITE

ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?)?"
OFFSETS = "(Z|[+-][0-9]{2}:[0-9]{2})$"
WITH_TIMES = ("excel", "parquet")
"""Formats in which a column of text and one of times may stand beside each other."""
NOT_FINITE = r"^[+-]?(nan|inf|infinity)$"
TRUE, FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
SHOWN = 1000


def text(cell: Column, missing: Sequence[str]) -> Column:
    """The cell, or NULL where it is blank or says that it is missing."""
    bare = F.btrim(cell, F.lit(WHITE))
    return F.when(~bare.isin("", *missing), cell)


def clean(cell: Column, type_: str, source: FileSource) -> Column:
    """The cell in a notation that every engine casts alike; NULL where it cannot be a `type_`. Numbers come later."""
    bare = F.btrim(cell, F.lit(WHITE))
    if type_ == "string" or (type_ in ("timestamp", "date") and source.timestamp_formats):
        return cell  # ISO 8601 is looked for where a format holds times as such
    if type_ == "boolean":
        low = F.lower(bare)
        return F.when(low.isin(*TRUE), "true").when(low.isin(*FALSE), "false")
    if type_ in ("timestamp", "date"):
        return iso_text(bare, OFFSETS[:-1] + "?$" if source.time_zone else "$")
    return cell


def iso_text(bare: Column, end: str) -> Column:
    """A time as ISO 8601 has it in one spelling, or the end of a day; NULL where it is none. `end`: what may follow."""
    is_plain = bare.rlike(ISO + "$")  # as most are: the steps below take their time
    short = F.regexp_replace(bare, "([.][0-9]{6})[0-9]+", "$1")  # digits beyond the microsecond
    one = F.regexp_replace(clock_texts.with_offset(short), "([ T][0-9]{2}:[0-9]{2})(Z|[+-])", "$1:00$2")
    return F.when(is_plain, bare).when(one.rlike(ISO + end), one)


def value(name: str, type_: str, source: FileSource) -> Column:
    """The clean cell in the column `name`, in its type; NULL where that has no such value."""
    if type_ == "string":
        return F.col(name)
    if type_ == "timestamp":
        return time(name, source)
    if type_ == "date":
        return time(name, source).cast("date")
    if type_.startswith("decimal"):
        return fitted(exact(name), type_, source.rounding or "half_up")
    found = F.expr(f"try_cast({name} as {type_})")
    return F.when(F.abs(found) < F.lit(float("inf")), found) if type_ == "double" else found


def time(name: str, source: FileSource) -> Column:
    """A time on the clock of the shop: ISO 8601, or the first format of `source` that fits."""
    if source.timestamp_formats:
        asked = [formatted(F.col(name), text, source.time_zone) for text in source.timestamp_formats]
        own = F.when(F.col(name).rlike(ISO + "(Z|[+-][0-9]{2}:[0-9]{2})?$"), iso(name, source))
        return F.coalesce(*asked, *([own] if source.format in WITH_TIMES else []))
    return iso(name, source)


def iso(name: str, source: FileSource) -> Column:
    """A time as ISO 8601 writes it, brought to the clock of the shop where it has an offset."""
    next_day = F.expr(f"try_cast(replace({name}, '24:00', '00:00') as timestamp) + interval 1 day")
    found = F.when(clock_texts.ends_day(F.col(name)), next_day).otherwise(F.expr(f"try_cast({name} as timestamp)"))
    if source.time_zone is None:
        return found
    return F.when(F.col(name).rlike(OFFSETS), F.from_utc_timestamp(found, source.time_zone)).otherwise(found)


def formatted(cell: Column, form: str, zone: str | None) -> Column:
    """The time in a cell of the format `form`; on the clock of `zone` where the format has an offset."""
    bare = F.btrim(cell, F.lit(WHITE))
    if clock_texts.has_halves(form):
        bare, form = clock_texts.in_halves(bare), clock_texts.with_halves(form)
    if clock_texts.has_offset(form):
        bare, form = clock_texts.with_offset(bare), clock_texts.with_our_offset(form)
    found = clock_texts.after(bare, F.try_to_timestamp(clock_texts.begun(bare), F.lit(form)))
    return F.from_utc_timestamp(found, zone) if zone and OFFSET.search(unquoted(form)) else found


def is_whole(type_: str) -> bool:
    return type_ in ("int", "bigint")


def is_number(type_: str) -> bool:
    return is_whole(type_) or type_ == "double" or type_.startswith("decimal")


def has_decimals(type_: str) -> bool:
    return is_number(type_) and not is_whole(type_)


def fault(name: str, cell: Column, found: Column, type_: str, longest: int) -> Column:
    """What is wrong with a cell, in words; NULL where nothing is."""
    known = too_long(name, cell, longest)
    if type_ == "string":
        return known
    why = F.lit(f"{name} is not a {type_}")
    if is_number(type_):
        is_finite = ~F.lower(F.btrim(cell, F.lit(WHITE))).rlike(NOT_FINITE)
        why = F.when(is_finite, why).otherwise(f"{name} is NaN or infinite")
    return known.when(found.isNull() & cell.isNotNull(), why)


def has_lost_digits(name: str, clean_name: str, type_: str, source: FileSource) -> Column:
    """A sentence where money is written with more decimals than are kept, and the source does not say how to round."""
    scale = type_.removesuffix(")").split(",")[-1].strip()
    why = f"{name} has more than {scale} decimals; say how to round: `rounding: half_up`"
    if not type_.startswith("decimal") or name not in source.money_cells or source.rounding:
        return F.lit(None).cast("string")
    return F.when(has_more(exact(clean_name), int(scale)), why)


def too_long(name: str, cell: Column, longest: int) -> Column:
    """A sentence where the cell has more than `longest` characters."""
    return F.when(F.length(cell) > longest, F.lit(f"{name} is longer than {longest:,} characters"))


def cut(cell: Column) -> Column:
    """The cell, as much of it as is shown."""
    return F.when(F.length(cell) > SHOWN, F.concat(F.substring(cell, 1, SHOWN), F.lit("…"))).otherwise(cell)


def identity(cells: dict[str, Column]) -> Column:
    """128 bits of SHA-256 over named cells, NULLs left out; with their lengths, so that no two rows read alike."""
    said = [
        F.when(
            cell.isNotNull(), F.concat(F.lit(f"{len(name)}:{name}="), F.length(cell).cast("string"), F.lit(":"), cell)
        )
        for name, cell in sorted(cells.items())
    ]
    return F.left(F.sha2(F.concat_ws("", *said), 256), F.lit(32))
