"""A chart with its title, its unit, and the table behind it; each is drawn wide and narrow, and CSS shows one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup

from vitalfew.report.html import tables
from vitalfew.report.html.charts import cells, curve, flow, forecast, network, parts, profiles, triangle, week
from vitalfew.report.html.voice import Voice
from vitalfew.report.sections import Chart

Draw = Callable[[float, Chart, Voice], Markup]
NARROW = 330
WHOLE, HALF, NARROWEST = 12, 6, 5


@dataclass(frozen=True)
class Kind:
    """How a kind of chart is drawn, how wide, and on how many of the twelve columns of the page."""

    draw: Draw
    width: float
    columns: int


DRAWN: Mapping[str, Kind] = {
    "cells": Kind(cells.draw, 830, 12),
    "curve": Kind(curve.draw, 460, 7),
    "flow": Kind(flow.draw, 830, 12),
    "forecast": Kind(forecast.draw, 830, 12),
    "network": Kind(network.draw, 830, 12),
    "parts": Kind(parts.draw, 830, 12),
    "profiles": Kind(profiles.draw, 830, 12),
    "triangle": Kind(triangle.draw, 830, 12),
    "week": Kind(week.draw, 830, 12),
}


@dataclass(frozen=True)
class Drawn:
    """A figure of the page, as the template needs it; `behind`: the table in the fold, none where it is the picture."""

    ident: str
    columns: int
    title: str
    note: Markup
    body: Markup
    behind: Markup | None
    is_long: bool
    is_detail: bool = False


FILTERED = 12
"""A table of more rows has a field to filter it."""


def figure(chart: Chart, voice: Voice) -> Drawn:
    """One chart."""
    ident = f"t-{chart.code}"
    title, note = voice.text(chart.title), voice.strong(chart.note)
    is_long = len(chart.rows) > FILTERED
    if chart.kind in ("bars", "rows"):
        shown = tables.bars(chart, voice, ident) if chart.kind == "bars" else rows(chart, voice, ident)
        is_wide = len(chart.fields) > 4 or is_long or chart.is_detail or chart.kind == "rows"
        columns = WHOLE if is_wide else NARROWEST
        return Drawn(chart.code, columns, title, note, shown, None, is_long, chart.is_detail)
    kind = DRAWN[chart.kind]
    both = Markup("").join(
        Markup('<div class="{}">{}</div>').format(name, kind.draw(width, chart, voice))
        for name, width in (("w", kind.width), ("n", NARROW))
    )
    return Drawn(chart.code, kind.columns, title, note, both, rows(chart, voice, ident), is_long, chart.is_detail)


def beside(figures: list[Drawn]) -> list[Drawn]:
    """The figures in rows of twelve columns: two narrow ones share a row, and one that is alone has it."""
    placed: list[Drawn] = []
    left = list(figures)
    while left:
        one, *left = left
        if left and one.columns + left[0].columns <= WHOLE:
            is_even = one.columns == left[0].columns
            pair = [one, left.pop(0)]
            placed += [replace(each, columns=HALF) for each in pair] if is_even else pair
        else:
            placed.append(replace(one, columns=WHOLE))
    return placed


def rows(chart: Chart, voice: Voice, ident: str) -> Markup:
    return tables.table(chart.fields, chart.rows, voice, ident)
