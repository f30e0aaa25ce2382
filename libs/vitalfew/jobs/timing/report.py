"""What the summary says of when customers buy."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.timing.advice import clock, when
from vitalfew.jobs.timing.figures import evidence
from vitalfew.jobs.timing.tables import TIMING_GRID, TIMING_PEAKS
from vitalfew.messages.message import Message, message, of_row
from vitalfew.report.answers import Line, missing
from vitalfew.report.sections import Asked, Report, Section

MOST_PEAKS = 3


def hours(peaks: DataFrame) -> list[Line]:
    """The peaks that bring most orders beyond the average, and the category with the sharpest peak of its own."""
    beyond = F.desc(F.col("orders") - F.col("usual_orders"))
    of_all = peaks.where("dimension = 'all'").orderBy(beyond, "weekday", "from_hour").limit(MOST_PEAKS)
    special = peaks.where("dimension = 'category' and is_special")
    sharpest = special.orderBy(F.desc("times_average"), "member", "weekday", "from_hour").limit(1)
    lines = [peak_line(row) for row in collect_rows(of_all, "peaks")]
    lines += [category_line(row) for row in collect_rows(sharpest, "peaks of categories")]
    return lines or missing("timing")


def peak_line(row: Row) -> Line:
    """A peak of all orders: hours, or a day where orders have no times."""
    part = "day" if row["from_hour"] is None else "hours"
    figures = {"times": row["times_average"], "share": row["share_of_orders"]}
    best = {} if row["from_hour"] is None else {"best": best_hour(row)}
    return Line(
        message(f"timing.label.{part}", **when(row)),
        message(f"timing.fact.{part}", **figures, **best),
        of_row(row, "action", TIMING_PEAKS),
        "peak",
        row["times_average"],
        "times",
    )


def best_hour(row: Row) -> Message:
    """The hour with the most orders, where a peak has several."""
    if row["until_hour"] - row["from_hour"] == 1:
        return message("timing.best.none")
    return message("timing.best.known", best_time=clock(row["best_hour"]), best_times=row["best_times_average"])


def category_line(row: Row) -> Line:
    part = "category_day" if row["from_hour"] is None else "category_hours"
    return Line(
        row["member"],
        message(f"timing.fact.{part}", **when(row), times=row["times_average"]),
        of_row(row, "action", TIMING_PEAKS),
    )


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # nothing of it is needed
    return [
        Section("hours", hours(known["timing_peaks"])),
    ]


REPORT = Report(
    "timing",
    (TIMING_PEAKS,),
    sections,
    drawn=(TIMING_GRID,),
    evidence=evidence,
)
