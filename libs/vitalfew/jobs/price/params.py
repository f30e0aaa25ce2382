"""Which price changes count, and what makes a figure good enough to be published: the parameters of `price`."""

from __future__ import annotations

from pydantic import Field, model_validator

from vitalfew.domain.basket_exclusions import Exclusions
from vitalfew.domain.product_levels import Hierarchy


class PriceParams(Exclusions):
    """The history, what is a change and a discount, which products are looked at, and how sure one must be."""

    history_weeks: int = Field(default=156, ge=26, le=520, description="Use the sales of this many weeks.")
    block_weeks: int = Field(
        default=13,
        ge=6,
        le=52,
        description="Weeks in which the level of a product is taken to be its own: only prices that differ within them "
        "are compared, so what grows or fades slowly is not taken for an effect of prices.",
    )
    category_level: Hierarchy = Field(
        default="category", description="By what products are grouped: they share seasons, and their figures a mean."
    )
    min_weeks: int = Field(default=26, ge=12, le=520, description="Weeks on offer that a product needs.")
    min_price_changes: int = Field(default=6, ge=3, description="Price changes that a product needs.")
    min_change: float = Field(
        default=0.02, gt=0, lt=0.5, description="A price changed if it differs by this share from the week before."
    )
    min_sold_share: float = Field(
        default=0.8,
        gt=0,
        le=1,
        description="Share of weeks on offer with a sale that a product needs: without a sale nobody knows the price.",
    )
    mixed_tolerance: float = Field(
        default=0.05,
        gt=0,
        lt=1,
        description="A purchase at a price that is off the one of the week by more than this share is off.",
    )
    max_mixed_share: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="A product is not looked at where in more than this share of its weeks over a quarter of purchases "
        "are off: different customers pay different prices.",
    )
    max_products: int = Field(
        default=3000, ge=10, le=20_000, description="Products that are looked at, those with most revenue first."
    )
    min_neighbours: int = Field(
        default=5,
        ge=2,
        description="A category of at least this many products has seasons of its own; others share those of the shop.",
    )
    min_discount: float = Field(
        default=0.05, gt=0, lt=0.9, description="A price below the usual one by this share or more is a discount."
    )
    min_difference: float = Field(
        default=0.1,
        ge=0,
        lt=1,
        description="A group of customers is not as others if its share of discounts differs from that of other buyers "
        "by this share of it or more.",
    )
    min_group: int = Field(
        default=5,
        ge=1,
        description="Groups of fewer customers are not in price_willingness, nor others from which they would follow.",
    )
    confidence: float = Field(default=0.95, ge=0.5, lt=1, description="Of the intervals.")
    significance: float = Field(
        default=0.05,
        gt=0,
        lt=0.5,
        description="Of verdicts, as the share of false ones among all (false discovery rate).",
    )
    max_anticipation: float = Field(
        default=0.25,
        ge=0,
        description="No figure where the price of next week explains the units of this week, by more than chance and "
        "by more than this share of the elasticity.",
    )

    @model_validator(mode="after")
    def hold_together(self) -> PriceParams:
        """Refuse what contradicts itself, all at once."""
        problems = []
        if self.min_weeks > self.history_weeks:
            problems.append("min_weeks is longer than history_weeks: no product could be looked at")
        if self.min_price_changes >= self.min_weeks:
            problems.append("min_price_changes must be less than min_weeks: a price changes once a week at most")
        if problems:
            raise ValueError("; ".join(problems))
        return self
