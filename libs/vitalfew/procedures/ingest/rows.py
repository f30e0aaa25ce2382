"""Rows of files as rows of a source table: each with its identity, its cells, and the reason if it is refused."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from vitalfew.dataframes import number_styles
from vitalfew.dataframes.exact_decimals import exact, shifted
from vitalfew.domain.free_text import without_contacts
from vitalfew.procedures.ingest import mapping
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.procedures.ingest.readers import cells, reading
from vitalfew.procedures.ingest.readers.parts import REST
from vitalfew.storage.delta import Storage

WHERE = ("__file", "__line")
CARRIED = (*WHERE, "__malformed", "__content", "__id")


def judged(storage: Storage, intake: Intake) -> DataFrame:
    """All rows: `__file, __line, __name, __digest, __id, __content, __reason`, the cells, the columns of the table.

    `__reason` is NULL where the row keeps the contract of the table and no setting refuses it. `__content` is NULL
    where the line could be split into cells.
    """
    values = with_values(as_text(storage.spark, intake), intake)
    carried = (*CARRIED, "__fault", *intake.cells.values())
    reason = F.coalesce(
        F.col("__malformed"),
        mapping.said(F.col("__fault")),
        mapping.said(F.col("__rejected")),
        mapping.said(mapping.breaches(intake)),
    )
    found = mapping.with_our_columns(values, intake, carried).withColumn("__reason", reason)
    files = [(number, file.drop.name, file.digest) for number, file in enumerate(intake.files)]
    names = storage.small(storage.spark.createDataFrame(files, "__file int, __name string, __digest string"))
    ours = {"line_id": F.col("__id"), "file_digest": F.col("__digest")}
    known = without_contacts(found, intake.table)
    return known.join(names, on="__file", how="inner").select(
        *WHERE,
        "__name",
        "__digest",
        "__id",
        "__content",
        "__reason",
        "__rounded",
        "__placeholder",
        *intake.cells.values(),
        *[ours.get(name, F.col(name)).alias(name) for name in intake.table.columns],
    )


def as_text(spark: SparkSession, intake: Intake) -> DataFrame:
    """The rows of files as they come; blank cells are NULL."""
    how, columns = intake.layout, intake.columns
    schema = ", ".join([reading.ROWS, *[f"{name} string" for name in intake.cells.values()]])
    shares = reading.shares([file.drop for file in intake.files])
    raw = reading.spread(spark, shares, lambda share: reading.read(share, how, columns), schema)
    return raw.select(
        *[F.col(name).alias(f"__{name}") for name in ("file", "line", "malformed", "content")],
        *[cells.text(F.col(name), intake.source.missing).alias(name) for name in intake.cells.values()],
    )


def with_values(raw: DataFrame, intake: Intake) -> DataFrame:
    """The columns that the settings use, in their types; the identity of the row; what is wrong with its cells."""
    source, types, longest = intake.source, intake.types, intake.params.longest_value
    texts = {name: F.col(cell) for name, cell in intake.cells.items()}
    compared = {name: texts[name] for name in source.copies_by or intake.columns}
    clean = {name: f"__v{i}" for i, name in enumerate(types)}
    prepared = raw.select(
        *[name for name in CARRIED if name != "__id"],
        cells.identity(compared).alias("__id"),
        *intake.cells.values(),
        *[cells.clean(texts[name], type_, source).alias(clean[name]) for name, type_ in types.items()],
    )
    numbers = {
        clean[name]: (F.col(clean[name]), source.numbers_of(name), cells.is_whole(type_))
        for name, type_ in types.items()
        if cells.is_number(type_)
    }
    digits = number_styles.in_digits(prepared, numbers)
    shift = {clean[name] for name, type_ in types.items() if type_.startswith("decimal")}
    prepared = digits.select(*[shifted(F.col(n)).alias(n) if n in shift else F.col(n) for n in digits.columns])
    values = {name: cells.value(clean[name], type_, source) for name, type_ in types.items()}
    others = [name for name in texts if name not in types and name != REST]
    wrong = [
        *[cells.fault(name, texts[name], values[name], types[name], longest) for name in types],
        *[cells.has_lost_digits(name, clean[name], type_, source) for name, type_ in types.items()],
        *[cells.too_long(name, texts[name], longest) for name in others],
    ]
    return prepared.select(
        *CARRIED,
        F.concat_ws("; ", *wrong).alias("__fault"),
        lost(clean, values, intake).alias(mapping.LOST),
        *intake.cells.values(),
        *[value.alias(name) for name, value in values.items()],
    )


def lost(clean: Mapping[str, str], values: Mapping[str, Column], intake: Intake) -> Column:
    """What rounding takes from the cell that is the amount; NULL where the amount is no cell."""
    name = intake.source.columns.get("amount", "").strip("`")
    if name not in clean or not intake.types[name].startswith("decimal"):
        return F.lit(None).cast("decimal(28,8)")
    return (exact(clean[name]) - values[name]).cast("decimal(28,8)")


def content(intake: Intake) -> Column:
    """What the mapping uses of the row, as it came, as JSON; without what is to be hidden."""
    public = {} if intake.table.is_private else intake.cells
    shown = [cells.cut(F.col(cell)).alias(name) for name, cell in public.items() if not intake.layout.is_hidden(name)]
    return F.coalesce(F.col("__content"), F.to_json(F.struct(*shown)) if shown else F.lit("{}"))
