"""Which alerts come first: the list that people can work through."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, Row, Window
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.alerts.kinds import SEVERITIES

GOOD_NEWS = ("frequency_up",)
NAMED = ("kind", "subject", "subject_id")


def place(column: str, order: Sequence[str]) -> Column:
    """Where the value of a column stands in `order`."""
    return F.coalesce(*[F.when(F.col(column) == each, F.lit(number)) for number, each in enumerate(order)])


def first(alerts: DataFrame, kinds: Sequence[str], at_most: int) -> list[Row]:
    """kind, subject, subject_id of the alerts that come first, in their order; one, the gravest, of each subject.

    By severity, then by what is at stake (good news last: its value is not in danger), then by the urgency of the kind.
    """
    is_good = F.col("kind").isin(*GOOD_NEWS)
    order = [place("severity", SEVERITIES), is_good.asc(), F.desc("value_at_stake"), place("kind", kinds)]
    own = Window.partitionBy("subject", "subject_id").orderBy(*order)
    gravest = alerts.where("status = 'open'").withColumn("own_rank", F.row_number().over(own)).where("own_rank = 1")
    ordered = gravest.orderBy(*order, "subject", "subject_id").limit(at_most)
    return collect_rows(ordered.select(*NAMED), "alerts that come first", at_most)


def with_ranks(alerts: DataFrame, found: Sequence[Row]) -> DataFrame:
    """`alerts` with `rank`: 1 for the first of `found`, NULL for what is not among them."""
    rows = [(row["kind"], row["subject"], row["subject_id"], rank) for rank, row in enumerate(found, start=1)]
    types = "kind string, subject string, subject_id string, rank int"
    ranks = alerts.sparkSession.createDataFrame(rows, types)
    return alerts.join(ranks, on=list(NAMED), how="left")
