"""Numbers as people write them: understood where that is safe, by a style where it is said, else refused aloud."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from shop import LENIENT, NOW, SHOP, Shop

from vitalfew.config.files import FileSource
from vitalfew.errors import QualityError
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.ingest import examples
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.tables.sources import ORDER_LINES

DIRECT: dict[str, Any] = {"columns": {**SHOP["columns"], "amount": "price"}, "types": {}, "separator": "|"}
HEADER = "id|who|what|at|n|price"


def dropped(shop: Shop, cells: list[str]) -> None:
    shop.drop("a.csv", *[f"{i}|ann|tea|2025-01-02|1|{cell}" for i, cell in enumerate(cells)], header=HEADER)


def amounts(shop: Shop, cells: list[str], **settings: Any) -> list[Decimal | None]:
    """What each cell of a column of money is taken as; None where it is refused."""
    dropped(shop, cells)
    shop.take(**{**DIRECT, **settings})
    read = {int(row["order_id"]): row["amount"] for row in shop.rows()}
    return [read.get(i) for i in range(len(cells))]


def judged(shop: Shop, cells: list[str]) -> list[Decimal | str]:
    """As `amounts`, and the reason where a cell is refused; nothing is written."""
    dropped(shop, cells)
    return [row["__reason"] or row["amount"] for row in shop.judged(**DIRECT)]


@pytest.mark.both_engines
def test_signs_brackets_spaces_apostrophes_and_currencies_are_understood(shop: Shop) -> None:
    cells = {
        "7.50-": "-7.50", "(7.50)": "-7.50", "\u22127.50": "-7.50", "\u20137.50": "-7.50", "7.50 -": "-7.50",
        "2\u00a0007.50": "2007.50", "2\u2009007.50": "2007.50", "2\u202f007\u202f500": "2007500.00",
        "2'007.50": "2007.50", "2\u2019007.50": "2007.50",
        "£7.50": "7.50", "7.50 £": "7.50", "-£7.50": "-7.50", "£-7.50": "-7.50", "(£7.50)": "-7.50", "7.50£-": "-7.50",
        "\uff17\uff0e\uff15": "7.50", "+7.5": "7.50", "7.": "7.00", ".5": "0.50", "75e-1": "7.50",
    }  # fmt: skip
    assert judged(shop, list(cells)) == [Decimal(value) for value in cells.values()]


def test_what_contradicts_itself_or_is_ambiguous_is_refused(shop: Shop) -> None:
    cells = ["--7", "-(7)", "(7-)", "2 07.50", "2'007 500", "1,234", "1,5", "7 PCS", "seven", "7.5.0", "1 2", "0x1F"]
    assert judged(shop, cells) == ["price is not a decimal(18,2)"] * len(cells)


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
    wanted = ["923456789012345.67", "1234.56", "-4.50", "99999999999999.99"]
    assert judged(shop, cells) == [*map(Decimal, wanted), "price is not a decimal(18,2)"]


def test_a_unit_or_a_per_cent_sign_is_read_where_it_is_said_and_the_message_says_how(shop: Shop) -> None:
    lines = ["1|ann|tea|2025-01-02|3 pcs|10%", "2|ann|tea|2025-01-02|1 pc|7.5 %", "3|ann|tea|2025-01-02|2|12\uff05"]
    lines += ["4|ann|tea|2025-01-02|1|5", "5|ann|tea|2025-01-02|1,5 kg|0%"]
    shop.drop("a.csv", *lines, header=HEADER)
    given: dict[str, Any] = {**DIRECT, "columns": {**DIRECT["columns"], "amount": "100 * price"}}
    given["types"] = {"price": "decimal(9,4)"}
    with pytest.raises(QualityError) as error:
        shop.take(IngestParams(max_quarantined_share=0.1), **given)
    assert "row 1: '3 pcs'): if all of them are in this unit, say `column_numbers: {n: {units: ['pcs']}}`" in str(
        error.value
    )
    styles = {"n": {"units": ["pc", "pcs"]}, "price": {"units": ["%"]}}
    shop.take(**given, column_numbers=styles)
    assert [(str(row["quantity"]), row["amount"]) for row in shop.rows()] == [
        ("3.000", Decimal("10.00")),
        ("1.000", Decimal("7.50")),
        ("2.000", Decimal("12.00")),
    ]
    assert [reason.split(" is ")[0] for reason in shop.reasons()] == ["n", "price"]


@pytest.mark.parametrize(
    ("number", "unit", "said"),
    [
        ("10", "%", "10% is to be 0.10 and all have this sign, say `column_numbers: {price: {units: ['%']}}`"),
        ("1,5", "kg", "this unit, say `column_numbers: {price: {decimal: ',', units: ['kg']}}`"),
    ],
)
def test_the_setting_for_a_unit_is_ready_to_paste(number: str, unit: str, said: str) -> None:
    intake = Intake(ORDER_LINES, FileSource(**{**SHOP, **DIRECT}), (), LENIENT, NOW)
    cell = f"{number} {unit}"
    assert said in examples.advice(cell, "price", "price is not a decimal(18,2)", intake)


def test_dashes_after_the_decimal_mark_are_no_minus(shop: Shop) -> None:
    swiss = {
        "5.-": "5.00",
        "5.--": "5.00",
        "1'234.-": "1234.00",
        "-5.-": "-5.00",
        "(5.\u2014)": "-5.00",
        "5.50-": "-5.50",
    }
    assert amounts(shop, list(swiss)) == [Decimal(value) for value in swiss.values()]


@pytest.mark.parametrize(
    ("numbers", "cells", "said"),
    [
        ("de_DE", ["0.500", "1.250"], "(such as a.csv, row 1: '0.500') have '.' before decimals"),
        ("en_US", ["1,234", "1,50"], "(such as a.csv, row 2: '1,50') have ',' before decimals"),
        ("en_US", ["1,234.50", "1,50", "1,500"], "1 (such as a.csv, row 3: '1,500') would be read as thousands"),
    ],
)
def test_a_mark_that_stands_before_decimals_too_does_not_make_thousands(
    shop: Shop, numbers: str, cells: list[str], said: str
) -> None:
    with pytest.raises(QualityError) as error:
        amounts(shop, cells, numbers=numbers)
    assert said in str(error.value)
    assert "say `column_numbers: {price: {decimal: " in str(error.value)
    assert not shop.rows()


def test_one_slip_among_many_thousands_is_a_row_that_is_refused(shop: Shop) -> None:
    lines = [f"{n}|ann|tea|2025-01-02|1|1.250" for n in range(150)]
    shop.drop("a.csv", *lines, "150|ann|tea|2025-01-02|1|12.5", header=HEADER)
    taken = shop.take(**DIRECT, numbers="de_DE")
    assert (taken.rows_used, taken.rows_quarantined) == (150, 1)
    assert taken.money_used == 150 * 1250


def test_thousands_begin_with_no_zero_and_the_message_names_the_mark(shop: Shop) -> None:
    shop.drop("a.csv", "1|ann|tea|2025-01-02|1|0.5", "2|ann|tea|2025-01-02|1|0.750", header=HEADER)
    with pytest.raises(
        QualityError, match=r"'0.5'\): if its decimals stand after '.', say .*\{price: \{decimal: '.'\}\}"
    ):
        shop.take(IngestParams(), **DIRECT, numbers="de_DE")
    assert shop.take(**DIRECT, numbers="de_DE", column_numbers={"price": {"decimal": "."}}).money_used == Decimal(
        "1.25"
    )
