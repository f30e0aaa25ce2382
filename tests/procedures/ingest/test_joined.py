"""Two files that belong together: orders and their lines."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from shop import Shop
from workbook_files import xlsx

from vitalfew.errors import TableError

LINES = "order_no,sku,n,price"
ORDERS = "no,customer,at,state"
SETTINGS: dict[str, Any] = {
    "at": "drops/lines",
    "columns": {
        "order_id": "order_no",
        "customer_id": "`order.customer`",
        "product_id": "sku",
        "ordered_at": "`order.at`",
        "quantity": "n",
        "amount": "n * price",
    },
    "join": {"at": "drops/orders", "on": {"order_no": "no"}},
}


def test_lines_get_what_their_orders_say_and_all_is_accounted_for(shop: Shop) -> None:
    shop.drop(
        "lines/a.csv", "1,tea,2,1.50", "1,cup,1,4", "2,pot,1,9.99", "7,lid,1,5", ",x,1,1", "1,bad,x,1", header=LINES
    )
    shop.drop("orders/a.csv", "1,ann,2025-01-02 09:00,paid", "2,bob,2025-01-03,void", header=ORDERS)
    shop.drop("orders/b.csv", "1,ann,2025-01-02 09:00,paid", "3,eve,2025-01-04,paid", header=ORDERS)
    account = shop.take(**SETTINGS, reject={"void": "`order.state` = 'void'"})
    assert (account.rows_in, account.rows_used, account.rows_quarantined) == (6, 2, 4)
    assert (account.money_in, account.money_used) == (Decimal("22.99"), Decimal("7.00"))
    assert [(row["product_id"], row["customer_id"], row["ordered_at"]) for row in shop.rows()] == [
        (product, "ann", datetime.fromisoformat("2025-01-02 09:00")) for product in ("cup", "tea")
    ]
    assert [(reason.partition(";")[0], line) for reason, _, line in shop.refused()] == [
        ("n is not a decimal(18,3)", 6),
        ("order_no is in no file of `join`", 4),
        ("order_no is in no file of `join`", 5),
        ("void", 3),
    ]
    assert account.told == (
        "order_lines: 2 of 6 lines have a order_no that is in no file of `join`, and are refused; when it has come: "
        "vitalfew run ingest --reread order_lines",
        "order_lines: 1 of 3 rows of `join` have no line",
    )
    shop.drop("lines/b.csv", "3,jam,1,2", "1,cup,1,4", header=LINES)
    again = shop.take(**SETTINGS)
    assert (again.rows_used, again.rows_duplicate, again.told) == (1, 1, ()), "an order is not lonely for coming again"


def test_orders_that_say_different_things_are_refused(shop: Shop) -> None:
    shop.drop("lines/a.csv", "1,tea,2,1.50", header=LINES)
    shop.drop("orders/a.csv", "1,ann,2025-01-02,paid", header=ORDERS)
    shop.drop("orders/b.csv", "2,x,2025-01-02,paid", "1,bob,2025-01-02,paid", header=ORDERS)
    with pytest.raises(TableError) as error:
        shop.take(**SETTINGS)
    assert "say different things: a.csv, row 1 and b.csv, row 2. Nothing was written" in str(error.value)
    assert shop.take(**{**SETTINGS, "join": {"at": "drops/orders/a.csv", "on": {"order_no": "no"}}}).rows_used == 1


@pytest.mark.parametrize(
    ("orders", "settings", "why"),
    [
        (["1,ann,2025-01-02,paid,more"], {}, "join: a.csv, row 1 has 5 cells where there are 4 columns. Nothing was"),
        (["1,ann,2025-01-02,paid"], {"at": "drops/none"}, "join: there is no file at "),
        (
            ["1,ann,2025-01-02,paid"],
            {"on": "order_no"},
            "a.csv has no column order_no. It has: no, customer, at, state.",
        ),
    ],
)
def test_orders_that_cannot_be_read_stop_everything(
    shop: Shop, orders: list[str], settings: dict[str, Any], why: str
) -> None:
    shop.drop("lines/a.csv", "1,tea,2,1.50", header=LINES)
    shop.drop("orders/a.csv", *orders, header=ORDERS)
    with pytest.raises(TableError) as error:
        shop.take(**{**SETTINGS, "join": {**SETTINGS["join"], **settings}})
    assert why in str(error.value)


def test_a_key_may_have_several_columns_and_the_files_another_format(shop: Shop) -> None:
    shop.drop("lines/a.csv", "1,A,tea,2,1.50", "1,B,cup,1,4", header="no,shop,sku,n,price")
    orders = [["Orders"], ["no", "shop", "customer", "at"], [1, "A", "ann", datetime.fromisoformat("2025-01-02")]]
    orders.append([1, "B", "bob", datetime.fromisoformat("2025-01-03")])
    shop.bytes("orders/o.xlsx", xlsx({"S": orders}))
    columns = {**SETTINGS["columns"], "order_id": "concat(shop, no)"}
    columns |= {name: text.replace("order.", "head.") for name, text in columns.items() if "order." in text}
    join = {"at": "drops/orders", "format": "excel", "on": {"no": "no", "shop": "shop"}, "name": "head"}
    account = shop.take(at="drops/lines", columns=columns, join=join)
    assert account.rows_used == 2
    assert [(row["order_id"], row["customer_id"]) for row in shop.rows()] == [("A1", "ann"), ("B1", "bob")]
