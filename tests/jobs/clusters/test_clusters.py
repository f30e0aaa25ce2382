"""Clusters of customers: found where they were planted, named, and the same from run to run."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession
from random_orders import Order, as_frame, random_orders
from sklearn.metrics import adjusted_rand_score
from staged import staged

from conftest import Frame
from vitalfew.jobs.clusters.tables import CLUSTER_FEATURES, CLUSTER_PROFILES, CLUSTER_SCORES, CLUSTERS
from vitalfew.jobs.clusters.transform import ClusterParams, clusters
from vitalfew.messages.sentences import with_texts
from vitalfew.messages.words import Words
from vitalfew.tables import Table
from vitalfew.tables.facts import CUSTOMER_PROFILE, ORDERS

AS_OF = date(2025, 7, 1)
TABLES = (CLUSTERS, CLUSTER_PROFILES, CLUSTER_FEATURES, CLUSTER_SCORES)
FAST = {"starts": 3, "bootstraps": 4, "most_clusters": 5}


def params(**given: Any) -> ClusterParams:
    """Parameters as a configuration file gives them."""
    return ClusterParams.model_validate_json(json.dumps(given))


class Answer:
    """The four tables, by name, each as rows in order of its key."""

    def __init__(
        self,
        orders: DataFrame,
        profile: DataFrame | None = None,
        before: Answer | None = None,
        as_of: date = AS_OF,
        **given: Any,
    ) -> None:
        spark = orders.sparkSession
        known = spark.createDataFrame([], CUSTOMER_PROFILE.ddl) if profile is None else profile
        chosen = params(**{**FAST, **given})
        frames = clusters(orders, known, slice_of(before, spark), params=chosen, as_of=as_of, stage=staged)[:4]
        self.frames = dict(zip((table.name for table in TABLES), frames, strict=True))
        self.found = {name: [row.asDict() for row in frame.collect()] for name, frame in self.frames.items()}
        self.as_of = as_of

    def rows(self, table: Table) -> list[dict[str, Any]]:
        return sorted(self.found[table.name], key=lambda row: [row[name] for name in table.key if name != "as_of"])

    @property
    def customers(self) -> dict[str, int]:
        return {row["customer_id"]: row["cluster"] for row in self.rows(CLUSTERS)}

    @property
    def names(self) -> dict[int, str]:
        return {row["cluster"]: row["name"] for row in self.rows(CLUSTER_PROFILES)}

    def feature(self, name: str) -> dict[int, dict[str, Any]]:
        return {row["cluster"]: row for row in self.rows(CLUSTER_FEATURES) if row["feature"] == name}


def slice_of(answer: Answer | None, spark: SparkSession) -> DataFrame:
    """CLUSTER_FEATURES as the run after it reads them."""
    rows = [] if answer is None else [{"as_of": answer.as_of, **row} for row in answer.rows(CLUSTER_FEATURES)]
    return spark.createDataFrame(
        [tuple(row[c] for c in CLUSTER_FEATURES.columns) for row in rows], CLUSTER_FEATURES.ddl
    )


def sale(who: str, day: date, hour: int, amount: float, number: int) -> Order:
    at = datetime.combine(day, time(hour), UTC)
    money = Decimal(round(amount * 100)) / 100
    return Order(
        order_id=f"{who}-{number}", customer_id=who, ordered_at=at, ended_at=at, ordered_on=day, kind="sale",
        net_amount=money, cost=None, pieces=Decimal(1), lines=1, channel=None,
        product_ids=["p"], product_pieces=[Decimal(1)], product_amounts=[money],
    )  # fmt: skip


def shop(each: int = 25, seed: int = 1, kinds: Sequence[str] = ("evening", "weekend", "lapsed")) -> list[Order]:
    """Orders of the last half year by customers of these kinds, `each` of every kind."""
    rng = random.Random(seed)
    makers = {"evening": evenings, "weekend": weekends, "lapsed": lapsed, "daily": daily}
    return [order for kind in kinds for i in range(each) for order in makers[kind](f"{kind}{i}", rng)]


def evenings(who: str, rng: random.Random) -> list[Order]:
    """Small baskets on many weekday evenings until now."""
    days = [day for week in range(1, 20, 2) for day in [weekday(AS_OF - timedelta(days=7 * week), rng)]]
    return [sale(who, day, rng.randrange(18, 23), rng.uniform(6, 12), n) for n, day in enumerate(days)]


def weekends(who: str, rng: random.Random) -> list[Order]:
    """Large baskets on some Saturday mornings until now."""
    days = [date(2025, 6, 28) - timedelta(days=7 * week) for week in (0, *rng.sample(range(2, 20, 2), 4))]
    return [sale(who, day, 10, rng.uniform(90, 160), n) for n, day in enumerate(days)]


def lapsed(who: str, rng: random.Random) -> list[Order]:
    """One order or two of middling size, on a weekday morning long ago."""
    days = [weekday(date(2025, 1, rng.randrange(6, 20)), rng) for _ in range(rng.randrange(1, 3))]
    return [sale(who, day, 9, rng.uniform(25, 40), n) for n, day in enumerate(days)]


def daily(who: str, rng: random.Random) -> list[Order]:
    """Large baskets on very many weekday mornings."""
    days = [weekday(AS_OF - timedelta(days=3 * step), rng) for step in range(3, 60)]
    return [sale(who, day, 9, rng.uniform(180, 260), n) for n, day in enumerate(days)]


def weekday(near: date, rng: random.Random) -> date:
    """One of the five weekdays of that week."""
    return near - timedelta(days=near.weekday()) + timedelta(days=rng.randrange(5)) - timedelta(days=7)


@pytest.fixture(scope="module")
def planted(spark: SparkSession) -> Answer:
    return Answer(as_frame(shop(), spark))


@pytest.mark.both_engines
def test_planted_kinds_of_customers_are_found_and_counted_right(planted: Answer) -> None:
    found = planted.customers
    assert adjusted_rand_score([who.rstrip("0123456789") for who in found], list(found.values())) > 0.95
    scores = planted.rows(CLUSTER_SCORES)
    assert [row["k"] for row in scores if row["is_chosen"]] == [3]
    assert [row["k"] for row in scores] == [3, 4, 5]


@pytest.mark.both_engines
def test_clusters_are_called_by_what_sets_them_apart(planted: Answer) -> None:
    names = {who.rstrip("0123456789"): planted.names[cluster] for who, cluster in planted.customers.items()}
    assert names == {
        "evening": "frequent, small baskets, evenings",
        "weekend": "seen lately, large baskets, weekends",
        "lapsed": "long silent, infrequent, weekdays",
    }
    actions = {row["name"]: row["action"] for row in planted.rows(CLUSTER_PROFILES)}
    codes = {row["name"]: row["action_code"] for row in planted.rows(CLUSTER_PROFILES)}
    assert (codes[names["evening"]], codes[names["lapsed"]]) == ("larger_baskets", "one_offer")
    assert actions[names["evening"]].startswith("Make the basket larger, by bundles or a threshold above")
    assert actions[names["lapsed"]].startswith("Make one inexpensive offer to return")


@pytest.mark.both_engines
def test_tables_keep_their_contract(spark: SparkSession, planted: Answer) -> None:
    for table in TABLES:
        found = planted.frames[table.name]
        assert ["as_of", *found.columns] == list(table.columns)
        rows = planted.rows(table)
        held = spark.createDataFrame([tuple(row.values()) for row in rows], found.schema)
        for row in held.selectExpr(*[f"coalesce({c}, false) as c{i}" for i, c in enumerate(table.always)]).collect():
            assert all(row), table.name
        assert all(row[name] is not None for row in rows for name in table.required if name != "as_of")
        assert len({tuple(row[name] for name in table.key if name != "as_of") for row in rows}) == len(rows) > 0


def test_profiles_add_up(planted: Answer) -> None:
    rows, orders = planted.rows(CLUSTER_PROFILES), shop()
    assert [row["customers"] for row in rows] == list(Counter(sorted(planted.customers.values())).values())
    assert sum(row["monetary"] for row in rows) == sum(order.net_amount for order in orders)
    assert sum(row["share_of_customers"] for row in rows) == pytest.approx(1.0)
    assert sum(row["share_of_monetary"] for row in rows) == pytest.approx(1.0)
    assert all(row["is_new"] for row in rows)


def test_features_are_told_in_units_people_know(planted: Answer) -> None:
    evening = next(cluster for cluster, name in planted.names.items() if "evenings" in name)
    row = planted.feature("evening_share")[evening]
    assert row["cluster_mean"] == 1.0
    assert row["overall_mean"] == pytest.approx(1 / 3, abs=1e-6)
    assert row["centre"] == pytest.approx((1.0 - row["shift"]) / row["scale"], abs=1e-5)
    orders = [order for order in shop() if order.customer_id and order.customer_id.startswith("evening")]
    basket = sum(order.net_amount for order in orders) / len(orders)
    assert planted.feature("average_basket_value")[evening]["cluster_mean"] == pytest.approx(float(basket), rel=1e-5)


def test_distances_are_those_to_the_centres(planted: Answer) -> None:
    rows = planted.rows(CLUSTERS)
    assert {row["second_cluster"] for row in rows} <= set(planted.names)
    assert all(row["second_cluster"] != row["cluster"] for row in rows)
    assert all(row["name"] == planted.names[row["cluster"]] for row in rows)
    assert max(row["distance"] for row in rows) < min(row["second_distance"] for row in rows)
    kept = {row["cluster"]: (row["name_code"], row["name_values"]) for row in planted.rows(CLUSTER_PROFILES)}
    assert all((row["name_code"], row["name_values"]) == kept[row["cluster"]] for row in rows)


@pytest.mark.both_engines
def test_names_are_said_in_another_language_from_what_is_kept(planted: Answer) -> None:
    found = {
        row["cluster"]: row["name"] for row in with_texts(planted.frames["clusters"], CLUSTERS, Words("zh")).collect()
    }
    by_english = {planted.names[cluster]: name for cluster, name in found.items()}
    assert by_english["frequent, small baskets, evenings"] == "高频购买、客单价低、晚间购买"


@pytest.mark.both_engines
def test_the_order_and_the_spread_of_rows_change_nothing_at_all(spark: SparkSession, planted: Answer) -> None:
    orders = shop()
    random.Random(5).shuffle(orders)
    other = Answer(as_frame(orders, spark).repartition(5, "order_id"))
    for table in TABLES:
        assert other.rows(table) == planted.rows(table)


def test_a_run_repeated_gives_the_same(spark: SparkSession, planted: Answer) -> None:
    again = Answer(as_frame(shop(), spark))
    assert all(again.rows(table) == planted.rows(table) for table in TABLES)


def test_a_cluster_keeps_its_number_when_the_data_move(spark: SparkSession, planted: Answer) -> None:
    moved = [
        *shop(each=15, seed=2, kinds=["evening"]),
        *shop(each=25, seed=3, kinds=["weekend"]),
        *shop(each=40, seed=4, kinds=["lapsed"]),
    ]
    later = AS_OF + timedelta(days=3)
    after, alone = (Answer(as_frame(moved, spark), before=before, as_of=later) for before in (planted, None))
    kept = {who: cluster for who, cluster in after.customers.items() if who in planted.customers}
    assert kept == {who: planted.customers[who] for who in kept}
    assert not any(row["is_new"] for row in after.rows(CLUSTER_PROFILES))
    assert alone.customers["lapsed0"] == 1, "on its own it would have counted from the largest"
    assert after.customers["lapsed0"] != 1


def test_a_cluster_that_comes_is_new_and_one_that_goes_leaves_its_number(spark: SparkSession, planted: Answer) -> None:
    kinds = ("evening", "weekend", "daily")
    after = Answer(as_frame(shop(kinds=kinds), spark), before=planted, match_limit=1.5)
    stayed = {who: cluster for who, cluster in after.customers.items() if not who.startswith("daily")}
    assert stayed == {who: planted.customers[who] for who in stayed}
    new = {cluster for who, cluster in after.customers.items() if who.startswith("daily")}
    assert new == {4}
    assert {row["cluster"]: row["is_new"] for row in after.rows(CLUSTER_PROFILES)}[4]


def test_no_customers_have_no_clusters(frame: Frame) -> None:
    answer = Answer(frame(ORDERS, "order_id"))
    assert all(answer.rows(table) == [] for table in TABLES)
    assert all(["as_of", *answer.frames[t.name].columns] == list(t.columns) for t in TABLES)


def test_one_customer_is_one_cluster(spark: SparkSession) -> None:
    answer = Answer(as_frame(shop(each=1, kinds=["weekend"]), spark))
    assert answer.rows(CLUSTERS) == [
        {"customer_id": "weekend0", "cluster": 1, "name_code": "all", "name_values": {}, "name": "all customers", "distance": 0.0, "second_cluster": None, "second_distance": None}
    ]  # fmt: skip
    assert answer.rows(CLUSTER_SCORES) == [
        {"k": 1, "silhouette": None, "stability": None, "cost": 0.0, "is_chosen": True}
    ]
    assert {row["scale"] for row in answer.rows(CLUSTER_FEATURES)} == {1.0}


def test_customers_who_are_all_equal_are_one_cluster(spark: SparkSession) -> None:
    answer = Answer(as_frame([sale(f"c{i}", date(2025, 5, 5), 9, 20, 1) for i in range(12)], spark))
    assert set(answer.customers.values()) == {1}
    assert [row["customers"] for row in answer.rows(CLUSTER_PROFILES)] == [12]


@pytest.mark.parametrize("kinds", [2, 3])
def test_there_are_no_more_clusters_than_different_customers(spark: SparkSession, kinds: int) -> None:
    orders = [sale(f"c{i}", date(2025, 5, 5), 9, 20 * (1 + i % kinds), 1) for i in range(12)]
    answer = Answer(as_frame(orders, spark), fewest_clusters=4)
    assert sorted(Counter(answer.customers.values()).values()) == [12 // kinds] * kinds
    assert {row["distance"] for row in answer.rows(CLUSTERS)} == {0.0}


def test_what_is_equal_for_all_does_not_matter(spark: SparkSession, planted: Answer) -> None:
    """Nobody returns anything: returns_share is in the tables, and in no distance."""
    assert all((row["centre"], row["scale"]) == (0.0, 1.0) for row in planted.feature("returns_share").values())
    features = ["recency_days", "frequency", "average_basket_value", "weekend_share", "evening_share"]
    assert Answer(as_frame(shop(), spark), features=features).rows(CLUSTERS) == planted.rows(CLUSTERS)


def test_only_known_customers_with_a_sale_before_the_day_are_looked_at(frame: Frame) -> None:
    answer = Answer(
        frame(
            ORDERS,
            """
            order_id | customer_id | ordered_on | ordered_at | kind      | net_amount | pieces
            ---------+-------------+------------+------------+-----------+------------+-------
            o1       | ann         | 2025-06-30 | 2025-06-30 | sale      |      10.00 |      1
            o2       | ann         | 2025-07-01 | 2025-07-01 | sale      |     999.00 |      1
            o3       | ann         | 2025-06-29 | 2025-06-29 | return    |      -4.00 |     -1
            o4       | bob         | 2025-07-01 | 2025-07-01 | sale      |      10.00 |      1
            o5       | cyd         | 2025-06-01 | 2025-06-01 | return    |      -9.00 |     -1
            o6       | dan         | 2025-06-01 | 2025-06-01 | cancelled |       0.00 |      0
            o7       | ~           | 2025-06-01 | 2025-06-01 | sale      |      77.00 |      1
            o8       | eve         | 2025-01-01 | 2025-01-01 | sale      |      20.00 |      1
            """,
        ),
        window_days=90,
    )
    assert answer.customers == {"ann": 1}
    assert answer.rows(CLUSTER_PROFILES)[0]["monetary"] == Decimal("6.00")
    assert answer.feature("frequency")[1]["cluster_mean"] == 1.0
    assert answer.feature("returns_share")[1]["cluster_mean"] == 0.5


def test_money_that_cancels_out_has_no_shares(frame: Frame) -> None:
    answer = Answer(
        frame(
            ORDERS,
            """
            order_id | customer_id | ordered_on | ordered_at | kind   | net_amount | pieces
            o1       | ann         | 2025-06-30 | 2025-06-30 | sale   |       5.00 |      1
            o2       | ann         | 2025-06-30 | 2025-06-30 | return |     -15.00 |     -3
            o3       | bob         | 2025-06-30 | 2025-06-30 | sale   |      10.00 |      1
            """,
        )
    )
    assert [row["share_of_monetary"] for row in answer.rows(CLUSTER_PROFILES)] == [None, None]


def test_attributes_take_part_and_nobody_without_them_is_dropped(spark: SparkSession, frame: Frame) -> None:
    """Customers who buy alike, told apart by region alone; of the last third nobody knows it."""
    orders = [sale(f"c{i}", date(2025, 5, 5), 9, 20 + i % 2, 1) for i in range(30)]
    drawing = "customer_id | region\n" + "\n".join(f"c{i} | {'north' if i < 10 else 'south'}" for i in range(20))
    answer = Answer(
        as_frame(orders, spark), frame(CUSTOMER_PROFILE, drawing), features=["frequency"], attributes=["region"]
    )
    groups = {frozenset(who for who, c in answer.customers.items() if c == cluster) for cluster in (1, 2, 3)}
    assert groups == {frozenset(f"c{i}" for i in range(start, start + 10)) for start in (0, 10, 20)}
    assert set(answer.names.values()) == {"region north", "region south", "region not known"}
    assert {row["feature"] for row in answer.rows(CLUSTER_FEATURES)} == {
        "frequency", "region=north", "region=south", "region missing",
    }  # fmt: skip


def test_random_orders_make_sound_clusters(spark: SparkSession) -> None:
    orders = random_orders(4, customers=60)
    answer = Answer(
        as_frame(orders, spark), as_of=date(2025, 3, 5), features=["frequency", "monetary", "returns_share"]
    )
    buyers = {order.customer_id for order in orders if order.kind == "sale"} - {None}
    assert set(answer.customers) == buyers
    assert len(set(answer.names.values())) == len(answer.names)
    chosen = [row["k"] for row in answer.rows(CLUSTER_SCORES) if row["is_chosen"]]
    assert chosen == [len(answer.names)]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"fewest_clusters": 6, "most_clusters": 5}, "fewest_clusters is 6 and most_clusters 5; swap them"),
        ({"features": []}, "features and attributes are both empty: name at least one"),
        ({"features": ["frequency", "frequency"]}, "features names frequency more than once"),
        ({"attributes": ["region", "region"]}, "attributes names region more than once"),
        ({"weekend_days": [0, 8]}, "weekend_days has 0, 8; days run from 1, Monday, to 7, Sunday"),
        ({"features": ["frequencies"]}, "Input should be 'recency_days'"),
        ({"attributes": ["joined_on"]}, "Input should be 'is_member'"),
        ({"clusters": 3}, "Extra inputs are not permitted"),
    ],
)
def test_parameters_that_cannot_be_are_refused(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        params(**given)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ValidationError, match="swap them; features and attributes are both empty"):
        params(fewest_clusters=6, most_clusters=5, features=[])


def test_the_configuration_says_what_is_the_default() -> None:
    path = Path(__file__).parents[3] / "conf" / "jobs" / "clusters.yml"
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert params(**given) == ClusterParams()
