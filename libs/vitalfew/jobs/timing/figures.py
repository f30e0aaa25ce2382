"""What a page shows of when customers buy: weekdays and hours, or weekdays alone where orders have no times."""

from __future__ import annotations

from pyspark.sql import Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.weekdays import WEEKDAYS
from vitalfew.jobs.timing.advice import clock, when
from vitalfew.jobs.timing.tables import TIMING_PEAKS
from vitalfew.messages.message import message, of_row
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """The busiest time, or that none stands out; nothing without orders."""
    grid = known["timing_grid"].where("dimension = 'all' and times_average is not null")
    found = collect_rows(grid.orderBy("weekday", "hour"), "hours of the week")
    if not found:
        return []
    of_all = known["timing_peaks"].where("dimension = 'all'").orderBy(F.desc("orders"), "weekday", "from_hour")
    peaks = collect_rows(of_all, "peaks")
    charts = [chart(found, peaks, asked.min_group)]
    if not peaks:
        return [Evidence("hours", message("page.hours.even"), None, charts)]
    busiest = peaks[0]
    part = "day" if busiest["from_hour"] is None else "hours"
    figures = {"share": busiest["share_of_orders"], "times": busiest["times_average"]}
    answer = message(f"page.hours_answer.{part}", **when(busiest), **figures)
    return [Evidence("hours", answer, of_row(busiest, "action", TIMING_PEAKS), charts)]


def chart(found: list[Row], peaks: list[Row], least: int) -> Chart:
    """Hours in which fewer customers bought than a group must have are shown as empty."""
    has_hours = any(row["hour"] is not None for row in found)
    rows = [
        {
            "weekday": row["weekday"],
            "hour": row["hour"],
            "weekday_name": message(f"weekdays.{WEEKDAYS[row['weekday'] - 1]}"),
            "hour_name": "" if row["hour"] is None else clock(row["hour"]),
            "orders": row["orders"] if row["customers"] >= least or not row["orders"] else None,
            "times": row["times_average"] if row["customers"] >= least or not row["orders"] else None,
        }
        for row in found
    ]
    held = sum(row["share_of_orders"] for row in peaks)
    title = message("page.hours.peaks", peaks=len(peaks), share=held) if peaks else message("page.hours.no_peaks")
    fields = (
        column("weekday_name", "weekday"),
        *((column("hour_name", "hour"),) if has_hours else ()),
        column("orders", "orders", "count"),
        column("times", "times", "times"),
    )
    note = message(f"page.hours_note.{'hours' if has_hours else 'days'}")
    marks = {"peaks": [row.asDict() for row in peaks if row["from_hour"] is not None]}
    return Chart(
        "week", "week", rows, "timing_grid", title, note, fields, x="hour", y="times", series="weekday", marks=marks
    )
