"""Rows in a workbook are read back as they were; what no sheet can hold is refused."""

from __future__ import annotations

import random
import stat
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from vitalfew.cli import workbook
from vitalfew.cli.whole_file import whole_file
from vitalfew.errors import ConfigError


def read_back(path: Path, rows: Sequence[Sequence[Any]], columns: Sequence[str] = ("a",)) -> list[list[Any]]:
    assert workbook.written(columns, [rows], path) == len(rows)
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name("rows").to_python()[1:]


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("=1+1", "=1+1"),
        ("{=1+1}", "{=1+1}"),
        ("https://example.com", "https://example.com"),
        ("007", "007"),
        ("日本茶", "日本茶"),
        (7, 7.0),
        (-1.5, -1.5),
        (Decimal("12345678901.23"), 12345678901.23),
        (True, True),
        (date(2024, 2, 29), date(2024, 2, 29)),
        (datetime.fromisoformat("2024-02-29 13:05:07"), datetime.fromisoformat("2024-02-29 13:05:07")),
        (date(1899, 12, 31), "1899-12-31"),
        (date(9999, 12, 31), date(9999, 12, 31)),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (12345678901234567, "12345678901234567"),
        (Decimal("12345678901234567.89"), "12345678901234567.89"),
        (12345678901234500, 12345678901234500.0),
        (["tea", "bun"], '["tea", "bun"]'),
        ({"a": "1"}, '{"a": "1"}'),
    ],
)
def test_a_value_is_read_back_as_it_was(tmp_path: Path, value: Any, read: Any) -> None:
    found = read_back(tmp_path / "book.xlsx", [[value]])
    assert found == [[read]]
    assert type(found[0][0]) is type(read)


def test_null_is_an_empty_cell_and_no_value_moves(tmp_path: Path) -> None:
    chance = random.Random(3)
    rows = [[chance.choice([None, number, f"text {number}"]) for _ in "abcd"] for number in range(1, 200)]
    found = read_back(tmp_path / "book.xlsx", rows, "abcd")
    assert found == [["" if value is None else value for value in row] for row in rows]


def test_there_is_no_formula_and_no_link_whatever_the_data_say(tmp_path: Path) -> None:
    texts = ["=cmd|' /C calc'!A0", "+1", "-1", "@a", "http://evil.example/?x", "mailto:a@b.example", "\t=1"]
    workbook.written(["=header", "http://header.example"], [[[text, text] for text in texts]], tmp_path / "book.xlsx")
    with zipfile.ZipFile(tmp_path / "book.xlsx") as opened:
        sheet = opened.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "hyperlink" not in sheet
        assert not [name for name in opened.namelist() if "external" in name.lower()]


def test_a_decimal_shows_its_places(tmp_path: Path) -> None:
    workbook.written(["money", "pieces"], [[[Decimal("3.50"), Decimal("1.250")]]], tmp_path / "book.xlsx")
    with zipfile.ZipFile(tmp_path / "book.xlsx") as opened:
        styles = opened.read("xl/styles.xml").decode()
    assert "#,##0.000" in styles


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [["x" * 32_768]],
            "A cell of a workbook holds 32,767 characters, and one has 32,768: leave its column out by --columns",
        ),
        ([["y"]] * 4, "A sheet of a workbook holds 3 rows, and there are more: choose some by --where"),
    ],
)
def test_what_no_sheet_holds_is_refused_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: list[list[Any]], said: str
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    path = tmp_path / "book.xlsx"
    with pytest.raises(ConfigError) as refused, whole_file(path) as file:
        workbook.written(["a"], [rows], file)
    assert said in str(refused.value)
    assert not list(tmp_path.iterdir())


def test_many_rows_come_in_batches_to_a_file_of_its_owner(tmp_path: Path) -> None:
    def batches() -> Iterator[list[list[int]]]:
        yield from ([[number] for number in range(start, start + 1000)] for start in range(0, 20_000, 1000))

    path = tmp_path / "book.xlsx"
    with whole_file(path) as file:
        assert workbook.written(["number"], batches(), file) == 20_000
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_name("rows").to_python()
    assert [row[0] for row in rows[1:]] == [float(number) for number in range(20_000)]


def test_no_row_is_a_sheet_with_a_header(tmp_path: Path) -> None:
    assert workbook.written(["a", "b"], [], tmp_path / "book.xlsx") == 0
    assert CalamineWorkbook.from_path(str(tmp_path / "book.xlsx")).get_sheet_by_name("rows").to_python() == [["a", "b"]]
