"""What is computed on the driver's sample is what the engine computes for every customer."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from random_orders import as_frame, random_orders
from staged import staged

from vitalfew.algorithms.clv.activity import to_number
from vitalfew.algorithms.clv.gap_returns import EDGE, GapReturns
from vitalfew.dataframes.arrays import Floats
from vitalfew.domain.fits import Fit
from vitalfew.jobs.next_purchase import baselines, fitted, gap_returns, origins, rhythm_panel, scoring
from vitalfew.jobs.next_purchase.panel import known_before, opening, sampled
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.purchase_days import customer_days, histories
from vitalfew.jobs.next_purchase.return_probability import ARRAYS, TERMS, Formula, formula, measures
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
    own = rhythm_panel.expected(rhythm_panel.gaps_before(panel, known), known, np.array(DAYS, dtype=float))
    assert own is not None
    rows = by_rhythm(now, DAYS).select("p_alive", F.col("orders")[0], F.col("orders")[1]).collect()
    assert in_order(np.column_stack(own)) == pytest.approx(in_order(np.array(rows, dtype=float)), rel=1e-6)
    for name, (orders, money) in origins.by_baselines(panel, known, DAYS).items():
        each = baselines.of_each(days, name, AS_OF, params)
        names = [f(name, d) for f in (baselines.orders_name, baselines.money_name) for d in DAYS]
        found = np.array(each.fillna(0.0).select(*names).collect(), dtype=float)
        assert in_order(np.column_stack([orders, money])) == pytest.approx(in_order(found), abs=1e-6)


def test_what_the_own_gaps_say_is_the_same_on_both_and_after_it_was_saved(spark: SparkSession) -> None:
    days = staged(customer_days(as_frame(random_orders(5, orders=900, customers=90, days=230), spark), AS_OF))
    panel = sampled(days, 90, 900, 1000)
    known = known_before(panel, to_number(AS_OF))
    gaps = rhythm_panel.gaps_before(panel, known)
    found = gap_returns.fit(gaps, known)
    assert found is not None
    told = found.probability(gaps.n, gaps.total, gaps.square, known.silent, [30.0, 90.0])
    assert np.all((told >= 0) & (told[:, :1] <= told) & (told <= 1))
    saved = fitted.gap_returns(Fit(AS_OF, fitted.of_gaps(found)))
    assert saved is not None
    frame = scoring.with_returns(histories(days, ["customer_id"], AS_OF), saved, [30.0, 90.0])
    rows = frame.select(*[F.col(scoring.RETURNS)[n] for n in range(2)]).collect()
    assert in_order(told) == pytest.approx(in_order(np.array(rows, dtype=float)), abs=1e-9)
    assert fitted.gap_returns(Fit(AS_OF, {})) is None
    assert not fitted.is_whole(Fit(AS_OF, {(fitted.RETURNS, "30"): [0.0]})), "as an earlier version saved it"


def test_one_customer_by_hand_comes_when_the_gap_is_over() -> None:
    """All gaps of class 2 end at z = 0 to 0.2; nobody leaves but one in five of those silent so far."""
    longer = np.ones((4, 2 * EDGE + 1))
    longer[:, EDGE + 1 :] = 0.0
    found = GapReturns(np.log(50.0), 0.01, 1.0, longer, np.full(4, 0.2))
    n, total, square = np.array([2]), np.array([2 * np.log(30.0)]), np.array([2 * np.log(30.0) ** 2])
    aim = float(np.exp((2 * np.log(30.0) + 0.01 * np.log(50.0)) / 2.01))
    within, too_late = (
        found.probability(n, total, square, np.array([silent]), [30.0, 90.0])[0] for silent in (20, round(aim * 3))
    )
    assert within == pytest.approx([0.8, 0.8])
    assert too_late == pytest.approx([0.0, 0.0])
    assert found.probability(n, total, square, np.array([5]), [10.0])[0, 0] == 0.0, "far too early"


def test_stray_days_long_before_the_shop_opened_are_none_of_its_history(spark: SparkSession) -> None:
    shop = [(f"c{n % 40:02}", date(2024, 1, 1) + timedelta(days=n), 5.0, True) for n in range(400)]
    stray = [(f"c{n:02}", date(1900, 1, 1), 5.0, True) for n in range(3)] + [("x", date(1970, 1, 1), 5.0, True)]
    columns = "customer_id string, ordered_on date, net double, is_sale boolean"
    without, with_stray = (
        sampled(spark.createDataFrame(rows, columns), 41, 404, 1000) for rows in (shop, shop + stray)
    )
    assert with_stray.customers == 40
    assert np.array_equal(with_stray.day, without.day)
    assert np.array_equal(with_stray.who, without.who)
    assert opening(np.array([0, 1, 2, 500, 501])) == 0, "a shop that was closed for a year is no stray day"
    assert opening(np.array([], dtype=np.int64)) == 0


def test_a_probability_to_return_is_the_same_in_a_frame(spark: SparkSession) -> None:
    rng = np.random.default_rng(3)
    score, silent = rng.gamma(0.6, 1.0, 400), rng.integers(1, 300, 400).astype(float)
    repeats, recency = rng.integers(0, 6, 400).astype(float), rng.integers(0, 400, 400).astype(float)
    came = (rng.random(400) < 1 / (1 + silent / 50)).astype(float)
    seen = slice(0, 200)  # the others lie beyond what was seen, some of them
    told = formula(measures(score[seen], silent[seen], repeats[seen], recency[seen] / 2, ARRAYS), came[seen])
    rows = [(n, *map(float, row)) for n, row in enumerate(zip(score, silent, repeats, recency, strict=True))]
    frame = spark.createDataFrame(rows, "n int, score double, silent_days double, repeats double, recency_days double")
    found = [row[0] for row in frame.select(told.column(F.col("score")), "n").orderBy("n").collect()]
    assert found == pytest.approx(told.of(measures(score, silent, repeats, recency, ARRAYS)).tolist())


def test_without_a_score_there_is_no_probability(spark: SparkSession) -> None:
    told = Formula(0.0, np.ones(TERMS), np.zeros(4), np.ones(4))
    frame = spark.sql("select cast(null as double) score, 3 silent_days, 1 repeats, 2 recency_days")
    assert frame.select(told.column(F.col("score"))).collect()[0][0] is None


def in_order(rows: Floats) -> Floats:
    """Sorted, as the two do not name their customers alike."""
    return rows[np.lexsort(np.round(rows, 6).T)]
