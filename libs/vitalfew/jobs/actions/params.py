"""How the plan is made: the parameters of `actions`."""

from __future__ import annotations

from typing import ClassVar, Literal, get_args

from pydantic import Field, model_validator

from vitalfew.errors import hint
from vitalfew.jobs.alerts.tables import ALERTS
from vitalfew.params import Params
from vitalfew.white_space import trimmed

ActionName = Literal[
    "win_back",
    "first_order",
    "second_order",
    "restock",
    "next_product",
    "next_stage",
    "win_share",
    "refer",
    "call",
    "review",
]
ACTIONS: tuple[ActionName, ...] = get_args(ActionName)
ALERT_KINDS = ALERTS.values["kind"]
Horizon = Literal[30, 90, 365]


class Channel(Params):
    """What a contact by this channel costs, and how many there can be."""

    cost: float = Field(ge=0, le=1e6, description="Money for one contact.")
    capacity: int | None = Field(
        default=None, ge=0, le=10**9, description="Contacts in the period, at most; null: no limit."
    )


class Action(Params):
    """What is assumed of an action before it is tried, what it costs beside the contact, and how it may be sent."""

    uplift: float = Field(
        ge=0,
        lt=1,
        description="Assumed: by how much it raises the probability that a customer orders within "
        "horizon_days (review: that a review is written; refer: that a customer is brought; with worth: gap, the share "
        "of the gap that comes here).",
    )
    channel_uplift: dict[str, float] = Field(
        default_factory=dict, description="By channel, the same where it is another one there."
    )
    channels: tuple[str, ...] = Field(min_length=1, description="By which channels it may be sent.")
    offer: float = Field(
        default=0.0,
        ge=0,
        le=1e6,
        description="Money off the next order: it is paid to those too who would have ordered anyway.",
    )
    capacity: int | None = Field(
        default=None, ge=0, le=10**9, description="Customers in the period, at most; null: no limit."
    )
    worth: Literal["order", "year", "gap"] = Field(
        default="order",
        description="What a return brings: one order, or all that the customer would bring within the longest horizon "
        "of next_purchase; or (win_share) what the upper end of like customers spends more in a year, until it is "
        "measured: then an order.",
    )
    value: float | None = Field(
        default=None,
        ge=0,
        le=1e6,
        description="Money that one success brings, instead of worth: of a review, or of a customer who is brought.",
    )
    measured_as: tuple[str, ...] = Field(
        default=(), description="How the action is called in treatments; empty: by its own name."
    )


CHANNELS: dict[str, Channel] = {
    "email": Channel(cost=0.01),
    "sms": Channel(cost=0.08, capacity=2_000),
    "post": Channel(cost=0.90, capacity=1_000),
    "phone": Channel(cost=4.00, capacity=40),
}
PLANNED: dict[ActionName, Action] = {
    "win_back": Action(uplift=0.01, channel_uplift={"post": 0.02}, channels=("email", "post"), capacity=5_000),
    "first_order": Action(uplift=0.003, channels=("email",)),
    "second_order": Action(uplift=0.02, channel_uplift={"sms": 0.03}, channels=("email", "sms")),
    "restock": Action(uplift=0.02, channel_uplift={"sms": 0.03}, channels=("email", "sms")),
    "next_product": Action(uplift=0.01, channels=("email",)),
    "next_stage": Action(uplift=0.01, channels=("email",)),
    "win_share": Action(uplift=0.001, channel_uplift={"phone": 0.005}, channels=("email", "phone"), worth="gap"),
    "refer": Action(uplift=0.02, channels=("email",)),
    "call": Action(uplift=0.05, channels=("phone",), worth="year"),
    "review": Action(uplift=0.05, channels=("email",), value=2.00),
}


class ActionsParams(Params):
    """Money, limits, who is not contacted, who is left out for comparison, and what is assumed of each action."""

    presentation: ClassVar[frozenset[str]] = frozenset()

    campaign: str = Field(
        default="plan",
        min_length=1,
        description="Name of the round, as it goes into treatments. Another name draws other customers to be held out.",
    )
    salt: str = Field(
        default="vital few", min_length=1, description="Goes into every draw; change it, and all are drawn again."
    )
    period_days: int = Field(default=7, ge=1, le=366, description="The plan is for this many days from as_of on.")
    budget: float | None = Field(
        default=100.0, ge=0, le=1e9, description="Money for contacts and offers in the period; null: no limit."
    )
    margin: float = Field(
        default=0.3, gt=0, le=1, description="Share of the money of an order that is left when its goods are paid for."
    )
    horizon_days: Horizon = Field(
        default=30, description="An action is to bring an order within this many days: the p_return that is used."
    )
    max_actions: int = Field(
        default=1,
        ge=1,
        le=10,
        description="Actions for one customer in the period. With more than one, each goes by its best channel.",
    )
    assumed_error: float = Field(
        default=0.05,
        gt=0,
        le=1,
        description="Standard error of an assumed uplift: how far off it may be. Once the action was tried, it says "
        "how much the assumption still counts.",
    )
    group_error: float = Field(
        default=0.05,
        gt=0,
        le=1,
        description="How far the uplift of active customers, of lapsed ones, and of those without an order may be from "
        "that of all (standard deviation). The smaller it is, the less what was measured of them alone counts.",
    )
    least_gain: float = Field(
        default=0.05,
        ge=0,
        le=1e6,
        description="Nobody is contacted for an action that is expected to leave less than this beyond its cost.",
    )
    rest_days: int = Field(
        default=7, ge=0, le=3650, description="Do not contact who was contacted in the last rest_days days."
    )
    cool_down_days: int = Field(
        default=30, ge=0, le=3650, description="The same action comes again after this many days at the earliest."
    )
    contact_cap: int = Field(
        default=4, ge=1, le=3650, description="Contacts with one customer in contact_cap_days, at most."
    )
    contact_cap_days: int = Field(default=30, ge=1, le=3650, description="See contact_cap.")
    hold_out: float = Field(
        default=0.1,
        ge=0,
        le=0.9,
        description="Share of the customers who get nothing, so that the plan can be measured: drawn by hash before "
        "anything is given, the same as long as campaign and salt are.",
    )
    explore: float = Field(
        default=0.02,
        ge=0,
        le=0.5,
        description="Share of the customers who get one of their possible actions by chance, or nothing (half of "
        "them): so that the next plan learns what the assumptions miss.",
    )
    explore_limit: float = Field(
        default=0.1, ge=0, le=1, description="Share of budget and capacities that this may use, at most."
    )
    consent_purpose: str = Field(
        default="marketing", description="The purpose in consents that counts; rows without a purpose count for all."
    )
    granted_states: tuple[str, ...] = Field(
        default=("granted",), min_length=1, description="States in consents that allow a contact, whatever their case."
    )
    assume_consent: bool = Field(
        default=True,
        description="Where there is no table consents: plan all the same, and leave it to whoever sends. Where there "
        "is one, who has granted nothing in it is not contacted.",
    )
    quiet_from: int = Field(
        default=20, ge=1, le=24, description="No contact from this hour on, on the clock of the shop …"
    )
    quiet_until: int = Field(default=8, ge=0, le=23, description="… until this one.")
    default_hour: int = Field(default=10, ge=0, le=23, description="Hour of a contact where timing knows no better.")
    review_days: int = Field(
        default=14, ge=1, le=3650, description="Ask for a review if the last order is at most this many days ago."
    )
    slipping: tuple[str, ...] = Field(
        default=("churn_risk", "overdue", "spend_drop"),
        description="Kinds of alerts for which a key customer is called.",
    )
    channels: dict[str, Channel] = Field(
        default_factory=lambda: dict(CHANNELS), description="By channel: cost of a contact, capacity (null: no limit)."
    )
    actions: dict[ActionName, Action] = Field(
        default_factory=lambda: dict(PLANNED),
        description="By action: uplift (assumed), channel_uplift, channels, offer, capacity, worth "
        "(order or year), value, measured_as. One that is left out is not planned.",
    )

    @model_validator(mode="after")
    def hold_together(self) -> ActionsParams:
        """Refuse names that are none, hours that leave no time, and shares that are more than all, all at once."""
        problems = [
            f"actions.{name}: there is no channel {channel!r}; {hint(channel, self.channels)}"
            for name, action in self.actions.items()
            for channel in {**dict.fromkeys(action.channels), **action.channel_uplift}
            if channel not in self.channels
        ]
        problems += [
            f"actions.{name}.channel_uplift: {uplift} is not from 0 to 1"
            for name, action in self.actions.items()
            for uplift in action.channel_uplift.values()
            if not 0 <= uplift < 1
        ]
        problems += [
            f"actions.{name}.channel_uplift: {channel} is not one of its channels, so it would change nothing"
            for name, action in self.actions.items()
            for channel in action.channel_uplift
            if channel in self.channels and channel not in action.channels
        ]
        problems += [f"channels: {name!r} has no name to read" for name in self.channels if not trimmed(name)]
        problems += [
            f"slipping: there is no alert {kind!r}; {hint(kind, ALERT_KINDS)}"
            for kind in self.slipping
            if kind not in ALERT_KINDS
        ]
        if not trimmed(self.campaign):
            problems.append("campaign has no name to read")
        elif trimmed(self.campaign).lower().split()[-1] == "explore":
            problems.append("campaign: a name that ends with explore is kept for those who explore")
        if not all(trimmed(name) for name in self.granted_states):
            problems.append("granted_states has an empty name")
        problems += self.names_of_two_actions()
        if self.hold_out + self.explore > 1:
            problems.append("hold_out and explore are more than 1 together")
        if self.quiet_until >= self.quiet_from:
            problems.append("quiet_until must be before quiet_from: contacts go out between the two")
        elif not self.quiet_until <= self.default_hour < self.quiet_from:
            problems.append("default_hour lies in the quiet hours")
        problems += [
            f"actions.{name}.worth: only of win_share a gap is known"
            for name, action in self.actions.items()
            if action.worth == "gap" and name != "win_share"
        ]
        if "review" in self.actions and self.actions["review"].value is None:
            problems.append("actions.review.value: say what a review is worth")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def names_of_two_actions(self) -> list[str]:
        """Names in treatments that would stand for two actions."""
        meant: dict[str, ActionName] = {}
        problems = []
        for name, action in self.actions.items():
            for each in sorted({trimmed(each).lower() for each in action.measured_as or (name,)}):
                if not each:
                    problems.append(f"actions.{name}.measured_as has an empty name")
                elif meant.setdefault(each, name) != name:
                    problems.append(f"actions.{name}.measured_as: {each} is what actions.{meant[each]} is measured as")
        return problems
