"""Rows that must not be used twice: exact copies of lines, and older versions of rows with a key."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.procedures.ingest.rows import WHERE
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table
from vitalfew.tables.logs import FILES

SAME = ("order_id", "product_id")


def marks(storage: Storage, intake: Intake, rows: DataFrame) -> DataFrame:
    """WHERE, `__money, __line_id, __is_used, __is_new_copy` of the sound rows with something to say of them.

    Those are the rows that are not used, and those whose `line_id` is not their `__id`. A line that comes again because
    its file has grown is a copy, and no news: `__is_new_copy` tells which are kept apart.
    """
    table = intake.table
    sound = rows.where("__reason is null").withColumn("__money", money(table))
    if table.key:
        return older_of_file(sound, intake)
    numbered = sound.select(*WHERE, "__money", "__id", "__name", "__digest", line_id(intake).alias("__line_id"))
    seen = with_origin(storage, intake, sound, numbered)
    own_first = Window.partitionBy("__line_id").orderBy(
        F.coalesce(F.col("origin") == F.col("__digest"), F.lit(False)).desc(), *[F.col(name) for name in WHERE]
    )
    is_used = (F.row_number().over(own_first) == 1) & F.col("origin_path").isNull()
    is_again = F.coalesce(F.col("origin_path") == F.col("__name"), F.lit(False))
    return (
        seen.select(
            *WHERE,
            "__money",
            "__id",
            "__line_id",
            is_used.alias("__is_used"),
            (~is_used & ~is_again).alias("__is_new_copy"),
        )
        .where("not __is_used or __line_id <> __id")
        .drop("__id")
    )


def older_of_file(sound: DataFrame, intake: Intake) -> DataFrame:
    """The rows of a table with a key of which the same file has a younger version, as `marks`.

    Where the file does not say when a row was changed, the last one is the youngest.
    """
    table, last = intake.table, [F.col(name).desc() for name in ("__line", "__item")]
    order = [*youngest_first(table), *last] if "updated_at" in intake.source.columns else last
    younger_first = Window.partitionBy("__file", *table.key).orderBy(*order)
    older = sound.select(*WHERE, "__money", (F.row_number().over(younger_first) > 1).alias("__older")).where("__older")
    nothing = F.lit(None).cast("string").alias("__line_id")
    no = F.lit(False)
    return older.select(*WHERE, "__money", nothing, no.alias("__is_used"), no.alias("__is_new_copy"))


def line_id(intake: Intake) -> Column:
    """What two lines share if one is a copy of the other: by content, number among the equal lines of a file, file."""
    copies = intake.source.copies
    if copies not in ("across_files", "keep"):
        return F.col("__id")
    number = F.row_number().over(Window.partitionBy("__file", "__id").orderBy("__line", "__item"))
    parts = [F.col("__id"), number.cast("string"), *([F.col("__digest")] if copies == "keep" else [])]
    other = F.left(F.sha2(F.concat_ws("#", *parts), 256), F.lit(32))
    return other if copies == "keep" else F.when(number == 1, F.col("__id")).otherwise(other)


def money(table: Table) -> Column:
    """What a row is worth; NULL in a table that knows no money."""
    return F.col("amount") if "amount" in table.columns else F.lit(None).cast("decimal(18,2)")


def with_origin(storage: Storage, intake: Intake, sound: DataFrame, numbered: DataFrame) -> DataFrame:
    """`numbered`, and where each of its lines came from before, if it did: `origin, origin_path`."""
    if intake.is_fresh or not storage.exists(intake.table):
        never = F.lit(None).cast("string")
        return numbered.withColumn("origin", never).withColumn("origin_path", never)
    before = taken_before(storage, intake, sound).withColumnRenamed("line_id", "__line_id")
    return numbered.join(before, on="__line_id", how="left")


def taken_before(storage: Storage, intake: Intake, sound: DataFrame) -> DataFrame:
    """`line_id` of the lines in `table`, the digest of the file each came in, and its path if that file was finished.

    A file that is not in the ledger is one whose run was stopped: its lines are still to be accounted for.
    Copies agree in their time, so only the times of `sound` are looked at; of a table without times, all lines.
    """
    table = intake.table
    among = times_of(sound, intake.time) if intake.times else "true"
    lines = storage.read(table).where(among).where("line_id is not null")
    taken = storage.read_or_empty(FILES).where(F.col("source") == table.name)
    return (
        lines.groupBy("line_id")
        .agg(F.min("file_digest").alias("origin"))
        .join(
            taken.select(F.col("digest").alias("origin"), F.col("path").alias("origin_path")), on="origin", how="left"
        )
    )


def times_of(sound: DataFrame, time: str) -> str:
    """A condition that holds for rows between the first and the last time of `sound`."""
    micros = f"unix_micros({time})"
    first, last = sound.agg(F.expr(f"min({micros})"), F.expr(f"max({micros})")).collect()[0]
    return "false" if first is None else f"{time} between timestamp_micros({first}) and timestamp_micros({last})"


def told_of_others(storage: Storage, intake: Intake, rows: DataFrame, marks: DataFrame) -> list[str]:
    """A sentence on lines that are no copies, of orders and products that another file has lines of: both count."""
    source, table = intake.source, intake.table
    had = not intake.is_fresh and storage.exists(table)
    if source.copies != "across_files" or not {*SAME} <= {*table.columns} & {*source.columns}:
        return []
    if len(intake.files) < 2 and not had:
        return []
    unused = marks.where("not __is_used").select(*WHERE)
    used = rows.where("__reason is null").join(unused, on=list(WHERE), how="left_anti")
    known = storage.stage(held(storage, intake, used)) if had else None
    several = in_several(used)
    if known is not None:
        several = storage.stage(several.union(known.select("order_id")).distinct())
    if not collect_rows(several.agg(F.count(F.lit(1)).alias("orders")), "orders in several files")[0]["orders"]:
        return []  # as it should be, and far cheaper than to look at every line
    lines = (
        used.join(several, on="order_id", how="inner")
        .groupBy(*SAME)
        .agg(
            F.count_distinct("__file").alias("files"),
            F.max(F.struct("__name", "__line")).alias("last"),
            F.sum("amount").alias("money"),
        )
    )
    if known is not None:
        marked = known.withColumn("held", F.lit(1))
        lines = lines.join(marked, on=list(SAME), how="left").withColumn("files", F.expr("files + coalesce(held, 0)"))
    sums = lines.where("files > 1").agg(F.count_distinct("order_id"), F.max("last"), F.sum("money"))
    orders, where, money = collect_rows(sums, "lines of orders in several files")[0]
    if not orders:
        return []
    return [
        f"{orders:,} orders have lines of one product in several files, which differ (such as {where['__name']}, row "
        f"{where['__line']}), and all of them count: those of the new files are {money:,.2f}. If later files correct "
        "earlier ones, say replaces: order; if they bring returns, say returns"
    ]


def in_several(used: DataFrame) -> DataFrame:
    """`order_id` of orders that have lines in several of the new files."""
    files = used.groupBy("order_id").agg(F.min("__file").alias("one"), F.max("__file").alias("other"))
    return files.where("one <> other").select("order_id")


def held(storage: Storage, intake: Intake, used: DataFrame) -> DataFrame:
    """The orders of `used` that the table holds, with each of their products, among the times of `used`."""
    first, last = used.agg(F.min(intake.time), F.max(intake.time)).collect()[0]
    lines = storage.read(intake.table).where(F.col(intake.time).between(F.lit(first), F.lit(last)))
    orders = used.select("order_id").distinct()
    return lines.where("line_id is not null").join(orders, on="order_id", how="left_semi").select(*SAME).distinct()


def winners(storage: Storage, intake: Intake, used: DataFrame) -> DataFrame:
    """The youngest row of each key, without those that `table` holds already, or a younger version of."""
    table = intake.table
    version = F.row_number().over(Window.partitionBy(*table.key).orderBy(*youngest_first(table)))
    best = used.withColumn("__version", version).where("__version = 1").withColumn("__print", content(table))
    if intake.is_fresh or not storage.exists(table):
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
    """The order of the versions of a row: by its time of change, and then by its content."""
    return F.col("updated_at").desc_nulls_last(), content(table).desc()


def content(table: Table) -> Column:
    """The columns of a row as one text, by which two versions of the same time are put in an order."""
    texts = [F.coalesce(F.concat(F.lit("="), F.col(name).cast("string")), F.lit("-")) for name in table.columns]
    return F.concat_ws("\x1f", *texts)
