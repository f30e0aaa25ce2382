"""The settings of files: what they mean, and every mistake told before a file is opened."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from shop import SHOP

from vitalfew.config.expressions import columns_of
from vitalfew.config.files import FileSource
from vitalfew.config.sql_names import is_column
from vitalfew.tables.sources import CUSTOMERS, ORDER_LINES


def source(**given: Any) -> FileSource:
    return FileSource(**{**SHOP, **given})


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("a + b", {"a", "b"}),
        ("`Unit Price` * 2", {"Unit Price"}),
        ("regexp_replace(CustomerID, '[.]0$', '')", {"CustomerID"}),
        ("case when x like 'a b' then 1e3 else null end", {"x"}),
        ("try_cast(x as decimal(18,2)) is not null and Not y", {"x", "y"}),
        ("`date` > date '2025-01-01'", {"date"}),
        ("'GBP'", set()),
        ("", set()),
    ],
)
def test_the_columns_of_an_expression_are_its_names(text: str, columns: set[str]) -> None:
    assert columns_of(text) == columns


def test_a_column_is_a_plain_name_or_one_in_backquotes() -> None:
    assert all(map(is_column, ["a", "Unit_Price", "`Unit Price`", "date", "`a.b`"]))
    assert not any(map(is_column, ["Unit Price", "a + b", "``", "`a` + `b`", "", "a.b"]))


def test_a_file_must_have_every_column_that_is_used() -> None:
    made = source(
        columns={**SHOP["columns"], "channel": "`Sold via`"},
        returns="order_id like 'C%' or Reason is not null",
        charges="fee",
        reject={"test data": "is_test"},
        copies={"by": ["line"]},
    )
    expected = {"id", "who", "what", "at", "n", "price", "Sold via", "Reason", "fee", "is_test", "line"}
    assert made.used == tuple(sorted(expected))


def test_the_type_of_a_column_is_as_said_or_that_of_our_column_or_string() -> None:
    made = source(columns={**SHOP["columns"], "channel": "at", "currency": "code", "cost": "`c`"})
    types = {name: made.type_of(name, ORDER_LINES) for name in ("id", "n", "price", "at", "code", "c", "other")}
    assert types == {
        "id": "string",
        "n": "decimal(18,3)",
        "price": "decimal(18,4)",
        "at": "string",  # a time and a channel: which of them must be said
        "code": "string",
        "c": "decimal(18,2)",
        "other": "string",
    }
    assert made.problems(ORDER_LINES) == ["types.at must be said: columns.ordered_at needs a timestamp."]


def test_what_is_for_order_lines_is_refused_elsewhere() -> None:
    made = FileSource(at="x", columns={"customer_id": "id", "regions": "id"}, returns="true", charges="true")
    assert made.problems(CUSTOMERS) == [
        "columns.regions is not a column of customers; did you mean region?",
        "returns is for order_lines only.",
        "charges is for order_lines only.",
    ]


def test_what_ingest_sets_itself_cannot_be_mapped() -> None:
    found = source(columns={**SHOP["columns"], "line_id": "id"}).problems(ORDER_LINES)
    assert len(found) == 1
    assert found[0].startswith("columns.line_id is not a column of order_lines; ")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"encoding": "utf-7000"}, "utf-7000 is not an encoding of text"),
        ({"time_zone": "Europe/Wien"}, "Europe/Wien is not a time zone; did you mean Europe/"),
        (
            {"columns": {**SHOP["columns"], "channel": "reflect('a')"}},
            "columns.channel: function reflect is not allowed",
        ),
        ({"charges": "select 1"}, "charges: 'select' is not allowed"),
        ({"reject": {"why": "(n"}}, "reject.why: its brackets do not match"),
        ({"types": {"price": "money"}}, "types.price: money is not one of string"),
        ({"header": False}, "names: say the columns, in order, if and only if there is no header"),
        ({"names": ["a"]}, "names: say the columns, in order, if and only if there is no header"),
        ({"timestamp_formats": ["yyyy-MM-dd'T'HH:mm:ssXXX"]}, "time_zone: say the zone of the shop"),
        ({"separator": '"'}, "separator and quote must be two ASCII characters"),
        ({"separator": "§"}, "separator and quote must be two ASCII characters"),
        ({"separator": "\n"}, "separator and quote must be two ASCII characters"),
        ({"numbers": {"decimal": ",", "group": ","}}, "decimal and group must differ"),
        ({"numbers": "de_XX_"}, "numbers: de_XX_ is not a locale"),
        ({"column_numbers": {"price": "klingon"}}, "price: klingon is not a locale"),
        ({"columns": {**SHOP["columns"], "channel": "ID"}}, "columns that differ only by case cannot both be used: id"),
        ({"normalise": {"order_id": ["shout"]}}, "'trim', 'unwrap', 'whole', 'squeeze', 'upper' or 'lower'"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
    ],
)
def test_a_mistake_is_told(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as error:
        source(**given)
    assert message in str(error.value)


def test_literal_letters_in_a_format_are_no_offset() -> None:
    assert source(timestamp_formats=["yyyy-MM-dd'T'HH:mm:ss'Z'"]).time_zone is None


def test_encodings_have_one_name() -> None:
    assert source(encoding="UTF8").encoding == source(encoding="utf-8").encoding == "utf-8"


def test_the_discount_of_an_order_is_money_too() -> None:
    """So a cell of it with more than two decimals is refused, and its sign tells a currency."""
    columns = {"order_id": "id", "product_id": "sku", "ordered_at": "at", "quantity": "n", "amount": "price"}
    source = FileSource(at="a.csv", columns=columns, order_discount="rebate * n")
    assert source.money_cells == {"price", "rebate", "n"}
    assert source.model_copy(update={"order_discount": None}).money_cells == {"price"}
