"""Sequences: rules, patterns, loyalty and what is due next, against naive counts and on planted truth."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession
from random_orders import Order, as_frame, random_orders
from staged import staged

from vitalfew.jobs.sequences.item_days import at_level, in_categories, product_days
from vitalfew.jobs.sequences.loyalty import loyalty_rows
from vitalfew.jobs.sequences.params import SequencesParams
from vitalfew.jobs.sequences.tables import NEXT_IN_SEQUENCE, PRODUCT_LOYALTY, SEQUENCE_FIT, SEQUENCE_RULES
from vitalfew.jobs.sequences.transform import sequences
from vitalfew.tables import AsFitted
from vitalfew.tables.sources import PRODUCTS

START = date(2025, 1, 1)
AS_OF = date(2025, 12, 1)
Rows = list[dict[str, Any]]
CATALOGUE: Rows = [
    {"product_id": "cot", "name": "Cot", "category": "nursery"},
    {"product_id": "seat", "name": "Child seat", "category": "travel"},
    *({"product_id": f"x{n}", "name": f"Thing {n}", "category": "things"} for n in range(20)),
]


def catalogue(spark: SparkSession, rows: Rows = CATALOGUE) -> DataFrame:
    types = ", ".join(f"{column.name} {column.type}" for column in PRODUCTS.declared)
    return spark.createDataFrame([tuple(row.get(name) for name in PRODUCTS.columns) for row in rows], types)


def order(number: int, who: str | None, day: date, items: set[str], kind: str = "sale") -> Order:
    plain = random_orders(0, orders=1)[0]
    changed = {
        "order_id": f"o{number}",
        "customer_id": who,
        "ordered_on": day,
        "kind": kind,
        "product_ids": sorted(items),
        "product_pieces": [Decimal(1) for _ in items],
        "product_amounts": [Decimal(10) for _ in items],
        "product_costs": None,
    }
    return Order(**{**vars(plain), **changed})


def planted(seed: int = 5, customers: int = 400) -> list[Order]:
    """A shop in which a child seat follows a cot after 31 to 60 days for four in five who buy one; things are noise."""
    rng = random.Random(seed)
    orders = []
    for customer in range(customers):
        days = [10 * n + rng.randrange(5) for n in range(33)]
        bought = {day: {f"x{rng.randrange(20)}"} for day in rng.sample(days, 20)}
        first = rng.choice(days)
        bought.setdefault(first, set()).add("cot")
        after = [day for day in days if 31 <= day - first <= 60]
        if after and rng.random() < 0.8:
            bought.setdefault(rng.choice(after), set()).add("seat")
        orders += [
            order(1000 * customer + day, f"c{customer}", START + timedelta(days=day), items)
            for day, items in bought.items()
        ]
    return orders


PARAMS = SequencesParams(min_support=0.05, min_count=5, min_buyers=10, max_length=2, min_customers=20)


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> list[Rows]:
    frames = sequences(as_frame(planted(), spark), catalogue(spark), params=PARAMS, as_of=AS_OF, stage=staged)
    return [[row.asDict() for row in frame.collect()] for frame in frames]


@pytest.mark.both_engines
def test_the_planted_sequence_is_the_one_rule_of_products_and_the_strongest_of_categories(found: list[Rows]) -> None:
    rules = {(row["level"], row["antecedent"], row["consequent"], row["from_days"]): row for row in found[0]}
    assert [key for key in rules if key[0] == "product"] == [("product", "cot", "seat", 31)]
    assert next(key for key in rules if key[0] == "category") == ("category", "nursery", "travel", 31)
    rule = rules["product", "cot", "seat", 31]
    assert rule["confidence"] == pytest.approx(0.8, abs=0.07)
    assert rule["lift"] > 4
    assert "buyers of Cot" in rule["text"]
    assert rule["action"] == "Offer Child seat 31 to 60 days after Cot."


def test_what_is_due_is_published_where_it_beats_the_obvious(found: list[Rows]) -> None:
    scores = {(row["level"], row["method"], row["k"]): row for row in found[4]}
    ours = scores["product", "sequence", 5]
    assert ours["is_published"]
    assert ours["hit_rate"] > scores["product", "most popular", 5]["hit_rate"]
    coming = [row for row in found[3] if row["level"] == "product"]
    assert coming
    bought: dict[str, dict[str, date]] = defaultdict(dict)
    for each in planted():
        for item in each.product_ids:
            bought[str(each.customer_id)][item] = each.ordered_on
    for row in coming:
        own = bought[row["customer_id"]]
        assert (row["item"], row["because"], row["bought_on"]) == ("seat", "cot", own["cot"])
        assert "seat" not in own
        assert row["due_from"] < AS_OF + timedelta(days=28)
        assert row["due_to"] >= AS_OF
    waiting = {
        who for who, own in bought.items() if "seat" not in own and 3 < (AS_OF - own["cot"]).days <= 60
    }  # due from day 31 on, within 28 days
    assert {row["customer_id"] for row in coming} == waiting


def test_patterns_are_in_an_order_of_days(found: list[Rows]) -> None:
    patterns = {(row["level"], *row["items"]): row for row in found[1]}
    assert patterns["product", "cot", "seat"]["customers"] >= 100
    assert ("product", "seat", "cot") not in patterns


def test_limits_say_what_was_looked_at(found: list[Rows]) -> None:
    (product,) = [row for row in found[5] if row["level"] == "product"]
    assert product["customers"] == 400
    assert product["frequent_items"] == 22
    assert product["requested_count"] == product["rule_count"] == 20
    assert product["tested"] == 22 * 21 * 4
    assert (product["significant"], product["published"]) == (1, 1)


def scored(spark: SparkSession, found: list[Rows], orders: list[Order], as_of: date, **given: Any) -> tuple[Any, ...]:
    """`sequences` of a later day, with what `found` has fitted."""
    fit, rules = (
        spark.createDataFrame(
            [tuple(row.get(name) for name in table.columns if name != "as_of") for row in rows],
            ", ".join(f"{column.name} {column.type}" for column in table.declared if column.name != "as_of"),
        )
        for table, rows in ((SEQUENCE_FIT, found[6]), (SEQUENCE_RULES, found[0]))
    )
    params = PARAMS.model_copy(update=given)
    return sequences(as_frame(orders, spark), catalogue(spark), fit, rules, params=params, as_of=as_of, stage=staged)


@pytest.mark.both_engines
def test_between_two_fits_the_last_rules_say_what_is_due_as_on_the_day_of_the_fit(
    spark: SparkSession, found: list[Rows]
) -> None:
    made = scored(spark, found, planted(), AS_OF)
    assert [isinstance(each, AsFitted) for each in made] == [True, True, True, False, True, True, True]
    again = [row.asDict() for row in made[3].collect()]

    def by_key(rows: Rows) -> Rows:
        return sorted(rows, key=lambda row: (row["customer_id"], row["level"], row["rank"]))

    assert by_key(again) == by_key(found[3]) != []


def test_what_was_bought_since_the_fit_counts_on_the_next_day(spark: SparkSession, found: list[Rows]) -> None:
    asked = {row["customer_id"]: row for row in found[3] if row["level"] == "product"}
    bought_now = next(who for who, row in asked.items() if row["due_from"] < AS_OF < row["due_to"])
    more = order(1, bought_now, AS_OF, {"seat"}), order(2, "new", AS_OF, {"cot"})
    later = AS_OF + timedelta(days=5)
    rows = [row.asDict() for row in scored(spark, found, [*planted(), *more], later)[3].collect()]
    coming = {row["customer_id"]: row for row in rows if row["level"] == "product"}
    assert bought_now not in coming
    assert coming["new"]["due_from"] == AS_OF + timedelta(days=31), (
        "of a rule that the fit found, and an order after it"
    )
    still = {who for who, row in asked.items() if row["due_to"] >= later} - {bought_now}
    assert still
    assert still <= {*coming}


@pytest.mark.parametrize("given", [{"refit_days": 2}, {"refit_change": 0.0001}])
def test_a_fit_that_is_old_or_saw_too_little_is_made_again(
    spark: SparkSession, found: list[Rows], given: dict[str, Any]
) -> None:
    more = order(1, "c1", AS_OF, {"x1"}), order(2, "c2", AS_OF, {"x1"})
    made = scored(spark, found, [*planted(), *more], AS_OF + timedelta(days=2), **given)
    assert not any(isinstance(each, AsFitted) for each in made)
    assert {row["fitted_on"] for row in made[6].collect()} == {AS_OF + timedelta(days=2)}


def test_where_no_level_is_published_nothing_is_due_on_the_next_day_either(
    spark: SparkSession, found: list[Rows]
) -> None:
    silent = [*found[:6], [row for row in found[6] if row["part"] != "published"]]
    assert scored(spark, silent, planted(), AS_OF)[3].collect() == []


def test_nothing_is_published_of_chance(spark: SparkSession) -> None:
    orders = [each for each in planted() if not {"cot", "seat"} & {*each.product_ids}]
    frames = sequences(as_frame(orders, spark), catalogue(spark), params=PARAMS, as_of=AS_OF, stage=staged)
    rules, _, _, coming, evaluation, _, _ = ([row.asDict() for row in frame.collect()] for frame in frames)
    assert rules == coming == []
    assert not any(row["is_published"] for row in evaluation)
    assert {row["customers"] for row in evaluation} == {0}


def naive_loyalty(orders: list[Order], category_of: dict[str, str]) -> dict[str, tuple[Any, ...]]:
    """Buyers, purchases, share of requirements, repeat buyers, stays, switches, longest streak; by product."""
    sold = [each for each in orders if each.kind == "sale" and each.customer_id]
    days = {(str(e.customer_id), e.ordered_on, item) for e in sold for item in e.product_ids}
    found: dict[str, list[Any]] = defaultdict(lambda: [0, 0, 0, 0, 0, 0, 0])
    customers = {who for who, *_ in days}
    for who in customers:
        for category in {*category_of.values()}:
            own = [(day, item) for each, day, item in days if each == who and category_of[item] == category]
            in_order = [{item for _, item in of} for _, of in groupby(sorted(own), key=lambda pair: pair[0])]
            for item in {item for _, item in own}:
                has = [item in of for of in in_order]
                row = found[item]
                row[0] += 1
                row[1] += sum(has)
                row[2] += len(own)
                row[3] += sum(has) > 1
                row[4] += sum(one and two for one, two in pairwise(has))
                row[5] += sum(one and not two for one, two in pairwise(has))
                row[6] = max(row[6], *(len([*of]) for is_it, of in groupby(has) if is_it))
    return {item: (n, x, x / of, again / n, *rest) for item, (n, x, of, again, *rest) in found.items()}


def test_loyalty_is_that_of_a_naive_count(spark: SparkSession) -> None:
    orders = random_orders(11, orders=400)
    category_of = {f"p{number}": f"k{number % 3}" for number in range(8)}
    products = catalogue(spark, [{"product_id": id_, "category": of} for id_, of in category_of.items()])
    sales = as_frame(orders, spark).where("kind = 'sale'")
    days = staged(product_days(sales, products, PARAMS))
    params = SequencesParams(min_buyers=2)
    rows = loyalty_rows("product", in_categories(days, "product"), 40, 1_000, params, staged)
    names = ("buyers", "purchases", "requirements", "repeat_buyers", "stays", "switches", "longest_streak")
    ours = {row["item"]: tuple(row[name] for name in names) for row in rows}
    wanted = naive_loyalty(orders, category_of)
    assert ours.keys() == wanted.keys()
    assert all(ours[item] == pytest.approx(wanted[item]) for item in wanted)
    assert sum(row["share"] for row in rows) == pytest.approx(3)  # each category adds up to 1


def test_a_brand_whose_buyers_stick_to_it_is_loyal_beyond_its_size(spark: SparkSession) -> None:
    rng = np.random.default_rng(3)
    orders = [order(99_000 + n, f"c{n}", START, {"other"}) for n in range(400)]
    for customer in range(400):
        chances = rng.dirichlet([0.9, 0.6, 0.3])
        for number in range(rng.poisson(rng.gamma(0.8, 5.0))):
            is_own = customer < 40 and rng.random() < 0.95
            item = "own" if is_own else str(rng.choice(["a", "b", "c"], p=chances))
            orders.append(order(100 * customer + number, f"c{customer}", START + timedelta(days=number), {item}))
    brands = [{"product_id": id_, "category": "milk", "brand": id_.upper()} for id_ in ("own", "a", "b", "c")]
    products = catalogue(spark, [*brands, {"product_id": "other", "category": "bread", "brand": "other"}])
    frames = sequences(as_frame(orders, spark), products, params=PARAMS, as_of=AS_OF, stage=staged)
    rows = {row["item"]: row for row in frames[2].collect() if row["level"] == "brand" and row["category"] == "milk"}
    assert rows["OWN"]["verdict"] == "loyal"
    assert rows["OWN"]["excess_loyalty"] > 0.2
    assert rows["OWN"]["repeat_rate"] > 0.85
    assert all(rows[name]["verdict"] != "loyal" for name in "ABC")
    other = [row for row in frames[2].collect() if row["item"] == "other"]
    assert {row["verdict"] for row in other} == {"cannot_tell"}  # alone in its category


def test_a_day_of_excluded_products_alone_is_a_day_of_the_customer(spark: SparkSession) -> None:
    orders = [order(1, "ann", START, {"bag"}), order(2, "ann", START + timedelta(days=1), {"bag", "x1"})]
    orders += [order(3, None, START, {"x1"})]
    params = SequencesParams(exclude_products=("bag",))
    days = product_days(as_frame(orders, spark), catalogue(spark), params)
    found = sorted((str(row["day"]), row["item"] or "") for row in at_level(days, "product").collect())
    assert found == [("2025-01-01", ""), ("2025-01-02", ""), ("2025-01-02", "x1")]


@pytest.mark.parametrize(
    "orders",
    [
        [],
        [order(1, "ann", START, {f"x{n}" for n in range(6)})],
        [order(n, f"c{n % 30}", START + timedelta(days=n), {"x1"}) for n in range(200)],
        [order(1, None, START, {"x1"}), order(2, "ann", START, {"x1"}, kind="return")],
    ],
    ids=["nothing", "everything on one day", "one product", "nobody known"],
)
def test_awkward_orders_give_no_rule_and_no_error(spark: SparkSession, orders: list[Order]) -> None:
    params = SequencesParams(min_count=2, min_support=1.0, min_buyers=2, windows=((1, 90),))
    frames = sequences(as_frame(orders, spark), catalogue(spark, []), params=params, as_of=AS_OF, stage=staged)
    assert frames[0].collect() == frames[3].collect() == []


def test_windows_that_are_reversed_or_overlap_are_refused() -> None:
    for windows, reason in (
        (((8, 3),), "begins after it ends"),
        (((1, 7), (7, 30)), "without overlap"),
        (((8, 30), (1, 7)), "without overlap"),
        (((0, 7),), "begins on day 1"),
    ):
        with pytest.raises(ValidationError, match=reason):
            SequencesParams(windows=windows)
    with pytest.raises(ValidationError, match="more than max_gap_days"):
        SequencesParams(min_gap_days=91)
    with pytest.raises(ValidationError, match="min_support"):
        SequencesParams(min_support=1.1)


def test_tables_have_what_is_declared(found: list[Rows]) -> None:
    for table, rows in ((SEQUENCE_RULES, found[0]), (PRODUCT_LOYALTY, found[2]), (NEXT_IN_SEQUENCE, found[3])):
        assert [*rows[0]] == [name for name in table.columns if name != "as_of"]
