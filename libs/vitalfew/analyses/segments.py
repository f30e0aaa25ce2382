"""Segment maps: which name the cell of three scores has, and what to do for who is in it.

A cell is a score of recency, of frequency and of monetary in a row: 555. A pattern stands for several cells: each place
is a digit, or a set of digits such as [1-2] or [135]; a pattern of two places leaves monetary open.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from pyspark.sql import Column
from pyspark.sql import functions as F

PLACE = re.compile(r"(\d)|\[((?:\d-\d|\d)+)\]")


@dataclass(frozen=True)
class SegmentMap:
    """Names of all cells of scores from 1 to `bands`, each cell in one segment; and what to do for each segment."""

    bands: int
    cells: Mapping[str, str]
    actions: Mapping[str, str]

    def name_of(self, r: Column, f: Column, m: Column) -> Column:
        """The segment of three scores."""
        names = F.array(*[F.lit(self.cells[cell]) for cell in all_cells(self.bands)])
        return F.element_at(names, ((r - 1) * self.bands + (f - 1)) * self.bands + m)

    def action_of(self, segment: str) -> Column:
        """What to do for the customers of the column `segment`."""
        actions = [F.when(F.col(segment) == name, F.lit(action)) for name, action in self.actions.items()]
        return F.coalesce(*actions)


def segment_map(segments: Sequence[tuple[str, Sequence[str]]], actions: Mapping[str, str], bands: int) -> SegmentMap:
    """The map that gives each cell the name of the segment whose patterns hold it; ValueError with all that is wrong.

    Wrong is a cell in no segment or in several, and a segment that can never occur.
    """
    names = [name for name, _ in segments]
    problems = [f"the segment {name} stands twice" for name in dict.fromkeys(names) if names.count(name) > 1]
    owners: dict[str, list[str]] = {cell: [] for cell in all_cells(bands)}
    for name, patterns in segments:
        occurs = False
        for pattern in patterns:
            found = expand(pattern)
            if not found:
                problems.append(f"{name}: {pattern!r} is not a cell such as 555 nor a pattern such as [1-2][3-4]")
            outside = [cell for cell in found if cell not in owners]
            if outside:
                problems.append(f"{name}: {', '.join(outside)} can never occur, scores run from 1 to {bands}")
            for cell in found:
                if cell in owners:
                    owners[cell].append(name)
                    occurs = True
        if not occurs:
            problems.append(f"the segment {name} can never occur, it has no cell")
    twice = [f"{cell} ({', '.join(who)})" for cell, who in owners.items() if len(who) > 1]
    if twice:
        problems.append(f"{count(twice)} named more than once: {', '.join(twice)}")
    if left := [cell for cell, who in owners.items() if not who]:
        problems.append(f"{count(left)} left out: {', '.join(left)}")
    if problems:
        raise ValueError("the segment map does not give each cell one name: " + "; ".join(problems))
    return SegmentMap(bands, {cell: who[0] for cell, who in owners.items()}, dict(actions))
