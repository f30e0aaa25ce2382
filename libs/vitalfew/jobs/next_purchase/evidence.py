"""The back-tests of one shop: which models they speak for, and the rows that show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from vitalfew.algorithms.clv.activity import FLAT, Clock, Profile, to_date
from vitalfew.algorithms.clv.gap_returns import GapReturns
from vitalfew.algorithms.clv.purchase_histories import Histories
from vitalfew.dataframes.arrays import Floats
from vitalfew.jobs.next_purchase import choices, gap_returns, origins, return_probability, rhythm_panel, season
from vitalfew.jobs.next_purchase.amounts import BY_FREQUENCY, OWN_MEAN, amounts, by_frequency
from vitalfew.jobs.next_purchase.choices import Cell, Choice
from vitalfew.jobs.next_purchase.models import SPENDING, Fitted, cents
from vitalfew.jobs.next_purchase.origins import Origin
from vitalfew.jobs.next_purchase.panel import Known, Panel, known_before
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.return_probability import RETURN_DAYS, Calibrated
from vitalfew.jobs.next_purchase.scoring import WEEK, ahead

FEWEST_ORIGINS = 3
"""Days from which on back-tests say which model is used; with fewer the hold-out does."""


@dataclass(frozen=True)
class Season:
    """Of a shop: the profile, and the first day (since 1970) of its clock; None where nobody has bought."""

    profile: Profile
    first: int | None


@dataclass(frozen=True)
class Evidence:
    """Of one shop: the sample, its season as of today, and the forecasts made as of earlier days."""

    panel: Panel
    as_of: int
    params: NextPurchaseParams
    profile: Profile
    origins: Sequence[Origin]

    @property
    def horizons(self) -> list[int]:
        return measured_days(self.params)

    @cached_property
    def known(self) -> Known:
        return known_before(self.panel, self.as_of)

    @cached_property
    def of_orders(self) -> dict[tuple[str, int], list[Cell]]:
        return choices.cells(self.origins, self.horizons, lambda each: each.orders, "came")

    @cached_property
    def is_enough(self) -> bool:
        return len(self.origins) >= FEWEST_ORIGINS

    def of_value(self, amount: str) -> dict[tuple[str, int], list[Cell]]:
        """As `of_orders`, in money, by a model of amounts."""
        return choices.cells(self.origins, self.horizons, lambda each: money(each, amount), "came_value")

    def score(self, model: str) -> float:
        return choices.score(self.of_orders, model, self.params.horizons_days)

    def best_amount(self, model: str, is_sound: bool) -> str:
        """The model of amounts that errs least for one customer in money; Gamma-Gamma where it cannot be told."""
        names = [SPENDING, OWN_MEAN, BY_FREQUENCY] if is_sound else [OWN_MEAN, BY_FREQUENCY]
        errors = {name: self.amount_error(model, name) for name in names}
        return min(names, key=lambda name: errors[name])

    def amount_error(self, model: str, amount: str) -> float:
        found = self.of_value(amount)
        parts = [
            choices.customer_error(found[model, h], {})
            / max(choices.customer_error(self.of_value(OWN_MEAN)[model, h], {}), 1e-9)
            for h in self.params.horizons_days
            if (model, h) in found and len(found[model, h]) == len(self.origins_of(model, h))
        ]
        return float(np.mean(parts)) if parts else (1.0 if amount != BY_FREQUENCY else 2.0)

    def origins_of(self, model: str, horizon: int) -> list[Origin]:
        column = self.horizons.index(horizon)
        return [each for each in self.origins if each.measured[column] and model in each.orders]

    def clock(self, on: int) -> Clock | None:
        """Activity time as of the day `on`, by the profile of that day."""
        known = self.known if on == self.as_of else known_before(self.panel, on)
        if not len(known.who):
            return None
        is_today = on == self.as_of
        profile = self.profile if is_today else season.on_day(self.panel, known, self.params.season, self.profile)
        return origins.clock_of(profile, int(known.first.min()), on, self.horizons[-1])

    @property
    def season(self) -> Season:
        """The profile, and where the clock of today begins."""
        first = int(self.known.first.min()) if len(self.known.who) else None
        return Season(self.profile, first)

    def by_frequency(self) -> tuple[float, float] | None:
        return by_frequency(self.known)

    def sums(self, model: str, fitted: Fitted | None, amount: str) -> tuple[dict[str, Floats], dict[str, Floats]]:
        """What the model and the baselines say today of the sample, in orders and in money, by horizon."""
        if not len(self.known.who):
            return {}, {}
        simplest = origins.by_baselines(self.panel, self.known, self.horizons)
        clock = self.clock(self.as_of)
        histories: Histories = self.known.histories(clock)
        times = ahead(clock, self.as_of, self.horizons)
        if fitted is not None:
            _, orders = origins.scored(model, np.array(fitted.values), histories, times)
        else:
            own = rhythm_panel.expected(rhythm_panel.gaps_before(self.panel, self.known), self.known, times * WEEK)
            orders = np.zeros((len(self.known.who), len(times))) if own is None else own[1]
        of_each = amounts(self.known)
        worth = of_each.get(amount, of_each[OWN_MEAN])
        of_orders = {name: each[0].sum(axis=0) for name, each in simplest.items()} | {model: orders.sum(axis=0)}
        of_money = {name: each[1].sum(axis=0) for name, each in simplest.items()}
        return of_orders, of_money | {model: (orders * worth[:, np.newaxis]).sum(axis=0)}

    def calibrated(self, model: str) -> dict[int, Calibrated]:
        return return_probability.calibrated(self.origins, self.horizons, model)

    def gap_returns(self) -> GapReturns | None:
        """The spread of the customers' own gaps, as of today."""
        return gap_returns.fit(rhythm_panel.gaps_before(self.panel, self.known), self.known)

    def rows(self, amount: str, orders: Mapping[int, Choice]) -> list[dict[str, Any]]:
        """Rows of PURCHASE_BACKTESTS."""
        of_value = self.of_value(amount)
        return [
            row
            for (method, horizon), known in sorted(self.of_orders.items())
            if horizon in self.params.horizons_days
            for row in backtest_rows(known, of_value[method, horizon], horizon, method, orders[horizon])
        ]


def measured_days(params: NextPurchaseParams) -> list[int]:
    """The horizons, and the days of the probabilities of a return."""
    return sorted({*params.horizons_days, *RETURN_DAYS})


def money(origin: Origin, amount: str) -> dict[str, Floats]:
    """What each method says of the money of each customer, by horizon."""
    worth = origin.amounts.get(amount, origin.amounts[OWN_MEAN])[:, np.newaxis]
    by_model = {name: orders * worth for name, orders in origin.orders.items() if name not in origins.BASELINES}
    return by_model | dict(origin.money)


def backtest_rows(
    known: Sequence[Cell], value: Sequence[Cell], horizon: int, method: str, chosen: Choice
) -> list[dict[str, Any]]:
    factors = {} if method in origins.BASELINES else choices.factors_of(known, horizon)
    return [
        {
            "origin_on": to_date(one.on),
            "horizon_days": horizon,
            "method": method,
            "customers": one.customers,
            "predicted_orders": one.p,
            "corrected_orders": one.p * factors.get(one.on, 1.0),
            "actual_orders": round(one.a),
            "ratio": one.p / one.a if one.a else None,
            "error": (one.squares() / one.customers) ** 0.5,
            "predicted_value": cents(of_money.p),
            "actual_value": cents(of_money.a),
            "value_ratio": of_money.p / of_money.a if of_money.a > 0 else None,
            "is_published": method in (chosen.method, chosen.shared_by),
        }
        for one, of_money in zip(known, value, strict=True)
        if one.customers
    ]


def gathered(
    panel: Panel, as_of: int, params: NextPurchaseParams, near: Mapping[str, list[float]] | None = None
) -> Evidence:
    """The evidence of a shop; `near`: parameters from which the first fit begins."""
    known = known_before(panel, as_of)
    profile = season.of_shop(panel, known, params.season) if len(known.who) else FLAT
    found = origins.measured_from(panel, as_of, measured_days(params), params, near, profile)
    return Evidence(panel, as_of, params, profile, found)


def with_amount(fitted: Fitted, amount: str) -> Fitted:
    """The model of amounts, not to be used where another errs less."""
    if amount == SPENDING or not fitted.is_sound:
        return fitted
    return replace(fitted, problem=f"not used: in the back-tests {amount} errs less in money")
