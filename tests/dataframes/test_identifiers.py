"""Identifiers are exact or refused, and placeholders are nobody; the same from files and from tables."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from shop import Shop

from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.storage.contracts import door
from vitalfew.storage.delta import Storage
from vitalfew.storage.unmatched import one_of_all, unmatched
from vitalfew.tables.sources import ORDER_LINES


def test_floats_of_parquet_are_identifiers_without_a_point_or_refused(shop: Shop) -> None:
    ids, items = [17850.0, None, 9e15, 2.0**53, 12.5], [4006381333931.0, 7.0, 1.0, 1.0, 1.0]
    rest = {"id": list("abcde"), "at": ["2025-01-02"] * 5, "n": [1] * 5, "price": ["1.00"] * 5}
    (shop.root / "drops").mkdir()
    parquet.write_table(pa.table({"who": ids, "what": items, **rest}), shop.root / "drops" / "a.parquet")
    shop.take(format="parquet")
    assert {row["order_id"]: (row["customer_id"], row["product_id"]) for row in shop.rows()} == {
        "a": ("17850", "4006381333931"),
        "b": (None, "7"),
        "c": ("9000000000000000", "1"),
        "e": ("12.5", "1"),
    }
    assert [why.split(",")[0] for why in shop.reasons()] == ["customer_id was shortened by a spreadsheet"]


def test_text_that_a_spreadsheet_shortened_is_refused_and_codes_with_an_e_are_not(shop: Shop) -> None:
    items = ["5.01234E+12", "4E+12", "8,71234E+11", "85E3", "10E2", "E+5", "1.5E12x"]
    shop.drop("a.csv", *[f'{i},ann,"{item}",2025-01-02,1,1' for i, item in enumerate(items)])
    shop.take()
    assert shop.products() == sorted(items[3:])
    assert {why.split(",")[0] for why in shop.reasons()} == {"product_id was shortened by a spreadsheet"}


@pytest.mark.both_engines
def test_a_table_of_doubles_gives_the_same_identifiers_and_money(running: Engine, tmp_path: Path) -> None:
    query = """
        select id order_id, who customer_id, what product_id, timestamp'2025-01-02 00:00:00' ordered_at, 1 quantity,
               paid amount
        from values ('a', 17850D, '1', 1.005D), ('b', cast(null as double), '2', 2.675D), ('c', 1e16D, '3', 8.345D),
                    ('d', 5D, '5.01234E+12', 1D), ('e', 6D, 'N/A', 1D), ('f', 7D, '4', 0.004D) as t(id, who, what, paid)
    """
    running.spark.sql(query).write.format("delta").save(str(tmp_path / "order_lines"))
    storage = Storage(
        running,
        Target.model_validate(
            {"root": str(tmp_path), "engine": running.name, "sources": {"order_lines": "order_lines"}}
        ),
    )
    frame, refused, account = door(storage.read(ORDER_LINES, originals=True), ORDER_LINES, "orders", storage.stage)
    found = {row["order_id"]: (row["customer_id"], row["amount"]) for row in frame.collect()}
    assert found == {
        "a": ("17850", Decimal("1.01")),
        "b": (None, Decimal("2.68")),
        "f": ("7", Decimal("0.00")),
    }
    assert refused is not None
    assert sorted(row["reason"].split(",")[0] for row in refused.collect()) == [
        "customer_id was shortened by a spreadsheet",
        "product_id is missing",
        "product_id was shortened by a spreadsheet",
    ]
    assert account.money_rounded == Decimal("-0.006")
    storage.release()


def test_placeholders_are_nobody_and_no_product_and_are_counted(shop: Shop) -> None:
    who = ["Unknown", "GUEST", "n/a", "0000000000", "#N/A", "-", "ann"]
    shop.drop("a.csv", *[f"{i},{name},tea,2025-01-02,1,1" for i, name in enumerate(who)], "9,ann,NULL,2025-01-02,1,1")
    account = shop.take()
    assert {row["customer_id"] for row in shop.rows()} == {None, "ann"}
    assert shop.reasons() == ["product_id is missing"]
    assert account.rows_placeholder == 7


def test_which_texts_are_placeholders_is_said_by_the_source(shop: Shop) -> None:
    shop.drop("a.csv", "1,unknown,tea,2025-01-02,1,1", "2,Barverkauf,cup,2025-01-02,1,1")
    shop.take(placeholders=["barverkauf"])
    assert {row["product_id"]: row["customer_id"] for row in shop.rows()} == {"tea": "unknown", "cup": None}


def test_identifiers_that_meet_nothing_are_counted_and_lost_zeros_are_guessed(running: Engine) -> None:
    spark = running.spark
    lines = spark.createDataFrame(
        [("7",)] * 4 + [("12.0",)] * 3 + [("cup",)] * 5 + [("gone",), (None,)], "product_id string"
    )
    products = spark.createDataFrame([("0007",), ("12",), ("cup",)], "product_id string")
    found = unmatched(lines, "product_id", products, "products")
    assert found is not None
    assert (found.lines, found.all_lines, found.near_lines) == (8, 13, 7)
    assert "7 of them would be found without leading zeros or a final .0" in found.warning
    assert unmatched(lines, "product_id", products.where("false"), "products") is None
    few = unmatched(lines.where("product_id = 'cup'"), "product_id", products, "products")
    assert few is not None
    assert few.warning == ""


def test_one_customer_with_too_many_lines_is_named(running: Engine) -> None:
    lines = [("till 4",)] * 60 + [(f"c{i}",) for i in range(60)]
    told = one_of_all(running.spark.createDataFrame(lines, "customer_id string"))
    assert told.startswith("the customer 'till 4' has 60 of 120 order lines of known customers")
    assert one_of_all(running.spark.createDataFrame(lines[50:], "customer_id string")) == ""
