"""How active a shop is over the year and the week, and time counted in expected activity instead of days.

A day in December may hold as much buying as three in January. In *activity time* it is longer by as much, so that
models of customers who buy at a steady rate hold in seasons too. A year of activity time has 365 days as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from vitalfew.dataframes.arrays import Floats, Ints

MONTHS, WEEKDAYS, YEAR = 12, 7, 365
FIRST_DAY = date(1970, 1, 1)
KNOWN_DAYS = 2 * YEAR - 10
"""A season is known once every month was seen twice; a few days may be missing."""
ENOUGH_PAIRS = 6
"""Months seen again from which on the noise of a month is measured; with fewer it is taken to be that of the season."""
FEWEST_DAYS = 20
"""Of a month, to be counted."""
STEADY = 400.0
"""The weight of an even week, in purchases of one weekday."""
UNEVEN = 0.01
"""Variance of the logarithm of a month beyond that of a count: the months of a big shop weigh much the same."""
LARGEST = 2.5
"""Of the logarithm of a month's activity: what lies beyond is no season."""
UNSEEN_SPREAD = 0.4
"""Standard deviation of the logarithm of a month's activity where less than a year was seen."""


@dataclass(frozen=True)
class Profile:
    """Expected activity by month and by weekday (1 is the average), and how well it is known.

    spread: standard deviation of the error of the logarithm of one month's activity; is_known: from two years or more.
    """

    months: Floats
    weekdays: Floats
    spread: float
    is_known: bool

    @property
    def is_flat(self) -> bool:
        return bool(np.ptp(self.months) == 0 and np.ptp(self.weekdays) == 0)


FLAT = Profile(np.ones(MONTHS), np.ones(WEEKDAYS), UNSEEN_SPREAD, False)


@dataclass(frozen=True)
class Clock:
    """Activity time between days: `passed[i]` is the sum of the activity of the days from `start` to `start + i`."""

    start: int
    passed: Floats

    def at(self, day: Ints) -> Floats:
        """Activity time at the end of each day (days since 1970)."""
        place = np.asarray(day, dtype=np.int64) - self.start
        within = np.clip(place, 0, len(self.passed) - 1)
        return self.passed[within] + (place - within)


def clock(profile: Profile, first: int, last: int) -> Clock:
    """For the days from `first` to `last`; beyond them a day is a day."""
    days = np.arange(first, last + 1)
    of_day = profile.months[months_of(days)] * profile.weekdays[weekdays_of(days)]
    return Clock(first, np.cumsum(of_day))


def months_of(days: Ints) -> Ints:
    """0 to 11 for each of the days since 1970."""
    return np.asarray(days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % MONTHS)


def weekdays_of(days: Ints) -> Ints:
    """0 (Monday) to 6 for each of the days since 1970."""
    return np.asarray((days + FIRST_DAY.weekday()) % WEEKDAYS)


def given(months: Sequence[float]) -> Profile:
    """The profile that somebody who knows the shop has given: twelve numbers, of which only the ratios count."""
    return Profile(even(np.array(months, dtype=float)), np.ones(WEEKDAYS), 0.0, True)


def even(months: Floats) -> Floats:
    """`months`, scaled so that the days of a year hold 365 on average."""
    lengths = np.bincount(months_of(np.arange(4 * YEAR + 1)), minlength=MONTHS)
    return np.asarray(months * (lengths.sum() / (months @ lengths)))


def estimated(start: int, actual: Floats, expected: Floats) -> Profile:
    """The profile from purchases of each day from `start` on, and those that were expected without a season.

    Each month of the calendar is compared with what was expected in it; a trend from year to year is taken out; the
    mean of a month over the years is drawn to 1 by how far years differ (an empirical Bayes estimate). With less than
    a year nothing is known.
    """
    if len(actual) < YEAR:
        return FLAT
    days = start + np.arange(len(actual))
    calendar = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    every, which, lengths = np.unique(calendar, return_inverse=True, return_counts=True)
    came, foretold = (np.bincount(which, weights=each) for each in (actual, expected))
    whole = (lengths >= FEWEST_DAYS) & (foretold > 0)
    if len(np.unique(every[whole] % MONTHS)) < MONTHS:
        return FLAT
    logs = np.log((came[whole] + 0.5) / (foretold[whole] + 0.5))
    precision = 1 / (1 / (foretold[whole] + 0.5) + UNEVEN)
    months, spread = shrunk(every[whole], logs, precision / precision.max())
    week = of_week(days, actual)
    return Profile(months, week, spread, len(actual) >= KNOWN_DAYS)


def shrunk(calendar: Ints, logs: Floats, weight: Floats) -> tuple[Floats, float]:
    """The activity of the twelve months, and the standard deviation of the error of its logarithm.

    `weight`: how much each month of the calendar tells, up to 1.
    """
    month = calendar % MONTHS
    detrended = logs - slope(calendar, logs, weight) * (calendar - calendar.mean())
    seen = np.bincount(month, weights=weight, minlength=MONTHS)
    own = np.bincount(month, weights=detrended * weight, minlength=MONTHS) / seen
    means = np.clip(own - own.mean(), -LARGEST, LARGEST)
    again = len(month) - MONTHS
    total = float(np.var(means, ddof=1))
    if again >= ENOUGH_PAIRS:
        apart = detrended - own[month]
        noise = float(weight @ apart**2 / weight.sum()) * len(month) / again
        signal = max(total - noise * float((1 / seen).mean()), 0.0)
    else:  # one year tells not what is season and what is chance: half and half
        noise = signal = total / 2
    kept = signal / np.maximum(signal + noise / seen, 1e-12)
    error = float(np.sqrt((kept * noise / seen).mean()))
    return even(np.exp(kept * means)), error if again >= ENOUGH_PAIRS else max(error, UNSEEN_SPREAD / 2)


def slope(calendar: Ints, logs: Floats, weight: Floats) -> float:
    """The trend for one month, from the same months of different years; 0 with few of them."""
    later = calendar[:, np.newaxis] - calendar[np.newaxis, :]
    is_pair = (later > 0) & (later % MONTHS == 0)
    if is_pair.sum() < ENOUGH_PAIRS:
        return 0.0
    rises = (logs[:, np.newaxis] - logs[np.newaxis, :])[is_pair] / later[is_pair]
    telling = np.minimum(weight[:, np.newaxis], weight[np.newaxis, :])[is_pair]
    return float(np.average(rises, weights=telling))


def of_week(days: Ints, actual: Floats) -> Floats:
    """The activity of the seven weekdays, drawn to an even week where there are few purchases."""
    counts = np.bincount(weekdays_of(days), weights=actual, minlength=WEEKDAYS)
    return np.asarray((counts + STEADY) * WEEKDAYS / (counts + STEADY).sum())


def without_season(of_new: Floats, grown: Floats) -> Floats:
    """Purchases expected on each day of customers of whom `of_new` came on each day.

    grown[t]: the purchases expected of one customer within the first t days.
    """
    size = len(of_new)
    daily = np.diff(grown[: size + 1])
    width = 1 << (2 * size).bit_length()
    spectrum = np.fft.rfft(of_new, width) * np.fft.rfft(np.concatenate([[0.0], daily[: size - 1]]), width)
    return np.maximum(np.fft.irfft(spectrum, width)[:size], 0.0)


def to_number(on: date) -> int:
    """Days since 1970."""
    return (on - FIRST_DAY).days


def to_date(number: int) -> date:
    return FIRST_DAY + timedelta(days=int(number))
