"""How an action is measured: the parameters of `uplift`."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from vitalfew.errors import hint
from vitalfew.params import Params
from vitalfew.tables.sources import CUSTOMERS
from vitalfew.white_space import trimmed

HISTORY = "history"
SPLITS = tuple(c.name for c in CUSTOMERS.declared if c.type in ("string", "boolean") and c.name not in CUSTOMERS.key)


class UpliftParams(Params):
    """The windows, the control arm, by what the customers are split, and when a difference is one."""

    presentation: ClassVar[frozenset[str]] = frozenset({"power", "relevant_lift"})

    horizon_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        description="Orders of this many days count, from the moment of assignment on. Customers whose days are not "
        "all over count nowhere yet.",
    )
    before_days: int = Field(
        default=90,
        ge=1,
        le=3650,
        description="Days before the assignment whose orders serve as covariate, and tell active customers from "
        "lapsed ones.",
    )
    control_arms: tuple[str, ...] = Field(
        default=("control", "holdout"),
        min_length=1,
        description="How the arm is called that gets nothing, whatever its case; several are taken together.",
    )
    arm_shares: dict[str, dict[str, Annotated[float, Field(gt=0)]]] = Field(
        default_factory=dict,
        description="By action or campaign, the planned share of each arm (the control arm as control); only ratios "
        "count. What is said of a campaign goes first. Arms of other actions were to be of one size.",
    )
    dimensions: tuple[str, ...] = Field(
        default=(HISTORY,),
        description="Split the customers by these: history (orders before the assignment), or columns of customers "
        "that the action cannot change.",
    )
    min_customers: int = Field(
        default=50, ge=2, description="With fewer customers in one of two arms nothing is said of their difference."
    )
    confidence: float = Field(default=0.95, gt=0, lt=1, description="How often an interval holds the true difference.")
    significance: float = Field(
        default=0.05, gt=0, lt=1, description="An action worked, or did harm, if its q value is at most this."
    )
    ratio_significance: float = Field(
        default=0.001, gt=0, lt=1, description="Sizes of arms are off if their p value is below this: no verdict then."
    )
    min_narrowing: float = Field(
        default=0.02,
        ge=0,
        lt=1,
        description="The covariate is used only where it makes an interval narrower by more than this share.",
    )
    power: float = Field(
        default=0.8, gt=0.5, lt=1, description="How often a difference is to be found, for the customers needed."
    )
    relevant_lift: float | None = Field(
        default=None,
        gt=0,
        description="Least change worth finding, as a share of the mean of the control arm, for the customers needed; "
        "null: the difference that was seen.",
    )

    @model_validator(mode="after")
    def hold_together(self) -> UpliftParams:
        """Refuse dimensions that are none or are named twice, all at once."""
        known = (HISTORY, *SPLITS)
        problems = [
            f"dimensions: {name} is not something to split by; {hint(name, known)}"
            for name in self.dimensions
            if name not in known
        ]
        if len({*self.dimensions}) < len(self.dimensions):
            problems.append("dimensions names one twice")
        if any(not trimmed(name) for name in self.control_arms):
            problems.append("control_arms has an empty name")
        if problems:
            raise ValueError("; ".join(problems))
        return self
