"""What the summary says of rows that were refused: of each source how many, and with how much money."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.messages.message import message
from vitalfew.report.answers import Line
from vitalfew.report.sections import Asked, Evidence, Report, Section
from vitalfew.tables.logs import QUARANTINE

COPIES = "exact copy"
MOST_SOURCES = 10


def refused(quarantine: DataFrame) -> list[Line]:
    """A line for each source with refused rows, the most first; a row that several jobs refuse counts once."""
    by_job = (
        quarantine.where(F.col("reason") != COPIES)
        .groupBy("source", "job")
        .agg(F.count(F.lit(1)).alias("n"), F.sum("amount").alias("money"))
    )
    is_file = F.col("job") == "ingest"
    of_files, of_tables = (F.when(where, F.struct("n", "money")) for where in (is_file, ~is_file))
    counted = by_job.groupBy("source").agg(F.max(of_files).alias("files"), F.max(of_tables).alias("table"))
    rows = F.coalesce("files.n", F.lit(0)) + F.coalesce("table.n", F.lit(0))
    either = F.coalesce("files.money", "table.money")
    sums = F.coalesce(F.expr("files.money + table.money"), either)
    found = counted.select("source", rows.alias("n"), sums.alias("money"))
    listed = collect_rows(found.orderBy(F.desc("n"), "source").limit(MOST_SOURCES), "refused rows of sources")
    return [line(row["source"], row["n"], row["money"]) for row in listed]


def line(source: str, rows: int, sums: Decimal | None) -> Line:
    said = (
        message("ingest.fact.refused", rows=rows)
        if sums is None
        else message("ingest.fact.refused_money", rows=rows, amount=sums)
    )
    return Line(source, said, message("ingest.advice.refused"), source, rows, "rows")


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # nothing of it is needed
    return [Section("refused", refused(known["quarantine"]))]


def evidence(known: Mapping[str, DataFrame], asked: Asked) -> list[Evidence]:
    """How many rows were refused; nothing where none was."""
    del asked  # nothing of it is needed
    lines = refused(known["quarantine"])
    rows = sum(int(each.value or 0) for each in lines)
    answer = message("page.refused.answer", rows=rows, sources=len(lines))
    return [Evidence("refused", answer, message("ingest.advice.refused"))] if lines else []


REPORT = Report("ingest", (QUARANTINE,), sections, evidence=evidence)
