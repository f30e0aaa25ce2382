"""Rows of files as rows of a source table: each with its identity, its cells, and the reason if it is refused."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from vitalfew.dataframes import number_styles
from vitalfew.dataframes.exact_decimals import exact, shifted
from vitalfew.domain.free_text import without_contacts
from vitalfew.procedures.ingest import joined, mapping, order_values
from vitalfew.procedures.ingest.file_times import moment
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.procedures.ingest.raw_rows import as_text
from vitalfew.procedures.ingest.readers import cells
from vitalfew.procedures.ingest.readers.parts import REST
from vitalfew.storage.delta import Storage

WHERE = ("__file", "__line", "__item")
CARRIED = (*WHERE, "__items", "__height", "__malformed", "__content", "__id")
LOWEST = -(10**18)
NEWEST = "decimal(38,6)"


def judged(storage: Storage, intake: Intake, side: DataFrame | None = None) -> DataFrame:
    """All rows: WHERE, `__height, __name, __digest, __id, __content, __reason`, cells, columns of the table.

    `__reason` is NULL where the row keeps the contract of the table and no setting refuses it. `__content` is NULL
    where the line could be split into cells. Where later files replace rows, also `__group, __newest, __competes`.
    `side`: what joined files say, by key.
    """
    names = storage.small(files(storage.spark, intake))
    known = order_values.filled(
        with_values(joined.with_joined(as_text(storage.spark, intake), intake, side), intake), intake
    )
    if intake.source.order_is:
        known = known.join(
            names.select("__file", F.col("__digest").alias(mapping.FILE_OF_ORDER)), on="__file", how="inner"
        )
    carried = (*CARRIED, "__fault", "__newest", mapping.DISCOUNT, *mapping.of_orders(intake), *intake.cells.values())
    reason = F.coalesce(
        F.col("__malformed"),
        mapping.said(F.col("__fault")),
        mapping.said(F.col("__rejected")),
        mapping.said(mapping.breaches(intake)),
        without_key(intake),
    )
    found = mapping.with_our_columns(known, intake, carried).withColumn("__reason", reason)
    found = without_contacts(order_values.spread(found, intake), intake.table)
    extra: list[Column | str] = []
    if intake.rule != "nothing":
        is_rejected = F.col("__malformed").isNull() & (F.col("__fault") == "") & F.col("__is_rejected")
        competes = (F.col("__reason").isNull() | is_rejected) & without_key(intake).isNull()
        extra = [group(intake).alias("__group"), "__newest", competes.alias("__competes")]
    ours = {"line_id": F.col("__id"), "file_digest": F.col("__digest")}
    if intake.table.key:
        ours["updated_at"] = F.coalesce("updated_at", "__file_at")
    return found.join(names, on="__file", how="inner").select(
        *WHERE,
        "__height",
        "__name",
        "__digest",
        "__id",
        "__content",
        "__reason",
        "__rounded",
        "__placeholder",
        *extra,
        *intake.cells.values(),
        *[ours.get(name, F.col(name)).alias(name) for name in intake.table.columns],
    )


def files(spark: SparkSession, intake: Intake) -> DataFrame:
    """The files: `__file, __name, __digest`, and in `__file_at` when they are of."""
    found = [(i, file.drop.name, file.digest, str(moment(file.drop))) for i, file in enumerate(intake.files)]
    drawn = spark.createDataFrame(found, "__file int, __name string, __digest string, __file_at string")
    return drawn.withColumn("__file_at", F.col("__file_at").cast("timestamp"))


def with_values(raw: DataFrame, intake: Intake) -> DataFrame:
    """The columns that the settings use, in their types; the identity of the row; what is wrong with its cells."""
    source, types, longest = intake.source, intake.types, intake.params.longest_value
    texts = {name: F.col(cell) for name, cell in intake.cells.items()}
    compared = {name: texts[name] for name in source.copies_by or intake.columns}
    clean = {name: f"__v{i}" for i, name in enumerate(types)}
    prepared = raw.select(
        *[name for name in CARRIED if name != "__id"],
        identity(compared, intake).alias("__id"),
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
        newest(values, intake).alias("__newest"),
        *intake.cells.values(),
        *[value.alias(name) for name, value in values.items()],
    )


def lost(clean: Mapping[str, str], values: Mapping[str, Column], intake: Intake) -> Column:
    """What rounding takes from the cell that is the amount; NULL where the amount is no cell."""
    name = intake.source.columns.get("amount", "").strip("`")
    if name not in clean or not intake.types[name].startswith("decimal"):
        return F.lit(None).cast("decimal(28,8)")
    return (exact(clean[name]) - values[name]).cast("decimal(28,8)")


def identity(compared: dict[str, Column], intake: Intake) -> Column:
    """What tells a row from others by its content: by the text of all its cells, where the reader packed them."""
    if intake.is_packed and not intake.source.copies_by:
        packed = F.coalesce(F.col(intake.cells[REST]), F.lit(""))
        position = [F.lit("#"), F.col("__item").cast("string")] if intake.source.has_items else []
        return F.left(F.sha2(F.concat(packed, *position), 256), F.lit(32))
    number = {"(item)": F.col("__item").cast("string")} if intake.source.has_items else {}
    return cells.identity({**compared, **number})


def group(intake: Intake) -> Column:
    """Which order, day or key a row belongs to, as a hash."""
    if intake.source.replaces == "order":
        return cells.identity({"order_id": F.col("order_id")})
    if intake.source.replaces == "day":
        return cells.identity({"day": F.to_date(intake.time).cast("string")})
    return cells.identity({name: F.col(intake.cells[name]) for name in intake.source.replaces_key})


def without_key(intake: Intake) -> Column:
    """A sentence where all cells of the key are missing, by which later files replace rows; else NULL."""
    key = intake.source.replaces_key
    if not key:
        return F.lit(None).cast("string")
    said = f"{', '.join(key)}, the key of replaces, is missing"
    return F.when(F.coalesce(*[F.col(intake.cells[name]) for name in key]).isNull(), said)


def newest(values: dict[str, Column], intake: Intake) -> Column:
    """The value of `newest_by` as a number, a time in seconds; LOWEST where it is missing."""
    name = intake.source.newest_by
    if name is None:
        return F.lit(LOWEST).cast(NEWEST)
    if intake.types[name] in ("timestamp", "date"):
        micros = F.unix_micros(values[name].cast("timestamp")).cast("decimal(20,0)")
        return F.coalesce((micros / 1_000_000).cast(NEWEST), F.lit(LOWEST).cast(NEWEST))
    return F.coalesce(values[name].cast(NEWEST), F.lit(LOWEST).cast(NEWEST))


def content(intake: Intake) -> Column:
    """What the mapping uses of the row, as it came, as JSON; without what is to be hidden."""
    public = {} if intake.table.is_private else intake.cells
    shown = [cells.cut(F.col(cell)).alias(name) for name, cell in public.items() if not intake.layout.is_hidden(name)]
    return F.coalesce(F.col("__content"), F.to_json(F.struct(*shown)) if shown else F.lit("{}"))
