"""One target has one currency: several are refused with their sums, or converted by the rates that are said."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from shop import HEADER, SHOP, Shop

from vitalfew.config.files import FileSource
from vitalfew.dataframes.number_styles import currency_of
from vitalfew.errors import QualityError

LINES = ["1,ann,tea,2025-01-02,1,10.00,eur", "2,bob,tea,2025-01-02,1,20.05,USD", "3,cat,tea,2025-01-03,-1,3.00,USD"]
NAMED: dict[str, Any] = {"columns": {**SHOP["columns"], "currency": "money"}}


def test_several_currencies_are_refused_with_rows_and_money(shop: Shop) -> None:
    shop.drop("a.csv", *LINES, header=f"{HEADER},money")
    with pytest.raises(QualityError, match=r"several currencies: EUR \(1 rows, 10.00\), USD \(2 rows, 17.05\)"):
        shop.take(**NAMED)
    assert shop.rows() == []


def test_signs_in_cells_are_currencies_too(shop: Shop) -> None:
    shop.drop("a.csv", "1,ann,tea,2025-01-02,1,£10.00", "2,bob,tea,2025-01-02,1,20.00 €")
    with pytest.raises(QualityError, match=r"several currencies: EUR .1 rows, 20.00., GBP"):
        shop.take()


def test_rates_bring_all_to_one_currency(shop: Shop) -> None:
    shop.drop("a.csv", *LINES, "4,dan,tea,2025-01-03,1,5.00,CHF", header=f"{HEADER},money")
    shop.take(**NAMED, currency="EUR", rates={"USD": "0.9"}, normalise={"currency": ["upper"]})
    found = {row["order_id"]: (str(row["amount"]), row["currency"]) for row in shop.rows()}
    assert found == {"1": ("10.00", "EUR"), "2": ("18.05", "EUR"), "3": ("-2.70", "EUR")}
    assert shop.reasons() == ["no rate for the currency CHF"]


def test_a_sign_that_several_currencies_share_is_said_by_the_shop(shop: Shop) -> None:
    shop.drop(
        "a.csv", "1,ann,tea,2025-01-02,1,kr 10.00", "2,bob,tea,2025-01-02,1,20.00 SEK", "3,cy,tea,2025-01-02,1,5 kr."
    )
    with pytest.raises(QualityError, match=r"kr may be SEK or NOK or DKK or ISK: say .*`currency_signs: {kr: SEK}`"):
        shop.take()
    shop.take(currency_signs={"kr": "SEK"})
    shop.drop("b/a.csv", "4,ann,tea,2025-01-02,1,1,kr", "5,ann,tea,2025-01-02,1,1,Kr.", header=f"{HEADER},money")
    shop.take(**NAMED, at="drops/b", currency_signs={"kr": "SEK"})
    assert [row["currency"] for row in shop.rows()] == ["SEK"] * 5
    shop.drop("c/a.csv", "6,ann,tea,2025-01-02,1,Rs. 5", "7,ann,tea,2025-01-02,1,₹5", "8,ann,tea,2025-01-02,1,5 INR")
    shop.take(at="drops/c")
    assert [row["currency"] for row in shop.rows() if row["order_id"] > "5"] == ["INR"] * 3


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"currency": "EUR"}, "currency and rates: say both or neither"),
        ({"currency": "EUR", "rates": {"USD": "1"}}, "rates: map columns.currency"),
        ({**NAMED, "currency": "EUR", "rates": {"USD": "-1"}}, "rates.USD: '-1' is no positive number"),
    ],
)
def test_a_mistake_in_rates_is_told(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        FileSource(**{**SHOP, **given})


def test_a_sign_is_a_code_where_it_is_the_sign_of_one_currency_alone(spark: SparkSession) -> None:
    cells: dict[str, str | None] = {
        "R$ 1.234,56": "BRL",
        "US$5": "USD",
        "5 HK$": "HKD",
        "NT$ 5": "TWD",
        "S$5": "SGD",
        "CA$5": "CAD",
        "A$5": "AUD",
    }
    cells |= {
        "1.250,00 TL": "TRY",
        "5 €": "EUR",
        "₹ 1,00,000": "INR",
        "¥5": "¥",
        "$5": "$",
        "5.00": None,
        "Rs 5": "INR",
    }
    cells |= {
        "Rs. 5": "INR",
        "5 rs": "INR",
        "inr 5": "INR",
        "5 Euro": "EUR",
        "eur 5": "EUR",
        "5 zł": "PLN",
        "5 руб.": "RUB",
    }
    cells |= {
        "5円": "JPY",
        "￥5": "¥",
        "RMB 5": "CNY",
        "5元": "CNY",
        "5 kr.": "KR",
        "5 원": "KRW",
        "₴5": "UAH",
        "5 грн": "UAH",
    }
    frame = spark.createDataFrame([(cell,) for cell in cells], "cell string")
    found = frame.select("cell", currency_of(F.col("cell")).alias("code")).collect()
    assert {row["cell"]: row["code"] for row in found} == cells
