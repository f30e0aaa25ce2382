"""Identifiers of order lines that meet nothing on the other side, and one customer with too many of them."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows

WARN_FROM = 0.05  # of the lines with an identifier
LEAST_LINES = 100
LEAST_CUSTOMERS = 10
MOST_OF_ONE = 0.2
NO_CUSTOMER = (
    "no order names a customer: what is asked of customers (rfm, clusters, cohorts, next_purchase, alerts and others) "
    "finds none; what is bought together and when (baskets, affinity, timing) is answered"
)
NO_MONEY = (
    "no order has an amount: spend, value and what is at stake are 0 throughout; rfm scores recency and frequency alone"
)
NO_PRODUCT = "what is bought together (baskets, affinity, recommendations) finds nothing; the rest is answered"


@dataclass(frozen=True)
class Unmatched:
    """How many lines name an identifier that another table lacks, and how many would meet it by a shorter spelling."""

    column: str
    table: str
    lines: int
    all_lines: int
    near_lines: int
    example: str | None

    @property
    def warning(self) -> str:
        """A sentence, where it is a share that matters; else nothing."""
        if self.lines < WARN_FROM * self.all_lines or not self.lines:
            return ""
        near = (
            f"; {self.near_lines:,} of them would be found without leading zeros or a final .0: bring both to one form"
            if self.near_lines
            else ""
        )
        return (
            f"{self.lines:,} of {self.all_lines:,} order lines name a {self.column} that {self.table} does not have, "
            f"such as {self.example!r}{near}"
        )


def spelling(column: str) -> Column:
    """An identifier without what tables lose or add: leading zeros, and a final .0."""
    return F.regexp_replace(F.regexp_replace(F.trim(F.col(column)), "[.]0+$", ""), "^0+", "")


def unmatched(lines: DataFrame, column: str, other: DataFrame, table: str) -> Unmatched | None:
    """What of `column` in `lines` is not in the table `other`; None where that has no rows."""
    if not collect_rows(other.select(column).limit(1), f"a row of {table}"):
        return None
    counted = lines.where(F.col(column).isNotNull()).groupBy(column).agg(F.count(F.lit(1)).alias("n"))
    exact = other.select(column, F.lit(True).alias("is_found")).distinct()
    near = other.select(spelling(column).alias("near"), F.lit(True).alias("is_near")).distinct()
    found = (
        counted.withColumn("near", spelling(column))
        .join(exact, on=column, how="left")
        .join(near, on="near", how="left")
    )
    lacking, is_near = F.col("is_found").isNull(), F.col("is_near").isNotNull()
    row = collect_rows(
        found.agg(
            F.sum(F.when(lacking, F.col("n"))),
            F.sum("n"),
            F.sum(F.when(lacking & is_near, F.col("n"))),
            F.min(F.when(lacking, F.col(column))),
        ),
        "identifiers that meet nothing",
    )[0]
    return Unmatched(column, table, row[0] or 0, row[1] or 0, row[2] or 0, row[3])


def lacking(lines: DataFrame) -> list[str]:
    """What order lines say nothing of, and which questions have no answer then: a sentence each."""
    row = collect_rows(
        lines.agg(
            F.count(F.lit(1)), F.count("customer_id"), F.max(F.abs("amount")), F.min("product_id"), F.max("product_id")
        ),
        "what order lines say nothing of",
    )[0]
    if not row[0]:
        return []
    return [
        *[NO_CUSTOMER] * (not row[1]),
        *[NO_MONEY] * (not row[2]),
        *[f"all order lines name one product, {row[3]!r}: {NO_PRODUCT}"] * (row[3] == row[4]),
    ]


def one_of_all(lines: DataFrame) -> str:
    """A sentence on a customer with a suspicious share of all lines; else nothing."""
    known = lines.where("customer_id is not null").groupBy("customer_id").agg(F.count(F.lit(1)).alias("n"))
    most = F.max(F.struct("n", "customer_id"))
    row = collect_rows(known.agg(F.sum("n"), F.count(F.lit(1)), most), "the customer with most lines")[0]
    if row[0] is None or row[0] < LEAST_LINES or row[1] < LEAST_CUSTOMERS or row[2][0] < MOST_OF_ONE * row[0]:
        return ""
    return (
        f"the customer {row[2][1]!r} has {row[2][0]:,} of {row[0]:,} order lines of known customers: if it is nobody, "
        "add it to `placeholders`"
    )
