"""Workbooks: their sheets, their cells as text, and those that would take a machine down."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from shop import SHOP, Shop
from workbook_files import WRITERS, xlsx

from vitalfew.errors import TableError
from vitalfew.procedures.ingest.readers import workbooks
from vitalfew.procedures.ingest.readers.parts import Layout, UnreadableError

HEAD = ["id", "who", "what", "at", "n", "price"]
WHEN = datetime.fromisoformat("2024-01-05 10:30:00")


def read(content: bytes, *used: str, **more: Any) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """The header and the rows of a workbook."""
    layout = Layout("excel", used, needed=used, **more)
    parts = list(workbooks.parts(pa.BufferReader(content), layout))
    rows = [row for part in parts for row in zip(*[c.to_pylist() for c in part.cells.values()], strict=True)]
    assert [line for part in parts for line in part.lines] == list(range(1, len(rows) + 1))
    return workbooks.header(pa.BufferReader(content), layout), rows


def test_sheets_of_all_formats_become_rows_and_reconcile(shop: Shop) -> None:
    for number, (ending, write) in enumerate(WRITERS.items()):
        rows = [
            ["Report of the shop"],
            [],
            HEAD,
            [f"{number}", "ann", "tea", WHEN, 2, 1.5],
            [],
            [number + 0.0, "bob", "cup", datetime.fromisoformat("2024-02-29 00:00"), 1, 0.1 + 0.2],
            [f"{number}", "bob", "pot", "05.01.2024", "x", 1],
        ]
        shop.bytes(f"{ending}/sales.{ending}", write({"Notes": [], "Sales": rows}))
    account = shop.take(format="excel", timestamp_formats=["dd.MM.yyyy"], rounding="half_up")
    assert (account.rows_in, account.rows_used, account.rows_quarantined) == (9, 6, 3)
    assert account.money_used == Decimal("9.90")
    assert [(file, line) for _, file, line in shop.refused()] == [(f"{e}/sales.{e}", 3) for e in sorted(WRITERS)]
    assert {(row["order_id"], str(row["ordered_at"])) for row in shop.rows()} == {
        (str(i), at) for i in range(3) for at in ("2024-01-05 10:30:00", "2024-02-29 00:00:00")
    }


def test_cells_are_the_text_that_a_person_sees() -> None:
    cells = {
        "007": "007",
        "7": 7,
        "4006381333931": 4006381333931,
        "0.3": 0.1 + 0.2,
        "-2.5": -2.5,
        "0.00000012": 1.2e-7,
        "1.0000000000000000E+15": 1e15,
        "true": True,
        "2024-01-05": date.fromisoformat("2024-01-05"),
        "2024-01-05 10:30:00": WHEN,
        None: None,
        " x ": " x ",
    }
    header, rows = read(xlsx({"S": [list("abcdefghijkl"), [*cells.values()]]}))
    assert header == tuple("abcdefghijkl")
    assert rows == [tuple(cells)]


def test_the_sheet_is_the_one_that_is_named_or_the_only_one_with_rows() -> None:
    book = xlsx({"Mai": [["a"], [1]], "Juni": [["a"], [2]], "leer": []})
    assert read(book, "a", sheet="Juni")[1] == read(book, "a", sheet=2)[1] == [("2",)]
    for sheet, why in {
        None: "has 2 sheets with rows: say which, `sheet: Mai`. It has: 'Mai', 'Juni'",
        "mai": "has no sheet 'mai'. It has: 'Mai', 'Juni', 'leer'",
        4: "has 3 sheets where `sheet` is 4",
        "leer": "has no row in its sheet",
    }.items():
        with pytest.raises(UnreadableError) as error:
            read(book, "a", sheet=sheet)
        assert str(error.value) == why


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"order,customer\n1,ann\n", "is no workbook that can be read: Cannot detect file format"),
        (xlsx({"S": [["a"]]})[:400], "is no workbook that can be read"),
        (xlsx({"S": []}), "has no row in any sheet"),
        (xlsx({"S": [["a"], *[[]] * 1_048_574, [*[None] * 16_383, "x"]]}), "needs too much memory or time"),
    ],
)
def test_what_is_no_workbook_or_too_large_for_the_machine_is_refused(content: bytes, why: str) -> None:
    """The last one has six kilobytes, and asks for 550 GB."""
    with pytest.raises(UnreadableError, match=why):
        read(content, "a")


def test_a_header_is_where_it_is_said_or_found_and_is_no_row_of_data() -> None:
    below = [["Sales 2024"], ["from", "to"], ["id", "n", "x"], [1, 2, 3]]
    head, row = ("id", "n", "x"), ("1", "2", "3")
    assert read(xlsx({"S": below}), "id", "n") == (head, [row])
    assert read(xlsx({"S": below}), "y") == (
        ("Sales 2024", "column_2", "column_3"),
        [("from", "to", None), head, row],
    )
    assert read(xlsx({"S": below}), "y", header_at=2) == (("from", "to", "column_3"), [head, row])
    twice = [["number", "n"], [1, 2], ["id", "n"], [3, 4]]
    assert read(xlsx({"S": twice}), "id")[0] == ("number", "n"), "rows above would be lost"


def test_a_workbook_that_is_taken_for_csv_is_told(shop: Shop) -> None:
    shop.bytes("a.xlsx", xlsx({"S": [HEAD, ["1", "ann", "tea", WHEN, 1, 1]]}))
    with pytest.raises(TableError, match=r"a\.xlsx is a workbook or a zip archive: say `format: excel`"):
        shop.take()
    assert SHOP["at"] == "drops"
