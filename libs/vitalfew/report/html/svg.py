"""SVG: every text escaped, every colour a variable of the page; no style attribute, which the policy forbids."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from markupsafe import Markup, escape

WIDEST = 1.25
"""A drawing may be shown this much larger than it is drawn."""
CJK = 0x2E80
NEVER_FIRST = "、，。；：！？）》”’"
WORD = re.compile(r"[\u2e80-\U0010ffff]|[^\s\u2e80-\U0010ffff]+|\s+")
Point = tuple[float, float]


class Svg:
    """A drawing with a title and a description, for those who do not see it."""

    def __init__(self, width: float, height: float, title: str, description: str) -> None:
        self.width, self.height = width, height
        self.out = [
            Markup('<svg viewBox="0 0 {} {}" width="{}" role="img" aria-label="{}"><title>{}</title>').format(
                plain(width), plain(height), round(width * WIDEST), f"{title}. {description}", title
            )
        ]

    def add(self, tag: str, tip: str | None = None, text: str | None = None, **attributes: Any) -> None:
        """An element; `tip` is its title; names end with `_` where Python knows them."""
        written = Markup("").join(
            Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), plain(value))
            for name, value in attributes.items()
            if value is not None
        )
        inner = Markup("<title>{}</title>").format(tip) if tip else Markup("")
        inner += escape(text) if text is not None else ""
        form = Markup("<{0}{1}>{2}</{0}>") if inner else Markup("<{0}{1}/>")
        self.out.append(form.format(tag, written, inner))

    def text(self, x: float, y: float, text: str, class_: str = "", anchor: str | None = None) -> None:
        self.add("text", text=text, x=x, y=y, class_=class_ or None, text_anchor=anchor)

    def line(self, x1: float, y1: float, x2: float, y2: float, stroke: str = "var(--rule)", **more: Any) -> None:
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, stroke=stroke, **more)

    def rect(
        self, x: float, y: float, width: float, height: float, fill: str, tip: str | None = None, **more: Any
    ) -> None:
        self.add("rect", tip, x=x, y=y, width=max(width, 0), height=max(height, 0), fill=fill, **more)

    def path(self, points: Iterable[Point], **more: Any) -> None:
        self.add("path", d="M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points), **more)

    def done(self) -> Markup:
        return Markup("").join(self.out) + Markup("</svg>")


def plain(value: Any) -> Any:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else value


def text_width(text: str, size: float = 12) -> float:
    """Good enough to keep labels apart without a font: a Chinese character is as wide as high, others 0.56 of it.

    Capitals are wider than other letters, which shows in names that are written in them alone.
    """
    return sum(size if ord(letter) > CJK else size * (0.7 if letter.isupper() else 0.56) for letter in text)


def wrapped(text: str, width: float, size: float = 12, most: int = 3) -> list[str]:
    """`text` in at most so many lines; the last one ends in … where it is cut."""
    lines = [""]
    for word in WORD.findall(text):
        if word.isspace():
            lines[-1] += " " if lines[-1] else ""
        elif lines[-1].strip() and word not in NEVER_FIRST and text_width(lines[-1] + word, size) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append(word)
        else:
            lines[-1] += word
    lines = [shortened(line.rstrip(), width, size) for line in lines]
    return lines if len(lines) <= most else [*lines[: most - 1], shortened(lines[most - 1] + "……", width, size, True)]


def shortened(text: str, width: float, size: float = 12, is_cut: bool = False) -> str:
    """`text`, cut with … where it is wider than `width`."""
    if not is_cut and text_width(text, size) <= width:
        return text
    text = text.rstrip("…")
    while text and text_width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip() + "…"


def step(value: float, low: float, high: float) -> int:
    """Which of the seven steps of the sequential ramp; the lowest where all are the same."""
    if high <= low:
        return 0
    return min(6, max(0, math.floor((value - low) / (high - low) * 7)))


def key(svg: Svg, x: float, y: float, low: str, high: str, width: float = 26) -> None:
    """The key of the sequential ramp: seven steps, their ends named."""
    for each in range(7):
        svg.rect(x + each * width, y, width, 8, f"var(--q{each})")
    svg.text(x, y + 22, low, "m")
    svg.text(x + 7 * width, y + 22, high, "m", "end")
