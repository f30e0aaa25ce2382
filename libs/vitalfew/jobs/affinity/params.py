"""Which pairs are examined, and which are reported: the parameters of `affinity`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from vitalfew.domain.basket_exclusions import Exclusions
from vitalfew.domain.refit_params import RefitParams

AffinityLevel = Literal["product", "category"]


class AffinityParams(Exclusions, RefitParams):
    """What counts as together, how sure it has to be, and the guards."""

    window_days: int | None = Field(
        default=None, gt=0, description="Use only the orders of this many days before as_of; null: all."
    )
    levels: Annotated[tuple[AffinityLevel, ...], Field(strict=False, min_length=1)] = Field(
        default=("product", "category"), description="What is paired."
    )
    by_segment: bool = Field(default=True, description="Also among the baskets of each RFM segment.")
    min_support: float = Field(
        default=0.0005,
        ge=0,
        le=1,
        description="Share of the baskets that a pair, or a substitute, must be in.",
    )
    min_count: int = Field(default=10, ge=1, description="Baskets that must hold both, whatever their share.")
    min_expected: float = Field(
        default=10.0, gt=0, description="Substitutes: baskets with both to be expected, so that absence says something."
    )
    min_phi: float = Field(
        default=0.02, ge=0, lt=1, description="Complements: do not report weaker correlations, however certain."
    )
    max_lift: float = Field(
        default=0.5, gt=0, le=1, description="Substitutes: together at most this share of what is to be expected."
    )
    significance: float = Field(default=0.01, gt=0, lt=1, description="Report a pair if its q value is at most this.")
    max_basket_size: int = Field(
        default=100,
        ge=2,
        le=2_000,
        description="Baskets of more items are left out: pairs grow by the square.",
    )
    max_pairs: int = Field(
        default=1_000_000,
        ge=1,
        le=2_000_000,
        description="Pairs of substitutes tested; min_expected rises to keep to it.",
    )
    max_reported: int = Field(
        default=5_000,
        ge=1,
        le=100_000,
        description="Report at most this many pairs of each relation and level, the strongest; of a segment, a tenth.",
    )
    page_size: int = Field(default=8, ge=2, le=100, description="Products on a page of the catalogue.")
    page_phi: float = Field(default=0.05, ge=0, lt=1, description="Least correlation that puts two on one page.")
    bundles: int = Field(default=200, ge=0, le=10_000, description="Pairs proposed as bundles: the strongest.")
    discount_share: float = Field(
        default=0.25, gt=0, lt=1, description="Share of the room between both limits that the customer is given."
    )
