"""Times that the clock of the shop leaves out, or has twice, are used as they stand, and told."""

from __future__ import annotations

from typing import Any

import pytest
from shop import SHOP, Shop

from vitalfew.procedures.ingest.clock_changes import changes

PAID: dict[str, Any] = {"columns": {**SHOP["columns"], "amount": "paid"}, "types": {}}
HEAD = "id,who,what,at,n,paid"


@pytest.mark.both_engines
def test_times_that_do_not_exist_or_exist_twice_are_used_as_they_stand_and_told(shop: Shop) -> None:
    cells = ["2025-03-30 02:00", "2025-03-30 02:59:59", "2025-03-30 03:00", "2025-03-30 01:59", "2025-03-30T00:30:00Z"]
    cells += ["2024-10-27 02:30", "2024-10-27 00:30Z", "2024-10-27 03:00", "2025-03-30", "2024-03-31 02:10"]
    shop.drop("a.csv", *[f"{i},ann,tea,{cell},1,1" for i, cell in enumerate(cells)], header=HEAD)
    gaps, twice = shop.take(**PAID, time_zone="Europe/Berlin").told
    assert gaps.startswith(
        "order_lines: 3 times (such as a.csv, row 1: '2025-03-30 02:00') lie in an hour that the clock of Europe/Berlin "
        "leaves out"
    )
    assert gaps.endswith("map ordered_at: from_utc_timestamp(…, 'Europe/Berlin')")
    assert twice.startswith("order_lines: 1 times (such as a.csv, row 6: '2024-10-27 02:30') lie in an hour")
    found = {int(row["order_id"]): str(row["ordered_at"])[:16] for row in shop.rows()}
    assert [found[i] for i in (0, 4, 5, 6)] == [
        "2025-03-30 02:00",
        "2025-03-30 01:30",
        "2024-10-27 02:30",
        "2024-10-27 02:30",
    ]


def test_nothing_is_told_of_clocks_where_no_zone_is_said(shop: Shop) -> None:
    cells = ["2025-03-30 02:00", "2025-03-30 03:00", "2024-10-27 02:30"]
    shop.drop("a.csv", *[f"{i},ann,tea,{cell},1,1" for i, cell in enumerate(cells)], header=HEAD)
    assert shop.take(**PAID).told == (), "each clock may be meant"


@pytest.mark.parametrize(
    ("zone", "year", "wanted"),
    [
        ("Europe/Berlin", 2025, [("2025-03-30", "02:00:00", "03:00:00", True), ("2025-10-26", "02:00:00", "03:00:00", False)]),
        ("Africa/Cairo", 2024, [("2024-04-26", "00:00:00", "01:00:00", True), ("2024-10-31", "23:00:00", "24:00:00", False)]),
        ("Australia/Lord_Howe", 2025, [("2025-04-06", "01:30:00", "02:00:00", False), ("2025-10-05", "02:00:00", "02:30:00", True)]),
        ("Pacific/Apia", 2012, [("2012-04-01", "03:00:00", "04:00:00", False), ("2012-09-30", "03:00:00", "04:00:00", True)]),
        ("Asia/Tokyo", 2025, []),
    ],
)  # fmt: skip
def test_what_a_clock_leaves_out_or_has_twice_is_known(zone: str, year: int, wanted: list[Any]) -> None:
    found = [(str(c.day), c.start, c.end, c.is_left_out) for c in changes(zone, year, year)]
    assert found == wanted
    assert changes("Pacific/Apia", 2011, 2011)[-1].day.year == 2011, "a day that was left out whole is no hour"
