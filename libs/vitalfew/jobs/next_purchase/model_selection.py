"""Which model the forecasts are made with, and the reasons, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vitalfew.jobs.next_purchase.evidence import Evidence
from vitalfew.jobs.next_purchase.holdout_check import Check
from vitalfew.jobs.next_purchase.models import Fitted
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.scoring import COUNTING
from vitalfew.jobs.next_purchase.snapshot import RHYTHM, Past

NOTHING_HELD_OUT = "not checked: nobody bought before {split}, the day on which the hold-out begins"


def verdicts(
    now: Past, before: Past, checks: Mapping[str, Check], params: NextPurchaseParams, is_backtested: bool = False
) -> dict[str, str | None]:
    """For each model of counts why it must not be used; None where it may.

    One hold-out says little of a shop with seasons: where it was back-tested, only the classes are judged by it.
    """
    return {name: objection(name, now, before, checks, params, is_backtested) for name in COUNTING}


def objection(
    name: str, now: Past, before: Past, checks: Mapping[str, Check], params: NextPurchaseParams, is_backtested: bool
) -> str | None:
    if now.counting[name].problem is not None:
        return now.counting[name].problem
    if not before.customers:
        return NOTHING_HELD_OUT.format(split=before.on)
    if before.counting[name].problem is not None:
        return f"before the split {before.counting[name].problem}"
    failures = failed(checks[name], checks[RHYTHM], params, is_backtested)
    return f"fails the hold-out: {'; '.join(failures)}" if failures else None


def failed(found: Check, own: Check, params: NextPurchaseParams, is_backtested: bool) -> list[str]:
    """What a model got wrong in the hold-out: in all, for classes of customers, for one customer."""
    failures = []
    if not is_backtested and abs(found.predicted - found.actual) > params.tolerance * found.actual:
        failures.append(f"{told(found)}, off by more than {100 * params.tolerance:g} %")
    if found.class_error > params.class_tolerance:
        failures.append(f"{by_class(found)}, more than class_tolerance ({params.class_tolerance:g})")
    if not is_backtested and found.error > own.error:
        failures.append(f"error for one customer {found.error:.4g}, that of the own rhythm {own.error:.4g}")
    return failures


def by_class(found: Check) -> str:
    """How the classes are off, with the worst of them."""
    worst = found.worst
    repeats = f"{worst['repeats']} repeat{'' if worst['repeats'] == '1' else 's'}"
    return (
        f"for the {worst['customers']:,} customers with {repeats} {worst['predicted_orders']:,.0f} "
        f"order days foretold, {worst['actual_orders']:,} came; the classes are off by {found.class_error:.2f}"
    )


def told(found: Check) -> str:
    ratio = f" ({found.predicted / found.actual:.1%})" if found.actual else ""
    return f"{found.predicted:,.0f} order days foretold, {found.actual:,} came{ratio}"


def choose(objections: Mapping[str, str | None], checks: Mapping[str, Check], evidence: Evidence) -> str:
    """The model without objection that errs least, on several earlier days or else in the hold-out.

    The customers' own rhythm is one of them; it is used if there is no other.
    """
    sound = [name for name, why in objections.items() if why is None]
    if evidence.is_enough and sound:
        return min([*sound, RHYTHM], key=evidence.score)
    return min(sound, key=lambda name: checks[name].error, default=RHYTHM)


def model_rows(
    now: Past,
    before: Past,
    checks: Mapping[str, Check],
    objections: Mapping[str, str | None],
    used: str,
    params: NextPurchaseParams,
) -> list[dict[str, Any]]:
    """Rows of PURCHASE_MODELS: each model as of now, and at the split, where the calendar has a day for it."""
    rows = []
    for name, why in objections.items():
        verdict = why or (held(checks[name]) if name == used else f"{held(checks[name])}, but {used} errs less")
        rows.append(model_row(now.counting[name], now, checks.get(name), name == used, verdict))
        early = before.counting[name].problem or "fitted to foretell the hold-out"
        rows.append(model_row(before.counting[name], before, checks.get(name), False, early))
    rows.append(rhythm_row(now, checks.get(RHYTHM), used, params))
    spending = now.spending.problem or "amounts of the forecasts"
    rows.append(model_row(now.spending, now, None, now.spending.is_sound, spending))
    rows.append(model_row(before.spending, before, None, False, before.spending.problem or "fitted for the hold-out"))
    return list({(row["model"], row["fitted_on"]): row for row in reversed(rows)}.values())


def rhythm_row(now: Past, own: Check | None, used: str, params: NextPurchaseParams) -> dict[str, Any]:
    """The row of the own rhythm, which is used where no model is; that it too is off for classes is said."""
    said = own_rhythm(own) + "; the windows are always made with it"
    if own is not None and own.class_error > params.class_tolerance:
        said += f"; {by_class(own)}: go by the sum, not by such a class"
    is_used = used == RHYTHM
    verdict = f"used: {said}" if is_used else said
    return model_row(Fitted(RHYTHM, now.customers, 0, None, None), now, own, is_used, verdict)


def held(found: Check) -> str:
    return f"foretells the hold-out: {told(found)}, error for one customer {found.error:.4g}"


def own_rhythm(found: Check | None) -> str:
    return held(found).replace("foretells", "the own rhythm in") if found else "the own rhythm, not checked"


def model_row(fitted: Fitted, past: Past, found: Check | None, is_used: bool, verdict: str) -> dict[str, Any]:
    """A row of PURCHASE_MODELS."""
    return {
        "model": fitted.name,
        "fitted_on": past.on,
        "customers": fitted.customers,
        "histories": fitted.histories,
        "log_likelihood": None if fitted.estimate is None else fitted.estimate.log_likelihood,
        "error": None if found is None else found.error,
        "class_error": None if found is None else found.class_error,
        "is_used": is_used,
        "verdict": verdict if fitted.note is None else f"{verdict}; {fitted.note}",
    }
