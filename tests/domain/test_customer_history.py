"""What facts know of a customer is what the orders say: analyses find the same from either."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from math import log
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from random_orders import START, as_frame, random_orders
from staged import staged

from vitalfew.domain.customer_history import histories, most_bought
from vitalfew.domain.overdue_params import OverdueParams
from vitalfew.domain.purchase_gaps import rhythms, rhythms_of, with_gaps
from vitalfew.jobs.alerts.tables import ALERTS
from vitalfew.jobs.alerts.transform import AlertParams, alerts
from vitalfew.jobs.contribution.params import ContributionParams
from vitalfew.jobs.contribution.transform import contribution
from vitalfew.jobs.customer_products.tables import CUSTOMER_HISTORY
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE
from vitalfew.jobs.rfm.params import RfmParams
from vitalfew.jobs.rfm.transform import rfm
from vitalfew.tables import Table
from vitalfew.tables.facts import CUSTOMER_PROFILE
from vitalfew.tables.sources import EVENTS, PRODUCTS

AS_OF = START + timedelta(days=160)


def empty(spark: SparkSession, table: Table) -> DataFrame:
    return spark.createDataFrame([], table.types)


def rows(frames: tuple[DataFrame, ...]) -> list[list[str]]:
    return [sorted(str(sorted(row.asDict(True).items())) for row in frame.collect()) for frame in frames]


@pytest.fixture(scope="module")
def orders(spark: SparkSession) -> DataFrame:
    return staged(as_frame(random_orders(3, orders=300), spark))


@pytest.fixture(scope="module")
def history(orders: DataFrame) -> DataFrame:
    known = orders.where("customer_id is not null")
    found = histories(known).join(most_bought(known, 300), on="customer_id", how="left")
    return staged(found.select(*CUSTOMER_HISTORY.columns))


@pytest.mark.both_engines
def test_a_plain_reading_of_the_definition_agrees(orders: DataFrame, history: DataFrame) -> None:
    of: dict[str, list[Any]] = defaultdict(list)
    for row in orders.where("customer_id is not null").collect():
        of[row["customer_id"]].append(row)
    for row in history.collect():
        mine = of.pop(row["customer_id"])
        sales = [one for one in mine if one["kind"] == "sale"]
        days = sorted({one["ordered_on"] for one in sales})
        logs = [round(log(float(one["net_amount"])) * 10_000) for one in sales if one["net_amount"] > 0]
        late = [one["net_amount"] for one in mine if days and one["ordered_on"] > days[-1] - timedelta(days=365)]
        assert (row["sales"], row["net_amount"]) == (len(sales), sum(one["net_amount"] for one in mine))
        assert row["year_amount"] == sum(late, Decimal(0))
        assert row["sale_days"] == days
        assert row["gap_days"] == [(b - a).days for a, b in pairwise(days)]
        assert (row["first_on"], row["last_on"]) == ((days[0], days[-1]) if days else (None, None))
        assert (row["log_orders"], row["log_sum"], row["log_squares"]) == (
            len(logs),
            sum(logs),
            sum(x * x for x in logs),
        )
    assert not of


def test_rhythms_are_those_of_the_days(orders: DataFrame, history: DataFrame) -> None:
    days = with_gaps(
        orders.where("kind = 'sale' and customer_id is not null").select("customer_id", "ordered_on").distinct()
    )
    for percentile in (0.5, 0.9):
        params = OverdueParams(overdue_percentile=percentile)
        plain = rhythms(days, params, AS_OF)
        assert rows((rhythms_of(history, params, AS_OF).select(*plain.columns),)) == rows((plain,))


def test_analyses_find_the_same_from_facts_and_from_orders(
    spark: SparkSession, orders: DataFrame, history: DataFrame
) -> None:
    events, products, forecast, before = (empty(spark, table) for table in (EVENTS, PRODUCTS, NEXT_PURCHASE, ALERTS))
    for as_of in (
        AS_OF,
        date.fromordinal(max(r["last_on"] for r in history.where("sales > 0").collect()).toordinal() + 1),
    ):
        told: dict[str, Any] = {"as_of": as_of, "stage": staged}
        params = AlertParams(
            churned_days=200, rising_weeks=4, drop_days=60, drop_orders=2, drop_orders_before=2, drop_z=0.1
        )
        of_alerts = [
            alerts(orders, events, products, forecast, forecast, before, past, params=params, **told)
            for past in (history, None)
        ]
        assert rows(of_alerts[0]) == rows(of_alerts[1])
        assert len({row["kind"] for row in of_alerts[0][0].collect()}) > 1
        of_rfm = [rfm(orders, past, params=RfmParams(), **told) for past in (history, None)]
        assert rows(of_rfm[0]) == rows(of_rfm[1])
        some = (orders, empty(spark, CUSTOMER_PROFILE), products)
        of_all = [contribution(*some, past, params=ContributionParams(), **told) for past in (history, None)]
        assert rows(of_all[0]) == rows(of_all[1])
