"""What is no part of a basket: postage, fees and the like."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from vitalfew.domain.product_levels import Hierarchy, Texts
from vitalfew.params import Params


class Exclusions(Params):
    """Products that are left out of baskets."""

    exclude_products: Texts = Field(default=(), description="Product ids that are no part of a basket: postage, fees.")
    exclude_where: dict[Hierarchy, Annotated[Texts, Field(min_length=1)]] = Field(
        default_factory=dict, description="Products that have one of these values in this column are left out as well."
    )
