"""The purchase days of a sample of customers on the driver, on which forecasts are back-tested with numpy alone.

For a shop of up to `backtest_customers` customers the sample is everybody. Beyond, it is drawn by a hash of the
customer, so that the same customers are drawn on every engine and on every day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.clv.activity import FIRST_DAY, Clock
from vitalfew.algorithms.clv.purchase_histories import Histories
from vitalfew.dataframes.arrays import Bools, Floats, Ints
from vitalfew.dataframes.collect import collect_table
from vitalfew.jobs.next_purchase.scoring import in_weeks

PARTS = 1_000_000
MOST_DAYS = 1_900_000
"""Purchase days that the driver holds."""
LONGEST_PAUSE, STRAY = 365, 0.05
"""Days without any purchase, before which less than this share of all purchases is no business yet."""


@dataclass(frozen=True)
class Panel:
    """Purchase days, by customer (numbered from 0) and day (since 1970): money of the day and whether it had a sale."""

    who: Ints
    day: Ints
    net: Floats
    is_sale: Bools
    share: float

    @property
    def customers(self) -> int:
        return int(self.who[-1]) + 1 if len(self.who) else 0


@dataclass(frozen=True)
class Known:
    """What of a panel is known before a day: one row per customer who has bought, in days."""

    on: int
    who: Ints
    repeats: Ints
    first: Ints
    last: Ints
    amount: Floats
    """Money after the first day."""

    @property
    def recency(self) -> Ints:
        return self.last - self.first

    @property
    def age(self) -> Ints:
        return self.on - 1 - self.first

    @property
    def silent(self) -> Ints:
        return self.on - self.last

    def histories(self, clock: Clock | None = None) -> Histories:
        """One row per customer, in weeks of the calendar or of activity time."""
        times = in_weeks(self.recency.astype(float), self.age.astype(float), self.on, clock)
        return Histories(self.repeats.astype(float), *times, np.ones(len(self.who)))


def sampled(days: DataFrame, customers: int, purchase_days: int, at_most: int) -> Panel:
    """`days` (customer_id, ordered_on, net, is_sale) of at most about so many customers."""
    share = min(1.0, at_most / max(customers, 1), MOST_DAYS / max(purchase_days, 1))
    if share < 1:
        days = days.where(F.pmod(F.crc32(F.col("customer_id")), F.lit(PARTS)) < int(share * PARTS))
    number = F.datediff(F.col("ordered_on"), F.lit(FIRST_DAY)).alias("day")
    columns = days.select("customer_id", number, F.col("net").cast("double").alias("net"), "is_sale")
    table = collect_table(columns, "purchase days to back-test on")
    found = [table.column(n).to_numpy(zero_copy_only=False) for n in range(4)]
    is_business = found[1] >= opening(found[1])
    ids, day, net, is_sale = (column[is_business] for column in found)
    _, who = np.unique(ids.astype(str), return_inverse=True)
    order = np.lexsort((day, who))
    return Panel(who[order], day[order].astype(np.int64), net[order], is_sale[order].astype(bool), share)


def opening(days: Ints) -> int:
    """The first day of business. Stray days long before it, as 1900-01-01 for a day that nobody knew, do not count."""
    distinct, counts = np.unique(days, return_counts=True)
    if not len(distinct):
        return 0
    before = np.cumsum(counts)[:-1] / len(days)
    pauses = np.flatnonzero((np.diff(distinct) > LONGEST_PAUSE) & (before < STRAY))
    return int(distinct[pauses[-1] + 1] if len(pauses) else distinct[0])


def known_before(panel: Panel, on: int) -> Known:
    """Histories of the customers who bought before the day `on`."""
    seen = panel.day < on
    who, day, net, is_sale = panel.who[seen], panel.day[seen], panel.net[seen], panel.is_sale[seen]
    buying, days = who[is_sale], day[is_sale]
    customers, starts, counts = np.unique(buying, return_index=True, return_counts=True)
    first, last = days[starts], days[starts + counts - 1]
    place = np.searchsorted(customers, who)
    is_later = day > first[place] if len(who) else np.zeros(0, dtype=bool)
    amount = summed(place[is_later], net[is_later], len(customers))
    return Known(on, customers, counts - 1, first, last, amount)


def between(panel: Panel, known: Known, start: int, end: int) -> tuple[Floats, Floats]:
    """Purchase days and money of the customers of `known` from the day `start` to before `end`."""
    within = (panel.day >= start) & (panel.day < end)
    place = np.searchsorted(known.who, panel.who[within])
    is_known = (place < len(known.who)) & (known.who[np.minimum(place, len(known.who) - 1)] == panel.who[within])
    place, net = place[is_known], panel.net[within][is_known]
    sales = panel.is_sale[within][is_known].astype(float)
    size = len(known.who)
    return summed(place, sales, size), summed(place, net, size)


def summed(place: Ints, values: Floats, size: int) -> Floats:
    """The sum of `values` at each place; zeros where there are none."""
    return np.bincount(place, weights=values, minlength=size).astype(float)


def grouped(histories: Histories, most: int) -> Histories:
    """Distinct rows with their weights; every n-th customer where that gives more than `most`."""
    cells = np.column_stack([histories.x, histories.t_x, histories.age])
    cells = cells[:: max(1, -(-len(cells) // (3 * most)))]
    rows, weight = np.unique(cells, axis=0, return_counts=True)
    if len(rows) > most:
        keep = slice(None, None, -(-len(rows) // most))
        rows, weight = rows[keep], weight[keep]
    return Histories(rows[:, 0], rows[:, 1], rows[:, 2], weight.astype(float))
