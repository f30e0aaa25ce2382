"""What a page shows of purchases to come: the forecast with its interval and its test."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.messages.message import Message, message
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

WEEK, MOST_WEEKS, LEAST_WEEKS = 7, 104, 4
RIGHT = 0.1
"""A test that is off by less was right."""
TOO_SHORT = 3
"""From fewer tests of a horizon, no title is made."""


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """Nothing without an outlook."""
    horizons = collect_rows(known["purchase_outlook"], "the outlook")
    near = sorted(horizons, key=lambda row: (abs(row["horizon_days"] - asked.params.horizon_days), row["horizon_days"]))
    if not near:
        return []
    row = near[0]
    days = {"days": row["horizon_days"]}
    if row["expected_value"] > 0:
        money = {"value": row["expected_value"], "low": row["value_from"], "high": row["value_to"]}
        answer = message("page.coming.answer", **days, **money)
    else:
        orders = {"orders": row["expected_orders"], "low": row["orders_from"], "high": row["orders_to"]}
        answer = message("page.coming.orders", **days, **{name: round(number) for name, number in orders.items()})
    code = "season_known" if row["season_known"] else "season_unknown"
    tests = tested(known["purchase_backtests"], row)
    return [
        Evidence(
            "coming",
            answer,
            message(f"page.coming_action.{code}"),
            [*forecast(known["order_days"], row, tests, asked.as_of), *backtests(tests)],
        )
    ]


def tested(backtests: DataFrame, outlook: Row) -> list[Row]:
    """The tests of what is published for the horizon, the latest last."""
    same = (F.col("horizon_days") == F.lit(outlook["horizon_days"])) & F.col("is_published")
    return collect_rows(backtests.where(same & (F.col("actual_value") > 0)).orderBy("origin_on", "method"), "tests")


def weeks(days: DataFrame, as_of: date) -> list[dict[str, Any]]:
    """Revenue of whole weeks that end the day before `as_of`, at most two years of them."""
    first = as_of - timedelta(days=WEEK * MOST_WEEKS)
    known = days.where((F.col("ordered_on") < F.lit(as_of)) & (F.col("ordered_on") >= F.lit(first)))
    back = F.floor((F.datediff(F.lit(as_of), "ordered_on") - F.lit(1)) / F.lit(WEEK)).cast("int").alias("back")
    sums = collect_rows(known.groupBy(back).agg(F.sum("amount").alias("revenue")), "weeks")
    by_week = {row["back"]: row["revenue"] for row in sums}
    oldest = max(by_week, default=-1) - 1  # the first week may have begun before the data
    return [
        {"week": as_of - timedelta(days=WEEK * (back + 1)), "revenue": by_week.get(back, 0)}
        for back in range(oldest, -1, -1)
    ]


def forecast(days: DataFrame, row: Row, tests: list[Row], as_of: date) -> list[Chart]:
    """The weeks that were, the last test, and the weeks to come; nothing of a few weeks."""
    found = weeks(days, as_of)
    if len(found) < LEAST_WEEKS:
        return []
    share = WEEK / row["horizon_days"]
    marks: dict[str, Any] = {
        "weeks": max(2, round(row["horizon_days"] / WEEK)),
        "level": float(row["expected_value"]) * share,
        "low": float(row["value_from"]) * share,
        "high": float(row["value_to"]) * share,
    }
    labels: dict[str, Message] = {
        "today": message("page.moved.day", day=as_of),
        "ahead": message("page.coming.ahead", days=row["horizon_days"]),
        "ahead_value": message("page.first_screen.amount", amount=row["expected_value"]),
        "ahead_band": message("page.coming.band"),
    }
    if tests:
        last = tests[-1]
        marks |= {
            "test_from": last["origin_on"],
            "test_to": last["origin_on"] + timedelta(days=last["horizon_days"]),
            "test_level": float(last["predicted_value"]) * corrected(last) * share,
        }
        labels |= {
            "test": message("page.coming.test"),
            "test_value": message("page.coming.predicted", value=float(last["predicted_value"]) * corrected(last)),
            "test_actual": message("page.coming.came", value=last["actual_value"]),
        }
    fields = (column("week", "week_from", "date"), column("revenue", "revenue", "money"))
    title, note = verdict(tests), message("page.coming.note")
    return [
        Chart(
            "forecast", "forecast", found, "purchase_outlook", title, note, fields, "week", "revenue", "", marks, labels
        )
    ]


def corrected(row: Row) -> float:
    """What the prediction of a test is multiplied by: the correction that could have been known then."""
    return row["corrected_orders"] / row["predicted_orders"] if row["predicted_orders"] else 1.0


def verdict(tests: list[Row]) -> Message:
    """How far off the forecasts were: the sum predicted over the sum that came; where that is right, the worst test."""
    if len(tests) < TOO_SHORT:
        return message("page.coming.untested")
    predicted = [float(row["predicted_value"]) * corrected(row) for row in tests]
    actual = [float(row["actual_value"]) for row in tests]
    off = sum(predicted) / sum(actual) - 1
    if abs(off) >= RIGHT:
        return message(f"page.coming_test.{'high' if off > 0 else 'low'}", tests=len(tests), off=abs(off))
    worst = max((abs(one / other - 1) for one, other in zip(predicted, actual, strict=True) if other), default=0.0)
    return message("page.coming_test.right", tests=len(tests), off=worst)


def backtests(tests: list[Row]) -> list[Chart]:
    if not tests:
        return []
    rows = [
        {
            "day": row["origin_on"],
            "predicted": float(row["predicted_value"]) * corrected(row),
            "actual": row["actual_value"],
            "ratio": float(row["predicted_value"]) * corrected(row) / float(row["actual_value"]),
        }
        for row in tests
    ]
    within = sum(0.9 <= row["ratio"] <= 1.1 for row in rows)
    fields = (
        column("day", "day", "date"),
        column("predicted", "predicted", "money"),
        column("actual", "actual", "money"),
        column("ratio", "of_actual", "share"),
    )
    title = message("page.coming.within", within=within, tests=len(rows))
    return [
        Chart(
            "backtests",
            "bars",
            rows,
            "purchase_backtests",
            title,
            message("page.coming.backtest_note"),
            fields,
            y="ratio",
        )
    ]
