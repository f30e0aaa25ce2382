"""How the next purchase is predicted: the parameters of `next_purchase`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from vitalfew.domain.basket_exclusions import Exclusions
from vitalfew.domain.overdue_params import OverdueParams
from vitalfew.domain.product_levels import Texts
from vitalfew.domain.refit_params import RefitParams

RepeatLevel = Literal["product", "subcategory", "category", "department"]


class NextPurchaseParams(OverdueParams, RefitParams, Exclusions):
    """How the next purchase is predicted."""

    horizons_days: tuple[int, ...] = Field(
        default=(30, 90, 180, 365),
        min_length=1,
        description="Predict orders and value for each of these numbers of days.",
    )
    discount_rate: float = Field(default=0.10, ge=0, lt=10, description="Of future value, for one year: 0.1 is 10 %.")
    period_days: int = Field(
        default=30, ge=1, description="Value is discounted once per period of this many days, and at the horizon."
    )
    holdout_days: int = Field(
        default=90, ge=7, description="The last this many days before as_of are predicted from the days before them."
    )
    tolerance: float = Field(
        default=0.25,
        gt=0,
        lt=1,
        description="A model is not used if it predicts the orders of the hold-out worse than by this share.",
    )
    class_tolerance: float = Field(
        default=0.2,
        gt=0,
        description="Nor if its predictions for customers with 0, 1, 2 … repeats are off by more than this: Cohen's "
        "w of the classes, beyond chance (0.1 is little, 0.3 medium, 0.5 much).",
    )
    backtest_customers: int = Field(
        default=10_000,
        ge=100,
        le=1_000_000,
        description="Forecasts are back-tested on at most this many customers, drawn by hash.",
    )
    season: tuple[float, ...] | None = Field(
        default=None,
        description="Activity of the twelve months, from January, if it is known from elsewhere; only ratios count. "
        "null: from the orders.",
    )
    min_repeaters: int = Field(
        default=50, ge=1, description="With fewer customers who came back, no model is fitted: their own rhythm speaks."
    )
    max_histories: int = Field(
        default=50_000,
        ge=100,
        le=1_000_000,
        description="Distinct histories that are fitted to; more are rounded to 7, 14 or 28 days, or sampled by hash.",
    )
    max_correlation: float = Field(
        default=0.3, gt=0, le=1, description="Amounts are not modelled if they correlate with repeats more than this."
    )
    repeat_level: RepeatLevel | None = Field(
        default="category",
        description="What is due again: a level of the hierarchy (products, where none has it), product, or null for "
        "nothing.",
    )
    repeat_min_days: int = Field(
        default=4, ge=2, description="A product repeats if a customer bought it on this many days."
    )
    repeat_items: int = Field(
        default=20, ge=1, le=1000, description="Things of one customer, at most: those bought on most days."
    )

    repeat_not_of: Texts = Field(
        default=(
            *("misc", "miscellaneous", "other", "others", "various", "sonstiges", "diverses", "divers", "autres"),
            *("varios", "otros", "outros", "vari", "altro", "overig", "其他", "その他"),
        ),
        description="Names of things, in any case, that are no thing of their own: nobody buys them again and again. "
        "What is no part of a basket (exclude_products, exclude_where) is left out as well.",
    )

    @model_validator(mode="after")
    def hold_together(self) -> NextPurchaseParams:
        """Refuse values that contradict each other."""
        if list(self.horizons_days) != sorted(set(self.horizons_days)) or self.horizons_days[0] < 1:
            raise ValueError(f"horizons_days is {list(self.horizons_days)}; it must rise from 1 or more, each once")
        if self.horizons_days[-1] > 3650 or self.horizons_days[-1] > 120 * self.period_days:
            raise ValueError(
                f"the horizon of {self.horizons_days[-1]} days is beyond ten years, or beyond 120 periods of "
                f"{self.period_days} days; shorten it, or lengthen period_days"
            )
        if self.season is not None and (len(self.season) != 12 or min(self.season) <= 0):
            raise ValueError(f"season is {list(self.season)}; it needs twelve numbers above 0, from January on")
        return self
