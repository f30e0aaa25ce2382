"""Shapes of files: lines before the header, values in folder names, several items in a cell, nested JSON."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from shop import HEADER, SHOP, TEA, Shop

from vitalfew.config.files import FileSource
from vitalfew.engines.engine import Engine
from vitalfew.errors import ConfigError, TableError
from vitalfew.procedures.ingest.readers import delimited, json_records, jsonlines, split_cells
from vitalfew.procedures.ingest.readers.drops import Drop
from vitalfew.procedures.ingest.readers.json_paths import value_at
from vitalfew.procedures.ingest.readers.parts import REST, Layout, UnreadableError
from vitalfew.storage.unmatched import lacking
from vitalfew.tables.logs import FILES

AB = Layout("csv", ("a", "b"), needed=("a", "b"))
WIDE = {**SHOP["columns"], "quantity": "1", "amount": "total", "product_id": "products"}


def read(data: bytes, layout: Layout = AB, size: int = 1 << 20) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    def blocks() -> Iterator[bytes]:
        return (data[start : start + size] for start in range(0, len(data), size))

    rows = []
    for part in delimited.parts(blocks(), layout):
        rows += list(zip(part.lines, *[cells.to_pylist() for cells in part.cells.values()], strict=True))
        rows += [(refused.line, refused.why) for refused in part.refused]
    return delimited.header(blocks(), layout), sorted(rows)


@pytest.mark.parametrize("size", [1, 5, 1 << 20])
@pytest.mark.parametrize(
    ("data", "settings"),
    [
        (b"a,b\n1,2\n", {}),
        (b"sep=,\na,b\n1,2\n", {}),
        (b'"sep=;"\r\na;b\r\n1;2\r\n', {}),
        (b"\xef\xbb\xbfSEP=\t\na\tb\n1\t2\n", {}),
        (b"Orders of May\n\nexported 2024-05-31\na,b\n1,2\n", {}),
        (b"Orders of May,\n,\n,\na,b\n1,2\n", {}),
        (b"sep=;\nOrders of May;\na;b\n1;2\n", {}),
        (b'"a title, and more ""words"""\na,b\n1,2\n', {}),
        (b"x,y\n3,4\na,b\n1,2\n", {"header_at": 3}),
        (b"a\n\n\na,b\n1,2\n", {"header_at": 4}),
        ("Übersicht\na,b\n1,2\n".encode("utf-16"), {"encoding": "utf-16"}),
        (b'note "open\na,b\n1,2\n', {"multiline": True}),
    ],
)
def test_a_header_below_other_lines_is_found_wherever_blocks_end(
    data: bytes, settings: dict[str, Any], size: int
) -> None:
    layout = Layout("csv", ("a", "b"), needed=("a", "b"), **settings)
    assert read(data, layout, size) == (("a", "b"), [(1, "1", "2")])


def test_rows_of_data_are_no_lines_before_a_header() -> None:
    header, rows = read(b"x,y\n1,2\n3,4\na,b\n5,6\n")
    assert header == ("x", "y")
    assert len(rows) == 4, "the second header too is a row: nothing is skipped"
    assert read(b"x\n" * 150 + b"a,b\n1,2\n")[0] == ("x",), "a header is looked for in the first hundred lines"
    with pytest.raises(UnreadableError, match="has 2 lines where `header_at` is 9"):
        read(b"a,b\n1,2", Layout("csv", ("a",), header_at=9))


def test_headers_that_stand_lower_are_found_in_files_and_where_none_is_it_is_said(shop: Shop) -> None:
    shop.drop("a.csv", "Shop 12", "", HEADER, TEA, "x", header="sep=,")
    shop.drop("b.csv", HEADER.replace(",", ";"), TEA.replace(",", ";").replace("tea", "pot"), header="sep=;")
    account = shop.take()
    assert (account.rows_in, account.rows_used, account.rows_quarantined) == (3, 2, 1)
    shop.drop("c.csv", "Shop 12", "id,who", header="")
    with pytest.raises(TableError, match=r"It has: Shop 12[.] If the header stands lower, say `header_at`"):
        shop.take()


def test_values_in_the_names_of_folders_are_columns(shop: Shop) -> None:
    header = "id,who,what,n,price"
    shop.drop("at=2024-01-05/shop=Z%C3%BCrich%2FWest/a.csv", "1,ann,tea,1,2", header=header)
    shop.drop("at=2024-01-06/shop=__HIVE_DEFAULT_PARTITION__/a.csv", "1,ann,tea,1,2", header=header)
    shop.drop("at=2024-01-07/shop=x=y/b.csv", "1,ann,tea,1,2,2024-02-01", header=header + ",at")
    account = shop.take(columns={**SHOP["columns"], "channel": "shop"})
    assert account.rows_used == 3
    assert sorted((str(row["ordered_at"])[:10], row["channel"]) for row in shop.rows() if row["channel"]) == [
        ("2024-01-05", "Zürich/West"),
        ("2024-02-01", "x=y"),
    ]
    shop.drop("shop=Bern/c.csv", "1,ann,tea,1,2", header=header)
    with pytest.raises(TableError, match=r"shop=Bern/c[.]csv has no column at"):
        shop.take(columns={**SHOP["columns"], "channel": "shop"})


def test_folders_of_json_and_of_archives_count_too(shop: Shop) -> None:
    shop.bytes("at=2024-01-05/a.jsonl", b'{"id": 1, "who": "a", "what": "t", "n": 1, "price": 2}\n')
    assert shop.take(format="jsonl").rows_used == 1
    assert Drop("p", "a.zip/dt=1/b.csv", 1, 1, "dt=1/b.csv").folders == {"dt": "1"}
    assert Drop("p", "=x/y=/dt=%3D/b.csv", 1, 1).folders == {"y": "", "dt": "="}


def test_several_items_in_a_cell_become_lines_and_their_money_is_spread(shop: Shop) -> None:
    header = "id,who,at,total,products"
    shop.drop(
        "a.csv",
        "1,ann,2024-01-05,10.00,tea; tea ;milk",
        "2,bob,2024-01-05,-0.05,cup;pot",
        "3,bob,2024-01-05,7.00,;;",
        "4,eve,2024-01-06,3.00,jam",
        "5,eve,2024-01-06,0.02,a;b;c;",
        header=header,
    )
    account = shop.take(columns=WIDE, types={}, items={"column": "products", "split": ";"})
    assert (account.rows_in, account.rows_used, account.rows_quarantined) == (10, 9, 1)
    assert account.money_used == Decimal("12.97")
    assert sorted((row["order_id"], row["product_id"], str(row["amount"])) for row in shop.rows()) == [
        *[("1", "milk", "3.33"), ("1", "tea", "3.33"), ("1", "tea", "3.34"), ("2", "cup", "-0.03")],
        *[("2", "pot", "-0.02"), ("4", "jam", "3.00"), ("5", "a", "0.01"), ("5", "b", "0.01"), ("5", "c", "0.00")],
    ]
    assert shop.refused() == [("holds no item in products", "a.csv", 3)]
    assert shop.rows(FILES)[0]["lines_in"] == 5
    assert "divided in equal parts over its items" in account.told[0]
    shop.drop("b.csv", "1,ann,2024-01-05,10.00,tea; tea ;milk", header=header)
    again = shop.take(columns=WIDE, types={}, items={"column": "products", "split": ";"})
    assert (again.rows_used, again.rows_duplicate) == (0, 3)


def test_cells_that_hold_as_many_items_as_each_other_go_together(shop: Shop) -> None:
    header = "id,who,at,skus,ns,prices"
    shop.drop(
        "a.csv",
        "1,ann,2024-01-05,tea|cup,2|1,1.50|4.00",
        "2,ann,2024-01-05,tea|cup,2,1.50|4.00",
        "3,ann,2024-01-05,tea|cup,1|x,1.50|4.00",
        header=header,
    )
    columns = {**SHOP["columns"], "product_id": "skus", "quantity": "ns", "amount": "ns * prices"}
    items = {"columns": ["skus", "ns", "prices"], "split": "|"}
    account = shop.take(columns=columns, items=items, types={"prices": "decimal(18,4)"})
    assert account.money_used == Decimal("8.50")
    assert [(reason[:35], line) for reason, _, line in shop.refused()] == [
        ("has 2 items in skus and 1 items in ", 2),
        ("ns is not a decimal(18,3)", 3),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_split_no_line_and_no_item_is_lost(seed: int) -> None:
    chance = random.Random(seed)
    baskets = [[chance.choice("abc ") for _ in range(chance.randrange(4))] for _ in range(50)]
    text = "a,b\n" + "".join(f"{i},{';'.join(items)}\n" for i, items in enumerate(baskets))
    layout = Layout("csv", ("a", "b"), split=("b",), split_by=";")
    parts = [split_cells.itemised(part, layout) for part in delimited.parts([text.encode()], layout)]
    found: dict[int, list[str]] = {}
    for part in parts:
        assert sum(part.heights) + len(part.refused) == 50
        for line, item, count, cell in zip(
            part.lines, part.items, part.counts, part.cells["b"].to_pylist(), strict=True
        ):
            found.setdefault(line, []).append(cell)
            assert len(found[line]) == item <= count
    for line, items in enumerate(baskets, 1):
        kept = "".join(items).rstrip(" ")
        assert [cell or " " for cell in found.get(line, [])] == list(kept)


ORDERS = [
    {
        "id": 1,
        "customer": {"id": "ann", "tags": ["a"]},
        "at": "2024-01-05T10:00:00",
        "items": [{"sku": "tea", "n": 2, "price": {"net": 1.50}}, {"sku": "tea", "n": 2, "price": {"net": 1.50}}],
    },
    {"id": 2, "customer": None, "at": "2024-01-06", "items": [{"sku": "cup", "n": 1, "price": {"net": 4}}]},
    {"id": 3, "customer": {"id": "bob"}, "at": "2024-01-07", "items": []},
    {"id": 4, "customer": {"id": "bob"}, "at": "2024-01-07"},
]
NESTED: dict[str, Any] = {
    "columns": {
        "order_id": "id",
        "customer_id": "`customer.id`",
        "product_id": "`items.sku`",
        "ordered_at": "at",
        "quantity": "`items.n`",
        "amount": "`items.n` * `items.price.net`",
    },
    "types": {"items.price.net": "decimal(18,4)"},
    "explode": "items",
}


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        ("jsonl", "\n".join(map(json.dumps, ORDERS))),
        ("jsonl", json.dumps(ORDERS)),
        ("json", json.dumps(ORDERS, indent=2)),
        ("json", "\n".join(json.dumps(order, indent=1) for order in ORDERS)),
    ],
)
def test_orders_with_items_within_become_lines(shop: Shop, format_: str, text: str) -> None:
    shop.bytes("a.json", text.encode())
    account = shop.take(format=format_, **NESTED)
    assert (account.rows_in, account.rows_used, account.money_used) == (5, 3, Decimal("10.00"))
    assert [(row["order_id"], row["customer_id"], row["product_id"]) for row in shop.rows()] == [
        *[("1", "ann", "tea")] * 2,
        ("2", None, "cup"),
    ]
    assert [line for _, _, line in shop.refused()] == [3, 4]
    assert shop.rows(FILES)[0]["lines_in"] == 4
    shop.bytes("again.json", json.dumps(ORDERS[:2]).encode())
    assert shop.take(format="json", **NESTED).rows_duplicate == 3


def rows_of(text: str, layout: Layout, size: int = 1 << 20) -> list[tuple[Any, ...]]:
    data = text.encode()
    found = []
    for part in jsonlines.parts((data[i : i + size] for i in range(0, len(data), size)), layout):
        found += list(zip(part.lines, *[part.cells[name].to_pylist() for name in layout.used], strict=True))
        found += [(refused.line, refused.why) for refused in part.refused]
    return sorted(found)


@pytest.mark.parametrize("size", [1, 3, 1 << 20])
def test_records_are_found_wherever_they_are_and_blocks_end(size: int) -> None:
    text = '{"meta": {"n": [1, 2]}, "data": {"odd \\"]": "}", "orders": [{"a": "x, ]} \\\\"}, {"a": [1, {"b": 2}]}], "z": [3]}}'
    layout = Layout("json", ("a",), records=("data", "orders"))
    assert rows_of(text, layout, size) == [(1, "x, ]} \\"), (2, '["1", {"b": "2"}]')]
    assert rows_of('[{"a": 1}, {"a": 1, "a": 2}, {"a" 3}, 4, {"a": 5}]', Layout("json", ("a",)), size) == [
        (1, "1"),
        (2, "is no JSON object: a key stands twice"),
        (3, "is no JSON object: Expecting ':' delimiter: line 1 column 6 (char 5)"),
        (4, "is no JSON object: the line holds another value"),
        (5, "5"),
    ]
    assert rows_of("[]", Layout("json", ("a",)), size) == []


@pytest.mark.parametrize(
    ("text", "records", "why"),
    [
        ('[{"a": 1}, {"a": 2', (), "ends within a value"),
        ('[{"a": "open]', (), "ends within a value"),
        ('{"rows": 1}', ("orders",), "holds no array of objects at `records: orders`"),
        ('[{"a": 1}] {"a": 2}', (), "goes on after the end"),
        ("order,customer", (), "is no JSON|goes on after"),
        ("hello", (), "is no JSON: it holds text outside of any bracket"),
    ],
)
def test_json_that_is_not_whole_or_holds_no_records_is_refused(text: str, records: tuple[str, ...], why: str) -> None:
    for size in (1, 1 << 20):
        with pytest.raises(UnreadableError, match=why):
            rows_of(text, Layout("json", ("a",), records=records), size)


def test_a_record_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_records, "LONGEST", 100)
    with pytest.raises(UnreadableError, match="holds a record of more than"):
        rows_of("[" + "[" * 500, Layout("json", ("a",)), 50)


def test_arrays_within_arrays_are_exploded_too_and_rows_are_told_apart() -> None:
    text = json.dumps(
        [{"who": "a", "orders": [{"id": 1, "lines": [{"s": "x"}, {"s": "x"}]}, {"id": 2, "lines": []}]}, {"who": "b"}]
    )
    layout = Layout("json", ("who", "orders.id", "orders.lines.s"), explode=("orders", "lines"))
    assert rows_of(text, layout) == [(1, "a", "1", "x"), (1, "a", "1", "x"), (1, "a", "2", None), (2, "b", None, None)]
    [part] = jsonlines.parts([text.encode()], layout)
    assert (part.items, part.counts, part.heights) == ([1, 2, 3, 1], [3, 3, 3, 1], [1, 0, 0, 1])
    assert len({*part.cells[REST].to_pylist()}) == 3


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.b", 1),
        ("a.c.d", 2),
        ("x.y", "whole"),
        ("list.1.v", "second"),
        ("list.9.v", None),
        ("params.page.value.text", "/tea"),
        ("notes.gift.value", "yes"),
        ("a.b.c", None),
        ("none.b", None),
    ],
)
def test_a_path_leads_through_objects_and_arrays(path: str, found: Any) -> None:
    value = {
        "a": {"b": 1, "c": {"d": 2}},
        "x.y": "whole",
        "list": [{"v": "first"}, {"v": "second"}],
        "params": [{"key": "other"}, {"key": "page", "value": {"text": "/tea"}}],
        "notes": [{"name": "gift", "value": "yes"}],
        "none": None,
    }
    assert value_at(value, path) == found


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"sheet": 1}, "sheet is for format excel"),
        ({"records": "a"}, "records is for format json"),
        ({"explode": "a"}, "explode is for format jsonl or json"),
        ({"format": "jsonl", "items": {"column": "x", "split": ";"}}, "items is for format csv or excel or parquet"),
        ({"format": "parquet", "header_at": 2}, "header_at is for format csv or excel"),
        ({"items": {"split": ";"}}, "say either column or columns"),
    ],
)
def test_a_setting_of_another_format_is_told(settings: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        FileSource(**{**SHOP, **settings})


def test_without_an_order_id_orders_are_made_of_customers_and_moments_or_of_rows(shop: Shop) -> None:
    columns = {name: text for name, text in SHOP["columns"].items() if name != "order_id"}
    header = "who,what,at,n,price"
    shop.drop(
        "a.csv",
        *["ann,tea,2025-01-02 09:00,1,1", "ann,cup,2025-01-02 09:00,1,2", "ann,tea,2025-01-02 09:01,1,4"],
        *[",tea,2025-01-02 09:00,1,8", ",cup,2025-01-02 09:00,1,16"],
        header=header,
    )
    with pytest.raises(ConfigError, match="say order_is: customer_and_moment, or row"):
        shop.take(columns=columns)
    account = shop.take(columns=columns, order_is="customer_and_moment")
    sums: dict[str, int] = {}
    for row in shop.rows():
        sums[row["order_id"]] = sums.get(row["order_id"], 0) + int(row["amount"])
    assert sorted(sums.values()) == [3, 4, 8, 16]
    assert account.told == (
        "order_lines: the files have no order id: what one customer buys at one moment is an order, and a line without a "
        "customer is one by itself",
    )
    shop.bytes("baskets/b.txt", b"tea,milk,tea\njam\n\nmilk,jam\n")
    baskets = {**columns, "product_id": "basket", "ordered_at": "'2024-01-05'", "quantity": "1", "amount": "0"}
    baskets.pop("customer_id")
    settings: dict[str, Any] = {"at": "drops/baskets", "header": False, "names": ["basket"], "separator": "\t"}
    taken = shop.take(columns=baskets, types={}, **settings, order_is="row", items={"column": "basket", "split": ","})
    assert (taken.rows_used, taken.rows_quarantined) == (6, 0)
    found = [row for row in shop.rows() if str(row["ordered_at"]).startswith("2024-01-05")]
    assert sorted(Counter(row["order_id"] for row in found).values()) == [1, 2, 3]
    assert sorted(row["product_id"] for row in found) == ["jam", "jam", "milk", "milk", "tea", "tea"]


def test_what_no_order_says_is_told_with_the_questions_that_have_no_answer(running: Engine) -> None:
    def told(*rows: tuple[str | None, str, str]) -> list[str]:
        lines = running.spark.createDataFrame(list(rows), "customer_id string, product_id string, money string")
        found = lacking(lines.selectExpr("customer_id", "product_id", "cast(money as decimal(18,2)) as amount"))
        return [sentence.partition(":")[0] for sentence in found]

    assert told((None, "tea", "1.00"), (None, "mug", "-1.00")) == ["no order names a customer"]
    assert told(("ann", "tea", "0.00"), (None, "mug", "0.00")) == ["no order has an amount"]
    assert told(("ann", "-", "1.00"), ("bob", "-", "2.00")) == ["all order lines name one product, '-'"]
    assert told((None, "-", "0")) == [
        "no order names a customer",
        "no order has an amount",
        "all order lines name one product, '-'",
    ]
    assert told(("ann", "tea", "0"), ("bob", "mug", "0.01")) == []
    assert told() == []
