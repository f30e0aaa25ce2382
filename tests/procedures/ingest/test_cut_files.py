"""Files that end within a line: told where something speaks for a cut, and not where the writer ends no last line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from shop import SHOP, Shop

from vitalfew.procedures.ingest.readers import endings

PAID: dict[str, Any] = {"columns": {**SHOP["columns"], "amount": "paid"}, "types": {}}
HEAD = "id,who,what,at,n,paid"


def lines(file: str, *paid: str) -> str:
    rows = [f"{file}{i},ann,tea,2025-01-02,1,{cell}" for i, cell in enumerate(paid)]
    return "\n".join([HEAD, *rows])


def test_a_file_that_ends_within_its_last_line_is_told_with_file_and_row(shop: Shop) -> None:
    cut = {"a": ("1.50", "2.50", "3.50", "12.5"), "b": ("1.50", "2.50", "3.50", "1"), "c": ("1", "2", "3", "4")}
    for name, paid in cut.items():
        shop.bytes(f"{name}.csv", lines(name, *paid).encode())
    shop.bytes("d.csv", lines("d", "1.50", "2.50").removesuffix(",2.50").encode())
    account = shop.take(**PAID)
    (said,) = account.told
    assert said.startswith(
        "order_lines: 3 files may be cut off (such as a.csv, row 4: '12.5'): the last line has no end, "
    )
    assert "its last number has fewer decimals than all others" in said
    assert (account.rows_in, account.rows_used) == (14, 13), "what may be whole is used"
    assert shop.refused() == [("has 5 cells where there are 6 columns", "d.csv", 2)]

    quoted = '1,ann,"tea\nwith milk",2025-01-02,1,"1.50"\n2,ann,"pot\nof milk",2025-01-02,1,"2.50"'
    shop.bytes("quoted/i.csv", f"{HEAD}\n{quoted}".encode())
    shop.bytes("quoted/j.csv", HEAD.encode())
    shop.bytes("quoted/k.csv", f"{lines('k', '1.50', '2.50', '3.50', '4')}\n\x1a".encode())
    assert shop.take(**PAID, at="drops/quoted", multiline=True).told == ()

    for name in ("e", "f", "g"):
        shop.bytes(f"two/{name}.csv", f"{lines(name, '1', '20')}\n".encode())
    shop.bytes("two/h.csv", lines("h", "1", "2").encode())
    (said,) = shop.take(**{**PAID, "hide": ["paid"]}, at="drops/two").told
    assert "(such as h.csv, row 2): the last line has no end, and the other 3 files have one" in said


@pytest.mark.parametrize(
    ("above", "last", "sign"),
    [
        (["1.50", "2.50", "13.50"], "12.5", endings.DECIMALS_LACK),
        (["1,50 €", "2,50 €", "13,50 €"], "12", endings.DECIMALS_LACK),
        (["1.50", "2.50", "13.50"], "2.50", ""),
        (["1.5", "2.50", "13.50"], "2.5", ""),
        (["1.5", "2"], "", ""),
        (["10:30", "11:30", "12:30"], "12:3", endings.SHORTER),
        (["10:30", "9:30", "12:30"], "12:3", ""),
        (["a", "b", "c"], "", endings.BLANK),
        (["a", "", "c"], "", ""),
        (["1", "2", "3"], "4", ""),
    ],
)
def test_the_last_cell_speaks_for_a_cut_only_where_all_others_differ(above: list[str], last: str, sign: str) -> None:
    assert endings.sign_of([["x", cell] for cell in [*above, last]], 2) == sign


def test_a_line_with_fewer_cells_speaks_for_a_cut() -> None:
    assert endings.sign_of([["a"]], 2) == endings.CELLS_LACK


def test_files_that_are_joined_and_files_of_json_are_looked_at_too(shop: Shop) -> None:
    orders = "\n".join(["no,at,customer", *[f"{i},2025-01-02,cust-{i:03}" for i in range(1, 6)]])
    shop.bytes("lines/a.csv", b"no,sku,n,paid\n1,tea,1,2.00\n5,mug,1,4.00\n")
    shop.bytes("orders/o.csv", orders[:-2].encode())
    joined: dict[str, Any] = {
        "at": "drops/lines",
        "join": {"at": "drops/orders", "on": {"no": "no"}},
        "columns": {
            "order_id": "no", "customer_id": "order.customer", "product_id": "sku", "ordered_at": "order.at",
            "quantity": "n", "amount": "paid",
        },
        "types": {},
    }  # fmt: skip
    account = shop.take(**joined)
    assert {row["customer_id"] for row in shop.rows()} == {"cust-001", "cust-0"}
    (said,) = [told for told in account.told if "cut off" in told]
    assert (
        "1 file may be cut off (such as o.csv, row 5: 'cust-0'): the last line has no end, and its last cell is" in said
    )


def test_a_last_line_that_is_no_whole_json_speaks_for_a_cut(shop: Shop) -> None:
    record = '{"id": 1, "who": "ann", "what": "tea", "at": "2025-01-02", "n": 1, "paid": 2.50}'
    shop.bytes("a.jsonl", f"{record}\n{record[:-9]}".encode())
    shop.bytes("b.jsonl", f"{record}\n{record}".replace('"id": 1', '"id": 7').encode())
    account = shop.take(**PAID, format="jsonl")
    (said,) = [told for told in account.told if "cut off" in told]
    assert "1 file may be cut off (such as a.jsonl, row 2): the last line has no end, and it is no whole JSON" in said
    assert (account.rows_in, account.rows_used, account.money_used) == (4, 3, Decimal("7.50"))
