"""Segment maps: which name a cell of three scores has, and what to do for the customers in it.

A cell is the scores of recency, frequency and monetary in a row: 555. A pattern stands for several cells: each of its
places is a digit, or a set of digits such as [1-2] or [135]; a pattern of two places leaves monetary open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from pyspark.sql import Column
from pyspark.sql import functions as F

PLACE = re.compile(r"\d|\[(?:\d-\d|\d)+\]")
PATTERN = re.compile(rf"(?:{PLACE.pattern}){{2,3}}")
CUSTOM = "custom"
DIGITS = "0123456789"


@dataclass(frozen=True)
class Segment:
    """A segment: its name, the cells or patterns of cells it is made of, and what to do next.

    `action` is the code of a message; `advice` is the user's own, which the message `custom` says as it is.
    """

    name: str
    cells: Sequence[str]
    action: str = CUSTOM
    advice: str | None = None


@dataclass(frozen=True)
class SegmentMap:
    """The segment of every cell of scores from 1 to `bands`."""

    bands: int
    segments: Sequence[Segment]
    names: Mapping[str, str]

    def name_of(self, r: Column, f: Column, m: Column) -> Column:
        """The name of the segment of three scores."""
        names = F.array(*[F.lit(self.names[cell]) for cell in all_cells(self.bands)])
        return F.element_at(names, ((r - 1) * self.bands + (f - 1)) * self.bands + m)


def segment_map(segments: Sequence[Segment], bands: int) -> SegmentMap:
    """The map made of `segments`; ValueError with everything that keeps it from giving each cell one name."""
    owners: dict[str, list[str]] = {cell: [] for cell in all_cells(bands)}
    problems: list[str] = []
    for segment in segments:
        cells, wrong = cells_of(segment, bands)
        problems += wrong
        for cell in cells:
            owners[cell].append(segment.name)
    names = [segment.name for segment in segments]
    problems += [f"the segment {name} stands twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    if left_out := [cell for cell, who in owners.items() if not who]:
        problems.append(f"left out: {', '.join(left_out)}")
    if repeated := [f"{cell} ({', '.join(who)})" for cell, who in owners.items() if len(who) > 1]:
        problems.append(f"named more than once: {', '.join(repeated)}")
    if problems:
        raise ValueError("the segment map must give each cell one name: " + "; ".join(problems))
    return SegmentMap(bands, tuple(segments), {cell: who[0] for cell, who in owners.items()})


def cells_of(segment: Segment, bands: int) -> tuple[list[str], list[str]]:
    """The cells of a segment, as often as it names them, and what is wrong with its patterns."""
    possible = set(all_cells(bands))
    cells: list[str] = []
    problems: list[str] = []
    for pattern in segment.cells:
        found = expand(pattern, bands)
        cells += [cell for cell in found if cell in possible]
        if not found:
            problems.append(f"{segment.name}: {pattern!r} is neither a cell such as 555 nor a pattern such as [1-2]5")
        if never := [cell for cell in found if cell not in possible]:
            problems.append(f"{segment.name}: {', '.join(never)} can never occur, scores run from 1 to {bands}")
    if not cells:
        problems.append(f"{segment.name}: no customer can ever be in it, it has no cell")
    return cells, problems


def all_cells(bands: int) -> list[str]:
    """Every cell, the worst first."""
    scores = DIGITS[1 : bands + 1]
    return ["".join(cell) for cell in product(scores, repeat=3)]


def expand(pattern: str, bands: int) -> list[str]:
    """The cells that `pattern` stands for, possible or not; none where it is no pattern."""
    if not PATTERN.fullmatch(pattern):
        return []
    places = [digits(place) for place in PLACE.findall(pattern)]
    if len(places) == 2:
        places.append(DIGITS[1 : bands + 1])
    return ["".join(cell) for cell in product(*places)]


def digits(place: str) -> str:
    """The digits of one place of a pattern, each once; none for a range that runs backwards."""
    spelled = re.sub(r"(\d)-(\d)", lambda span: DIGITS[int(span[1]) : int(span[2]) + 1], place.strip("[]"))
    return "".join(sorted({*spelled}))
