"""What is likely not what it seems is told or refused: ids in wrappings, totals among the goods, seconds taken for more."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from shop import SHOP, Shop

from vitalfew.errors import QualityError

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
