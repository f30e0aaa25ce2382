"""By what customers are described, in what groups may differ, and which differences are published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from vitalfew.algorithms.subgroups.descriptions import how_many_sets
from vitalfew.params import Params

ProfileName = Literal[
    "favourite_channel",
    "company_size",
    "line_of_business",
    "legal_form",
    "household_size",
    "children",
    "household",
    "income_band",
    "age_band",
    "gender",
    "marital_status",
    "home_ownership",
    "occupation",
    "region",
    "is_member",
]
PROFILE: tuple[ProfileName, ...] = (
    "favourite_channel",
    "company_size",
    "line_of_business",
    "legal_form",
    "household_size",
    "children",
    "household",
    "income_band",
    "age_band",
    "gender",
    "marital_status",
    "home_ownership",
    "occupation",
    "region",
    "is_member",
)
Attribute = Literal["segment", "cluster", "status", "rhythm", "tenure", "stage"] | ProfileName
ATTRIBUTES: tuple[Attribute, ...] = (
    "segment",
    "cluster",
    "status",
    "rhythm",
    "tenure",
    "stage",
    *PROFILE,
)
TargetName = Literal[
    "spend", "average_order_value", "return_probability", "gap_days", "discount_share", "expected_value"
]
TARGETS: tuple[TargetName, ...] = (
    "spend",
    "average_order_value",
    "return_probability",
    "gap_days",
    "discount_share",
)
BY_TIMES: tuple[Attribute, ...] = ("segment", "cluster", "status", "rhythm", "tenure")
"""What follows from when and how often customers bought."""
CIRCULAR: Mapping[TargetName, tuple[Attribute, ...]] = {
    "spend": BY_TIMES,
    "expected_value": BY_TIMES,
    "return_probability": BY_TIMES,
    "gap_days": BY_TIMES,
    "average_order_value": ("segment", "cluster"),
    "discount_share": (),
}
"""By target, the attributes that are made of the same figures: groups by these differ by construction.

The price type of customer360 is of none: it is a rule about promotions and prices, which holds more often of few
purchases, or of many, so that it would differ in every figure.
"""
HABITS: tuple[Attribute, ...] = ("cluster", "status", "rhythm", "tenure", "favourite_channel")
"""What is not known of customers who bought too little, or without a channel: to be one of these makes no group."""


class MicroSegmentsParams(Params):
    """What is looked at, how small a group may be, and how sure a difference must be."""

    targets: tuple[TargetName, ...] = Field(
        default=TARGETS,
        strict=False,
        description="In what groups may differ: spend, average_order_value, return_probability, gap_days, "
        "discount_share, expected_value.",
    )
    attributes: tuple[Attribute, ...] = Field(
        default=ATTRIBUTES,
        strict=False,
        description="By what customers are described; an attribute that no table has is left out.",
    )
    depth: int = Field(default=2, ge=1, le=3, description="A group has this many conditions at most.")
    max_sets: int = Field(
        default=400, ge=1, le=2000, description="Sets of attributes that are looked at, at most; more are refused."
    )
    min_customers: int = Field(
        default=50,
        ge=10,
        description="Customers of a group, of the rest, and of what is left of a larger group, at least.",
    )
    max_share: float = Field(
        default=0.5, gt=0, le=1, description="A group of more than this share of the customers is not small."
    )
    max_values: int = Field(
        default=20, ge=2, le=200, description="Most frequent values of an attribute; the others make no group."
    )
    bands: int = Field(default=4, ge=2, le=10, description="Rhythm and tenure are cut into this many equal parts.")
    significance: float = Field(
        default=0.05, gt=0, lt=0.5, description="Share of chance among the groups found, and among those confirmed."
    )
    least_effect: float = Field(
        default=0.2,
        ge=0,
        le=5,
        description="A difference matters from this many standard deviations on; of a share, from one point on too.",
    )
    overlap: float = Field(
        default=0.8, gt=0, le=1, description="Of groups that share more of their customers than this, one is listed."
    )
    top: int = Field(default=10, ge=1, le=200, description="Groups of one target, at most.")
    cap_percentile: float = Field(
        default=0.99,
        gt=0.5,
        le=1,
        description="Amounts and gaps beyond those of this share of customers count as much, so that nobody makes a "
        "group alone.",
    )
    horizon_days: int = Field(
        default=90, ge=1, le=3650, description="Horizon of expected_value, one that next_purchase publishes."
    )

    @model_validator(mode="after")
    def hold_together(self) -> MicroSegmentsParams:
        """Refuse what contradicts itself, all at once."""
        problems = []
        for name, values in (("targets", self.targets), ("attributes", self.attributes)):
            if not values:
                problems.append(f"{name} is empty: name at least one")
            if len({*values}) < len(values):
                problems.append(f"{name} names one thing twice")
        sets = how_many_sets(len(self.attributes), self.depth)
        if sets > self.max_sets:
            problems.append(
                f"{len(self.attributes)} attributes to a depth of {self.depth} make {sets} sets, and max_sets is "
                f"{self.max_sets}: name fewer in attributes, lower depth, or raise max_sets"
            )
        if problems:
            raise ValueError("; ".join(problems))
        return self
