"""Cohorts: a row for each, a column for each month after the first order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from markupsafe import Markup

from vitalfew.report.html.svg import Svg, key, shortened, step
from vitalfew.report.html.voice import Voice
from vitalfew.report.sections import Chart

WIDE = 500
LABEL_ROOM = 40
MOST_ROWS, MOST_COLUMNS, MOST_NARROW = 24, 24, 11


def draw(width: float, chart: Chart, voice: Voice) -> Markup:
    """`series`: the cohort; `x`: months since; `y`: a share; column customers; is_doubtful where they may be older."""
    is_wide = width > WIDE
    cohorts = list(dict.fromkeys(row[chart.series] for row in chart.rows))[-MOST_ROWS:]
    cells = {(row[chart.series], row[chart.x]): row for row in chart.rows}
    months = sorted({row[chart.x] for row in chart.rows})[: MOST_COLUMNS if is_wide else MOST_NARROW]
    shares = [row[chart.y] for row in cells.values() if row[chart.x] in months]
    low, high = min(shares), max(shares)
    left = 136 if is_wide else 102
    across, down = min((width - left) / len(months), 120), (27 if is_wide else 25)
    svg = Svg(width, 22 + down * len(cohorts) + 36, voice.text(chart.title), voice.say("page.kind_of.triangle"))
    for column, month in enumerate(months):
        svg.text(left + (column + 0.5) * across, 14, str(month), "m", "middle")
    for number, cohort in enumerate(cohorts):
        y = 22 + number * down
        first = next(row for row in chart.rows if row[chart.series] == cohort)
        called = cohort_name(cohort, voice) if is_wide else cohort  # a month such as 2017-01 is short in any language
        name = called + (" *" if first["is_doubtful"] else "")
        svg.text(0, y + 17, shortened(name, left - LABEL_ROOM), "")
        svg.text(left - 8, y + 17, voice.value(first["customers"], "count"), "m", "end")
        for column, month in enumerate(months):
            row = cells.get((cohort, month))
            if row is not None:
                level = step(row[chart.y], low, high)
                x = left + column * across
                svg.rect(x, y, across - 1, down - 1, f"var(--q{level})", tip(row, chart, voice))
                svg.text(x + across / 2, y + 17, voice.number(100 * row[chart.y], 0), f"t{level}", "middle")
    y = 22 + down * len(cohorts) + 10
    key(svg, left, y, voice.share(low), voice.share(high), 22)
    return svg.done()


def tip(row: Mapping[str, Any], chart: Chart, voice: Voice) -> str:
    name, share = cohort_name(row[chart.series], voice), voice.value(row[chart.y], "share")
    return voice.say("page.triangle.tip", cohort=name, months=row[chart.x], share_text=share)


def cohort_name(cohort: str, voice: Voice) -> str:
    """A month as people write it; another cohort by its name."""
    try:
        return voice.month_and_year(date.fromisoformat(f"{cohort}-01"))
    except ValueError:
        return voice.value(cohort, "name")
