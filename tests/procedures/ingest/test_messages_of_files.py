"""What is said of files and settings that do not fit: file, row, column, value, and what to write."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from shop import HEADER, SHOP, Shop

from vitalfew.config.files import FileSource
from vitalfew.config.target import Target
from vitalfew.errors import QualityError, TableError
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.ingest.examples import formats
from vitalfew.tables.sources import CONTACTS, ORDER_LINES

ALL = IngestParams(max_quarantined_share=0.0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Order ID", 'one that holds spaces needs backquotes: write order_id: "`Order ID`"'),
        (
            "订单编号",
            "it has letters other than a to z; put it in `backquotes`. "
            'If it is the name of one column, write order_id: "`订单编号`"',
        ),
        ("Order #", 'If it is the name of one column, write order_id: "`Order #`"'),
        ("$.order.id", 'If it is the name of one column, write order_id: "`$.order.id`"'),
    ],
)
def test_a_name_that_is_no_expression_is_told_with_the_line_to_paste(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=r"columns\.order_id: ") as error:
        FileSource(**{**SHOP, "columns": {**SHOP["columns"], "order_id": text}})
    assert why in str(error.value)


def test_a_name_that_reads_as_a_calculation_is_told_with_the_line_to_paste(shop: Shop) -> None:
    shop.drop("a.csv", "1,ann,tea,2025-01-02,1,5", header="id,who,what,at,n,sales-value")
    with pytest.raises(TableError) as error:
        shop.take(types={"sales": "int", "value": "int"}, columns={**SHOP["columns"], "amount": "sales-value"})
    assert 'a.csv has the column sales-value, which reads as a calculation: write amount: "`sales-value`".' in str(
        error.value
    )
    columns = {**SHOP["columns"], "amount": "`sales-value`", "ordered_at": "Date"}
    shop.drop("a.csv", "1,ann,tea,2025-01-02,1,5", header="id,who,what,Date,n,sales-value")
    assert shop.take(types={}, columns=columns).rows_used == 1, "a column may be called Date"


@pytest.mark.parametrize(
    ("amount", "lacking"),
    [("Sales - Profit", ["Profit", "Sales"]), ("n * price", ["price"]), ("round(a / (b + 1), 2)", ["a", "b"])],
)
def test_text_that_is_calculated_with_needs_a_type(amount: str, lacking: list[str]) -> None:
    source = FileSource(**{**SHOP, "types": {}, "columns": {**SHOP["columns"], "amount": amount}})
    assert source.problems(ORDER_LINES) == [
        f"types.{name} must be said, as columns.amount calculates with it, such as {name}: decimal(18,2)."
        for name in lacking
    ]
    hours = {**SHOP["columns"], "ordered_at": "at - interval '2' hour"}
    assert FileSource(**{**SHOP, "columns": hours}).problems(ORDER_LINES) == []


def test_a_path_is_one_name_in_json_and_in_joined_files() -> None:
    columns = {
        **SHOP["columns"],
        "customer_id": "customer.id",
        "amount": "items.n * coalesce(items.price, 'a.b', `x y.z`)",
    }
    source = FileSource(**{**SHOP, "format": "json", "columns": columns})
    assert {"customer.id", "items.n", "items.price", "x y.z"} <= {*source.used}
    joined = FileSource(**{**SHOP, "columns": columns, "join": {"at": "o", "on": "id", "name": "customer"}})
    assert joined.joined == {"customer.id": "id"}
    assert FileSource(**{**SHOP, "columns": {**SHOP["columns"], "amount": "1.5 * n"}, "format": "json"}).used == tuple(
        sorted(["id", "who", "what", "at", "n", "price"])
    )


@pytest.mark.parametrize(
    ("root", "at", "cure"),
    [
        (
            "/data",
            "/other/x/*.csv",
            "/other/x/*.csv does not lie below /data: put it there, or allow its folder, roots: [/other/x]",
        ),
        ("/data", "/other/x", "roots: [/other/x]"),
        ("/data", "/other/x.csv", "roots: [/other]"),
        ("cat.sch", "drops/x", "does not lie below any folder of `roots`: put it there, or allow its folder, roots: ["),
    ],
)
def test_a_place_out_of_the_roots_is_told_with_the_cure(root: str, at: str, cure: str) -> None:
    with pytest.raises(ValueError, match="does not lie below") as error:
        Target.model_validate({"root": root, "engine": "spark", "files": {"order_lines": {**SHOP, "at": at}}})
    assert cure in str(error.value)


def test_a_cell_is_told_with_its_file_its_row_its_value_and_the_setting(shop: Shop) -> None:
    shop.drop(
        "a.csv",
        *["1,ann,tea,2025-01-02,1,1", "2,ann,tea,31.12.2024 10:30,1,1", "3,ann,tea,2025-01-02,two,1"],
        *["4,ann,tea,2025-01-02T10:00:00Z,1,1", "5,ann,tea,2025-01-02,1,1.23456"],
    )
    with pytest.raises(QualityError) as error:
        shop.take(ALL)
    told = str(error.value)
    for line in (
        "at is not a timestamp (such as a.csv, row 2: '31.12.2024 10:30'): say `timestamp_formats: [d.M.yyyy H:mm]`",
        "n is not a decimal(18,3) (such as a.csv, row 3: 'two'): say how numbers are written, `numbers`, or what means ",
        "say how to round: `rounding: half_up` (such as a.csv, row 5: '1.23456')",
    ):
        assert line in told
    shop.drop("a.csv", "4,ann,tea,2025-01-02T10:00:00Z,1,1")
    with pytest.raises(QualityError, match=r"row 1: '2025-01-02T10:00:00Z'\): say the zone of the shop, `time_zone`"):
        shop.take(ALL)


def test_a_cell_that_is_hidden_or_private_is_not_shown(shop: Shop) -> None:
    shop.drop("a.csv", "1,ann,tea,31.12.1999,1,1")
    with pytest.raises(QualityError) as error:
        shop.take(ALL, hide=["at"])
    assert "(such as a.csv, row 1): say `timestamp_formats`" in str(error.value)
    assert "31.12.1999" not in str(error.value)
    shop.drop("a.csv", "ann,mail,,secret", header="who,how,address,at")
    columns = {"customer_id": "who", "kind": "how", "value": "address", "updated_at": "at"}
    with pytest.raises(QualityError) as error:
        shop.take(ALL, source=CONTACTS.name, at="drops", columns=columns)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("5/1/2024", ["d/M/yyyy", "M/d/yyyy"]),
        ("2024/01/05 10:30:00", ["yyyy/M/d H:mm:ss"]),
        ("20240105", ["yyyyMMdd"]),
        ("2024年1月5日", ["yyyy年M月d日"]),
        ("05-01-2024T10:30", ["d-M-yyyy'T'H:mm", "M-d-yyyy'T'H:mm"]),
        ("yesterday", []),
    ],
)
def test_a_time_is_answered_with_formats_that_fit_it(cell: str, found: list[str]) -> None:
    assert formats(cell) == found
    given: dict[str, Any] = {**SHOP, "timestamp_formats": found}
    assert FileSource(**given).timestamp_formats == tuple(found)
    assert HEADER


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"{HEADER}\n".encode("utf-16"), "a.csv is written in utf-16: say `encoding: utf-16`"),
        (f"{HEADER}\n".encode("utf-32"), "a.csv is written in utf-32: say `encoding: utf-32`"),
        (
            "größe\n1\n".encode("cp1252"),
            "has a first line that is not utf-8: say `encoding`, such as cp1252 or gb18030",
        ),
    ],
)
def test_another_encoding_is_named_with_its_setting(shop: Shop, content: bytes, said: str) -> None:
    shop.bytes("a.csv", content)
    with pytest.raises(TableError, match=said):
        shop.take()


def test_a_record_that_cannot_be_read_is_not_taken_for_keys_that_are_misspelt(shop: Shop) -> None:
    shop.bytes("a.jsonl", b'{"id": 1, "id": 2, "who": "ann"}\n')
    with pytest.raises(QualityError, match="1 rows: is no JSON object: a key stands twice"):
        shop.take(IngestParams(), format="jsonl")


def test_structures_in_a_column_of_parquet_that_is_used_are_told(shop: Shop) -> None:
    out = io.BytesIO()
    table = {name: ["1"] for name in HEADER.split(",")} | {"what": [{"id": "tea"}], "more": [{"x": 1}]}
    parquet.write_table(pa.table(table), out)
    shop.bytes("a.parquet", out.getvalue())
    with pytest.raises(TableError, match=r"a\.parquet holds structures in the column what, where one value is"):
        shop.take(format="parquet")


def test_a_torn_archive_and_two_documents_in_one_file_say_what_to_do(shop: Shop) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", HEADER)
    shop.bytes("a.zip", out.getvalue()[:-30])
    with pytest.raises(TableError, match=r"a\.zip cannot be unpacked: .*; it is cut off or damaged: fetch it again"):
        shop.take()
    shop.bytes("json/a.json", b'{"orders": []}\n{"orders": []}\n')
    with pytest.raises(TableError, match="put each document into a file of its own"):
        shop.take(at="drops/json", format="json", records="orders")
