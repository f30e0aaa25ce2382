"""Whatever characters, encodings and formats files hold."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from pyarrow import parquet
from shop import CUP, HEADER, POT, SHOP, TEA, Shop

from vitalfew.errors import TableError
from vitalfew.tables.logs import QUARANTINE
from vitalfew.tables.sources import EVENTS


@pytest.mark.both_engines
def test_names_may_hold_any_character(shop: Shop) -> None:
    names = [
        "שלום עולם",
        "كعك",
        "Zoë 👩‍🍳",
        "Robert'); DROP TABLE order_lines;--",
        'said "hi", twice',
        '6" plate',
        "$(rm -rf /)",
        "a\\b\\n",
        "=1+1",
        "日本語",
    ]
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    shop.drop("a.csv", *[f"1,{name},{name},2025-01-02,1,1" for name in quoted])
    assert [(row["product_id"], row["__reason"]) for row in shop.judged()] == [(name, None) for name in names]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1", "cp1252"])
def test_files_may_be_in_other_encodings_and_end_lines_otherwise(shop: Shop, encoding: str) -> None:
    shop.drop("a.csv", "1,Zoë,café,2025-01-02,1,1", "2,ann,tea,2025-01-02,1,1", encoding=encoding, end="\r\n")
    shop.take(encoding="utf-8" if encoding == "utf-8-sig" else encoding)
    assert [(row["customer_id"], row["product_id"], row["amount"]) for row in shop.rows()] == [
        ("Zoë", "café", Decimal("1.00")),
        ("ann", "tea", Decimal("1.00")),
    ]


def test_bytes_that_are_not_in_the_said_encoding_cost_their_line_alone(shop: Shop) -> None:
    shop.bytes("a.csv", f"{HEADER}\n{TEA}\n1,ann,café,2025-01-02,1,1\n{CUP}\n".encode("latin-1"))
    shop.bytes("b.csv", f"{HEADER}\n{POT}\n".encode() + b"1,ann,caf\xe9,2025-01-02,1\n")
    shop.take()
    assert shop.products() == ["cup", "pot", "tea"]
    assert shop.refused() == [
        ("holds bytes that are not utf-8", "a.csv", 2),
        ("holds bytes that are not utf-8", "b.csv", 2),
    ]
    assert json.loads(shop.rows(QUARANTINE)[0]["content"]) == {"text": "1,ann,caf\\xe9,2025-01-02,1,1"}


def test_a_byte_that_a_code_page_does_not_know_costs_its_line_alone(shop: Shop) -> None:
    shop.bytes("a.csv", f"{HEADER}\n{TEA}\n".encode() + b"1,ann,\x81,2025-01-02,1,1\n")
    shop.take(encoding="cp1252")
    assert shop.products() == ["tea"]
    assert shop.reasons() == ["holds bytes that are not cp1252"]


def test_a_quote_that_is_not_closed_costs_its_line_alone_wherever_it_stands(shop: Shop) -> None:
    good = [f"{i},ann,tea{i},2025-01-02,1,1" for i in range(50)]
    good[7], good[30] = '7,ann,5" plate,2025-01-02,1,1', '30,ann,"a ""b"" c",2025-01-02,1,1'
    for position in (0, 20, 50):
        lines = [*good[:position], '99,ann,"oops,2025-01-02,1,1', *good[position:]]
        shop.drop(f"{position}.csv", *[line.replace("ann", f"ann{position}") for line in lines])
    shop.take()
    assert shop.refused() == [
        ("cannot be split into cells: a quote is not closed, or it holds a line break", f"{position}.csv", position + 1)
        for position in (0, 20, 50)
    ]
    assert len(shop.rows()) == 150


def test_cells_over_several_lines_are_read_where_they_are_announced(shop: Shop) -> None:
    shop.drop("a.csv", TEA, '1,ann,"two\nlines, ""really""",2025-01-02,1,1', CUP)
    shop.take()
    assert len(shop.refused()) == 2
    assert shop.products() == ["cup", "tea"]
    shop.drop("b.csv", '2,ann,"two\nlines, ""really""",2025-01-02,1,1', POT, '3,ann,"never closed,2025-01-02,1,1')
    shop.take(multiline=True)
    assert shop.products() == ["cup", "pot", "tea", 'two\nlines, "really"']
    assert len(shop.refused()) == 3


def test_blank_lines_are_no_rows(shop: Shop) -> None:
    shop.drop("a.csv", "", TEA, "", "  ", "1,ann", "", end="\r\n")
    account = shop.take()
    assert (account.rows_in, shop.refused()) == (2, [("has 2 cells where there are 6 columns", "a.csv", 2)])


@pytest.mark.both_engines
def test_json_lines_become_events(shop: Shop) -> None:
    lines = [
        {
            "who": "ann",
            "at": "2025-01-02T09:00:00",
            "what": "view",
            "about": {"product": "tea", "tags": ["hot"]},
            "stars": 4.50,
        },
        {"what": "review", "at": "2025-01-02", "stars": 5, "extra": True},
        {"what": "review", "at": "2025-01-02", "stars": 5, "extra": False},
        {"at": "2025-01-02", "extra": [1, 1.10]},
    ]
    texts = [json.dumps(line, ensure_ascii=False) for line in lines]
    bad = [
        "[1]",
        "no",
        '{"what": "a", "what": "b"}',
        '{"what": "\\ud800", "at": "2025-01-02"}',
        '{"what": NaN, "stars": NaN, "at": "2025-01-02"}',
        "[" * 100_000,
    ]
    shop.drop("a.jsonl", *texts, *bad, texts[0], header="")
    account = shop.take(
        source="events",
        at="drops/*.jsonl",
        format="jsonl",
        columns={"customer_id": "who", "happened_at": "at", "kind": "what", "value": "stars", "detail": "about"},
        copies="exact",
    )
    found = sorted(
        (row["kind"], row["customer_id"] or "", row["value"], row["detail"] or "") for row in shop.rows(EVENTS)
    )
    assert found == [
        ("review", "", 5.0, ""),
        ("review", "", 5.0, ""),
        ("view", "ann", 4.5, '{"product": "tea", "tags": ["hot"]}'),
    ]
    assert account.rows_duplicate == 1
    assert [row["reason"].split(":")[0] for row in sorted(shop.rows(QUARANTINE), key=lambda row: row["line"])] == [
        "kind is missing",
        *["is no JSON object"] * 4,
        "stars is NaN or infinite",
        "is no JSON object",
        "exact copy",
    ]
    assert not any("extra" in row["content"] for row in shop.rows(QUARANTINE))


def test_parquet_becomes_what_its_text_would(shop: Shop) -> None:
    when = datetime.fromisoformat("2025-01-02 09:00")
    columns = {
        "id": pa.array([1, 2, 3, 4]),
        "who": pa.array(["ann", "bob", None, "ann"]).dictionary_encode(),
        "what": pa.array([b"tea", b"cup", b"p\xe9t", None]),
        "at": pa.array([when, when, when, when], pa.timestamp("ns")),
        "n": pa.array([1.0, 2.5, 1e-3, float("nan")]),
        "price": pa.array([Decimal("1.5000"), Decimal("2.0000"), Decimal("1000.0000"), None]),
        "tags": pa.array([["a"], None, ["b"], []]),
        "vip": pa.array([True, False, None, True]),
    }
    path = shop.root / "drops" / "a.parquet"
    path.parent.mkdir()
    parquet.write_table(pa.table(columns), path)
    shop.take(format="parquet", columns={**SHOP["columns"], "channel": "concat_ws('|', tags, vip)"})
    found = sorted(
        (
            row["order_id"],
            row["customer_id"],
            row["product_id"],
            row["ordered_at"],
            row["quantity"],
            row["amount"],
            row["channel"],
        )
        for row in shop.rows()
    )
    assert found == [
        ("1", "ann", "tea", when, Decimal("1.000"), Decimal("1.50"), '["a"]|true'),
        ("2", "bob", "cup", when, Decimal("2.500"), Decimal("5.00"), "false"),
        ("3", None, "p\\xe9t", when, Decimal("0.001"), Decimal("1.00"), '["b"]'),
    ]
    assert shop.refused() == [("n is NaN or infinite", "a.parquet", 4)]


def test_parquet_times_with_a_zone_are_instants(shop: Shop) -> None:
    when = pa.array([datetime.fromisoformat("2025-01-02 09:00")], pa.timestamp("us")).cast(
        pa.timestamp("us", "Europe/Berlin")
    )
    (shop.root / "drops").mkdir()
    parquet.write_table(
        pa.table({"id": ["1"], "who": ["ann"], "what": ["tea"], "at": when, "n": [1], "price": [1.0]}),
        shop.root / "drops" / "a.parquet",
    )
    shop.take(format="parquet", time_zone="Asia/Tokyo")
    assert str(shop.rows()[0]["ordered_at"]) == "2025-01-02 18:00:00"


@pytest.mark.parametrize(("content", "message"), [(b"", "is empty."), (b"PAR1 and no more", "")])
def test_a_file_that_is_no_parquet_stops_everything(shop: Shop, content: bytes, message: str) -> None:
    shop.bytes("a.parquet", content)
    with pytest.raises(TableError, match=rf"\n  a.parquet {message}"):
        shop.take(format="parquet")


def test_a_csv_without_header_is_read_by_the_names_that_are_said(shop: Shop) -> None:
    shop.drop("a.csv", TEA, CUP, header="")
    shop.drop("b.csv", POT, "1,2", header="")
    shop.take(header=False, names=HEADER.split(","))
    assert shop.products() == ["cup", "pot", "tea"]
    assert shop.refused() == [("has 2 cells where there are 6 columns", "b.csv", 2)]
    shop.drop("c.csv", "1,2,3", header="")
    with pytest.raises(TableError, match=r"c\.csv has 3 cells in its first line where `names` has 6\."):
        shop.take(header=False, names=HEADER.split(","))


def test_compressed_files_are_read_by_their_names(shop: Shop) -> None:
    shop.bytes("a.csv.gz", gzip.compress(f"{HEADER}\n{TEA}\n".encode()))
    shop.take()
    assert shop.products() == ["tea"]
