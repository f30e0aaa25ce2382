"""When somebody is to be alerted: the parameters of `alerts`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from vitalfew.domain.burst_params import BurstParams
from vitalfew.domain.overdue_params import OverdueParams
from vitalfew.domain.refit_params import RefitParams
from vitalfew.domain.silence_params import SilenceParams
from vitalfew.domain.super_customers import SuperParams


class AlertParams(OverdueParams, SilenceParams, SuperParams, RefitParams, BurstParams):
    """Limits of silence, and how much of a change is more than chance."""

    presentation: ClassVar[frozenset[str]] = frozenset({"worklist"})

    back_days: int = Field(default=28, ge=1, description="Report customers who returned within this many days.")
    p_alive_fall: float = Field(
        default=0.2,
        gt=0,
        lt=1,
        description="Leaving: another order is less probable than p_alive_limit, and less by this than before.",
    )
    overdue_spreads: float = Field(
        default=3.0,
        gt=0,
        le=100,
        description="Strict rule of overdue, taken where the plain one has no lift: silent for longer than this many "
        "standard deviations of the logarithms of the customer's own gaps.",
    )
    rising_weeks: int = Field(default=12, ge=1, description="Weeks whose orders are compared with those before.")
    rising_factor: float = Field(default=1.5, gt=1, description="Orders come at least this many times as often.")
    min_weeks: int = Field(default=12, ge=1, description="Weeks there must be before, to compare with.")
    drop_days: int = Field(default=42, ge=1, description="Days whose orders are compared with those before.")
    drop_ratio: float = Field(
        default=0.5, gt=0, lt=1, description="A typical order is worth at most this share of what it was."
    )
    drop_z: float = Field(default=3.0, gt=0, description="Standard errors by which it has to be lower.")
    drop_orders: int = Field(default=3, ge=2, description="Orders there must be in the days compared.")
    drop_orders_before: int = Field(default=8, ge=2, description="Orders there must be before.")
    burst_events: int = Field(default=5, ge=1, description="Fewer are no burst.")
    burst_factor: float = Field(default=3.0, gt=1, description="Times the product's own rate before, at least.")
    worklist: int = Field(
        default=300,
        ge=1,
        le=10_000,
        description="Customers and products that are ranked: what a team can work through.",
    )
    significance: float = Field(default=0.05, gt=0, lt=1, description="Of the false discovery rate, for each kind.")
    evaluation_days: int = Field(
        default=30, ge=1, le=365, description="Each kind is tested by what customers did in this many days afterwards."
    )
    evaluation_origins: int = Field(
        default=6, ge=1, le=24, description="Earlier days to test on, at most; evaluation_days apart."
    )
    evaluation_customers: int = Field(
        default=10_000, ge=100, le=200_000, description="Customers to test on, at most; drawn by hash."
    )
    least_lift: float = Field(
        default=0.05,
        gt=0,
        lt=1,
        description="A kind is not raised if those whom it names do what it says more often than others by less than "
        "this share, beyond chance.",
    )
