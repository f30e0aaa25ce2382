"""Numbers as people write them: understood where that is safe, by a style where it is said, else refused aloud."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from shop import SHOP, Shop

DIRECT: dict[str, Any] = {"columns": {**SHOP["columns"], "amount": "price"}, "types": {}, "separator": "|"}
HEADER = "id|who|what|at|n|price"


def amounts(shop: Shop, cells: list[str], **settings: Any) -> list[Decimal | None]:
    """What each cell of a column of money is read as; None where it is refused."""
    shop.drop("a.csv", *[f"{i}|ann|tea|2025-01-02|1|{cell}" for i, cell in enumerate(cells)], header=HEADER)
    shop.take(**{**DIRECT, **settings})
    read = {int(row["order_id"]): row["amount"] for row in shop.rows()}
    return [read.get(i) for i in range(len(cells))]


@pytest.mark.both_engines
def test_signs_brackets_spaces_apostrophes_and_currencies_are_understood(shop: Shop) -> None:
    cells = {
        "7.50-": "-7.50", "(7.50)": "-7.50", "\u22127.50": "-7.50", "\u20137.50": "-7.50", "7.50 -": "-7.50",
        "2\u00a0007.50": "2007.50", "2\u2009007.50": "2007.50", "2\u202f007\u202f500": "2007500.00",
        "2'007.50": "2007.50", "2\u2019007.50": "2007.50",
        "£7.50": "7.50", "7.50 £": "7.50", "-£7.50": "-7.50", "£-7.50": "-7.50", "(£7.50)": "-7.50", "7.50£-": "-7.50",
        "\uff17\uff0e\uff15": "7.50", "+7.5": "7.50", "7.": "7.00", ".5": "0.50", "75e-1": "7.50",
    }  # fmt: skip
    assert amounts(shop, list(cells)) == [Decimal(value) for value in cells.values()]


def test_what_contradicts_itself_or_is_ambiguous_is_refused(shop: Shop) -> None:
    cells = ["--7", "-(7)", "(7-)", "2 07.50", "2'007 500", "1,234", "1,5", "7 PCS", "seven", "7.5.0", "1 2", "0x1F"]
    assert amounts(shop, cells) == [None] * len(cells)
    assert set(shop.reasons()) == {"price is not a decimal(18,2)"}


@pytest.mark.parametrize(
    ("numbers", "cells"),
    [
        ("de_DE", {"1.234,5": "1234.50", "1.234": "1234.00", "0,99-": "-0.99", "12,50 €": "12.50", "(1.000,00)": "-1000.00"}),
        ("en-IN", {"1,23,456.78": "123456.78", "12,34,56,789": "123456789.00", "1,234": "1234.00", "₹ 99.50": "99.50"}),
        ("fr_FR", {"1\u202f234,50": "1234.50", "1 234": "1234.00", "\u22121\u00a0234,5": "-1234.50"}),
        ("de_CH", {"1\u2019234.50": "1234.50", "1'234": "1234.00"}),
        ("sv_SE", {"1\u00a0234,50 kr": "1234.50", "\u22125,00": "-5.00"}),
        ({"decimal": ",", "group": ""}, {"1234,5": "1234.50", "1.234": None, "1 234": None}),
    ],
)  # fmt: skip
def test_a_style_is_said_by_its_locale_or_by_its_marks(shop: Shop, numbers: Any, cells: dict[str, str | None]) -> None:
    assert amounts(shop, list(cells), numbers=numbers) == [None if v is None else Decimal(v) for v in cells.values()]


def test_a_column_may_have_a_style_of_its_own(shop: Shop) -> None:
    shop.drop("a.csv", "1|ann|tea|2025-01-02|1.500|1.234,50", header=HEADER)
    shop.take(**DIRECT, numbers="de_DE", column_numbers={"n": "en_US"})
    assert [(row["quantity"], row["amount"]) for row in shop.rows()] == [(Decimal("1.500"), Decimal("1234.50"))]


@pytest.mark.both_engines
def test_exponents_are_shifted_digit_by_digit(shop: Shop) -> None:
    cells = ["923456789012345.67e0", "1.23456E3", "-45e-1", "9999999999999999e-2", "1e30"]
    wanted = ["923456789012345.67", "1234.56", "-4.50", "99999999999999.99", None]
    assert amounts(shop, cells) == [None if v is None else Decimal(v) for v in wanted]
