"""What is known of each action: assumed, until `uplift` has a verdict; then measured, or never proposed again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

from pyspark.sql import DataFrame

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.actions.params import Action, ActionName, ActionsParams
from vitalfew.white_space import trimmed

NORMAL_95 = 1.959963984540054
SURE = ("worked", "harmed")
FAVOURS = ("review", "refer")


@dataclass(frozen=True)
class Effect:
    """By how much an action raises the probability of an order, or, as `money`, what an order brings; with 95 %."""

    basis: str
    uplift: float | None
    money: float | None
    low: float | None
    high: float | None

    @property
    def is_harm(self) -> bool:
        """Whether it was measured to bring nothing, or less."""
        return self.basis == "measured" and (self.uplift or 0.0) + (self.money or 0.0) <= 0


def effects(uplift: DataFrame, params: ActionsParams) -> dict[tuple[ActionName, str], Effect]:
    """By action and channel, what is known of it; actions that were measured as harmful are left out.

    A try whose arms are not of the sizes that were planned shows nothing. Reviews and referrals are not measured,
    orders are: of a request for one they show a harm only.
    """
    rows = [
        row.asDict()
        for row in collect_rows(
            uplift.where("dimension = 'all' and outcome in ('ordered', 'revenue') and standard_error > 0")
            .where("reason <> 'ratio'")
            .select("action", "outcome", "difference", "standard_error", "verdict"),
            "what actions brought",
        )
    ]
    found: dict[tuple[ActionName, str], Effect] = {}
    for name, action in params.actions.items():
        called = {trimmed(each).lower() for each in action.measured_as or (name,)}
        own = [row for row in rows if trimmed(row["action"]).lower() in called]
        measured = effect_of(own)
        if measured and measured.is_harm:
            continue
        for channel in action.channels:
            found[name, channel] = assumed(action, channel) if not measured or name in FAVOURS else measured
    return found


def assumed(action: Action, channel: str) -> Effect:
    return Effect("assumed", action.channel_uplift.get(channel, action.uplift), None, None, None)


def effect_of(rows: Iterable[Mapping[str, Any]]) -> Effect | None:
    """The measured effect by orders; where there is no verdict on these, by revenue; None where there is none at all.

    A harm by either is a harm.
    """
    by_outcome = {name: [row for row in rows if row["outcome"] == name] for name in ("ordered", "revenue")}
    pooled = {name: weighted(own) for name, own in by_outcome.items() if any(row["verdict"] in SURE for row in own)}
    if not pooled:
        return None
    worst = min(pooled, key=lambda name: pooled[name][0])
    name = worst if pooled[worst][0] <= 0 else "ordered" if "ordered" in pooled else "revenue"
    mean, low, high = pooled[name]
    is_money = name == "revenue"
    return Effect("measured", None if is_money else mean, mean if is_money else None, low, high)


def weighted(rows: Iterable[Mapping[str, Any]]) -> tuple[float, float, float]:
    """The mean of several tries of one action, weighted by how sure each is, with its 95 % interval.

    All tries count once one of them has a verdict: those alone that had one would be the lucky ones.
    """
    weights = [(1 / row["standard_error"] ** 2, row["difference"]) for row in rows]
    total = sum(weight for weight, _ in weights)
    mean, error = sum(weight * each for weight, each in weights) / total, 1 / sqrt(total)
    return mean, mean - NORMAL_95 * error, mean + NORMAL_95 * error
