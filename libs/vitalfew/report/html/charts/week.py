"""When orders come: weekdays and hours. On a phone hours go down; without times there is one row of days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup

from vitalfew.domain.weekdays import WEEKDAYS
from vitalfew.report.html.svg import Svg, key, step
from vitalfew.report.html.voice import Voice
from vitalfew.report.sections import Chart

WIDE = 500
DAYS, HOURS = 7, 24
Corner = Callable[[int, int], tuple[float, float]]


def draw(width: float, chart: Chart, voice: Voice) -> Markup:
    """`x`: hour, None in all rows where orders have no times; `series`: weekday, 1 is Monday; `y`: times the average.

    `marks["peaks"]`: rows with weekday, from_hour, until_hour, best_hour and best_times_average.
    """
    has_hours = any(row[chart.x] is not None for row in chart.rows)
    grid = {(row[chart.series], row[chart.x] or 0): row[chart.y] for row in chart.rows if row[chart.y] is not None}
    lies = width > WIDE and has_hours
    rows = (DAYS if lies else HOURS) if has_hours else 1
    left, top = ((60, 20) if lies else (34, 22)) if has_hours else (0, 22)
    across = (width - left) / (HOURS if lies else DAYS)
    down = (30 if lies else 17) if has_hours else 46
    svg = Svg(width, top + rows * down + 38, voice.text(chart.title), voice.say("page.kind_of.week"))

    def corner(day: int, hour: int) -> tuple[float, float]:
        column, row = (hour, day - 1) if lies else (day - 1, hour)
        return left + column * across, top + row * down

    high = max(grid.values(), default=1)
    days = [voice.weekday(code) for code in WEEKDAYS]
    for (day, hour), times in sorted(grid.items()):
        level = step(times, 0, high)
        where = f"{days[day - 1]} {hour}:00" if has_hours else days[day - 1]
        tip = f"{where}: {voice.value(times, 'times')}"
        svg.rect(*corner(day, hour), across - 1, down - 1, f"var(--q{level})", tip)
        if not has_hours:
            x, y = corner(day, hour)
            svg.text(x + across / 2, y + down / 2 + 4, voice.value(times, "times"), f"t t{level}", "middle")
    names(svg, corner, days, across, down, lies, has_hours)
    if has_hours:
        for peak in chart.marks.get("peaks", ()):
            outlined(svg, corner, peak, across, down, lies, voice, step(peak["best_times_average"], 0, high))
    size = 22 if width > WIDE else 15
    y = top + rows * down + 10
    key(svg, left, y, "0", voice.value(high, "times"), size)
    if has_hours and chart.marks.get("peaks"):
        svg.rect(left + 7 * size + 20, y - 2, 16, 12, "none", stroke="var(--accent)", stroke_width=2)
        svg.text(left + 7 * size + 42, y + 8, voice.say("page.week.peak"), "m")
    return svg.done()


def names(svg: Svg, corner: Corner, days: list[str], across: float, down: float, lies: bool, has_hours: bool) -> None:
    """Of days and of hours."""
    for day in range(1, DAYS + 1):
        x, y = corner(day, 0)
        if lies:
            svg.text(x - 8, y + down / 2 + 4, days[day - 1], "", "end")
        else:
            svg.text(x + across / 2, y - 7, days[day - 1], "", "middle")
    for hour in range(0, HOURS, 3) if has_hours else ():
        x, y = corner(1, hour)
        if lies:
            svg.text(x, y - 7, f"{hour}:00", "m")
        else:
            svg.text(x - 6, y + 12, str(hour), "m", "end")


def outlined(
    svg: Svg,
    corner: Corner,
    peak: Mapping[str, Any],
    across: float,
    down: float,
    lies: bool,
    voice: Voice,
    level: int,
) -> None:
    """A peak, with a light edge so that it shows on dark cells, and how high its best hour is."""
    x, y = corner(peak["weekday"], peak["from_hour"])
    hours = peak["until_hour"] - peak["from_hour"]
    wide, high = (hours * across, down) if lies else (across, hours * down)
    for colour, thick in (("var(--surface)", 4), ("var(--accent)", 2)):
        svg.rect(x - 0.5, y - 0.5, wide, high, "none", stroke=colour, stroke_width=thick)
    x, y = corner(peak["weekday"], peak["best_hour"])
    times = voice.number(peak["best_times_average"], 1)
    svg.text(x + across / 2 - 0.5, y + down / 2 + 4, times, f"t s t{level}", "middle")
