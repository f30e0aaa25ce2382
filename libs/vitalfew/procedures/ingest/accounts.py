"""What became of the rows and the money of every file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.errors import QualityError
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.ingest.duplicates import money
from vitalfew.procedures.ingest.new_files import NewFile
from vitalfew.storage.contracts import Reconciliation
from vitalfew.tables import Table
from vitalfew.tables.logs import FILES

OUTCOMES = ("sound", "duplicate", "quarantined")

Sum = tuple[int, Decimal, Decimal, int]


@dataclass(frozen=True)
class Ingested(Reconciliation):
    """Where all rows and their money went; the same of each source table; and how many files were taken."""

    sources: Mapping[str, Reconciliation] = field(default_factory=dict)
    files: int = 0


NOTHING: Sum = (0, Decimal(0), Decimal(0), 0)


def plus(one: Reconciliation, other: Reconciliation) -> Reconciliation:
    """The sum of two accounts."""
    return Reconciliation(*[getattr(one, f.name) + getattr(other, f.name) for f in fields(Reconciliation)])


def total(accounts: Iterable[Reconciliation]) -> Reconciliation:
    """The sum of accounts."""
    return reduce(plus, accounts, Reconciliation())


def counted(known: DataFrame, again: DataFrame, table: Table) -> DataFrame:
    """`source, file, outcome, money, rounded, placeholder` of all rows; as duplicates, of those not to be used."""
    outcome = F.when(F.col("__reason").isNull(), "sound").otherwise("quarantined")
    source, file = F.lit(table.name).alias("source"), F.col("__file").alias("file")
    none = [F.lit(None).cast("decimal(28,8)").alias("rounded"), F.lit(False).alias("placeholder")]
    unused = again.select(source, file, F.lit("duplicate").alias("outcome"), F.col("__money").alias("money"), *none)
    more = [F.col("__rounded").alias("rounded"), F.col("__placeholder").alias("placeholder")]
    return known.select(source, file, outcome.alias("outcome"), money(table).alias("money"), *more).unionByName(unused)


def per_file(rows: Sequence[DataFrame], files: Mapping[str, int]) -> dict[str, list[Reconciliation]]:
    """By source, whose number of files is given, the account of each file; from rows as `counted` gives them."""
    sums = (
        reduce(DataFrame.unionByName, rows)
        .groupBy("source", "file", "outcome")
        .agg(
            F.count(F.lit(1)).alias("rows"),
            F.sum("money").alias("money"),
            F.sum("rounded").alias("rounded"),
            F.count_if("placeholder").alias("placeholders"),
        )
    )
    found: dict[tuple[str, int, str], Sum] = {
        (row[0], row[1], row[2]): (row[3], row[4] or Decimal(0), row[5] or Decimal(0), row[6])
        for row in collect_rows(sums, "accounts of files")
    }
    return {
        source: [
            account(*[found.get((source, file, outcome), NOTHING) for outcome in OUTCOMES]) for file in range(count)
        ]
        for source, count in files.items()
    }


def account(sound: Sum, duplicate: Sum, quarantined: Sum) -> Reconciliation:
    """The account of a file, of whose sound rows some were duplicates."""
    return Reconciliation(
        rows_in=sound[0] + quarantined[0],
        rows_used=sound[0] - duplicate[0],
        rows_duplicate=duplicate[0],
        rows_quarantined=quarantined[0],
        money_in=sound[1] + quarantined[1],
        money_used=sound[1] - duplicate[1],
        money_duplicate=duplicate[1],
        money_quarantined=quarantined[1],
        money_rounded=sound[2],
        rows_placeholder=sound[3] + quarantined[3],
    )


def refuse_too_many(
    rows: DataFrame, table: Table, account: Reconciliation, params: IngestParams, proposals: Sequence[str] = ()
) -> None:
    """QualityError where the refused part of a source is larger than the parameters allow."""
    if account.rows_quarantined <= params.max_quarantined_share * account.rows_in:
        return
    refused = rows.where("__reason is not null").groupBy("__reason")
    example = F.min(F.struct("__name", "__line")).alias("example")
    most = refused.agg(F.count(F.lit(1)).alias("rows"), example).orderBy(F.desc("rows"), "__reason").limit(5)
    told = [
        f"{row['rows']} rows: {row['__reason']} (such as {row['example']['__name']}, row {row['example']['__line']})"
        for row in collect_rows(most, "reasons")
    ]
    raise QualityError(
        f"files.{table.name}: {account.rows_quarantined} of {account.rows_in} new rows would be refused, more than the "
        f"share of {params.max_quarantined_share} in max_quarantined_share; nothing was written.\n  "
        + "\n  ".join([*told, *proposals])
    )


def ledger(
    spark: SparkSession, table: Table, files: Sequence[NewFile], accounts: Sequence[Reconciliation], now: datetime
) -> DataFrame:
    """The files that were taken, as rows of the ledger."""
    has_money = "amount" in table.columns
    names = [f.name for f in fields(Reconciliation) if f.name in FILES.columns]
    values = [
        (
            file.drop.name,
            file.drop.size,
            file.drop.changed_us,
            file.digest,
            *[getattr(account, name) if has_money or name.startswith("rows") else None for name in names],
        )
        for file, account in zip(files, accounts, strict=True)
    ]
    types = {column.name: column.type for column in FILES.declared}
    schema = "path string, bytes bigint, changed_us bigint, digest string, " + ", ".join(
        f"{n} {types[n]}" for n in names
    )
    made = {
        "source": F.lit(table.name),
        "modified_at": F.expr("timestamp_micros(changed_us)"),
        "ingested_at": F.lit(now.strftime("%Y-%m-%d %H:%M:%S.%f")).cast("timestamp"),
    }
    return spark.createDataFrame(values, schema).select(*[made.get(n, F.col(n)).alias(n) for n in FILES.columns])
