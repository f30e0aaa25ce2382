"""Orders that reach over months, late lines, corrections and deletions in any order: an update equals a rebuild."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from lines import FACTS, START, Line, as_frame, make, rows
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from staged import staged

from conftest import Frame
from vitalfew.errors import AnalysisError
from vitalfew.job import Changed
from vitalfew.jobs.orders import order_days
from vitalfew.jobs.orders.params import OrderParams
from vitalfew.tables.sources import ORDER_LINES

DAYS = 150
KEEP = OrderParams(rebuild_share=1)
SEEN = ("order_id", "ordered_on", "net_amount")


def far_lines(random: Random, orders: int) -> list[Line]:
    """Orders of one to three lines, which may lie months apart."""
    return [line(random, f"o{number}") for number in range(orders) for _ in range(random.randrange(1, 4))]


def line(random: Random, order_id: str) -> Line:
    at = START + timedelta(days=random.randrange(DAYS), minutes=random.randrange(24 * 60))
    customer = "abcd"[sum(map(ord, order_id)) % 4]
    return Line(order_id, customer, random.choice("tuv"), at, 1, Decimal(random.randrange(1, 9)))


def changed(random: Random, lines: list[Line]) -> list[Line]:
    """The lines after one change: late, corrected, moved, deleted, a whole order gone, or a new day."""
    after = list(lines)
    chosen = random.choice(after)
    what = random.choice(["late", "corrected", "moved", "deleted", "order gone", "new day"])
    if what == "late":
        after.append(line(random, chosen.order_id))
    elif what == "corrected":
        after[after.index(chosen)] = replace(chosen, amount=chosen.amount + 1)
    elif what == "moved":
        after[after.index(chosen)] = replace(chosen, ordered_at=line(random, "o").ordered_at)
    elif what == "deleted":
        after.remove(chosen)
    elif what == "order gone":
        after = [one for one in after if one.order_id != chosen.order_id]
    else:
        after.append(replace(line(random, f"n{len(after)}"), ordered_at=START + timedelta(days=DAYS)))
    return after


def differing(spark: SparkSession, random: Random, before: list[Line], after: list[Line]) -> Changed:
    """What came and what is gone, with lines in both that were only written again, as in a file with a change."""
    again = Counter(random.sample(after, 5)) & Counter(before)
    came, gone = Counter(after) - Counter(before) + again, Counter(before) - Counter(after) + again
    return Changed(as_frame(spark, [*came.elements()]), as_frame(spark, [*gone.elements()]))


@pytest.mark.parametrize(("seed", "is_told"), [(1, False), (2, False), (3, True), (4, True)])
def test_changes_in_any_order_equal_a_rebuild_at_once(spark: SparkSession, seed: int, is_told: bool) -> None:
    random = Random(seed)
    lines = far_lines(random, 40)
    facts = make(as_frame(spark, lines))
    for _ in range(4):
        before = lines
        for _ in range(random.randrange(1, 4)):
            lines = changed(random, lines)
        told = differing(spark, random, before, lines) if is_told else None
        made = make(as_frame(spark, lines), old=facts, params=KEEP, changed=told)
        facts = tuple(staged(fact) for fact in made)
        assert set(Counter(row[0] for row in rows(facts[0], "order_id")).values()) == {1}
    for table, ours, whole in zip(FACTS, facts, make(as_frame(spark, lines)), strict=True):
        assert rows(ours, *table.columns) == rows(whole, *table.columns), table.name


def test_what_is_known_of_a_day_adds_up_exactly() -> None:
    wide, day, other = Decimal(10**37 + 1), date(2025, 1, 1), date(2025, 1, 2)
    old = {
        day: {"ordered_on": day, "lines": 2, "amount": Decimal("99999999999999999999999999.99"), "fingerprint": wide}
    }
    came = {other: {"lines": 1, "amount": Decimal("-0.10"), "fingerprint": Decimal(-7)}}
    gone = {day: {"lines": 1, "amount": Decimal("0.01"), "fingerprint": Decimal(-2)}}
    now = order_days.moved(old, came, gone)
    assert [(row["lines"], str(row["amount"]), int(row["fingerprint"])) for row in now.values()] == [
        (1, "99999999999999999999999999.98", 10**37 + 3), (1, "-0.10", -7),
    ]  # fmt: skip
    assert order_days.moved(now, {}, now) == {}, "a day without lines is none"


def test_a_line_that_came_in_another_currency_is_refused(spark: SparkSession) -> None:
    lines = as_frame(spark, far_lines(Random(1), 3))
    euros, pounds = lines.withColumn("currency", F.lit("EUR")), lines.limit(1).withColumn("currency", F.lit("GBP"))
    facts = tuple(staged(fact) for fact in make(euros))
    with pytest.raises(AnalysisError, match=r"several currencies: EUR .*, GBP"):
        make(euros.unionByName(pounds), old=facts, changed=Changed(pounds, lines.limit(0)))


MONTHS_APART = """
    order_id | customer_id | product_id | ordered_at       | quantity | amount
    o1       | ann         | tea        | 2025-01-01 09:00 |        1 |   1.00
    o1       | ann         | cup        | 2025-04-30 09:00 |        1 |   2.00
    o2       | bob         | tea        | 2025-03-01 10:00 |        1 |   4.00
"""


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("o1 | ann | pot | 2025-03-01 09:00 | 1 | 8.00", ("2025-01-01", "11.00")),
        ("o1 | ann | pot | 2024-11-01 09:00 | 1 | 8.00", ("2024-11-01", "11.00")),
        ("o3 | ann | pot | 2025-03-01 11:00 | 1 | 8.00", ("2025-01-01", "3.00")),
    ],
)
def test_lines_of_days_that_did_not_change_are_found_however_far_they_lie(
    frame: Frame, more: str, expected: tuple[str, str]
) -> None:
    facts = tuple(staged(fact) for fact in make(frame(ORDER_LINES, MONTHS_APART)))
    made = make(frame(ORDER_LINES, MONTHS_APART + more), old=facts, params=KEEP)[0]
    first = [(str(day), str(money)) for order, day, money in rows(made, *SEEN) if order == "o1"]
    assert first == [expected]


def test_days_at_the_ends_of_the_calendar_are_days_too(spark: SparkSession) -> None:
    lines = spark.sql("SELECT TIMESTAMP'2025-01-01 10:00:00' AS ordered_at")
    for first, last, found in (
        (date.min, date.max, 1),
        (date(2025, 1, 1), date.max, 1),
        (date.min, date(2025, 1, 1), 1),
        (date(2025, 1, 2), date.max, 0),
        (date.min, date(2024, 12, 31), 0),
    ):
        assert order_days.lines_between(lines, first, last).count() == found
