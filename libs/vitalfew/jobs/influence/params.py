"""What a tie is, what is passed on, and when it is influence: the parameters of `influence`."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from pydantic import Field, model_validator

from vitalfew.errors import hint
from vitalfew.params import Params
from vitalfew.tables.sources import CUSTOMERS
from vitalfew.white_space import trimmed

SHARED = tuple(c.name for c in CUSTOMERS.declared if c.type in ("string", "date") and c.name not in CUSTOMERS.key)


class InfluenceParams(Params):
    """Ties, what is passed on, the test of influence, and the score."""

    presentation: ClassVar[frozenset[str]] = frozenset({"active_days"})

    tie_contacts: tuple[str, ...] = Field(
        default=("address",),
        description="Kinds of contacts: customers with the same contact of such a kind are tied, whatever its case.",
    )
    tie_columns: tuple[str, ...] = Field(
        default=(),
        description="Columns of customers: customers who have all of them alike are tied; none: no such tie.",
    )
    max_tie_group: int = Field(
        default=20, ge=2, le=200, description="What more customers than this share ties none of them, and is counted."
    )
    passed_share: float = Field(
        default=0.2,
        ge=0,
        le=0.5,
        description="Share of what a customer has, their own value and what was passed to them, that is passed on to "
        "who brought them. In whole hundredths of a percent.",
    )
    check_days: int = Field(
        default=180,
        ge=2,
        le=3650,
        description="Whether it is influence is tested on products that customers first bought in these days before "
        "as_of, of customers who had ordered before: so nobody was tied to a customer who was not there yet.",
    )
    follow_days: int = Field(
        default=14,
        ge=1,
        le=365,
        description="Soon after: this many days later, at the most; the same day counts as at the same time.",
    )
    min_expected: float = Field(
        default=10.0, gt=0, description="With fewer purchases soon after each other by chance, nobody can tell."
    )
    min_z: float = Field(
        default=3.0,
        gt=0,
        description="Influence: at least this many standard deviations above what chance gives.",
    )
    damping: float = Field(
        default=0.85,
        gt=0,
        le=0.98,
        description="Share of its score that a customer gives to those who moved them. Nearer to 1, scores take too "
        "long to settle.",
    )
    active_days: int = Field(
        default=180, ge=1, le=3650, description="Who ordered within this many days is active: what to do next differs."
    )

    @model_validator(mode="after")
    def hold_together(self) -> InfluenceParams:
        """Refuse columns that are none, are named twice or are no tie, all at once."""
        problems = [
            f"tie_columns: {name} is not something to share; {hint(name, SHARED)}"
            for name in self.tie_columns
            if name not in SHARED
        ]
        if len({*self.tie_columns}) < len(self.tie_columns):
            problems.append("tie_columns names one twice")
        kinds = [trimmed(kind).lower() for kind in self.tie_contacts]
        if not all(kinds):
            problems.append("tie_contacts has an empty name")
        if len({*kinds}) < len(kinds):
            problems.append("tie_contacts names one twice")
        if abs(float(self.exact_share) - self.passed_share) > 1e-9:
            problems.append("passed_share has more than four decimals")
        if 2 * self.follow_days >= self.check_days:
            problems.append(
                "follow_days must be below half of check_days: what comes later shows how alike rhythms are"
            )
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def exact_share(self) -> Decimal:
        """`passed_share` in whole ten thousandths."""
        return Decimal(str(self.passed_share)).quantize(Decimal("0.0001"))
