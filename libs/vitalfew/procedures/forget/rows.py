"""Which rows of a table speak of some persons, and how they are taken away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.config.expressions import checked, columns_of
from vitalfew.dataframes.tokens import batches_with, replaced_batches
from vitalfew.procedures.forget.persons import Persons
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES
from vitalfew.tables import Table
from vitalfew.tables.logs import QUARANTINE, REPLACED_ROWS, ROW_VERSIONS, RUNS
from vitalfew.tables.people import IDS, SOURCE_IDS

SPEAKING = ("summary", "identity_review")
"""Results whose sentences may name a customer."""
BY = "[forgotten]"
LAST = ("identities", "identity_review", "contacts")
"""Erased in this order and last: a stopped erasure is repeated, and asks them whose a contact is."""


def ours(storage: Storage) -> list[Table]:
    """The tables of the target that the suite wrote and that may speak of persons, in the order of erasure."""
    found = [t for t in TABLES.values() if t.name not in storage.target.sources and speaks_of_persons(t)]
    found = [table for table in found if storage.exists(table)]
    return sorted(found, key=lambda table: LAST.index(table.name) if table.name in LAST else -1)


def speaks_of_persons(table: Table) -> bool:
    logs = (QUARANTINE, REPLACED_ROWS, ROW_VERSIONS, RUNS)
    return any(name in table.columns for name in IDS) or table in logs or table.name in SPEAKING


@dataclass(frozen=True)
class Erasure:
    """The rows of `persons` at a target."""

    storage: Storage
    persons: Persons

    def of(self, table: Table) -> DataFrame:
        """The rows of `table` that go."""
        frame = self.storage.read(table)
        return self.split(table, frame)(True) if not self.is_merged(table) else self.joined(table, frame)

    def is_merged(self, table: Table) -> bool:
        """Whether its rows are known by a column, and go by a merge."""
        return any(name in table.columns for name in IDS) and table.name not in SPEAKING

    def gone(self, table: Table) -> DataFrame:
        """Whose rows of `table` go: of a table of persons those of joined ones too, in which the customer is."""
        is_of_persons = "person_id" in table.columns and "customer_id" not in table.columns
        return self.persons.frame(self.storage.spark, with_joined=is_of_persons)

    def joined(self, table: Table, frame: DataFrame) -> DataFrame:
        gone = self.gone(table).withColumnRenamed("customer_id", "_gone")
        names = [name for name in IDS if name in table.columns]
        condition = F.lit(False)
        for name in names:
            condition = condition | (F.col(name) == F.col("_gone"))
        if "subject_id" in table.columns:
            condition = condition & (F.col("subject") != "product")
        return frame.join(self.storage.small(gone), on=condition, how="left_semi")

    def split(self, table: Table, frame: DataFrame) -> Callable[[bool], DataFrame]:
        """By whether they go, the rows of a table whose texts may name a person."""
        if table == QUARANTINE:
            return self.refused(frame)
        if table == ROW_VERSIONS:
            return self.versions(frame)
        if table == REPLACED_ROWS:
            return self.replaced(frame)
        columns = [name for name in table.columns if table.type_of(name).startswith(("string", "map<string"))]
        values = self.persons.customers
        texts = F.to_json(F.struct(*columns)).alias("_texts")
        staged = self.storage.stage(frame.select("*", texts))
        types = f"{table.types}, _texts string"

        def part(is_gone: bool) -> DataFrame:
            def batches(given: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
                return batches_with(given, ("_texts",), values, is_gone)

            return staged.mapInArrow(batches, types).select(*table.columns)

        return part

    def refused(self, frame: DataFrame) -> Callable[[bool], DataFrame]:
        """Refused rows: by the cells from which the customer comes; where a line could not be split, by its words."""
        ids = self.persons.frame(self.storage.spark).agg(F.collect_list("customer_id").alias("_ids"))
        sources = [t.name for t in TABLES.values() if t.kind == "source" and "customer_id" in t.columns]
        parts = [self.with_customers(frame, name) for name in sources]
        nobody = F.array().cast("array<string>").alias("_who")
        parts.append(frame.where(~F.col("source").isin(sources)).select("*", nobody))
        every = self.storage.stage(reduce(DataFrame.unionByName, parts))
        is_theirs = F.coalesce(F.arrays_overlap("_who", "_ids"), F.lit(False))
        marked = every.crossJoin(self.storage.small(ids)).withColumn("_is_theirs", is_theirs)
        return lambda is_gone: marked.where(F.col("_is_theirs") == F.lit(is_gone)).select(*frame.columns)

    def with_customers(self, frame: DataFrame, source: str) -> DataFrame:
        """The refused rows of `source`, with all texts that may be its customer in `_who`."""
        files = self.storage.target.files.get(source)
        ids = [name for name in SOURCE_IDS if name in TABLES[source].columns]
        mappings = [files.columns.get(name, name) if files else name for name in ids]
        names = sorted({*ids, *(name for mapping in mappings for name in columns_of(mapping))})
        words = F.split(F.concat_ws(" ", "content", "reason"), r"[\s,;|\"'=:()\[\]{}\\/<>]+")
        packed = frame.where(F.col("source") == F.lit(source)).select(
            F.struct(*frame.columns).alias("_row"),
            F.from_json("content", "map<string,string>").alias("_cells"),
            words.alias("_words"),
        )
        cells = [F.trim(F.element_at("_cells", F.lit(name))).alias(name) for name in names]
        typed = packed.select("_row", "_words", F.col("_cells").isNotNull().alias("_is_split"), *cells)
        mapped = [F.expr(checked(mapping)).cast("string") for mapping in mappings if columns_of(mapping)]
        who = F.when(F.col("_is_split"), F.array(*mapped, *[F.col(f"`{name}`") for name in names]))
        return typed.select("_row.*", who.otherwise(F.col("_words")).alias("_who"))

    def replaced(self, frame: DataFrame) -> Callable[[bool], DataFrame]:
        who = F.get_json_object("content", "$.customer_id").alias("_who")
        gone = self.persons.frame(self.storage.spark).withColumnRenamed("customer_id", "_who")
        return lambda is_gone: (
            frame.select("*", who)
            .join(gone, on="_who", how="left_semi" if is_gone else "left_anti")
            .select(*frame.columns)
        )

    def versions(self, frame: DataFrame) -> Callable[[bool], DataFrame]:
        """Versions of orders, days or keys: those all of whose rows go."""
        lines = [self.line_ids(table) for table in lined(self.storage)]
        if not lines:
            return lambda is_gone: frame.where(F.lit(not is_gone))
        of_rows = frame.where("rows > 0").select(
            "source", "group_id", F.explode(F.sequence(F.lit(1).cast("bigint"), F.col("rows"))).alias("_number")
        )
        line_id = F.left(F.sha2(F.concat_ws("#", "group_id", F.col("_number").cast("string")), 256), F.lit(32))
        known = of_rows.select("source", "group_id", line_id.alias("line_id"))
        every = lines[0]
        for more in lines[1:]:
            every = every.unionByName(more)
        groups = known.join(every, on=["source", "line_id"], how="inner").groupBy("source", "group_id")
        whole = self.storage.stage(
            groups.agg(F.min("is_theirs").alias("is_theirs")).where("is_theirs").select("source", "group_id")
        )
        return lambda is_gone: frame.join(
            whole, on=["source", "group_id"], how="left_semi" if is_gone else "left_anti"
        ).select(*frame.columns)

    def line_ids(self, table: Table) -> DataFrame:
        gone = self.persons.frame(self.storage.spark).withColumn("_is_gone", F.lit(True))
        lines = self.storage.read(table).select("line_id", "customer_id").where("line_id is not null")
        is_theirs = F.coalesce("_is_gone", F.lit(False)).alias("is_theirs")
        return lines.join(gone, on="customer_id", how="left").select(
            F.lit(table.name).alias("source"), "line_id", is_theirs
        )

    def remove(self, table: Table) -> None:
        """Take the rows away: by a merge with the persons, or, where only texts name them, by writing the others."""
        if table == RUNS:
            self.storage.replace(RUNS, self.storage.stage(self.without_names()))
        elif self.is_merged(table):
            for name in (name for name in IDS if name in table.columns):
                self.storage.delete(table, self.gone(table), name, self.also(table))
        else:
            self.storage.replace(table, self.storage.stage(self.split(table, self.storage.read(table))(False)))

    def also(self, table: Table) -> str:
        """What else holds of the rows that go."""
        return "subject <> 'product'" if "subject_id" in table.columns else "true"

    def without_names(self) -> DataFrame:
        """The log of runs, with a placeholder wherever it names one of the persons."""
        names = tuple(name for name in ("config", "noticed", "rows_out", "error") if name in RUNS.columns)
        values = (*self.persons.customers, *self.persons.contacts)

        def batches(given: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            return replaced_batches(given, names, values, BY)

        return self.storage.read(RUNS).mapInArrow(batches, RUNS.types)


def lined(storage: Storage) -> Sequence[Table]:
    """The tables of ours whose rows came from files, one by one."""
    return [
        t for t in TABLES.values() if "line_id" in t.columns and t.name in storage.target.files and storage.exists(t)
    ]
