"""How demand is forecast, and what it costs to be wrong: the parameters of `demand`."""

from __future__ import annotations

from pydantic import Field

from vitalfew.domain.basket_exclusions import Exclusions
from vitalfew.domain.product_levels import Hierarchy

LONGEST = 520
"""Weeks: ten years."""


class DemandParams(Exclusions):
    """The horizon, the history, the back-test, the intervals, and the costs of a piece too few and one too many."""

    horizon_weeks: int = Field(default=4, ge=1, le=26, description="Forecast this many weeks ahead.")
    history_weeks: int = Field(
        default=156,
        ge=8,
        le=LONGEST,
        description="Use the sales of this many weeks. From 104 weeks on, the same week a year ago is tried too.",
    )
    active_weeks: int = Field(
        default=26, ge=1, le=LONGEST, description="A product without a sale in this many weeks gets no forecast."
    )
    backtest_origins: int = Field(
        default=8,
        ge=2,
        le=52,
        description="Forecast from this many past days as well, horizon_weeks apart, and compare with what came.",
    )
    min_history_weeks: int = Field(
        default=13, ge=4, le=LONGEST, description="Weeks of history before the first of these days, at least."
    )
    min_forecasts: int = Field(
        default=100,
        ge=1,
        description="Choose a method for a class of products only if this many past forecasts of it can be checked.",
    )
    min_improvement: float = Field(
        default=0.005,
        ge=0,
        lt=1,
        description="A method replaces the mean of 13 weeks only if its RMSSE is lower by at least this share.",
    )
    confidence: float = Field(
        default=0.8, gt=0, lt=1, description="How often the interval of a forecast is to hold what comes."
    )
    category_level: Hierarchy = Field(
        default="category", description="The column of products whose groups get a forecast too."
    )
    margin_share: float = Field(
        default=0.3,
        gt=0,
        lt=1,
        description="Margin as a share of the price, where order lines tell no cost. A missing unit costs it.",
    )
    holding_share: float = Field(
        default=0.25,
        gt=0,
        description="Cost of holding a unit for a year, as a share of what it cost: capital, space, loss. Assumed.",
    )
    review_days: int = Field(default=28, ge=1, le=366, description="Days from one order to the next.")
    lead_time_days: int = Field(
        default=7, ge=0, le=366, description="Days from an order to its delivery, where stock does not tell them."
    )
