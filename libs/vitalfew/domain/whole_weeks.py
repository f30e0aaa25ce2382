"""The weeks of a history, counted from where the data end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.order_windows import days_after, in_window

WEEK = 7
CUT = 0.25
"""The last day is taken for cut short if it has a smaller share of the orders of a mean day."""
COMPARED = 28
"""Days before it, of which that mean is."""


@dataclass(frozen=True)
class Calendar:
    """The weeks of the history: they end where the data do. week 1 begins on `start`; `weeks` may be 0."""

    start: date
    weeks: int

    @property
    def end(self) -> date:
        """The day after the last week."""
        return self.start + timedelta(days=WEEK * self.weeks)


def whole_weeks(orders: DataFrame, as_of: date, history_weeks: int) -> Calendar:
    """Whole weeks with data before `as_of`, at most `history_weeks`; the days of a first, shorter week are left out."""
    seen = in_window(orders, as_of, WEEK * (history_weeks + 1)).where("kind = 'sale'")
    by_day = seen.groupBy("ordered_on").agg(F.count(F.lit(1)).alias("orders"))
    found = {row["ordered_on"]: row["orders"] for row in collect_rows(by_day, "days with orders")}
    if not found:
        return Calendar(as_of, 0)
    first, last = min(found), max(found)
    end = last if is_cut(found, last) else days_after(last, 1)
    weeks = min((end - first).days // WEEK, history_weeks)
    return Calendar(end - timedelta(days=WEEK * weeks), weeks)


def is_cut(orders: dict[date, int], last: date) -> bool:
    """Whether the last day has far fewer orders than a mean day before."""
    before = [orders.get(days_after(last, -each), 0) for each in range(1, COMPARED + 1)]
    return orders[last] < CUT * sum(before) / COMPARED
