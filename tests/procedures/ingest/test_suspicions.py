"""What is likely not what it seems is told or refused: ids in wrappings, totals among the goods, seconds taken for more."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from shop import CUP, SHOP, TEA, Shop

from vitalfew.errors import QualityError
from vitalfew.jobs.ingest.params import IngestParams

PAID: dict[str, Any] = {"columns": {**SHOP["columns"], "amount": "paid"}, "types": {}}
HEAD = "id,who,what,at,n,paid"


def test_ids_with_white_space_or_the_marks_of_a_spreadsheet_are_told_and_unwrapped(shop: Shop) -> None:
    lines = ["1,0012,tea,2025-01-02,1,1", '2,="0012",tea,2025-01-02,1,1', "3,'0012,tea,2025-01-02,1,1"]
    lines += ["4, 0012,tea,2025-01-02,1,1", "5,'t Hooft,tea,2025-01-02,1,1", "6,a=b,'n Huis,2025-01-02,1,1"]
    shop.drop("a.csv", *lines, header=HEAD)
    (said,) = shop.take(**PAID).told
    assert said.startswith("order_lines: 3 values of customer_id (such as a.csv, row 2: '=\"0012\"') have white space")
    assert said.endswith("normalise: {customer_id: [trim, unwrap]}")
    shop.drop("c/a.csv", *[line.replace(",tea", ",cup") for line in lines], header=HEAD)
    (said,) = shop.take(**PAID, at="drops/c", hide=["who"]).told
    assert "(such as a.csv, row 2) have" in said
    shop.drop("b/a.csv", *[line.replace(",tea", ",pot") for line in lines], header=HEAD)
    again = shop.take(**PAID, at="drops/b", normalise={"customer_id": ["trim", "unwrap"]})
    assert again.told == ()
    found = {row["order_id"]: row["customer_id"] for row in shop.rows() if row["product_id"] in ("pot", "'n Huis")}
    assert found == {**dict.fromkeys("1234", "0012"), "5": "'t Hooft", "6": "a=b"}


def test_totals_between_the_goods_are_refused_where_they_are_much_of_the_money_and_else_told(shop: Shop) -> None:
    goods = ["1,ann,tea,2025-01-02,1,3.00", "1,ann,pot,2025-01-02,1,4.00"]
    shop.drop("a.csv", *goods, "1,ann,Summe:,2025-01-02,1,7.00", header=HEAD)
    with pytest.raises(QualityError) as error:
        shop.take(**PAID)
    assert "1 rows are called a total (such as a.csv, row 3: 'Summe:') and bring 7.00, of 14.00 in all" in str(
        error.value
    )
    assert """reject: {a total: "what = 'Summe:'"}""" in str(error.value)
    shop.take(**PAID, reject={"a total": "what = 'Summe:'"})
    assert sum(row["amount"] for row in shop.rows()) == 7
    cereals = ["2,bob,Total,2025-01-03,1,3.10", "2,bob,milk,2025-01-03,1,9.00"]
    shop.drop("b/b.csv", *cereals, header=HEAD)
    (said,) = shop.take(**PAID, at="drops/b").told
    assert "1 rows are called a total (such as b.csv, row 1: 'Total') and bring 3.10." in said
    assert sum(row["amount"] for row in shop.rows()) == Decimal("19.10")


def test_seconds_that_are_read_as_milliseconds_are_refused(shop: Shop) -> None:
    shop.drop("a.csv", "1,ann,tea,1735808400,1,3.00", header=HEAD)
    given = {**PAID, "types": {"at": "bigint"}}
    columns = {**PAID["columns"], "ordered_at": "timestamp_millis(at)"}
    with pytest.raises(QualityError, match=r"all ordered_at lie at the start of 1970 .the last is 1970-01-21.*seconds"):
        shop.take(**{**given, "columns": columns})
    shop.take(**{**given, "columns": {**columns, "ordered_at": "timestamp_seconds(at)"}})
    assert [str(row["ordered_at"])[:10] for row in shop.rows()] == ["2025-01-02"]


def test_a_total_in_the_column_of_the_order_or_of_the_customer_is_one_too(shop: Shop) -> None:
    shop.drop("a.csv", TEA, CUP, "Total:,,All goods,2025-01-03,1,7.00")
    with pytest.raises(
        QualityError, match=r"1 rows are called a total .*row 3: 'Total:'\) and bring 7.00, of 14.00"
    ) as error:
        shop.take()
    assert """reject: {a total: "id = 'Total:'"}""" in str(error.value)
    reject = {"a total": "id = 'Total:'"}
    with pytest.raises(QualityError, match="1 of 3 new rows would be refused"):
        shop.take(IngestParams(), reject=reject)
    assert shop.take(IngestParams(max_quarantined_share=0.4), reject=reject).money_used == Decimal("7.00"), "as it said"
    shop.drop("a.csv", TEA, CUP, "9,Summe,tea,2025-01-03,1,1.00")
    account = shop.take(copies="keep")
    assert account.money_used == Decimal("8.00"), "1.00 of 8.00 may be what a customer of this name has bought"
    assert """reject: {a total: "who = 'Summe'"}""" in account.told[0]


def test_ids_that_went_through_a_program_for_numbers_are_told_and_made_whole(shop: Shop) -> None:
    lines = [
        "1,17850.0,tea,2025-01-02,1,1",
        "2,17850,tea,2025-01-02,1,1",
        "3,0012,tea,2025-01-02,1,1",
        "4,12,tea,2025-01-02,1,1",
    ]
    shop.drop("a.csv", *lines)
    points, zeros = shop.take().told
    assert "1 values of customer_id (such as a.csv, row 1: '17850.0') end in .0" in points
    assert points.endswith("normalise: {customer_id: [whole]}")
    assert "1 values of customer_id stand with zeros before them and without (such as '0012' and '12')" in zeros
    shop.drop("b.csv", "5,99.0,tea,2025-01-05,1,1", "6,1.05,tea,2025-01-05,1,1", "7,0012,tea,2025-01-05,1,1")
    assert shop.take(normalise={"customer_id": ["whole"]}, hide=["who"]).told == ()
    assert {r["order_id"]: r["customer_id"] for r in shop.rows() if r["order_id"] > "4"} == {
        "5": "99",
        "6": "1.05",
        "7": "0012",
    }


@pytest.mark.parametrize("text", ["4.006381333931E12", "4.00638E+12", "4.00638e+12", "4E+12"])
def test_an_id_with_an_exponent_is_refused_whoever_wrote_it(shop: Shop, text: str) -> None:
    shop.drop("a.csv", f"1,ann,{text},2025-01-02,1,1", "2,ann,2E4,2025-01-02,1,1", "3,ann,A1.5E7,2025-01-02,1,1")
    shop.take()
    assert shop.products() == ["2E4", "A1.5E7"]
    assert "product_id was shortened" in shop.reasons()[0]


def test_ids_of_json_are_whole_numbers_or_single_values(shop: Shop) -> None:
    first = '{"id": 1.0, "who": 4.006381333931E12, "what": "a", "at": "2025-01-02", "n": 1, "price": 2.50}'
    second = (
        '{"id": "1.0", "who": 9007199254740993.0, "what": ["tea", "mug"], "at": "2025-01-02", "n": 1, "price": 2.50}'
    )
    shop.bytes("a.jsonl", f"{first}\n{second}\n".encode())
    told = shop.take(format="jsonl").told
    assert [(r["order_id"], r["customer_id"], r["product_id"]) for r in shop.rows()] == [
        ("1", "4006381333931", "a"),
        ("1.0", "9007199254740993.0", '["tea", "mug"]'),
    ]
    assert any(
        """values of product_id (such as a.jsonl, row 2: '["tea", "mug"]') are lists or objects""" in t for t in told
    )


def test_ids_with_unseen_characters_within_and_items_with_a_quantity_are_told(shop: Shop) -> None:
    shop.drop(
        "a.csv", "1,an\u200bn,tea,2025-01-02,1,1", "2,ann\u00a0lee,tea,2025-01-02,1,1", "3,ann lee,tea,2025-01-02,1,1"
    )
    (said,) = shop.take().told
    assert r"2 values of customer_id (such as a.csv, row 1: 'an\u200bn') have characters within" in said
    assert said.endswith("normalise: {customer_id: [squeeze]}")
    shop.drop("b.csv", "4,an\u200bn,2 x tea; mug; pot x3; 4x4 toy,2025-01-03,1,8")
    told = shop.take(items={"column": "what", "split": ";"}, normalise={"customer_id": ["squeeze"]}).told
    assert {row["customer_id"] for row in shop.rows() if row["order_id"] == "4"} == {"ann"}
    assert any("2 values of product_id (such as b.csv, row 1: '2 x tea') hold a quantity" in said for said in told)
