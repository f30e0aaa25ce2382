"""Affinity: complements, substitutes, bundles and pages, against counts made naively in exact arithmetic."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from math import ceil, sqrt
from typing import Any

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from random_orders import Order, as_frame, random_orders
from scipy.stats import false_discovery_control, hypergeom
from staged import staged

from conftest import Frame
from vitalfew.domain.product_names import apart
from vitalfew.jobs.affinity.counts import Counts
from vitalfew.jobs.affinity.pairs import alike
from vitalfew.jobs.affinity.tables import AFFINITY, AFFINITY_FIT, BUNDLES, CATALOGUE_PAGES
from vitalfew.jobs.affinity.transform import AffinityParams, affinity
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.tables import Table
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.sources import PRODUCTS

AS_OF = date(2025, 6, 1)
KINDS = {"tea": "drinks", "mate": "drinks", "cola": "drinks", "belt": "wear", "hat": "wear", "bag": None}
DEPARTMENTS = {"drinks": "food", "wear": "shop"}
Rows = list[dict[str, Any]]
Basket = tuple[str, ...]


def rows(spark: SparkSession, table: Table, given: Rows) -> DataFrame:
    types = ", ".join(f"{column.name} {column.type}" for column in table.declared)
    return spark.createDataFrame([tuple(row.get(name) for name in table.columns) for row in given], types)


def order(number: int, items: Basket, who: str | None = "ann", **given: Any) -> Order:
    """A sale of one piece each, at 10.00 apiece."""
    plain = random_orders(0, orders=1)[0]
    changed = {
        "order_id": f"o{number}",
        "customer_id": who,
        "ordered_on": AS_OF - timedelta(days=1 + number % 100),
        "kind": "sale",
        "product_ids": sorted(items),
        "product_pieces": [Decimal(1) for _ in items],
        "product_amounts": [Decimal(10) for _ in items],
        "net_amount": Decimal(10 * len(items)),
        "product_costs": None,
        "lines": len(items),
    }
    return Order(**{**vars(plain), **changed, **given})


def orders(baskets: dict[Basket, int], who: str | None = "ann", **given: Any) -> list[Order]:
    return [
        order(n, items, who, **given) for n, items in enumerate(i for i, size in baskets.items() for _ in range(size))
    ]


def run(
    spark: SparkSession,
    given: list[Order],
    segments: dict[str, str] | None = None,
    called: dict[str, str] | None = None,
    **params: Any,
) -> tuple[Rows, Rows, Rows]:
    """AFFINITY, BUNDLES and CATALOGUE_PAGES."""
    products = [
        {
            "product_id": p,
            "name": (called or {}).get(p, p.capitalize()),
            "category": c,
            "department": DEPARTMENTS.get(c or ""),
        }
        for p, c in KINDS.items()
    ]
    made = affinity(
        as_frame(given, spark),
        rows(spark, PRODUCTS, products),
        rows(spark, RFM, [{"customer_id": who, "segment": name} for who, name in (segments or {}).items()]),
        params=AffinityParams.model_validate_json(json.dumps({"levels": ["product"], **params})),
        as_of=AS_OF,
        stage=staged,
    )
    found, bundles, pages = ([row.asDict() for row in frame.collect()] for frame in made[:3])
    return found, bundles, pages


SHOP: dict[Basket, int] = {
    ("belt", "hat"): 60,
    ("belt",): 30,
    ("hat",): 30,
    ("tea",): 200,
    ("mate",): 200,
    ("tea", "mate"): 10,
    ("bag",): 470,
}


@pytest.mark.both_engines
def test_belt_and_hat_go_together_and_mate_takes_the_place_of_tea(spark: SparkSession) -> None:
    found, _, _ = run(spark, orders(SHOP))
    told = {(row["item"], row["other"]): row for row in found}
    assert {pair: row["relation"] for pair, row in told.items()} == {
        ("belt", "hat"): "complement",
        ("mate", "tea"): "substitute",
    }
    together = told["belt", "hat"]
    assert (together["n"], together["n_item"], together["n_other"], together["baskets"]) == (60, 90, 90, 1000)
    phi = (60 * 1000 - 90 * 90) / (90 * 910)
    assert (together["phi"], together["lift"]) == pytest.approx((phi, 60 / 8.1))
    assert together["p_value"] == pytest.approx(hypergeom.sf(59, 1000, 90, 90), rel=1e-6)
    assert together["text"] == (
        "Belt and Hat are strongly positively correlated: together in 60 of 1,000 baskets, where 8.1 were expected "
        "(phi 0.634, lift 7.41, p < 0.0001)."
    )
    assert (together["text_code"], together["action_code"]) == ("complement", "complement")
    assert together["text_values"]["strength"] == "strong"
    assert together["action_values"] == {"item": "Belt", "other": "Hat"}
    apart = told["mate", "tea"]
    assert apart["p_value"] == pytest.approx(hypergeom.cdf(10, 1000, 210, 210), rel=1e-6)
    assert "weakly negatively correlated: together in 10 of 1,000 baskets, where 44.1 were" in apart["text"]


def test_two_products_of_one_name_are_told_apart_by_their_ids() -> None:
    assert apart("p1", "p2", {"p1": "Milk", "p2": "Milk"}) == ("Milk [p1]", "Milk [p2]")
    assert apart("p1", "p2", {"p1": "Milk"}) == ("Milk", "p2")


def test_bundles_and_pages_tell_products_of_one_name_apart_too(spark: SparkSession) -> None:
    found, bundles, pages = run(spark, orders(SHOP), called={"belt": "Yogurt", "hat": "Yogurt"})
    pair = "Yogurt [belt] and Yogurt [hat]"
    assert next(row["text"] for row in found if row["item"] == "belt").startswith(pair)
    assert bundles[0]["action"].startswith(f"Offer {pair} side by side")
    assert {row["product_id"]: row["action"] for row in pages} == {
        "belt": "Show it on one page with Yogurt [hat].",
        "hat": "Show it on one page with Yogurt [belt].",
    }


def test_of_many_pairs_the_strongest_are_told_and_of_a_segment_a_tenth(spark: SparkSession) -> None:
    family: dict[Basket, int] = {("belt", "hat"): 50, ("belt", "hat", "bag"): 30, ("tea", "cola"): 40, ("mate",): 500}
    everything, _, _ = run(spark, orders(family), {"ann": "Calm"})
    assert Counter((row["segment"], row["relation"]) for row in everything)["Calm", "complement"] == 4
    few, _, _ = run(spark, orders(family), {"ann": "Calm"}, max_reported=2)
    told = [(row["segment"], row["item"]) for row in few if row["relation"] == "complement"]
    assert sorted(told) == [("Calm", "belt"), ("all", "belt"), ("all", "cola")]


def test_absence_says_nothing_of_what_is_rare_or_of_another_kind(spark: SparkSession) -> None:
    rare: dict[Basket, int] = {("tea",): 60, ("mate",): 60, ("belt",): 400, ("bag",): 480}
    assert run(spark, orders(rare))[0] == []  # 3.6 to be expected; belts and teas are no substitutes
    assert [row["relation"] for row in run(spark, orders(rare), min_expected=3.0, significance=0.05)[0]] == [
        "substitute"
    ]


def test_two_that_are_never_together_are_substitutes_too(spark: SparkSession) -> None:
    never: dict[Basket, int] = {("tea",): 200, ("mate",): 200, ("bag",): 400}
    found, _, _ = run(spark, orders(never))
    assert [(row["item"], row["other"], row["n"], row["lift"]) for row in found] == [("mate", "tea", 0, 0.0)]


def test_two_of_few_baskets_are_substitutes_though_phi_is_near_zero_and_not_if_both_are_often_taken(
    spark: SparkSession,
) -> None:
    few: dict[Basket, int] = {("tea",): 200, ("mate",): 200, ("bag",): 3_000}
    (told,) = run(spark, orders(few), min_support=0.0)[0]
    assert (told["item"], told["other"], told["n"]) == ("mate", "tea", 0)
    assert -0.07 < told["phi"] < -0.06
    wide: dict[Basket, int] = {("tea",): 2_000, ("mate",): 2_000, ("tea", "mate"): 1_000, ("bag",): 1_000}
    assert run(spark, orders(wide))[0] == []  # 1,500 to be expected, surely, but lift 0.67
    assert run(spark, orders(wide), max_lift=0.7)[0] != []


def test_a_segment_has_correlations_of_its_own_and_unknown_customers_count_among_all(spark: SparkSession) -> None:
    calm: dict[Basket, int] = {("tea", "hat"): 40, ("bag",): 200}
    wild: dict[Basket, int] = {("tea",): 80, ("hat",): 80, ("bag",): 80}
    given = [*orders(calm, "ann"), *orders(wild, "bob"), *orders({("bag",): 20}, None)]
    unique = [Order(**{**vars(o), "order_id": f"o{n}"}) for n, o in enumerate(given)]
    found, _, _ = run(spark, unique, {"ann": "Calm", "bob": "Wild"})
    told = {(row["segment"], row["relation"]): row for row in found}
    assert told["Calm", "complement"]["baskets"] == 240
    assert told["Calm", "complement"]["phi"] == pytest.approx(1.0)
    assert ("Wild", "complement") not in told
    assert {row["baskets"] for row in found if row["segment"] == "all"} <= {500}
    assert {row["segment"] for row in run(spark, unique, {"ann": "Calm"}, by_segment=False)[0]} <= {"all"}


def test_categories_are_paired_as_well(spark: SparkSession) -> None:
    mixed: dict[Basket, int] = {
        ("tea", "hat"): 60,
        ("mate", "belt", "cola"): 40,
        ("tea",): 10,
        ("bag", "hat"): 10,
        ("cola",): 300,
    }
    found, _, _ = run(spark, orders(mixed), levels=["category"])
    assert [
        (row["item"], row["other"], row["n"], row["baskets"], row["level"])
        for row in found
        if row["relation"] == "complement"
    ] == []
    assert run(spark, orders({**mixed, ("cola",): 0, ("bag",): 900}), levels=["category"])[1] == []


def test_a_bundle_has_a_price_at_which_both_gain(spark: SparkSession) -> None:
    known = [order(1000 + n, ("belt",), product_costs=[Decimal(4)]) for n in range(5)]
    known += [order(2000 + n, ("hat",), product_costs=[Decimal(6)]) for n in range(5)]
    _, bundles, _ = run(spark, [*orders(SHOP), *known])
    row = bundles[0]
    assert (row["item"], row["other"], row["price_item"], row["cost_item"], row["cost_other"]) == (
        "belt",
        "hat",
        10,
        4,
        6,
    )
    assert (row["price_apart"], row["price_floor"], row["price_together"]) == (20, 16, 19)
    assert (row["n"], row["n_one_only"], row["break_even"]) == (60, 70, 20)  # 60 x 1.00 lost, 3.00 gained by each
    assert row["break_even_share"] == pytest.approx(20 / 70)
    assert row["action_code"] == "sell_together"
    assert row["action"].startswith("Sell Belt and Hat together at 19.00 instead of 20.00: it pays if 29% of those")


def test_without_costs_or_without_room_no_price_is_proposed(spark: SparkSession) -> None:
    _, bundles, _ = run(spark, orders(SHOP))
    assert (bundles[0]["price_floor"], bundles[0]["price_together"]) == (None, None)
    assert bundles[0]["action"].endswith(
        "Belt and Hat side by side; the cost of one of them is not known, so no price can be proposed: map `cost` of "
        "order_lines."
    )
    dear = [order(1000 + n, (item,), product_costs=[Decimal(12)]) for n, item in enumerate(("belt", "hat") * 5)]
    _, bundles, _ = run(spark, [*orders(SHOP), *dear])
    assert bundles[0]["action"].endswith("there is no room for a discount.")
    few: dict[Basket, int] = {**SHOP, ("belt",): 0, ("hat",): 1}
    cheap = [order(1000 + n, (item,), product_costs=[Decimal(5)]) for n, item in enumerate(("belt", "hat") * 2)]
    _, bundles, _ = run(spark, [*orders(few), *cheap])
    assert bundles[0]["action"].startswith("Show Belt and Hat together, at full price")


def test_a_page_holds_what_goes_together_and_no_more_than_fits(spark: SparkSession) -> None:
    family: dict[Basket, int] = {("belt", "hat"): 50, ("belt", "hat", "bag"): 30, ("tea", "cola"): 40, ("mate",): 500}
    _, _, pages = run(spark, orders(family))
    assert [(row["page"], row["position"], row["product_id"], row["closest"]) for row in pages] == [
        (1, 1, "belt", "hat"),
        (1, 2, "hat", "belt"),
        (1, 3, "bag", "belt"),
        (2, 1, "cola", "tea"),
        (2, 2, "tea", "cola"),
    ]
    small = run(spark, orders(family), page_size=2)[2]
    assert [row["product_id"] for row in small] == ["belt", "hat", "cola", "tea"]


def test_exclusions_large_baskets_returns_and_later_orders_do_not_count(spark: SparkSession) -> None:
    given = orders(SHOP)
    noise = [
        order(3000, ("belt", "tea"), ordered_on=AS_OF),
        order(3001, ("belt", "tea"), kind="return"),
        order(3002, ("belt", "hat", "tea", "mate")),
    ]
    found, _, _ = run(spark, [*given, *noise], max_basket_size=3)
    assert {row["baskets"] for row in found} == {1000}
    assert {row["n_item"] for row in found if row["item"] == "belt"} == {90}
    without, _, _ = run(spark, given, exclude_products=["hat"])
    assert {row["relation"] for row in without} == {"substitute"}
    assert run(spark, given, exclude_where={"category": ["wear", "drinks"]})[0] == []


def test_a_catalogue_of_one_kind_is_never_multiplied_with_itself() -> None:
    size = 3_000
    items = np.full((size, 1), 500, np.int64)
    counts = Counts(
        ("all",),
        np.array([1_000]),
        [f"p{n:04}" for n in range(size)],
        ["kind"] * size,
        items,
        np.zeros((0, 2), np.int64),
        np.zeros((0, 1), np.int64),
        1,
    )
    assert alike(counts, 0, AffinityParams(max_pairs=10_000)).shape == (0, 2)
    items[:50] = 900
    assert len(alike(counts, 0, AffinityParams(max_pairs=10_000, min_expected=400.0))) == 50 * 49 / 2


def test_awkward_shops_have_no_affinities(spark: SparkSession, frame: Frame) -> None:
    assert run(spark, []) == ([], [], [])
    assert run(spark, [order(1, ("tea", "mate"))]) == ([], [], [])
    assert run(spark, [order(n, ("tea",), f"c{n}") for n in range(100)]) == ([], [], [])
    assert run(spark, orders({("tea", "mate"): 50}))[0] == []  # always both: no correlation
    made = affinity(
        frame(ORDERS, "order_id"),
        frame(PRODUCTS, "product_id"),
        frame(RFM, "customer_id"),
        params=AffinityParams(),
        as_of=AS_OF,
        stage=staged,
    )
    assert [["as_of", *found.columns] for found in made] == [
        list(t.columns) for t in (AFFINITY, BUNDLES, CATALOGUE_PAGES, AFFINITY_FIT)
    ]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_naive_implementation_agrees_on_random_baskets(spark: SparkSession, seed: int) -> None:
    rng = random.Random(seed)
    names = list(KINDS)
    weights = [rng.uniform(0.1, 0.6) for _ in names]
    given = []
    for n in range(400):
        items = {name for name, weight in zip(names, weights, strict=True) if rng.random() < weight}
        items |= {"hat"} if "belt" in items and rng.random() < 0.5 else set()
        items -= {"mate"} if "tea" in items and rng.random() < 0.7 else set()
        if items:
            given.append(order(n, tuple(items), rng.choice(["ann", "bob", None])))
    segments = {"ann": "Calm", "bob": "Wild"}
    found, _, _ = run(spark, given, segments, min_phi=0.0, max_lift=1.0, significance=0.05, min_support=0.05)
    expected: dict[tuple[str, str, str, str], tuple[int, float, float]] = {}
    least = ceil(len(given) / 20)
    often = {
        pair for pair in combinations(sorted(names), 2) if sum({*pair} <= {*o.product_ids} for o in given) >= least
    }
    for group in ("all", "Calm", "Wild"):
        own = [set(o.product_ids) for o in given if group == "all" or segments.get(o.customer_id or "") == group]
        expected |= {(group, *key): value for key, value in naive(own, often).items()}
    assert {(row["segment"], row["relation"], row["item"], row["other"]) for row in found} == set(expected)
    for row in found:
        n, phi, q = expected[row["segment"], row["relation"], row["item"], row["other"]]
        assert row["n"] == n
        assert row["phi"] == pytest.approx(phi)
        assert row["q_value"] == pytest.approx(q, rel=1e-6)


def naive(baskets: list[set[str]], often: set[tuple[str, str]]) -> dict[tuple[str, str, str], tuple[int, float, float]]:
    """n, phi and q of every significant pair, by relation; complements are sought among those `often` together."""
    total = len(baskets)
    single = Counter(item for basket in baskets for item in basket)
    pairs = {pair: sum(set(pair) <= basket for basket in baskets) for pair in combinations(sorted(single), 2)}
    p: dict[str, dict[tuple[str, str], float]] = {"complement": {}, "substitute": {}}
    for (a, b), n in pairs.items():
        if n >= 10 and (a, b) in often:
            p["complement"][a, b] = float(hypergeom.sf(n - 1, total, single[a], single[b]))
        if KINDS[a] and KINDS[a] == KINDS[b] and single[a] * single[b] >= 10 * total:
            p["substitute"][a, b] = float(hypergeom.cdf(n, total, single[a], single[b]))
    found = {}
    for relation, tests in p.items():
        for pair, q in zip(tests, false_discovery_control(list(tests.values())) if tests else [], strict=True):
            one, two = (single[item] for item in pair)
            phi = (pairs[pair] * total - one * two) / sqrt(one * (total - one) * two * (total - two))
            if q <= 0.05 and (phi > 0) == (relation == "complement"):
                found[relation, *pair] = (pairs[pair], phi, float(q))
    return found
