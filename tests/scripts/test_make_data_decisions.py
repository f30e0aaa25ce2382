"""What --decisions adds is as it says, the same for ever, changes nothing of the shop, and is found by the jobs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import recover
import yaml
from generated import CONF, Planted, planted_shop
from generator.customers import never_bought
from generator.decisions import (
    demands,
    influences,
    layout,
    lifecycles,
    planting,
    prices,
    recovered,
    sequences,
    treatments,
)
from generator.shop import Shop
from generator.shop import shop as make_shop
from generator.world import AS_OF, WEEKS, World
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F

from vitalfew.engines.engine import Engine
from vitalfew.storage import contracts
from vitalfew.tables import sources

WORLD = World(1_200, seed=1, dirty=0, has_decisions=True)
SOURCES = (
    sources.ORDER_LINES,
    sources.EVENTS,
    sources.CUSTOMERS,
    sources.PRODUCTS,
    sources.CONTACTS,
    sources.TREATMENTS,
    sources.REFERRALS,
    sources.STOCK,
    sources.MILESTONES,
)


@pytest.fixture(scope="module")
def shop(spark: SparkSession) -> Shop:
    return make_shop(spark, WORLD)


@pytest.fixture(scope="module")
def added(shop: Shop) -> dict[str, list[DataFrame]]:
    return planting.added(shop)


def checksum(frame: DataFrame) -> tuple[int, int]:
    row = F.concat_ws("|", *[F.coalesce(F.col(name).cast("string"), F.lit("~")) for name in sorted(frame.columns)])
    found = frame.agg(F.count(F.lit(1)), F.sum(F.xxhash64(row).cast("decimal(38,0)"))).collect()[0]
    return int(found[0]), int(found[1])


FOREVER = {
    "milestones": (318, 79200215127492914435),
    "referrals": (150, 3540459388776306561),
    "treatments": (3200, 75797116162780525596),
    "truth_demand": (144, 17716557687223141985),
    "truth_elasticities": (24, -1797010219813804288),
    "truth_hazards": (1777, -482777356705700010335),
}


PLAIN_ORDERS = (1015, -65649943150002175675)
"""As test_make_data.py has them, of the shop without decisions."""


def test_the_same_seed_plants_the_same_rows_for_ever(added: dict[str, list[DataFrame]]) -> None:
    names = ("treatments", "referrals", "milestones", "truth_hazards", "truth_demand", "truth_elasticities")
    assert {name: checksum(added[name][0]) for name in names} == FOREVER


def test_blocks_of_customers_follow_those_of_the_shop_and_do_not_overlap(shop: Shop) -> None:
    blocks = [layout.block(shop, name) for name in layout.BLOCKS]
    assert blocks[0].start == WORLD.buyers + never_bought(shop)
    assert all(one.stop == other.start for one, other in pairwise(blocks))


def test_every_added_row_is_in_the_declared_vocabulary_and_keeps_its_contract(
    added: dict[str, list[DataFrame]],
) -> None:
    for table in SOURCES:
        for rows in added[table.name]:
            types = {field.name: field.dataType.simpleString() for field in rows.schema}
            assert types == {column.name: column.type for column in table.declared}, table.name
            broken = [contracts.broken(rule) for rule in contracts.rules(table)]
            assert rows.where(reduce(Column.__or__, broken)).count() == 0, table.name


def test_units_answer_to_prices_by_the_planted_elasticity_and_elsewhere_not_at_all(shop: Shop) -> None:
    rows = prices.weekly(shop).toArrow().to_pydict()
    sold = np.array(rows["sold"]).reshape(-1, WEEKS) + 0.5
    cents = np.array(rows["cents"]).reshape(-1, WEEKS)
    season = np.log(sold.mean(axis=0))
    found = [
        np.polyfit(np.log(cents[i]), np.log(sold[i]) - season, 1)[0]
        for i in range(3 * layout.PRODUCTS_PER_PRICE_CATEGORY)
    ]
    means = np.mean(np.reshape(found, (3, -1)), axis=1)
    assert means == pytest.approx(prices.MEANS, abs=0.35)


def test_nothing_is_sold_while_nothing_is_in_stock(shop: Shop, added: dict[str, list[DataFrame]]) -> None:
    empty = added["stock"][0].where("on_hand = 0").select("product_id", "day")
    sales = added["order_lines"][planting.PARTS.index(demands)]
    sold = sales.select("product_id", F.to_date("ordered_at").alias("day"))
    assert empty.count() > 100
    assert sold.join(empty, on=["product_id", "day"], how="left_semi").count() == 0
    assert demands.is_out(shop)[:, :8].sum() == 0


def test_the_second_of_a_pair_follows_the_first_as_often_as_planted(added: dict[str, list[DataFrame]]) -> None:
    sales = added["order_lines"][planting.PARTS.index(sequences)].select("customer_id", "product_id", "ordered_at")
    pairs = added["truth_sequences"][0]
    first = sales.join(pairs.withColumnRenamed("antecedent", "product_id"), on="product_id", how="inner").select(
        "customer_id", "consequent", "share", F.col("ordered_at").alias("first_at")
    )
    second = sales.withColumnRenamed("product_id", "consequent")
    days = F.datediff("ordered_at", "first_at")
    follows = F.max(days.between(sequences.FROM_DAYS, sequences.TO_DAYS).cast("int"))
    each = first.join(second, on=["customer_id", "consequent"], how="left").groupBy(
        "customer_id", "consequent", "share"
    )
    found = each.agg(F.coalesce(follows, F.lit(0)).alias("follows")).groupBy("consequent", "share")
    for row in found.agg(F.avg("follows").alias("found")).collect():
        assert row["found"] == pytest.approx(row["share"] if row["share"] else 0.08, abs=0.1)


def test_families_live_by_the_ladder_of_the_configuration() -> None:
    ladder = yaml.safe_load((CONF / "jobs" / "lifecycle.yml").read_text())["ladders"]["mother_and_baby"]
    stages = {name: (s["from_month"], s["to_month"], tuple(s["needs"])) for name, s in ladder["stages"].items()}
    assert stages == lifecycles.STAGES
    assert list(ladder["needs"]) == list(layout.NEEDS)


@pytest.fixture(scope="module")
def found(running: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    """Trials, friends and neighbours alone, and the jobs that look at them."""
    root: Path = tmp_path_factory.mktemp("decisions")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planting, "PARTS", (treatments, influences))
        with planted_shop(running, root, WORLD, ("orders", "uplift", "influence")) as made:
            yield made


def test_the_orders_of_the_shop_are_the_same_with_what_is_added_and_without(found: Planted) -> None:
    lines = found.storage.read(sources.ORDER_LINES)
    assert lines.where("order_id like 'd%'").count() > 5_000
    assert checksum(lines.where("order_id not like 'd%'")) == PLAIN_ORDERS


def test_jobs_tell_influence_from_alike_taste_and_actions_that_work_from_harm(found: Planted) -> None:
    assert planting.has_decisions(found.root)
    lines = recovered.everything(found.result, found.truth)
    assert "contact: alike_taste" in lines["influence"]()
    assert "referral: influence" in lines["influence"]()
    assert "verdicts right of those given: 100.0% of" in lines["uplift"]()


def test_the_report_says_what_there_is_nothing_to_compare_with(found: Planted) -> None:
    said = dict(recover.report(found.storage, found.root, AS_OF, only=("influence", "price")))
    assert said["influence"].startswith("contact: alike_taste")
    assert said["price: products"].startswith("nothing to compare: ")
