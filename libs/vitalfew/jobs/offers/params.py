"""Which situations are answered, by which offers, and when none is made: the parameters of `offers`."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field, model_validator

from vitalfew.errors import hint
from vitalfew.jobs.offers.tables import KindName, OfferName
from vitalfew.params import Params
from vitalfew.tables.sources import CUSTOMERS
from vitalfew.white_space import trimmed

ATTRIBUTES = tuple(name for name in CUSTOMERS.columns if CUSTOMERS.type_of(name) in ("string", "boolean"))[1:]
"""Columns of customers by which a rule may choose; customer_id is none."""
MOST_WATCHED = 600
"""Minutes: while it watches, `forget` and `expire` do not begin, which are to do so each day."""


class Rule(Params):
    """What is offered, and to whom: all conditions of it must hold."""

    offer: OfferName = Field(description="What is offered.")
    channel: str = Field(min_length=1, description="By which channel, as consents calls it.")
    value: float | None = Field(default=None, ge=0, le=1e9, description="Money that the offer is worth.")
    segments: tuple[str, ...] = Field(default=(), description="Segments of rfm; empty: whoever it is.")
    attributes: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="By column of customers, the values that count, whatever their case: is_member: ['true'].",
    )
    from_step: int = Field(default=1, ge=1, description="From this step on.")
    until_step: int | None = Field(default=None, ge=1, description="Up to this step; null: no end.")

    def problems(self) -> Iterator[str]:
        """What is wrong with it, each in a sentence."""
        if self.until_step is not None and self.until_step < self.from_step:
            yield "until_step is before from_step, so it never holds"
        for name, values in self.attributes.items():
            if name not in ATTRIBUTES:
                yield f"attributes: there is no such column {name!r} of customers; {hint(name, ATTRIBUTES)}"
            if not values:
                yield f"attributes.{name} names no value, so it never holds"
        if not trimmed(self.channel):
            yield "channel is empty"


class Situation(Params):
    """One kind of situation: how long a step is, and the rules, of which the first that holds counts."""

    step_minutes: float = Field(
        ge=1, le=100_000, description="Minutes of a step: one more is reached each time that they are lost."
    )
    most_steps: int = Field(default=8, ge=1, le=100, description="No more steps than these, however long it takes.")
    most_minutes: float = Field(
        default=10_080, ge=1, description="Rows that say more minutes than this are refused as a mistake."
    )
    around_the_clock: bool = Field(default=False, description="Whether it goes out in the quiet hours too.")
    rules: tuple[Rule, ...] = Field(min_length=1, description="In order: the first whose conditions hold counts.")


class OffersParams(Params):
    """Kinds of situations with their rules, whose consent counts, caps, and how long a run watches."""

    kinds: dict[KindName, Situation] = Field(
        default_factory=dict, description="By kind: flight_delay, train_delay, late_delivery, outage or long_wait."
    )
    consent_purpose: str = Field(default="marketing", min_length=1, description="Purpose in consents that counts.")
    granted_states: tuple[str, ...] = Field(
        default=("granted",), min_length=1, description="States in consents that allow an offer, whatever their case."
    )
    assume_consent: bool = Field(
        default=False,
        description="Where there is no table consents: take it that everybody has consented. You answer for that.",
    )
    contact_cap: int = Field(
        default=4, ge=0, description="No offer beyond this many contacts with one customer in contact_cap_days."
    )
    contact_cap_days: int = Field(
        default=30,
        ge=1,
        le=3650,
        description="Days in which offers made, and treatments that reached the customer, count.",
    )
    most_hours: int = Field(
        default=48, ge=1, le=100_000, description="No offer for what was said longer ago than this: it comes too late."
    )
    quiet_from: int = Field(default=21, ge=1, le=24, description="Nothing is sent from this hour on …")
    quiet_until: int = Field(default=8, ge=0, le=23, description="… until this one, but for what is around_the_clock.")
    reread: bool = Field(
        default=False, description="Read all of situations again; no step that has a row is offered again."
    )
    watch_minutes: float = Field(
        default=0,
        ge=0,
        le=MOST_WATCHED,
        description="Minutes for which to go on watching; 0: answer what is new, and end.",
    )
    poll_seconds: float = Field(
        default=1, ge=0.1, le=3600, description="While it watches, seconds between two looks for new rows."
    )

    @model_validator(mode="after")
    def hold_together(self) -> OffersParams:
        """All that is wrong, at once."""
        problems = [
            f"kinds.{name}.rules, number {i}: {why}"
            for name, kind in self.kinds.items()
            for i, rule in enumerate(kind.rules, 1)
            for why in rule.problems()
        ]
        if self.quiet_until >= self.quiet_from:
            problems.append("quiet_until must be before quiet_from: offers go out between the two")
        if problems:
            raise ValueError("; ".join(problems))
        return self
