"""Two jobs small enough to read, and a place for them: what the runner does is seen on these."""

from __future__ import annotations

from datetime import date
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.job import Job, Read
from vitalfew.jobs.contribution.tables import LORENZ
from vitalfew.jobs.rfm.tables import RFM_CUTS
from vitalfew.params import Params
from vitalfew.tables import Everything, facts, sources

DAY = date(2025, 1, 31)
LINES = """
    order_id | product_id | ordered_at       | quantity | amount
    ---------+------------+------------------+----------+-------
    o1       | tea        | 2025-01-01 09:00 |        1 |   4.00
    o2       | tea        | 2025-01-02 09:00 |        1 |   6.00
"""


class NoParams(Params):
    """Nothing to set."""


def count_days(lines: DataFrame, **_: Any) -> tuple[Everything]:
    days = lines.groupBy(F.to_date("ordered_at").alias("ordered_on")).agg(
        F.count(F.lit(1)).alias("lines"), F.sum("amount").alias("amount"), F.lit(1).alias("fingerprint")
    )
    return (Everything(days),)


def cut(days: DataFrame, **_: Any) -> tuple[DataFrame, DataFrame]:
    cuts = days.agg(F.sum("amount").alias("cut")).select(
        F.lit("monetary").alias("axis"), F.lit(2).alias("score"), "cut"
    )
    points = days.agg(F.max(F.lit(1.0)).alias("share_of_value")).selectExpr(
        "'customer' subject", "'all' dimension", "'all' member", "100 percent", "share_of_value"
    )
    return cuts, points


DAYS = Job("days", "?", NoParams, {"lines": Read(sources.ORDER_LINES)}, (facts.ORDER_DAYS,), count_days, is_dated=False)
CUTS = Job("cuts", "?", NoParams, {"days": Read(facts.ORDER_DAYS)}, (RFM_CUTS, LORENZ), cut)
