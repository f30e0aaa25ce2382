"""Delta tables in and out, on every engine: with `engine.py` the only module that knows how they differ."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, DataFrameWriter, SparkSession
from pyspark.sql import functions as F

from vitalfew import confidential
from vitalfew.config.sql_names import literal
from vitalfew.config.target import Location, Target, folder_like, is_path
from vitalfew.dataframes import schemas
from vitalfew.dataframes.staging import Stage
from vitalfew.engines.engine import Engine, first_line
from vitalfew.engines.failures import explained
from vitalfew.errors import EngineError, TableError
from vitalfew.storage import (
    contact_key,
    delta_log,
    first_commit,
    owner_only,
    small_appends,
    source_mapping,
    staged_files,
    time_slices,
)
from vitalfew.storage.literal_paths import literal_path
from vitalfew.storage.proven import without_nulls
from vitalfew.storage.remote_scratch import RemoteScratch
from vitalfew.storage.snapshots import Snapshot
from vitalfew.storage.staged_frames import StagedFrames
from vitalfew.tables import Table

BEFORE_CHECKPOINT = "Missing commit file"  # Sail 0.7.2, of a version before the checkpoint that _last_checkpoint names
ABSENT = ("PATH_NOT_FOUND", "DELTA_MISSING_DELTA_TABLE", "DELTA_PATH_DOES_NOT_EXIST", "TABLE_OR_VIEW_NOT_FOUND")
ABSENT_IN_WORDS = ("No commit files found", "is not a Delta table", "doesn't exist", "does not exist")
ROWS_KEPT = frozenset({"OPTIMIZE", "VACUUM START", "VACUUM END"})
"""Operations of Delta that change files and no row."""
RECENT = 20
"""Commits of a table that are looked at for these, where its log is not at hand."""
DEFAULTS = "spark.databricks.delta.properties.defaults."
UNLIKE_FILES = frozenset({"deletionVectors", "columnMapping"})
"""Features of Delta with which the rows of a table are not simply those of its files."""


@dataclass
class Storage:
    """The tables of one target, through one engine."""

    engine: Engine
    target: Target
    target_name: str = ""
    notes: list[str] = field(default_factory=list)
    """What the user is to know of the last writes."""
    ids: dict[str, str | None] = field(default_factory=dict)
    """Table ids that Spark was asked for, by name: kept for one run, as each costs a query."""
    whole: set[str] = field(default_factory=set)
    """Names of logs that are known to have every declared column."""
    staged: StagedFrames = field(init=False)
    stage: Stage = field(init=False)

    def __post_init__(self) -> None:
        root = self.scratch_root if self.engine.name != "sail" else None
        self.staged = StagedFrames(self.engine, root, self.target.shared_scratch, self.remote_scratch())
        self.stage = self.staged.stage()

    @property
    def spark(self) -> SparkSession:
        return self.engine.spark

    def contact_key(self) -> SecretStr:
        """The key of the hashes of contacts that is kept at this place; ConfigError where none can be."""
        folder = self.target.resolve(contact_key.FOLDER)
        return contact_key.kept_in(folder, is_local(folder))

    @property
    def called(self) -> str:
        """The target, as messages speak of it."""
        return f"target {self.target_name}" if self.target_name else "the target"

    @property
    def named(self) -> str:
        """How a command names the target, if it has a name."""
        return f" --target {shlex.quote(self.target_name)}" if self.target_name else ""

    def exists(self, table: Table) -> bool:
        """Whether there is a Delta table where `table` should be; TableError where that cannot be told."""
        at = self.target.location(table.name)
        if is_local(at):
            return delta_log.whole_version(Path(at.at) / "_delta_log", table.name) is not None
        if not at.is_path:
            return bool(self.spark.catalog.tableExists(at.at))
        try:
            _ = self.load(at, None).schema
        except PySparkException as error:
            if is_absence(error):
                return False
            with confidential.about(table):
                raise TableError(f"{table.name} at {at.at} cannot be read: {first_line(error)}") from error
        return True

    def version(self, table: Table) -> int | None:
        """The newest version of `table`; None where there is no table, or the engine cannot tell."""
        at = self.target.location(table.name)
        if is_local(at):
            return delta_log.whole_version(Path(at.at) / "_delta_log", table.name)
        if not self.exists(table):
            return None
        if self.engine.name == "sail":
            found = remote_snapshot(self.where(at))
            return found.version if found else None
        return int(self.spark.sql(f"DESCRIBE HISTORY {at.sql} LIMIT 1").collect()[0]["version"])

    def snapshot(self, table: Table) -> Snapshot | None:
        """The newest version of `table` and the table's id; None where there is no table, or the engine cannot tell."""
        at = self.target.location(table.name)
        if self.engine.name == "sail" and not is_local(at):
            return remote_snapshot(self.where(at)) if self.exists(table) else None
        version = self.version(table)
        if version is None:
            return None
        if is_local(at):
            log = Path(at.at) / "_delta_log"
            is_theirs = table.kind == "source" and table.name not in self.target.files
            if is_theirs:
                return Snapshot(version, delta_log.table_id(log), delta_log.commit_digest(log, version))
            return Snapshot(version, delta_log.table_id(log), rows_since=delta_log.rows_since(log, version))
        if table.name not in self.ids:
            self.ids[table.name] = self.spark.sql(f"DESCRIBE DETAIL {at.sql}").collect()[0]["id"]
        recent = self.spark.sql(f"DESCRIBE HISTORY {at.sql} LIMIT {RECENT}").select("version", "operation").collect()
        return Snapshot(version, self.ids[table.name], rows_since=rows_since(version, map(tuple, recent)))

    def holds(self, table: Table, before: Snapshot) -> bool:
        """Whether the history of `table` still has the version `before`, as far as can be seen, and no other in it."""
        at = self.target.location(table.name)
        if before.commit is None or not is_local(at):
            return True
        return delta_log.commit_digest(Path(at.at) / "_delta_log", before.version) in (None, before.commit)

    def where(self, at: Location) -> str | None:
        """The folder or URI of a table; of one in the catalog of the embedded engine, what the catalog says."""
        if at.is_path:
            return at.at
        said = {row["col_name"]: row["data_type"] for row in self.spark.sql(f"DESCRIBE EXTENDED {at.sql}").collect()}
        return said.get("Location")

    def local_folder(self, at: Location) -> Path | None:
        """The folder of a table that is there, where this process sees it; of one that is known by name, too."""
        if at.is_path:
            return Path(at.at) if is_local(at) else None
        said = Path(re.sub("^file:/+", "/", self.where(at) or ""))
        is_seen = (said / "_delta_log").is_dir() and "DATABRICKS_RUNTIME_VERSION" not in os.environ
        return said.absolute() if is_seen else None

    def load(self, at: Location, version: int | None) -> DataFrame:
        """A table as it is, or at a version, with whatever columns it has."""
        found = self.loaded(at, version)
        if version is None or self.engine.name != "sail":
            return found
        try:
            _ = found.columns
        except PySparkException as error:
            if BEFORE_CHECKPOINT not in str(error) or (files := files_at(self.where(at), version)) is None:
                raise
            now = self.loaded(at, None)
            now = now.drop(*time_slices.LENGTHS)
            reader = now.sparkSession.read.schema(now.schema)
            return reader.parquet(*map(literal_path, files)) if files else now.limit(0)
        return found

    def loaded(self, at: Location, version: int | None) -> DataFrame:
        if not at.is_path:
            return self.spark.sql(query(at, version))
        reader = self.spark.read.format("delta")
        return (reader if version is None else reader.option("versionAsOf", version)).load(at.at)

    def read(self, table: Table, version: int | None = None, originals: bool = False) -> DataFrame:
        """The declared columns of `table` under our names; TableError where it is not there or does not fit.

        With `originals`, a source may have one column more: what stood where a cast found no value.
        """
        at = self.target.location(table.name)
        if not self.exists(table):
            raise TableError(
                f"There is no table {table.name} at {at.at}. Check `root` and `sources` of {self.called}, "
                f"or run the job that writes it; `vitalfew run all{self.named}` runs every one."
            )
        try:
            found = self.load(at, version)
            _ = found.columns
        except PySparkException as error:
            with confidential.about(table):
                raise TableError(
                    f"{table.name} at {at.at} cannot be read: {first_line(error).rstrip('.')}. Its files may be "
                    "damaged or gone: restore them, or move the table away and run its job again."
                ) from error
        if table.kind == "source":
            with confidential.about(table):
                ours = source_mapping.mapped(table, found, self.target.sources.get(table.name), at, self.called)
            return ours if originals else ours.select(*table.columns)
        return as_declared(table, found, at)

    def read_or_empty(self, table: Table) -> DataFrame:
        """As `read`, but an empty frame of the declared schema where there is no table."""
        return self.read(table) if self.exists(table) else self.empty(table)

    def empty(self, table: Table) -> DataFrame:
        """No rows, in the declared schema (nullable throughout, as a read table is)."""
        return self.spark.createDataFrame([], schemas.schema(table.types))

    def create(self, table: Table, slices: str | None = None) -> bool:
        """An empty table with the declared columns, not-null constraints and comments, unless there is one: whether so.

        `slices`: the column that names the slices of time in which it is kept.
        """
        at = self.target.location(table.name)
        if self.exists(table):
            refuse_other_version(table, table.columns, self.load(at, None), at)
            self.set_properties(table)
            return False
        self.close_folder(table)
        if self.owns_files(table) and not self.has_defaults:
            with writing(table, at):
                columns = schemas.schema(time_slices.ddl_with(table, slices))
                if self.engine.name == "sail":  # takes frames of other comments for other schemas (Sail 0.7.2)
                    columns = schemas.without_comments(columns)
                first_commit.write(Path(at.at), columns, table.row, table.properties, [slices] if slices else [])
            self.close_files(table)
            return True
        if self.engine.name == "sail":
            self.save(self.empty_writer(table, slices).mode("ignore").options(**table.properties), table)
            return True
        properties = ", ".join(f"'{name}' = '{value}'" for name, value in table.properties.items())
        self.spark.sql(
            f"CREATE TABLE IF NOT EXISTS {at.sql} ({time_slices.ddl_with(table, slices)}) USING delta "
            + (f"PARTITIONED BY ({slices}) " if slices else "")
            + f"COMMENT {literal(table.row)}"
            + (f" TBLPROPERTIES ({properties})" if properties else "")
        ).collect()
        return True

    @cached_property
    def has_defaults(self) -> bool:
        """Whether Spark was told what every new Delta table is to have: then Spark is to make it."""
        if self.engine.name == "sail":
            return False
        return any(str(row["key"]).startswith(DEFAULTS) for row in self.spark.sql("SET").collect())

    def empty_writer(self, table: Table, slices: str | None) -> DataFrameWriter:
        """A writer of no rows, with the declared columns and, if any, that of the slices of time."""
        frame = self.spark.createDataFrame([], schemas.schema(time_slices.ddl_with(table, slices)))
        writer = frame.write.format("delta")
        return writer if slices is None else writer.partitionBy(slices)

    def set_properties(self, table: Table) -> None:
        """Give `table`, which an earlier version made, the declared properties that it lacks."""
        at = self.target.location(table.name)
        if not table.properties or not (at.is_path or self.engine.name != "sail"):
            return
        if self.engine.name == "sail":  # has no word for it
            owner_only.set_properties(at.at, table.properties)
            return
        found = self.spark.sql(f"SHOW TBLPROPERTIES {at.sql}").collect()
        if not table.properties.items() <= {(row["key"], row["value"]) for row in found}:
            told = ", ".join(f"'{name}' = '{value}'" for name, value in table.properties.items())
            with writing(table, at):
                self.spark.sql(f"ALTER TABLE {at.sql} SET TBLPROPERTIES ({told})").collect()

    def close_folder(self, table: Table) -> None:
        """Make the folder of an owner-only table, before anything is in it, one that only its owner can enter."""
        if table.is_owner_only and self.owns_files(table):
            owner_only.folder(Path(self.target.location(table.name).at))

    def owns_files(self, table: Table) -> bool:
        """Whether the files of `table` are local, and written by the user of this process."""
        if not is_local(self.target.location(table.name)) or self.engine.name == "connect":
            return False
        return self.engine.name == "sail" or str(self.spark.conf.get("spark.master", "")).startswith("local")

    def replace(self, table: Table, frame: DataFrame, where: str | None = None, is_proven: bool = False) -> None:
        """The rows of `table` that match `where` (all of them, if None) become `frame`, in one commit.

        `is_proven`: whether it is staged, and was found to keep the contract of `table`.
        """
        proven = without_nulls(frame, table) if is_proven and self.engine.name == "sail" else frame
        if table.apart_by and where is None:
            self.replace_sliced(table, proven)
            return
        writer = proven.select(*table.columns).write.format("delta").mode("overwrite")
        if where is None and self.is_of_other_version(table):
            writer = self.in_other_form(table, writer)
        else:
            is_new = self.create(table)
            adds = is_new or (where is not None and self.holds_none(table, where))
            if is_proven and adds and self.append_staged(table, frame):
                return
            if where is not None and adds:
                writer = writer.mode("append")  # a fourth of what it costs to replace, on either engine
            elif where is not None:
                writer = writer.option("replaceWhere", where)
        self.save(writer, table)

    def holds_none(self, table: Table, where: str) -> bool:
        """Whether no row of `table` matches `where`."""
        at = self.target.location(table.name)
        with writing(table, at):
            return not self.load(at, None).where(where).limit(1).collect()

    def replace_sliced(self, table: Table, frame: DataFrame) -> None:
        """All rows of `table` become `frame`, in slices of time as wide as fits them."""
        at = self.target.location(table.name)
        name, rows = time_slices.fitting(frame, table)
        if not self.exists(table):
            self.create(table, name)
        found = self.load(at, None).columns
        writer = time_slices.sliced(frame.select(*table.columns), table, name, rows).write.format("delta")
        writer = writer.mode("overwrite").partitionBy(name)
        if name not in found or not set(table.columns) <= set(found):
            writer = self.in_other_form(table, writer, name)
        self.save(writer, table)

    def in_other_form(self, table: Table, writer: DataFrameWriter, slices: str | None = None) -> DataFrameWriter:
        """`writer`, which may overwrite a table that has other columns or slices than are declared now.

        On the embedded engine an empty table comes first: one that it made of a frame has no column that is never NULL,
        and then it refuses to replace some of its rows, if a column holds lists (Sail 0.7.2).
        """
        self.set_properties(table)
        if self.engine.name != "sail":
            return writer.option("overwriteSchema", "true")
        self.save(self.empty_writer(table, slices).mode("overwrite").option("overwriteSchema", "true"), table)
        return writer

    def replace_days(self, table: Table, frame: DataFrame, column: str, days: Sequence[date]) -> None:
        """The rows of `table` whose `column` is one of `days` become `frame`, in one commit.

        Of a table in slices of time, the slices of these days are written anew, and no other file. One that an earlier
        version wrote without slices gets them, once, which writes all of it.
        """
        if column != table.apart_by or not self.exists(table):
            listed = ", ".join(f"DATE'{day}'" for day in days)
            self.replace(table, frame, f"{column} IN ({listed})")
            return
        at = self.target.location(table.name)
        found = self.load(at, None)
        refuse_other_version(table, table.columns, found, at)
        name = time_slices.column_of(found.columns)
        others = ~F.col(column).isin(list(days))
        if name is None:
            self.notes.append(f"{table.name} was written anew, once: it is kept in slices of time now")
            self.replace(table, self.stage(found.where(others).select(*table.columns), frame.select(*table.columns)))
            return
        where = time_slices.within(name, time_slices.names(days, name))
        kept = found.where(where).where(others).select(*table.columns)
        both = self.stage(kept, frame.select(*table.columns))  # by way of files: lists of two origins differ in form
        rows = both.count() // max(1, len(time_slices.names(days, name)))
        writer = time_slices.sliced(both, table, name, rows).write.format("delta").mode("overwrite")
        self.save(writer.option("replaceWhere", where).partitionBy(name), table)

    def is_of_other_version(self, table: Table) -> bool:
        """Whether there is a table that lacks columns which are declared now."""
        if not self.exists(table):
            return False
        return not set(table.columns) <= set(self.load(self.target.location(table.name), None).columns)

    def clear(self, table: Table, where: str) -> None:
        """Take the rows of `table` that match `where` away; no commit if there are none."""
        if not self.holds_none(table, where):
            self.replace(table, self.empty(table), where)

    def append(self, table: Table, frame: DataFrame) -> None:
        """Add the rows of `frame`; a run repeated would add them again, so it is for logs only.

        A table that an earlier version made gets the columns that it lacks, where they may be NULL.
        """
        if not self.exists(table):
            self.create(table)
        elif table.name not in self.whole:
            self.widen(table)
            self.set_properties(table)
        self.whole.add(table.name)
        self.save(frame.select(*table.columns).write.format("delta").mode("append"), table)

    def append_staged(self, table: Table, frame: DataFrame) -> bool:
        """As `append`, the rows of a staged frame, where they are few; False where the engine has to do it."""
        at = self.target.location(table.name)
        folder = self.stage.files(frame)
        if not self.owns_files(table):
            return False
        if staged_files.rows(folder) == 0:
            return True
        held = staged_files.few(folder)
        known = None if held is None else small_appends.in_form(held, table)
        if known is None:
            return False
        with writing(table, at):
            is_done = small_appends.append_table(Path(at.at), table, known)
        self.close_files(table)
        return is_done

    def append_rows(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """As `append`, a few `rows` of this process; a column that they lack is NULL, and moments are in UTC."""
        if not self.exists(table):
            self.create(table)
        at = self.target.location(table.name)
        if self.owns_files(table):
            with writing(table, at):
                if small_appends.append(Path(at.at), table, rows):
                    self.close_files(table)
                    return
        moments = [c.name for c in table.declared if c.type == "timestamp"]
        texts = [{**row, **{name: row[name].isoformat(" ") for name in moments if row.get(name)}} for row in rows]
        types = ", ".join(f"{c.name} {'string' if c.name in moments else c.type}" for c in table.declared)
        drawn = self.spark.createDataFrame([tuple(map(row.get, table.columns)) for row in texts], schemas.schema(types))
        self.append(table, drawn.select(*[F.col(c.name).cast(c.type).alias(c.name) for c in table.declared]))

    def widen(self, table: Table) -> None:
        """Add the declared columns that `table` lacks; TableError where one of them is never NULL."""
        at = self.target.location(table.name)
        found = self.load(at, None)
        refuse_other_version(table, table.required, found, at)
        lacking = [c for c in table.declared if c.name not in found.columns]
        if lacking and self.engine.name == "sail":  # has no ALTER TABLE, and drops in silence what a table lacks
            self.replace(table, self.stage(as_declared(table, found, at)))
        elif lacking:
            columns = ", ".join(f"{c.name} {c.type} COMMENT {literal(c.comment)}" for c in lacking)
            with writing(table, at):
                self.spark.sql(f"ALTER TABLE {at.sql} ADD COLUMNS ({columns})").collect()

    def save(self, writer: DataFrameWriter, table: Table) -> None:
        at = self.target.location(table.name)
        with writing(table, at):
            if at.is_path:
                writer.save(at.at)
            elif self.engine.name == "sail" and (folder := self.local_folder(at) if self.exists(table) else None):
                writer.save(str(folder))  # by name it makes the table anew, and replaceWhere is lost (Sail 0.7.2)
            else:
                writer.saveAsTable(at.at)
        self.close_files(table)

    def close_files(self, table: Table) -> None:
        """Take from all but their owner the files of an owner-only table."""
        if table.is_owner_only and self.owns_files(table):
            owner_only.close(Path(self.target.location(table.name).at))

    def merge(
        self,
        table: Table,
        frame: DataFrame,
        on: Sequence[str] | None = None,
        update: bool = True,
        removed: DataFrame | None = None,
    ) -> None:
        """Add the rows of `frame` that are new by `on` (the key), update the others if `update`, take `removed` away.

        `on` must be unique in `frame`; `removed` holds these columns only, and none that is in `frame`.
        """
        is_new = not self.exists(table)
        self.create(table)
        keys = list(on or table.key)
        names = list(table.columns)
        if is_new and self.append_staged(table, frame):
            return
        if is_new:  # nothing is matched; staged, as Sail would check rows that `frame` filters out
            added = self.stage(frame.select(*names)) if self.engine.name == "sail" else frame.select(*names)
            self.save(added.write.format("delta").mode("append"), table)
            return
        if update and table.kind == "fact" and self.engine.name == "sail":
            self.write_again(table, frame, keys, removed)
            return
        source = frame.select(*names, F.lit(False).alias("_removed"))
        if removed is not None:
            source = source.unionByName(removed.select(*keys, F.lit(True).alias("_removed")), allowMissingColumns=True)
        clauses = []
        if removed is not None or self.engine.name == "sail":
            # Spark adds rows in one pass if no clause tells of matches; Sail would check rows that `frame` filters out
            clauses.append("WHEN MATCHED AND s.`_removed` THEN DELETE")
        if update:
            clauses.append("WHEN MATCHED THEN UPDATE SET " + ", ".join(f"`{n}` = s.`{n}`" for n in names))
        clauses.append(
            f"WHEN NOT MATCHED AND NOT s.`_removed` THEN INSERT ({', '.join(f'`{n}`' for n in names)}) "
            f"VALUES ({', '.join(f's.`{n}`' for n in names)})"
        )
        self.merge_by_sql(table, source, " AND ".join(f"t.`{key}` = s.`{key}`" for key in keys), " ".join(clauses))

    def merge_by_sql(self, table: Table, source: DataFrame, condition: str, clauses: str) -> None:
        """MERGE `source`, called s, into `table`, called t, on a condition."""
        view = f"vitalfew_merge_{table.name}"
        source.createOrReplaceTempView(view)
        at = self.target.location(table.name)
        with writing(table, at):
            self.spark.sql(f"MERGE INTO {at.sql} t USING {view} s ON {condition} {clauses}").collect()
        self.close_files(table)
        self.spark.catalog.dropTempView(view)

    def delete(self, table: Table, frame: DataFrame, column: str, also: str = "true") -> None:
        """Take the rows away whose `column` is among the values of `frame`, of one column, and for which `also` holds.

        By a merge: the log of a table keeps the condition of a DELETE with all its values. No commit if there are none.
        """
        (key,) = frame.columns
        mine = self.read(table).where(also).select(F.col(column).alias(key)).join(frame, on=key, how="left_semi")
        if not mine.limit(1).collect():
            return
        condition = f"t.`{column}` = s.`{key}`" + ("" if also == "true" else f" AND t.{also}")
        self.merge_by_sql(table, frame, condition, "WHEN MATCHED THEN DELETE")

    def write_again(self, table: Table, frame: DataFrame, keys: Sequence[str], removed: DataFrame | None) -> None:
        """`merge`, as a whole new table: facts of customers change in all files, and MERGE costs four times as much."""
        names = list(table.columns)
        gone = frame.select(*keys) if removed is None else frame.select(*keys).unionByName(removed.select(*keys))
        others = self.read(table).join(gone, on=list(keys), how="left_anti").select(*names)
        both = others.unionByName(frame.select(*names))
        self.save(both.write.format("delta").mode("overwrite"), table)

    def restore(self, table: Table, before: Snapshot | None) -> None:
        """Bring `table` back to what it was, or to emptiness if it did not exist then.

        TableError where it is another table by now: a version of that means something else.
        """
        found = self.snapshot(table)
        if found is None or found.is_same(before):
            return
        at = self.target.location(table.name)
        refuse_other_table(table, found, before, at)
        if before is None:
            self.replace(table, self.empty(table))
        elif self.engine.name == "sail":
            self.replace(table, self.stage(as_declared(table, self.load(at, before.version), at)))
        else:
            self.spark.sql(f"RESTORE TABLE {at.sql} TO VERSION AS OF {before.version}").collect()

    def refuse_replaced(self, tables: Iterable[Table], before: Mapping[str, Snapshot | None]) -> None:
        """TableError where one of `tables` is another table than it was before."""
        for table in tables:
            if (found := self.snapshot(table)) is not None:
                refuse_other_table(table, found, before[table.name], self.target.location(table.name))

    def small(self, frame: DataFrame) -> DataFrame:
        """`frame`, copied to every executor: Spark cannot know how few rows it has, and would send the other side."""
        return frame if self.engine.name == "sail" else F.broadcast(frame)

    @property
    def local_root(self) -> Path | None:
        """The root of the target; None where it is no folder that this process sees."""
        if not is_path(self.target.root):
            return None
        at = self.target.resolve("./_")
        return Path(at.at).parent if is_local(at) else None

    @property
    def scratch_at(self) -> str | None:
        """The `scratch` of the target, as a path or URI; ValueError where it leaves the roots."""
        return self.target.resolve(folder_like(self.target.scratch)).at if self.target.scratch is not None else None

    @property
    def scratch_root(self) -> Path | None:
        """Where Spark stages frames; None where that is no folder that this process sees."""
        if (at := self.scratch_at) is not None:
            return Path(at) if is_seen_by_all(at) else None
        return self.local_root / "_scratch" if self.local_root else None

    def remote_scratch(self) -> RemoteScratch | None:
        """Where Spark stages frames that this process does not see; EngineError where it could not remove them."""
        at = self.scratch_at
        if self.engine.name == "sail" or at is None or is_seen_by_all(at):
            return None
        if self.engine.name == "connect" or at.startswith("/"):
            raise EngineError(
                f"A run could not remove what it stages in {at}, the `scratch` of the target. Name a folder that the "
                "driver and the executors see, such as one below /Volumes on Databricks, or leave `scratch` away."
            )
        return RemoteScratch.of(self.engine.spark, at, self.target.root)

    def release(self) -> None:
        """Let go of everything staged."""
        self.staged.release()


def query(at: Location, version: int | None) -> str:
    """All of a table, at a version or as it is, in Spark SQL."""
    suffix = "" if version is None else f" VERSION AS OF {version}"
    return f"SELECT * FROM {at.sql}{suffix}"


@contextmanager
def writing(table: Table, at: Location) -> Iterator[None]:
    """TableError where the engine cannot write `table`, whatever it says."""
    try:
        yield
    except PySparkException as error:
        with confidential.about(table):
            raise TableError(f"{table.name} could not be written at {at.at}: {explained(error)}") from error
    except OSError as error:
        raise TableError(f"{table.name} could not be written at {at.at}: {error.strerror}") from error


def is_local(at: Location) -> bool:
    """Whether `at` is a folder that this process sees, without a catalog or a file system of the engine."""
    return at.is_path and at.at.startswith("/") and "DATABRICKS_RUNTIME_VERSION" not in os.environ


def is_seen_by_all(at: str) -> bool:
    """Whether `at` is a folder that this process and executors see by one name; on Databricks a volume alone is."""
    return at.startswith("/Volumes/" if "DATABRICKS_RUNTIME_VERSION" in os.environ else "/")


def remote_snapshot(where: str | None) -> Snapshot | None:
    """The newest state of a table in object storage or a catalog, as the embedded engine has no word for it."""
    if where is None:
        return None
    from deltalake import DeltaTable

    table = DeltaTable(where)
    version = int(table.version())
    recent = [(int(entry["version"]), str(entry.get("operation"))) for entry in table.history(RECENT)]
    return Snapshot(version, str(table.metadata().id), rows_since=rows_since(version, recent))


def rows_since(version: int, recent: Iterable[tuple[int, str]]) -> int:
    """The earliest version that is known to have had the rows of `version`, by the last operations on the table."""
    operations = dict(recent)
    while operations.get(version) in ROWS_KEPT:
        version -= 1
    return version


def files_at(where: str | None, version: int, unlike: frozenset[str] = frozenset()) -> list[str] | None:
    """The files that a table had at a version, which the embedded engine cannot find once a later checkpoint is there.

    None where reading these files is not reading the table, as its rows or columns are not simply theirs: with the
    features UNLIKE_FILES of Delta, and with those of `unlike`.
    """
    if where is None:
        return None
    from deltalake import DeltaTable

    table = DeltaTable(where, version=version)
    features = set(table.protocol().reader_features or ())
    others = set(table.metadata().partition_columns) - set(time_slices.LENGTHS)
    if others or features & (UNLIKE_FILES | unlike):
        return None
    return table.file_uris()


def refuse_other_table(table: Table, found: Snapshot, before: Snapshot | None, at: Location) -> None:
    """TableError where what is at `at` is not the table that is to be brought back to `before`."""
    if before is not None and not found.is_same_table(before):
        raise TableError(
            f"{table.name} at {at.at} cannot be brought back to version {before.version}: another table was put there "
            f"since (its id is {found.table_id}, it was {before.table_id}). Bring the old one back, or move this one "
            "away; then run its job again."
        )


def is_absence(error: PySparkException) -> bool:
    """Whether the engine says that there is no table, rather than that something is wrong with it."""
    return error.getCondition() in ABSENT or any(words in str(error) for words in ABSENT_IN_WORDS)


def as_declared(table: Table, found: DataFrame, at: Location) -> DataFrame:
    """The columns of a table of ours; one that may be NULL, and came with a later version, is NULL throughout."""
    refuse_other_version(table, table.required, found, at)
    have = set(found.columns)
    return found.select(
        *[F.col(c.name) if c.name in have else F.lit(None).cast(c.type).alias(c.name) for c in table.declared]
    )


def refuse_other_version(table: Table, needed: Iterable[str], found: DataFrame, at: Location) -> None:
    """TableError where the table at `at` lacks a column that is needed: an engine may drop it without a word."""
    missing = [name for name in needed if name not in found.columns]
    if missing:
        raise TableError(
            f"{table.name} at {at.at} has no column {', '.join(missing)}: another version of Vital Few made it. "
            f"Move it away and run its job again. It has: {', '.join(found.columns)}."
        )
