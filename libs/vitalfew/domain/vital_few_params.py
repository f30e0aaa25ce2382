"""How few bring how much: the shares by which concentration is reported."""

from __future__ import annotations

from pydantic import Field

from vitalfew.params import Params


class VitalFewParams(Params):
    """The two shares of the 80/20 rule."""

    top_share: float = Field(
        default=0.2, gt=0, lt=1, description="The top: this part of the customers or products, rounded up."
    )
    target_share: float = Field(default=0.8, gt=0, lt=1, description="How few hold this share of the value?")
