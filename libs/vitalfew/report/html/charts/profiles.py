"""Clusters as small multiples: the same features of each, from the average of all customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from vitalfew.report.html.svg import Svg, shortened, text_width, wrapped
from vitalfew.report.html.voice import Voice
from vitalfew.report.sections import Chart

WIDE = 500
ROW, PALE = 30, 0.5
"""Within so many deviations a bar is pale: no difference to speak of."""
MOST = 6


def draw(width: float, chart: Chart, voice: Voice) -> Markup:
    """`series`: the cluster; `x`: the feature, a name; `y`: deviations; columns shown (the mean in words) and size."""
    is_wide = width > WIDE
    clusters = list(dict.fromkeys(row[chart.series] for row in chart.rows))[:MOST]
    features = list(dict.fromkeys(voice.value(row[chart.x], "name") for row in chart.rows))
    values = {(row[chart.series], voice.value(row[chart.x], "name")): row for row in chart.rows}
    left = 140 if is_wide else 118
    across = (width - left) / len(clusters) if is_wide else width - left
    head = 80 if is_wide else 52
    block = head + ROW * len(features) + 14
    height = head + ROW * len(features) + 24 if is_wide else block * len(clusters) - 8
    svg = Svg(width, height, voice.text(chart.title), voice.say("page.kind_of.profiles"))
    reach = max((abs(row[chart.y]) for row in chart.rows), default=1) or 1
    for number, cluster in enumerate(clusters):
        x, y = (left + number * across, 0.0) if is_wide else (float(left), number * block)
        first = next(row for row in chart.rows if row[chart.series] == cluster)
        heading(svg, x + 8 if is_wide else 0, y, across - 14 if is_wide else width, first, voice, 3 if is_wide else 1)
        bars = [(name, values[cluster, name]) for name in features if (cluster, name) in values]
        drawn(svg, x, y + head, across, bars, chart.y, reach, voice)
        if not is_wide or number == 0:
            for row, name in enumerate(features):
                svg.text(0, y + head + row * ROW + 14, shortened(name, left - 4))
    if is_wide:
        svg.text(left + across / 2, height - 6, voice.say("page.profiles.average"), "m", "middle")
    return svg.done()


def heading(svg: Svg, x: float, y: float, width: float, row: Mapping[str, Any], voice: Voice, most: int) -> None:
    lines = wrapped(voice.value(row["name"], "name"), width, 12.5, most)
    for number, line in enumerate(lines):
        svg.text(x, y + 14 + 15 * number, line, "b")
    svg.text(x, y + 14 + 15 * len(lines), voice.value(row["size"], "name"), "m")


def drawn(
    svg: Svg,
    x: float,
    y: float,
    across: float,
    bars: Sequence[tuple[str, Mapping[str, Any]]],
    column: str,
    reach: float,
    voice: Voice,
) -> None:
    """The bars of one cluster, each with the mean of the group on the free side of its beginning."""
    middle, half = x + across / 2, across / 2 - 8
    svg.line(middle, y - 4, middle, y + ROW * len(bars), "var(--ink-3)")
    for number, (name, row) in enumerate(bars):
        deviations = row[column]
        top, length = y + number * ROW + 4, abs(deviations) / reach * half
        colour = "var(--mark-soft)" if abs(deviations) < PALE else "var(--hi)" if deviations > 0 else "var(--lo)"
        shown = voice.value(row["shown"], "name")
        svg.rect(middle if deviations > 0 else middle - length, top, length, 10, colour, f"{name}: {shown}")
        is_left = deviations > 0 and text_width(shown) <= half
        weight = "b" if abs(deviations) >= PALE else "m"
        svg.text(middle + (-4 if is_left else 4), top + 10, shown, f"{weight} halo", "end" if is_left else "start")
