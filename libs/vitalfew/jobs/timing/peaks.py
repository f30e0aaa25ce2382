"""The hours in which more is bought than chance explains, joined to runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from pyspark.sql import Row

from vitalfew.algorithms.statistics.count_peaks import dispersion, from_margins, log_p_above
from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.dataframes.arrays import Floats
from vitalfew.jobs.timing.advice import finding_and_action
from vitalfew.jobs.timing.params import TimingParams
from vitalfew.messages.words import Words

HOURS = 24


@dataclass(frozen=True)
class Week:
    """The 168 hours of one member, Monday 00:00 first, and what is expected in them."""

    dimension: str
    member: str
    rows: list[Row]
    orders: Floats
    usual: Floats
    margins: Floats
    dispersed: Floats
    of_day: int = HOURS
    """Hours of a day; one, where times are only dates."""

    @property
    def times_average(self) -> Floats:
        result: Floats = np.divide(self.orders, self.usual, out=np.zeros(self.orders.size), where=self.usual > 0)
        return result


def peaks(found: Iterable[Row], params: TimingParams, words: Words, of_day: int = HOURS) -> list[dict[str, Any]]:
    """Rows of TIMING_PEAKS from those of the grid, joined with what is known of their weeks."""
    of_member: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in found:
        of_member[row["dimension"], row["member"]].append(row)
    weeks = [week for name in sorted(of_member) if (week := tested(*name, of_member[name], params, of_day))]
    if not weeks:
        return []
    log_p = np.concatenate([log_p_above(week.orders, week.usual, week.dispersed) for week in weeks])
    of_margins = np.concatenate([log_p_above(week.orders, week.margins, week.dispersed) for week in weeks])
    p, q = np.exp(log_p), np.exp(log_false_discovery_rate(log_p))
    is_special = np.exp(log_false_discovery_rate(of_margins)) <= params.significance
    result: list[dict[str, Any]] = []
    for number, week in enumerate(weeks):
        part = slice(number * len(week.rows), (number + 1) * len(week.rows))
        rows = [peak(week, hours, p[part], q[part], is_special[part]) for hours in runs(week, q[part], params)]
        result += [{**row, **finding_and_action(row, words)} for row in rows]
    return result


def tested(dimension: str, member: str, rows: list[Row], params: TimingParams, of_day: int) -> Week | None:
    """The week of a member; None where there is too little to tell peaks from chance."""
    rows = sorted(rows, key=lambda row: (row["weekday"], row["hour"]))
    orders, hours = column(rows, "orders"), column(rows, "hours")
    weeks = max(row["member_weeks"] or 0 for row in rows)
    if orders.sum() < params.least_orders or weeks < params.least_weeks:
        return None
    return Week(
        dimension,
        member,
        rows,
        orders,
        usual=orders.sum() * hours / hours.sum(),
        margins=from_margins(orders.reshape(-1, of_day)).reshape(-1),
        dispersed=dispersion(column(rows, "whole_orders"), column(rows, "spread"), weeks),
        of_day=of_day,
    )


def column(rows: list[Row], name: str) -> Floats:
    return np.array([float(row[name] or 0) for row in rows])


def runs(week: Week, q: Floats, params: TimingParams) -> Iterator[list[int]]:
    """The peaks of a week: indices of hours of one weekday that follow each other."""
    of_one = column(week.rows, "most_of_one")
    is_peak = (
        (q <= params.significance)
        & (week.times_average >= params.least_times_average)
        & (of_one <= params.most_of_one_share * week.orders)
    )
    hours = [int(hour) for hour in np.flatnonzero(is_peak)]
    for _, run in groupby(enumerate(hours), key=lambda at: (at[1] // week.of_day, at[1] - at[0])):
        yield [hour for _, hour in run]


def peak(week: Week, hours: list[int], p: Floats, q: Floats, is_special: np.ndarray[Any, Any]) -> dict[str, Any]:
    """A row of TIMING_PEAKS, without its texts."""
    orders, usual = int(week.orders[hours].sum()), float(week.usual[hours].sum())
    best = max(hours, key=lambda hour: (week.times_average[hour], -hour))
    weekday, first, last = hours[0] // week.of_day + 1, hours[0] % week.of_day, hours[-1] % week.of_day + 1
    is_timed = week.of_day == HOURS
    return {
        "dimension": week.dimension,
        "member": week.member,
        "weekday": weekday,
        "from_hour": first if is_timed else None,
        "until_hour": last if is_timed else None,
        "orders": orders,
        "net_amount": sum(week.rows[hour]["net_amount"] for hour in hours),
        "usual_orders": usual,
        "times_average": orders / usual,
        "best_hour": best % HOURS if is_timed else None,
        "best_times_average": float(week.times_average[best]),
        "margin_orders": float(week.margins[hours].sum()),
        "is_special": bool(is_special[hours].any()),
        "dispersion": float(week.dispersed[hours].max()),
        "p_value": float(p[hours].max()),
        "q_value": float(q[hours].max()),
        "share_of_orders": orders / float(week.orders.sum()),
    }
