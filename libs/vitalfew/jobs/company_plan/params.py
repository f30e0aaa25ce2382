"""The parameters of `company_plan`."""

from __future__ import annotations

from pydantic import Field

from vitalfew.params import Params


class CompanyPlanParams(Params):
    """For how long the plan is, what is assumed, and what is too small to be listed."""

    period_days: int = Field(default=28, ge=1, le=366, description="What discounts and bundles bring is for so long.")
    margin: float = Field(
        default=0.3,
        gt=0,
        le=1,
        description="Share of a price that is left when the goods are paid for, where order lines tell no cost.",
    )
    take_up: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="Assumed: of baskets with one product of a bundle, the share in which both are taken then.",
    )
    least_value: float = Field(default=1.0, gt=0, le=1e9, description="What is expected to bring less is left out.")
    min_group: int = Field(default=5, ge=1, description="A list for fewer customers is left out.")
    most: int = Field(default=50, ge=1, le=10_000, description="Things of each kind: those with most value.")
