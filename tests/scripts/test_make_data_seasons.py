"""A seasonal world: busy months, a holiday that moves, growth, and more pieces for who comes often; a flat one has none."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from generated import generated
from generator import forecasts
from generator.season import weights
from generator.world import FIRST_DAY, WEEKS, World
from pyspark.sql import SparkSession
from scipy.stats import spearmanr

ORDERS = "select customer_id, order_id, min(to_date(ordered_at)) day, sum(quantity) pieces from clean where kind = 'sale' and customer_id is not null group by customer_id, order_id"


def looked_at(spark: SparkSession, root: Path, is_seasonal: bool) -> tuple[list[int], float]:
    """Orders of each week, and how the pieces of an order go with how often its customer comes."""
    with generated(spark, root, World(60_000, seed=4, dirty=0, is_seasonal=is_seasonal)) as made:
        rows = made.rows(ORDERS)
        stops = made.rows(
            "select datediff(silent_from, (select max(to_date(ordered_at)) from clean)) d from truth_customers where silent_from is not null"
        )
    assert max(row["d"] for row in stops) <= 1, "nobody stops after the end"
    weeks = Counter((row["day"] - FIRST_DAY).days // 7 for row in rows)
    often = Counter(row["customer_id"] for row in rows)
    several = [row for row in rows if often[row["customer_id"]] > 2]
    found = spearmanr([often[row["customer_id"]] for row in several], [float(row["pieces"]) for row in several])
    return [weeks[week] for week in range(WEEKS)], float(found.statistic)


def test_a_season_a_moving_holiday_and_pieces_are_planted_where_they_are_asked_for(
    spark: SparkSession, tmp_path: Path
) -> None:
    busy, planted = weights(), {}
    for is_seasonal in (False, True):
        found, together = looked_at(spark, tmp_path / str(is_seasonal), is_seasonal)
        planted[is_seasonal] = together
        for first, last in ((91, 98), (56, 61)):  # into December 2024; into the weeks before Easter 2024
            ratio = sum(found[last : last + 4]) / sum(found[first - 4 : first])
            wanted = sum(busy[last : last + 4]) / sum(busy[first - 4 : first]) if is_seasonal else 1.0
            assert ratio == pytest.approx(wanted, rel=0.3), (is_seasonal, first)
    assert planted[True] > planted[False] + 0.1


def test_what_came_of_a_forecast_is_counted_by_horizon_and_by_tenths(spark: SparkSession) -> None:
    """Forty customers; half of them were to return within 30 days, half of those did, each once a week for 4 weeks."""
    day = FIRST_DAY + timedelta(days=100)
    before = [(f"c{n}", day - timedelta(days=1), "sale", 1.0) for n in range(40)]
    after = [(f"c{n}", day + timedelta(days=7 * week), "sale", 2.0) for n in range(20) for week in range(4)]
    nobodies = [(None, day, "sale", 9.0), ("new", day, "sale", 9.0), ("c30", day, "return", -9.0)]
    orders = spark.createDataFrame(
        [*before, *after, *nobodies], "customer_id string, ordered_on date, kind string, net_amount double"
    )
    outlook = spark.createDataFrame(
        [(7, 10.0, 20.0), (28, 80.0, 80.0), (90, 1.0, 1.0)],
        "horizon_days int, expected_orders double, expected_value double",
    )
    until = day + timedelta(days=28)
    assert forecasts.ratios(outlook, orders, day, until) == {7: (0.5, 0.5), 28: (1.0, 0.5)}
    scored = spark.createDataFrame(
        [(f"c{n}", 0.5 if n < 20 else 0.1) for n in range(40)], "customer_id string, p_return_30 double"
    )
    customers, gap, brier = forecasts.calibration(scored, orders, day, 30)
    assert customers == 40
    assert gap == pytest.approx(0.5)
    assert brier == pytest.approx((20 * 0.25 + 20 * 0.01) / 40)
