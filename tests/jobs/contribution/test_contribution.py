"""Contribution: who holds the value, how concentrated it is, in all and group by group."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from published import cdnow, complete_journey
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession
from random_orders import PRODUCTS, START, Order, as_frame, random_orders
from staged import staged

from conftest import Frame
from vitalfew.errors import AnalysisError
from vitalfew.jobs.contribution.tables import CONCENTRATION, CONTRIBUTION, LORENZ
from vitalfew.jobs.contribution.transform import ContributionParams, contribution
from vitalfew.tables import Table, sources
from vitalfew.tables.facts import CUSTOMER_PROFILE, ORDERS

AS_OF = date(2025, 3, 1)
Key = tuple[str, str, str]


def params(**given: Any) -> ContributionParams:
    """Parameters as a configuration file gives them."""
    return ContributionParams.model_validate_json(json.dumps(given))


def empty(table: Table, spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([], ", ".join(f"{column.name} {column.type}" for column in table.declared))


class Answer:
    """The three tables, collected."""

    def __init__(
        self,
        orders: DataFrame,
        profile: DataFrame | None = None,
        products: DataFrame | None = None,
        as_of: date = AS_OF,
        **given: Any,
    ) -> None:
        spark = orders.sparkSession
        found = contribution(
            orders,
            empty(CUSTOMER_PROFILE, spark) if profile is None else profile,
            empty(sources.PRODUCTS, spark) if products is None else products,
            params=params(**given),
            as_of=as_of,
            stage=staged,
        )
        self.columns = [frame.columns for frame in found]
        rows, groups, curve = ([row.asDict() for row in frame.collect()] for frame in found)
        self.shares = {(row["subject"], row["subject_id"]): row for row in rows}
        self.groups = {(row["subject"], row["dimension"], row["member"]): row for row in groups}
        self.curve: dict[Key, dict[int, float]] = defaultdict(dict)
        for row in curve:
            self.curve[row["subject"], row["dimension"], row["member"]][row["percent"]] = row["share_of_value"]

    def customers(self, field: str) -> dict[str, Any]:
        return {who: row[field] for (subject, who), row in self.shares.items() if subject == "customer"}

    @property
    def overall(self) -> dict[str, Any]:
        return self.groups["customer", "all", "all"]


def sales(spark: SparkSession, values: Mapping[str, str]) -> DataFrame:
    """One order of each customer, of the value given."""
    template = random_orders(0, orders=1)[0]
    rows = [
        Order(**{**vars(template), "order_id": who, "customer_id": who, "kind": "sale", "net_amount": Decimal(value)})
        for who, value in values.items()
    ]
    return as_frame(rows, spark)


def test_the_columns_are_the_declared_ones(spark: SparkSession) -> None:
    found = Answer(empty(ORDERS, spark)).columns
    assert [["as_of", *columns] for columns in found] == [
        list(t.columns) for t in (CONTRIBUTION, CONCENTRATION, LORENZ)
    ]


def test_without_orders_there_is_nothing(spark: SparkSession) -> None:
    answer = Answer(empty(ORDERS, spark))
    assert (answer.shares, answer.groups, answer.curve) == ({}, {}, {})


# ---- one customer among all


def test_a_share_is_of_the_value_above_zero(spark: SparkSession) -> None:
    answer = Answer(sales(spark, {"ann": "60", "bob": "40", "cat": "0", "dan": "-50"}))
    assert answer.customers("share") == {"ann": 0.6, "bob": 0.4, "cat": 0.0, "dan": 0.0}
    assert answer.customers("cumulative_share") == {"ann": 0.6, "bob": 1.0, "cat": 1.0, "dan": 1.0}
    assert answer.customers("rank") == {"ann": 1, "bob": 2, "cat": 3, "dan": 4}
    assert answer.overall["value"] == Decimal("50.00")
    assert answer.overall["subjects_without_value"] == 2


def test_the_customer_that_crosses_the_line_is_still_in_its_class(spark: SparkSession) -> None:
    answer = Answer(sales(spark, {"a": "79", "b": "13", "c": "5", "d": "2", "e": "1", "f": "0"}))
    assert answer.customers("abc") == {"a": "A", "b": "A", "c": "B", "d": "C", "e": "C", "f": "none"}


def test_at_exactly_80_percent_class_a_is_full(spark: SparkSession) -> None:
    """0.1 + 0.7 is less than 0.8 in binary; here it is not."""
    answer = Answer(sales(spark, {"a": "0.70", "b": "0.10", "c": "0.10", "d": "0.05", "e": "0.05"}))
    assert answer.customers("abc") == {"a": "A", "b": "A", "c": "B", "d": "B", "e": "C"}
    assert answer.overall["subjects_for_target"] == 2


def test_a_super_customer_has_three_times_the_mean_of_all_others(spark: SparkSession) -> None:
    assert Answer(sales(spark, {"a": "30.00", "b": "10", "c": "10"})).customers("is_super")["a"]
    assert not Answer(sales(spark, {"a": "29.99", "b": "10", "c": "10"})).customers("is_super")["a"]
    assert Answer(sales(spark, {"a": "20.00", "b": "10", "c": "10"}), super_factor=2).customers("is_super")["a"]


def test_one_customer_alone_has_no_others_to_be_super_to(spark: SparkSession) -> None:
    answer = Answer(sales(spark, {"ann": "5"}))
    assert answer.customers("is_super") == {"ann": False}
    assert answer.customers("abc") == {"ann": "A"}
    assert answer.overall["gini"] == 0.0
    assert answer.overall["top_share"] == 1.0
    assert answer.overall["ratio_to_others"] is None


def test_nobody_without_value_is_super_even_where_the_others_are_worse(spark: SparkSession) -> None:
    assert Answer(sales(spark, {"a": "0", "b": "-9"})).customers("is_super") == {"a": False, "b": False}


def test_deciles_hold_a_tenth_of_the_customers_each(spark: SparkSession) -> None:
    answer = Answer(sales(spark, {f"c{n:02}": str(100 - n) for n in range(20)}))
    assert answer.customers("decile") == {f"c{n:02}": 1 + n // 2 for n in range(20)}


def test_ties_are_ranked_by_name(spark: SparkSession) -> None:
    assert Answer(sales(spark, {"bob": "7", "ann": "7", "cat": "8"})).customers("rank") == {
        "cat": 1,
        "ann": 2,
        "bob": 3,
    }


# ---- all of them together


def test_where_all_are_equal_nothing_is_concentrated(spark: SparkSession) -> None:
    answer = Answer(sales(spark, {f"c{n}": "5" for n in range(10)}))
    assert answer.overall["gini"] == 0.0
    assert (answer.overall["gini_low"], answer.overall["gini_high"]) == pytest.approx((0, 0))
    assert answer.overall["top_share"] == 0.2
    assert answer.overall["share_for_target"] == 0.8
    assert answer.curve["customer", "all", "all"] == pytest.approx({percent: percent / 100 for percent in range(101)})


def test_where_nobody_has_value_there_are_no_shares(spark: SparkSession) -> None:
    answer = Answer(sales(spark, {"a": "0", "b": "-5"}), subjects=["customer"])
    nothing = (
        "top_share",
        "top_share_low",
        "gini",
        "gini_high",
        "share_for_target",
        "subjects_for_target",
        "super_share",
    )
    assert [answer.overall[name] for name in nothing] == [None] * 7
    assert answer.customers("share") == {"a": 0.0, "b": 0.0}
    assert answer.customers("abc") == {"a": "none", "b": "none"}
    assert answer.curve == {}


def test_a_value_below_zero_counts_as_zero_in_the_curve(spark: SparkSession) -> None:
    answer = Answer(sales(spark, {"a": "30", "b": "10", "c": "-20", "d": "0"}))
    curve = answer.curve["customer", "all", "all"]
    assert [curve[percent] for percent in (0, 25, 50, 75, 100)] == [0.0, 0.0, 0.0, 0.25, 1.0]
    assert curve[87] == pytest.approx(0.25 + 0.75 * 12 / 25)


def test_the_curve_of_one_customer_is_a_straight_line(spark: SparkSession) -> None:
    curve = Answer(sales(spark, {"ann": "5"})).curve["customer", "all", "all"]
    assert curve == pytest.approx({percent: percent / 100 for percent in range(101)})


def test_no_resamples_no_intervals_and_no_dimensions_no_groups(spark: SparkSession) -> None:
    orders = sales(spark, {"a": "30", "b": "10"})
    answer = Answer(orders, resamples=0, customer_dimensions=[], product_dimensions=[])
    assert [dimension for _, dimension, _ in answer.groups] == ["all", "all"]
    overall = answer.overall
    assert overall["gini"] == 0.25
    assert (overall["gini_low"], overall["top_share_high"]) == (None, None)


def test_the_same_seed_gives_the_same_intervals_and_another_gives_others(spark: SparkSession) -> None:
    orders = sales(spark, {f"c{n}": str(n * n) for n in range(50)})
    one, two, other = (Answer(orders, seed=seed).overall for seed in (1, 1, 2))
    assert one == two
    assert one["gini_low"] != other["gini_low"]
    assert one["gini_low"] < one["gini"] < one["gini_high"]


# ---- groups


PROFILES = """
    customer_id | is_member | region
    ------------+-----------+-------
    ann         | true      | north
    bob         | false     | ~
    cat         | ~         | south
    eve         | true      | north
"""


def test_members_are_held_against_non_members(spark: SparkSession, frame: Frame) -> None:
    orders = sales(spark, {"ann": "60", "bob": "10", "cat": "20", "dan": "10"})
    answer = Answer(orders, frame(CUSTOMER_PROFILE, PROFILES))
    members = {member: row for (_, dimension, member), row in answer.groups.items() if dimension == "is_member"}
    assert {member: row["subjects"] for member, row in members.items()} == {"true": 1, "false": 1, "unknown": 2}
    assert {member: row["share_of_value"] for member, row in members.items()} == {
        "true": 0.6,
        "false": 0.1,
        "unknown": 0.3,
    }
    assert members["true"]["mean_value"] == Decimal("60.00")
    assert members["true"]["ratio_to_others"] == pytest.approx(60 / (40 / 3))


def test_a_dimension_of_which_nothing_is_known_is_left_out(spark: SparkSession) -> None:
    answer = Answer(sales(spark, {"ann": "60", "bob": "10"}))
    assert list(answer.groups) == [("customer", "all", "all"), ("product", "all", "all")]
    assert set(answer.curve) == set(answer.groups)


def test_each_group_has_its_own_ranks_and_curve(spark: SparkSession, frame: Frame) -> None:
    orders = sales(spark, {"ann": "60", "bob": "10", "cat": "20", "eve": "20"})
    answer = Answer(orders, frame(CUSTOMER_PROFILE, PROFILES), customer_dimensions=["region"], subjects=["customer"])
    assert answer.groups["customer", "region", "north"]["top_share"] == 0.75
    assert answer.curve["customer", "region", "north"][50] == 0.25
    assert len(answer.curve) == 4


def test_channels_split_the_orders_of_a_customer(frame: Frame) -> None:
    orders = frame(
        ORDERS,
        """
        order_id | customer_id | ordered_on | kind   | net_amount | channel | product_ids | product_amounts
        o1       | ann         | 2025-02-01 | sale   |      10.00 | web     | []          | []
        o2       | ann         | 2025-02-02 | sale   |       5.00 | store   | []          | []
        o3       | ann         | 2025-02-03 | return |      -2.00 | web     | []          | []
        o4       | bob         | 2025-02-03 | sale   |       1.00 | ~       | []          | []
        """,
    )
    answer = Answer(orders, customer_dimensions=["channel", "is_member"])
    assert {
        member: row["value"] for (_, dimension, member), row in answer.groups.items() if dimension == "channel"
    } == {
        "web": Decimal("8.00"),
        "store": Decimal("5.00"),
        "unknown": Decimal("1.00"),
    }
    assert answer.customers("value") == {"ann": Decimal("13.00"), "bob": Decimal("1.00")}


def test_products_are_ranked_by_what_was_paid_for_them_less_returns(frame: Frame) -> None:
    orders = frame(
        ORDERS,
        """
        order_id | customer_id | ordered_on | kind      | net_amount | product_ids | product_amounts | returned_ids | returned_amounts
        o1       | ann         | 2025-02-01 | sale      |      10.00 | [milk, tea] | [2.00, 8.00]    | ~            | ~
        o2       | ~           | 2025-02-02 | sale      |       9.00 | [milk]      | [9.00]          | ~            | ~
        o3       | ~           | 2025-02-03 | return    |      -3.00 | [milk]      | [-3.00]         | ~            | ~
        o4       | bob         | 2025-02-03 | cancelled |      99.00 | [salt]      | [99.00]         | ~            | ~
        o5       | bob         | 2025-02-03 | cancelled |     -99.00 | [salt]      | [-99.00]        | ~            | ~
        o6       | bob         | 2025-03-01 | sale      |      99.00 | [salt]      | [99.00]         | ~            | ~
        o7       | eve         | 2025-02-04 | sale      |       3.00 | [tea]       | [4.00]          | [milk]       | [-1.00]
        """,
    )
    products = frame(sources.PRODUCTS, "product_id | department\n tea | drinks")
    answer = Answer(orders, products=products, subjects=["product"])
    assert {who: row["value"] for (_, who), row in answer.shares.items()} == {
        "tea": Decimal("12.00"),
        "milk": Decimal("7.00"),
        "salt": Decimal("0.00"),
    }
    assert {key[2]: row["value"] for key, row in answer.groups.items() if key[1] == "department"} == {
        "drinks": Decimal("12.00"),
        "unknown": Decimal("7.00"),
    }


# ---- margin


def test_margin_is_what_the_cost_leaves(frame: Frame) -> None:
    orders = frame(
        ORDERS,
        """
        order_id | customer_id | ordered_on | kind | net_amount | cost | product_ids | product_amounts
        o1       | ann         | 2025-02-01 | sale |      10.00 | 7.50 | []          | []
        o2       | bob         | 2025-02-01 | sale |       5.00 | 6.00 | []          | []
        o3       | ~           | 2025-02-01 | sale |       5.00 | ~    | []          | []
        """,
    )
    answer = Answer(orders, value="margin", subjects=["customer"])
    assert answer.customers("value") == {"ann": Decimal("2.50"), "bob": Decimal("-1.00")}


def test_margin_without_cost_is_an_error_that_counts_the_orders(frame: Frame) -> None:
    orders = frame(
        ORDERS,
        """
        order_id | customer_id | ordered_on | kind | net_amount | cost | product_ids | product_amounts
        o1       | ann         | 2025-02-01 | sale |      10.00 | 7.50 | []          | []
        o2       | bob         | 2025-02-01 | sale |       5.00 | ~    | []          | []
        """,
    )
    with pytest.raises(AnalysisError, match="1 of 2 orders of customers lack it"):
        Answer(orders, value="margin", subjects=["customer"])


# ---- parameters


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"value": "margin"}, "set subjects: [customer]"),
        ({"class_a_share": 0.95}, "class_a_share (0.95) must be smaller than class_b_share (0.95)"),
        ({"customer_dimensions": ["regoin"]}, "regoin is not something to split by; did you mean region?"),
        ({"customer_dimensions": ["birth_date"]}, "birth_date is not something to split by"),
        ({"product_dimensions": ["channel"]}, "product_dimensions: channel is not something to split by"),
        ({"product_dimensions": ["brand", "brand"]}, "product_dimensions names one twice"),
        ({"subjects": ["product", "product"]}, "subjects names one twice"),
        ({"super_factor": 1}, "greater than 1"),
    ],
)
def test_parameters_that_contradict_each_other_are_refused(given: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError) as error:
        params(**given)
    assert expected in str(error.value)


# ---- an independent, naive implementation


def naive_values(orders: Sequence[Order], first: date, as_of: date) -> dict[Key, dict[str, Decimal]]:
    """Value by group and subject."""
    found: dict[Key, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for order in orders:
        if not first <= order.ordered_on < as_of:
            continue
        if order.customer_id is not None:
            for key in (
                ("all", "all"),
                ("region", region_of(order.customer_id)),
                ("channel", order.channel or "unknown"),
            ):
                found["customer", *key][order.customer_id] += order.net_amount
        for product, amount in zip(order.product_ids, order.product_amounts, strict=True):
            for key in (("all", "all"), ("brand", brand_of(product))):
                found["product", *key][product] += amount
    return found


def region_of(customer: str) -> str:
    return ["north", "south", "unknown"][int(customer[1:]) % 3]


def brand_of(product: str) -> str:
    return ["own", "unknown"][int(product[1:]) % 2]


def naive_shares(values: Mapping[str, Decimal]) -> dict[str, dict[str, Any]]:
    order = sorted(values, key=lambda who: (-values[who], who))
    positive = sum(value for value in values.values() if value > 0)
    found, held = {}, Decimal(0)
    for place, who in enumerate(order):
        value = values[who]
        others = [values[other] for other in order if other != who]
        before, held = held, held + max(value, Decimal(0))
        found[who] = {
            "value": value,
            "share": float(max(value, Decimal(0)) / positive),
            "rank": place + 1,
            "cumulative_share": float(held / positive),
            "decile": 1 + 10 * place // len(order),
            "abc": "none"
            if value <= 0
            else next(
                (name for name, share in (("A", "0.8"), ("B", "0.95")) if before < Decimal(share) * positive), "C"
            ),
            "is_super": bool(value > 0 and others and value * len(others) >= 3 * sum(others)),
        }
    return found


def naive_group(values: Mapping[str, Decimal]) -> dict[str, Any]:
    falling = sorted(values.values(), reverse=True)
    gains = [max(value, Decimal(0)) for value in falling]
    n, positive, total = len(falling), sum(gains, Decimal(0)), sum(falling, Decimal(0))
    shares = naive_shares(values)
    supers = [row for row in shares.values() if row["is_super"]]
    return {
        "subjects": n,
        "subjects_without_value": sum(value <= 0 for value in falling),
        "value": total,
        "mean_value": (total / n).quantize(Decimal("0.01"), ROUND_HALF_UP),
        "top_share": float(sum(gains[: ceil(Fraction(n, 5))]) / positive),
        "subjects_for_target": next(k for k in range(1, n + 1) if sum(gains[:k]) >= Decimal("0.8") * positive),
        "gini": float(2 * sum(i * x for i, x in enumerate(gains[::-1], 1)) / (n * positive)) - (n + 1) / n,
        "super_subjects": len(supers),
        "super_share": float(sum(row["value"] for row in supers) / positive),
    }


def naive_curve(values: Mapping[str, Decimal]) -> dict[int, float]:
    rising = sorted(float(max(value, Decimal(0))) for value in values.values())
    held = np.concatenate([[0.0], np.cumsum(rising)])
    points = np.interp(np.arange(101) / 100, np.arange(len(rising) + 1) / len(rising), held / held[-1])
    return {percent: float(point) for percent, point in enumerate(points)}


@pytest.mark.parametrize(("seed", "window_days"), [(1, None), pytest.param(2, 20, marks=pytest.mark.both_engines)])
def test_random_orders_give_what_the_naive_implementation_gives(
    spark: SparkSession, frame: Frame, seed: int, window_days: int | None
) -> None:
    orders, as_of = random_orders(seed), START + timedelta(days=50)
    regions = "\n".join(f"c{n} | {region_of(f'c{n}').replace('unknown', '~')}" for n in range(41))
    brands = "\n".join(f"{product} | {brand_of(product).replace('unknown', '~')}" for product in PRODUCTS)
    answer = Answer(
        as_frame(orders, spark),
        frame(CUSTOMER_PROFILE, "customer_id | region\n" + regions),
        frame(sources.PRODUCTS, "product_id | brand\n" + brands),
        as_of,
        window_days=window_days,
        customer_dimensions=["region", "channel"],
        product_dimensions=["brand"],
        subjects=["customer", "product"],
    )
    values = naive_values(orders, as_of - timedelta(days=window_days) if window_days else date.min, as_of)
    assert set(answer.groups) == {key for key, of in values.items() if of}
    assert any(value < 0 for value in values["customer", "all", "all"].values())
    for (subject, dimension, member), of in values.items():
        key = (subject, dimension, member)
        expected = naive_group(of)
        assert {name: answer.groups[key][name] for name in expected} == pytest.approx(expected)
        assert answer.curve[key] == pytest.approx(naive_curve(of))
        if dimension == "all":
            for who, row in naive_shares(of).items():
                assert {name: answer.shares[subject, who][name] for name in row} == pytest.approx(row)


# ---- published figures


def test_cdnow_is_as_concentrated_as_published(spark: SparkSession, shared: Path, tmp_path: Path) -> None:
    """Top 20 % hold 67.78 %, 80 % are reached by 7,695 of 23,570 customers (32.65 %), Gini 0.63457."""
    answer = Answer(cdnow(shared / "CDNOW_master.txt", tmp_path, spark), as_of=date(1998, 7, 1), subjects=["customer"])
    overall = answer.overall
    assert overall["subjects"] == 23_570
    assert overall["value"] == Decimal("2500315.63")
    assert round(overall["top_share"], 4) == 0.6778
    assert overall["subjects_for_target"] == 7_695
    assert round(overall["share_for_target"], 4) == 0.3265
    assert round(overall["gini"], 5) == 0.63457
    assert sum(row["abc"] == "A" for row in answer.shares.values()) == 7_695
    assert sorted(answer.curve["customer", "all", "all"]) == list(range(101))
    assert answer.curve["customer", "all", "all"][80] == pytest.approx(1 - overall["top_share"])
    assert overall["gini_low"] < overall["gini"] < overall["gini_high"]
    assert overall["top_share_low"] < overall["top_share"] < overall["top_share_high"]


def test_the_top_fifth_of_complete_journey_holds_what_is_published(spark: SparkSession, tmp_path: Path) -> None:
    overall = Answer(complete_journey(tmp_path, spark), as_of=date(2018, 2, 1), subjects=["customer"]).overall
    assert overall["subjects"] == 2_469
    assert round(overall["top_share"], 4) == 0.5457


def test_intervals_from_runs_are_those_of_drawing_every_customer(
    spark: SparkSession, shared: Path, tmp_path: Path
) -> None:
    orders = cdnow(shared / "CDNOW_master.txt", tmp_path, spark)
    answer = Answer(orders, as_of=date(1998, 7, 1), subjects=["customer"], resamples=1000)
    values = np.array([float(row["value"]) for row in answer.shares.values()])
    n, rng = len(values), np.random.default_rng(5)
    ranks, top = np.arange(1, n + 1), ceil(n / 5)
    drawn = [np.sort(rng.choice(values, n)) for _ in range(500)]
    ginis = [2 * (ranks @ sample) / (n * sample.sum()) - (n + 1) / n for sample in drawn]
    tops = [sample[-top:].sum() / sample.sum() for sample in drawn]
    for name, estimates in (("gini", ginis), ("top_share", tops)):
        low, high = np.quantile(estimates, [0.025, 0.975])
        assert answer.overall[f"{name}_low"] == pytest.approx(low, abs=0.0015)
        assert answer.overall[f"{name}_high"] == pytest.approx(high, abs=0.0015)
