"""Customers by how lately and how often they bought: the stronger a cell, the more money; wide gaps part segments."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from vitalfew.report.html.svg import Svg, key, step, wrapped
from vitalfew.report.html.voice import Voice
from vitalfew.report.sections import Chart

WIDE = 500
TOP = 8
Cells = Mapping[tuple[int, int], Mapping[str, Any]]


def draw(width: float, chart: Chart, voice: Voice) -> Markup:
    """`x` and `series`: the scores across and up, 1 the lowest; `y`: a share of the money; customers, segment."""
    is_wide = width > WIDE
    cells = {(row[chart.series], row[chart.x]): row for row in chart.rows}
    most = max(max(pair) for pair in cells)
    left = 70 if is_wide else 18
    across, down = (width - left - 2) / most, (300 if is_wide else 310) / most
    svg = Svg(
        width,
        TOP + most * down + (58 if is_wide else 76),
        voice.text(chart.title),
        voice.say("page.kind_of.cells"),
    )

    def corner(r: int, f: int) -> tuple[float, float]:
        return left + (f - 1) * across, TOP + (most - r) * down

    high = max(math.sqrt(max(0, row[chart.y] or 0)) for row in cells.values())
    steps = {at: step(math.sqrt(max(0, row[chart.y] or 0)), 0, high) for at, row in cells.items()}
    for r, f in cells:
        svg.rect(*corner(r, f), across, down, f"var(--q{steps[r, f]})", tip(cells[r, f], chart, voice))
    borders(svg, cells, corner, across, down)
    written: set[str] = set()
    for r, f in sorted(cells, key=lambda at: (-at[0], at[1])):
        x, y = corner(r, f)
        inset = 7 if is_wide else 4
        svg.text(x + inset, y + down - 9, voice.value(cells[r, f]["customers"], "count"), f"t t{steps[r, f]}")
        name = voice.value(cells[r, f]["segment"], "name")
        if name not in written:
            for number, line in enumerate(wrapped(name, across - inset - 1, 11, 2)):
                svg.text(x + inset, y + 15 + 13 * number, line, f"s t{steps[r, f]}")
        written.add(name)
    legend(svg, left, most, across, down, is_wide, voice)
    return svg.done()


def tip(row: Mapping[str, Any], chart: Chart, voice: Voice) -> str:
    """A cell in words."""
    return "; ".join(f"{voice.text(each.label)}: {voice.value(row[each.name], each.unit)}" for each in chart.fields)


def borders(svg: Svg, cells: Cells, corner: Any, across: float, down: float) -> None:
    """Between neighbours: wide where the segment changes."""
    for (r, f), row in cells.items():
        x, y = corner(r, f)
        for other, line in (
            (cells.get((r, f + 1)), (x + across, y, x + across, y + down)),
            (cells.get((r - 1, f)), (x, y + down, x + across, y + down)),
        ):
            if other:
                differs = other["segment"] != row["segment"]
                svg.line(*line, "var(--surface)", stroke_width=4 if differs else 0.6)


def legend(svg: Svg, left: float, most: int, across: float, down: float, is_wide: bool, voice: Voice) -> None:
    ends = {most: ("recent", "often"), 1: ("long_ago", "seldom")}
    for score in range(1, most + 1):
        recency, frequency = ends.get(score, ("", "")) if is_wide else ("", "")
        y, x = TOP + (most - score) * down + down / 2 + 4, left + (score - 1) * across + across / 2
        svg.text(left - 6, y, voice.say(f"page.cells.{recency}") if recency else str(score), "m", "end")
        bottom = TOP + most * down + 16
        svg.text(x, bottom, voice.say(f"page.cells.{frequency}") if frequency else str(score), "m", "middle")
    bottom = TOP + most * down
    svg.text(left, bottom + 36, voice.say("page.cells.axes"), "m")
    where = (svg.width - 7 * 18 - 2, bottom + 28) if is_wide else (left, bottom + 48)
    key(svg, *where, voice.say("page.cells.little"), voice.say("page.cells.much"), 18)
