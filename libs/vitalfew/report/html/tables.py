"""A table: numbers to the right, a raw value beside each for sorting and CSV, bars in one column at most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from vitalfew.report.html.voice import Voice, raw
from vitalfew.report.sections import Chart, Field

TEXTUAL = ("name", "date")
LEAST_BAR = 0.4
"""Percent of the width that the shortest bar has."""


def table(fields: Sequence[Field], rows: Sequence[Mapping[str, Any]], voice: Voice, ident: str) -> Markup:
    """Every row and column, sortable by each."""
    return drawn(fields, rows, voice, ident, None, frozenset())


def bars(chart: Chart, voice: Voice, ident: str) -> Markup:
    """The table of a chart whose column `y` has bars from zero on one scale; `marks["hot"]` names the row to look at."""
    hot = chart.marks.get("hot")
    return drawn(chart.fields, chart.rows, voice, ident, chart.y, frozenset() if hot is None else frozenset([hot]))


def drawn(
    fields: Sequence[Field],
    rows: Sequence[Mapping[str, Any]],
    voice: Voice,
    ident: str,
    bar: str | None,
    hot: frozenset[int],
) -> Markup:
    out = Markup('<table class="sort" id="{}"><thead><tr>').format(ident)
    out += Markup("").join(head(each, bar, voice) for each in fields) + Markup("</tr></thead><tbody>")
    top = max((abs(float(row[bar])) for row in rows if row[bar] is not None), default=0.0) if bar else 0.0
    for number, row in enumerate(rows):
        cells = [
            bar_cell(row[bar], top, voice, each, number in hot)
            if each.name == bar and bar
            else cell(row[each.name], each, voice, is_first=place == 0)
            for place, each in enumerate(fields)
        ]
        out += Markup("<tr>") + Markup("").join(cells) + Markup("</tr>")
    return out + Markup("</tbody></table>")


def head(each: Field, bar: str | None, voice: Voice) -> Markup:
    return Markup('<th scope="col"{} aria-sort="none"><button type="button">{}</button></th>').format(
        classes(each, bar), voice.text(each.label)
    )


def classes(each: Field, bar: str | None) -> Markup:
    """How a column is set."""
    kind = "bar" if each.name == bar else "k" if each.unit == "date" else "" if each.unit in TEXTUAL else "r"
    names = " ".join(name for name in (kind, "opt" if each.is_minor else "") if name)
    return Markup(' class="{}"').format(names) if names else Markup("")


def cell(value: Any, each: Field, voice: Voice, is_first: bool) -> Markup:
    shown = escape(voice.value(value, each.unit))
    if is_first and each.unit in TEXTUAL:
        return Markup('<th scope="row"{}>{}</th>').format(classes(each, None), shown)
    number = None if each.unit in TEXTUAL else raw(value)
    data = Markup(' data-v="{}"').format(number if number is not None else "") if each.unit not in TEXTUAL else ""
    return Markup("<td{}{}>{}</td>").format(classes(each, None), data, shown)


def bar_cell(value: Any, top: float, voice: Voice, each: Field, is_hot: bool) -> Markup:
    """A value with a bar; as SVG, since the policy of the page forbids style attributes."""
    width = max(100 * abs(float(value or 0)) / top if top else 0, LEAST_BAR if value else 0)
    return Markup(
        '<td class="barcell" data-v="{}"><div class="bc"><svg aria-hidden="true" preserveAspectRatio="none">'
        '<rect{} width="{}%" height="100%"/></svg><span>{}</span></div></td>'
    ).format(raw(value) or "", Markup(' class="hot"') if is_hot else "", f"{width:.1f}", voice.value(value, each.unit))
