"""Who is a prospect, how the probability of a first order is found, and what is worth an effort: the parameters."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from vitalfew.domain.basket_exclusions import Exclusions
from vitalfew.domain.product_levels import Hierarchy, Texts
from vitalfew.white_space import trimmed

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
]
ATTRIBUTES: tuple[AttributeName, ...] = (
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
)


class ProspectsParams(Exclusions):
    """Prospects, the past by which they are scored, the best customers, and what an effort costs."""

    memory_days: int = Field(
        default=180,
        ge=30,
        le=730,
        description="A prospect did something in this many days before as_of and never ordered; older behaviour does "
        "not count.",
    )
    spacing_days: int = Field(
        default=30,
        ge=7,
        le=90,
        description="The past is cut into periods of this many days; in each, everybody without an order is looked at "
        "on a day of their own, drawn by hash.",
    )
    periods: int = Field(default=12, ge=4, le=36, description="Periods before as_of that are looked at.")
    test_periods: int = Field(
        default=3,
        ge=1,
        le=12,
        description="The last of them whose outcome is known: these test what earlier ones teach.",
    )
    ignored_kinds: Texts = Field(
        default=("campaign", "coupon", "order", "purchase", "refund", "return"),
        description="Kinds of events that are no sign of interest: what people were sent, and what tells of an order.",
    )
    attributes: tuple[AttributeName, ...] = Field(
        default=ATTRIBUTES,
        strict=False,
        description="Columns of customers that may say who becomes a customer, and who becomes a good one.",
    )
    max_values: int = Field(
        default=30, ge=2, le=200, description="Most frequent values of an attribute; others say nothing."
    )
    max_daily_events: int = Field(
        default=1000, ge=10, description="Who ever had more events on one day is no person, is left out and counted."
    )
    sample_people: int = Field(
        default=40_000,
        ge=1000,
        le=200_000,
        description="What prospects did is learnt from this many people, and who became a good customer from as many "
        "customers, drawn by hash.",
    )
    min_conversions: int = Field(
        default=30,
        ge=10,
        description="With fewer first orders to learn from, or to test with, behaviour is not believed.",
    )
    significance: float = Field(
        default=0.05, gt=0, lt=0.5, description="Behaviour is believed where chance beats it less often than this."
    )
    best_share: float = Field(
        default=0.2,
        gt=0,
        le=0.5,
        description="The best customers: this share, by what they brought after their first order.",
    )
    value_days: int = Field(
        default=365,
        ge=30,
        le=1095,
        description="What a customer brought in this many days from the first order on. Where too few are known for as "
        "long, 180, 90 or 30.",
    )
    min_customers: int = Field(
        default=100, ge=20, description="With fewer customers known for as long, nothing is said of their value."
    )
    min_people: int = Field(
        default=20, ge=5, description="Customers with a value of a trait, at least, to speak of it."
    )
    level: Hierarchy = Field(default="category", description="How products are grouped.")
    half_life_days: float = Field(
        default=14.0, gt=0, le=365, description="The age at which what was looked for counts half."
    )
    margin: float = Field(
        default=0.3, gt=0, le=1, description="Share of an order that is left when its goods are paid for."
    )
    assumed_gain: float = Field(
        default=0.1,
        gt=0,
        le=1,
        description="By which share of itself an effort raises the probability of a first order: an assumption, until "
        "uplift has measured it.",
    )
    contact_cost: float = Field(default=4.0, ge=0, description="Money for one personal contact.")
    nurture_cost: float = Field(default=0.05, ge=0, description="Money for staying in touch by automatic messages.")

    @model_validator(mode="after")
    def hold_together(self) -> ProspectsParams:
        """Refuse what contradicts itself, all at once."""
        problems = []
        if len({*self.attributes}) < len(self.attributes):
            problems.append("attributes names one twice")
        kinds = [trimmed(kind).lower() for kind in self.ignored_kinds]
        if not all(kinds):
            problems.append("ignored_kinds has an empty name")
        if len({*kinds}) < len(kinds):
            problems.append("ignored_kinds names one twice")
        if self.test_periods >= self.periods:
            problems.append("test_periods must be below periods: the others are learnt from")
        if self.nurture_cost > self.contact_cost:
            problems.append("nurture_cost is above contact_cost: set it to at most as much")
        if problems:
            raise ValueError("; ".join(problems))
        return self
