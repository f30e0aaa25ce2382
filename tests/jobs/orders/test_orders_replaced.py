"""The facts follow lines that are replaced: an order that goes, or moves to another day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from lines import START, Line, as_frame, make, rows
from pyspark.sql import SparkSession

DAYS = [Line(f"o{day}", f"c{day % 3}", "tea", START + timedelta(days=day), 1, Decimal(day + 1)) for day in range(20)]


def without_last_line_of_a_day(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line.order_id != "o5"]


def with_an_order_on_another_day(lines: list[Line]) -> list[Line]:
    return [replace(x, ordered_at=x.ordered_at + timedelta(days=2)) if x.order_id == "o7" else x for x in lines]


def without_the_last_order_of_a_customer(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line.order_id != "o19"]


@pytest.mark.parametrize(
    "change", [without_last_line_of_a_day, with_an_order_on_another_day, without_the_last_order_of_a_customer]
)
def test_facts_after_lines_were_replaced_are_those_of_the_new_lines(spark: SparkSession, change: object) -> None:
    assert callable(change)
    lines = [*DAYS, replace(DAYS[19], order_id="only", customer_id="once", ordered_at=DAYS[5].ordered_at)]
    if change is without_last_line_of_a_day:
        lines = DAYS
    old = make(as_frame(spark, lines))
    after = as_frame(spark, change(lines))
    for found, expected in zip(make(after, old=old), make(after), strict=True):
        assert rows(found, *expected.columns) == rows(expected, *expected.columns)
    assert len(rows(old[1], "ordered_on")) == 20
