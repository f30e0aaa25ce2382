"""Times within the hour that the clock of a shop leaves out in spring, or has twice in autumn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, reduce
from operator import or_
from zoneinfo import ZoneInfo

from pyspark.sql import Column, Row
from pyspark.sql import functions as F

from vitalfew.config.sql_names import is_column
from vitalfew.procedures.ingest.examples import shown
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.procedures.ingest.suspicions import has_times, least, summed

WITH_OFFSET = ":[0-9]{2}([.][0-9]+)? ?(Z|z|UTC|GMT|[+-][0-9]{2}(:?[0-9]{2})?)$"
MIDNIGHT = "00:00:00"
"""Not counted: it stands for a day without a time."""


@dataclass(frozen=True)
class Change:
    """A part of a day that the clock leaves out, or has twice: from `start` until before `end`, as HH:mm:ss."""

    day: date
    start: str
    end: str
    is_left_out: bool


@cache
def changes(zone: str, first: int, last: int) -> tuple[Change, ...]:
    """What the clock of `zone` leaves out or has twice from the year `first` to `last`."""
    place, found = ZoneInfo(zone), []
    at, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    while at < end:
        after = at + timedelta(days=1)
        if offset(at, place) != offset(after, place):
            moment = moment_between(at, after, place)
            before, then = (moment + offset(moment + timedelta(seconds=s), place) for s in (-1, 0))
            found += parts(min(before, then), max(before, then), before < then)
        at = after
    return tuple(found)


def offset(at: datetime, place: ZoneInfo) -> timedelta:
    return at.astimezone(place).utcoffset() or timedelta()


def moment_between(low: datetime, high: datetime, place: ZoneInfo) -> datetime:
    """The first moment after `low` that has the offset of `high`."""
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (middle, high) if offset(middle, place) == offset(low, place) else (low, middle)
    return high


def parts(start: datetime, end: datetime, is_left_out: bool) -> list[Change]:
    """The days that a change touches; one of a whole day or more, as where a line of dates moved, is none of hours."""
    if end - start >= timedelta(days=1):
        return []
    if start.date() == end.date():
        return [Change(start.date(), f"{start:%H:%M:%S}", f"{end:%H:%M:%S}", is_left_out)]
    first = [Change(start.date(), f"{start:%H:%M:%S}", "24:00:00", is_left_out)]
    return first + (
        [Change(end.date(), MIDNIGHT, f"{end:%H:%M:%S}", is_left_out)] if f"{end:%H:%M:%S}" > MIDNIGHT else []
    )


def counts(intake: Intake, is_sound: Column) -> list[Column]:
    """What `told` needs to know: by kind of change, how many times lie within one, and the first of them."""
    if not has_clock(intake):
        return []
    cell, time = F.col(intake.cells[cell_of(intake)]), F.col(intake.time)
    day, clock = F.date_format(time, "yyyy-MM-dd"), F.date_format(time, "HH:mm:ss")
    is_local = is_sound & (clock != MIDNIGHT) & ~cell.rlike(WITH_OFFSET)
    where = F.struct("__name", "__line", cell.alias("value"))
    found = []
    for name, is_left_out in (("gaps", True), ("twice", False)):
        is_within = F.coalesce(is_local & within(day, clock, intake, is_left_out), F.lit(False))
        found += [F.count_if(is_within).alias(name), F.min(F.when(is_within, where)).alias(f"{name}_first")]
    return found


def within(day: Column, clock: Column, intake: Intake, is_left_out: bool) -> Column:
    """Whether a time lies in a change of the clock of the shop, of one kind."""
    years = (intake.params.earliest.year, intake.now.year + 1)
    by_hours: dict[tuple[str, str], list[str]] = {}
    for change in changes(intake.source.time_zone or "UTC", *years):
        if change.is_left_out == is_left_out:
            by_hours.setdefault((change.start, change.end), []).append(str(change.day))
    hours = [day.isin(days) & (clock >= start) & (clock < end) for (start, end), days in by_hours.items()]
    return reduce(or_, hours, F.lit(False))


def has_clock(intake: Intake) -> bool:
    """Whether each row has a time that stands in a cell, and the shop has said its zone."""
    is_cell = has_times(intake) and is_column(intake.source.columns.get(intake.time, "''"))
    return intake.source.time_zone is not None and is_cell and intake.types[cell_of(intake)] == "timestamp"


def cell_of(intake: Intake) -> str:
    return intake.source.columns[intake.time].strip("`")


def told(found: Sequence[Row], intake: Intake) -> list[str]:
    """Sentences on times that do not exist on the clock of the shop, or exist twice."""
    if not has_clock(intake):
        return []
    zone, said = intake.source.time_zone, []
    if count := summed(found, "gaps"):
        said.append(
            f"{count:,} times ({first(found, 'gaps_first', intake)}) lie in an hour that the clock of {zone} leaves "
            "out, and are used as they stand. Are they of a clock that was not changed, or of another zone? If they "
            f"are in UTC, map {intake.time}: from_utc_timestamp(…, '{zone}')"
        )
    if count := summed(found, "twice"):
        said.append(
            f"{count:,} times ({first(found, 'twice_first', intake)}) lie in an hour that the clock of {zone} has "
            "twice, and are used as they stand: which of the two they mean is not known"
        )
    return said


def first(found: Sequence[Row], key: str, intake: Intake) -> str:
    """Where the first such row stands, and its cell if a message may show it."""
    row = least(found, key)
    value = f": {row['value']!r}" if cell_of(intake) in shown(intake) else ""
    return f"such as {row['__name']}, row {row['__line']}{value}"
