"""What counts as a peak, and how far a customer's own habits count: the parameters of `timing`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from vitalfew.params import Params


class TimingParams(Params):
    """By what the week is split, what counts as traffic, when an hour is a peak, and the weight of the segment."""

    window_days: int | None = Field(
        default=None, ge=1, description="Look back this many days from as_of; null looks at everything before it."
    )
    category_level: Literal["department", "category", "subcategory", "brand"] = Field(
        default="category", description="Column of products that splits the week by category."
    )
    most_members: int = Field(
        default=50, ge=1, description="Segments, categories or channels looked at, those with the most orders."
    )
    traffic_kinds: tuple[str, ...] = Field(
        default=("search", "view", "cart", "wishlist"),
        description="Kinds of events that show that customers are there.",
    )
    least_times_average: float = Field(
        default=1.5, gt=1, description="A peak has at least this many times the orders of the average hour."
    )
    significance: float = Field(
        default=0.01, gt=0, lt=1, description="Part of the peaks that may be chance (Benjamini-Hochberg)."
    )
    least_orders: int = Field(default=200, ge=1, description="No peaks are looked for among fewer sales.")
    least_weeks: int = Field(
        default=8, ge=2, description="Nor in fewer whole weeks: the variation between weeks would be unknown."
    )
    most_of_one_share: float = Field(
        default=0.5, gt=0, le=1, description="Nor is it a peak if one customer has more than this share of its sales."
    )
    prior_orders: float = Field(
        default=5.0, gt=0, description="The habits of the segment weigh as much as this many orders of one's own."
    )

    @model_validator(mode="after")
    def kinds_are_named_once(self) -> TimingParams:
        """Refuse a kind that is named twice."""
        if len({*self.traffic_kinds}) < len(self.traffic_kinds):
            raise ValueError("traffic_kinds names one twice")
        return self
