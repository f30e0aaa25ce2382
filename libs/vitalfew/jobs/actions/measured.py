"""What is known of each action: assumed, until it was tried; then what tries showed and the assumption, together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame

from vitalfew.algorithms.statistics.shrunk_effects import Estimate, shrunk, weighted
from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.actions.params import Action, ActionName, ActionsParams
from vitalfew.jobs.actions.tables import ASSUMED, MEASURED, MIXED
from vitalfew.jobs.uplift.tables import HISTORIES
from vitalfew.white_space import trimmed

ALL, HISTORY = "all", "history"
ORDERED, REVENUE = OUTCOMES = ("ordered", "revenue")
SURE = ("worked", "harmed")
FAVOURS = ("review", "refer")
LEAST_ERROR = 1e-9
"""A smaller standard error is rounding: its square would be 0."""


@dataclass(frozen=True)
class Effect:
    """By how much an action raises the probability of an order, or, as `money`, what an order brings; with 95 %.

    `assumed_share`: how much of it the assumption has. `gap_share`: of a gap, the share that is still assumed to come
    here, beside what tries showed in orders; None where nothing of that kind is assumed.
    """

    basis: str
    uplift: float | None
    money: float | None = None
    low: float | None = None
    high: float | None = None
    assumed_share: float = 1.0
    gap_share: float | None = None


@dataclass(frozen=True)
class Learnt:
    """Effects by action, channel and history; harmful ones are left out. `before_days`: who ordered in them is active.

    `doubtful`: actions of which, as far as is known, nothing is to be expected of any customer.
    """

    effects: Mapping[tuple[ActionName, str, str], Effect]
    before_days: int | None
    harmful: list[str]
    doubtful: list[str]


def learnt(uplift: DataFrame, params: ActionsParams) -> Learnt:
    """What tries showed, for each action.

    A try whose arms are not of the sizes that were planned shows nothing. Reviews and referrals are not measured,
    orders are: of a request for one they show a harm only.
    """
    rows = [
        row.asDict()
        for row in collect_rows(
            uplift.where("dimension in ('all', 'history') and outcome in ('ordered', 'revenue')")
            .where("reason <> 'ratio' and difference is not null")
            .select(
                *["campaign", "arm", "action", "member", "outcome", "mean", "control_mean"],
                *["difference", "standard_error", "verdict", "before_days"],
            ),
            "what actions brought",
        )
    ]
    before_days = max((row["before_days"] for row in rows if row["before_days"] is not None), default=None)
    if before_days is None:
        rows = [row for row in rows if row["member"] == ALL]
    effects = dict(known_effects(rows, params))
    names = {name for name, _, _ in effects}
    hopeful = {name for (name, _, _), effect in effects.items() if promises(effect)}
    return Learnt(effects, before_days, sorted({*params.actions} - names), sorted(names - hopeful))


def promises(effect: Effect) -> bool:
    """Whether anything may come of it, if only for some customers; an assumption of nothing is meant so."""
    return effect.basis == ASSUMED or (effect.uplift or 0.0) + (effect.money or 0.0) > 0 or bool(effect.gap_share)


def known_effects(
    rows: list[dict[str, Any]], params: ActionsParams
) -> Iterable[tuple[tuple[ActionName, str, str], Effect]]:
    for name, action in params.actions.items():
        called = {trimmed(each).lower() for each in action.measured_as or (name,)}
        tries = Tries([row for row in rows if trimmed(row["action"]).lower() in called])
        for history in HISTORIES:
            if tries.is_harm(history):
                continue
            for channel in action.channels:
                effect = None if name in FAVOURS else effect_of(tries, history, action, channel, params)
                yield (name, channel, history), effect or Effect(ASSUMED, assumed_uplift(action, channel))


@dataclass(frozen=True)
class Tries:
    """All tries of one action: of all customers, and by history."""

    rows: list[dict[str, Any]]

    def of(self, outcome: str, member: str) -> list[dict[str, Any]]:
        return [row for row in self.rows if (row["outcome"], row["member"]) == (outcome, member)]

    def estimate(self, outcome: str, member: str) -> Estimate | None:
        """All tries of a group by how sure each is; None where nothing was found out."""
        found = [row for row in self.of(outcome, member) if row["standard_error"]]
        return weighted(Estimate(row["difference"], max(row["standard_error"], LEAST_ERROR)) for row in found)

    def is_sure(self, outcome: str, *members: str) -> bool:
        """Whether a try has a verdict. All of a group count then: those alone that had one would be the lucky ones."""
        return any(row["verdict"] in SURE for member in members for row in self.of(outcome, member))

    def is_harm(self, history: str) -> bool:
        """Whether it was measured to bring nothing, or less, by either outcome: in the group, else in all customers."""
        for outcome in OUTCOMES:
            member = next((each for each in (history, ALL) if self.is_sure(outcome, each)), None)
            found = self.estimate(outcome, member) if member else None
            if found and found.value <= 0:
                return True
        return False

    def money_of_an_order(self) -> float | None:
        """What those spent who ordered, in both arms of all tries; None where that is nothing."""
        spent, ordered = (
            sum(row[name] or 0.0 for row in self.of(outcome, ALL) for name in ("mean", "control_mean"))
            for outcome in (REVENUE, ORDERED)
        )
        return spent / ordered if spent > 0 and ordered > 0 else None

    def outcome(self, history: str) -> str:
        """Orders, unless revenue alone has a verdict, or a spread."""
        found = [each for each in OUTCOMES if self.estimate(each, ALL) or self.estimate(each, history)]
        sure = [each for each in found if self.is_sure(each, ALL, history)]
        return next(iter([*sure, *found]), ORDERED)


def effect_of(tries: Tries, history: str, action: Action, channel: str, params: ActionsParams) -> Effect | None:
    """What to expect in a group of customers; None where nothing was tried.

    Of a gap, what is assumed is a share of a year's money, and what was measured are orders: the assumption stands
    beside them with the weight that is left for it.
    """
    outcome = tries.outcome(history)
    overall, own = tries.estimate(outcome, ALL), tries.estimate(outcome, history)
    is_money = outcome == REVENUE
    unit = tries.money_of_an_order() if is_money else 1.0
    if unit is None or not (overall or own):
        return None
    is_gap = action.worth == "gap" and action.value is None
    uplift = assumed_uplift(action, channel)
    is_split = any(tries.estimate(outcome, each) for each in HISTORIES)
    assumed = Estimate(0.0 if is_gap else uplift * unit, params.assumed_error * unit)
    found = shrunk(own, overall, assumed, params.group_error * unit if is_split else 0.0)
    return Effect(
        MEASURED if tries.is_sure(outcome, ALL, history) else MIXED,
        None if is_money else found.value,
        found.value if is_money else None,
        *found.interval,
        found.assumed_share,
        uplift * found.assumed_share if is_gap else None,
    )


def assumed_uplift(action: Action, channel: str) -> float:
    return action.channel_uplift.get(channel, action.uplift)
