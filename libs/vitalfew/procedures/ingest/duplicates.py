"""Rows that must not be used twice: exact copies of lines, and older versions of rows with a key."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.procedures.ingest.rows import WHERE
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table
from vitalfew.tables.logs import FILES


def duplicates(storage: Storage, table: Table, rows: DataFrame) -> DataFrame:
    """`__file, __line, __money` of the sound rows not to be used, and `__is_new_copy`: whether to keep them apart.

    A line that comes again because its file has grown is a duplicate, and no news.
    """
    sound = rows.where("__reason is null").withColumn("__money", money(table))
    if table.key:
        older = F.row_number().over(Window.partitionBy("__file", *table.key).orderBy(*youngest_first(table))) > 1
        return (
            sound.select(*WHERE, "__money", older.alias("__older"))
            .where("__older")
            .select(*WHERE, "__money", F.lit(False).alias("__is_new_copy"))
        )
    seen = with_origin(storage, table, sound).select(
        *WHERE, "__money", "__id", "__name", "__digest", "origin", "origin_path"
    )
    own_first = Window.partitionBy("__id").orderBy(
        F.coalesce(F.col("origin") == F.col("__digest"), F.lit(False)).desc(), *[F.col(name) for name in WHERE]
    )
    is_used = (F.row_number().over(own_first) == 1) & F.col("origin_path").isNull()
    is_again = F.coalesce(F.col("origin_path") == F.col("__name"), F.lit(False))
    return (
        seen.select(*WHERE, "__money", is_used.alias("__is_used"), (~is_again).alias("__is_new_copy"))
        .where("not __is_used")
        .drop("__is_used")
    )


def money(table: Table) -> Column:
    """What a row is worth; NULL in a table that knows no money."""
    return F.col("amount") if "amount" in table.columns else F.lit(None).cast("decimal(18,2)")


def with_origin(storage: Storage, table: Table, sound: DataFrame) -> DataFrame:
    """`sound`, and where each of its lines came from before, if it did: `origin, origin_path`."""
    if not storage.exists(table):
        never = F.lit(None).cast("string")
        return sound.withColumn("origin", never).withColumn("origin_path", never)
    before = taken_before(storage, table, sound).withColumnRenamed("line_id", "__id")
    return sound.join(before, on="__id", how="left")


def taken_before(storage: Storage, table: Table, sound: DataFrame) -> DataFrame:
    """`line_id` of the lines in `table`, the digest of the file each came in, and its path if that file was finished.

    A file that is not in the ledger is one whose run was stopped: its lines are still to be accounted for.
    Copies agree in their time, so only the times of `sound` are looked at.
    """
    time = next(column.name for column in table.declared if column.type == "timestamp" and column.required)
    micros = f"unix_micros({time})"
    first, last = sound.agg(F.expr(f"min({micros})"), F.expr(f"max({micros})")).collect()[0]
    among = "false" if first is None else f"{time} between timestamp_micros({first}) and timestamp_micros({last})"
    lines = storage.read(table).where(among).where("line_id is not null")
    taken = storage.read_or_empty(FILES).where(F.col("source") == table.name)
    return (
        lines.groupBy("line_id")
        .agg(F.min("file_digest").alias("origin"))
        .join(
            taken.select(F.col("digest").alias("origin"), F.col("path").alias("origin_path")), on="origin", how="left"
        )
    )


def winners(storage: Storage, table: Table, used: DataFrame) -> DataFrame:
    """The youngest row of each key, without those that `table` holds already, or a younger version of."""
    version = F.row_number().over(Window.partitionBy(*table.key).orderBy(*youngest_first(table)))
    best = used.withColumn("__version", version).where("__version = 1").withColumn("__print", content(table))
    if not storage.exists(table):
        return best.select(*table.columns)
    held = storage.read(table).select(
        *table.key, F.col("updated_at").alias("__held_at"), content(table).alias("__held_print")
    )
    is_older = (F.col("updated_at") < F.col("__held_at")) | (
        (F.col("updated_at") == F.col("__held_at")) & (F.col("__print") < F.col("__held_print"))
    )
    is_same = F.col("__print") == F.col("__held_print")
    new = best.join(held, on=list(table.key), how="left").where(~F.coalesce(is_older | is_same, F.lit(False)))
    return new.select(*table.columns)


def youngest_first(table: Table) -> Sequence[Column]:
    """The order of the versions of a row: by its time of change and then its content, else as it arrived."""
    known = F.col("updated_at").isNotNull()
    return (
        F.col("updated_at").desc_nulls_last(),
        F.when(known, content(table)).desc_nulls_last(),
        *[F.col(name).desc() for name in WHERE],
    )


def content(table: Table) -> Column:
    """The columns of a row as one text, by which two versions of the same time are put in an order."""
    texts = [F.coalesce(F.concat(F.lit("="), F.col(name).cast("string")), F.lit("-")) for name in table.columns]
    return F.concat_ws("\x1f", *texts)
