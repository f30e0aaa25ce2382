"""Formats of times: understood as other tools write them, or refused with the right spelling, before a file is read."""

from __future__ import annotations

import re

import pytest
from shop import HEADER, Shop

from vitalfew.config.time_formats import translated
from vitalfew.procedures.ingest import examples
from vitalfew.procedures.ingest.readers.clock_texts import AT_END


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
    found = shop.judged(timestamp_formats=list(cells))
    assert [(str(row["ordered_at"]), row["__reason"]) for row in found] == [("2025-02-05 14:30:00", None)] * len(cells)


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


@pytest.mark.both_engines
def test_halves_of_the_day_ends_of_days_and_offsets_are_read_however_they_are_spelled(shop: Shop) -> None:
    halves = {
        "05.02.2025 2:30 PM": "14:30", "05.02.2025 2:30 p.m.": "14:30", "05.02.2025 2:30 P. M.": "14:30",
        "05.02.2025 2:30PM": "14:30", "05.02.2025 2:30\u202fpm": "14:30", "05.02.2025 12:30 a.m.": "00:30",
        "2025-02-05 下午 2:30": "14:30", "2025/2/5 下午2:30": "14:30", "2025-02-05 오전 2:30": "02:30",
        "2025-02-05 午後 2:30": "14:30", "05.02.2025 2:30 μ.μ.": "14:30",
    }  # fmt: skip
    offsets = {
        f"05.02.2025 13:30{end}": "14:30" for end in (" +00:00", " +0000", " +00", "Z", " UTC", "+00:00", "+0000")
    }
    plain = {"04.02.2025 24:00": "00:00", "04-Feb-2025 24:00:00": "00:00", "05.02.2025 00:24:00": "00:24"}
    given = {**halves, **offsets, **plain}
    shop.drop("a.csv", *[f"{i}|ann|tea|{cell}|1|1" for i, cell in enumerate(given)], header=HEADER.replace(",", "|"))
    forms = ["d.M.yyyy h:mm a", "yyyy-M-d a h:mm", "yyyy/M/d ah:mm", "d.M.yyyy H:mm XXX", "d.M.yyyy H:mm"]
    forms += ["d-MMM-yyyy H:mm:ss", "d.M.yyyy H:mm:ss"]
    found = shop.judged(separator="|", timestamp_formats=forms, time_zone="Europe/Berlin")
    assert {cell: (str(row["ordered_at"]), row["__reason"]) for cell, row in zip(given, found, strict=True)} == {
        cell: (f"2025-02-05 {at}:00", None) for cell, at in given.items()
    }


@pytest.mark.both_engines
def test_iso_times_have_offsets_of_any_spelling_and_ends_of_days(shop: Shop) -> None:
    cells = {
        "2025-02-05T13:30:00+0000": "2025-02-05 14:30:00", "2025-02-05 13:30:00.123456789+00": "2025-02-05 14:30:00.123456",
        "2025-02-05 13:30 +00:00": "2025-02-05 14:30:00", "2025-02-05T13:30:00 Z": "2025-02-05 14:30:00",
        "2025-02-05 19:00:00+0530": "2025-02-05 14:30:00", "2024-12-31T24:00": "2025-01-01 00:00:00",
        "2025-02-28 24:00:00": "2025-03-01 00:00:00", "2025-02-28 24:00:00Z": "2025-03-01 01:00:00",
        "2025-02-28 24:00:01": None, "2025-02-28 25:00": None, "2025-02-28-03": None,
    }  # fmt: skip
    shop.drop("a.csv", *[f"{i},ann,tea,{cell},1,1" for i, cell in enumerate(cells)])
    found = shop.judged(time_zone="Europe/Berlin")
    assert {
        cell: None if row["__reason"] else str(row["ordered_at"]) for cell, row in zip(cells, found, strict=True)
    } == cells


def test_the_format_of_a_time_that_cannot_be_read_is_proposed_however_it_is_spelled() -> None:
    assert examples.formats("5.2.2025 2:30 p. m.") == ["d.M.yyyy h:mm a"]
    assert examples.formats("2025/2/5 2:30:10\u202fPM") == ["yyyy/M/d h:mm:ss a"]
    assert examples.formats("5.2.2025 14:30 +0200") == ["d.M.yyyy H:mm XXX"]
    assert examples.formats("2025/2/5 下午2:30") == ["yyyy/M/d a h:mm"]
    assert AT_END.search("31-12-2024") is None, "a year is no offset"
