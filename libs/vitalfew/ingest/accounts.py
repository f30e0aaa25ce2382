"""What became of the rows and the money of every file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from functools import reduce
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from vitalfew.algorithms import driver
from vitalfew.errors import QualityError
from vitalfew.ingest.settings import IngestParams
from vitalfew.ingest.survey import NewFile
from vitalfew.quality import Reconciliation
from vitalfew.tables import Table
from vitalfew.tables.logs import FILES

OUTCOMES = ("used", "duplicate", "quarantined")


@dataclass(frozen=True)
class Ingested(Reconciliation):
    """Where all rows and their money went; the same of each source table; and how many files were taken."""

    sources: Mapping[str, Reconciliation] = field(default_factory=dict)
    files: int = 0


def plus(one: Reconciliation, other: Reconciliation) -> Reconciliation:
    """The sum of two accounts."""
    return Reconciliation(*[getattr(one, f.name) + getattr(other, f.name) for f in fields(Reconciliation)])


def total(accounts: Iterable[Reconciliation]) -> Reconciliation:
    """The sum of accounts."""
    return reduce(plus, accounts, Reconciliation())


def per_file(rows: DataFrame, table: Table, count: int) -> list[Reconciliation]:
    """The account of each of `count` files, from rows with `__file` and `__outcome`."""
    money = F.sum("amount") if "amount" in table.columns else F.lit(None).cast("decimal(28,2)")
    counted = rows.groupBy("__file", "__outcome").agg(F.count(F.lit(1)).alias("rows"), money.alias("money"))
    found = {(row[0], row[1]): (row[2], row[3] or Decimal(0)) for row in driver.rows(counted, "accounts of files")}
    return [
        reduce(plus, [part(outcome, *found.get((file, outcome), (0, Decimal(0)))) for outcome in OUTCOMES])
        for file in range(count)
    ]


def part(outcome: str, rows: int, money: Decimal) -> Reconciliation:
    """The account of rows that all came to the same."""
    values: dict[str, Any] = {f"rows_{outcome}": rows, f"money_{outcome}": money}
    return Reconciliation(rows_in=rows, money_in=money, **values)


def refuse_too_many(rows: DataFrame, table: Table, account: Reconciliation, params: IngestParams) -> None:
    """QualityError where the refused part of a source is larger than the parameters allow."""
    if account.rows_quarantined <= params.max_quarantined_share * account.rows_in:
        return
    refused = rows.where("__reason is not null").groupBy("__reason")
    example = F.min(F.struct("__name", "__line")).alias("example")
    most = refused.agg(F.count(F.lit(1)).alias("rows"), example).orderBy(F.desc("rows"), "__reason").limit(5)
    told = [
        f"{row['rows']} rows: {row['__reason']} (such as {row['example']['__name']}, row {row['example']['__line']})"
        for row in driver.rows(most, "reasons")
    ]
    raise QualityError(
        f"files.{table.name}: {account.rows_quarantined} of {account.rows_in} new rows would be refused, more than the "
        f"share of {params.max_quarantined_share} in max_quarantined_share; nothing was written.\n  "
        + "\n  ".join(told)
    )


def ledger(
    spark: SparkSession, table: Table, files: Sequence[NewFile], accounts: Sequence[Reconciliation], now: datetime
) -> DataFrame:
    """The files that were taken, as rows of the ledger."""
    has_money = "amount" in table.columns
    names = [f.name for f in fields(Reconciliation)]
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
