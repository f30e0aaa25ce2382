"""What counts as value and by what it is split: the parameters of `contribution`."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from vitalfew.domain.super_customers import SuperParams
from vitalfew.domain.vital_few_params import VitalFewParams
from vitalfew.errors import hint
from vitalfew.tables import Table
from vitalfew.tables.facts import CUSTOMER_PROFILE
from vitalfew.tables.sources import PRODUCTS

CHANNEL = "channel"


class ContributionParams(SuperParams, VitalFewParams):
    """What counts as value, who is ranked by it, and by what it is split."""

    presentation: ClassVar[frozenset[str]] = frozenset(
        {"top_share", "target_share", "customer_dimensions", "product_dimensions", "resamples", "confidence", "seed"}
    )

    value: Literal["net_amount", "margin"] = Field(
        default="net_amount", description="Net spend, or margin: net spend less the cost of the goods (customers only)."
    )
    subjects: tuple[Literal["customer", "product"], ...] = Field(
        default=("customer", "product"), min_length=1, description="Who is ranked: customers, products, or both."
    )
    window_days: int | None = Field(
        default=None, ge=1, description="Look back this many days from as_of; null looks at everything before it."
    )
    class_a_share: float = Field(
        default=0.8,
        gt=0,
        lt=1,
        description="Class A: the first to hold this share of the value; who crosses it is in it.",
    )
    class_b_share: float = Field(default=0.95, gt=0, lt=1, description="Class B: who comes next, up to this share.")
    customer_dimensions: tuple[str, ...] = Field(
        default=("is_member",),
        description="Split the customers by these columns of customer_profile, or their orders by channel. "
        "A dimension of which nothing is known is left out.",
    )
    product_dimensions: tuple[str, ...] = Field(
        default=("department",), description="Split the products by these columns of products."
    )
    resamples: int = Field(
        default=200, ge=0, le=10_000, description="Bootstrap samples behind each interval; 0 for no intervals."
    )
    confidence: float = Field(
        default=0.95, gt=0, lt=1, description="How often an interval should hold the true figure."
    )
    seed: int = Field(default=1, ge=0, description="Seed of the bootstrap.")

    @model_validator(mode="after")
    def hold_together(self) -> ContributionParams:
        """Refuse values that contradict each other, all at once."""
        problems = [
            *dimension_problems("customer_dimensions", self.customer_dimensions, CUSTOMER_PROFILE, (CHANNEL,)),
            *dimension_problems("product_dimensions", self.product_dimensions, PRODUCTS, ()),
        ]
        if len({*self.subjects}) < len(self.subjects):
            problems.append("subjects names one twice")
        if self.value == "margin" and "product" in self.subjects:
            problems.append("value: margin is known of orders, not of products; set subjects: [customer]")
        if self.class_a_share >= self.class_b_share:
            problems.append(
                f"class_a_share ({self.class_a_share}) must be smaller than class_b_share ({self.class_b_share})"
            )
        if problems:
            raise ValueError("; ".join(problems))
        return self


def dimension_problems(setting: str, dimensions: tuple[str, ...], table: Table, also: tuple[str, ...]) -> list[str]:
    """Dimensions that cannot split: not text nor yes/no, or not there at all, or named twice."""
    splits = [c.name for c in table.declared if c.type in ("string", "boolean") and c.name not in table.key]
    known = [*splits, *also]
    problems = [
        f"{setting}: {name} is not something to split by; {hint(name, known)}"
        for name in dimensions
        if name not in known
    ]
    if len({*dimensions}) < len(dimensions):
        problems.append(f"{setting} names one twice")
    return problems
