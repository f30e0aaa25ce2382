"""A year with a season, and a shop that grows: planted by bending time.

Customers live by the activity of the shop. It runs from 0 to WEEKS, as the weeks of the calendar do, and a busy week
of the calendar holds more of it than a quiet one: who orders every four weeks of activity orders twice in a week that
holds eight. Without a season the two are the same.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import accumulate

from pyspark.sql import Column
from pyspark.sql import functions as F

from generator.world import FIRST_DAY, WEEKS, World

MONTHS = (0.8, 0.8, 0.9, 0.9, 1.0, 1.0, 0.8, 0.8, 1.0, 1.1, 1.5, 3.0)
"""How busy a week is, by the month of its Thursday."""

EASTER = (date(2023, 4, 9), date(2024, 3, 31))
BEFORE_EASTER = 2.0
"""How busy the two weeks that end with Easter are, beside others of their month: a holiday that moves."""

GROWTH = 1.3
"""How busy a week of the second year is, beside the same week of the first."""

LAST_MOMENT = 2.0**-10
"""Weeks at the end of a spell in which nothing happens."""


def monday(week: Column) -> Column:
    """The first day of a week of the calendar."""
    return F.date_add(F.lit(FIRST_DAY), (week * 7).cast("int"))


def weights() -> list[float]:
    """How busy each week of the calendar is; their mean is 1."""
    found = []
    for week in range(WEEKS):
        monday = FIRST_DAY + timedelta(weeks=week)
        is_holiday = any(timedelta(0) <= easter - monday < timedelta(weeks=2) for easter in EASTER)
        busy = MONTHS[(monday + timedelta(days=3)).month - 1] * (BEFORE_EASTER if is_holiday else 1.0)
        found.append(busy * GROWTH ** (week / 52))
    mean = sum(found) / WEEKS
    return [busy / mean for busy in found]


def calendar_week(world: World, activity: Column) -> Column:
    """The week of the calendar, from 0, in which so much activity of the shop has passed."""
    if not world.is_seasonal:
        return F.floor(activity)
    ends = F.array(*[F.lit(end) for end in list(accumulate(weights()))[:-1]])
    return F.size(F.filter(ends, lambda end: end <= activity)).cast("bigint")
