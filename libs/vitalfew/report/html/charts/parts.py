"""Parts of wholes: a bar as long as each whole, its part marked from the left, both said in numbers beside it."""

from __future__ import annotations

from markupsafe import Markup

from vitalfew.report.html.svg import Svg, shortened, text_width, wrapped
from vitalfew.report.html.voice import Voice
from vitalfew.report.sections import Chart

LABELS, NUMBERS, ROW, THICK, TOP = 170, 150, 44, 20, 30
WIDE = 500


def draw(width: float, chart: Chart, voice: Voice) -> Markup:
    """`x`: the name of a whole, `y`: its part, `series`: the whole; `marks["hot"]`: the row that has the accent.

    `labels`: what the part (`late`) and the rest (`others`) are called. A narrow drawing has names above the bars.
    """
    is_wide = width > WIDE
    left, right = (LABELS, NUMBERS) if is_wide else (0, NUMBERS * 0.9)
    row_height = ROW if is_wide else ROW + 16
    svg = Svg(width, TOP + row_height * len(chart.rows) + 4, voice.text(chart.title), voice.say("page.kind_of.parts"))
    most = max((row[chart.series] for row in chart.rows), default=0) or 1
    hot = chart.marks.get("hot")
    legend(svg, float(left), chart, voice)
    for number, row in enumerate(chart.rows):
        y = TOP + row_height * number + (0 if is_wide else 16)
        name = voice.value(row[chart.x], "name")
        whole = (width - left - right) * row[chart.series] / most
        part = whole * row[chart.y] / row[chart.series] if row[chart.series] else 0.0
        said = voice.say("page.parts.of", part=row[chart.y], whole=row[chart.series])
        if is_wide:
            lines = wrapped(name, LABELS - 16, 12, 2)
            for place, line in enumerate(lines):
                svg.text(0, y + THICK / 2 + 4 + 14 * (place - (len(lines) - 1) / 2), line, "b")
        else:
            svg.text(0, y - 5, wrapped(name, width, 12, 1)[0], "b")
        svg.rect(left, y, whole, THICK, "var(--mark-soft)", f"{name}: {said}")
        svg.rect(left, y, part, THICK, "var(--accent)" if number == hot else "var(--mark)", f"{name}: {said}")
        svg.text(left + whole + 8, y + THICK / 2 + 4, said, "b" if number != hot else "a")
    return svg.done()


def legend(svg: Svg, left: float, chart: Chart, voice: Voice) -> None:
    """What the two colours are."""
    x, room = left, (svg.width - left) / 2 - 40
    for name, fill in (("late", "var(--mark)"), ("others", "var(--mark-soft)")):
        said = shortened(voice.text(chart.labels[name]), room)
        svg.rect(x, 4, 10, 10, fill)
        svg.text(x + 15, 13, said, "m")
        x += 15 + text_width(said) + 20
