"""What may mean two things is not guessed: thousands or decimals, the currency of a later file, a key nobody wrote."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hostile import Hostile
from pyarrow import parquet
from pydantic import ValidationError
from shop import SHOP, Shop
from workbook_files import xlsx

from vitalfew.config.files import FileSource
from vitalfew.engines.engine import Engine
from vitalfew.errors import QualityError

PAID: dict[str, Any] = {"columns": {**SHOP["columns"], "amount": "paid"}, "types": {}}
HEAD = "id,who,what,at,n,paid"


def amounts(shop: Shop) -> dict[str, Decimal]:
    return {row["order_id"]: row["amount"] for row in shop.rows()}


def test_points_before_three_digits_are_thousands_or_decimals_only_where_it_is_known(shop: Shop) -> None:
    shop.drop("jakarta.csv", "1,ann,tea,2025-01-02,1,15.000", "2,bob,pot,2025-01-02,2,Rp 250.000", header=HEAD)
    with pytest.raises(
        QualityError, match=r"(?s)2 cells of paid .such as jakarta.csv, row 1: '15.000'.*numbers: de_DE"
    ):
        shop.take(**PAID)
    shop.take(**PAID, numbers="id_ID")
    assert amounts(shop) == {"1": 15_000, "2": 250_000}

    shop.drop("scales.csv", "3,ann,tea,2025-01-03,1.000,2", "4,bob,tea,2025-01-03,2.000,4", header=HEAD)
    with pytest.raises(QualityError, match="2 cells of n "):
        shop.take(**PAID)
    shop.drop("scales.csv", "3,ann,tea,2025-01-03,1.000,2", "4,bob,tea,2025-01-03,0.250,4", header=HEAD)
    shop.take(**PAID)
    assert [str(row["quantity"]) for row in shop.rows() if row["order_id"] > "2"] == ["1.000", "0.250"]


def test_a_later_file_in_another_currency_is_known_by_the_signs_in_its_cells(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Hostile(tmp_path, running, monkeypatch)
    shop.target(**PAID)
    shop.drop("1,ann,tea,2025-01-02,1,10.00 €", "2,ann,tea,2025-01-02,1,EUR 5.00", header=HEAD)
    shop.answers(jobs=("ingest",))
    shop.drop("3,ann,tea,2025-01-03,1,£20.00", header=HEAD, name="b.csv")
    shop.answers(jobs=("ingest",))
    said = shop.refused(6, "run", "orders")
    assert "several currencies: EUR (2 lines, 15.00), GBP (1 lines, 20.00)" in said


def test_a_key_that_no_record_has_is_refused_or_told_and_a_column_may_be_absent(shop: Shop) -> None:
    record = {"id": "1", "customer": "ann", "what": "tea", "at": "2025-01-02", "n": 1, "price": 2.5}
    given: dict[str, Any] = {"at": "drops/*.jsonl", "format": "jsonl"}
    shop.bytes("a.jsonl", json.dumps(record).encode())
    with pytest.raises(
        QualityError, match=r"no new record has a value at custmer .did you mean customer.*absent: \[custmer\]"
    ):
        shop.take(**given, columns={**SHOP["columns"], "customer_id": "custmer"})
    whole: dict[str, Any] = {**given, "columns": {**SHOP["columns"], "customer_id": "customer", "channel": "shop"}}
    shop.take(**whole, absent=["shop"])
    shop.bytes("b.jsonl", json.dumps({**record, "id": "2", "customer": None, "shop": "web"}).encode())
    assert shop.take(**whole).told == ("order_lines: no new record has a value at customer",)

    shop.drop("c.csv", "3,cy,tea,2025-01-02,1,2.50")
    till: dict[str, Any] = {"at": "drops/*.csv", "columns": {**SHOP["columns"], "channel": "branch"}}
    shop.take(**till, absent=["branch"])
    shop.drop("d.csv", "4,dan,tea,2025-01-02,1,2.50,Linz", header="id,who,what,at,n,price,branch")
    shop.take(**till, absent=["branch"])
    found = {row["order_id"]: (row["customer_id"], row["channel"]) for row in shop.rows()}
    assert found == {"1": ("ann", None), "2": (None, "web"), "3": ("cy", None), "4": ("dan", "Linz")}
    with pytest.raises(ValidationError, match="absent: brunch is used by no setting; did you mean branch"):
        FileSource(**{**SHOP, **till}, absent=("brunch",))


def columnar(rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    parquet.write_table(
        pa.table({name: list(of) for name, of in zip(HEAD.split(","), zip(*rows, strict=True), strict=True)}), out
    )
    return out.getvalue()


def objects(rows: list[list[Any]]) -> bytes:
    return json.dumps([dict(zip(HEAD.split(","), row, strict=True)) for row in rows]).encode()


@pytest.mark.parametrize(
    ("format_", "write"),
    [("excel", lambda rows: xlsx({"S": [HEAD.split(","), *rows]})), ("json", objects), ("parquet", columnar)],
)
def test_a_number_is_no_text_that_looks_like_it_whatever_the_style_of_texts_is(
    shop: Shop, format_: str, write: Callable[[list[list[Any]]], bytes]
) -> None:
    given = {**PAID, "format": format_, "rounding": "half_up"}

    def lay(folder: str, *prices: Any, pieces: Any = 1) -> dict[str, Any]:
        rows = [[f"{folder}{i}", "ann", "tea", "2025-01-02", pieces, price] for i, price in enumerate(prices)]
        shop.bytes(f"{folder}/f.{format_}", write(rows))
        return {**given, "at": f"drops/{folder}"}

    with pytest.raises(QualityError, match=r"2 cells of n .such as f.*, row 1: '1.000'"):
        shop.take(**lay("texts", "15.000", "250.000", pieces="1.000"))
    shop.take(**lay("numbers", 15.125, 7.375, -2.125, pieces=1.125))
    shop.take(**lay("german", 15.125, 1234.5, 0.125, 3.0, -1.5), numbers="de_DE")
    shop.take(**lay("germantext", "15.125", "1.234,5"), numbers="de_DE")
    assert amounts(shop) == {
        "numbers0": Decimal("15.13"),
        "numbers1": Decimal("7.38"),
        "numbers2": Decimal("-2.13"),
        **{f"german{i}": Decimal(v) for i, v in enumerate(["15.13", "1234.50", "0.13", "3.00", "-1.50"])},
        "germantext0": Decimal(15_125),
        "germantext1": Decimal("1234.50"),
    }
    assert {str(row["quantity"]) for row in shop.rows() if row["order_id"][:7] == "numbers"} == {"1.125"}


def test_a_negative_quantity_with_positive_money_is_told_and_the_setting_it_names_turns_it(shop: Shop) -> None:
    lines = ["1,ann,tea,2025-01-02,1,3.00", "2,ann,tea,2025-01-02,-2,5.00", "3,ann,tea,2025-01-02,1,-1.00"]
    shop.drop("a.csv", *lines, header=HEAD)
    assert shop.take(**PAID).told == (
        "order_lines: 1 rows have a negative quantity and a positive amount (5.00), which is added to the money. If "
        "they are returns, set returns: {when: quantity < 0, sign: positive_in_file}",
    )
    shop.drop("b/a.csv", *[line.replace("tea", "pot") for line in lines], header=HEAD)
    turned = {"when": "quantity < 0", "sign": "positive_in_file"}
    assert shop.take(**PAID, at="drops/b", returns=turned).told == ()
    assert [row["amount"] for row in shop.rows() if row["kind"] == "return"] == [Decimal("-5.00")]
