"""Moves between two days: who went where, what it was worth, which flows are abnormal, and what a first run says."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from scipy.stats import binomtest, false_discovery_control, fisher_exact
from staged import staged

from conftest import Frame
from vitalfew.algorithms.statistics import exact_tests
from vitalfew.jobs.clusters.tables import CLUSTERS
from vitalfew.jobs.contribution.tables import CONTRIBUTION
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.jobs.segment_moves.tables import SEGMENT_MOVE_MATRIX, SEGMENT_MOVE_TOTALS, SEGMENT_MOVES
from vitalfew.jobs.segment_moves.transform import MoveParams, segment_moves
from vitalfew.tables import Table

AS_OF, BEFORE = date(2025, 3, 1), date(2025, 2, 1)
Groups = dict[str, tuple[str, int]]
"""Of each customer, the segment and the value."""

Rows = list[dict[str, Any]]


def rows(spark: SparkSession, table: Table, given: Rows) -> DataFrame:
    types = ", ".join(f"{column.name} {column.type}" for column in table.declared)
    return spark.createDataFrame([tuple(row.get(name) for name in table.columns) for row in given], types)


def segments(spark: SparkSession, groups: Groups, as_of: date) -> DataFrame:
    """RFM, where a segment is called by the score that all three axes have."""
    known: Rows = [
        {
            "as_of": as_of,
            "customer_id": who,
            "segment": group,
            "monetary": Decimal(value),
            **dict.fromkeys("rfm", points(group)),
        }
        for who, (group, value) in groups.items()
    ]
    return rows(spark, RFM, known)


def points(group: str) -> int:
    return {"low": 1, "mid": 3, "high": 5}.get(group, 2)


def moved(*given: Any) -> tuple[DataFrame, ...]:
    """What `segment_moves` makes of seven frames and the parameters."""
    one, two, three, four, five, six, seven, params = given
    return segment_moves(one, two, three, four, five, six, seven, params=params, as_of=AS_OF, stage=staged)


def both(
    spark: SparkSession, now: Groups, before: Groups, last: Rows | None = None, scheme: str = "rfm", **given: Any
) -> tuple[Rows, Rows, Rows]:
    """SEGMENT_MOVES, SEGMENT_MOVE_MATRIX and SEGMENT_MOVE_TOTALS of one scheme; groups are the names of segments, or ABC classes."""
    of_rfm, of_classes = ((now, before), ({}, {})) if scheme == "rfm" else (({}, {}), (now, before))
    chosen = MoveParams.model_validate_json(json.dumps({"schemes": [scheme], **given}))
    made = moved(
        *[segments(spark, groups, day) for groups, day in zip(of_rfm, (AS_OF, BEFORE), strict=True)],
        *[rows(spark, CLUSTERS, [])] * 2,
        *[classes(spark, groups, day) for groups, day in zip(of_classes, (AS_OF, BEFORE), strict=True)],
        rows(spark, SEGMENT_MOVE_MATRIX, last or []),
        chosen,
    )
    ledger, matrix, totals = ([row.asDict() for row in frame.collect()] for frame in made)
    return ledger, matrix, totals


def classes(spark: SparkSession, groups: Groups, as_of: date) -> DataFrame:
    known = [
        {"as_of": as_of, "subject": "customer", "subject_id": who, "abc": group, "value": Decimal(value)}
        for who, (group, value) in groups.items()
    ]
    return rows(spark, CONTRIBUTION, known)


def flow(start: str, end: str, customers: int, days: int = 28) -> dict[str, Any]:
    """A row of the matrix of the comparison before."""
    return {"scheme": "rfm", "from_group": start, "to_group": end, "customers": customers, "days": days}


def many(**sizes: int) -> Groups:
    """Customers of each group, `low_high=3` being three who are in low before and in high now."""
    return {f"{way}{n}": (way, 10) for way, size in sizes.items() for n in range(size)}


def split(**sizes: int) -> tuple[Groups, Groups]:
    """Now and before."""
    ways = {who: way.split("_") for who, (way, _) in many(**sizes).items()}
    return {who: (way[1], 10) for who, way in ways.items()}, {who: (way[0], 10) for who, way in ways.items()}


@pytest.mark.both_engines
def test_who_moved_entered_and_left_is_told_with_what_they_are_worth(spark: SparkSession) -> None:
    now: Groups = {"ann": ("high", 50), "bob": ("low", 20), "cat": ("mid", 30), "eve": ("low", 5)}
    before: Groups = {"ann": ("mid", 40), "bob": ("high", 25), "cat": ("mid", 30), "dan": ("low", 7)}
    ledger, _, totals = both(spark, now, before)
    found = {row["customer_id"]: row for row in ledger}
    told = ("kind", "from_group", "to_group", "direction", "value_before", "value_now")
    assert {who: tuple(row[name] for name in told) for who, row in found.items()} == {
        "ann": ("moved", "mid", "high", "up", 40, 50),
        "bob": ("moved", "high", "low", "down", 25, 20),
        "dan": ("left", "low", "(gone)", None, 7, None),
        "eve": ("entered", "(new)", "low", None, None, 5),
    }
    assert found["ann"]["previous_on"] == BEFORE
    total = totals[0]
    counts = ("customers_before", "customers_now", "stayed", "moved", "moved_up", "moved_down", "entered", "left")
    assert [total[name] for name in counts] == [4, 4, 1, 2, 1, 1, 1, 1]
    worth = ("value_moved", "value_up", "value_down", "value_entered", "value_left")
    assert [total[name] for name in worth] == [65, 40, 25, 5, 7]
    assert total["note"] == (
        "Since 1 Feb 2025: 2 of 4 customers (50%) changed segment, 1 up and 1 down; 65.00 moved with them. 1 entered, 1 left."
    )


def test_the_columns_are_the_declared_ones(frame: Frame) -> None:
    tables = (RFM, RFM, CLUSTERS, CLUSTERS, CONTRIBUTION, CONTRIBUTION, SEGMENT_MOVE_MATRIX)
    made = moved(*[frame(table, table.key[-1]) for table in tables], MoveParams())
    for found, table in zip(made, (SEGMENT_MOVES, SEGMENT_MOVE_MATRIX, SEGMENT_MOVE_TOTALS), strict=True):
        assert ["as_of", *found.columns] == list(table.columns)


def test_a_first_run_says_that_there_is_nothing_to_compare_and_calls_nobody_new(spark: SparkSession) -> None:
    ledger, matrix, totals = both(spark, {"ann": ("high", 50)}, {})
    assert (ledger, matrix) == ([], [])
    assert (
        totals[0]["note"] == "There is no slice of rfm before this day, so nothing is compared: run both again later."
    )
    assert (totals[0]["customers_now"], totals[0]["entered"], totals[0]["previous_on"]) == (1, 0, None)


def test_a_slice_that_was_not_made_today_is_no_exodus(spark: SparkSession) -> None:
    ledger, matrix, totals = both(spark, {}, {"ann": ("high", 50)})
    assert (ledger, matrix) == ([], [])
    assert totals[0]["note"] == "There is no slice of rfm for this day: run rfm first."


def test_everyone_in_one_segment_has_nothing_to_move(spark: SparkSession) -> None:
    now, before = split(mid_mid=12)
    ledger, matrix, _ = both(spark, now, before)
    assert ledger == []
    assert [(row["kind"], row["customers"], row["is_abnormal"], row["basis"]) for row in matrix] == [
        ("stayed", 12, False, None)
    ]


def test_without_history_a_class_is_measured_by_who_comes_back(spark: SparkSession) -> None:
    now, before = split(A_C=30, C_A=6, A_B=10, B_A=9, B_B=50)
    _, matrix, _ = both(spark, now, before, scheme="contribution")
    found = {(row["from_group"], row["to_group"]): row for row in matrix}
    down = found["A", "C"]
    assert (down["basis"], down["expected"], down["is_abnormal"]) == ("counter flow", 18.0, True)
    assert down["direction"] == "down"
    assert down["p_value"] == pytest.approx(binomtest(30, 36).pvalue)
    assert not found["A", "B"]["is_abnormal"]
    assert down["evidence"] == (
        "30 customers, worth 300.00, went from ABC class A to C, more than the 18 expected if as many went as came back "
        "(q = 0.0001)."
    )
    assert down["evidence_code"] == "moved"
    assert down["evidence_values"]["compared"] == "more_than_back"
    assert (down["action_code"], down["action"]) == (
        "down_more",
        "Ask the most valuable of them what went wrong, and make them an offer this week.",
    )
    assert (found["A", "B"]["evidence"], found["A", "B"]["action_code"]) == (None, "as_expected")
    assert down["share_of_from"] == 0.75


def test_without_history_nothing_is_expected_of_segments_for_the_way_through_them_is_one_way(
    spark: SparkSession,
) -> None:
    now, before = split(high_low=30, low_high=1)
    _, matrix, _ = both(spark, now, before)
    assert {row["basis"] for row in matrix} == {None}
    assert {row["action"] for row in matrix} == {"Nothing to compare with yet: look at it again at the next run."}


def test_with_history_a_flow_is_measured_by_its_rate_in_the_last_comparison(spark: SparkSession) -> None:
    now, before = split(high_low=30, high_high=70, low_low=95, low_high=5)
    last = [flow("high", "low", 10), flow("high", "high", 190), flow("low", "low", 190), flow("low", "high", 10)]
    _, matrix, totals = both(spark, now, before, last)
    found = {(row["from_group"], row["to_group"]): row for row in matrix}
    down = found["high", "low"]
    assert (down["basis"], down["expected"]) == ("last flows", 5.0)
    tails = [fisher_exact(np.array([[30, 70], [10, 190]]), alternative=side)[1] for side in ("less", "greater")]
    assert down["p_value"] == pytest.approx(2 * min(tails))
    assert [way for way, row in found.items() if row["is_abnormal"]] == [("high", "low")]
    assert totals[0]["abnormal_flows"] == 1
    assert "expected from the last comparison" in down["evidence"]


def test_a_flow_that_has_dried_up_is_still_in_the_matrix(spark: SparkSession) -> None:
    now, before = split(high_high=100, low_low=50)
    last = [flow("high", "low", 20), flow("high", "high", 80), flow("low", "low", 50)]
    _, matrix, _ = both(spark, now, before, last)
    dried = next(row for row in matrix if row["customers"] == 0)
    assert (dried["kind"], dried["expected"], dried["is_abnormal"]) == ("moved", 20.0, True)
    assert dried["evidence"].startswith("0 customers went from segment high to low, fewer than the 20 expected")
    assert dried["action_code"] == "down_fewer" if dried["direction"] else dried["action_code"] == "moved_fewer"


def test_flows_over_another_span_of_days_are_no_measure(spark: SparkSession) -> None:
    now, before = split(high_low=30, low_high=6, high_high=70)
    last = [flow("high", "low", 10, days=7), flow("high", "high", 190, days=7)]
    _, matrix, _ = both(spark, now, before, last)
    assert {row["basis"] for row in matrix} == {None}
    _, matrix, _ = both(spark, now, before, last, span_tolerance=3.0)
    assert {row["basis"] for row in matrix} == {"last flows", None}


def test_a_group_that_did_not_exist_before_draws_nobody_abnormally(spark: SparkSession) -> None:
    now, before = split(high_fresh=50, high_high=50)
    last = [flow("high", "high", 100)]
    _, matrix, _ = both(spark, now, before, last)
    assert not any(row["is_abnormal"] for row in matrix)


def test_few_customers_are_never_an_abnormal_flow(spark: SparkSession) -> None:
    now, before = split(high_low=30, high_high=70)
    last = [flow("high", "low", 0), flow("high", "high", 500), flow("low", "low", 9)]
    assert any(row["is_abnormal"] for row in both(spark, now, before, last)[1])
    assert not any(row["is_abnormal"] for row in both(spark, now, before, last, min_customers=31)[1])


def test_who_comes_and_goes_is_measured_against_the_last_comparison_too(spark: SparkSession) -> None:
    now, before = split(high_high=60, low_low=40)
    now |= {f"n{n}": ("high", 3) for n in range(40)}
    before |= {f"x{n}": ("low", 3) for n in range(40)}
    last = [flow("(new)", "high", 5), flow("(new)", "low", 95), flow("low", "(gone)", 2), flow("low", "low", 98)]
    last += [flow("high", "high", 100)]
    _, matrix, _ = both(spark, now, before, last)
    abnormal = {(row["from_group"], row["to_group"]): row for row in matrix if row["is_abnormal"]}
    assert abnormal["(new)", "high"]["action"] == "Find out where these new customers came from."
    assert abnormal["(new)", "high"]["evidence"].startswith("40 customers, worth 120.00, are new in segment high, more")
    gone = abnormal["low", "(gone)"]
    assert gone["evidence"].startswith("40 customers, worth 120.00, left from segment low, more than")
    assert (gone["action_code"], gone["evidence_values"]["customers"]) == ("left_more", "40")


def test_clusters_go_by_their_numbers_and_classes_by_their_letters(frame: Frame) -> None:
    made = segment_moves(
        frame(
            RFM,
            "customer_id | segment | monetary | r | f | m\n ann | x | 9.00 | 1 | 1 | 1\n bob | x | 8.00 | 1 | 1 | 1",
        ),
        frame(RFM, "customer_id | segment | monetary | r | f | m"),
        frame(CLUSTERS, "customer_id | cluster | name\n ann | 1 | calm\n bob | 2 | wild"),
        frame(
            CLUSTERS, "as_of | customer_id | cluster | name\n 2025-02-01 | ann | 1 | quiet\n 2025-02-01 | bob | 3 | old"
        ),
        frame(CONTRIBUTION, "subject | subject_id | value | abc\n customer | ann | 9 | B\n product | tea | 1 | A"),
        frame(CONTRIBUTION, "as_of | subject | subject_id | value | abc\n 2025-02-01 | customer | ann | 7 | C"),
        frame(SEGMENT_MOVE_MATRIX, "scheme"),
        params=MoveParams(),
        as_of=AS_OF,
        stage=staged,
    )
    found = {(row["scheme"], row["customer_id"]): row for row in made[0].collect()}
    assert set(found) == {("clusters", "bob"), ("contribution", "ann")}
    bob, ann = found["clusters", "bob"], found["contribution", "ann"]
    assert (bob["from_group"], bob["to_group"], bob["direction"], bob["value_now"]) == ("3: old", "2: wild", None, 8)
    assert (ann["from_group"], ann["to_group"], ann["direction"], ann["value_before"]) == ("C", "B", "up", 7)
    notes = {row["scheme"]: row["note"] for row in made[2].collect()}
    assert notes["rfm"].startswith("There is no slice of rfm before")
    assert notes["clusters"].startswith("Since 1 Feb 2025: 1 of 2 customers (50%) changed cluster; ")


def clustered(spark: SparkSession, now: Groups, before: Groups, last: Rows) -> tuple[Rows, Rows]:
    """SEGMENT_MOVE_MATRIX and SEGMENT_MOVE_TOTALS of clusters, called by number and name."""

    def slice_of(groups: Groups, as_of: date) -> DataFrame:
        parts = [(who, *group.split(": ")) for who, (group, _) in groups.items()]
        return rows(
            spark,
            CLUSTERS,
            [{"as_of": as_of, "customer_id": who, "cluster": int(n), "name": name} for who, n, name in parts],
        )

    made = moved(
        *[rows(spark, RFM, [])] * 2,
        slice_of(now, AS_OF),
        slice_of(before, BEFORE),
        *[rows(spark, CONTRIBUTION, [])] * 2,
        rows(spark, SEGMENT_MOVE_MATRIX, last),
        MoveParams(schemes=("clusters",)),
    )
    return [row.asDict() for row in made[1].collect()], [row.asDict() for row in made[2].collect()]


def test_a_cluster_is_the_one_it_was_whatever_it_is_called_now(spark: SparkSession) -> None:
    now = {f"c{n}": ("1: calm" if n < 60 else "2: wild", 0) for n in range(100)}
    before = {f"c{n}": ("1: quiet" if n < 80 else "2: wild", 0) for n in range(100)}
    last = [flow("1: silent", "1: silent", 80), flow("2: loud", "2: loud", 18), flow("2: loud", "1: silent", 2)]
    matrix, _ = clustered(spark, now, before, [{**row, "scheme": "clusters"} for row in last])
    assert {(row["from_group"], row["to_group"]): row["basis"] for row in matrix if row["kind"] == "moved"} == {
        ("1: calm", "2: wild"): "last flows",
        ("2: wild", "1: calm"): "last flows",
    }
    assert [row["to_group"] for row in matrix if row["is_abnormal"]] == ["2: wild"]


def test_where_the_clusters_themselves_have_changed_no_move_is_abnormal(spark: SparkSession) -> None:
    now = {f"c{n}": ("3: new" if n < 60 else "2: wild", 0) for n in range(100)}
    before = {f"c{n}": ("1: old" if n < 60 else "2: wild", 0) for n in range(100)}
    matrix, totals = clustered(spark, now, before, [])
    assert not any(row["is_abnormal"] for row in matrix)
    assert "the clusters themselves have changed" in totals[0]["note"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_naive_implementation_agrees_on_random_moves(spark: SparkSession, seed: int) -> None:
    rng = random.Random(seed)
    names = ["A", "B", "C"]

    def day(share: float) -> Groups:
        return {f"c{n}": (rng.choice(names), rng.randrange(-50, 500)) for n in range(300) if rng.random() < share}

    now, before = day(0.9), day(0.8)
    ledger, matrix, _ = both(spark, now, before, scheme="contribution")
    counts: Counter[tuple[str, str]] = Counter()
    worth: Counter[tuple[str, str]] = Counter()
    for who in now.keys() | before.keys():
        way = before.get(who, ("(new)", 0))[0], now.get(who, ("(gone)", 0))[0]
        counts[way] += 1
        worth[way] += before[who][1] if who in before else 0
    assert {(row["from_group"], row["to_group"]): row["customers"] for row in matrix} == counts
    assert {(row["from_group"], row["to_group"]): row["value_before"] for row in matrix} == worth
    assert len(ledger) == sum(n for way, n in counts.items() if way[0] != way[1])
    tested = [row for row in matrix if row["p_value"] is not None]
    naive = {way: (n, counts[way[1], way[0]]) for way, n in counts.items() if way[0] in names and way[1] in names}
    for row in tested:
        there, back = naive[row["from_group"], row["to_group"]]
        assert row["p_value"] == pytest.approx(binomtest(there, there + back).pvalue)
    assert [row["q_value"] for row in tested] == pytest.approx(
        list(false_discovery_control([r["p_value"] for r in tested]))
    )


@pytest.mark.parametrize(("one", "other"), [(0, 0), (3, 3), (9, 1), (0, 12), (500, 400)])
def test_a_balance_of_counts_is_tested_exactly(one: int, other: int) -> None:
    found = float(np.exp(exact_tests.balance(np.array([one]), np.array([other]))[0]))
    assert found == pytest.approx(binomtest(one, one + other).pvalue if one + other else 1.0)
