"""A sentence reads the same from a column of the engine and from Babel on the driver, in every language."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from babel.numbers import format_currency, format_decimal, format_percent
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

from vitalfew.messages.canonical import canonical_column, canonical_text, plain
from vitalfew.messages.locale_formats import formats, pattern, percent_pattern
from vitalfew.messages.spoken import column_of, spoken_column, text_of, values_of
from vitalfew.messages.template import Template, parse
from vitalfew.messages.words import LOCALES, Words

TYPES = (
    "whole bigint, exact decimal(28,4), share double, amount decimal(28,2), price double, day date, "
    "days int, names array<string>, product string"
)
PLACEHOLDERS = (
    "{whole:integer}|{exact:decimal.2}|{share:percent.1}|{amount:money}|{price:money}|{price:decimal.3}|{day:date}|"
    "{names:list}|{product:product}"
)
SENTENCE = {
    "en": PLACEHOLDERS.replace("{price:decimal.3}|", "") + "|{days:count:# day|# days}",
    "zh": PLACEHOLDERS.replace("{price:decimal.3}|", "") + "|{days:count:# 天}",
}
HALVES = st.integers(-10_000_000, 10_000_000).map(lambda n: n / 1000 + 0.0005)  # ties, as doubles see them
DOUBLES = st.one_of(HALVES, st.floats(-1e12, 1e12, allow_nan=False), st.sampled_from([0.0, -0.0, 1e-7, -1e-9, 1e7]))
NAME = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
ROW = st.tuples(
    st.integers(-(10**15), 10**15),
    st.decimals(Decimal(-(10**15)), Decimal(10**15), places=4),
    st.one_of(st.floats(-20, 20, allow_nan=False), HALVES.map(lambda x: x / 100)),
    st.decimals(Decimal(-(10**15)), Decimal(10**15), places=2),
    DOUBLES,
    st.integers(0, 80_000).map(lambda n: date(1900, 1, 1) + timedelta(n)),
    st.integers(0, 3) | st.integers(-5, 2_000_000),
    st.lists(NAME, max_size=5),
    NAME,
)


def forms(language: str) -> int:
    return 2 if language == "en" else 1


def column(template: Template, words: Words) -> Column:
    values, parts = F.col("values"), values_of([template], words.language)
    return column_of(template, values, words, {each: spoken_column(p, values, words) for each, p in parts.items()})


def by_column(spark: SparkSession, template: Template, rows: list[tuple[Any, ...]], words: Words) -> list[str]:
    kept = [
        each
        for name, part in template.placeholders.items()
        for each in (F.lit(name), canonical_column(part, F.col(name)))
    ]
    frame = spark.createDataFrame([(n, *row) for n, row in enumerate(rows)], f"n int, {TYPES}")
    values = frame.select("n", F.create_map(*kept).alias("values"))
    return [row["text"] for row in values.select("n", column(template, words).alias("text")).orderBy("n").collect()]


def by_babel(template: Template, rows: list[tuple[Any, ...]], words: Words) -> list[str]:
    names = [each.split()[0] for each in TYPES.split(", ")]
    found = []
    for row in rows:
        given = dict(zip(names, row, strict=True))
        kept = {name: canonical_text(part, given[name]) for name, part in template.placeholders.items()}
        found.append(text_of(template, kept, words))
    return found


@pytest.mark.parametrize("currency", [None, "EUR", "CNY", "JPY", "CHF", "KWD"])
@pytest.mark.parametrize("language", ["en", "zh"])
@given(number=st.decimals(Decimal(-(10**15)), Decimal(10**15), places=6), digits=st.integers(0, 6))
def test_numbers_are_written_as_babel_writes_them(
    language: str, currency: str | None, number: Decimal, digits: int
) -> None:
    locale = LOCALES[language]
    form = formats(locale, currency)
    rounded = Decimal(plain(number, digits))
    assert form.decimal_text(rounded, digits) == format_decimal(rounded, pattern(digits), locale)
    share = rounded.scaleb(-2)
    assert form.percent_text(share, digits) == format_percent(share, percent_pattern(locale, digits), locale)
    if currency:
        amount = Decimal(plain(number, form.money_digits))
        assert form.money_text(amount) == format_currency(amount, currency, locale=locale)


@pytest.mark.parametrize("currency", [None, "EUR", "CNY", "JPY", "CHF"])
@pytest.mark.parametrize("language", ["en", "zh"])
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=st.lists(ROW, min_size=1, max_size=60))
def test_both_ways_say_the_same(
    spark: SparkSession, language: str, currency: str | None, rows: list[tuple[Any, ...]]
) -> None:
    words = Words(language, currency)
    template = parse("a sentence", SENTENCE[language], forms(language))
    assert by_column(spark, template, rows, words) == by_babel(template, rows, words)


@pytest.mark.parametrize(
    ("language", "text", "value", "spoken"),
    [
        ("en", "{x:integer}", 1234567, "1,234,567"),
        ("en", "{x:decimal.2}", 1.005, "1.01"),
        ("en", "{x:decimal.1}", -0.04, "0.0"),
        ("en", "{x:percent.1}", 0.12345, "12.3%"),
        ("en", "{x:money}", Decimal("-1234.5"), "-€1,234.50"),
        ("zh", "{x:money}", Decimal("1234.5"), "€1,234.50"),
        ("en", "{x:date}", date(2025, 1, 5), "5 Jan 2025"),
        ("zh", "{x:date}", date(2025, 1, 5), "2025年1月5日"),
        ("en", "{x:count:# day|# days}", 1, "1 day"),
        ("en", "{x:count:once|# times}", 1, "once"),
        ("en", "{x:count:# day|# days}", 0, "0 days"),
        ("zh", "{x:count:# 天}", 1200, "1,200 天"),
        ("en", "{x:list}", ["tea", "milk", "bread"], "tea, milk and bread"),
        ("zh", "{x:list}", ["茶", "牛奶", "面包"], "茶、牛奶和面包"),
        ("en", "{x:list}", ["tea"], "tea"),
        ("en", "{x:product}", "  green   tea ", "green tea"),
    ],
)
def test_a_value_reads_as_people_write_it(language: str, text: str, value: Any, spoken: str) -> None:
    template = parse("a sentence", text, forms(language))
    kept = {"x": canonical_text(template.placeholders["x"], value)}
    assert text_of(template, kept, Words(language, "EUR")) == spoken


def test_a_missing_value_is_an_error_on_the_driver_and_null_in_a_column(spark: SparkSession) -> None:
    template = parse("a sentence", "{days:count:# day|# days}", 2)
    with pytest.raises(ValueError, match="days has no value"):
        canonical_text(template.placeholders["days"], None)
    rows = spark.range(1).select(F.create_map(F.lit("days"), F.lit(None).cast("string")).alias("values"))
    assert rows.select(column(template, Words()).alias("text")).collect()[0]["text"] is None
