"""What a peak of TIMING_PEAKS says and what to do about it, with the times that go into these sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pyspark.sql import Row

from vitalfew.domain.weekdays import WEEKDAYS
from vitalfew.messages.sentences import said
from vitalfew.messages.words import Words

HOURS = 24


def finding_and_action(peak: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """The columns of both texts: of a row of TIMING_PEAKS, whose hours are NULL where orders have dates only."""
    if peak["from_hour"] is None:
        day, before = when(peak), day_before(peak["weekday"])
        action = f"timing_peaks.action.{peak['dimension']}_day"
        return {
            **said("finding", "timing_peaks.finding.day", words, **day, times=peak["times_average"]),
            **said("action", action, words, **chosen(peak["dimension"], peak["member"], day, before)),
        }
    hours, before = when(peak), hour_before(peak["weekday"], peak["from_hour"])
    action = f"timing_peaks.action.{peak['dimension']}"
    return {
        **said("finding", "timing_peaks.finding.hours", words, **hours, times=peak["times_average"]),
        **said("action", action, words, **chosen(peak["dimension"], peak["member"], hours, before)),
    }


def chosen(dimension: str, member: str, when: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    """What the action of a dimension speaks of: when the peak is, the time before it, and whose it is."""
    match dimension:
        case "all":
            return {**when, **before}
        case "segment":
            return {**before, "member": member}
        case "category":
            return {**when, "member": member}
    return {**when, **before, "member": member}


def when(peak: Mapping[str, Any] | Row) -> dict[str, str]:
    """Weekday and hours of a peak; the weekday alone where hours are not known."""
    day = {"weekday": WEEKDAYS[peak["weekday"] - 1]}
    if peak["from_hour"] is None:
        return day
    return {**day, "from_time": clock(peak["from_hour"]), "until_time": clock(peak["until_hour"])}


def day_before(weekday: int) -> dict[str, str]:
    return {"before_day": WEEKDAYS[weekday - 2]}


def hour_before(weekday: int, first: int) -> dict[str, str]:
    """An hour before a peak begins: messages go out then."""
    day = WEEKDAYS[weekday - 1 if first else weekday - 2]
    return {"before_day": day, "before_time": clock((first - 1) % HOURS)}


def clock(hour: int) -> str:
    return f"{hour:02d}:00"
