"""What is published for each horizon, and what all customers together will bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.clv.activity import UNSEEN_SPREAD
from vitalfew.algorithms.clv.gap_returns import GapReturns
from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.next_purchase import choices, return_probability
from vitalfew.jobs.next_purchase.choices import Choice
from vitalfew.jobs.next_purchase.evidence import Evidence
from vitalfew.jobs.next_purchase.models import cents
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.return_probability import Calibrated
from vitalfew.jobs.next_purchase.snapshot import RHYTHM, Past


@dataclass(frozen=True)
class Published:
    """By horizon what orders and money are predicted with; the probabilities; whether the season is known."""

    orders: Mapping[int, Choice]
    value: Mapping[int, Choice]
    returns: Mapping[int, Calibrated]
    season_known: bool
    gaps: GapReturns | None = None
    """What the probabilities that go by the customers' own gaps are told with."""

    @property
    def baselines(self) -> set[str]:
        """Those that are needed for each customer."""
        return {each.method for each in (*self.orders.values(), *self.value.values()) if each.is_baseline}


def published(evidence: Evidence, now: Past, model: str, amount: str) -> Published:
    """What the back-tests let stand."""
    fitted = None if model == RHYTHM else now.counting[model]
    of_orders, of_money = evidence.sums(model, fitted, amount)
    profile = evidence.profile
    unknown = profile.spread if profile.is_known else max(profile.spread, UNSEEN_SPREAD)
    days = evidence.horizons
    orders = choices.choose(evidence.of_orders, model, days, of_orders, unknown)
    value = choices.choose(evidence.of_value(amount), model, days, of_money, unknown)
    returns = evidence.calibrated(model)
    gaps = evidence.gap_returns() if return_probability.by_gaps(returns) else None
    return Published(orders, value, returns, evidence.profile.is_known, gaps)


def outlook_rows(scored: DataFrame, found: Published, params: NextPurchaseParams) -> list[dict[str, Any]]:
    """Rows of PURCHASE_OUTLOOK."""
    names = [f"expected_{what}_{days}" for days in params.horizons_days for what in ("orders", "value")]
    sums = collect_rows(scored.agg(F.count(F.lit(1)).alias("n"), *[F.sum(n).alias(n) for n in names]), "sums")[0]
    return [row(days, sums, found) for days in params.horizons_days] if sums["n"] else []


def row(days: int, sums: Any, found: Published) -> dict[str, Any]:
    orders, value = found.orders[days], found.value[days]
    total, money = float(sums[f"expected_orders_{days}"]), float(sums[f"expected_value_{days}"])
    least, most = choices.interval(total, orders.spread)
    least_money, most_money = choices.interval(money, value.spread)
    return {
        "horizon_days": days,
        "method": orders.method,
        "shared_by": orders.shared_by,
        "correction": orders.factor,
        "value_method": value.method,
        "value_correction": value.factor,
        "origins": orders.origins,
        "expected_orders": total,
        "orders_from": least,
        "orders_to": most,
        "expected_value": sums[f"expected_value_{days}"],
        "value_from": cents(round(least_money, 4)),
        "value_to": cents(round(most_money, 4)),
        "season_known": found.season_known,
    }
