"""Refusals that hit one kind of row stop everything; those that hit any row do not."""

from __future__ import annotations

from typing import Any

from shop import SHOP, Shop

from vitalfew.errors import QualityError
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.ingest.refusals import Group

DIRECT: dict[str, Any] = {"columns": {**SHOP["columns"], "amount": "price"}, "types": {}, "separator": "|"}
HEADER = "id|who|what|at|n|price"


def refused(shop: Shop, prices: list[str], files: int = 1, **settings: Any) -> str:
    """The message by which a run of the default parameters ends; an empty text where it does not."""
    each = -(-len(prices) // files)
    for file in range(files):
        part = list(enumerate(prices))[file * each : (file + 1) * each]
        lines = [f"{i}|ann|tea|2025-0{1 + i % 3}-02|1|{price}" for i, price in part]
        shop.drop(f"f{file}.csv", *lines, header=HEADER)
    try:
        shop.take(IngestParams(), **{**DIRECT, **settings})
    except QualityError as error:
        return str(error)
    return ""


def test_all_returns_or_all_large_amounts_are_no_accident(shop: Shop) -> None:
    told = refused(shop, ["9.50"] * 90 + ["9.50 CR-"] * 6)
    assert "6 of 6 cells of price with a minus or in brackets are refused, and 0 of the 90 others" in told
    told = refused(shop, ["950.00"] * 90 + ["1,950.00"] * 8 + ["12,345,678.90"])
    assert "9 of 9 cells of price of a thousand and more are refused, and 0 of the 90 others" in told
    assert "all 99 values of price look like en_US: write `numbers: en_US`" in told
    assert shop.rows() == []
    assert refused(shop, ["950.00"] * 90 + ["1,950.00"] * 9, numbers="en_US") == ""


def test_a_file_that_is_written_otherwise_is_named(shop: Shop) -> None:
    told = refused(shop, ["9.50"] * 90 + ["9,50"] * 10, files=10)
    assert "10 of 10 rows of f9.csv are refused, and 0 of the 90 others" in told


def test_errors_here_and_there_are_set_apart(shop: Shop) -> None:
    prices = ["oops" if i % 20 == 7 else f"{i * 37 % 2000 - 90}.50" for i in range(200)]
    assert refused(shop, prices, files=4) == ""
    assert len(shop.reasons()) == 10


def test_when_too_much_is_refused_a_style_is_proposed(shop: Shop) -> None:
    assert "all 4 values of price look like de_DE: write `numbers: de_DE`" in refused(
        shop, ["1,50", "2.000,00", "3", "4"]
    )
    told = refused(shop, ["1,500", "2,000", "3"])
    assert (
        "may be en_US or de_DE or fr_FR, and mean other numbers then: write `numbers: en_US` or `numbers: de_DE`"
        in told
    )


def test_the_limit_holds_for_money_but_not_for_what_is_rejected_on_purpose(shop: Shop) -> None:
    columns = {**DIRECT["columns"], "ordered_at": "if(price > 300, null, at)"}
    told = refused(shop, ["1.00"] * 50 + ["400.00"], columns=columns)
    assert "400.00 of 450.00 in new rows, signs apart, would be refused, more than the share of 0.2" in told
    assert refused(shop, ["1.00"] * 50 + ["400.00"], reject={"a total": "price > 300"}) == ""


def test_a_few_refused_cells_are_never_a_pattern() -> None:
    assert Group("returns", 6, 6, 1000, 6).is_pattern(5)
    assert not Group("returns", 4, 4, 1000, 4).is_pattern(5)
    assert not Group("returns", 60, 6, 1000, 60).is_pattern(5)
    assert not Group("all", 100, 6, 100, 6).is_pattern(5)
