"""Rows as a table, upright, as CSV, JSON and Markdown: nothing is cut, and nothing is taken for something else."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from vitalfew.cli import layouts, show

LONG = "x" * 300


def test_no_cell_is_cut_and_columns_of_wide_letters_stand_below_each_other() -> None:
    header, line, first, second = layouts.drawn(["name", "n"], [[LONG, "1"], ["北京茶", "22"]]).splitlines()
    assert (header, line) == (f"{'name':<300} | n", f"{'-' * 300}-+---")
    assert (first, second) == (f"{LONG} | 1", f"北京茶{' ' * 294} | 22")


@pytest.mark.parametrize(("width", "is_upright"), [(None, False), (9, False), (8, True), (1, True)])
def test_a_row_wider_than_the_screen_stands_upright(width: int | None, is_upright: bool) -> None:
    text = layouts.drawn(["ab", "c"], [["1234", "56"], ["7", "8"]], width)
    upright = "-[ 1 ]-\nab | 1234\nc  | 56\n-[ 2 ]-\nab | 7\nc  | 8"
    assert text == (upright if is_upright else "ab   | c\n-----+---\n1234 | 56\n7    | 8")


def test_a_long_cell_goes_on_below_from_a_whole_word_on() -> None:
    text = layouts.drawn(["name", "what to do"], [["ann", "Make an offer that ends soon"], ["bob", "北京茶" * 9]], 33)
    assert text.splitlines() == [
        "-[ 1 ]-------",
        "name       | ann",
        "what to do | Make an offer that",
        "           | ends soon",
        "-[ 2 ]-------",
        "name       | bob",
        f"what to do | {'北京茶' * 9}",
    ]


def test_a_table_without_rows_has_its_header() -> None:
    assert layouts.drawn(["ab", "c"], [], 3) == "ab | c\n---+--"


def test_csv_is_read_back_and_no_spreadsheet_computes_it() -> None:
    row = ['a "b", c\nd', "=1+1", Decimal("1.50"), None, True, [1, 2], date(2024, 1, 2)]
    found = [*csv.reader(io.StringIO(layouts.as_csv([*"abcdefg"], [row])))]
    assert found == [[*"abcdefg"], ['a "b", c\nd', "'=1+1", "1.50", "", "true", "[1, 2]", "2024-01-02"]]


def test_json_keeps_every_digit_and_knows_no_nan() -> None:
    row = [
        Decimal("12345678901234567.89"),
        float("nan"),
        datetime(2024, 1, 2, 3, 4, tzinfo=UTC),
        [{"a": Decimal("1.0")}],
        "é",
        None,
    ]
    found = json.loads(layouts.as_json([*"abcdef"], [row]))
    assert found == [
        {
            "a": "12345678901234567.89",
            "b": None,
            "c": "2024-01-02T03:04:00+00:00",
            "d": [{"a": "1.0"}],
            "e": "é",
            "f": None,
        }
    ]


def test_markdown_has_one_line_for_a_row() -> None:
    assert layouts.as_markdown(["a|b"], [["x\ny"], ["\\|"]]) == "| a\\|b |\n| --- |\n| x\\x0ay |\n| \\\\\\| |"


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("table", "a\n-\n-"),
        ("json", '[\n  {\n    "a": null\n  }\n]'),
        ("markdown", "| a |\n| --- |\n| - |"),
    ],
)
def test_a_missing_value_is_shown_as_each_format_has_it(form: str, text: str) -> None:
    assert show.laid_out(["a"], [[None]], form) == text


def test_a_cell_of_a_megabyte_is_cut_on_a_terminal_alone_and_widens_no_other_row() -> None:
    giant = "x" * 1_000_000
    lines = layouts.drawn(["a", "b"], [[giant, "1"], ["tea", "2"]], 80).splitlines()
    assert max(map(len, lines)) < 600
    assert any("x" * 500 + "…" in line for line in lines)
    header, line, first, second = layouts.drawn(["a", "b"], [[giant, "1"], ["tea", "2"]]).splitlines()
    assert first == f"{giant} | 1"
    assert max(map(len, (header, line, second))) < 600
    assert giant in layouts.as_csv(["a"], [[giant]])
    assert giant in layouts.as_json(["a"], [[giant]])


def test_a_line_break_of_any_kind_stands_in_quotes_in_csv() -> None:
    text = layouts.as_csv(["a\rb", "c"], [["Ann\r=1+1", "x"], ["b\r\nc", "d\ne"]])
    assert text == '"a\rb",c\n"Ann\r=1+1",x\n"b\r\nc","d\ne"'
