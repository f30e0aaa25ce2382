"""Who moved: the same groups before and now; who stayed is grey, up is blue, down has the accent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from vitalfew.report.html.svg import Svg, wrapped
from vitalfew.report.html.voice import Voice
from vitalfew.report.sections import Chart

PAD, TOP, LABELS = 26, 30, 92
WIDE = 500


@dataclass
class Ribbon:
    """A flow from one group to one, by their places, the best group being 0; where it begins and ends on paper."""

    before: int
    now: int
    customers: int
    left: float = 0.0
    right: float = 0.0


def draw(width: float, chart: Chart, voice: Voice) -> Markup:
    """`x`: the group before, `series`: now, `y`: customers; `marks["groups"]`: all groups, the best first."""
    groups: Sequence[str] = chart.marks["groups"]
    place = {group: number for number, group in enumerate(groups)}
    ribbons = [Ribbon(place[row[chart.x]], place[row[chart.series]], row[chart.y]) for row in chart.rows]
    before = [sum(r.customers for r in ribbons if r.before == group) for group in range(len(groups))]
    now = [sum(r.customers for r in ribbons if r.now == group) for group in range(len(groups))]
    height = (390 if width > WIDE else 350) + 20 * max(0, len(groups) - 4)
    scale = (height - TOP - PAD * (len(groups) - 1) - 20) / max(sum(before), 1)
    svg = Svg(width, height, voice.text(chart.title), voice.say("page.kind_of.flow"))
    left, right = stacked(before, scale), stacked(now, scale)
    laid(ribbons, left, right, scale)
    x0, x1 = LABELS + 10.0, width - LABELS - 10.0
    svg.text(x0, 12, voice.text(chart.labels["before"]), "m", "end")
    svg.text(x1, 12, voice.text(chart.labels["now"]), "m")
    names = [voice.text(chart.labels[group]) for group in groups]
    for ribbon in sorted(ribbons, key=lambda each: each.before != each.now):
        band(svg, ribbon, x0, x1, scale, f"{names[ribbon.before]} → {names[ribbon.now]}: {ribbon.customers:,}")
    for number, name in enumerate(names):
        for x, tops, sizes, anchor, text_x in (
            (x0 - 4, left, before, "end", x0 - 10),
            (x1, right, now, "start", x1 + 10),
        ):
            svg.rect(x, tops[number], 4, sizes[number] * scale, "var(--ink-2)")
            middle = tops[number] + sizes[number] * scale / 2
            lines = wrapped(name, LABELS, 12, 2)
            for row, line in enumerate(lines):
                svg.text(text_x, middle - 2 - 14 * (len(lines) - 1 - row), line, "b", anchor)
            svg.text(text_x, middle + 14, voice.value(sizes[number], "count"), "m", anchor)
    return svg.done()


def stacked(sizes: Sequence[int], scale: float) -> list[float]:
    """Where each of the stacked groups begins."""
    tops, y = [], float(TOP)
    for size in sizes:
        tops.append(y)
        y += size * scale + PAD
    return tops


def laid(ribbons: list[Ribbon], left: Sequence[float], right: Sequence[float], scale: float) -> None:
    """Ribbons leave and reach their groups in the order of the groups, so that few cross."""
    at_left, at_right = list(left), list(right)
    for ribbon in sorted(ribbons, key=lambda each: (each.before, each.now)):
        ribbon.left = at_left[ribbon.before]
        at_left[ribbon.before] += ribbon.customers * scale
    for ribbon in sorted(ribbons, key=lambda each: (each.now, each.before)):
        ribbon.right = at_right[ribbon.now]
        at_right[ribbon.now] += ribbon.customers * scale


def band(svg: Svg, ribbon: Ribbon, x0: float, x1: float, scale: float, tip: str) -> None:
    thick, middle, y, z = ribbon.customers * scale, (x0 + x1) / 2, ribbon.left, ribbon.right
    is_same, is_up = ribbon.before == ribbon.now, ribbon.now < ribbon.before
    svg.add(
        "path",
        tip,
        fill="var(--mark-soft)" if is_same else "var(--lo)" if is_up else "var(--accent)",
        fill_opacity="0.55" if is_same else "0.6",
        d=f"M{x0:.0f} {y:.1f}C{middle:.0f} {y:.1f} {middle:.0f} {z:.1f} {x1:.0f} {z:.1f}V{z + thick:.1f}"
        f"C{middle:.0f} {z + thick:.1f} {middle:.0f} {y + thick:.1f} {x0:.0f} {y + thick:.1f}Z",
    )
