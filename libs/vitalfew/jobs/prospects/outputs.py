"""The rows of the tables that are made on the driver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from vitalfew.jobs.prospects.judged import Judged
from vitalfew.jobs.prospects.panel import SIGNS, attribute_names
from vitalfew.jobs.prospects.params import ProspectsParams
from vitalfew.jobs.prospects.tables import BASE_RATE, BEHAVIOUR

Rows = list[dict[str, Any]]


def evaluation_rows(judged: Sequence[Judged]) -> Rows:
    """PROSPECT_EVALUATION; of a horizon that nobody could test, a row of the base rate alone."""
    return [evaluation_row(each, method) for each in judged for method in (each.scores or (BASE_RATE,))]


def evaluation_row(each: Judged, method: str) -> dict[str, Any]:
    score = each.scores.get(method)
    is_published = each.method == method
    told = dict.fromkeys(("predicted", "found", "brier", "auc", "lift", "brier_gain", "brier_gain_low", "auc_gain_low"))
    figures = asdict(score) if score else told
    return {
        "horizon_days": each.horizon,
        "method": method,
        "is_published": is_published,
        "reason": each.reason,
        "test_periods": each.periods,
        "people": each.people,
        "moments": each.moments,
        "conversions": each.conversions,
        "fitted_moments": each.fitted_moments,
        "fitted_conversions": each.fitted_conversions,
        **{name: value for name, value in figures.items() if name != "lift"},
        "lift_of_tenth": figures["lift"],
        "is_calibrated": each.is_calibrated if is_published else None,
        "level_shift": each.shift if is_published else None,
    }


def reliability_rows(judged: Sequence[Judged]) -> Rows:
    """PROSPECT_RELIABILITY."""
    return [
        {
            "horizon_days": each.horizon,
            "bin": place,
            "method": each.method,
            "people": of.people,
            "moments": of.moments,
            "conversions": of.conversions,
            "predicted": of.predicted,
            "found": of.conversions / of.moments,
            "low": of.low,
            "high": of.high,
        }
        for each in judged
        for place, of in enumerate(each.bins, 1)
    ]


def sign_rows(judged: Sequence[Judged], params: ProspectsParams) -> Rows:
    """PROSPECT_SIGNS: what the model goes by; no row of what never differed."""
    names = (*SIGNS, *attribute_names(params))
    return [
        {
            "horizon_days": each.horizon,
            "sign": name,
            "weight": float(weight),
            "is_used": each.method == BEHAVIOUR,
        }
        for each in judged
        if each.model is not None
        for name, weight in zip(names, each.model.standard, strict=True)
        if weight
    ]
