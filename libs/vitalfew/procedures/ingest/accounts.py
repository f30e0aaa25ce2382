"""What became of the rows and the money of every file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.errors import QualityError
from vitalfew.procedures.ingest import examples
from vitalfew.procedures.ingest.duplicates import money
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.procedures.ingest.new_files import NewFile
from vitalfew.storage.contracts import Reconciliation
from vitalfew.suite import TABLES
from vitalfew.tables import Table
from vitalfew.tables.logs import FILES

SHOWN = 3
OUTCOMES = ("sound", "duplicate", "quarantined", "suppressed")

Sum = tuple[int, Decimal, Decimal, int]
"""Rows, their money, what rounding took from it, and how many of them had a placeholder."""
Replaced = tuple[int, Decimal]
"""Rows of earlier files that newer ones replaced, and their money."""


@dataclass(frozen=True)
class Ingested(Reconciliation):
    """Where all rows and their money went; the same of each source table; and how many files were taken.

    `replaced`: of each source, the rows of earlier files that newer ones replaced, and their money. `unused`: a
    sentence for every file some of whose rows are not used, the first few. `told`: what else is to be said once.
    """

    sources: Mapping[str, Reconciliation] = field(default_factory=dict)
    files: int = 0
    replaced: Mapping[str, Replaced] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileAccount:
    """What became of one file: its rows and money, its lines, and what it replaced of earlier files."""

    rows: Reconciliation
    lines: int = 0
    replaced: Replaced = (0, Decimal(0))


NOTHING: Sum = (0, Decimal(0), Decimal(0), 0)


def plus(one: Reconciliation, other: Reconciliation) -> Reconciliation:
    """The sum of two accounts."""
    return Reconciliation(*[getattr(one, f.name) + getattr(other, f.name) for f in fields(Reconciliation)])


def sum_of(sums: Iterable[Replaced]) -> Replaced:
    """The sum of rows and money."""
    found = list(sums)
    return sum(rows for rows, _ in found), sum((money for _, money in found), Decimal(0))


def total(accounts: Iterable[Reconciliation]) -> Reconciliation:
    """The sum of accounts."""
    return reduce(plus, accounts, Reconciliation())


def counted(known: DataFrame, marks: DataFrame, table: Table) -> DataFrame:
    """`source, file, outcome, money, rounded, placeholder, height` of all rows.

    And again, as duplicates, of sound ones that are not used.
    """
    outcome = F.when(F.col("__reason").isNull(), "sound").otherwise("quarantined")
    every = known.select(
        *target(table, outcome),
        money(table).alias("money"),
        F.col("__rounded").alias("rounded"),
        F.col("__placeholder").alias("placeholder"),
        F.col("__height").alias("height"),
    )
    unused = marks.where("not __is_used").select(
        *target(table, F.lit("duplicate")), F.col("__money").alias("money"), *unknown(), F.lit(0).alias("height")
    )
    return every.unionByName(unused)


def suppressed(dropped: DataFrame, table: Table) -> DataFrame:
    """The rows of forgotten customers, as rows of `counted`."""
    return dropped.select(
        *target(table, F.lit("suppressed")), money(table).alias("money"), *unknown(), F.col("__height").alias("height")
    )


def target(table: Table, outcome: Column) -> list[Column]:
    """The columns `source, file, outcome`."""
    return [F.lit(table.name).alias("source"), F.col("__file").alias("file"), outcome.alias("outcome")]


def unknown() -> list[Column]:
    """The columns `rounded, placeholder` where they are not counted."""
    return [F.lit(None).cast("decimal(28,8)").alias("rounded"), F.lit(False).alias("placeholder")]


def replacing(groups: DataFrame, table: Table) -> DataFrame:
    """What the changed `groups` replace, as rows of `counted`; in `height` how many rows."""
    return groups.where("held_rows > 0").select(
        *target(table, F.lit("replaced")),
        F.col("held_money").cast("decimal(18,2)").alias("money"),
        *unknown(),
        F.col("held_rows").cast("int").alias("height"),
    )


def per_file(rows: Sequence[DataFrame], files: Mapping[str, int]) -> dict[str, list[FileAccount]]:
    """By source, whose number of files is given, the account of each file; from rows as `counted` gives them."""
    sums = (
        reduce(DataFrame.unionByName, rows)
        .groupBy("source", "file", "outcome")
        .agg(
            F.count(F.lit(1)).alias("rows"),
            F.sum("money").alias("money"),
            F.sum("rounded").alias("rounded"),
            F.count_if("placeholder").alias("placeholders"),
            F.sum("height").alias("height"),
        )
    )
    found = {tuple(row[:3]): row for row in collect_rows(sums, "accounts of files")}

    def of(source: str, file: int) -> FileAccount:
        known = {outcome: found.get((source, file, outcome)) for outcome in (*OUTCOMES, "replaced")}
        sums = {
            name: (row[3], row[4] or Decimal(0), row[5] or Decimal(0), row[6]) if row else NOTHING
            for name, row in known.items()
        }
        heights = {name: row["height"] if row else 0 for name, row in known.items()}
        return FileAccount(
            account(*[sums[name] for name in OUTCOMES]),
            heights["sound"] + heights["quarantined"] + heights["suppressed"],
            (heights["replaced"], sums["replaced"][1]),
        )

    return {source: [of(source, file) for file in range(count)] for source, count in files.items()}


def unused(files: Mapping[str, Sequence[NewFile]], accounts: Mapping[str, Sequence[FileAccount]]) -> tuple[str, ...]:
    """A sentence for each file of which rows are not used; the first of each source."""
    found = []
    for source, of_files in files.items():
        told = [
            f"{source}: {file.drop.name}: {account.rows.rows_duplicate:,} rows not used, as copies or older versions"
            + (f" ({account.rows.money_duplicate:,.2f})" if "amount" in TABLES[source].columns else "")
            for file, account in zip(of_files, accounts[source], strict=True)
            if account.rows.rows_duplicate
        ]
        more = [f"{source}: and in {len(told) - SHOWN} more files (table ingested_files)"] * (len(told) > SHOWN)
        found += [*told[:SHOWN], *more]
    return tuple(found)


def account(sound: Sum, duplicate: Sum, quarantined: Sum, suppressed: Sum = NOTHING) -> Reconciliation:
    """The account of a file, of whose sound rows some were duplicates."""
    return Reconciliation(
        rows_in=sound[0] + quarantined[0] + suppressed[0],
        rows_used=sound[0] - duplicate[0],
        rows_duplicate=duplicate[0],
        rows_quarantined=quarantined[0],
        money_in=sound[1] + quarantined[1] + suppressed[1],
        money_used=sound[1] - duplicate[1],
        money_duplicate=duplicate[1],
        money_quarantined=quarantined[1],
        money_rounded=sound[2],
        rows_placeholder=sound[3] + quarantined[3],
        rows_suppressed=suppressed[0],
        money_suppressed=suppressed[1],
    )


def refuse_too_many(rows: DataFrame, intake: Intake, account: Reconciliation, proposals: Sequence[str] = ()) -> None:
    """QualityError where the refused part of a source is larger than the parameters allow."""
    table, params = intake.table, intake.params
    if account.rows_quarantined <= params.max_quarantined_share * account.rows_in:
        return
    refused = rows.where("__reason is not null").groupBy("__reason")
    most = (
        refused.agg(F.count(F.lit(1)).alias("rows"), examples.example(intake))
        .orderBy(F.desc("rows"), "__reason")
        .limit(5)
    )
    told = [
        f"{row['rows']} rows: {row['__reason']} {examples.told(row['__reason'], row['example'], intake)}"
        for row in collect_rows(most, "reasons")
    ]
    raise QualityError(
        f"files.{table.name}: {account.rows_quarantined} of {account.rows_in} new rows would be refused, more than the "
        f"share of {params.max_quarantined_share} in max_quarantined_share; nothing was written.\n  "
        + "\n  ".join([*told, *proposals])
    )


def ledger(
    spark: SparkSession, table: Table, files: Sequence[NewFile], accounts: Sequence[FileAccount], now: datetime
) -> DataFrame:
    """The files that were taken, as rows of the ledger."""
    has_money = "amount" in table.columns
    names = [f.name for f in fields(Reconciliation) if f.name in FILES.columns]
    more = ("lines_in", "rows_replaced", "money_replaced")
    values = [
        (
            file.drop.name,
            file.drop.size,
            file.drop.changed_us,
            file.digest,
            *[getattr(account.rows, name) if has_money or name.startswith("rows") else None for name in names],
            account.lines,
            account.replaced[0],
            account.replaced[1] if has_money else None,
        )
        for file, account in zip(files, accounts, strict=True)
    ]
    types = {column.name: column.type for column in FILES.declared}
    schema = "path string, bytes bigint, changed_us bigint, digest string, " + ", ".join(
        f"{n} {types[n]}" for n in (*names, *more)
    )
    made = {
        "source": F.lit(table.name),
        "modified_at": F.expr("timestamp_micros(changed_us)"),
        "ingested_at": F.lit(now.strftime("%Y-%m-%d %H:%M:%S.%f")).cast("timestamp"),
    }
    return spark.createDataFrame(values, schema).select(*[made.get(n, F.col(n)).alias(n) for n in FILES.columns])
