"""What goes together: products as circles, links between them; laid out by stress, with a fixed seed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from markupsafe import Markup

from vitalfew.report.html.svg import Svg, text_width, wrapped
from vitalfew.report.html.voice import Voice
from vitalfew.report.sections import Chart

WIDE = 500
SEED, STEPS = 7, 300
LABEL, LINE = 104, 13
MOST_WIDE, MOST_NARROW = 24, 12
BRACKETS = re.compile(r"[(（\[][^)）\]]*[)）\]]?")


@dataclass(frozen=True)
class Link:
    """Two products by their ids, how strongly they are linked, and what is said of it."""

    one: str
    other: str
    strength: float
    tip: str


def draw(width: float, chart: Chart, voice: Voice) -> Markup:
    """`x` and `series`: the ids of two products, `y`: the strength of the link, the strongest first.

    Columns x_name and series_name; `marks["sizes"]`: baskets with each product.
    """
    is_wide = width > WIDE
    links = chosen(chart, voice, MOST_WIDE if is_wide else MOST_NARROW)
    nodes = sorted({id_ for link in links for id_ in (link.one, link.other)})
    names = {row[part]: row[f"{part}_name"] for row in chart.rows for part in (chart.x, chart.series)}
    short = shortened_names({node: voice.value(names[node], "name") for node in nodes})
    height = 500 if is_wide else 480
    labels = [wrapped(short[node], LABEL, 12, 3) for node in nodes]
    sizes: Mapping[str, int] = chart.marks["sizes"]
    largest = max(sizes.get(node, 1) for node in nodes)
    radius = np.array([3 + 9 * sqrt(sizes.get(node, 1) / largest) for node in nodes])
    wide = np.array([max(text_width(line) for line in lines) + 10 for lines in labels])
    high = np.array([len(lines) * LINE for lines in labels]) + radius * 2 + 14
    places = laid_out(nodes, links)
    places = places if is_wide else places[:, ::-1]
    places = pushed_apart(on_paper(places, wide, high, width, height), wide, high, width, height)
    svg = Svg(width, height, voice.text(chart.title), voice.say("page.kind_of.network"))
    at = dict(zip(nodes, places, strict=True))
    drawn_links(svg, links, at)
    for number, node in enumerate(nodes):
        x, y = (float(each) for each in places[number])
        tip = f"{voice.value(names[node], 'name')}: {voice.value(sizes.get(node), 'count')}"
        svg.add(
            "circle",
            tip,
            cx=x,
            cy=y,
            r=float(radius[number]),
            fill="var(--mark)",
            stroke="var(--surface)",
            stroke_width="1.5",
        )
        for row, line in enumerate(labels[number]):
            svg.text(x, y + float(radius[number]) + 12 + LINE * row, line, "halo", "middle")
    return svg.done()


def shortened_names(names: Mapping[str, str]) -> dict[str, str]:
    """What a picture can carry: without brackets and sizes; whole where two would be called the same."""
    short = {}
    for node, name in names.items():
        words = BRACKETS.sub(" ", name).split()
        size = next(
            (place for place, word in enumerate(words) if place and (word[0].isdigit() or word[0] == ".")), None
        )
        short[node] = " ".join(words[:size]) or name
    return {node: each if list(short.values()).count(each) == 1 else names[node] for node, each in short.items()}


def chosen(chart: Chart, voice: Voice, most: int) -> list[Link]:
    """The strongest links, as long as no more than `most` products are in them; a pair once."""
    found: dict[frozenset[str], Link] = {}
    nodes: set[str] = set()
    for row in chart.rows:
        one, other = row[chart.x], row[chart.series]
        if len(nodes | {one, other}) <= most and frozenset((one, other)) not in found:
            nodes |= {one, other}
            pair = [voice.value(row[f"{part}_name"], "name") for part in (chart.x, chart.series)]
            tip = f"{' – '.join(pair)}: {voice.value(row[chart.y], 'times')}"
            found[frozenset((one, other))] = Link(one, other, float(row[chart.y]), tip)
    return list(found.values())


def drawn_links(svg: Svg, links: Sequence[Link], at: Mapping[str, np.ndarray]) -> None:
    top = max(link.strength for link in links) or 1
    for number, link in enumerate(links):
        (x1, y1), (x2, y2) = ([float(each) for each in at[node]] for node in (link.one, link.other))
        is_first = number == 0
        svg.line(
            x1,
            y1,
            x2,
            y2,
            "var(--accent)" if is_first else "var(--mark)",
            stroke_width=1 + 5 * link.strength / top,
            stroke_opacity="1" if is_first else "0.6",
            tip=link.tip,
        )


def laid_out(nodes: Sequence[str], links: Sequence[Link]) -> np.ndarray:
    """Places whose distances are the steps in the network (stress majorisation); the long side lies across."""
    index = {node: number for number, node in enumerate(nodes)}
    hops = np.where(np.eye(len(nodes)) > 0, 0.0, np.inf)
    for link in links:
        one, other = index[link.one], index[link.other]
        hops[one, other] = hops[other, one] = 1
    for middle in range(len(nodes)):
        hops = np.minimum(hops, hops[:, middle : middle + 1] + hops[middle : middle + 1])
    hops[np.isinf(hops)] = hops[np.isfinite(hops)].max() + 1
    weight = np.where(hops > 0, 1 / np.maximum(hops, 1) ** 2, 0)
    places = np.random.default_rng(SEED).normal(size=(len(nodes), 2))
    for _ in range(STEPS):
        apart = places[:, None] - places[None]
        distance = np.maximum(np.sqrt((apart**2).sum(-1)), 1e-6)
        wished = places[None] + apart * (hops / distance)[..., None]
        places = (weight[..., None] * wished).sum(1) / weight.sum(1, keepdims=True)
    places -= places.mean(0)
    return np.asarray(places @ np.linalg.svd(places, full_matrices=False)[2].T)


def on_paper(places: np.ndarray, wide: np.ndarray, high: np.ndarray, width: float, height: float) -> np.ndarray:
    spread = np.ptp(places, axis=0)
    spread[spread < 1e-9] = 1
    scaled = (places - places.min(0)) / spread
    return np.asarray(scaled * (width - wide.max(), height - high.max() - 6) + (wide.max() / 2, 14))


def pushed_apart(places: np.ndarray, wide: np.ndarray, high: np.ndarray, width: float, height: float) -> np.ndarray:
    """No two boxes of a circle and its name lie on each other, as far as there is room."""
    for _ in range(STEPS):
        moved = False
        for one in range(len(places)):
            for other in range(one):
                over = np.array(
                    [
                        (wide[one] + wide[other]) / 2 - abs(places[one, 0] - places[other, 0]),
                        (high[one] + high[other]) / 2
                        - abs(places[one, 1] + high[one] / 2 - places[other, 1] - high[other] / 2),
                    ]
                )
                if over.min() > 0:
                    axis = int(over.argmin())
                    sign = 1 if places[one, axis] >= places[other, axis] else -1
                    places[one, axis] += sign * over[axis] / 2
                    places[other, axis] -= sign * over[axis] / 2
                    moved = True
        places[:, 0] = np.clip(places[:, 0], wide / 2, width - wide / 2)
        places[:, 1] = np.clip(places[:, 1], 14, height - high + 8)
        if not moved:
            break
    return places
