"""How customers are scored and named: what `rfm` and `recommendations` set."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from vitalfew.domain.segment_map import Segment, SegmentMap, segment_map
from vitalfew.domain.segment_presets import PRESETS
from vitalfew.errors import hint
from vitalfew.params import Params

Cell = Annotated[
    str,
    BeforeValidator(lambda cell: str(cell) if isinstance(cell, int) else cell),
    WithJsonSchema({"type": ["string", "integer"]}),  # YAML reads 555 as a number
]


class CustomSegment(Params):
    """One segment of a map of your own."""

    name: str = Field(min_length=1, description="What the segment is called.")
    cells: tuple[Cell, ...] = Field(
        min_length=1,
        description="Cells such as 555 or patterns such as '[4-5][1-3]5'; two places leave monetary open: '[1-2]5'.",
    )
    action: str = Field(min_length=1, description="What to do next for the customers in it.")


class FixedCuts(Params):
    """Cut points set by hand, lowest value first, one fewer than scores; an axis left out is cut at its quantiles."""

    recency_days: tuple[int, ...] | None = Field(
        default=None, description="Days since the last order: up to the first of them is the best score."
    )
    frequency: tuple[int, ...] | None = Field(default=None, description="Orders: from the first of them on is score 2.")
    monetary: tuple[Decimal, ...] | None = Field(
        default=None, description="Net spend: from the first of them on is score 2."
    )


class SegmentationParams(Params):
    """How customers are scored and named."""

    presentation: ClassVar[frozenset[str]] = frozenset({"actions"})

    window_days: int | None = Field(
        default=None, ge=1, description="Look back this many days from as_of; null looks at everything before it."
    )
    segments: Literal["eleven", "rf_grid", "three_by_three", "custom"] = Field(
        default="eleven",
        description="The map from scores to names: 11 segments of 5x5x5 cells, 10 of recency and frequency alone, "
        "9 of 3x3x3 cells, or custom_segments.",
    )
    custom_segments: tuple[CustomSegment, ...] = Field(
        default=(), description="A map of your own; each cell must be in exactly one segment. Needs segments: custom."
    )
    bands: int | None = Field(
        default=None,
        ge=2,
        le=9,
        description="Scores run from 1 to this; null: what the map is made for, 5 for a map of your own.",
    )
    cuts: FixedCuts = Field(
        default=FixedCuts(), description="Cut points set by hand; those left out are exact quantiles."
    )
    actions: dict[str, str] = Field(
        default={}, description="What to do next, by segment, instead of what the map says."
    )

    @property
    def segment_map(self) -> SegmentMap:
        """The chosen map, with the actions set here."""
        if self.segments == "custom":
            known: Sequence[Segment] = [Segment(own.name, own.cells, advice=own.action) for own in self.custom_segments]
            bands = self.bands or 5
        else:
            known, bands = PRESETS[self.segments].segments, PRESETS[self.segments].bands
        own = [Segment(s.name, s.cells, advice=self.actions[s.name]) if s.name in self.actions else s for s in known]
        return segment_map(own, bands)

    @model_validator(mode="after")
    def hold_together(self) -> SegmentationParams:
        """Refuse values that contradict each other, all at once."""
        problems = self.map_problems() or self.action_problems()
        bands = self.bands or (5 if self.segments == "custom" else PRESETS[self.segments].bands)
        for axis in ("recency_days", "frequency", "monetary"):
            problems += cut_problems(axis, getattr(self.cuts, axis), bands)
        days = self.cuts.recency_days
        if days and self.window_days and days[-1] >= self.window_days:
            problems.append(f"cuts.recency_days: {days[-1]} days is all of the window, so score 1 can never occur")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def map_problems(self) -> list[str]:
        """What is wrong with the choice of a map, or with the map of one's own."""
        if self.segments != "custom":
            bands = PRESETS[self.segments].bands
            problems = ["custom_segments need segments: custom"] if self.custom_segments else []
            if self.bands not in (None, bands):
                problems.append(f"bands is {self.bands}; the map {self.segments} needs scores from 1 to {bands}")
            return problems
        try:
            _ = self.segment_map
        except ValueError as error:
            return [f"custom_segments: {error}"]
        return []

    def action_problems(self) -> list[str]:
        """Actions for segments that the map does not have."""
        known = [segment.name for segment in self.segment_map.segments]
        unknown = [name for name in self.actions if name not in known]
        return [f"actions: there is no segment {name}; {hint(name, known)}" for name in unknown]


def cut_problems(axis: str, cuts: Sequence[int | Decimal] | None, bands: int) -> list[str]:
    """What is wrong with the cut points of one axis."""
    if cuts is None:
        return []
    problems = []
    if len(cuts) != bands - 1:
        problems.append(f"cuts.{axis} has {len(cuts)} values; scores from 1 to {bands} need {bands - 1}")
    if list(cuts) != sorted(set(cuts)):
        problems.append(f"cuts.{axis} must rise from each value to the next")
    if axis == "frequency" and cuts and min(cuts) < 2:
        problems.append("cuts.frequency must be 2 or more: everyone has one order, so score 1 could never occur")
    if axis == "recency_days" and cuts and min(cuts) < 1:
        problems.append("cuts.recency_days must be 1 or more: nobody ordered later than the day before as_of")
    return problems
