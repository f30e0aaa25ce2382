"""The share of wallet: planted customers of somebody else, a naive second implementation, and inputs that are odd."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from random_orders import Order, as_frame, random_orders
from staged import staged

from vitalfew.algorithms.quantile_groups.counted import STEPS
from vitalfew.jobs.share_of_wallet.params import ShareOfWalletParams
from vitalfew.jobs.share_of_wallet.report import REPORT
from vitalfew.jobs.share_of_wallet.spends import spends
from vitalfew.jobs.share_of_wallet.tables import (
    CUSTOMER_WALLET,
    WALLET_CATEGORIES,
    WALLET_EVALUATION,
    WALLET_GROUPS,
)
from vitalfew.jobs.share_of_wallet.transform import share_of_wallet
from vitalfew.messages.message import Message
from vitalfew.messages.words import ENGLISH, Words
from vitalfew.report.sections import Asked
from vitalfew.tables import Table
from vitalfew.tables.facts import CUSTOMER_PROFILE
from vitalfew.tables.sources import PRODUCTS

AS_OF = date(2026, 1, 1)
TABLES = (CUSTOMER_WALLET, WALLET_CATEGORIES, WALLET_GROUPS, WALLET_EVALUATION)
CATEGORIES = ("food", "drinks", "home", "garden", "toys", "books")
WEIGHTS = (0.3, 0.25, 0.15, 0.12, 0.1, 0.08)
Rows = list[dict[str, Any]]


def frame_of(table: Table, rows: Iterable[Mapping[str, Any]], spark: SparkSession) -> DataFrame:
    types = ", ".join(f"{column.name} {column.type}" for column in table.declared)
    return spark.createDataFrame([tuple(row.get(name) for name in table.columns) for row in rows], types)


def profile(spark: SparkSession, known: Mapping[str, Mapping[str, str]]) -> DataFrame:
    nothing = {"orders": 1, "net_amount": Decimal(1), "pieces": Decimal(1), "is_registered": True, "has_bought": True}
    return frame_of(CUSTOMER_PROFILE, [{"customer_id": who, **nothing, **said} for who, said in known.items()], spark)


def catalogue(spark: SparkSession) -> DataFrame:
    rows = [{"product_id": f"p{place}", "category": name} for place, name in enumerate(CATEGORIES)]
    return frame_of(PRODUCTS, rows, spark)


def bought(number: int, who: str, day: date, amounts: Mapping[int, float]) -> Order:
    at = datetime.combine(day, time(9), UTC)
    money = [Decimal(str(round(amount, 2))) for _, amount in sorted(amounts.items())]
    return Order(
        order_id=f"o{number}",
        customer_id=who,
        ordered_at=at,
        ended_at=at,
        ordered_on=day,
        kind="sale",
        net_amount=sum(money, Decimal(0)),
        cost=None,
        pieces=Decimal(len(money)),
        lines=len(money),
        channel=None,
        product_ids=[f"p{place}" for place in sorted(amounts)],
        product_pieces=[Decimal(1) for _ in money],
        product_amounts=money,
    )


SIZE = {"1": 0.25, "2": 1.0, "3": 1.5, "4": 2.0}
INCOME = {"low": 0.7, "high": 1.5}


class Shop:
    """Households with a need that follows from size and income. Nine in ten give us most of it; of the others we get a
    ninth. Some are new, and of some nothing is known."""

    def __init__(self, seed: int, customers: int) -> None:
        rng = random.Random(seed)
        self.orders: list[Order] = []
        self.known: dict[str, dict[str, str]] = {}
        self.need: dict[str, float] = {}
        self.group: dict[str, tuple[str, str]] = {}
        self.elsewhere: set[str] = set()
        self.new: set[str] = set()
        self.unknown: set[str] = set()
        for place in range(customers):
            self.add(f"c{place}", rng)

    def add(self, who: str, rng: random.Random) -> None:
        size, income = rng.choice([*SIZE]), rng.choice([*INCOME])
        need = 1000 * SIZE[size] * INCOME[income] * math.exp(rng.gauss(0, 0.15))
        share = rng.uniform(0.8, 1)
        if rng.random() < 0.1:
            share = 1 / 9
            self.elsewhere.add(who)
        draw = rng.random()
        if draw < 0.04:
            self.new.add(who)
        elif draw < 0.08:
            self.unknown.add(who)
        said = {"household_size": size, "income_band": income, "region": rng.choice("abcd")}
        self.known[who] = {} if who in self.unknown else said
        self.need[who], self.group[who] = need, (size, income)
        first = 60 if who in self.new else 700
        days = [day for day in range(5, min(first, 365), 20) if share > 0.5 or rng.random() < 0.4]
        for day in [*days, first]:
            places = [place for place in range(6) if rng.random() < 0.7 and (share > 0.5 or place < 3)] or [0]
            worth = need * share / max(1, len(days)) * rng.uniform(0.8, 1.2)
            total = sum(WEIGHTS[place] for place in places)
            amounts = {place: worth * WEIGHTS[place] / total for place in places}
            self.orders.append(bought(len(self.orders), who, AS_OF - timedelta(days=day), amounts))


PARAMS = ShareOfWalletParams(min_customers=25, likeness=("household_size", "income_band", "region"))


@pytest.fixture(scope="module")
def shop() -> Shop:
    return Shop(2, 700)


@pytest.fixture(scope="module")
def frames(shop: Shop, spark: SparkSession) -> dict[str, DataFrame]:
    made = share_of_wallet(
        as_frame(shop.orders, spark),
        profile(spark, shop.known),
        catalogue(spark),
        params=PARAMS,
        as_of=AS_OF,
        stage=staged,
    )
    return {table.name: staged(frame) for table, frame in zip(TABLES, made, strict=True)}


@pytest.fixture(scope="module")
def found(frames: dict[str, DataFrame]) -> dict[str, Rows]:
    return {name: [row.asDict() for row in frame.collect()] for name, frame in frames.items()}


@pytest.mark.both_engines
def test_large_customers_of_somebody_else_are_listed_and_hardly_anybody_else(
    shop: Shop, found: dict[str, Rows]
) -> None:
    standing = {row["customer_id"]: row["standing"] for row in found["customer_wallet"]}
    listed = {who for who, what in standing.items() if what == "listed"}
    large = sorted(shop.need[who] for who in shop.need)[len(shop.need) // 2]
    wanted = {who for who in shop.elsewhere - shop.new - shop.unknown if shop.need[who] > 1.2 * large}
    assert len(wanted) >= 15
    assert len(listed & shop.elsewhere) >= 0.95 * len(listed)
    assert len(listed & wanted) >= 0.9 * len(wanted)


def test_who_needs_little_is_new_or_unknown_is_not_listed(shop: Shop, found: dict[str, Rows]) -> None:
    standing = {row["customer_id"]: row["standing"] for row in found["customer_wallet"]}
    singles = {who for who, (size, _) in shop.group.items() if size == "1"} - shop.new - shop.unknown
    assert {standing[who] for who in singles} == {"small_wallet"}
    assert {standing[who] for who in shop.new} == {"too_new"}
    assert {standing[who] for who in shop.unknown - shop.new} == {"nothing_known"}


def test_wallets_are_found_back(shop: Shop, found: dict[str, Rows]) -> None:
    """The potential of a group lies near the need of its households: above what most give us, below what few need."""
    errors = [
        float(row["potential_per_year"]) / shop.need[row["customer_id"]] - 1
        for row in found["customer_wallet"]
        if row["potential_per_year"] is not None
    ]
    assert len(errors) > 600
    assert abs(median(errors)) < 0.1
    assert median(abs(error) for error in errors) < 0.2


def test_estimates_hold_on_the_half_that_they_had_not_seen(found: dict[str, Rows]) -> None:
    for row in found["wallet_evaluation"]:
        assert row["is_calibrated"], row
        assert row["method"] == "likeness"
        assert row["improvement"] > 0.2
        assert row["loss"] < row["plain_loss"]
    total = next(row for row in found["wallet_evaluation"] if row["scope"] == "total")
    assert total["groups"] >= 4
    assert total["fitted_customers"] + total["customers"] == sum(
        row["customers"] for row in found["wallet_groups"] if row["scope"] == "total"
    )
    assert not any("region" in row["conditions"] for row in found["wallet_groups"])


def test_categories_bought_elsewhere_are_those_never_bought_here(found: dict[str, Rows]) -> None:
    listed = {row["customer_id"]: row for row in found["customer_wallet"] if row["standing"] == "listed"}
    first = {row["customer_id"]: row for row in found["wallet_categories"] if row["rank"] == 1}
    assert listed.keys() <= first.keys()
    assert all(first[who]["is_never"] and first[who]["category"] in row["action"] for who, row in listed.items())
    right = [who for who in listed if first[who]["category"] in ("garden", "toys", "books")]
    assert len(right) >= 0.8 * len(listed)  # some buy little and so no food either, by chance
    assert sum(row["is_missing"] for row in listed.values()) >= 0.8 * len(listed)
    assert max(row["rank"] for row in found["wallet_categories"]) <= PARAMS.max_reported


def test_potentials_of_categories_are_not_scaled_and_their_sum_is_said(found: dict[str, Rows]) -> None:
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for row in found["wallet_groups"]:
        if row["scope"] == "category":
            sums[row["peer_group"]] += row["potential_per_year"]
    for row in found["wallet_groups"]:
        if row["scope"] == "total":
            assert row["categories_per_year"] == sums[row["peer_group"]]


def test_the_page_says_it_in_both_languages(frames: dict[str, DataFrame]) -> None:
    for words in (ENGLISH, Words("zh")):
        asked = Asked(None, AS_OF, words)
        (section,) = REPORT.sections(frames, asked)
        said = [line.text.text(words) for line in section.facts if isinstance(line.text, Message)]
        assert len(said) >= 8
        assert any(
            ("a year here; like customers spend", "每年在本店消费")[words.language == "zh"] in text for text in said
        )
        (drawn,) = REPORT.evidence(frames, asked)
        assert [chart.code for chart in drawn.charts] == ["wallets", "elsewhere", "peers"]
        assert all(chart.rows for chart in drawn.charts)


def naive_quantile(values: Sequence[float], share: float) -> float:
    return max(0.0, float(np.quantile(values, share, method="inverted_cdf"))) if values else 0.0


@pytest.mark.parametrize("seed", [1, 2])
def test_a_naive_second_implementation_says_the_same_of_random_orders(seed: int, spark: SparkSession) -> None:
    """Orders with returns, cancellations, fees and negative money: spends, groups, quantiles, gaps and ranks."""
    orders = random_orders(seed, orders=600, customers=40)
    as_of = date(2025, 3, 10)
    rng = random.Random(seed)
    known = {f"c{n}": {"household_size": rng.choice(["1", "2"])} for n in range(41)}
    params = ShareOfWalletParams(
        window_days=40, min_tenure_days=20, min_customers=10, likeness=("household_size",), quantile=0.7, least_signs=0
    )
    frames = share_of_wallet(
        as_frame(orders, spark), profile(spark, known), catalogue(spark), params=params, as_of=as_of, stage=staged
    )
    wallets, _, groups, _ = ([row.asDict() for row in frame.collect()] for frame in frames)
    start = as_of - timedelta(days=40)
    by_customer: dict[str, list[Order]] = defaultdict(list)
    for order in orders:
        if order.customer_id is not None and order.ordered_on < as_of:
            by_customer[order.customer_id].append(order)
    assert {row["customer_id"] for row in wallets} == {*by_customer}
    spends: dict[str, float] = {}
    per_category: dict[tuple[str, str], float] = defaultdict(float)
    for who, own in by_customer.items():
        first = min((order.ordered_on for order in own if order.kind == "sale"), default=None)
        days = min(40, (as_of - first).days) if first else 365
        for order in own:
            if order.ordered_on >= start and order.kind != "charge":
                for product, amount in zip(order.product_ids, order.product_amounts, strict=True):
                    spends[who] = spends.get(who, 0.0) + float(amount) * 365 / days
                    if int(product[1:]) < len(CATEGORIES):
                        per_category[who, CATEGORIES[int(product[1:])]] += float(amount) * 365 / days
    judged = defaultdict(list)
    for row in wallets:
        assert float(row["spend_per_year"]) == pytest.approx(spends.get(row["customer_id"], 0.0), abs=0.006)
        if row["peer_group"] is not None:
            judged[row["peer_group"]].append(row["customer_id"])
    bin_ = math.exp(1 / STEPS)
    for group in groups:
        members = judged[group["peer_group"]]
        assert group["customers"] == len(members)
        category = group["category"]
        values = [spends.get(who, 0.0) if category == "all" else per_category[who, category] for who in members]
        exact = naive_quantile(values, 0.7)
        assert exact - 0.01 <= float(group["quantile_per_year"]) <= exact * bin_ + 0.01
        assert group["buyers"] == sum(value > 0.005 for value in values)
        potential = float(group["potential_per_year"])
        gap = sum(max(0.0, potential - max(0.0, value)) for value in values)
        assert float(group["gap_per_year"]) == pytest.approx(gap, rel=0.03, abs=1)
        for who in members if category == "all" else ():
            (row,) = [each for each in wallets if each["customer_id"] == who]
            kept = max(0.0, spends.get(who, 0.0))
            wallet = max(potential, kept)
            assert float(row["potential_per_year"]) == pytest.approx(wallet, abs=0.02)
            assert row["share_of_wallet"] == pytest.approx(kept / wallet, abs=1e-4)
            above = sum(value > kept * bin_ for value in values) / len(values)
            at_most = sum(value > kept / bin_ for value in values) / len(values)
            assert above - 1e-9 <= row["peers_above"] <= at_most + 1e-9


def standings(orders: list[Order], spark: SparkSession, known: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    frames = share_of_wallet(
        as_frame(orders, spark), profile(spark, known), catalogue(spark), params=PARAMS, as_of=AS_OF, stage=staged
    )
    known_frames = [staged(frame) for frame in frames]
    for table, frame in zip(TABLES, known_frames, strict=True):
        assert frame.columns == [name for name in table.columns if name != table.slice]
        broken = " or ".join(f"not coalesce(({rule}), false)" for rule in table.always)
        assert not frame.where(broken).limit(1).collect()
    assert not known_frames[1].limit(1).collect()
    return {row["customer_id"]: row["standing"] for row in known_frames[0].collect()}


def test_without_attributes_nobody_is_listed_and_the_page_says_why(shop: Shop, spark: SparkSession) -> None:
    some = [order for order in shop.orders if str(order.customer_id).endswith("0")]
    assert {*standings(some, spark, {}).values()} == {"no_likeness", "too_new"}


def test_odd_inputs_are_answered(spark: SparkSession) -> None:
    old = [bought(n, "ann", AS_OF - timedelta(days=300 - n), {0: 5.0}) for n in range(3)]
    assert standings([], spark, {}) == {}
    assert standings(old, spark, {"ann": {"household_size": "2"}}) == {"ann": "no_likeness"}
    gone = [bought(9, "bob", AS_OF - timedelta(days=800), {0: 5.0})]
    back = [bought(8, "eve", AS_OF - timedelta(days=200), {0: -50.0}), bought(7, "eve", date.min, {1: 5.0})]
    free = [bought(6, "zoe", AS_OF - timedelta(days=200), {0: 0.0}), bought(5, "zoe", AS_OF, {0: 9.0})]
    assert standings([*old, *gone, *back, *free], spark, {}) == {
        "ann": "no_likeness",
        "bob": "inactive",
        "eve": "no_likeness",
        "zoe": "no_likeness",
    }


def test_what_is_no_part_of_a_basket_is_no_spend(spark: SparkSession) -> None:
    orders = as_frame([bought(1, "ann", AS_OF - timedelta(days=9), {0: 5.0, 1: 3.0, 2: 1.0})], spark)
    asked = ShareOfWalletParams(exclude_products=("p2",), exclude_where={"category": ("food",)})
    rows = spends(orders, catalogue(spark), asked, AS_OF).collect()
    assert [(row["category"], row["amount"]) for row in rows] == [("drinks", Decimal("3.00"))]


def test_settings_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"names one thing twice; min_tenure_days is longer than window_days"):
        ShareOfWalletParams(likeness=("region", "region"), window_days=100)
    with pytest.raises(ValidationError, match=r"likeness is empty: .*; sample_customers must be at least twice"):
        ShareOfWalletParams(likeness=(), min_customers=60, sample_customers=119)


def page(
    orders: list[Order], spark: SparkSession, known: Mapping[str, Mapping[str, str]], words: Words = ENGLISH
) -> dict[str, str]:
    """What the summary says, by the code of each fact; the last of one code."""
    made = share_of_wallet(
        as_frame(orders, spark), profile(spark, known), catalogue(spark), params=PARAMS, as_of=AS_OF, stage=staged
    )
    frames = {table.name: staged(frame) for table, frame in zip(TABLES, made, strict=True)}
    (section,) = REPORT.sections(frames, Asked(None, AS_OF, words, min_group=5))
    return {str(line.code): line.text.text(words) for line in section.facts if isinstance(line.text, Message)}


def test_a_page_says_nothing_of_the_spend_of_few_people_and_nothing_that_was_not_tested(spark: SparkSession) -> None:
    orders = [bought(n, f"c{n % 4}", AS_OF - timedelta(days=300 - n), {0: 50.0}) for n in range(12)]
    said = page(orders, spark, {})
    assert said["listed"].startswith("fewer than 5 customers bought in the period")
    assert said["sure"] == "there are too few customers to test the estimates"
    assert not any("304" in text or "182" in text for text in said.values())
    assert page(orders, spark, {}, Words("zh"))["listed"] == "期间有购买且入店够久的会员不足 5 位，此处不显示"


def test_the_order_of_rows_and_their_files_change_nothing(
    shop: Shop, found: dict[str, Rows], spark: SparkSession
) -> None:
    mixed = random.Random(3).sample(shop.orders, len(shop.orders))
    orders = as_frame(mixed, spark).repartition(5)
    known = dict(random.Random(4).sample([*shop.known.items()], len(shop.known)))
    made = share_of_wallet(orders, profile(spark, known), catalogue(spark), params=PARAMS, as_of=AS_OF, stage=staged)
    for table, frame in zip(TABLES, made, strict=True):
        assert sorted(map(str, (row.asDict() for row in frame.collect()))) == sorted(map(str, found[table.name]))


def test_customers_who_spent_nothing_have_no_wallet_to_estimate(spark: SparkSession) -> None:
    orders = [bought(n, f"c{n % 9}", AS_OF - timedelta(days=300 - n), {0: 0.0}) for n in range(18)]
    assert page(orders, spark, {})["listed"].startswith("the upper 20% of customers begin at nothing")


def test_a_page_warns_of_potentials_that_did_not_hold(frames: dict[str, DataFrame]) -> None:
    off = {**frames, "wallet_evaluation": frames["wallet_evaluation"].withColumn("is_calibrated", F.lit(False))}
    (drawn,) = REPORT.evidence(off, Asked(None, AS_OF))
    assert drawn.answer.text(ENGLISH).startswith("**The estimates did not hold**")
