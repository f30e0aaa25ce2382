"""RFM: scores of which 5 is best, cut points that reproduce them, and segments with something to do."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from published import cdnow
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession
from random_orders import START, Order, as_frame, random_orders
from staged import staged

from conftest import Frame
from vitalfew.jobs.rfm.tables import RFM, RFM_CUTS, RFM_SEGMENTS
from vitalfew.jobs.rfm.transform import RfmParams, rfm
from vitalfew.messages.sentences import text
from vitalfew.messages.words import ENGLISH, Words
from vitalfew.tables.facts import ORDERS

AS_OF = date(2025, 3, 1)


def params(**given: Any) -> RfmParams:
    """Parameters as a configuration file gives them."""
    return RfmParams.model_validate_json(json.dumps(given))


def refusal(**given: Any) -> str:
    with pytest.raises(ValidationError) as error:
        params(**given)
    return str(error.value)


def computed(orders: DataFrame, as_of: date = AS_OF, **given: Any) -> dict[str, dict[str, Any]]:
    """RFM, by customer."""
    result, _, _ = rfm(orders, params=params(**given), as_of=as_of, stage=staged)
    return {row["customer_id"]: row.asDict() for row in result.collect()}


def test_the_columns_are_the_declared_ones(frame: Frame) -> None:
    for found, table in zip(
        rfm(frame(ORDERS, "order_id"), params=RfmParams(), as_of=AS_OF, stage=staged),
        (RFM, RFM_CUTS, RFM_SEGMENTS),
        strict=True,
    ):
        assert ["as_of", *found.columns] == list(table.columns)


def test_a_customer_is_summarised(frame: Frame) -> None:
    orders = frame(
        ORDERS,
        """
        order_id | customer_id | ordered_on | kind      | net_amount | pieces | product_ids  | product_pieces
        ---------+-------------+------------+-----------+------------+--------+--------------+---------------
        o1       | ann         | 2025-01-30 | sale      |      10.00 |      2 | [milk, tea]  | [1, 1]
        o2       | ann         | 2025-02-01 | sale      |       5.01 |      1 | [tea]        | [1]
        o3       | ann         | 2025-02-03 | return    |      -5.00 |     -1 | []           | []
        o4       | ann         | 2025-02-04 | cancelled |       0.00 |      0 | [salt]       | [9]
        o5       | ann         | 2025-02-04 | cancelled |       0.00 |      0 | [salt]       | [9]
        o6       | ann         | 2025-02-04 | cancelled |       0.00 |      0 | [salt]       | [9]
        """,
    )
    assert computed(orders)["ann"] == {
        "customer_id": "ann",
        "recency_days": 28,
        "frequency": 2,
        "monetary": Decimal("10.01"),
        "first_order_on": date(2025, 1, 30),
        "last_order_on": date(2025, 2, 1),
        "average_order_value": Decimal("5.01"),
        "pieces_per_order": 1.0,
        "orders_per_month": 2.0,
        "most_bought_product_id": "tea",
        "r": 5,
        "f": 1,
        "m": 1,
        "rfm_cell": "511",
        "segment": "New Customers",
    }


def test_visits_per_month_count_from_the_first_order(frame: Frame) -> None:
    orders = frame(
        ORDERS,
        """
        order_id | customer_id | ordered_on | kind | net_amount | pieces | product_ids | product_pieces
        o1       | ann         | 2024-12-30 | sale |       1.00 |      1 | []          | []
        o2       | ann         | 2025-02-28 | sale |       1.00 |      1 | []          | []
        """,
    )
    found = computed(orders)["ann"]
    assert found["orders_per_month"] == pytest.approx(2 / (61 / 30.4375))
    assert found["most_bought_product_id"] is None


def test_who_is_unknown_or_only_returned_or_came_later_is_not_scored(frame: Frame) -> None:
    orders = frame(
        ORDERS,
        """
        order_id | customer_id | ordered_on | kind   | net_amount | pieces | product_ids | product_pieces
        o1       | ~           | 2025-02-01 | sale   |      10.00 |      1 | [tea]       | [1]
        o2       | bob         | 2025-02-01 | return |     -10.00 |     -1 | []          | []
        o3       | cat         | 2025-03-01 | sale   |      10.00 |      1 | [tea]       | [1]
        o4       | dan         | 2025-02-28 | sale   |      10.00 |      1 | [tea]       | [1]
        """,
    )
    assert {who: row["recency_days"] for who, row in computed(orders).items()} == {"dan": 1}


def test_the_window_leaves_older_orders_out(frame: Frame) -> None:
    orders = frame(
        ORDERS,
        """
        order_id | customer_id | ordered_on | kind | net_amount | pieces | product_ids | product_pieces
        o1       | ann         | 2025-02-18 | sale |       1.00 |      1 | [tea]       | [1]
        o2       | ann         | 2025-02-19 | sale |       2.00 |      1 | [milk]      | [1]
        """,
    )
    assert computed(orders, window_days=10)["ann"]["monetary"] == Decimal("2.00")
    assert computed(orders, window_days=11)["ann"]["monetary"] == Decimal("3.00")


def test_the_best_customers_are_champions_and_never_lost(spark: SparkSession) -> None:
    """The scores of many public projects are upside down."""
    rows = [
        as_sale(f"c{who:02}", AS_OF - timedelta(days=1 + 9 * (20 - who) + visit), 10 * who)
        for who in range(1, 21)
        for visit in range(who)
    ]
    found = computed(as_frame(rows, spark))
    assert found["c20"]["rfm_cell"] == "555"
    assert found["c20"]["segment"] == "Champions"
    assert found["c01"]["rfm_cell"] == "111"
    assert found["c01"]["segment"] == "Lost"


def as_sale(who: str, day: date, euros: int) -> Order:
    order = random_orders(0, orders=1)[0]
    changed = {"order_id": f"{who}-{day}", "customer_id": who, "ordered_on": day, "net_amount": Decimal(euros)}
    return Order(**{**vars(order), **changed, "kind": "sale"})


def test_lines_of_one_order_are_one_visit(frame: Frame) -> None:
    orders = frame(
        ORDERS,
        """
        order_id | customer_id | ordered_on | kind | net_amount | pieces | lines | product_ids       | product_pieces
        o1       | ann         | 2025-02-01 | sale |       1.00 |      9 |     3 | [milk, salt, tea] | [3, 3, 3]
        """,
    )
    assert computed(orders)["ann"]["frequency"] == 1
    assert computed(orders)["ann"]["pieces_per_order"] == 9.0


def test_without_orders_there_is_nothing(frame: Frame) -> None:
    for found in rfm(frame(ORDERS, "order_id"), params=RfmParams(), as_of=AS_OF, stage=staged):
        assert found.collect() == []


def test_without_money_recency_and_frequency_alone_are_scored(spark: SparkSession) -> None:
    rows = [as_sale(f"c{i}", AS_OF - timedelta(days=1 + i % 40), 0) for i in range(20) for _ in range(1 + i % 4)]
    result, cuts, found = rfm(as_frame(rows, spark), params=RfmParams(), as_of=AS_OF, stage=staged)
    scored = result.collect()
    assert {row.m for row in scored} == {None}
    assert all(row.rfm_cell == f"{row.r}{row.f}" for row in scored)
    assert {row.axis for row in cuts.collect()} == {"recency_days", "frequency"}
    assert sum(row.customers for row in found.collect()) == 20
    some = [*rows, as_sale("c0", AS_OF - timedelta(days=2), 1)]
    assert {
        row.m for row in rfm(as_frame(some, spark), params=RfmParams(), as_of=AS_OF, stage=staged)[0].collect()
    } != {None}


def test_cut_points_set_by_hand_are_used_and_written(spark: SparkSession) -> None:
    rows = [as_sale("new", AS_OF - timedelta(days=3), 100), as_sale("old", AS_OF - timedelta(days=31), 99)]
    rows += [as_sale("new", AS_OF - timedelta(days=4), 0)]
    by_hand = {"recency_days": [3, 30], "frequency": [2, 3], "monetary": [99.5, "100.00"]}
    result, cuts, _ = rfm(
        as_frame(rows, spark), params=params(segments="three_by_three", cuts=by_hand), as_of=AS_OF, stage=staged
    )
    assert {row.customer_id: row.rfm_cell for row in result.collect()} == {"new": "323", "old": "111"}
    assert {(row.axis, row.score): row.cut for row in cuts.collect()} == {
        ("recency_days", 3): 3,
        ("recency_days", 2): 30,
        ("frequency", 2): 2,
        ("frequency", 3): 3,
        ("monetary", 2): Decimal("99.50"),
        ("monetary", 3): Decimal("100.00"),
    }


def test_an_axis_not_cut_by_hand_is_cut_at_its_quantiles(spark: SparkSession) -> None:
    orders = as_frame(random_orders(5), spark)
    quantiles = computed(orders)
    mixed = computed(orders, cuts={"frequency": [2, 3, 4, 5]})
    assert all(mixed[who]["f"] == min(5, row["frequency"]) for who, row in quantiles.items())
    assert all((mixed[who]["r"], mixed[who]["m"]) == (row["r"], row["m"]) for who, row in quantiles.items())


@pytest.mark.parametrize("seed", [11, 12])
def test_the_cut_table_reproduces_the_scores(spark: SparkSession, seed: int) -> None:
    result, cuts, _ = rfm(as_frame(random_orders(seed), spark), params=RfmParams(), as_of=AS_OF, stage=staged)
    starts: dict[str, list[Decimal]] = defaultdict(list)
    for row in cuts.collect():
        starts[row.axis].append(row.cut)
    assert {axis: len(cuts) for axis, cuts in starts.items()} == {"recency_days": 4, "frequency": 4, "monetary": 4}
    for row in result.collect():
        assert row.r == 1 + sum(row.recency_days <= cut for cut in starts["recency_days"])
        assert row.f == 1 + sum(row.frequency >= cut for cut in starts["frequency"])
        assert row.m == 1 + sum(row.monetary >= cut for cut in starts["monetary"])


# ---- an independent, naive implementation


def naive(orders: Sequence[Order], as_of: date, window_days: int | None) -> dict[str, dict[str, Any]]:
    first = as_of - timedelta(days=window_days) if window_days else date.min
    mine: dict[str, list[Order]] = defaultdict(list)
    for order in orders:
        if order.customer_id is not None and first <= order.ordered_on < as_of:
            mine[order.customer_id].append(order)
    found = {}
    for who, all_orders in mine.items():
        sales = [order for order in all_orders if order.kind == "sale"]
        if not sales:
            continue
        days = sorted(order.ordered_on for order in sales)
        n, money = len(sales), sum((order.net_amount for order in all_orders), Decimal(0))
        times: Counter[str] = Counter()
        pieces: Counter[str] = Counter()
        for order in sales:
            times.update(order.product_ids)
            for product, number in zip(order.product_ids, order.product_pieces, strict=True):
                pieces[product] += int(number)
        found[who] = {
            "customer_id": who,
            "recency_days": (as_of - days[-1]).days,
            "frequency": n,
            "monetary": money,
            "first_order_on": days[0],
            "last_order_on": days[-1],
            "average_order_value": (money / n).quantize(Decimal("0.01"), ROUND_HALF_UP),
            "pieces_per_order": float(sum((order.pieces for order in all_orders), Decimal(0))) / n,
            "orders_per_month": n / max(1.0, (as_of - days[0]).days / 30.4375),
            "most_bought_product_id": min(times, key=lambda p: (-times[p], -pieces[p], p)),
        }
    for axis, value, invert in (("r", "recency_days", True), ("f", "frequency", False), ("m", "monetary", False)):
        values = [row[value] for row in found.values()]
        for row in found.values():
            row[axis] = 6 - naive_band(row[value], values) if invert else naive_band(row[value], values)
    return found


def naive_band(value: Any, values: Sequence[Any]) -> int:
    """One band more for each fifth of all values that lies below; the largest of several values is in the last."""
    if value == max(values) and value != min(values):
        return 5
    below = sum(int(other < value) for other in values)
    return 1 + sum(int(5 * below >= part * len(values)) for part in range(1, 5))


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize(
    ("seed", "window_days"), [(1, None), pytest.param(2, 30, marks=pytest.mark.both_engines), (3, 7)]
)
def test_random_orders_give_what_the_naive_implementation_gives(
    spark: SparkSession, seed: int, window_days: int | None
) -> None:
    orders = random_orders(seed)
    as_of = START + timedelta(days=50)
    found = computed(as_frame(orders, spark), as_of, window_days=window_days)
    expected = naive(orders, as_of, window_days)
    assert expected
    for row in found.values():
        assert row.pop("rfm_cell") == f"{row['r']}{row['f']}{row['m']}"
        assert row.pop("segment")
    assert found == expected


def test_segments_add_up_to_the_customers(spark: SparkSession) -> None:
    result, _, segments = rfm(as_frame(random_orders(6), spark), params=RfmParams(), as_of=AS_OF, stage=staged)
    customers = result.collect()
    for row in segments.collect():
        inside = [customer for customer in customers if customer.segment == row.segment]
        money = sum(customer.monetary for customer in inside)
        assert row.customers == len(inside)
        assert row.share_of_customers == len(inside) / len(customers)
        assert row.monetary == money
        assert row.share_of_monetary == pytest.approx(float(money / sum(c.monetary for c in customers)))
        assert row.mean_recency_days == sum(c.recency_days for c in inside) / len(inside)
        assert row.mean_frequency == sum(c.frequency for c in inside) / len(inside)
        assert row.mean_monetary == (money / len(inside)).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert row.action_code == row.segment.lower().replace(" ", "_")
        assert row.action == text(f"rfm_segments.action.{row.action_code}", ENGLISH)
    assert sum(row.customers for row in segments.collect()) == len(customers)


def test_where_no_money_was_spent_it_has_no_shares(spark: SparkSession) -> None:
    _, _, segments = rfm(as_frame([as_sale("ann", START, 0)], spark), params=RfmParams(), as_of=AS_OF, stage=staged)
    assert [row.share_of_monetary for row in segments.collect()] == [None]


def test_a_map_of_your_own_names_the_segments_and_says_what_to_do(spark: SparkSession) -> None:
    own = [
        {"name": "Recent", "cells": ["2[1-2]"], "action": "Thank them."},
        {"name": "Gone", "cells": [111, 112, "12"], "action": "Let them go."},
    ]
    rows = [as_sale("new", AS_OF - timedelta(days=3), 100), as_sale("old", AS_OF - timedelta(days=31), 99)]
    chosen = params(segments="custom", custom_segments=own, bands=2, actions={"Gone": "Call them."})
    result, _, segments = rfm(as_frame(rows, spark), params=chosen, as_of=AS_OF, stage=staged)
    assert {row.customer_id: row.segment for row in result.collect()} == {"new": "Recent", "old": "Gone"}
    assert {row.segment: row.action for row in segments.collect()} == {"Recent": "Thank them.", "Gone": "Call them."}
    assert {(row.action_code, row.action_values["advice"]) for row in segments.collect()} == {
        ("custom", "Thank them."),
        ("custom", "Call them."),
    }


def test_an_action_of_your_own_stays_as_it_is_and_the_others_are_said_in_the_language(spark: SparkSession) -> None:
    rows = [as_sale("new", AS_OF - timedelta(days=3), 100), as_sale("old", AS_OF - timedelta(days=31), 99)]
    of_all = params(actions=dict.fromkeys(["Champions", "Lost"], "Call them."))
    for chosen in (params(), of_all):
        _, _, segments = rfm(as_frame(rows, spark), params=chosen, as_of=AS_OF, stage=staged, words=Words("zh"))
        for row in segments.collect():
            is_own = row.segment in chosen.actions
            assert row.action_code == ("custom" if is_own else row.segment.lower().replace(" ", "_"))
            assert row.action == (
                "Call them." if is_own else text(f"rfm_segments.action.{row.action_code}", Words("zh"))
            )


# ---- parameters


def test_a_map_of_your_own_that_leaves_cells_out_is_refused_with_the_cells_listed() -> None:
    message = refusal(segments="custom", bands=2, custom_segments=[{"name": "A", "cells": ["2[1-2]"], "action": "x"}])
    assert "left out: 111, 112, 121, 122" in message


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"segments": "custom"}, "left out: 111"),
        ({"custom_segments": [{"name": "A", "cells": ["11"], "action": "x"}]}, "custom_segments need segments: custom"),
        ({"bands": 4}, "bands is 4; the map eleven needs scores from 1 to 5"),
        ({"actions": {"Champion": "x"}}, "actions: there is no segment Champion; did you mean Champions?"),
        ({"cuts": {"frequency": [2, 3]}}, "cuts.frequency has 2 values; scores from 1 to 5 need 4"),
        ({"cuts": {"frequency": [1, 2, 3, 4]}}, "score 1 could never occur"),
        ({"cuts": {"recency_days": [0, 2, 3, 4]}}, "cuts.recency_days must be 1 or more"),
        ({"cuts": {"monetary": [1, 2, 2, 4]}}, "cuts.monetary must rise from each value to the next"),
        ({"cuts": {"recency_days": [1, 2, 3, 30]}, "window_days": 30}, "30 days is all of the window"),
        ({"window_days": 0}, "greater than or equal to 1"),
    ],
)
def test_parameters_that_contradict_each_other_are_refused(given: dict[str, Any], expected: str) -> None:
    assert expected in refusal(**given)


def test_all_that_is_wrong_is_said_at_once() -> None:
    message = refusal(bands=3, cuts={"frequency": [2], "monetary": [1]})
    assert "bands is 3" in message
    assert "cuts.frequency" in message
    assert "cuts.monetary" in message


# ---- published data


def test_cdnow_is_scored_at_the_quantiles_of_numpy(spark: SparkSession, shared: Path, tmp_path: Path) -> None:
    orders = cdnow(shared / "CDNOW_master.txt", tmp_path, spark)
    as_of = date(1998, 7, 1)
    result, _, segments = rfm(orders, params=RfmParams(), as_of=as_of, stage=staged)
    assert sum(row.customers for row in segments.collect()) == 23_570
    assert sum(row.monetary for row in segments.collect()) == Decimal("2500315.63")
    found = result.toPandas()
    assert found["frequency"].sum() == 69_659
    for axis, value, best_first in (("r", "recency_days", True), ("f", "frequency", False), ("m", "monetary", False)):
        values = (found[value].astype(float) * 100).round()
        quantiles = np.quantile(values, [0.2, 0.4, 0.6, 0.8], method="inverted_cdf")
        bands = 1 + (values.to_numpy()[:, None] > quantiles).sum(axis=1)
        assert (found[axis] == (6 - bands if best_first else bands)).all()
