"""One profile per person: what they are, did, looked for and pay; and that nobody is dropped."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from generator import writing
from generator.world import AS_OF as GENERATED_AS_OF
from generator.world import World
from persons import AS_OF, KEY, Found, Persons
from pyspark.sql import functions as F

from conftest import Frame
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.jobs.customer360.attributes import age_years, is_plausible, zodiac_sign
from vitalfew.jobs.customer360.transform import Customer360Params
from vitalfew.jobs.orders.assembly import build
from vitalfew.jobs.orders.customer_profile import customer_profile
from vitalfew.jobs.orders.line_kinds import understood
from vitalfew.storage.delta import Storage
from vitalfew.tables import facts, sources

ORDERS = """
    order_id | customer_id | ordered_at       | ordered_on | kind   | net_amount | channel | product_ids | product_pieces | product_amounts
    o1       | ann         | 2024-01-01 09:00 | 2024-01-01 | sale   |         30 | store   | [tea, pot]  | [2, 1]         | [10, 20]
    o2       | ann         | 2024-02-05 21:00 | 2024-02-05 | sale   |          6 | app     | [tea]       | [1]            | [6]
    o3       | ann         | 2024-02-12 21:30 | 2024-02-12 | sale   |          5 | app     | [tea]       | [1]            | [5]
    o4       | ann         | 2024-02-13 10:00 | 2024-02-13 | return |         -5 | store   | [tea]       | [-1]           | [-5]
    o5       | anna        | 2024-03-01 08:00 | 2024-03-01 | sale   |          4 | ~       | [tea]       | [1]            | [4]
    o6       | ~           | 2024-03-01 08:00 | 2024-03-01 | sale   |          9 | store   | [tea]       | [1]            | [9]
    o7       | ann         | 2024-07-01 08:00 | 2024-07-01 | sale   |         99 | web     | [tea]       | [1]            | [99]
"""
EVENTS = """
    customer_id | happened_at      | kind     | product_id | channel | detail | value
    ann         | 2023-12-24 20:00 | campaign | ~          | mail    | xmas   | ~
    ann         | 2024-02-01 10:00 | Search   | cup        | web     | ~      | ~
    anna        | 2024-02-02 10:00 | view     | cup        | web     | ~      | ~
    ann         | 2024-02-03 10:00 | view     | tea        | web     | ~      | ~
    ann         | 2024-02-04 10:00 | view     | tea        | web     | ~      | ~
    ann         | 2024-02-20 10:00 | review   | tea        | web     | ~      | 4
    ann         | 2024-02-21 10:00 | review   | pot        | web     | ~      | 1
    ann         | 2024-02-22 10:00 | review   | pot        | web     | ~      | nan
    ann         | 2024-02-23 10:00 | coupon   | ~          | ~       | 10 %   | ~
    ann         | 2024-02-24 10:00 | dance    | ~          | web     | ~      | ~
    dan         | 2024-02-24 10:00 | search   | ~          | web     | cups   | ~
    ~           | 2024-02-24 10:00 | view     | cup        | web     | ~      | ~
    ann         | 2024-07-01 00:00 | view     | cup        | web     | ~      | ~
"""
PROFILE = """
    customer_id | is_registered | is_member | joined_on  | birth_date | gender | region | legal_form
    ann         | true          | false     | 2023-01-01 | 1980-07-02 | ~      | north  | ~
    anna        | true          | true      | 2024-01-01 | 2025-01-01 | female | south  | ~
    eve         | true          | ~         | ~          | 1850-01-01 | ~      | ~      | limited
    bob         | false         | ~         | ~          | ~          | ~      | ~      | ~
"""
CONTACTS = """
    customer_id | kind  | value
    ann         | email | ann@mail.example
    anna        | email | ann@mail.example
    anna        | phone | 000
    fay         | email | fay@mail.example
"""
PRODUCTS = """
    product_id | category | subcategory | brand | is_available
    tea        | drinks   | tea         | leaf  | true
    pot        | kitchen  | pots        | iron  | true
    cup        | kitchen  | cups        | iron  | false
"""


@pytest.fixture(scope="module")
def storage(running: Engine, tmp_path_factory: pytest.TempPathFactory) -> Storage:
    return Storage(running, Target(root=str(tmp_path_factory.mktemp("customer360"))))


@pytest.fixture(scope="module")
def persons(frame: Frame, storage: Storage) -> Persons:
    return Persons(frame, storage.stage)


@pytest.fixture(scope="module")
def found(persons: Persons) -> Found:
    given = {"wants_days": None}
    return persons.run(given=given, orders=ORDERS, events=EVENTS, profile=PROFILE, contacts=CONTACTS, products=PRODUCTS)


# Who they are and what they did


@pytest.mark.both_engines
def test_a_profile_fuses_all_accounts_of_a_person(found: Found) -> None:
    ann = found.person("ann")
    expected = {
        "accounts": 2,
        "is_registered": True,
        "is_member": True,
        "joined_on": date(2023, 1, 1),
        "age_years": 43,  # the birth date of anna lies in the future
        "zodiac_sign": "Cancer",
        "gender": "female",
        "region": "south",  # said last
        "orders": 4,
        "net_amount": Decimal("40.00"),
        "first_order_on": date(2024, 1, 1),
        "last_order_on": date(2024, 3, 1),
        "favourite_channel": "app",
        "favourite_weekday": 1,
        "favourite_hour": 21,
        "favourite_category": "drinks",
        "favourite_brand": "leaf",
        "first_touch_at": datetime.fromisoformat("2023-12-24 20:00"),
        "first_touch_channel": "mail",
        "first_touch_kind": "campaign",
        "last_touch_at": datetime.fromisoformat("2024-03-01 08:00"),
        "last_touch_channel": "unknown",
        "last_touch_kind": "order",
        "search_events": 1,
        "view_events": 3,
        "cart_events": 0,
        "review_events": 3,
        "campaign_events": 1,
        "coupon_events": 1,
        "other_events": 1,
        "mean_rating": 2.5,
        "unmet_demand": 1,
        "coupons_per_order": 0.25,
        "price_type": "unknown",
    }
    assert {name: ann[name] for name in expected} == expected


def test_everybody_whom_any_source_knows_has_a_profile(found: Found) -> None:
    assert {row["person_id"] for row in found.persons} == {"ann", "dan", "eve", "fay"}
    dan, eve = found.person("dan"), found.person("eve")
    assert (dan["is_registered"], dan["orders"], dan["search_events"], dan["coupons_per_order"]) == (False, 0, 1, None)
    assert (eve["age_years"], eve["zodiac_sign"], eve["legal_form"], eve["last_touch_at"]) == (
        None,
        None,
        "limited",
        None,
    )


@pytest.mark.both_engines
def test_coverage_counts_every_order_event_and_contact_once(found: Found) -> None:
    rows = {
        (r["is_known"], r["is_registered"], r["has_orders"], r["has_events"], r["has_contacts"]): r
        for r in found.coverage
    }
    assert {key: row["customers"] for key, row in rows.items()} == {
        (True, True, True, True, True): 2,
        (True, False, False, True, False): 1,
        (True, True, False, False, False): 1,
        (True, False, False, False, True): 1,
        (False, False, True, True, False): 0,
    }
    assert sum(row["orders"] for row in found.coverage) == 6
    assert sum(row["net_amount"] for row in found.coverage) == 49
    assert sum(row["events"] for row in found.coverage) == 12
    assert (
        rows[True, True, True, True, True]["contacts"],
        rows[True, True, True, True, True]["unusable_contacts"],
    ) == (3, 1)
    assert sum(row["implausible_birth_dates"] for row in found.coverage) == 2
    assert rows[True, False, False, True, False]["meaning"] == "in events; not in customers, orders and contacts"
    assert rows[True, True, True, True, True]["meaning"] == "in customers, orders, events and contacts"
    assert rows[False, False, True, True, False]["meaning"] == "orders and events of unknown customers"
    kept = rows[True, False, False, True, False]
    assert (kept["meaning_code"], kept["meaning_values"]["there"]) == ("partly", '["events"]')


def test_touches_say_first_and_last_of_each_channel(found: Found) -> None:
    touches = {row["channel"]: row for row in found.touches if row["person_id"] == "ann"}
    assert set(touches) == {"store", "app", "web", "mail", "unknown"}
    store, web = touches["store"], touches["web"]
    assert (str(store["first_at"]), str(store["last_at"])) == ("2024-01-01 09:00:00", "2024-02-13 10:00:00")
    assert (store["orders"], store["net_amount"], store["events"]) == (1, 25, 0)
    assert (web["first_kind"], web["last_kind"], web["orders"], web["events"]) == ("search", "dance", 0, 8)


def test_what_was_sought_over_all_accounts_and_never_bought_is_wanted(found: Found) -> None:
    (want,) = found.wants
    assert (want["person_id"], want["product_id"], want["searches"], want["views"]) == ("ann", "cup", 1, 1)
    assert want["is_available"] is False
    assert want["action_code"] == "unavailable"
    assert want["action"].startswith("Notify them when it is back")


def test_actions_for_wants_go_by_what_was_done(persons: Persons) -> None:
    events = """
        customer_id | happened_at      | kind | product_id
        ann         | 2024-06-01 10:00 | cart | cup
        ann         | 2024-06-01 10:00 | view | pan
    """
    wants = persons.run(events=events, given={"least_signs": 1}).wants
    actions = {row["product_id"]: row["action"].split()[0] for row in wants}
    assert actions == {"cup": "Remind", "pan": "Show"}


def test_wants_grow_old_and_a_kind_is_one_however_it_is_written(persons: Persons) -> None:
    events = """
        customer_id | happened_at      | kind | product_id
        ann         | 2024-04-01 23:59 | cart | cup
        ann         | 2024-04-02 00:00 | Cart | pan
        ann         | 2024-06-30 23:59 | VIEW | pan
    """
    found = persons.run(events=events)
    assert [(row["product_id"], row["carts"], row["views"]) for row in found.wants] == [("pan", 1, 1)]
    assert (found.person("ann")["cart_events"], found.person("ann")["unmet_demand"]) == (2, 1)
    asked = {"least_signs": 1, "wants_days": None}
    assert {row["product_id"] for row in persons.run(events=events, given=asked).wants} == {"cup", "pan"}
    assert {row["product_id"] for row in persons.run(events=events, given={"least_signs": 1}).wants} == {"pan"}


@pytest.mark.both_engines
def test_age_and_sign_turn_on_their_days(frame: Frame) -> None:
    days = {
        "2000-06-30": (24, "Cancer"), "2000-07-01": (24, "Cancer"), "2000-07-02": (23, "Cancer"),
        "2000-01-19": (24, "Capricorn"), "2000-01-20": (24, "Aquarius"), "1999-12-22": (24, "Capricorn"),
        "1999-12-21": (24, "Sagittarius"), "2000-02-29": (24, "Pisces"), "1904-07-01": (120, "Cancer"),
    }  # fmt: skip
    impossible = ["2024-07-01", "2200-01-01", "1903-01-01", "~"]
    drawn = "birth_date\n" + "\n".join([*days, *impossible])
    rows = (
        frame(sources.CUSTOMERS, drawn)
        .select("birth_date", is_plausible(AS_OF), age_years(AS_OF), zodiac_sign())
        .collect()
    )
    assert {str(row[0]): (row[2], row[3]) for row in rows if row[1]} == days


# What they pay


def test_positions_are_the_share_of_pieces_sold_cheaper(persons: Persons) -> None:
    ann = persons.run(orders=ORDERS, products=PRODUCTS).person("ann")
    # tea: 4, 5 (three pieces), 6 and 9, of 6; those of ann: 5 (as two pieces), 6, 5; pots have one price
    place = [(1 + 1.5) / 6, (4 + 0.5) / 6, (1 + 1.5) / 6]
    assert ann["priced_purchases"] == 3
    assert ann["price_position"] == pytest.approx(sum(place) / 3, abs=2e-6)
    mean = sum(place) / 3
    assert ann["price_position_error"] == pytest.approx((sum((p - mean) ** 2 for p in place) / 2 / 3) ** 0.5, abs=1e-5)
    assert ann["promotion_share"] == 0.0


def test_prices_of_random_orders_are_those_of_a_naive_count(persons: Persons) -> None:
    dice = random.Random(8)
    brands = {f"p{n}": (f"kind{n % 3}", f"brand{n % 2}") for n in range(9)}
    lines: list[tuple[str, str, int, int]] = []
    orders = [
        "order_id | customer_id | ordered_at | ordered_on | kind | net_amount | product_ids | product_pieces | product_amounts"
    ]
    for n in range(150):
        who, product = dice.choice(["ann", "bob", "cat"]), f"p{dice.randrange(9)}"
        pieces, price = dice.randrange(1, 5), 10 + int(product[1]) - 3 * dice.randrange(2)
        lines.append((who, product, pieces, price))
        orders.append(
            f"o{n} | {who} | 2024-01-01 09:00 | 2024-01-01 | sale | 1 | [{product}] | [{pieces}] | [{pieces * price}]"
        )
    products = "product_id | category | subcategory | brand\n" + "\n".join(
        f"{p} | c | {k} | {b}" for p, (k, b) in brands.items()
    )
    found = persons.run(orders="\n".join(orders), products=products, given={"promotion_discount": 0.2})
    for who in ("ann", "bob", "cat"):
        own = [line for line in lines if line[0] == who]
        expected = naive(own, lines, brands)
        person = found.person(who)
        for name, value in expected.items():
            assert person[name] == pytest.approx(value, abs=2e-6), (who, name)


def naive(own: list[Any], lines: list[Any], brands: dict[str, tuple[str, str]]) -> dict[str, float]:
    """Position, promotions and leaders, purchase by purchase."""
    places, promotions, leading, usual = [], 0, 0, 0.0
    for _, product, _, price in own:
        kind = brands[product][0]
        like = [(pieces, p) for _, other, pieces, p in lines if brands[other][0] == kind]
        total = sum(pieces for pieces, _ in like)
        below, at = (sum(n for n, p in like if p < price), sum(n for n, p in like if p == price))
        places.append((below + at / 2) / total)
        sold = sorted(p for _, other, pieces, p in lines if other == product for _ in range(pieces))
        promotions += price <= 0.8 * sold[(len(sold) - 1) // 2]
        counted = Counter(brands[other][1] for _, other, _, _ in lines if brands[other][0] == kind)
        leader = min(counted, key=lambda brand: (-counted[brand], brand))
        leading += brands[product][1] == leader
        usual += counted[leader] / sum(counted.values())
    n = len(own)
    return {
        "price_position": sum(places) / n,
        "promotion_share": promotions / n,
        "leader_share": leading / n,
        "usual_leader_share": usual / n,
        "branded_purchases": n,
    }


BUYERS = {
    "careless": (20, 200, "big"),  # always dear
    "quality": (20, 200, "big"),  # dear, half of it on promotion
    "bargain": (20, 100, "small"),
    "loyal": (20, 150, "big"),
    "mixed": (20, 150, "small"),
    "rare": (5, 200, "big"),
}


def test_types_go_by_the_rules_in_their_order(persons: Persons) -> None:
    lines = [
        "order_id | customer_id | ordered_at | ordered_on | kind | net_amount | product_ids | product_pieces | product_amounts"
    ]
    products = ["product_id | subcategory | brand"]
    for kind in range(20):
        products += [
            f"{size}{kind}-{price} | kind{kind} | {size}" for size in ("big", "small") for price in (100, 150, 200)
        ]
    for who, (count, price, size) in BUYERS.items():
        for n in range(count):
            lines.append(order(f"{who}{n}", who, f"{size}{n}-{price}", price))
            if who == "quality":  # half price of a product whose usual price others pay
                lines.append(order(f"{who}{n}b", who, f"big{n}-200", 160 if n % 2 else 200))
    for n in range(20):  # everybody else: each price and size
        lines += [order(f"x{n}{s}{p}", "~", f"{s}{n}-{p}", p) for s in ("big", "small") for p in (100, 150, 200)]
    given = {"least_leader_excess": 0.3, "premium_position": 0.6, "cheap_position": 0.3}
    found = persons.run(orders="\n".join(lines), products="\n".join(products), given=given)
    types = {row["person_id"]: row["price_type"] for row in found.persons}
    assert types == {
        "careless": "price-insensitive",
        "quality": "quality-seeking",
        "bargain": "bargain-seeking",
        "loyal": "safety-seeking",
        "mixed": "balanced",
        "rare": "unknown",
    }
    evidence = {row["person_id"]: row["price_evidence"] for row in found.persons}
    assert evidence["rare"] == "5 priced purchases, fewer than 10"
    assert re.match(r"4\d% of what is sold of the kind is cheaper than their purchases", evidence["loyal"])
    assert "100% from best-selling brands" in evidence["loyal"]
    assert len({row["action"] for row in found.persons}) == 6
    for row in found.persons:
        assert row["action_code"] == row["price_type"].replace("-", "_")
        assert row["price_evidence_code"] == ("few" if row["price_type"] == "unknown" else "numbers")
        assert row["price_evidence_values"]["purchases"] == str(row["priced_purchases"])


def order(order_id: str, who: str, product: str, cents: int) -> str:
    return f"{order_id} | {who} | 2024-01-01 09:00 | 2024-01-01 | sale | 1 | [{product}] | [1] | [{cents / 100}]"


# Hostile inputs


def test_nothing_at_all_gives_empty_tables(persons: Persons) -> None:
    found = persons.run()
    assert found == Found([], [], [], [], [], [])


def test_events_without_orders_and_orders_without_events_are_profiles(persons: Persons) -> None:
    by_events = persons.run(events=EVENTS)
    assert {row["person_id"]: row["orders"] for row in by_events.persons} == {"ann": 0, "anna": 0, "dan": 0}
    by_orders = persons.run(orders=ORDERS)
    assert {row["person_id"]: row["view_events"] for row in by_orders.persons} == {"ann": 0, "anna": 0}
    assert by_orders.person("ann")["favourite_category"] is None


def test_customers_who_are_all_null_are_counted_only(persons: Persons) -> None:
    orders, events = (
        ORDERS.replace("| ann ", "| ~ ").replace("| anna ", "| ~ "),
        "kind | happened_at \n view | 2024-01-01",
    )
    found = persons.run(orders=orders, events=events)
    assert (found.persons, found.identities, found.touches) == ([], [], [])
    assert [(row["customers"], row["orders"], row["events"]) for row in found.coverage] == [(0, 6, 1)]


def test_free_and_worthless_pieces_have_no_price(persons: Persons) -> None:
    orders = """
        order_id | customer_id | ordered_at       | ordered_on | kind | net_amount | product_ids   | product_pieces | product_amounts
        o1       | ann         | 2024-01-01 09:00 | 2024-01-01 | sale |          0 | [tea, pot]    | [1, 0]         | [0, 5]
        o2       | ann         | 2024-01-01 09:00 | 2024-01-01 | sale |         -1 | [tea, ghost]  | [-1, 1]        | [-1, 2]
        o3       | ann         | 2024-01-01 09:00 | 2024-01-01 | sale |          0 | []            | []             | []
    """
    ann = persons.run(orders=orders, products=PRODUCTS).person("ann")
    assert (ann["priced_purchases"], ann["price_position"], ann["promotion_share"]) == (0, None, 0.0)
    assert ann["leader_share"] is None


def test_one_customer_with_very_many_orders_stays_within_exact_sums(persons: Persons, storage: Storage) -> None:
    spark = storage.spark
    drawn = persons.frame(sources.PRODUCTS, PRODUCTS)
    many = spark.range(200_000).select(
        F.concat(F.lit("o"), F.col("id").cast("string")).alias("order_id"),
        F.lit("ann").alias("customer_id"),
        F.timestamp_seconds(F.lit(1_700_000_000) + F.col("id")).alias("ordered_at"),
        F.lit(date(2024, 1, 1)).alias("ordered_on"),
        F.lit("sale").alias("kind"),
        F.lit(1).cast("decimal(28,2)").alias("net_amount"),
        F.array(F.lit("tea")).alias("product_ids"),
        F.array(F.lit(1).cast("decimal(28,3)")).alias("product_pieces"),
        F.array((F.col("id") % 2 + 1).cast("decimal(28,2)")).alias("product_amounts"),
    )
    orders = many.select(
        *[
            F.col(c.name) if c.name in many.columns else F.lit(None).cast(c.type).alias(c.name)
            for c in facts.ORDERS.declared
        ]
    )
    empty = [storage.empty(table) for table in (facts.CUSTOMER_PROFILE, sources.EVENTS, sources.CONTACTS)]
    found = persons.found([orders, *empty, drawn], AS_OF, Customer360Params())
    ann = found.person("ann")
    assert (ann["orders"], ann["priced_purchases"], ann["price_position"]) == (200_000, 200_000, 0.5)


# What was planted


@pytest.fixture(scope="module")
def planted(
    persons: Persons, storage: Storage, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Found, dict[str, Any]]:
    root, spark = tmp_path_factory.mktemp("shop"), storage.spark
    writing.write(spark, World(100_000, seed=5, dirty=0), root)
    made = {path.name: writing.load(spark, path) for path in root.iterdir() if path.is_dir()}
    orders = storage.stage(build(understood(made["order_lines"], made["products"]), 0, storage.stage))
    frames = [orders, customer_profile(orders, made["customers"]), made["events"], made["contacts"], made["products"]]
    found = persons.found(frames, GENERATED_AS_OF, Customer360Params(hash_key=KEY, country_code="43", wants_days=None))
    return found, {name: frame.collect() for name, frame in made.items() if name.startswith("truth_")}


def test_planted_accounts_of_one_person_are_joined_and_no_others(planted: tuple[Found, dict[str, Any]]) -> None:
    found, truth = planted
    expected = {row["customer_id"]: row["person_id"] for row in truth["truth_identities"]}
    assert len(expected) > 150
    assert found.joined == expected
    shared = [row for row in found.doubts if row["subject"] == "identifier"]
    assert [(row["rule"], row["accounts"] > 30) for row in shared] == [("phone", True)]


def test_price_positions_rise_with_the_planted_ones_and_types_fit(planted: tuple[Found, dict[str, Any]]) -> None:
    found, truth = planted
    plain = {
        r["customer_id"]: r for r in truth["truth_customers"] if not r["is_follower"] and r["segment"] != "dropping"
    }
    known = [
        (row, plain[row["person_id"]])
        for row in found.persons
        if row["accounts"] == 1 and row["person_id"] in plain and row["priced_purchases"] >= 10
    ]
    assert len(known) > 800
    assert correlation([(row["price_position"], t["mean_variant"]) for row, t in known]) > 0.92
    types: dict[str, Counter[str]] = defaultdict(Counter)
    for row, told in known:
        types[told["style"]][row["price_type"]] += 1
    assert types["evening gourmet"]["price-insensitive"] > 0.9 * types["evening gourmet"].total()
    assert types["weekday bargain"]["bargain-seeking"] > 0.75 * types["weekday bargain"].total()
    assert types["weekend family"]["balanced"] > 0.85 * types["weekend family"].total()


def correlation(pairs: list[tuple[float, float]]) -> float:
    n = len(pairs)
    a, b = (sum(pair[i] for pair in pairs) / n for i in (0, 1))
    moments = [sum((x - a) ** 2 for x, _ in pairs), sum((y - b) ** 2 for _, y in pairs)]
    return float(sum((x - a) * (y - b) for x, y in pairs) / (moments[0] * moments[1]) ** 0.5)


def test_what_was_wanted_and_never_bought_is_found(planted: tuple[Found, dict[str, Any]]) -> None:
    found, truth = planted
    person = {row["customer_id"]: row["person_id"] for row in found.identities}
    expected = {(person[row["customer_id"]], row["product_id"]) for row in truth["truth_wanted"]}
    searched = {(row["person_id"], row["product_id"]) for row in found.wants if row["searches"] >= 3}
    assert len(expected) > 50
    assert searched == expected
