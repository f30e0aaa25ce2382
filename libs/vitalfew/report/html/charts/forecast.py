"""Revenue a week, what was predicted for weeks that were held out, and what is predicted, with its interval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import ceil, floor, log10

from markupsafe import Markup

from vitalfew.report.html.svg import Svg
from vitalfew.report.html.voice import Voice
from vitalfew.report.sections import Chart

WIDE = 500
TOP, BOTTOM, LEFT = 26, 26, 56


@dataclass(frozen=True)
class Frame:
    """Where a week and an amount are on paper; the axis begins at zero."""

    width: float
    height: float
    weeks: int
    high: float
    right: float

    def x(self, week: float) -> float:
        return LEFT + week / max(self.weeks - 1, 1) * (self.width - LEFT - self.right)

    def y(self, amount: float) -> float:
        return self.height - BOTTOM - amount / self.high * (self.height - TOP - BOTTOM)


def draw(width: float, chart: Chart, voice: Voice) -> Markup:
    """`x`: the first day of a week, `y`: its revenue.

    `marks`: `level`, `low`, `high` of the weeks to come and how many `weeks` there are; `test_from` and `test_level`,
    where it was tested. `labels`: `ahead` and `ahead_value`, `test` and `test_value`, `today`.
    """
    is_wide = width > WIDE
    known = [(row[chart.x], float(row[chart.y])) for row in chart.rows]
    marks = chart.marks
    ahead = marks.get("weeks", 0)
    top = max([amount for _, amount in known] + [float(marks.get(name, 0)) for name in ("high", "test_level")])
    frame = Frame(width, 330 if is_wide else 300, len(known) + ahead, top * 1.12 or 1, 124 if is_wide and ahead else 8)
    svg = Svg(width, frame.height, voice.text(chart.title), voice.say("page.kind_of.forecast"))
    axes(svg, frame, known, voice, is_wide)
    last = len(known) - 1
    if ahead:
        band(svg, frame, last, chart)
    points = [(frame.x(week), frame.y(amount)) for week, (_, amount) in enumerate(known)]
    svg.path(points, fill="none", stroke="var(--mark)", stroke_width=2, stroke_linejoin="round")
    svg.text(frame.x(0.5), frame.y(0) - 8, voice.say("page.forecast.actual"), "b halo")
    if "test_from" in marks:
        tested(svg, frame, known, chart, voice)
    if ahead:
        svg.line(frame.x(last + 0.5), TOP, frame.x(last + 0.5), frame.y(0), "var(--ink-3)", stroke_dasharray="2 3")
        svg.text(frame.x(last + 0.5), TOP - 8, voice.text(chart.labels["today"]), "m", "middle")
        ahead_words(svg, frame, chart, voice, is_wide)
    return svg.done()


def axes(svg: Svg, frame: Frame, known: list[tuple[date, float]], voice: Voice, is_wide: bool) -> None:
    end = frame.x(frame.weeks - 1)
    for amount in ticks(frame.high):
        y = frame.y(amount)
        svg.line(LEFT, y, end, y, "var(--ink-3)" if amount == 0 else "var(--grid)")
        svg.text(LEFT - 6, y + 4, voice.short_money(amount), "m", "end")
    months = [week for week in range(1, len(known)) if known[week][0].month != known[week - 1][0].month]
    every = max(1, ceil(len(months) / (12 if is_wide else 5)))
    for week in months[::every]:
        day = known[week][0]
        name = voice.month(day) if day.month != 1 else str(day.year)
        svg.text(frame.x(week), frame.height - 8, name, "m", "middle")


def ticks(high: float) -> list[float]:
    """Zero and two round amounts."""
    size = 10 ** floor(log10(high)) if high > 0 else 1
    each = next((size * part for part in (2, 1, 0.5, 0.2, 0.1) if 2 * size * part <= high), size)
    return [0.0, each, 2 * each]


def band(svg: Svg, frame: Frame, last: int, chart: Chart) -> None:
    begin, end = frame.x(last + 1), frame.x(frame.weeks - 1)
    low, level, high = (frame.y(float(chart.marks[name])) for name in ("low", "level", "high"))
    svg.path([(begin, high), (end, high), (end, low), (begin, low)], fill="var(--accent-soft)")
    svg.path([(begin, level), (end, level)], fill="none", stroke="var(--accent)", stroke_width=3)


def tested(svg: Svg, frame: Frame, known: list[tuple[date, float]], chart: Chart, voice: Voice) -> None:
    """The level that was predicted for the weeks from `test_from` on."""
    weeks = [week for week, (day, _) in enumerate(known) if chart.marks["test_from"] <= day < chart.marks["test_to"]]
    if len(weeks) < 2:
        return
    y = frame.y(float(chart.marks["test_level"]))
    svg.path([(frame.x(weeks[0]), y), (frame.x(weeks[-1]), y)], fill="none", stroke="var(--ink)", stroke_width=2,
             stroke_dasharray="6 4")  # fmt: skip
    low = max(frame.y(min(known[week][1] for week in weeks)) + 24, y + 24)
    for number, name in enumerate(("test", "test_value", "test_actual")):
        where = (frame.x(weeks[-1]), min(low, frame.y(0) - 48) + 15 * number)
        svg.text(*where, voice.text(chart.labels[name]), "b halo" if number == 0 else "halo", "end")


def ahead_words(svg: Svg, frame: Frame, chart: Chart, voice: Voice, is_wide: bool) -> None:
    x = frame.x(frame.weeks - 1)
    y = frame.y(float(chart.marks["level"])) - 4 if is_wide else frame.y(0) - 44
    for number, name in enumerate(("ahead", "ahead_value", "ahead_band")):
        where = (x + 8, y + 15 * number) if is_wide else (x, y + 15 * number)
        words = voice.text(chart.labels[name])
        svg.text(*where, words, "a halo" if number == 0 else "halo", None if is_wide else "end")
