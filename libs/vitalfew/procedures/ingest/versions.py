"""Orders (or days, or keys) that come again in later files: which version stands, and what it replaces.

The rows of a version are numbered, and their `line_id` is made of the group and the number: a newer version overwrites
the rows of the older one in one merge, and those that are too many are taken away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.dataframes.hash_sums import hash_sum
from vitalfew.domain.free_text import without_contacts
from vitalfew.errors import TableError
from vitalfew.procedures.ingest import file_times
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.procedures.ingest.rows import WHERE
from vitalfew.storage.delta import Storage
from vitalfew.tables.logs import FILES, REPLACED_ROWS, ROW_VERSIONS, VERSION

RANK = ("newest", "file_at", "changed_us", "path")
NO_MONEY = "cast(0 as decimal(28,2))"


@dataclass(frozen=True)
class Versions:
    """The groups of new files, decided.

    `marks`: of every sound row whether it is used, under which `__line_id`, or why not. `groups`: one row for each
    group whose newest version came now, with what it replaces.
    """

    marks: DataFrame
    groups: DataFrame

    @property
    def changed(self) -> DataFrame:
        return self.groups.where("not is_same")

    def removed(self) -> DataFrame:
        """`line_id` of the rows in the source table that a newer version has no row for."""
        spare = self.changed.where("most_rows > rows")
        numbers = F.explode(F.sequence(F.col("rows") + 1, F.col("most_rows"))).alias("number")
        return spare.select("group_id", numbers).select(line_id(F.col("group_id"), F.col("number")).alias("line_id"))


def line_id(group: Column, number: Column) -> Column:
    """The identity of a row by its group and its number there."""
    return F.left(F.sha2(F.concat_ws("#", group, number.cast("string")), 256), F.lit(32))


def decided(storage: Storage, intake: Intake, known: DataFrame) -> Versions:
    """The versions in `known`, against each other and against those that are held."""
    refuse_other_rule(storage, intake)
    competing = known.where("__competes").select(
        *WHERE, "__group", "__newest", "__id", F.col("__reason").isNull().alias("__is_sound"), money_of(intake)
    )
    if not intake.source.replaces_key:  # all rows of an order or a day in one file are one version
        of_file = Window.partitionBy("__group", "__file")
        competing = competing.withColumn("__newest", F.max("__newest").over(of_file))
    ranked = storage.stage(ranked_versions(storage, intake, competing))
    version = ("__group", "__file", "__newest")
    by_line = Window.partitionBy(*version, "__is_sound").orderBy("__line", "__item")
    rows = competing.join(ranked.where("__file >= 0"), on=list(version), how="inner").withColumn(
        "__number", F.row_number().over(by_line)
    )
    is_used = (F.col("target") == 1) & ~F.col("is_same")
    marks = rows.where("__is_sound").select(
        *WHERE,
        "__money",
        line_id(F.col("__group"), F.col("__number")).alias("__line_id"),
        is_used.alias("__is_used"),
        F.lit(False).alias("__is_new_copy"),
        (~is_used & (F.col("fingerprint") != F.col("best_fingerprint"))).alias("__is_older"),
        F.col("best_digest").alias("__replaced_by"),
    )
    groups = ranked.where("target = 1 and __file >= 0").withColumnRenamed("__group", "group_id")
    return Versions(storage.stage(marks), storage.stage(groups))


def money_of(intake: Intake) -> Column:
    name = F.col("amount") if "amount" in intake.table.columns else F.lit(None)
    return name.cast("decimal(18,2)").alias("__money")


def ranked_versions(storage: Storage, intake: Intake, competing: DataFrame) -> DataFrame:
    """One row for each version: its `target` in its group, the newest first, and what the group has in the table.

    Of the held version, `__file` is -1. `is_same`: the held one has the same content.
    """
    sound = F.col("__is_sound")
    new = (
        competing.withColumn("hash", F.xxhash64("__id"))
        .groupBy("__group", "__file", "__newest")
        .agg(
            F.count_if(sound).alias("rows"),
            F.coalesce(F.sum(F.when(sound, F.col("__money"))), F.expr(NO_MONEY)).cast("decimal(28,2)").alias("money"),
            hash_sum("hash").alias("fingerprint"),
        )
        .withColumn("most", F.col("rows"))
        .join(files_of(storage, intake), on="__file", how="inner")
    )
    every = new.unionByName(held(storage, intake, new))
    best = Window.partitionBy("__group").orderBy(
        *[F.col(name).desc() for name in ("__newest", *RANK[1:])], F.col("__file")
    )
    whole = Window.partitionBy("__group")
    is_held = F.col("__file") == -1
    of_held = {name: F.max(F.when(is_held, F.col(name))).over(whole) for name in VERSION}
    placed = every.withColumn("newest", F.col("__newest")).select(
        "*",
        F.row_number().over(best).alias("target"),
        F.first("fingerprint").over(best).alias("best_fingerprint"),
        F.first("digest").over(best).alias("best_digest"),
        F.max("most").over(whole).alias("most_rows"),
        *[column.alias(f"before_{name}") for name, column in of_held.items()],
    )
    placed = placed.select(
        "*",
        F.coalesce("before_rows", F.lit(0)).alias("held_rows"),
        F.coalesce("before_money", F.expr(NO_MONEY)).alias("held_money"),
        F.col("before_digest").alias("held_digest"),
        F.col("before_fingerprint").alias("held_fingerprint"),
    )
    is_same = F.coalesce(F.col("held_fingerprint") == F.col("best_fingerprint"), F.lit(False))
    return placed.withColumn("is_same", is_same)


def files_of(storage: Storage, intake: Intake) -> DataFrame:
    """The rank of every new file: `__file, file_at, changed_us, path, digest`."""
    files = [
        (number, str(file_times.moment(file.drop)), file.drop.changed_us, file.drop.name, file.digest)
        for number, file in enumerate(intake.files)
    ]
    drawn = storage.spark.createDataFrame(
        files, "__file int, file_at string, changed_us bigint, path string, digest string"
    )
    digest = F.col("digest").alias("file_digest")
    return storage.small(drawn.withColumn("file_at", F.col("file_at").cast("timestamp")).select("*", digest))


def held(storage: Storage, intake: Intake, new: DataFrame) -> DataFrame:
    """The versions in the table of the groups that `new` has; of a run that was stopped, those before it.

    A run is finished when the ledger has its files. `most`: the rows that may be there.
    """
    name = intake.table.name
    known = storage.empty(ROW_VERSIONS) if intake.is_fresh else storage.read_or_empty(ROW_VERSIONS)
    own = known.where(F.col("source") == name).withColumnRenamed("group_id", "__group")
    own = own.join(new.select("__group").distinct(), on="__group", how="left_semi")
    finished = storage.read_or_empty(FILES).where(F.col("source") == name)
    taken = finished.select(F.col("digest").alias("file_digest"), F.lit(True).alias("is_taken"))
    is_taken = F.coalesce("is_taken", F.lit(False))
    stands = own.join(taken, on="file_digest", how="left").select(
        "__group",
        F.greatest("rows", F.coalesce("before_rows", F.lit(0))).alias("most"),
        *[F.when(is_taken, F.col(n)).otherwise(F.col(f"before_{n}")).alias(n) for n in VERSION],
    )
    return stands.where("file_at is not null").select(
        F.col("newest").alias("__newest"),
        F.lit(-1).alias("__file"),
        *[n for n in new.columns if n not in ("__file", "__newest")],
    )


def refuse_other_rule(storage: Storage, intake: Intake) -> None:
    """TableError where rows of the source came by another setting of `replaces`: they would count beside the new."""
    if intake.is_fresh or not storage.exists(intake.table) or not storage.exists(FILES):
        return
    name = intake.table.name
    rules = []
    if storage.exists(ROW_VERSIONS):
        of_source = storage.read(ROW_VERSIONS).where(F.col("source") == name)
        rules = [row["rule"] for row in of_source.select("rule").distinct().limit(2).collect()]
    has_files = bool(storage.read(FILES).where(F.col("source") == name).limit(1).collect())
    has_rows = bool(storage.read(intake.table).limit(1).collect())
    if (rules and rules != [intake.rule]) or (not rules and intake.rule != "nothing" and has_files and has_rows):
        raise TableError(
            f"files.{name}: replaces is {intake.rule} now, and the rows of earlier files came by "
            f"{rules[0] if rules else 'nothing'}: they cannot be compared. Read them all by the new setting: "
            f"vitalfew run ingest --reread {name}"
        )


def state(intake: Intake, found: Versions) -> DataFrame:
    """The groups as rows of ROW_VERSIONS."""
    shape = {
        "source": F.lit(intake.table.name),
        "rule": F.lit(intake.rule),
        "digest": F.when(F.col("is_same"), F.col("held_digest")).otherwise(F.col("digest")),
    }
    return found.groups.select(
        *[shape.get(c.name, F.col(c.name)).cast(c.type).alias(c.name) for c in ROW_VERSIONS.declared]
    )


def history(storage: Storage, intake: Intake, found: Versions, known: DataFrame, now: datetime) -> DataFrame:
    """The rows that are replaced, in the table or on their way to it, as rows of REPLACED_ROWS."""
    columns = [name for name in intake.table.columns if name != "line_id"]
    content = F.to_json(F.struct(*columns)).alias("content")
    older = known.join(found.marks.where("__is_older"), on=list(WHERE), how="inner")
    late = older.select(
        F.sha2(F.concat_ws(":", "__digest", *[F.col(name).cast("string") for name in WHERE[1:]]), 256).alias("row_id"),
        F.col("__digest").alias("digest"),
        F.col("__replaced_by").alias("replaced_by"),
        F.col("__money").alias("amount") if "amount" not in intake.table.columns else F.col("amount"),
        content,
    )
    parts = [late, *replaced_in_table(storage, intake, found, content)]
    when = F.lit(now.strftime("%Y-%m-%d %H:%M:%S.%f")).cast("timestamp")
    shape = {"source": F.lit(intake.table.name), "replaced_at": when}
    return union(parts).select(
        *[shape.get(c.name, F.col(c.name)).cast(c.type).alias(c.name) for c in REPLACED_ROWS.declared]
    )


def replaced_in_table(storage: Storage, intake: Intake, found: Versions, content: Column) -> Sequence[DataFrame]:
    """The rows of held versions that a new one replaces."""
    if intake.is_fresh or not storage.exists(intake.table):
        return []
    ids = found.changed.where("held_rows > 0").select(
        F.explode(F.sequence(F.lit(1).cast("bigint"), F.col("held_rows"))).alias("number"),
        "group_id",
        "held_digest",
        F.col("best_digest").alias("replaced_by"),
    )
    named = ids.select(
        line_id(F.col("group_id"), F.col("number")).alias("line_id"),
        F.col("held_digest").alias("file_digest"),  # rows of another file are newer ones, of a run that was stopped
        "replaced_by",
    )
    amount = F.col("amount") if "amount" in intake.table.columns else F.lit(None)
    rows = without_contacts(storage.read(intake.table), intake.table).join(
        named, on=["line_id", "file_digest"], how="inner"
    )
    row_id = F.sha2(F.concat_ws(":", F.lit("held"), F.col("file_digest"), F.col("line_id")), 256)
    return [
        rows.select(
            row_id.alias("row_id"),
            F.col("file_digest").alias("digest"),
            "replaced_by",
            amount.cast("decimal(18,2)").alias("amount"),
            content,
        )
    ]


def union(parts: Sequence[DataFrame]) -> DataFrame:
    found = parts[0]
    for part in parts[1:]:
        found = found.unionByName(part)
    return found
