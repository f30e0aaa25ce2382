"""What is looked for in baskets, and within what limits: the parameters of `baskets`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from vitalfew.domain.basket_exclusions import Exclusions
from vitalfew.domain.product_levels import Level
from vitalfew.domain.refit_params import RefitParams


class BasketParams(Exclusions, RefitParams):
    """What counts as a basket and an item, when a set is frequent and a rule worth telling, and the guards."""

    window_days: int | None = Field(
        default=None, gt=0, description="Use only the orders of this many days before as_of; null: all."
    )
    levels: Annotated[tuple[Level, ...], Field(strict=False, min_length=1)] = Field(
        default=("product",), description="What an item is: the product itself, or what products has in this column."
    )
    min_support: float = Field(
        default=0.001, ge=0, le=1, description="Share of the baskets that a set must be in. Compared exactly."
    )
    min_support_at: dict[Level, Annotated[float, Field(ge=0, le=1)]] = Field(
        default_factory=dict, description="Levels that need a support of their own: coarse ones a higher one."
    )
    min_count: int = Field(default=2, ge=1, description="Baskets that a set must be in, whatever their share.")
    min_confidence: float = Field(
        default=0.1, ge=0, le=1, description="Report a rule only if its confidence is at least this. Compared exactly."
    )
    max_length: int = Field(default=5, ge=1, le=30, description="Items in the longest set.")
    max_basket_size: int = Field(
        default=500, ge=2, le=100_000, description="Baskets of more distinct items are left out, and counted."
    )
    max_itemsets: int = Field(
        default=250_000, ge=1, le=1_000_000, description="The support is raised until there are no more sets than this."
    )
    memory_mb: int = Field(
        default=4_000,
        ge=1,
        description="MB that mining may take, on all machines together; by an estimate. The support is raised to fit.",
    )
    significance: float = Field(
        default=0.05, gt=0, lt=1, description="A rule is significant if its q value is at most this."
    )

    @field_validator("levels")
    @classmethod
    def once_each(cls, levels: tuple[Level, ...]) -> tuple[Level, ...]:
        twice = sorted({level for level in levels if levels.count(level) > 1})
        if twice:
            raise ValueError(f"stands twice: {', '.join(twice)}; name each level once")
        return levels
