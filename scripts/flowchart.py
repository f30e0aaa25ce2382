"""Draws the flowcharts of our pages as SVG, for the site of docs/; GitHub draws them by itself from the same text.

Understands what our pages use of Mermaid, and refuses the rest: `flowchart TB`, `name[box]`, `name[(table)]`,
`a & b --> c --> d`, `a -- label --> b` and `a -. label .-> b`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise, product

from vitalfew.report.html.svg import Svg, text_width

NODE = r"\w+(?:\[\(.+?\)\]|\[[^(].*?\])?"
GROUP = rf"{NODE}(?:\s*&\s*{NODE})*"
ARROW = r"-->|-- .+? -->|-\. .+? \.->"
STATEMENT = re.compile(rf"{GROUP}(?:\s*(?:{ARROW})\s*{GROUP})*")
SIZE, LINE, PAD, GAP, BETWEEN = 13, 18, 12, 28, 52
"""In pixels: letters, lines, the edge inside a box, the space between boxes, and between rows."""
INK, RULE, PAPER = "var(--color-foreground-primary)", "var(--color-foreground-muted)", "var(--color-background-primary)"
SURFACE = "var(--color-background-secondary)"


@dataclass
class Node:
    lines: list[str]
    is_table: bool = False
    row: int = 0
    x: float = 0
    y: float = 0

    @property
    def width(self) -> float:
        return max(text_width(line, SIZE) for line in self.lines) + 2 * PAD

    @property
    def height(self) -> float:
        return len(self.lines) * LINE + PAD + (PAD if self.is_table else 0)


@dataclass(frozen=True)
class Edge:
    start: str
    end: str
    label: str
    is_dotted: bool


@dataclass
class Chart:
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)


def svg(mermaid: str, title: str) -> str:
    """The drawing; those who do not see it are given every arrow in words."""
    chart = read(mermaid)
    width, height = place(chart)
    arrows = (f"{said(chart, e.start)} → {said(chart, e.end)}{f' ({e.label})' if e.label else ''}" for e in chart.edges)
    drawing = Svg(width, height, title, "; ".join(arrows))
    for edge in chart.edges:
        draw_edge(drawing, edge, chart)
    for node in chart.nodes.values():
        draw_node(drawing, node)
    return str(drawing.done())


def said(chart: Chart, name: str) -> str:
    return " ".join(chart.nodes[name].lines)


def read(mermaid: str) -> Chart:
    """What the text says; a line that is not understood is an error, so that no picture lacks a part in silence."""
    first, *lines = [line.strip() for line in mermaid.splitlines() if line.strip()]
    if first != "flowchart TB":
        raise ValueError(f"A flowchart begins with 'flowchart TB'; found '{first}'")
    chart = Chart()
    for line in lines:
        if not STATEMENT.fullmatch(line):
            raise ValueError(f"This line of a flowchart is not understood: '{line}'")
        read_statement(line, chart)
    return chart


def read_statement(line: str, chart: Chart) -> None:
    groups = [[noted(node, chart) for node in re.findall(NODE, group)] for group in re.split(ARROW, line)]
    for (starts, ends), arrow in zip(pairwise(groups), re.findall(ARROW, line), strict=True):
        label = arrow.strip("-.> ")
        chart.edges += [Edge(start, end, label, "." in arrow) for start, end in product(starts, ends)]


def noted(node: str, chart: Chart) -> str:
    """The name of a node. What is written in it is kept where it stands, which may be later than the first arrow."""
    name, bracket, inner = node.partition("[")
    text = inner[:-1].removeprefix("(").removesuffix(")") if bracket else ""
    if bracket or name not in chart.nodes:
        chart.nodes[name] = Node((text or name).split("<br>"), is_table=inner.startswith("("))
    return name


def place(chart: Chart) -> tuple[float, float]:
    """Gives each node its row and place. Returns width and height of the whole."""
    for _ in chart.nodes:
        for edge in chart.edges:
            chart.nodes[edge.end].row = max(chart.nodes[edge.end].row, chart.nodes[edge.start].row + 1)
    rows = [[n for n in chart.nodes.values() if n.row == row] for row in range(len(chart.nodes))]
    rows = [row for row in rows if row]
    width = max(sum(node.width for node in row) + GAP * (len(row) - 1) for row in rows)
    y = 1.0
    for row in rows:
        x = (width - sum(node.width for node in row) - GAP * (len(row) - 1)) / 2 + 1
        highest = max(node.height for node in row)
        for node in row:
            node.x, node.y = x, y + (highest - node.height) / 2
            x += node.width + GAP
        y += highest + BETWEEN
    return width + 2, y - BETWEEN + 1


def draw_edge(drawing: Svg, edge: Edge, chart: Chart) -> None:
    start, end = chart.nodes[edge.start], chart.nodes[edge.end]
    x1, y1 = start.x + start.width / 2, start.y + start.height
    x2, y2 = end.x + end.width / 2, end.y
    bend = (y2 - y1) / 2
    way = f"M{x1:.1f} {y1:.1f}C{x1:.1f} {y1 + bend:.1f} {x2:.1f} {y2 - bend:.1f} {x2:.1f} {y2 - 6:.1f}"
    drawing.add("path", d=way, fill="none", stroke=RULE, stroke_dasharray="3 4" if edge.is_dotted else None)
    drawing.add("path", d=f"M{x2:.1f} {y2:.1f}l-4 -8h8z", fill=RULE)
    if edge.label:
        middle, width = (x1 + x2) / 2, text_width(edge.label, SIZE - 1)
        drawing.rect(middle - width / 2 - 3, (y1 + y2) / 2 - 9, width + 6, 18, PAPER)
        write(drawing, edge.label, middle, (y1 + y2) / 2 + 4, SIZE - 1)


def draw_node(drawing: Svg, node: Node) -> None:
    left, right, middle = node.x, node.x + node.width, node.x + node.width / 2
    top, bottom = node.y + PAD / 2, node.y + node.height - PAD / 2
    if node.is_table:
        half = f"A{node.width / 2:.1f} {PAD / 2} 0 0"
        lid = f"M{left:.1f} {top:.1f}{half} 1 {right:.1f} {top:.1f}"
        body = f"V{bottom:.1f}{half} 1 {left:.1f} {bottom:.1f}V{top:.1f}{half} 0 {right:.1f} {top:.1f}"
        drawing.add("path", d=lid + body, fill=SURFACE, stroke=RULE)
    else:
        drawing.rect(node.x, node.y, node.width, node.height, SURFACE, stroke=RULE, rx=4)
    y = node.y + (node.height - len(node.lines) * LINE) / 2 + LINE - 5 + (PAD / 4 if node.is_table else 0)
    for number, line in enumerate(node.lines):
        write(drawing, line, middle, y + number * LINE, SIZE)


def write(drawing: Svg, text: str, x: float, y: float, size: float) -> None:
    drawing.add("text", text=text, x=x, y=y, font_size=size, text_anchor="middle", fill=INK)
