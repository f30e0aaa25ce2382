"""How customers are put into cohorts, and for how long they are followed: the parameters of `cohorts`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from vitalfew.params import Params


class CohortParams(Params):
    """What a cohort is, when a customer has returned, and when a difference is reported."""

    first_product_by: Literal["department", "category", "subcategory", "brand", "product_id"] = Field(
        default="category", description="What the first order was about: the column on which most was spent."
    )
    min_customers: int = Field(
        default=30, ge=1, description="Smaller cohorts of a first product or channel are put together as other."
    )
    warm_up_months: int = Field(
        default=1,
        ge=0,
        description="Customers whose first order is in this many first months of the data may be older: they are "
        "flagged, and left out of the cohorts by first product and channel.",
    )
    return_days: int = Field(default=90, ge=1, description="Days after the first order in which they may come back.")
    horizon_months: int = Field(default=3, ge=0, description="Value is compared up to this month after the first.")
    significance: float = Field(
        default=0.05, gt=0, lt=1, description="A cohort differs from the others if its q value is at most this."
    )
