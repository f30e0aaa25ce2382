"""The generated shop is the same everywhere, in the declared vocabulary, and broken exactly as often as it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import make_data
import pytest
from generated import Made, generated
from generator import dirt, styles, writing
from generator.catalogue import catalogue
from generator.dice import slots
from generator.people import people
from generator.shop import shop
from generator.world import AS_OF, World
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from vitalfew.engines import engine
from vitalfew.storage import contracts
from vitalfew.tables import sources

LINES, SEED, DIRTY = 60_000, 7, 0.004
EACH = 30  # LINES * DIRTY / 8 kinds
"""Rows of every kind of dirt."""


@pytest.fixture(scope="module")
def made(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    with generated(spark, tmp_path_factory.mktemp("generated"), World(LINES, SEED, DIRTY)) as made:
        yield made


def checksum(frame: DataFrame) -> tuple[int, int]:
    """Rows, and the sum of a hash of each: the same for the same rows in any order."""
    row = F.concat_ws("|", *[F.coalesce(F.col(name).cast("string"), F.lit("~")) for name in sorted(frame.columns)])
    hashed = F.xxhash64(row).cast("decimal(38,0)")
    found = frame.agg(F.count(F.lit(1)).alias("rows"), F.sum(hashed).alias("hashed")).collect()[0]
    return int(found["rows"]), int(found["hashed"] or 0)


def checksums(spark: SparkSession, root: Path) -> dict[str, tuple[int, int]]:
    return {path.name: checksum(writing.load(spark, path)) for path in sorted(root.iterdir()) if path.is_dir()}


def slice_of(spark: SparkSession, seed: int) -> list[tuple[int, int]]:
    """Checksums of order_lines, events and dirt of a small shop, unknown customers included."""
    made = shop(spark, World(1_200, seed, DIRTY))
    numbers = spark.range(made.world.buyers).withColumnRenamed("id", "customer_no")
    bought, happened = writing.slice_of(made, people(made, numbers))
    return [checksum(frame) for frame in (bought, happened, dirt.dirt(made))]


# The same everywhere


FOREVER = [(1015, -65649943150002175675), (343, 20063563776742251253), (9, -7592522865871288798)]


@pytest.mark.both_engines
def test_the_same_seed_gives_the_same_rows_on_every_engine_and_for_ever(spark: SparkSession) -> None:
    assert slice_of(spark, seed=1) == FOREVER


def test_another_seed_gives_other_rows(spark: SparkSession) -> None:
    other = slice_of(spark, seed=2)
    assert all(one != another for one, another in zip(other, FOREVER, strict=True))


def test_slices_and_partitions_change_no_row(spark: SparkSession, tmp_path: Path) -> None:
    world = World(8_000, SEED, DIRTY)
    at_once = writing.write(spark, world, tmp_path / "at once")
    assert writing.write(spark, world, tmp_path / "in parts", slice_lines=6_000, partitions=3) == at_once
    assert checksums(spark, tmp_path / "in parts") == checksums(spark, tmp_path / "at once")


# As the contract and the issue want it


def test_every_source_table_is_in_the_declared_vocabulary_and_keeps_its_contract_but_for_the_dirt(made: Made) -> None:
    for table in (sources.ORDER_LINES, sources.EVENTS, sources.CUSTOMERS, sources.PRODUCTS):
        written = made.spark.table(table.name)
        assert {f.name: f.dataType.simpleString() for f in written.schema} == {c.name: c.type for c in table.declared}
        held = made.spark.table("clean") if table is sources.ORDER_LINES else written
        for rule in contracts.rules(table):
            assert held.where(contracts.broken(rule)).count() == 0, f"{table.name}: {rule}"
        assert contracts.repeated_keys(written, table) is None


def test_about_as_many_lines_as_asked_for_ten_orders_a_customer_of_four_and_a_half_lines(made: Made) -> None:
    orders = made.value("select count(distinct order_id) from clean where kind = 'sale'")
    sold = made.value("select count(*) from clean where kind = 'sale'")
    assert made.facts["rows"]["order_lines"] == pytest.approx(LINES, rel=0.15)
    assert orders / made.facts["known_customers"] == pytest.approx(10.5, rel=0.15)
    assert sold / orders == pytest.approx(4.3, abs=0.4)


def test_all_is_sold_before_as_of_and_something_on_the_last_day(made: Made) -> None:
    last = made.value("select max(ordered_at) from clean")
    assert (AS_OF - last.date()).days == 1
    assert made.facts["as_of"] == AS_OF.isoformat()
    assert made.value("select max(happened_at) from events").date() < AS_OF


def test_the_best_fifth_of_the_customers_holds_about_eighty_percent(made: Made) -> None:
    amounts = [
        row[0]
        for row in made.rows(
            "select sum(amount) a from clean where customer_id is not null group by customer_id order by a desc"
        )
    ]
    assert sum(amounts[: len(amounts) // 5]) / sum(amounts) == pytest.approx(Decimal("0.80"), abs=Decimal("0.05"))


def test_products_are_popular_as_zipf_has_it(made: Made) -> None:
    sold = [
        row[0]
        for row in made.rows("select count(*) n from clean where kind = 'sale' group by product_id order by n desc")
    ]
    assert sum(sold[: len(sold) // 10]) / sum(sold) > 0.3
    assert sum(sold[len(sold) // 2 :]) / sum(sold) < 0.25


def test_what_is_returned_was_sold_before_to_the_same_customer_for_the_same_money(made: Made) -> None:
    returned = made.rows(
        "select r.amount + s.amount money, r.cost + s.cost cost, r.quantity + s.quantity pieces, "
        "datediff(r.ordered_at, s.ordered_at) days from clean r left join clean s on r.product_id = s.product_id "
        "and r.customer_id = s.customer_id and s.order_id = concat('o', substring(r.order_id, 2)) where r.kind = 'return' "
        "and r.customer_id is not null"
    )
    assert len(returned) > 50
    assert {(row["money"], row["cost"], row["pieces"]) for row in returned} == {(0, 0, 0)}
    assert {row["days"] for row in returned} <= set(range(3, 21))


# What goes wrong


def test_every_kind_of_dirt_is_there_exactly_as_often_as_truth_says(made: Made) -> None:
    kinds = {
        "no order": "order_id is null",
        "no product": "product_id is null",
        "no time": "ordered_at is null",
        "no price": "amount = 0",
        "negative price": "amount < 0 and quantity > 0",
        "impossible time": "ordered_at < '2000-01-01' or ordered_at > '2050-01-01'",
        "giant order, cancelled": "abs(quantity) >= 10000",
    }
    for kind, condition in kinds.items():
        rows = EACH * (2 if kind == "giant order, cancelled" else 1)
        assert made.value(f"select count(*) from order_lines where {condition}") == rows, kind
        assert made.facts["dirt"][kind]["rows"] == rows
    columns = ", ".join(sources.ORDER_LINES.columns)
    copies = f"select count(*) - 1 more from order_lines group by {columns} having count(*) > 1"
    assert made.value(f"select sum(more) from ({copies})") == made.facts["dirt"][dirt.COPY]["rows"] == EACH


def test_giant_orders_are_cancelled_within_minutes_to_the_cent(made: Made) -> None:
    found = made.rows(
        "select sum(amount) money, sum(cost) cost, count(*) n, "
        "(unix_timestamp(max(ordered_at)) - unix_timestamp(min(ordered_at))) / 60 minutes "
        "from order_lines where abs(quantity) >= 10000 group by customer_id, product_id"
    )
    assert len(found) == EACH
    assert all((row["money"], row["cost"], row["n"]) == (0, 0, 2) and 2 <= row["minutes"] <= 20 for row in found)


def test_the_money_of_the_dirt_is_accounted_for(made: Made) -> None:
    told = sum(Decimal(kind["amount"]) for kind in made.facts["dirt"].values())
    assert made.value("select sum(amount) from order_lines") - told == made.value("select sum(amount) from clean")


def test_some_buyers_are_not_on_file_and_some_on_file_never_bought(made: Made) -> None:
    buyers = "select distinct customer_id from clean where customer_id is not null"
    unregistered = made.value(f"select count(*) from ({buyers}) left anti join customers using (customer_id)")
    idle = made.value(f"select count(*) from customers left anti join ({buyers}) using (customer_id)")
    assert unregistered == made.value("select count(*) from truth_customers where not is_registered") > 0
    assert idle == made.facts["never_bought"] > 0
    unknown = made.value("select count(distinct order_id) from clean where customer_id is null and kind = 'sale'")
    assert unknown == made.facts["unknown_customers"]


# The parts, and the command


def test_slots_are_dealt_out_whole_and_in_proportion() -> None:
    assert slots([1, 1, 1], 10) == [4, 3, 3]
    assert slots([0.5, 0.25, 0.25], 8) == [4, 2, 2]
    assert [sum(style.week()) for style in styles.STYLES] == [styles.TIME_SLOTS] * len(styles.STYLES)


@pytest.mark.parametrize("products", [240, 1_000, 5_000])
def test_product_ids_are_distinct(spark: SparkSession, products: int) -> None:
    goods = replace(catalogue(World(1_000)), products=products)
    ids = spark.range(products + 1).select(goods.product_id(F.col("id")).alias("id"))
    assert ids.distinct().count() == products + 1


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"lines": 10}, "at least 1,000 lines"), ({"lines": 5_000, "dirty": 0.5}, "from 0 to 0.015")],
)
def test_a_shop_that_cannot_be_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        World(**wrong)


def test_the_command_writes_what_the_target_generated_reads(
    running: engine.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "start", lambda *_, **__: replace(running, close=lambda: None))
    make_data.main(["--root", str(tmp_path / "made"), "--lines", "2_000"])
    make_data.main(["--root", str(tmp_path / "made"), "--lines", "1_000", "--seed", "2", "--dirty", "0"])
    assert "as_of is 2024-12-30" in capsys.readouterr().out
    found = json.loads((tmp_path / "made" / "truth.json").read_text())
    assert (found["finished"], found["dirt"], found["seed"]) == (True, {}, 2)
    written, _ = checksum(writing.load(running.spark, tmp_path / "made" / "order_lines"))
    assert written == found["rows"]["order_lines"] < 1_300  # its own work it replaces


def test_the_command_leaves_a_folder_alone_that_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "order_lines").mkdir()
    with pytest.raises(SystemExit, match=r"has no truth\.json"):
        make_data.main(["--root", str(tmp_path), "--lines", "1_000"])
    with pytest.raises(SystemExit, match="at least 1,000 lines"):
        make_data.main(["--root", str(tmp_path), "--lines", "1"])
