"""Which silence counts: its steps, when a customer has churned or lapsed, and when nobody speaks of them any more."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from vitalfew.params import Params


class SilenceParams(Params):
    """Limits of silence that are the same for every customer, in days since the last order."""

    silent_days: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(strict=False, min_length=1)] = Field(
        default=(30, 60, 90, 120), description="Steps of silence, in days since the last order."
    )
    churned_days: int = Field(default=180, ge=2, description="Churned: silent for this many days.")
    forgotten_days: int = Field(
        default=365, ge=3, description="Forgotten: after this many days of silence a churned customer is no alert."
    )
    lapsed_days: int = Field(
        default=120,
        ge=1,
        description="Lapsed: a super customer who was silent for this many days before they returned.",
    )

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """Refuse steps that do not rise."""
        steps = [*self.silent_days, self.churned_days, self.forgotten_days]
        if steps != sorted({*steps}):
            raise ValueError(f"silent_days, churned_days and forgotten_days must rise from step to step; found {steps}")
        return self
