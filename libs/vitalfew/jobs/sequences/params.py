"""What counts as a sequence, in which windows, and what is due next: the parameters of `sequences`."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from vitalfew.domain.basket_exclusions import Exclusions
from vitalfew.domain.product_levels import Level
from vitalfew.domain.refit_params import RefitParams

LoyaltyLevel = Literal["product", "brand"]
Window = Annotated[tuple[int, int], Field(strict=False)]
MOST_DAYS = 3_650


class SequencesParams(Exclusions, RefitParams):
    """Windows of days, how sure a rule has to be, and the guards."""

    window_days: int | None = Field(
        default=None, gt=0, description="Use only the orders of this many days before as_of; null: all."
    )
    levels: Annotated[tuple[Level, ...], Field(strict=False, min_length=1)] = Field(
        default=("product", "category"), description="What is followed: products, or a column of their hierarchy."
    )
    windows: Annotated[tuple[Window, ...], Field(strict=False, min_length=1)] = Field(
        default=((1, 7), (8, 30), (31, 60), (61, 90)),
        description="Windows of days after a purchase, the first and the last day of each: rising, without overlap.",
    )
    min_support: float = Field(
        default=0.005, ge=0, le=1, description="Share of the customers who must have a pattern or a rule."
    )
    min_count: int = Field(
        default=20, ge=2, description="Customers who must have it, whatever their share. Never less than two."
    )
    significance: float = Field(
        default=0.01, gt=0, lt=1, description="Publish a rule, or call a product loyal, if its q value is at most this."
    )
    min_lift: float = Field(
        default=1.1, ge=1, description="Rules: do not publish weaker ones, however certain: 1.1 is 10 % beyond chance."
    )
    max_length: int = Field(default=3, ge=2, le=10, description="Items of a pattern, each on a day of its own.")
    min_gap_days: int = Field(
        default=1, ge=1, le=MOST_DAYS, description="Patterns: least days from one item to the next."
    )
    max_gap_days: int = Field(
        default=90, ge=1, le=MOST_DAYS, description="Patterns: most days from one item to the next."
    )
    min_span_days: int = Field(
        default=0, ge=0, le=MOST_DAYS, description="Patterns: least days from the first item to the last."
    )
    max_span_days: int = Field(
        default=180, ge=1, le=MOST_DAYS, description="Patterns: most days from the first item to the last."
    )
    loyalty_levels: Annotated[tuple[LoyaltyLevel, ...], Field(strict=False)] = Field(
        default=("product", "brand"), description="Whose loyalty is measured, within their category."
    )
    min_buyers: int = Field(default=50, ge=2, description="Loyalty: say nothing of what fewer customers bought.")
    k: int = Field(default=5, ge=1, le=50, description="Next items predicted for one customer, at most.")
    horizon_days: int = Field(
        default=28, ge=1, le=MOST_DAYS, description="Predict what is due in this many days; as many days are held out."
    )
    rules_per_item: int = Field(
        default=20, ge=1, le=1000, description="Rules of one antecedent that predict: those with most confidence."
    )
    confidence: float = Field(
        default=0.95,
        ge=0.5,
        lt=1,
        description="How sure it must be that predictions beat each baseline: one-sided, paired by customer.",
    )
    min_customers: int = Field(
        default=30, ge=2, description="Predict nothing if fewer customers can be judged in the days held out."
    )
    evaluation_customers: int = Field(
        default=20_000, ge=2, description="Judge on this many customers, drawn by hash of their id."
    )
    max_items: int = Field(
        default=1_000,
        ge=2,
        le=20_000,
        description="Items of a level that are followed, the most frequent; the count that they need rises as well.",
    )
    max_patterns: int = Field(
        default=1_000, ge=1, le=20_000, description="Patterns of a level; the count that they need rises to keep to it."
    )
    max_pairs: int = Field(
        default=10_000,
        ge=1,
        le=500_000,
        description="Rules examined at a level: those furthest above what both items alone would give; others count "
        "as chance.",
    )
    max_reported: int = Field(
        default=5_000, ge=1, le=100_000, description="Publish at most this many rules of a level, the highest lift."
    )
    max_events: int = Field(
        default=5_000,
        ge=2,
        le=100_000,
        description="Of one customer, follow at most this many items of days, the latest: tames the heaviest.",
    )
    max_occurrences: int = Field(
        default=1_000,
        ge=1,
        le=100_000,
        description="Of one pattern in one customer, follow at most this many occurrences.",
    )

    @property
    def longest_days(self) -> int:
        """The last day of the last window."""
        return self.windows[-1][1]

    @model_validator(mode="after")
    def hold_together(self) -> SequencesParams:
        """Refuse windows that are reversed or overlap, and gaps and spans that exclude each other, all at once."""
        problems = [
            f"windows: {first}-{last} begins after it ends; write the first day, then the last"
            for first, last in self.windows
            if first > last
        ]
        problems += [
            f"windows: {first}-{last}: a window begins on day 1 at the earliest and ends on day {MOST_DAYS:,}"
            for first, last in self.windows
            if first < 1 or last > MOST_DAYS
        ]
        problems += [
            f"windows: {two[0]}-{two[1]} begins before {one[0]}-{one[1]} is over; put them in order, without overlap"
            for one, two in pairwise(self.windows)
            if two[0] <= one[1]
        ]
        if self.min_gap_days > self.max_gap_days:
            problems.append(f"min_gap_days is {self.min_gap_days}, more than max_gap_days ({self.max_gap_days})")
        if self.min_span_days > self.max_span_days:
            problems.append(f"min_span_days is {self.min_span_days}, more than max_span_days ({self.max_span_days})")
        for name, levels in (("levels", self.levels), ("loyalty_levels", self.loyalty_levels)):
            if len({*levels}) < len(levels):
                problems.append(f"{name} names one twice")
        if problems:
            raise ValueError("; ".join(problems))
        return self
