"""What complains, what rates, and which rating is bad: what jobs that read events of dissatisfaction have in common."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from vitalfew.params import Params

Kinds = Annotated[tuple[str, ...], Field(strict=False)]


class BurstParams(Params):
    """Signals of dissatisfaction; where two jobs differ, one looks for the source of what the other never saw."""

    complaint_kinds: Kinds = Field(default=("support", "complaint"), description="Kinds of events that complain.")
    rating_kinds: Kinds = Field(default=("review",), description="Kinds of events whose value is a rating.")
    bad_rating: float = Field(default=2.0, description="A rating up to this is bad: more stars are better.")
    burst_days: int = Field(
        default=7, ge=1, le=90, description="A burst: days whose complaints, returns and bad ratings are looked at."
    )

    @model_validator(mode="after")
    def named(self) -> Self:
        """Refuse kinds of events without a name."""
        if not all(kind.strip() for kind in (*self.complaint_kinds, *self.rating_kinds)):
            raise ValueError("a kind of events in complaint_kinds or rating_kinds has no name")
        return self
