"""What is computed on the driver's sample is what the engine computes for every customer."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from random_orders import as_frame, random_orders
from staged import staged

from vitalfew.algorithms.clv.activity import to_number
from vitalfew.dataframes.arrays import Floats
from vitalfew.jobs.next_purchase import baselines, origins, rhythm_panel
from vitalfew.jobs.next_purchase.panel import known_before, sampled
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.purchase_days import customer_days
from vitalfew.jobs.next_purchase.return_probability import Curve
from vitalfew.jobs.next_purchase.snapshot import by_rhythm, past

AS_OF = date(2025, 8, 1)
DAYS = [30, 90]


def test_rhythm_and_baselines_of_a_random_shop_are_the_same_on_both(spark: SparkSession) -> None:
    params = NextPurchaseParams(horizons_days=(30, 90))
    days = staged(customer_days(as_frame(random_orders(5, orders=900, customers=90, days=230), spark), AS_OF))
    panel = sampled(days, 90, 900, 1000)
    known = known_before(panel, to_number(AS_OF))
    now = past(days, AS_OF, params, staged)
    assert (len(known.who), known.repeats.sum()) == (now.customers, now.known.agg(F.sum("repeats")).collect()[0][0])
    own = rhythm_panel.expected(panel, known, np.array(DAYS, dtype=float))
    assert own is not None
    rows = by_rhythm(now, DAYS).select("p_alive", F.col("orders")[0], F.col("orders")[1]).collect()
    assert in_order(np.column_stack(own)) == pytest.approx(in_order(np.array(rows, dtype=float)), rel=1e-6)
    for name, (orders, money) in origins.by_baselines(panel, known, DAYS).items():
        each = baselines.of_each(days, name, AS_OF, params)
        names = [f(name, d) for f in (baselines.orders_name, baselines.money_name) for d in DAYS]
        found = np.array(each.fillna(0.0).select(*names).collect(), dtype=float)
        assert in_order(np.column_stack([orders, money])) == pytest.approx(in_order(found), abs=1e-6)


def test_a_probability_is_read_off_the_same_curve_in_a_frame(spark: SparkSession) -> None:
    curve = Curve(np.array([0.1, 0.5, 2.0]), np.array([0.05, 0.3, 0.9]))
    scores = [0.0, 0.1, 0.3, 0.5, 1.0, 2.0, 7.0]
    frame = spark.createDataFrame([(s,) for s in scores], "score double")
    found = [row[0] for row in frame.select(curve.column(F.col("score")), "score").orderBy("score").collect()]
    assert found == pytest.approx(curve.of(np.array(scores)).tolist())


def in_order(rows: Floats) -> Floats:
    """Sorted, as the two do not name their customers alike."""
    return rows[np.lexsort(np.round(rows, 6).T)]
