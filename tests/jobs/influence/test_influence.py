"""Who moves others: drawn graphs, naive second implementations, and planted truth."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession
from staged import staged

from conftest import Frame
from vitalfew.jobs.influence.params import InfluenceParams
from vitalfew.jobs.influence.report import REPORT
from vitalfew.jobs.influence.tables import (
    CUSTOMER_INFLUENCE,
    INFLUENCE_CHECK,
    INFLUENCE_EDGES,
    INFLUENCE_TOTALS,
)
from vitalfew.jobs.influence.transform import influence
from vitalfew.messages.words import Words
from vitalfew.report.sections import Asked
from vitalfew.tables import Table
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.sources import CONTACTS, CUSTOMERS, EVENTS, REFERRALS

AS_OF = date(2025, 7, 1)
START = AS_OF - timedelta(days=180)
EUROS = Words("en", "EUR")
WRITES = (CUSTOMER_INFLUENCE, INFLUENCE_EDGES, INFLUENCE_CHECK, INFLUENCE_TOTALS)
Row = dict[str, Any]


def params(**given: Any) -> InfluenceParams:
    return InfluenceParams.model_validate_json(json.dumps(given))


def local(spark: SparkSession, table: Table, rows: list[Row]) -> DataFrame:
    types = ", ".join(f"{column.name} {column.type}" for column in table.declared)
    return spark.createDataFrame([tuple(row.get(name) for name in table.columns) for row in rows], types)


def frames(spark: SparkSession, orders: DataFrame, as_of: date = AS_OF, **given: Any) -> dict[str, DataFrame]:
    """What the job makes of these tables; those that are not given are empty."""
    settings = given.pop("params", {})
    tables: dict[str, Any] = {"referrals": REFERRALS, "contacts": CONTACTS, "customers": CUSTOMERS, "events": EVENTS}
    read = [given.get(name, local(spark, table, [])) for name, table in tables.items()]
    made = influence(orders, *read, params=params(**settings), as_of=as_of, stage=staged, words=EUROS)
    return dict(zip([table.name for table in WRITES], made, strict=True))


def rows_of(made: dict[str, DataFrame]) -> dict[str, list[Row]]:
    """All rows of all tables, each held to its contract."""
    found = {}
    for table in WRITES:
        frame = made[table.name]
        assert ["as_of", *frame.columns] == list(table.columns)
        broken = " or ".join(f"not coalesce(({rule}), false)" for rule in table.always)
        assert frame.where(broken).collect() == []
        rows = [row.asDict() for row in frame.collect()]
        keys = [tuple(row[name] for name in table.key if name != "as_of") for row in rows]
        assert len({*keys}) == len(keys)
        for row in rows:
            assert all(row[name] is not None for name in table.required if name != "as_of")
            assert all(row[name] in values for name, values in table.values.items())
        found[table.name] = [row for _, row in sorted(zip(keys, rows, strict=True), key=lambda pair: pair[0])]
    return found


def totals(found: dict[str, list[Row]]) -> Row:
    (row,) = found["influence_totals"]
    return row


def sale(customer: str | None, day: date, *products: str, amount: str = "10", kind: str = "sale") -> Row:
    return {
        "order_id": f"{customer}-{day}-{products}",
        "customer_id": customer,
        "ordered_at": datetime.fromisoformat(f"{day} 09:00"),
        "ordered_on": day,
        "kind": kind,
        "net_amount": Decimal(amount),
        "product_ids": list(products),
    }


@pytest.fixture
def orders(frame: Frame) -> DataFrame:
    return frame(
        ORDERS,
        """
        order_id | customer_id | ordered_on | kind   | net_amount | product_ids
        ---------+-------------+------------+--------+------------+------------
        o1       | ann         | 2025-01-01 | sale   |     100.00 | [tea]
        o2       | bob         | 2025-02-01 | sale   |      50.00 | [tea]
        o3       | cat         | 2025-03-01 | sale   |      30.00 | [cup]
        o4       | cat         | 2025-03-05 | return |      -0.01 | [cup]
        o5       | dan         | 2025-01-15 | sale   |      10.01 | [pot]
        o6       | eve         | 2024-06-01 | sale   |       7.00 | [pot]
        o7       | fay         | 2025-07-01 | sale   |     999.00 | [pot]
        o8       | ~           | 2025-02-02 | sale   |     500.00 | [tea]
        o9       | out         | 2025-02-02 | sale   |     500.00 | [tea]
        """,
    )


BROUGHT = """
    referrer_id | customer_id | referred_at
    ------------+-------------+-----------------
    ann         | bob         | 2025-01-20 08:00
    cat         | bob         | 2025-01-21 08:00
    bob         | cat         | 2025-03-01 23:00
    ann         | dan         | 2025-01-10 08:00
    ann         | ann         | 2024-12-01 08:00
    ann         | eve         | 2025-01-10 08:00
    gus         | fay         | 2025-06-30 08:00
    dan         | out         | 2025-07-01 00:00
    """


@pytest.mark.both_engines
def test_the_first_referral_counts_and_value_is_passed_up_once(
    spark: SparkSession, frame: Frame, orders: DataFrame
) -> None:
    found = rows_of(frames(spark, orders, referrals=frame(REFERRALS, BROUGHT), params={"passed_share": 0.25}))
    edges = {(row["influencer_id"], row["customer_id"]) for row in found["influence_edges"]}
    assert edges == {("ann", "bob"), ("bob", "cat"), ("ann", "dan"), ("gus", "fay")}
    people = {row["customer_id"]: row for row in found["customer_influence"]}
    names = ("own_value", "received_value", "passed_value", "network_value", "brought_customers", "brought_value")
    cents = {who: tuple(str(row[name]) for name in names) for who, row in people.items()}
    assert cents == {
        "ann": ("100.00", "16.88", "0.00", "116.88", "2", "60.01"),
        "bob": ("50.00", "7.50", "14.38", "43.12", "1", "29.99"),
        "cat": ("29.99", "0.00", "7.50", "22.49", "0", "0.00"),
        "dan": ("10.01", "0.00", "2.50", "7.51", "0", "0.00"),
        "gus": ("0.00", "0.00", "0.00", "0.00", "1", "0.00"),
        "fay": ("0.00", "0.00", "0.00", "0.00", "0", "0.00"),
    }
    assert people["ann"]["rank"] == 1
    assert {who: row["finding_code"] for who, row in people.items()} == {
        "ann": "asleep",
        "bob": "brings",
        "gus": "no_buyers",
        **dict.fromkeys(("cat", "dan", "fay"), "follower"),
    }
    assert people["bob"]["finding"].startswith(
        "Thank them and ask for the next one: they brought 1 customer, who spent"
    )
    whole = totals(found)
    counted = ("referrals", "self_referrals", "repeated_referrals", "late_referrals", "unknown_referrers", "edges")
    assert tuple(whole[name] for name in counted) == (7, 1, 1, 1, 1, 4)
    assert (str(whole["brought_value"]), str(whole["all_value"]), whole["loop_customers"]) == ("90.00", "697.00", 0)


def test_a_ring_of_referrals_is_counted_and_comes_to_an_end(spark: SparkSession, orders: DataFrame) -> None:
    when = datetime.fromisoformat("2024-01-01")
    ring = [("ann", "bob"), ("bob", "cat"), ("cat", "ann"), ("cat", "dan"), ("eve", "eve")]
    rows = [{"referrer_id": a, "customer_id": b, "referred_at": when} for a, b in ring]
    found = rows_of(frames(spark, orders, referrals=local(spark, REFERRALS, rows), params={"passed_share": 0.5}))
    whole = totals(found)
    assert (whole["loop_customers"], whole["self_referrals"], whole["edges"]) == (3, 1, 4)
    assert whole["network_value"] == whole["own_value"] == Decimal("190.00")


def test_a_page_shows_nothing_of_few_people(spark: SparkSession, frame: Frame, orders: DataFrame) -> None:
    made = frames(spark, orders, referrals=frame(REFERRALS, BROUGHT))
    (section,) = REPORT.sections(made, Asked(None, AS_OF, min_group=5))
    assert section.facts[0].code == "few"
    assert REPORT.evidence(made, Asked(None, AS_OF, min_group=5)) == []
    (section,) = REPORT.sections(made, Asked(None, AS_OF, min_group=4))
    assert [line.code for line in section.facts] == ["brought", "left_out", "unknown"]
    (evidence,) = REPORT.evidence(made, Asked(None, AS_OF, min_group=4))
    said = "**4 customers were brought** by 3 others: they spent €90.00, 12.9% of all."
    assert evidence.answer.text(EUROS) == said
    assert [row["customer_id"] for row in evidence.charts[0].rows] == ["ann", "bob"]


def test_of_referrals_of_one_moment_the_least_referrer_counts_and_white_space_does_not(
    spark: SparkSession, orders: DataFrame
) -> None:
    when = datetime.fromisoformat("2024-01-01")
    said = [("dan ", "bob"), (" ann", "bob"), ("", "cat"), ("ann", " ann")]
    rows = [{"referrer_id": a, "customer_id": b, "referred_at": when} for a, b in said]
    found = rows_of(frames(spark, orders, referrals=local(spark, REFERRALS, rows)))
    assert [(row["influencer_id"], row["customer_id"]) for row in found["influence_edges"]] == [("ann", "bob")]


def shop(dice: random.Random, customers: int, products: int) -> list[Row]:
    """Everybody bought something before START, and random products at random times after it."""
    rows = [sale(f"c{n}", START - timedelta(days=dice.randrange(1, 90)), "old") for n in range(customers)]
    for n in range(customers):
        for _ in range(dice.randrange(8)):
            day = START + timedelta(days=dice.randrange(180))
            amount = str(Decimal(dice.randrange(-500, 5000)) / 100)
            rows.append(sale(f"c{n}", day, *{f"p{dice.randrange(products)}" for _ in range(2)}, amount=amount))
    return rows


def naive_check(
    rows: list[Row], tied: set[tuple[str, str]], days: int, shuffles: int = 400
) -> tuple[int, int, float, float]:
    """Pairs, followed, and mean and variance by matrices: the variance from many shuffles is not needed, as the moments
    themselves are tested against all shuffles elsewhere; here the mean is checked, and z by its own draw of shuffles."""
    people = {who for pair in tied for who in pair}
    first: dict[tuple[str, str], date] = {}
    for row in sorted(rows, key=lambda row: row["ordered_on"]):
        if row["kind"] == "sale" and row["customer_id"] in people:
            for product in row["product_ids"]:
                first.setdefault((row["customer_id"], product), row["ordered_on"])
    of_product: dict[str, dict[str, int]] = {}
    for (who, product), day in first.items():
        if day >= START:
            of_product.setdefault(product, {})[who] = (day - START).days
    dice = np.random.default_rng(1)
    pairs, seen, mean, variance = 0, 0, 0.0, 0.0
    for bought in of_product.values():
        names = sorted(bought)
        ties = np.array([[int((a, b) in tied) for b in names] for a in names])
        if not ties.sum():
            continue
        on = np.array([bought[name] for name in names])

        def count(day: Any, ties: Any = ties) -> int:
            gap = day[None, :] - day[:, None]
            return int((ties * ((gap > 0) & (gap <= days))).sum())

        drawn = [count(dice.permutation(on)) for _ in range(shuffles)]
        pairs, seen = pairs + int(ties.sum()), seen + count(on)
        mean, variance = mean + float(np.mean(drawn)), variance + float(np.var(drawn))
    return pairs, seen, mean, variance


def naive_groups(rows: list[Row], brought: dict[str, str], days: int) -> tuple[int, float, float]:
    """How many brought others in these pairs, how much more often than by chance they are followed later, and by how
    much they differ: pair by pair."""
    first: dict[tuple[str, str], date] = {}
    for row in sorted(rows, key=lambda row: row["ordered_on"]):
        if row["customer_id"] in {*brought, *brought.values()} and row["kind"] == "sale":
            for product in row["product_ids"]:
                first.setdefault((product, row["customer_id"]), row["ordered_on"])
    first = {key: day for key, day in first.items() if day >= START}
    found: dict[str, list[float]] = {}
    for product, who in first:
        if (product, brought.get(who, "")) not in first:
            continue
        buyers = [day for (other, _), day in first.items() if other == product]
        gaps = [(b - a).days for n, a in enumerate(buyers) for m, b in enumerate(buyers) if n != m]
        gap = (first[product, who] - first[product, brought[who]]).days
        four = found.setdefault(brought[who], [0.0] * 4)
        for place, (low, high) in enumerate(((1, days), (days + 1, 2 * days))):
            four[2 * place] += low <= gap <= high
            four[2 * place + 1] += sum(low <= each <= high for each in gaps) / len(gaps)
    _, expected, later, expected_later = (sum(column) for column in zip(*found.values(), strict=True))
    rhythm = max(1.0, later / expected_later)
    drawn = expected / expected_later if rhythm > 1 else 0.0
    off = [a - rhythm * b - drawn * (c - rhythm * d) for a, b, c, d in found.values()]
    return len(found), rhythm, sum(each**2 for each in off) ** 0.5


def naive_values(own: Counter[str], brought: dict[str, str], share: str) -> dict[str, Decimal]:
    """Network values by passing on until nothing changes."""
    passed = dict.fromkeys(brought, Decimal(0))
    while True:
        has = {who: Decimal(own[who]) for who in {*own, *brought, *brought.values()}}
        for who, referrer in brought.items():
            has[referrer] += passed[who]
        new = {who: (has[who] * Decimal(share)).quantize(Decimal("0.01"), ROUND_HALF_UP) for who in brought}
        if new == passed:
            return {who: has[who] - passed.get(who, 0) for who in has}
        passed = new


def test_a_random_shop_agrees_with_the_naive_way(spark: SparkSession) -> None:
    dice = random.Random(5)
    rows = shop(dice, 60, 6)
    brought = {f"c{n}": f"c{dice.choice([m for m in range(60) if m != n])}" for n in range(0, 60, 2)}
    when = datetime.fromisoformat("2024-01-01")
    said = [{"referrer_id": b, "customer_id": a, "referred_at": when} for a, b in brought.items()]
    tables: dict[str, Any] = {"referrals": local(spark, REFERRALS, said), "params": {"min_expected": 1}}
    made = frames(spark, local(spark, ORDERS, rows), **tables)
    found = rows_of(made)
    (check,) = found["influence_check"]
    pairs, seen, mean, variance = naive_check(rows, {(b, a) for a, b in brought.items()}, 14)
    assert (check["tie"], check["pairs"], check["followed"]) == ("referral", pairs, seen)
    assert check["expected"] / check["rhythm"] == pytest.approx(mean, rel=0.05)
    groups, rhythm, deviation = naive_groups(rows, brought, 14)
    assert (check["tied_groups"], check["rhythm"]) == (groups, pytest.approx(rhythm, rel=1e-5))
    assert check["deviation"] == pytest.approx(max(deviation, rhythm * variance**0.5), rel=0.15)
    assert check["deviation"] >= deviation * (1 - 1e-5)
    own: Counter[str] = Counter()
    for row in rows:
        own[row["customer_id"]] += row["net_amount"]
    values = naive_values(own, brought, "0.2")
    people = {row["customer_id"]: row for row in found["customer_influence"]}
    assert {who: row["network_value"] for who, row in people.items()} == {who: values[who] for who in people}
    assert sum(row["score"] for row in people.values()) == pytest.approx(1)
    dice.shuffle(rows)
    assert rows_of(frames(spark, local(spark, ORDERS, rows), **tables)) == found


def households(is_influenced: bool, seed: int) -> tuple[list[Row], list[Row]]:
    """Orders and contacts of 120 households of three at one address each. Whole households like a product or do not;
    with influence, half of their members buy within a week after another."""
    dice = random.Random(seed)
    rows, contacts = [], []
    for house in range(120):
        members = [f"h{house}-{n}" for n in range(3)]
        for n, who in enumerate(members):
            rows.append(sale(who, START - timedelta(days=9), "old"))
            street = f"{house} High Street" if n else f" {house} HIGH street"
            contacts.append({"customer_id": who, "kind": "Address", "value": street})
        for product in range(10):
            if dice.random() < 0.4:
                before: list[int] = []
                for who in members:
                    is_follower = is_influenced and before and dice.random() < 0.5
                    day = min(before[-1] + dice.randrange(1, 8), 179) if is_follower else dice.randrange(180)
                    before.append(day)
                    rows.append(sale(who, START + timedelta(days=day), f"p{product}"))
    return rows, contacts


def test_alike_taste_is_no_alarm(spark: SparkSession) -> None:
    rows, contacts = households(is_influenced=False, seed=11)
    found = rows_of(frames(spark, local(spark, ORDERS, rows), contacts=local(spark, CONTACTS, contacts)))
    (check,) = found["influence_check"]
    buyers = {row["customer_id"] for row in rows if row["ordered_on"] >= START}
    assert (check["tie"], check["verdict"], check["customers"]) == ("contact", "alike_taste", len(buyers))
    assert abs(check["z"]) < 3
    assert check["finding"].startswith("Do not count on one purchase to bring the next")
    assert (totals(found)["source"], found["influence_edges"], found["customer_influence"]) == ("none", [], [])


@pytest.mark.both_engines
def test_planted_influence_is_found_and_says_whom_others_follow(spark: SparkSession) -> None:
    rows, contacts = households(is_influenced=True, seed=11)
    made = frames(spark, local(spark, ORDERS, rows), contacts=local(spark, CONTACTS, contacts))
    found = rows_of(made)
    (check,) = found["influence_check"]
    assert check["z"] > 5
    assert check["verdict"] == "influence"
    homes = [[f"h{house}-{n}" for n in range(3)] for house in range(120)]
    tied = {(a, b) for home in homes for a in home for b in home if a != b}
    pairs, seen, mean, _ = naive_check(rows, tied, 14)
    assert (check["pairs"], check["followed"]) == (pairs, seen)
    assert check["expected"] == pytest.approx(mean, rel=0.05)
    edges = found["influence_edges"]
    assert all(row["customer_id"].split("-")[0] == row["influencer_id"].split("-")[0] for row in edges)
    assert sum(row["products"] for row in edges) == seen
    people = found["customer_influence"]
    assert all(row["network_value"] == row["own_value"] for row in people)
    assert sum(row["followed_purchases"] for row in people) == pytest.approx(sum(row["weight"] for row in edges))
    led = Counter(row["customer_id"][-1] for row in people if row["rank"] <= 60)
    assert led["0"] > led["2"]  # the first of a household is planted as whom others follow
    whole = totals(found)
    assert (whole["source"], whole["tied_customers"], whole["missing"]) == ("co_adoption", 360, ["referrals", "events"])
    (section,) = REPORT.sections(made, Asked(None, AS_OF))
    assert [line.code for line in section.facts] == ["followed", "influence"]
    (evidence,) = REPORT.evidence(made, Asked(None, AS_OF))
    assert [chart.code for chart in evidence.charts] == ["followed", "influence_check"]


def collection(seed: int, spread: float, orders: int, basket: int) -> tuple[list[Row], list[Row]]:
    """Orders and contacts of 100 households of two with a taste each, who buy from a range that is all new, several
    things at once and when each likes; with a spread, both of some households order often and both of others seldom."""
    dice = np.random.default_rng(seed)
    rows, contacts = [], []
    for house in range(100):
        favourite, rate = dice.integers(5), orders * np.exp(dice.normal(0, spread))
        chances = np.where(np.arange(100) % 5 == favourite, 1.0, 0.1)
        for who in (f"h{house}-0", f"h{house}-1"):
            rows.append(sale(who, START - timedelta(days=9), "old"))
            contacts.append({"customer_id": who, "kind": "address", "value": f"{house} High Street"})
            for day in {*dice.integers(0, 180, dice.poisson(rate)).tolist()}:
                chosen = dice.choice(100, basket, p=chances / chances.sum())
                rows.append(sale(who, START + timedelta(days=day), *sorted({f"p{each}" for each in chosen})))
    return rows, contacts


@pytest.mark.parametrize(("seed", "spread", "orders", "basket"), [(1, 0.8, 8, 8), (1, 0.0, 2, 15)])
def test_who_orders_alike_often_or_many_things_at_once_is_no_alarm(
    spark: SparkSession, seed: int, spread: float, orders: int, basket: int
) -> None:
    """By shuffled times alone the first would be influence, and the second in one of seven such shops."""
    rows, contacts = collection(seed, spread, orders, basket)
    found = rows_of(frames(spark, local(spark, ORDERS, rows), contacts=local(spark, CONTACTS, contacts)))
    (check,) = found["influence_check"]
    assert check["verdict"] == "alike_taste"
    assert check["z"] < 3
    if spread:
        shuffled = naive_check(rows, {(f"h{n}-{m}", f"h{n}-{1 - m}") for n in range(100) for m in (0, 1)}, 14, 40)
        assert (check["followed"] - shuffled[2]) / shuffled[3] ** 0.5 > 3
        assert check["rhythm"] > 1.1


def test_few_groups_tell_nothing_however_many_things_they_buy(spark: SparkSession) -> None:
    """Nine couples: one of each buys a hundred things in one basket, the other the same a week later."""
    rows, contacts = [], []
    for house in range(9):
        for m in (0, 1):
            who = f"h{house}-{m}"
            rows.append(sale(who, START - timedelta(days=9), "old"))
            rows.append(sale(who, START + timedelta(days=20 * house + 7 * m), *[f"p{n}" for n in range(100)]))
            contacts.append({"customer_id": who, "kind": "address", "value": f"{house} High Street"})
    made = frames(spark, local(spark, ORDERS, rows), contacts=local(spark, CONTACTS, contacts))
    (check,) = rows_of(made)["influence_check"]
    assert (check["tied_groups"], check["followed"], check["verdict"]) == (9, 900, "cannot_tell")
    assert check["finding"].startswith("Wait for more data: tied customers bought the same in 1,800 cases")


def test_what_everybody_buys_on_one_day_is_followed_by_nobody(spark: SparkSession) -> None:
    rows, contacts = [], []
    for n in range(40):
        rows += [sale(f"c{n}", START - timedelta(days=9), "old"), sale(f"c{n}", START + timedelta(days=90), "tea")]
        contacts.append({"customer_id": f"c{n}", "kind": "address", "value": f"{n // 2} High Street"})
    made = frames(spark, local(spark, ORDERS, rows), contacts=local(spark, CONTACTS, contacts))
    (check,) = rows_of(made)["influence_check"]
    assert (check["pairs"], check["z"], check["verdict"], check["finding_code"]) == (
        40,
        None,
        "cannot_tell",
        "same_time",
    )


def test_what_too_many_share_ties_nobody_and_attributes_tie_on_request(spark: SparkSession) -> None:
    rows = [sale(f"c{n}", START - timedelta(days=5), "old") for n in range(30)]
    rows += [sale(f"c{n}", START + timedelta(days=n), "tea") for n in range(30)]
    shared = [{"customer_id": f"c{n}", "kind": "address", "value": "the shop"} for n in range(21)]
    shared += [{"customer_id": f"c{n}", "kind": "address", "value": "a flat"} for n in range(20, 23)]
    shared += [
        {"customer_id": "c29", "kind": "email", "value": "x@y.z"},
        {"customer_id": "c28", "kind": "email", "value": "x@y.z"},
    ]
    people = [{"customer_id": f"c{n}", "region": f"r{n // 3}", "occupation": None if n < 3 else "x"} for n in range(30)]
    found = rows_of(
        frames(
            spark,
            local(spark, ORDERS, rows),
            contacts=local(spark, CONTACTS, shared),
            customers=local(spark, CUSTOMERS, people),
            params={"tie_columns": ["region", "occupation"], "min_z": 2.5},
        )
    )
    checks = {row["tie"]: row for row in found["influence_check"]}
    assert {tie: (row["customers"], row["pairs"], row["followed"]) for tie, row in checks.items()} == {
        "contact": (3, 6, 3),
        "attributes": (27, 54, 27),
    }
    assert {row["verdict"] for row in checks.values()} == {"influence", "cannot_tell"}
    assert (totals(found)["large_tie_groups"], totals(found)["tied_customers"]) == (1, 30)


def test_customers_who_were_not_there_before_the_days_of_the_test_are_left_out(spark: SparkSession) -> None:
    """A new customer buys everything for the first time soon after who brought them: that is no influence on products."""
    rows = [sale("ann", START + timedelta(days=n), f"p{n}") for n in range(50)]
    rows += [sale("bob", START + timedelta(days=n + 1), f"p{n}") for n in range(50)]
    said = [{"referrer_id": "ann", "customer_id": "bob", "referred_at": datetime.fromisoformat("2024-01-01")}]
    (check,) = rows_of(frames(spark, local(spark, ORDERS, rows), referrals=local(spark, REFERRALS, said)))[
        "influence_check"
    ]
    assert (check["customers"], check["pairs"], check["verdict"], check["z"]) == (0, 0, "cannot_tell", None)


def test_stickiness_is_the_share_of_days_on_which_an_active_customer_does_something(spark: SparkSession) -> None:
    did: list[tuple[str | None, int, str]] = [("ann", n, "view") for n in range(1, 15)]
    did += [
        ("ann", 1, "cart"),
        ("bob", 28, "view"),
        ("cat", 29, "view"),
    ]
    did += [("dan", 3, "campaign"), (None, 2, "view"), ("eve", 0, "view")]
    rows = [
        {
            "customer_id": who,
            "happened_at": datetime.fromisoformat("2025-07-01 09:00") - timedelta(days=ago),
            "kind": kind,
        }
        for who, ago, kind in did
    ]
    made = frames(spark, local(spark, ORDERS, []), events=local(spark, EVENTS, rows))
    whole = totals(rows_of(made))
    assert (whole["monthly_actives"], whole["daily_actives"]) == (2, pytest.approx(15 / 28))
    assert whole["stickiness"] == pytest.approx(15 / 56)
    (section,) = REPORT.sections(made, Asked(None, AS_OF, min_group=2))
    assert [line.code for line in section.facts] == ["none", "stickiness"]
    (section,) = REPORT.sections(made, Asked(None, AS_OF))
    assert [line.code for line in section.facts] == ["none"]


@pytest.mark.parametrize("as_of", [date(2025, 7, 1), date.max, date(1, 1, 1)])
def test_nothing_is_known_of_nothing_on_any_day(spark: SparkSession, as_of: date) -> None:
    made = frames(spark, local(spark, ORDERS, [sale(None, date(2025, 1, 1), "tea")]), as_of=as_of)
    found = rows_of(made)
    assert totals(found)["source"] == "none"
    assert totals(found)["missing"] == ["referrals", "contacts", "events"]
    assert [found[name] for name in ("customer_influence", "influence_edges", "influence_check")] == [[], [], []]
    (section,) = REPORT.sections(made, Asked(None, as_of))
    (line,) = section.facts
    assert line.text.text(EUROS).startswith("The table referrals is missing")  # type: ignore[union-attr]
    assert REPORT.evidence(made, Asked(None, as_of)) == []


def test_referrals_near_the_end_of_the_calendar_and_of_nobody_who_bought(spark: SparkSession) -> None:
    said = [
        {"referrer_id": f"a{n % 3}", "customer_id": f"b{n}", "referred_at": datetime.fromisoformat("9999-12-30")}
        for n in range(9)
    ]
    made = frames(spark, local(spark, ORDERS, []), date.max, referrals=local(spark, REFERRALS, said))
    found = rows_of(made)
    assert (totals(found)["edges"], totals(found)["all_value"], totals(found)["brought_value"]) == (9, None, 0)
    (evidence,) = REPORT.evidence(made, Asked(None, date.max))
    assert evidence.answer.text(EUROS) == "**9 customers were brought** by 3 others: they spent €0.00."
    assert [chart.code for chart in evidence.charts] == []


def test_settings_that_contradict_each_other_are_refused_together() -> None:
    with pytest.raises(ValidationError) as refused:
        params(
            tie_columns=["regoin", "gender", "gender"],
            tie_contacts=[" ", "post", "Post "],
            passed_share=0.00004,
            follow_days=50,
            check_days=50,
        )
    said = str(refused.value)
    for each in (
        "regoin is not something to share",
        "region",
        "names one twice",
        "empty name",
        "must be below half of check_days",
        "tie_contacts names one twice",
        "more than four decimals",
    ):
        assert each in said
    for name in ("passed_share", "damping"):
        with pytest.raises(ValidationError, match="less than or equal to"):
            params(**{name: 0.99})


def test_scores_settle_at_the_highest_damping(spark: SparkSession) -> None:
    """Two who brought each other, and fifty whom one of them brought: the slowest of graphs."""
    when = datetime.fromisoformat("2024-01-01")
    said = [("b", "a"), ("a", "b"), *[("a", f"c{n}") for n in range(50)]]
    rows = [{"referrer_id": a, "customer_id": b, "referred_at": when} for a, b in said]
    tables: dict[str, Any] = {"referrals": local(spark, REFERRALS, rows), "params": {"damping": 0.98}}
    found = rows_of(frames(spark, local(spark, ORDERS, []), **tables))
    assert sum(row["score"] for row in found["customer_influence"]) == pytest.approx(1)


def test_a_blank_attribute_is_nothing_to_share(spark: SparkSession) -> None:
    rows = [sale(f"c{n}", START - timedelta(days=5), "old") for n in range(12)]
    people = [
        {"customer_id": f"c{n}", "region": ("", " ", "\u3000")[n % 3] if n < 6 else f"r{n // 2}" + " " * (n % 2)}
        for n in range(12)
    ]
    tables: dict[str, Any] = {"customers": local(spark, CUSTOMERS, people), "params": {"tie_columns": ["region"]}}
    whole = totals(rows_of(frames(spark, local(spark, ORDERS, rows), **tables)))
    assert whole["tied_customers"] == 6
