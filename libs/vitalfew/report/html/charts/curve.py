"""The curve of the value that the best customers bring, with the point that carries the finding."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from vitalfew.report.html.svg import Svg
from vitalfew.report.html.voice import Voice
from vitalfew.report.sections import Chart

At = Callable[[float, float], tuple[float, float]]
WIDE = 400
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 14, 36


def draw(width: float, chart: Chart, voice: Voice) -> Markup:
    """`x`: a share of all, the best first; `y`: what they hold; `marks`: the point `x`, `y`, if there is one."""
    is_wide = width > WIDE
    height = 340 if is_wide else 300
    svg = Svg(width, height, voice.text(chart.title), voice.say("page.kind_of.curve"))
    across, down = width - LEFT - RIGHT, height - TOP - BOTTOM

    def at(x: float, y: float) -> tuple[float, float]:
        return LEFT + x * across, TOP + (1 - y) * down

    curve = [(float(row[chart.x]), float(row[chart.y])) for row in chart.rows]
    mark = (float(chart.marks["x"]), float(chart.marks["y"])) if "x" in chart.marks else None
    few = [*[point for point in curve if point[0] < mark[0]], mark] if mark else []
    if mark:
        svg.path([*[at(*p) for p in few], at(mark[0], 0)], fill="var(--accent-soft)")
    axes(svg, at, voice, is_wide)
    svg.text(*at(0.98, 0.62), voice.say("page.curve.equal"), "m halo", "end")
    svg.path([at(*p) for p in curve], fill="none", stroke="var(--mark)", stroke_width=2)
    if mark:
        svg.path([at(*p) for p in few], fill="none", stroke="var(--accent)", stroke_width=3)
        marked(svg, at, mark, [voice.text(chart.labels[name]) for name in ("few", "share")])
    svg.text(LEFT + across / 2, height - 1, voice.say("page.curve.x"), "m", "middle")
    return svg.done()


def axes(svg: Svg, at: At, voice: Voice, is_wide: bool) -> None:
    for tenth in (0, 2, 4, 6, 8, 10):
        share = tenth / 10
        x, y = at(share, share)
        anchor = "middle" if 0 < tenth < 10 else "start" if tenth == 0 else "end"
        if is_wide or tenth % 4 == 0:
            svg.text(x, at(0, 0)[1] + 16, voice.share(share), "m", anchor)
        svg.text(LEFT - 6, y + 4, voice.share(share), "m", "end")
    svg.line(*at(0, 0), *at(1, 0), "var(--ink-3)")
    svg.path([at(0, 0), at(1, 1)], stroke="var(--ink-3)", stroke_dasharray="2 4", fill="none")


def marked(svg: Svg, at: At, mark: tuple[float, float], words: list[str]) -> None:
    x, y = at(*mark)
    svg.line(x, y, x, at(0, 0)[1], "var(--accent)", stroke_dasharray="3 3")
    svg.line(at(0, 0)[0], y, x, y, "var(--accent)", stroke_dasharray="3 3")
    svg.add("circle", cx=x, cy=y, r=6, fill="var(--accent)", stroke="var(--surface)", stroke_width=2)
    is_right = mark[0] > 0.35
    for number, words_ in enumerate(words):
        where = (x - 14, y - 28 + 16 * number) if is_right else (x + 14, y + 22 + 16 * number)
        svg.text(*where, words_, "a l halo" if number == 0 else "halo", "end" if is_right else "start")
