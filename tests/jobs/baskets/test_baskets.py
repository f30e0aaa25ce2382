"""Baskets of orders: the whole published table of Groceries, what counts as a basket and an item, and the limits."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from market import AS_OF, groceries, naive_itemsets, random_baskets, sales
from pydantic import ValidationError
from pyspark.sql import DataFrame, Row, SparkSession
from staged import staged

from conftest import Frame
from vitalfew.dataframes import from_arrow
from vitalfew.dataframes.staging import Stage, together
from vitalfew.jobs.baskets.tables import BASKET_LIMITS, ITEMSETS, RULES
from vitalfew.jobs.baskets.transform import BasketParams, baskets
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.sources import PRODUCTS

LONGEST = 30
NO_PRODUCTS = "product_id | name"


def run(
    orders: DataFrame, products: DataFrame, as_of: date = AS_OF, **params: Any
) -> tuple[DataFrame, DataFrame, DataFrame]:
    itemsets, rules, limits, _ = baskets(orders, products, params=BasketParams(**params), as_of=as_of, stage=staged)
    return itemsets, rules, limits


def itemsets_of(found: DataFrame, level: str = "product") -> dict[tuple[str, ...], int]:
    return {tuple(row["items"]): row["n"] for row in found.where(f"level = '{level}'").collect()}


@pytest.fixture(scope="session")
def grocery_sales(spark: SparkSession, shared: Path) -> DataFrame:
    return sales(spark, groceries(shared))


@pytest.fixture(scope="session")
def no_products(frame: Frame) -> DataFrame:
    return frame(PRODUCTS, NO_PRODUCTS)


@pytest.mark.parametrize(
    ("support", "sets", "rules"),
    [
        (0.001, 13_492, {0.5: 5_668, 0.6: 2_918, 0.8: 410, 0.9: 129}),
        (0.005, 1_001, {0.5: 120}),
        (0.006, 747, {0.25: 463}),
        (0.01, 333, {0.3: 125, 0.5: 15}),
    ],
)
def test_groceries_has_as_many_sets_and_rules_as_published(
    grocery_sales: DataFrame, no_products: DataFrame, support: float, sets: int, rules: dict[float, int]
) -> None:
    for confidence, expected in rules.items():
        found = run(grocery_sales, no_products, min_support=support, min_confidence=confidence, max_length=LONGEST)
        assert found[0].count() == sets
        assert found[1].count() == expected
    (limits,) = found[2].collect()
    assert (limits["baskets"], limits["items"], limits["oversized_baskets"]) == (9_835, 169, 0)


@pytest.mark.both_engines
def test_two_rules_of_groceries_have_every_measure_as_published(
    grocery_sales: DataFrame, no_products: DataFrame
) -> None:
    _, rules, _ = run(grocery_sales, no_products, min_confidence=0.4, max_length=LONGEST)
    (burger,) = rules.where(
        "antecedent = array('Instant food products', 'soda') and consequent = 'hamburger meat'"
    ).collect()
    assert burger["support"] == pytest.approx(0.00122013, abs=5e-9)
    assert burger["confidence"] == pytest.approx(0.63157895, abs=5e-9)
    assert burger["lift"] == pytest.approx(18.99565427, abs=5e-9)
    (herbs,) = rules.where("antecedent = array('herbs') and consequent = 'root vegetables'").collect()
    assert (herbs["n"], herbs["confidence"]) == (69, 0.43125)
    assert herbs["lift"] == pytest.approx(3.956477, abs=5e-7)
    assert herbs["leverage"] == pytest.approx(0.005243, abs=5e-7)
    assert herbs["conviction"] == pytest.approx(1.566596, abs=5e-7)
    assert herbs["zhang"] == pytest.approx(0.759608, abs=5e-7)
    assert herbs["baskets"] * herbs["phi"] ** 2 == pytest.approx(173.914, abs=5e-4)
    assert herbs["p_value"] == pytest.approx(6.17e-26, rel=5e-4)
    assert herbs["is_significant"]
    assert not herbs["is_redundant"]


def test_39_rules_of_groceries_sit_at_exactly_four_fifths(grocery_sales: DataFrame, no_products: DataFrame) -> None:
    _, rules, _ = run(grocery_sales, no_products, min_confidence=0.8, max_length=LONGEST)
    assert rules.where("5 * n = 4 * n_antecedent").count() == 39


ORDER_ROWS = """
    order_id | ordered_on | kind      | product_ids
    ---------+------------+-----------+----------------
    o1       | 2025-01-01 | sale      | [cola, beer, bag]
    o2       | 2025-01-02 | sale      | [cola, chips]
    o3       | 2025-01-03 | sale      | [beer, chips]
    o4       | 2025-01-03 | sale      | [mystery, bag]
    o5       | 2025-01-03 | return    | []
    o6       | 2025-01-03 | cancelled | [cola, beer]
    o7       | 2025-01-03 | charge    | []
    o8       | 2025-01-04 | sale      | [cola, beer]
"""
PRODUCT_ROWS = """
    product_id | department | category | brand
    -----------+------------+----------+------
    cola       | drinks     | soft     | Fizz
    beer       | drinks     | alcohol  | ~
    chips      | snacks     | salty    | Fizz
    bag        | extras     | ~        | ~
"""
EVERYTHING: dict[str, Any] = {"min_support": 0.0, "min_count": 1, "min_confidence": 0.0}


def test_only_sales_before_the_day_are_baskets_and_anonymous_ones_too(frame: Frame) -> None:
    found, _, limits = run(
        frame(ORDERS, ORDER_ROWS), frame(PRODUCTS, NO_PRODUCTS), as_of=date(2025, 1, 4), **EVERYTHING
    )
    assert itemsets_of(found) == {
        tuple(sorted(items)): n
        for items, n in naive_itemsets(
            [["cola", "beer", "bag"], ["cola", "chips"], ["beer", "chips"], ["mystery", "bag"]], 1
        ).items()
    }
    (row,) = limits.collect()
    assert row == Row(
        level="product",
        baskets=4,
        items=5,
        frequent_items=5,
        oversized_baskets=0,
        requested_count=1,
        used_count=1,
        note=None,
    )


def test_a_window_looks_back_so_many_days(frame: Frame) -> None:
    found, _, _ = run(
        frame(ORDERS, ORDER_ROWS), frame(PRODUCTS, NO_PRODUCTS), as_of=date(2025, 1, 4), window_days=2, **EVERYTHING
    )
    assert itemsets_of(found)["chips",] == 2
    assert ("beer", "cola") not in itemsets_of(found)


@pytest.mark.both_engines
def test_a_level_counts_each_of_its_values_once_a_basket_and_says_what_it_left_out(frame: Frame) -> None:
    found, rules, limits = run(
        frame(ORDERS, ORDER_ROWS),
        frame(PRODUCTS, PRODUCT_ROWS),
        as_of=date(2025, 1, 5),
        levels=("department", "category", "brand", "subcategory"),
        **EVERYTHING,
    )
    assert itemsets_of(found, "department") == {
        ("drinks",): 4,
        ("snacks",): 2,
        ("extras",): 2,
        ("drinks", "snacks"): 2,
        ("drinks", "extras"): 1,
    }
    assert itemsets_of(found, "brand") == {("Fizz",): 4}
    assert itemsets_of(found, "subcategory") == {}
    assert {row["level"]: (row["baskets"], row["items"], row["note"]) for row in limits.collect()} == {
        "department": (5, 3, "Left out: products without department (1)."),
        "category": (4, 3, "Left out: products without category (2)."),
        "brand": (4, 1, "Left out: products without brand (3)."),
        "subcategory": (0, 0, "Left out: products without subcategory (5)."),
    }
    assert {row["level"] for row in rules.select("level").collect()} == {"department", "category"}


@pytest.mark.parametrize(
    ("params", "expected", "left"),
    [
        ({"exclude_products": ("bag", "mystery")}, {"beer": 3, "chips": 2, "cola": 3}, 4),
        ({"exclude_where": {"department": ("extras",)}}, {"beer": 3, "chips": 2, "cola": 3, "mystery": 1}, 5),
        (
            {"exclude_where": {"department": ("extras",), "brand": ("Fizz", "none such")}, "exclude_products": ("x",)},
            {"beer": 3, "mystery": 1},
            4,
        ),
        (
            {"exclude_where": {"category": ("soft",)}, "exclude_products": ("beer",)},
            {"bag": 2, "chips": 2, "mystery": 1},
            4,
        ),
    ],
)
def test_what_is_excluded_is_no_part_of_a_basket(
    frame: Frame, params: dict[str, Any], expected: dict[str, int], left: int
) -> None:
    found, _, limits = run(
        frame(ORDERS, ORDER_ROWS), frame(PRODUCTS, PRODUCT_ROWS), as_of=date(2025, 1, 5), **EVERYTHING, **params
    )
    assert {items[0]: n for items, n in itemsets_of(found).items() if len(items) == 1} == expected
    assert limits.collect()[0]["baskets"] == left


def test_excluded_products_count_for_no_level(frame: Frame) -> None:
    found, _, limits = run(
        frame(ORDERS, ORDER_ROWS),
        frame(PRODUCTS, PRODUCT_ROWS),
        as_of=date(2025, 1, 5),
        levels=("department", "product"),
        exclude_products=("bag", "mystery"),
        **EVERYTHING,
    )
    assert itemsets_of(found, "department") == {("drinks",): 4, ("snacks",): 2, ("drinks", "snacks"): 2}
    assert [row["note"] for row in limits.collect()] == [None, None]


def test_a_product_that_stands_twice_in_an_order_counts_once(frame: Frame) -> None:
    orders = frame(
        ORDERS,
        """
        order_id | ordered_on | kind | product_ids
        o1       | 2025-01-01 | sale | [tea, tea, milk]
        o2       | 2025-01-01 | sale | [tea, milk]
        """,
    )
    found, rules, _ = run(orders, frame(PRODUCTS, NO_PRODUCTS), **EVERYTHING)
    assert itemsets_of(found) == {("tea",): 2, ("milk",): 2, ("milk", "tea"): 2}
    assert [row["confidence"] for row in rules.collect()] == [1.0, 1.0]


def test_support_is_a_share_or_a_count_whichever_asks_for_more(spark: SparkSession, no_products: DataFrame) -> None:
    orders = sales(spark, [["a"]] * 30 + [["b"]] * 10)
    counts = []
    for share, count in ((0.25, 1), (0.25, 11), (0.2501, 2), (0.0, 1)):
        _, _, limits = run(orders, no_products, min_support=share, min_count=count)
        counts.append([limits.collect()[0][name] for name in ("requested_count", "frequent_items")])
    assert counts == [[10, 2], [11, 1], [11, 1], [1, 2]]


def test_a_level_may_have_a_support_of_its_own(frame: Frame) -> None:
    _, _, limits = run(
        frame(ORDERS, ORDER_ROWS),
        frame(PRODUCTS, PRODUCT_ROWS),
        as_of=date(2025, 1, 5),
        levels=("product", "department"),
        min_support=0.2,
        min_support_at={"department": 0.8},
    )
    assert {row["level"]: row["requested_count"] for row in limits.collect()} == {"product": 2, "department": 4}


@pytest.mark.both_engines
def test_limits_say_what_the_guards_did(spark: SparkSession, no_products: DataFrame) -> None:
    orders = sales(spark, [[f"x{number}" for number in range(60)], *[["a", "b", "c"]] * 3, *[["a", "b"]] * 2])
    found, _, limits = run(orders, no_products, min_support=0.0, min_count=1, max_basket_size=50, max_itemsets=4)
    assert itemsets_of(found) == {("a",): 5, ("b",): 5, ("a", "b"): 5}
    (row,) = limits.collect()
    assert (row["oversized_baskets"], row["requested_count"], row["used_count"]) == (1, 1, 4)
    assert row["note"] == (
        "Left out: baskets of more than 50 items (1). "
        "A set had to be in 4 baskets, not 1: more than 4 sets would have been found."
    )


def test_where_the_guards_leave_nothing_the_note_says_what_to_do(spark: SparkSession, no_products: DataFrame) -> None:
    orders = sales(spark, [[f"x{number}" for number in range(20)]] * 50)
    found, rules, limits = run(orders, no_products, max_itemsets=1000, max_length=LONGEST)
    assert (found.count(), rules.count()) == (0, 0)
    (row,) = limits.collect()
    assert row["used_count"] == 51
    assert row["note"].endswith("No set is left: lower max_length, or raise the limit.")


@pytest.mark.both_engines
def test_without_orders_there_are_no_rows_and_no_error(frame: Frame) -> None:
    empty = frame(ORDERS, "order_id | product_ids")
    found = run(empty, frame(PRODUCTS, NO_PRODUCTS), levels=("product", "brand"))
    assert [result.count() for result in found] == [0, 0, 0]


def test_baskets_of_one_product_have_sets_and_no_rules(spark: SparkSession, no_products: DataFrame) -> None:
    found, rules, _ = run(sales(spark, [["a"], ["a"], ["b"]]), no_products, **EVERYTHING)
    assert itemsets_of(found) == {("a",): 2, ("b",): 1}
    assert rules.collect() == []


@pytest.mark.parametrize("baskets", [[], pytest.param([["a", "b"]] * 3, marks=pytest.mark.both_engines)])
def test_results_have_the_declared_columns_and_keep_their_promises(
    spark: SparkSession, no_products: DataFrame, baskets: list[list[str]]
) -> None:
    found = run(sales(spark, baskets), no_products)
    for result, table in zip(found, (ITEMSETS, RULES, BASKET_LIMITS), strict=True):
        assert columns(result) == [(c.name, c.type) for c in table.declared if c.name != "as_of"]
        for promise in table.always:
            assert result.where(f"not coalesce({promise}, false)").count() == 0, promise
        for name in table.required:
            assert name == "as_of" or result.where(f"{name} is null").count() == 0


def columns(frame: DataFrame) -> list[tuple[str, str]]:
    return [(field.name, field.dataType.simpleString()) for field in frame.schema.fields]


def test_order_of_orders_and_of_products_changes_nothing(spark: SparkSession, no_products: DataFrame) -> None:
    drawn = random_baskets(23)
    there = run(sales(spark, drawn), no_products, min_support=0.01)
    back = run(sales(spark, [basket[::-1] for basket in drawn[::-1]]), no_products, min_support=0.01)
    for one, other in zip(there, back, strict=True):
        assert sorted(map(repr, one.collect())) == sorted(map(repr, other.collect()))


def test_rows_reach_a_frame_also_where_arrow_tables_are_not_taken(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spark 3.5 makes frames of rows only."""
    monkeypatch.delattr(DataFrame, "toArrow")
    table = pa.table({"items": [["a"], ["b", "c"]], "n": [1, None]})
    assert from_arrow.to_frame(spark, table, "items array<string>, n bigint").collect() == [
        Row(items=["a"], n=1),
        Row(items=["b", "c"], n=None),
    ]


def test_rows_too_many_for_one_message_reach_a_frame_part_by_part(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pa.table({"item": [f"i{n}" for n in range(10)], "n": list(range(10))})
    monkeypatch.setattr(from_arrow, "MOST_BYTES", table.nbytes // 3)
    staged: list[int] = []

    def kept(given: tuple[DataFrame, ...]) -> DataFrame:
        staged.extend(frame.count() for frame in given)
        return together(given)

    counting = Stage(kept)
    found = from_arrow.large_frame(spark, table, "item string, n bigint", counting)
    assert sorted(found.collect()) == [Row(item=f"i{n}", n=n) for n in range(10)]
    assert staged == [3, 3, 3, 1]
    monkeypatch.setattr(from_arrow, "MOST_BYTES", table.nbytes)
    assert from_arrow.large_frame(spark, table, "item string, n bigint", counting).count() == 10
    assert len(staged) == 4, "what fits is sent at once"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"levels": ["product", "brand", "product"]}, "stands twice: product"),
        ({"levels": []}, "at least 1 item"),
        ({"levels": ["colour"]}, "Input should be 'product'"),
        ({"exclude_where": {"name": ["x"]}}, "Input should be 'department'"),
        ({"exclude_where": {"brand": []}}, "at least 1 item"),
        ({"min_support": 1.5}, "less than or equal to 1"),
        ({"max_length": 0}, "greater than or equal to 1"),
        ({"min_suport": 0.1}, "Extra inputs"),
    ],
)
def test_parameters_that_cannot_be_meant_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        BasketParams.model_validate(given)
