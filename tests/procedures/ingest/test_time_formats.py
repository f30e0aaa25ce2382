"""Formats of times: understood as other tools write them, or refused with the right spelling, before a file is read."""

from __future__ import annotations

import re

import pytest
from shop import Shop

from vitalfew.config.time_formats import translated


@pytest.mark.both_engines
def test_the_formats_of_other_tools_read_the_same_times(shop: Shop) -> None:
    cells = {
        "%d/%m/%Y %H:%M": "05/02/2025 14:30",
        "YYYY-MM-DD HH:mm": "2025-02-05 14:30",
        "%Y%m%dT%H%M%S": "20250205T143000",
        "%m/%d/%y %I:%M %p": "02/05/25 02:30 PM",
        "DD.MM.YY HH:mm": "05.02.25 14:30",
        "MM-DD-YYYY hh:mm A": "02-05-2025 02:30 PM",
        "yyyy年M月d日 H時m分": "2025年2月5日 14時30分",
    }
    shop.drop("a.csv", *[f"{i},ann,tea,{cell},1,1" for i, cell in enumerate(cells.values())])
    shop.take(timestamp_formats=list(cells))
    assert [str(row["ordered_at"]) for row in shop.rows()] == ["2025-02-05 14:30:00"] * len(cells), shop.reasons()


@pytest.mark.parametrize(
    ("form", "answer"),
    [
        ("dd/mm/yyyy", "mm is minutes: write 'dd/MM/yyyy'"),
        ("d.m.yy HH:mm", "mm is minutes: write 'd.M.yy HH:mm'"),
        ("yyyy-MM-dd HH:MM", "MM is the month: write 'yyyy-MM-dd HH:mm'"),
        ("YYYY-MM-DD HH:MM:SS", "write 'yyyy-MM-dd HH:mm:ss'"),
        ("yyyy-MM-dd hh:mm", "write 'yyyy-MM-dd HH:mm'"),
        ("dd/MM/yyyy HH:mm a", "write 'dd/MM/yyyy hh:mm a'"),
        ("MM/yyyy", "has no day: write dd"),
        ("%m/%Y", "has no day: write dd"),
        ("dd.MM.", "has no year: write yyyy for four digits, yy for two"),
        ("dd.MM.y", "neither four digits nor two: write yyyy or yy"),
        ("yyyy dd", "has no month: write MM"),
        ("%d %q %Y", "the code %q"),
        ("dd/MM/yyyy dd", "says d twice"),
    ],
)
def test_a_format_that_does_not_say_a_day_is_answered(form: str, answer: str) -> None:
    with pytest.raises(ValueError, match=re.escape(answer)):
        translated(form)


@pytest.mark.parametrize(
    "form",
    ["dd.MM.yyyy HH:mm", "dd/MM/yy", "yyyy-MM-dd'T'HH:mm:ssXXX", "d MMM yyyy", "dd/MM/yyyy hh:mm:ss a", "yyyyMMddHHmmss",
     "yyyy-MM-dd HH:mm:ss.SSS", "EEE d MMMM yyyy", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy年M月d日 H時m分"],
)  # fmt: skip
def test_a_format_in_our_letters_stays(form: str) -> None:
    assert translated(form) == form
