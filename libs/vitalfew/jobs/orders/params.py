"""Parameters of the facts."""

from __future__ import annotations

from pydantic import Field

from vitalfew.params import Params


class OrderParams(Params):
    """How lines become orders."""

    cancel_within_minutes: int = Field(
        default=60,
        ge=0,
        le=7 * 24 * 60,
        description="A return of the whole order within this many minutes cancels it: neither counts as an order.",
    )
    rebuild_share: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="If more than this share of the days has changed, everything is rebuilt: that is then faster.",
    )
