"""Which events are texts, what is new among them, and what stands out: the parameters of `voice`."""

from __future__ import annotations

from pydantic import Field, model_validator

from vitalfew.domain.burst_params import BurstParams, Kinds


class VoiceParams(BurstParams):
    """Texts, themes, ratings, rising themes, and sources."""

    text_kinds: Kinds = Field(
        default=("review", "complaint", "support", "social", "search"),
        description="Kinds of events whose detail is a text of a customer.",
    )
    window_weeks: int = Field(default=52, ge=8, le=520, description="Texts of this many weeks before as_of are read.")
    recent_weeks: int = Field(
        default=4, ge=1, le=52, description="A theme rises in the last weeks, this many, held against the weeks before."
    )
    min_weeks: int = Field(
        default=8, ge=2, description="Weeks with texts that there must be before, to say what rises."
    )
    rising_texts: int = Field(
        default=5,
        ge=2,
        description="Recent texts, and different customers who wrote them, that a rising theme has at least.",
    )
    rising_factor: float = Field(
        default=1.5, gt=1, description="A rising theme comes at least this many times as often as before."
    )
    significance: float = Field(
        default=0.05, gt=0, lt=1, description="Of the false discovery rate: of rising themes, of moods, of sources."
    )
    min_people: int = Field(
        default=5, ge=2, description="What fewer different customers said is in no table; all unknown ones are one."
    )
    most_themes: int = Field(
        default=2000,
        ge=10,
        le=50_000,
        description="Themes that are kept: those of most texts, and as many that come more often than before.",
    )
    learning_texts: int = Field(
        default=50_000, ge=1000, le=1_000_000, description="Words and phrases are learnt from this many texts, by hash."
    )
    min_rated: int = Field(
        default=50, ge=10, description="Texts with a bad rating, and with another, that the mood of themes needs."
    )
    prior_words: float = Field(
        default=1000.0, gt=0, le=1e9, description="Weight of the prior of moods, in words: the more, the more cautious."
    )
    most_subjects: int = Field(
        default=20, ge=1, le=50, description="Bursts, and half as many rising themes, whose source is looked for."
    )
    source_factor: float = Field(
        default=1.5, gt=1, description="What stands out has at least this many times the share that it has elsewhere."
    )

    @model_validator(mode="after")
    def hold_together(self) -> VoiceParams:
        """Refuse weeks that leave nothing to compare with, and kinds without a name, all at once."""
        problems = []
        if self.recent_weeks + self.min_weeks > self.window_weeks:
            problems.append("recent_weeks and min_weeks together are more than window_weeks")
        if not all(kind.strip() for kind in self.text_kinds):
            problems.append("a kind of events in text_kinds has no name")
        if problems:
            raise ValueError("; ".join(problems))
        return self
