"""What belongs to an order and stands on one of its lines; returns and their signs; columns nobody asked for."""

from __future__ import annotations

import random
import time
from decimal import Decimal
from typing import Any

import pytest
from shop import HEADER, SHOP, Shop

from vitalfew.config.files import FileSource
from vitalfew.procedures.ingest.readers.parts import told_apart
from vitalfew.tables.logs import FILES


def amounts(shop: Shop) -> dict[str, str]:
    return {row["product_id"]: str(row["amount"]) for row in shop.rows()}


def test_values_on_the_first_line_of_an_order_are_those_of_all_its_lines(shop: Shop) -> None:
    header = HEADER + ",state,where"
    shop.drop(
        "a.csv",
        "A1,ann,mug,2025-02-01,1,7,paid,web",
        "A1,ann,jug,2025-02-01,1,9,,",
        "A2,bob,pan,2025-02-01,1,30,void,web",
        "A1,ann,pan,2025-02-01,1,5,,app",
        "A2,bob,lid,2025-02-01,1,3,,",
        header=header,
    )
    shop.drop("b.csv", "A3,ann,cup,2025-02-01,1,7,,", "A1,ann,late,2025-02-01,1,1,,", header=header)
    shop.take(
        order_level=["state", "where"],
        reject={"void": "state = 'void'"},
        columns={**SHOP["columns"], "channel": "where"},
    )
    assert {row["product_id"]: row["channel"] for row in shop.rows()} == {
        "mug": "web",
        "jug": "web",
        "pan": "app",
        "cup": None,
        "late": None,
    }
    assert shop.reasons() == ["void", "void"]


def test_a_discount_on_an_order_is_spread_over_its_sales_to_the_cent(shop: Shop) -> None:
    header = HEADER + ",off"
    shop.drop(
        "a.csv",
        *["B1,ann,a,2025-02-01,1,10,1.00", "B1,ann,b,2025-02-01,1,10,", "B1,ann,c,2025-02-01,1,10,"],
        *["B2,ann,d,2025-02-01,1,3,2.50", "B2,ann,e,2025-02-01,1,1,2.50", "B2,ann,fee,2025-02-01,1,4,"],
        *["B3,ann,f,2025-02-01,1,3,", "B4,ann,g,2025-02-01,1,3,3.01", "B5,ann,h,2025-02-01,1,3,-1"],
        "B6,ann,i,2025-02-01,1,3,3.00",
        header=header,
    )
    shop.take(order_discount="off", charges="product_id = 'fee'")
    assert amounts(shop) == {
        "a": "9.66",
        "b": "9.67",
        "c": "9.67",
        "d": "1.12",
        "e": "0.38",
        "fee": "4.00",
        "f": "3.00",
        "i": "0.00",
    }
    assert shop.reasons() == [
        "order_discount is more than the sales of its order",
        "order_discount is negative; it is taken off: turn its sign",
    ]


def naive_spread(cents: list[int], off: int) -> list[int]:
    """Largest remainders, the first line first among equals."""
    total = sum(cents)
    shares = [off * c // total for c in cents]
    order = sorted(range(len(cents)), key=lambda i: (-(off * cents[i] % total), i))
    for i in order[: off - sum(shares)]:
        shares[i] += 1
    return [c - s for c, s in zip(cents, shares, strict=True)]


def test_random_discounts_are_spread_as_plain_python_does(shop: Shop) -> None:
    chance = random.Random(4)
    lines, expected = [], {}
    for order in range(60):
        cents = [chance.choice([1, 33, 999, 12345, 99999999999]) for _ in range(chance.randrange(1, 9))]
        off = chance.randrange(sum(cents) + 1)
        for i, (cost, after) in enumerate(zip(cents, naive_spread(cents, off), strict=True)):
            lines.append(f"o{order},ann,p{order}-{i},2025-02-01,1,{cost / 100:.2f},{off / 100:.2f}")
            expected[f"p{order}-{i}"] = str(Decimal(after) / 100 if after % 100 else Decimal(f"{after // 100}.00"))
    shop.drop("a.csv", *lines, header=HEADER + ",off")
    account = shop.take(order_discount="off")
    assert {name: Decimal(amount) for name, amount in amounts(shop).items()} == {
        name: Decimal(amount) for name, amount in expected.items()
    }
    assert account.money_used == sum(map(Decimal, expected.values()))


@pytest.mark.parametrize("returns", ["id like 'R%'", {"when": "id like 'R%'"}])
def test_a_return_with_positive_money_is_refused_and_says_what_to_set(shop: Shop, returns: Any) -> None:
    shop.drop(
        "a.csv",
        *["R1,ann,tray,2025-02-01,1,20", "R2,ann,dish,2025-02-01,-1,20", "R3,ann,bowl,2025-02-01,0,20"],
        "S4,ann,vase,2025-02-01,1,20",
    )
    shop.take(returns=returns)
    assert amounts(shop) == {"dish": "-20.00", "bowl": "0.00", "vase": "20.00"}
    assert shop.reasons() == [
        "a return whose quantity or amount is positive; if they are so in the file, set returns: {when: ..., sign: "
        "positive_in_file}"
    ]


def test_returns_that_are_positive_in_the_file_become_negative(shop: Shop) -> None:
    header = HEADER + ",doc,paid"
    columns = {**SHOP["columns"], "kind": "doc", "cost": "paid"}
    shop.drop("a.csv", "1,ann,tray,2025-02-01,2,20,return,5", "2,ann,dish,2025-02-01,-1,20,return,-5", header=header)
    shop.drop("b.csv", "3,ann,vase,2025-02-01,1,20,sale,5", header=header)
    shop.take(returns={"when": "kind = 'return'", "sign": "positive_in_file"}, columns=columns)
    assert {
        row["product_id"]: tuple(map(float, (row["quantity"], row["amount"], row["cost"]))) for row in shop.rows()
    } == {
        "tray": (-2, -40, -5),
        "dish": (-1, -20, -5),
        "vase": (1, 20, 5),
    }


def test_columns_of_one_name_or_none_are_told_apart(shop: Shop) -> None:
    assert told_apart(["a", "", "a", "b", "a"], ()) == ("a", "column_2", "a__2", "b", "a__3")
    assert told_apart(["a", "a__2", "a", "column_4", ""], ("a__1",)) == (
        "a__1",
        "a__2",
        "a__2_",
        "column_4",
        "column_5",
    )
    shop.drop("a.csv", "1,ann,tea,2025-02-01,1,2,first,x,second", header=HEADER + ",note,,note")
    shop.take(columns={**SHOP["columns"], "channel": "concat(note__1, note__2, column_8)"})
    assert [row["channel"] for row in shop.rows()] == ["firstsecondx"]


def test_columns_that_no_setting_names_cost_next_to_nothing_and_still_tell_rows_apart(shop: Shop) -> None:
    many = [f"extra{i}" for i in range(2_000)]
    blank = "," * (len(many) - 1)
    row = "1,ann,tea,2025-02-01,1,2,"
    shop.drop("a.csv", *[row + blank + end for end in ("x", "x", "y", "")], header=",".join([HEADER, *many]))
    start = time.process_time()
    shop.take()
    assert time.process_time() - start < 10
    assert len(shop.rows()) == 4
    shop.drop("b.csv", row + "x", row + "y", row, row + "z", header=f"{HEADER},extra1999")
    assert shop.take().rows_duplicate == 3, "the same content, whether there are many columns or few"


def test_lines_and_rows_of_a_file_are_both_counted(shop: Shop) -> None:
    shop.drop("a.csv", '1,ann,"two\nlines",2025-02-01,1,2', "2,ann,tea,2025-02-01,1,2", '3,ann,"open,2025-02-01,1,2')
    shop.take(multiline=True)
    assert [(row["rows_in"], row["lines_in"]) for row in shop.rows(FILES)] == [(3, 4)]


def test_escaped_quotes_are_read_where_it_is_said(shop: Shop) -> None:
    shop.drop("a.csv", r'1,ann,"tv 40\" \"flat\"",2025-02-01,1,2')
    shop.take(escape="\\")
    assert shop.products() == ['tv 40" "flat"']
    with pytest.raises(ValueError, match="escape must be an ASCII character"):
        FileSource(**{**SHOP, "escape": '"'})
