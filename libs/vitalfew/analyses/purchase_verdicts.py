"""Which model the forecasts are made with, and the reasons, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vitalfew.analyses.next_purchase_params import NextPurchaseParams
from vitalfew.analyses.purchase_check import Check
from vitalfew.analyses.purchase_models import COUNTING, Fitted
from vitalfew.analyses.purchase_past import RHYTHM, Past

MOST_CORRECTION = 2.0
NOTHING_HELD_OUT = "not checked: nobody bought before {split}, the day on which the hold-out begins"


def verdicts(now: Past, before: Past, checks: Mapping[str, Check], params: NextPurchaseParams) -> dict[str, str | None]:
    """For each model of counts why it must not be used; None where it may."""
    return {name: objection(name, now, before, checks, params) for name in COUNTING}


def objection(
    name: str, now: Past, before: Past, checks: Mapping[str, Check], params: NextPurchaseParams
) -> str | None:
    if now.counting[name].problem is not None:
        return now.counting[name].problem
    if not before.customers:
        return NOTHING_HELD_OUT.format(split=before.on)
    if before.counting[name].problem is not None:
        return f"before the split {before.counting[name].problem}"
    found = checks[name]
    if abs(found.predicted - found.actual) > params.tolerance * found.actual:
        return f"fails the hold-out: {told(found)}, off by more than {100 * params.tolerance:g} %"
    own = checks[RHYTHM]
    if found.error > own.error:
        return f"fails the hold-out: error for one customer {found.error:.4g}, that of the own rhythm {own.error:.4g}"
    return None


def told(found: Check) -> str:
    ratio = f" ({found.predicted / found.actual:.1%})" if found.actual else ""
    return f"{found.predicted:,.0f} order days foretold, {found.actual:,} came{ratio}"


def choose(objections: Mapping[str, str | None], checks: Mapping[str, Check]) -> str:
    """The model without objection that errs least; the customers' own rhythm if there is none."""
    sound = [name for name, why in objections.items() if why is None]
    return min(sound, key=lambda name: checks[name].error, default=RHYTHM)


def correction(used: str, checks: Mapping[str, Check]) -> float:
    """By what the forecasts are multiplied: the own rhythm knows no more of how many leave than the hold-out shows."""
    found = checks.get(RHYTHM)
    if used != RHYTHM or found is None or not found.predicted or not found.actual:
        return 1.0
    return round(min(max(found.actual / found.predicted, 1 / MOST_CORRECTION), MOST_CORRECTION), 6)


def model_rows(
    now: Past, before: Past, checks: Mapping[str, Check], objections: Mapping[str, str | None], used: str
) -> list[dict[str, Any]]:
    """Rows of PURCHASE_MODELS: each model as of now, and at the split, where the calendar has a day for it."""
    rows = []
    for name, why in objections.items():
        verdict = why or (held(checks[name]) if name == used else f"{held(checks[name])}, but {used} errs less")
        rows.append(model_row(now.counting[name], now, checks.get(name), name == used, verdict))
        early = before.counting[name].problem or "fitted to foretell the hold-out"
        rows.append(model_row(before.counting[name], before, checks.get(name), False, early))
    own = checks.get(RHYTHM)
    rhythm = Fitted(RHYTHM, now.customers, 0, None, None)
    said = own_rhythm(own) + "; the windows are always made with it"
    if used == RHYTHM:
        said = f"used: {said}; forecasts are those of the rhythm times {correction(used, checks):.3g}"
    rows.append(model_row(rhythm, now, own, used == RHYTHM, said))
    spending = now.spending.problem or "amounts of the forecasts"
    rows.append(model_row(now.spending, now, None, now.spending.is_sound, spending))
    rows.append(model_row(before.spending, before, None, False, before.spending.problem or "fitted for the hold-out"))
    return list({(row["model"], row["fitted_on"]): row for row in reversed(rows)}.values())


def held(found: Check) -> str:
    return f"foretells the hold-out: {told(found)}, error for one customer {found.error:.4g}"


def own_rhythm(found: Check | None) -> str:
    return held(found).replace("foretells", "the own rhythm in") if found else "the own rhythm, not checked"


def model_row(fitted: Fitted, past: Past, found: Check | None, is_used: bool, verdict: str) -> dict[str, Any]:
    return {
        "model": fitted.name,
        "fitted_on": past.on,
        "customers": fitted.customers,
        "histories": fitted.histories,
        "log_likelihood": None if fitted.estimate is None else fitted.estimate.log_likelihood,
        "error": None if found is None else found.error,
        "is_used": is_used,
        "verdict": verdict if fitted.note is None else f"{verdict}; {fitted.note}",
    }
