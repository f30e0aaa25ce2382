"""Every habit that was planted in the generated shop is there."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import pytest
from generated import Made, generated
from generator import bundles
from generator.catalogue import catalogue
from generator.world import World
from pyspark.sql import SparkSession

LINES = 60_000


@pytest.fixture(scope="module")
def made(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    with generated(spark, tmp_path_factory.mktemp("generated"), World(LINES, seed=11, dirty=0.001)) as made:
        yield made


# What is bought together


def test_planted_rules_have_their_probabilities(made: Made) -> None:
    orders = made.value("select count(distinct order_id) from clean where kind = 'sale'")
    bought: dict[str, set[str]] = {}
    for row in made.rows(
        "select product_id, collect_set(order_id) ids from clean where kind = 'sale' group by product_id"
    ):
        bought[row["product_id"]] = set(row["ids"])
    for rule in made.rows("select * from truth_rules"):
        left = set.intersection(*[bought[product] for product in rule["antecedent"]])
        both = left & bought[rule["consequent"]]
        for found, share in ((both, rule["support"]), (left, rule["antecedent_support"])):
            assert len(found) == pytest.approx(orders * share, abs=4 * sqrt(orders * share))
        spread = sqrt(rule["confidence"] * (1 - rule["confidence"]) / len(left))
        assert len(both) / len(left) == pytest.approx(rule["confidence"], abs=4 * spread)


def test_the_truth_of_a_rule_is_counted_from_its_slots() -> None:
    triple = bundles.rules(catalogue(World(LINES)))[-1]
    assert triple.confidence == 0.8
    assert triple.probability(*triple.antecedent) == 50 / 10_000
    assert triple.lift == pytest.approx(0.8 / (80 / 10_000))


def test_planted_substitutes_are_never_in_one_basket_though_each_is_bought(made: Made) -> None:
    pairs = made.rows(
        "select product_a, product_b, count(distinct a.order_id) n_a, count(distinct b.order_id) n_b, "
        "count(distinct case when a.order_id = b.order_id then a.order_id end) n_both "
        "from truth_substitutes join clean a on a.product_id = product_a join clean b on b.product_id = product_b "
        "group by product_a, product_b"
    )
    kinds = made.rows(
        "select count(distinct subcategory) n from truth_substitutes join products on product_id in (product_a, product_b) "
        "group by product_a"
    )
    assert len(pairs) == made.facts["rows"]["truth_substitutes"] > 3
    assert all(pair["n_both"] == 0 and min(pair["n_a"], pair["n_b"]) > 5 for pair in pairs)
    assert {row["n"] for row in kinds} == {1}


def test_a_repeat_product_is_in_every_so_manieth_order(made: Made) -> None:
    habits = made.rows(
        "select h.customer_id, h.every_orders, count(distinct l.order_id) n, "
        "count(distinct case when l.product_id = h.product_id then l.order_id end) bought "
        "from truth_repeats h join clean l on l.customer_id = h.customer_id and l.kind = 'sale' "
        "group by h.customer_id, h.every_orders"
    )
    followers_orders = {
        row["customer_id"] for row in made.rows("select customer_id from truth_customers where is_follower")
    }
    habits = [row for row in habits if row["customer_id"] not in followers_orders]
    assert len(habits) > 100
    assert all(row["bought"] == -(-row["n"] // row["every_orders"]) for row in habits)


def test_nobody_buys_a_durable_product_twice_and_nobody_what_is_not_to_be_had(made: Made) -> None:
    durable = "select customer_id, count(distinct order_id) n from clean join products using (product_id) where is_durable and kind = 'sale' and customer_id is not null"
    assert made.value(f"select max(n) from ({durable} group by customer_id, product_id)") == 1
    assert made.value("select count(*) from clean join products using (product_id) where not is_available") == 0


def test_what_is_wanted_was_searched_three_times(made: Made) -> None:
    found = made.rows(
        "select count(*) n from truth_wanted w join events e on e.customer_id = w.customer_id "
        "and e.product_id = w.product_id and e.kind = 'search' group by w.customer_id"
    )
    assert {row["n"] for row in found} == {3}
    assert len(found) == made.facts["rows"]["truth_wanted"]


# When


def test_churners_are_silent_from_their_day_on_and_were_not_before(made: Made) -> None:
    silent = made.rows(
        "select segment, datediff(silent_from, max(ordered_at)) quiet, mean_gap_days gap "
        "from truth_customers join clean using (customer_id) where silent_from is not null "
        "group by customer_id, segment, silent_from, mean_gap_days"
    )
    events = made.value(
        "select count(*) from events join truth_customers using (customer_id) "
        "where happened_at >= silent_from and kind not in ('campaign', 'coupon', 'review', 'support')"
    )
    assert {row["segment"] for row in silent} == {"slipping", "lost"}
    assert all(0 < row["quiet"] <= 2 * row["gap"] + 14 for row in silent)
    assert events == 0


def test_customers_order_in_their_rhythm(made: Made) -> None:
    rhythm = made.rows(
        "select mean_gap_days planted, datediff(max(ordered_at), min(ordered_at)) / (count(distinct order_id) - 1) found "
        "from truth_customers join clean using (customer_id) where kind = 'sale' and not is_follower "
        "and segment in ('champion', 'loyal', 'slipping') group by customer_id, mean_gap_days having count(distinct order_id) >= 10"
    )
    assert len(rhythm) > 50
    assert all(row["found"] == pytest.approx(row["planted"], rel=0.15) for row in rhythm)


def test_segments_do_what_their_names_say(made: Made) -> None:
    found = {
        row["segment"]: row
        for row in made.rows(
            "select segment, count(*) / count(distinct customer_id) orders, "
            "avg(case when at >= '2024-10-07' then 1.0 else 0.0 end) late, "
            "avg(case when at >= '2024-11-18' then amount end) / avg(case when at < '2024-11-18' then amount end) spends, "
            "sum(case when at >= '2024-07-22' and at < '2024-12-16' then 1 else 0 end) away, "
            "sum(case when at >= '2024-12-16' then 1 else 0 end) back from (select segment, customer_id, order_id, "
            "min(ordered_at) at, sum(amount) amount from clean join truth_customers using (customer_id) "
            "where kind = 'sale' and not is_follower group by segment, customer_id, order_id) group by segment"
        )
    }
    assert found["champion"]["orders"] > 80 > 30 > found["loyal"]["orders"] > 15 > 6 > found["casual"]["orders"]
    assert found["rising"]["late"] > 0.3 > 0.16 > found["loyal"]["late"]
    assert found["dropping"]["spends"] < 0.3 < 0.8 < found["champion"]["spends"] < 1.2
    assert (found["returned"]["away"], found["returned"]["back"] > 0) == (0, True)


def test_each_style_has_its_hours_and_sunday_night_stands_out(made: Made) -> None:
    found = made.rows(
        "select style, pmod(dayofweek(at) - 2, 7) + 1 weekday, hour(at) hour, count(*) n from (select style, "
        "min(ordered_at) at from clean join truth_customers using (customer_id) where kind = 'sale' "
        "and order_id not like '%-5___' group by style, order_id) group by style, dayofweek(at), hour(at)"
    )
    counted = {(row["style"], row["weekday"], row["hour"]): row["n"] for row in found}
    for style in {row["style"] for row in found}:
        planted = made.rows(f"select weekday, hour, share from truth_peaks where style = '{style}'")
        orders = sum(row["n"] for row in found if row["style"] == style)
        assert sum(row["share"] for row in planted) == pytest.approx(1)
        for row in planted:
            expected = orders * row["share"]
            n = counted.get((style, row["weekday"], row["hour"]), 0)
            assert n == pytest.approx(expected, abs=5 * sqrt(expected)), (style, row)
    at_nine_on_sunday = sum(n for (_, weekday, hour), n in counted.items() if (weekday, hour) == (7, 21))
    assert at_nine_on_sunday > 2 * sum(counted.values()) / 168


def test_the_peaks_of_all_are_those_of_the_styles_by_their_shares(made: Made) -> None:
    shares = {
        row["hour"]: row["share"] for row in made.rows("select * from truth_peaks where style = 'all' and weekday = 7")
    }
    # Of the orders of sunday night, 0.65 are on a Sunday, and 16 of 42 of these at 21; that is 0.1 of all customers.
    assert shares[21] == pytest.approx(0.1 * 0.65 * 16 / 42 + 0.15 * 0.05 * 12 / 56, abs=0.001)


def test_styles_differ_in_basket_price_and_time(made: Made) -> None:
    variant = "array_position(array('basic', 'classic', 'fine', 'premium'), substring_index(name, ' ', -1)) - 1"
    in_variants = "select subcategory from products group by subcategory having count(*) = 4"
    found = {
        row["style"]: row
        for row in made.rows(
            f"select style, mean_variant, count(*) / count(distinct order_id) basket, avg({variant}) variant, "
            "avg(case when dayofweek(ordered_at) in (1, 7) then 1.0 else 0.0 end) weekend, "
            "avg(case when hour(ordered_at) >= 18 then 1.0 else 0.0 end) evening "
            "from clean join truth_customers using (customer_id) join products using (product_id) "
            f"join ({in_variants}) using (subcategory) "
            "where kind = 'sale' and not is_follower and segment != 'dropping' group by style, mean_variant"
        )
    }
    for row in found.values():
        assert row["variant"] == pytest.approx(row["mean_variant"], abs=0.15), row["style"]
    assert found["weekend family"]["basket"] > 2 * found["lunch quick"]["basket"]
    assert found["weekend family"]["weekend"] > 0.65 > 0.1 > found["weekday bargain"]["weekend"]
    assert found["evening gourmet"]["evening"] > 0.75 > 0.05 > found["lunch quick"]["evening"]


# Who moves whom, and who complains


def test_followers_buy_what_is_new_some_days_after_their_leader(made: Made) -> None:
    pairs = made.rows(
        "select l.order_id, min(datediff(f.ordered_at, l.ordered_at)) days from truth_influence "
        "join clean l on l.customer_id = leader_id and l.kind = 'sale' "
        "left join clean f on f.customer_id = follower_id and f.product_id = l.product_id "
        "and f.order_id = concat('o', lpad(cast(cast(substring(l.order_id, 2, 9) as bigint) + 1 as string), 9, '0'), '-5', "
        "substring(l.order_id, 13, 3)) group by l.order_id"
    )
    days = [row["days"] for row in pairs if row["days"] is not None]
    assert set(days) == {2, 3, 4, 5}
    assert len(days) / len(pairs) == pytest.approx(0.5, abs=4 * 0.5 / sqrt(len(pairs)))


def test_bursts_of_complaints_stand_out(made: Made) -> None:
    found = made.rows(
        "select b.events, sum(case when to_date(happened_at) between from_day and to_day then 1 else 0 end) in_time, "
        "count(*) / 104 a_week from truth_bursts b join events e on e.product_id = b.product_id "
        "and (e.value = 1 or e.detail = 'complaint') group by b.product_id, b.events"
    )
    assert len(found) == 3
    assert all(row["in_time"] == row["events"] > 20 * row["a_week"] for row in found)
