"""The rows of PRODUCT_ELASTICITY, CATEGORY_ELASTICITY and DISCOUNT_COST."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from pyspark.sql import Row

from vitalfew.algorithms.statistics.normal_quantiles import two_sided
from vitalfew.algorithms.statistics.random_effects import Pooled
from vitalfew.jobs.price.params import PriceParams
from vitalfew.jobs.price.tables import ALL, CANNOT_TELL, CATEGORY, FATES, OWN_CATEGORY, TOTAL, VERDICTS, WHOLE_SHOP
from vitalfew.jobs.price.verdicts import (
    LEAST_CATEGORY,
    Found,
    Interval,
    Judged,
    is_anticipated,
    judged,
    mean_of,
    mean_timing,
    number,
    side_of,
    widening,
)
from vitalfew.jobs.price.weekly_prices import SHOP

Rows = list[dict[str, Any]]
Fates = Mapping[tuple[str | None, str], int]
"""How many products of each category have each fate."""


class Answers:
    """All that follows from the estimates of products and from how many were not looked at."""

    def __init__(self, estimates: Found, about: Mapping[str, Row], fates: Fates, weeks: int, params: PriceParams):
        """`about`: of each product that was looked at, its row of `candidates`."""
        self.estimates, self.about, self.fates, self.weeks, self.params = estimates, about, fates, weeks, params
        self.ids = [row["product_id"] for row in estimates.rows]
        self.categories = [about[id_]["category"] for id_ in self.ids]
        self.names = sorted({name for name, _ in fates if name is not None})
        self.widening = widening(estimates)
        self.members = {name: np.array([own == name for own in self.categories], bool) for name in self.names}
        self.everybody = np.ones(len(self.ids), bool)
        anticipated: dict[str | None, bool] = {name: self.is_anticipated(self.members[name]) for name in self.names}
        self.judged = judged(estimates, self.categories, anticipated, params)

    def is_anticipated(self, chosen: Any) -> bool:
        mean = mean_timing(self.estimates.rows, "after", self.widening, chosen)
        return int(chosen.sum()) >= LEAST_CATEGORY and is_anticipated(
            mean, mean_of(self.estimates, chosen), self.params
        )

    def products(self) -> Rows:
        """PRODUCT_ELASTICITY."""
        return [
            product_row(row, self.about[row["product_id"]], each)
            for row, each in zip(self.estimates.rows, self.judged, strict=True)
        ]

    def groups(self) -> Rows:
        """CATEGORY_ELASTICITY."""
        total = self.group(TOTAL, ALL, self.everybody)
        return [total, *[self.group(CATEGORY, name, self.members[name]) for name in self.names]]

    def group(self, scope: str, name: str, chosen: Any) -> dict[str, Any]:
        counted: Counter[str] = Counter()
        for (category, fate), products in self.fates.items():
            if scope == TOTAL or category == name:
                counted[fate] += products
        verdicts = Counter(each.verdict for each, is_member in zip(self.judged, chosen, strict=True) if is_member)
        return {
            "scope": scope,
            "category": name,
            "weeks": self.weeks,
            "products": sum(counted.values()),
            **{fate: counted[fate] for fate in FATES},
            **{verdict: verdicts[verdict] for verdict in VERDICTS},
            **self.figures(chosen, sum(counted.values())),
        }

    def figures(self, chosen: Any, products: int) -> dict[str, Any]:
        """The figures of a group of products."""
        mean = mean_of(self.estimates, chosen)
        after = mean_timing(self.estimates.rows, "after", self.widening, chosen)
        members = [row for row, is_member in zip(self.estimates.rows, chosen, strict=True) if is_member]
        deviance, gain = (sum(row[key] for row in members) for key in ("deviance", "gain"))
        reason, interval = self.reason(mean, chosen, products, gain)
        is_shown = interval is not None and reason in ("clear", "wide")
        shifted = self.shifted(chosen) if is_shown else None
        return {
            "elasticity": interval.middle if interval and is_shown else None,
            "elasticity_low": interval.low if interval and is_shown else None,
            "elasticity_high": interval.high if interval and is_shown else None,
            "spread": math.sqrt(mean.between) if mean and is_shown else None,
            "heterogeneity": mean.heterogeneity if mean and is_shown else None,
            "anticipation": after.mean if after else None,
            "shifted_share": shifted.middle if shifted else None,
            "shifted_low": shifted.low if shifted else None,
            "shifted_high": shifted.high if shifted else None,
            "held_out_gain": gain / deviance if deviance > 0 else None,
            "verdict": side_of(interval) if interval and reason == "clear" else CANNOT_TELL,
            "reason": reason,
        }

    def reason(self, mean: Pooled | None, chosen: Any, products: int, gain: float) -> tuple[str, Interval | None]:
        if self.weeks < self.params.min_weeks:
            return "too_short", None
        if not products or not chosen.any():
            return "no_products", None
        if mean is None:
            return "no_variation", None
        if mean.count < LEAST_CATEGORY:
            return "few_products", None
        interval = around(mean, self.params.confidence)
        if self.is_anticipated(chosen):
            return "anticipated", None
        if gain <= 0:
            return "not_better", None
        if interval.low > 0:
            return "wrong_sign", None
        return ("wide" if side_of(interval) is None else "clear"), interval

    def shifted(self, chosen: Any) -> Interval | None:
        """Which share of the effect of a price the weeks after take back; 0 where chance could have made it so."""
        back = mean_timing(self.estimates.rows, "before", self.widening, chosen)
        own = mean_of(self.estimates, chosen)
        if back is None or own is None or own.mean >= 0:
            return None
        found = around(back, self.params.confidence)
        low, middle, high = (min(max(each / -own.mean, 0.0), 1.0) for each in (found.low, found.middle, found.high))
        return Interval(middle if low > 0 else 0.0, low, high)

    def discounts(self) -> Rows:
        """DISCOUNT_COST."""
        return [
            discount_row(row, self.about[row["product_id"]]["category"], each.found)
            for row, each in zip(self.estimates.rows, self.judged, strict=True)
            if each.found is not None and row["cut_units"]
        ]


def around(mean: Pooled, confidence: float) -> Interval:
    width = two_sided(confidence) * mean.error
    return Interval(mean.mean, mean.mean - width, mean.mean + width)


def product_row(row: Row, about: Row, each: Judged) -> dict[str, Any]:
    shown = each.found
    return {
        "product_id": row["product_id"],
        "category": about["category"],
        "weeks": row["weeks"],
        "price_changes": row["changes"],
        "units": about["units"],
        "revenue": about["revenue"],
        "usual_price": about["usual"] / 100,
        "lowest_price": about["lowest"] / 100,
        "highest_price": about["highest"] / 100,
        "mixed_share": about["mixed_weeks"] / about["sold_weeks"],
        "compared_with": WHOLE_SHOP if row["season"] == SHOP else OWN_CATEGORY,
        "elasticity": shown.middle if shown else None,
        "elasticity_low": shown.low if shown else None,
        "elasticity_high": shown.high if shown else None,
        "own_elasticity": number(row["elasticity"]) if shown else None,
        "own_error": number(row["error"]) if shown else None,
        "held_out_gain": row["gain"] / row["deviance"] if row["deviance"] > 0 else None,
        "anticipation": number(row["after"]),
        "verdict": each.verdict,
        "reason": each.reason,
        "changes_needed": each.needed,
    }


def discount_row(row: Row, category: str | None, elasticity: Interval) -> dict[str, Any]:
    """What the discounts of one product cost: sold anyway is what its elasticity says of the usual price."""
    units, price, usual = (np.array(row[key], float) for key in ("cut_units", "cut_price", "cut_usual"))
    off = usual - price
    found = {
        name: units * np.minimum((price / usual) ** -value, 1.0)
        for name, value in (("low", elasticity.low), ("middle", elasticity.middle), ("high", elasticity.high))
    }
    anyway = {name: float(each.sum()) for name, each in found.items()}
    cost = {name: float((each * off).sum()) for name, each in found.items()}
    discount = money((units * off).tolist())
    change = {name: float((units * price - each * usual).sum()) for name, each in found.items()}
    return {
        "product_id": row["product_id"],
        "category": category,
        "weeks": len(units),
        "units": max(float(units.sum()), anyway["high"]),
        "discount": discount,
        "anyway_units": anyway["middle"],
        "anyway_units_low": anyway["low"],
        "anyway_units_high": anyway["high"],
        "anyway_cost": min(money([cost["middle"]]), discount),
        "anyway_cost_low": min(money([cost["low"]]), discount),
        "anyway_cost_high": min(money([cost["high"]]), discount),
        "revenue_change": money([change["middle"]]),
        "revenue_change_low": money([change["high"]]),
        "revenue_change_high": money([change["low"]]),
    }


def money(amounts: Sequence[float]) -> Decimal:
    """Their sum, to the cent."""
    return Decimal(math.floor(sum(amounts) * 100 + 0.5)) / 100


def counted(rows: Iterable[Row]) -> dict[tuple[str | None, str], int]:
    return {(row["category"], row["fate"]): row["products"] for row in rows}
