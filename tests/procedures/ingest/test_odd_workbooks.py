"""Workbooks as people leave them: errors, formulas nobody computed, hidden sheets, merged headers, totals, mixed columns."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
import xlwt
from shop import SHOP, Shop
from workbook_files import CONTENT, MANIFEST

from vitalfew.errors import TableError
from vitalfew.procedures.ingest.readers.ods_faults import NO_VALUE
from vitalfew.procedures.ingest.readers.sheet_faults import faults

PAID: dict[str, Any] = {"columns": {**SHOP["columns"], "amount": "paid"}, "types": {}, "format": "excel"}
HEAD = ["id", "who", "what", "at", "n", "paid"]
DAY = datetime.fromisoformat("2025-01-02")


def book(fill: Callable[[Any], None], **options: Any) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "dd/mm/yyyy", **options}) as workbook:
        fill(workbook)
    return out.getvalue()


def lines(*rows: list[Any], top: int = 0, left: int = 0) -> Callable[[Any], None]:
    def fill(workbook: Any) -> None:
        sheet = workbook.add_worksheet("Sales")
        for number, row in enumerate([HEAD, *rows], top):
            for at, cell in enumerate(row, left):
                if isinstance(cell, tuple):
                    sheet.write_formula(number, at, cell[0], None, cell[1])
                else:
                    sheet.write(number, at, cell)

    return fill


def uncomputed(content: bytes) -> bytes:
    """A workbook as libraries write it, which compute nothing: its formulas have no values."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as found, zipfile.ZipFile(out, "w") as made:
        for name in found.namelist():
            text = found.read(name)
            made.writestr(name, re.sub(rb"</f><v>[^<]*</v>", b"</f><v></v>", text) if "sheet1" in name else text)
    return out.getvalue()


def test_errors_are_no_blanks_and_hidden_sheets_no_choice(shop: Shop) -> None:
    na, zero = ("=NA()", "#N/A"), ("=1/0", "#DIV/0!")
    rows = [["1", "ann", "tea", DAY, 1, ("=3+4", 7)], ["2", "ann", "tea", DAY, 1, na], ["3", "ann", na, DAY, 1, 1]]
    rows += [["4", na, "tea", DAY, 1, 5], [None, na, None, None, None, zero], ["5", "bob", "tea", DAY, zero, 1]]

    def fill(workbook: Any) -> None:
        hidden = workbook.add_worksheet("Lists")
        hidden.write_row(0, 0, HEAD)
        hidden.hide()
        lines(*rows, top=3, left=2)(workbook)
        workbook.get_worksheet_by_name("Sales").activate()
        workbook.get_worksheet_by_name("Sales").set_first_sheet()

    shop.bytes("a.xlsx", book(fill))
    account = shop.take(**PAID)
    assert (account.rows_in, account.rows_used, account.money_used) == (5, 2, Decimal(12))
    assert {(row["order_id"], row["customer_id"]) for row in shop.rows()} == {("1", "ann"), ("4", None)}
    assert shop.refused() == [
        ("n is not a decimal(18,3)", "a.xlsx", 5),
        ("paid is not a decimal(18,2)", "a.xlsx", 2),
        ("product_id is missing", "a.xlsx", 3),
    ]


def test_a_formula_that_nobody_has_computed_is_told_with_its_row_and_column(shop: Shop) -> None:
    shop.bytes(
        "a.xlsx", uncomputed(book(lines(["1", "ann", "tea", DAY, 1, 2], ["2", "ann", "tea", DAY, 1, ("=1+1", 2)])))
    )
    with pytest.raises(TableError, match=r"a\.xlsx holds a formula without its value \(row 2, column paid\): open it"):
        shop.take(**PAID)
    shop.bytes("a.xlsx", uncomputed(book(lines(["1", "ann", "tea", DAY, 1, 2, ("=1+1", 2)]))))
    assert shop.take(**PAID).rows_used == 1, "the setting does not use that column"


def test_a_column_of_numbers_and_texts_and_of_dates_and_texts_is_read_or_refused_with_its_cell(shop: Shop) -> None:
    rows: list[list[Any]] = [["1", "ann", "tea", DAY, 1, 12.5], ["2", "ann", "tea", "03.01.2025", "1", "1.012,50"]]
    rows += [["3", "ann", "tea", "2025-01-04", 2, 1234], ["4", "ann", "tea", "5/1/2025", 1, "12.50"]]
    content = book(lines(*rows))
    shop.bytes("a.xlsx", content)
    shop.take(**PAID, timestamp_formats=["dd.MM.yyyy"], numbers="de_DE")
    assert {row["order_id"]: (str(row["ordered_at"])[:10], row["amount"]) for row in shop.rows()} == {
        "1": ("2025-01-02", Decimal("12.50")),
        "2": ("2025-01-03", Decimal("1012.50")),
        "3": ("2025-01-04", Decimal(1234)),
    }
    assert shop.reasons() == ["at is not a timestamp; paid is not a decimal(18,2)"]


def test_merged_cells_above_the_header_a_total_below_and_the_other_first_day_change_no_sum(shop: Shop) -> None:
    def fill(workbook: Any) -> None:
        lines(["1", "ann", "tea", DAY, 1, 2.5], ["Total", None, None, None, None, 2.5], top=1)(workbook)
        workbook.worksheets()[0].merge_range(0, 0, 0, 2, "Order")
        workbook.worksheets()[0].merge_range(0, 3, 0, 5, "Sale")

    shop.bytes("a.xlsx", book(fill, date_1904=True))
    account = shop.take(**PAID)
    assert (account.rows_used, account.money_used) == (1, Decimal("2.50"))
    assert [str(row["ordered_at"])[:10] for row in shop.rows()] == ["2025-01-02"]
    assert shop.reasons() == ["product_id is missing; ordered_at is missing; quantity is missing"]


def test_a_header_in_two_rows_is_one_and_a_header_that_stands_again_is_no_row(shop: Shop) -> None:
    def fill(workbook: Any) -> None:
        sheet = workbook.add_worksheet("Sales")
        sheet.write(0, 0, "Sales of the shop")
        sheet.write_row(1, 0, [*HEAD[:4], "Sale", None])
        sheet.merge_range(1, 4, 1, 5, "Sale")
        sheet.write_row(2, 4, HEAD[4:])
        rows: list[list[Any]] = [["1", "ann", "tea", DAY, 2, 5], HEAD, ["2", "bob", "tea", DAY, 1, 2.5]]
        for number, row in enumerate(rows, 3):
            for at, cell in enumerate(row):
                sheet.write(number, at, cell)

    shop.bytes("a.xlsx", book(fill))
    account = shop.take(**PAID)
    assert (account.rows_in, account.rows_used, account.money_used) == (3, 2, Decimal("7.50"))
    assert shop.refused() == [("is the header of the file again", "a.xlsx", 2)]


def test_where_cells_have_no_value_is_known_whatever_the_sheet_is_called() -> None:
    na = ("=NA()", "#N/A")
    content = book(lines(["1", na], [*[None] * 27, na]))
    assert faults(content, "Sales") == ({(1, 1): "#N/A", (2, 27): "#N/A"}, [])
    assert faults(content, "sales") == faults(b"PK", "Sales") == ({}, [])


def old_book(*rows: list[Any]) -> bytes:
    """An .xls of two sheets; of a cell that is a set of one number, the error of that code."""
    out, made = io.BytesIO(), xlwt.Workbook()
    made.add_sheet("Notes")
    sheet = made.add_sheet("Verk\u00e4ufe")
    for number, row in enumerate([HEAD, *rows]):
        for at, cell in enumerate(row):
            if isinstance(cell, set):
                sheet.row(number).set_cell_error(at, *cell)
            elif cell is not None:
                sheet.write(number, at, cell)
    made.save(out)
    return out.getvalue()


def open_book(*rows: list[str]) -> bytes:
    """An .ods, whose cells are given as they are written."""
    out = io.BytesIO()
    head = [f'<table:table-cell office:value-type="string"><text:p>{name}</text:p></table:table-cell>' for name in HEAD]
    table = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in [head, *rows])
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", CONTENT.format(f'<table:table table:name="Sales">{table}</table:table>'))
    return out.getvalue()


def test_errors_in_old_workbooks_and_in_those_of_openoffice_are_no_blanks_and_no_zeros(shop: Shop) -> None:
    day = "2025-01-02"
    rows = [[str(i), "ann", "tea", day, 1, 5.0] for i in range(200)]
    content = old_book([*rows[0][:5], {0x17}], ["1", "ann", {0x2A}, day, 1, 5.0], *rows[2:])
    assert faults(content, "Verk\u00e4ufe") == ({(1, 5): "#REF!", (2, 2): "#N/A"}, [])
    assert faults(content, "Notes") == faults(content[:600], "Notes") == ({}, [])

    def cell(value: str, kind: str = "string", name: str = "string-value") -> str:
        return f'<table:table-cell office:value-type="{kind}" office:{name}="{value}"><text:p>{value}</text:p></table:table-cell>'

    zero = '<table:table-cell table:formula="of:=1/0" office:value-type="float" office:value="0"><text:p>Err:532</text:p></table:table-cell>'
    start = [cell("ann"), cell("tea"), cell(day, "date", "date-value"), cell("1", "float", "value")]
    new = open_book([cell("a"), *start, zero], [cell("b"), *start, cell("2.5", "float", "value")])
    assert faults(new, "Sales") == ({(1, 5): "#VALUE!"}, [])
    assert faults(
        open_book([zero.replace(' office:value-type="float" office:value="0"', "").replace("Err:532", "")]), "Sales"
    )[0] == {(1, 0): NO_VALUE}
    shop.bytes("a.xls", content)
    shop.bytes("b.ods", new)
    account = shop.take(**PAID)
    assert (account.rows_in, account.rows_used, account.money_used) == (202, 199, Decimal("992.50"))
    assert shop.refused() == [
        ("paid is not a decimal(18,2)", "a.xls", 1),
        ("paid is not a decimal(18,2)", "b.ods", 1),
        ("product_id is missing", "a.xls", 2),
    ]


def test_a_text_in_a_merged_cell_is_said_of_all_its_rows_and_a_number_of_the_first(shop: Shop) -> None:
    def fill(workbook: Any) -> None:
        sheet = workbook.add_worksheet("Sales")
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, HEAD)
        for row, (product, paid) in enumerate([("tea", 5), ("mug", 6), ("pot", 20), ("lid", None)], 1):
            sheet.write(row, 2, product)
            sheet.write_row(row, 4, [1, paid])
        for first, number, customer in ((1, 1001, "ann"), (3, 1002, "bob")):
            sheet.merge_range(first, 0, first + 1, 0, number)
            sheet.merge_range(first, 1, first + 1, 1, customer)
            sheet.merge_range(first, 3, first + 1, 3, DAY, day)
        sheet.merge_range(3, 5, 4, 5, 20)

    shop.bytes("a.xlsx", book(fill))
    account = shop.take(**PAID)
    assert [(r["order_id"], r["customer_id"], r["product_id"], r["amount"]) for r in shop.rows()] == [
        ("1001", "ann", "mug", Decimal(6)), ("1001", "ann", "tea", Decimal(5)), ("1002", "bob", "pot", Decimal(20)),
    ]  # fmt: skip
    assert {row["ordered_at"] for row in shop.rows()} == {DAY}
    assert shop.refused() == [("amount is missing", "a.xlsx", 4)], "the money of two goods is not taken twice"
    assert account.money_used == Decimal(31)


def test_cells_that_are_merged_in_a_sheet_of_openoffice_are_known() -> None:
    text = '<table:table-cell table:number-rows-spanned="3" table:number-columns-spanned="1"><text:p>ann</text:p></table:table-cell>'
    skipped = '<table:table-cell table:number-columns-repeated="2"/>'
    assert faults(open_book([skipped, text], ["<table:covered-table-cell/>"]), "Sales") == ({}, [((1, 2), (3, 2))])
