"""What the summary says of when customers buy."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.timing.advice import clock, when
from vitalfew.jobs.timing.tables import TIMING_PEAKS
from vitalfew.report.answers import Line, missing
from vitalfew.report.formats import percent
from vitalfew.report.sections import Asked, Report, Section

MOST_PEAKS = 3


def hours(peaks: DataFrame) -> list[Line]:
    """The peaks that bring most orders beyond the average, and the category with the sharpest peak of its own."""
    beyond = F.desc(F.col("orders") - F.col("usual_orders"))
    of_all = peaks.where("dimension = 'all'").orderBy(beyond, "weekday", "from_hour").limit(MOST_PEAKS)
    special = peaks.where("dimension = 'category' and is_special")
    sharpest = special.orderBy(F.desc("times_average"), "member", "weekday", "from_hour").limit(1)
    lines = [peak_line(row) for row in collect_rows(of_all, "peaks")]
    lines += [
        Line(row["member"], f"{when(row)}: {row['times_average']:.1f} times its average {unit(row)}", row["action"])
        for row in collect_rows(sharpest, "peaks of categories")
    ]
    return lines or missing("timing")


def unit(row: Row) -> str:
    """What a peak is made of: hours, or days where orders have no times."""
    return "day" if row["from_hour"] is None else "hour"


def peak_line(row: Row) -> Line:
    if row["from_hour"] is None:
        days = f"{row['times_average']:.1f} times the average day, {percent(row['share_of_orders'])} of all orders"
        return Line(when(row), days, row["action"])
    best = f"; most at {clock(row['best_hour'])} ({row['best_times_average']:.1f} times)"
    text = f"{row['times_average']:.1f} times the average hour, {percent(row['share_of_orders'])} of all orders"
    return Line(
        when(row),
        f"{text}{best if row['until_hour'] - row['from_hour'] > 1 else ''}",
        row["action"],
        "peak",
        row["times_average"],
        "times",
    )


def when(row: Row) -> str:
    if row["from_hour"] is None:
        return DAYS[row["weekday"] - 1]
    return span(row["weekday"], row["from_hour"], row["until_hour"])


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # nothing of it is needed
    return [
        Section("hours", hours(known["timing_peaks"])),
    ]


REPORT = Report("timing", (TIMING_PEAKS,), sections)
