"""Who is overdue, and who is hardly there any more: what jobs that speak of it have in common."""

from __future__ import annotations

from pydantic import Field

from vitalfew.params import Params


class OverdueParams(Params):
    """Limits of a customer's own silence; where two jobs differ in them, what they say of a customer may differ."""

    overdue_percentile: float = Field(
        default=0.8, gt=0, lt=1, description="Overdue: silent for longer than this share of the customer's own gaps."
    )
    min_gaps: int = Field(
        default=3, ge=1, description="Gaps for a rhythm of one's own; it is drawn to that of all by as many gaps."
    )
    p_alive_limit: float = Field(
        default=0.5, gt=0, lt=1, description="Customers whose P(alive) is below this are at risk: contact them."
    )
