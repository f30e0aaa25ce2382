"""Who is like whom, what like customers could spend, and who spends most of it elsewhere: the parameters."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from vitalfew.domain.basket_exclusions import Exclusions
from vitalfew.domain.product_levels import Hierarchy

AttributeName = Literal[
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
TENURE, CHANNEL = "tenure", "favourite_channel"
Likeness = AttributeName | Literal["tenure", "favourite_channel"]
LIKENESS: tuple[Likeness, ...] = (
    "company_size",
    "line_of_business",
    "legal_form",
    "household_size",
    "children",
    "household",
    "income_band",
    "age_band",
    "marital_status",
    "home_ownership",
    "occupation",
    "region",
    "tenure",
)


class ShareOfWalletParams(Exclusions):
    """The window, the likeness, the quantile, and what makes a customer a large one of somebody else's."""

    window_days: int = Field(
        default=365, ge=30, le=3650, description="Spend of this many days before as_of, brought to a year."
    )
    min_tenure_days: int = Field(
        default=180,
        ge=1,
        le=3650,
        description="Nothing is estimated for customers whose first order is nearer than this: too little time.",
    )
    level: Hierarchy = Field(default="category", description="By what products are grouped.")
    max_categories: int = Field(
        default=50, ge=1, le=200, description="Categories with the most buyers that are looked at; the total has all."
    )
    likeness: tuple[Likeness, ...] = Field(
        default=LIKENESS,
        strict=False,
        description="By what customers are like each other: columns of customers, tenure (years since joined_on), "
        "favourite_channel. Nothing that follows from what they spend here.",
    )
    quantile: float = Field(
        default=0.8, ge=0.5, le=0.99, description="The potential is what this share of like customers do not exceed."
    )
    max_groups: int = Field(default=16, ge=1, le=64, description="Groups of like customers, at most.")
    min_customers: int = Field(default=60, ge=10, description="Customers of a group when groups are made, at least.")
    max_values: int = Field(
        default=30, ge=2, le=200, description="Most frequent values of an attribute; others are one."
    )
    sample_customers: int = Field(
        default=50_000, ge=100, le=500_000, description="Groups are made from this many customers, drawn by hash."
    )
    significance: float = Field(
        default=0.05,
        gt=0,
        lt=0.5,
        description="Likeness is used where chance makes it beat one estimate for everybody less often than this.",
    )
    max_share: float = Field(default=0.33, gt=0, lt=1, description="The list: share of wallet of at most this.")
    least_above: float = Field(
        default=0.75, ge=0, lt=1, description="The list: at least this share of like customers spends more."
    )
    least_potential: float = Field(
        default=1.0,
        ge=0,
        description="The list: potential of at least this many times that of the customer in the middle.",
    )
    least_expected_orders: float = Field(
        default=4.0,
        ge=0,
        description="The list: like customers order so often in the same time, by their median. With less, little "
        "spend is chance.",
    )
    least_signs: int = Field(
        default=1, ge=0, le=3, description="The list: signs of spending elsewhere (seldom, missing, falling), at least."
    )
    usual_share: float = Field(
        default=0.5, gt=0, lt=1, description="Categories that this share of like customers buy are usual ones."
    )
    fall: float = Field(
        default=0.5,
        gt=0,
        lt=1,
        description="Falling: the second half of the window brought at most this share of the first, measured by how "
        "all customers changed.",
    )
    max_reported: int = Field(default=3, ge=1, le=20, description="Categories with a gap of one customer, at most.")

    @model_validator(mode="after")
    def hold_together(self) -> ShareOfWalletParams:
        """Refuse what contradicts itself, all at once."""
        problems = []
        if len({*self.likeness}) < len(self.likeness):
            problems.append("likeness names one thing twice")
        if not self.likeness:
            problems.append("likeness is empty: name at least one thing by which customers are alike")
        if self.sample_customers < 2 * self.min_customers:
            problems.append("sample_customers must be at least twice min_customers: one group is parted into two")
        if self.min_tenure_days > self.window_days:
            problems.append("min_tenure_days is longer than window_days: make it at most as long")
        if problems:
            raise ValueError("; ".join(problems))
        return self
