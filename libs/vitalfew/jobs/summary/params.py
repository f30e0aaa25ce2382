"""The parameters of `summary`."""

from __future__ import annotations

from pydantic import Field

from vitalfew.domain.vital_few_params import VitalFewParams


class SummaryParams(VitalFewParams):
    """What the summary looks at."""

    customer_id: str | None = Field(
        default=None,
        description="Whose recommendations are shown; null: of all who have any, the customer with the highest value.",
    )
    rules: int = Field(default=5, ge=0, le=100, description="How many rules are shown.")
    rule_level: str = Field(default="product", min_length=1, description="Rules of this level of the hierarchy.")
    rule_baskets: int = Field(
        default=30,
        ge=1,
        description="A rule is strong only if it holds in at least this many baskets, however high its lift.",
    )
    horizon_days: int = Field(
        default=90, ge=1, description="Orders to come are shown for the horizon of next_purchase nearest to this."
    )
