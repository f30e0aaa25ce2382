"""The parameters of `customer_products`."""

from __future__ import annotations

from pydantic import Field

from vitalfew.params import Params


class CustomerProductParams(Params):
    """When everything is rebuilt."""

    rebuild_share: float = Field(
        default=0.3,
        gt=0,
        le=1,
        description="If the orders of more than this share of the customers have changed, everything is rebuilt: "
        "that is then faster.",
    )
