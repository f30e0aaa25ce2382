"""Parts of a cent: refused where they are written, counted where they are computed; one rule for doubles."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from shop import SHOP, Shop

DIRECT: dict[str, Any] = {"columns": {**SHOP["columns"], "amount": "price"}, "types": {}}


def lines(prices: list[str], pieces: int = 1) -> list[str]:
    return [f"{i},ann,tea,2025-01-02,{pieces},{price}" for i, price in enumerate(prices)]


def test_a_cell_of_money_with_parts_of_a_cent_is_refused_unless_its_rounding_is_said(shop: Shop) -> None:
    shop.drop("a.csv", *lines(["0.003"] * 700 + ["5.0000", "7.10"]))
    account = shop.take(**DIRECT)
    assert (account.rows_used, account.money_used) == (2, Decimal("12.10"))
    assert set(shop.reasons()) == {"price has more than 2 decimals; say how to round: `rounding: half_up`"}


@pytest.mark.parametrize(("rounding", "used"), [("half_up", "0.03"), ("half_even", "0.02")])
def test_rounding_goes_by_the_said_rule_and_is_counted(shop: Shop, rounding: str, used: str) -> None:
    shop.drop("a.csv", *lines(["0.025", "-0.0049", "1.004"]))
    account = shop.take(**DIRECT, rounding=rounding)
    assert account.money_used == Decimal(used) + Decimal("1.00")
    assert account.money_rounded == Decimal("0.025") - Decimal("0.0049") + Decimal("1.004") - account.money_used


@pytest.mark.both_engines
def test_the_half_of_a_cent_goes_to_the_even_one_where_that_is_said(shop: Shop) -> None:
    shop.drop("a.csv", *lines(["0.025", "-0.0049", "1.004", "0.035"]))
    found = [(row["amount"], row["__rounded"]) for row in shop.judged(**DIRECT, rounding="half_even")]
    assert [(str(used), rounded.normalize()) for used, rounded in found] == [
        ("0.02", Decimal("0.005")),
        ("0.00", Decimal("-0.0049")),
        ("1.00", Decimal("0.004")),
        ("0.04", Decimal("-0.005")),
    ]


def test_computed_money_is_rounded_by_the_line_and_counted(shop: Shop) -> None:
    shop.drop("a.csv", *lines(["0.0013"] * 300, pieces=3))
    account = shop.take()
    assert (account.rows_used, account.money_used) == (300, Decimal(0))
    assert account.money_rounded == Decimal("1.17")


@pytest.mark.both_engines
def test_doubles_are_rounded_from_the_decimal_that_people_see(shop: Shop) -> None:
    prices = [1.005, 2.675, 29.700000000000003, 1e-9, 8.345, -0.285, 4e6]
    where = {name: [v] * len(prices) for name, v in {"who": "ann", "what": "tea", "at": "2025-01-02", "n": 1}.items()}
    table = pa.table({"id": [str(i) for i in range(len(prices))], "price": prices, **where})
    (shop.root / "drops").mkdir()
    parquet.write_table(table, shop.root / "drops" / "a.parquet")
    found = shop.judged(**DIRECT, format="parquet", rounding="half_up")
    wanted = ["1.01", "2.68", "29.70", "0.00", "8.35", "-0.29", "4000000.00"]
    assert [(str(row["amount"]), row["__reason"]) for row in found] == [(price, None) for price in wanted]
