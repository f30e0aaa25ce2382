"""What customers are scored with, as a fit and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vitalfew.algorithms.clv.activity import Clock, Profile
from vitalfew.algorithms.clv.gap_returns import GapReturns
from vitalfew.algorithms.clv.maximum_likelihood import Estimate
from vitalfew.domain.fits import Cell, Fit
from vitalfew.jobs.next_purchase import origins, return_probability
from vitalfew.jobs.next_purchase.choices import Choice
from vitalfew.jobs.next_purchase.evidence import Season
from vitalfew.jobs.next_purchase.models import SPENDING, Fitted
from vitalfew.jobs.next_purchase.outlook import Published
from vitalfew.jobs.next_purchase.return_probability import Calibrated, Formula
from vitalfew.jobs.next_purchase.snapshot import Past

MODEL, AMOUNT, SEASON, SHARED_BY = "model", "amount", "season", "shared_by"
ORDERS, VALUE, RETURNS, SEEN = "orders", "value", "return_log_odds", "return_measures"
SHARE, BESIDE = "return_share", "return_beside"
GAPS = "return_gaps"
OTHERWISE = "unused"

Cells = dict[tuple[str, str], Sequence[Cell]]


@dataclass(frozen=True)
class Scorer:
    """The model that is used, what it knows of the customers now, and what the back-tests let stand."""

    used: str
    now: Past
    published: Published
    season: Season | None


def cells(scorer: Scorer) -> Cells:
    """All that a later day needs to score with."""
    now, found = scorer.now, scorer.published
    fitted: Cells = {(MODEL, name): each.values for name, each in now.counting.items() if each.is_sound}
    fitted[MODEL, "used"] = [scorer.used]
    if now.spending.is_sound:
        fitted[AMOUNT, SPENDING] = now.spending.values
    if now.by_frequency is not None:
        fitted[AMOUNT, "by_frequency"] = now.by_frequency
    if found.gaps is not None:
        fitted |= of_gaps(found.gaps)
    return {**fitted, **of_season(scorer.season), **chosen(ORDERS, found.orders), **chosen(VALUE, found.value)} | {
        (part, str(days)): values
        for days, each in found.returns.items()
        if each.is_published
        for part, values in of_returns(each).items()
    }


def of_gaps(found: GapReturns) -> Cells:
    """Mean and variances of the log-gaps; who leaves; the gaps longer than each edge, by class of known gaps."""
    return {
        (GAPS, "all"): [found.mean, found.within, found.between],
        (GAPS, "leaving"): found.leaving.tolist(),
        **{(GAPS, f"longer_{c}"): row.tolist() for c, row in enumerate(found.longer)},
    }


def gap_returns(fit: Fit) -> GapReturns | None:
    """As they were fitted, where a probability goes by them."""
    common, leaving = fit.numbers(GAPS, "all"), np.array(fit.numbers(GAPS, "leaving"))
    if not common:
        return None
    longer = np.array([fit.numbers(GAPS, f"longer_{c}") for c in range(len(leaving))])
    return GapReturns(common[0], common[1], common[2], longer, leaving)


def of_returns(found: Calibrated) -> dict[str, Sequence[Cell]]:
    """Intercept and weights; the least and the most of each measure; what stands beside it, with what weight."""
    formula = found.formula
    return {
        RETURNS: [formula.intercept, *formula.weights.tolist()],
        SEEN: [*formula.low.tolist(), *formula.high.tolist()],
        SHARE: [found.share],
        BESIDE: [found.beside],
    }


def of_season(season: Season | None) -> Cells:
    if season is None:
        return {}
    profile = season.profile
    return {
        (SEASON, "months"): profile.months.tolist(),
        (SEASON, "weekdays"): profile.weekdays.tolist(),
        (SEASON, "spread"): [profile.spread],
        (SEASON, "is_known"): [float(profile.is_known)],
        (SEASON, "first_day"): [] if season.first is None else [float(season.first)],
    }


def chosen(part: str, choices: Mapping[int, Choice]) -> Cells:
    """Of each horizon the method, and by which model customers share its sum, if by one; factor, origins, spread."""
    found: Cells = {}
    for days, each in choices.items():
        found[f"{part}_method", str(days)] = [each.method]
        found[part, str(days)] = [each.factor, float(each.origins), each.spread]
        if each.shared_by is not None:
            found[f"{part}_{SHARED_BY}", str(days)] = [each.shared_by]
    return found


def is_whole(fit: Fit) -> bool:
    """Whether the fit holds all that its probabilities need; one that an earlier version saved may not."""
    return fit.names(RETURNS) == fit.names(SHARE) == fit.names(BESIDE)


def used(fit: Fit) -> str:
    """The model that predicts."""
    return fit.word(MODEL, "used") or ""


def near(fit: Fit) -> dict[str, list[float]]:
    """The parameters of each sound model of counts."""
    return {name: fit.numbers(MODEL, name) for name in fit.names(MODEL) if name != "used"}


def models(fit: Fit) -> tuple[dict[str, Fitted], Fitted]:
    """The models of counts, and that of amounts."""
    return {name: sound(name, values) for name, values in near(fit).items()}, sound(
        SPENDING, fit.numbers(AMOUNT, SPENDING)
    )


def sound(name: str, values: Sequence[float]) -> Fitted:
    if not values:
        return Fitted(name, 0, 0, None, OTHERWISE)
    known = np.array(values)
    return Fitted(name, 0, 0, Estimate((), known, np.full(len(known), np.nan), np.nan, None), None)


def by_frequency(fit: Fit) -> tuple[float, float] | None:
    """As of `amounts.by_frequency`, where that is the model of amounts."""
    values = fit.numbers(AMOUNT, "by_frequency")
    return (values[0], values[1]) if values else None


def clock(fit: Fit, on: int, longest: int) -> Clock | None:
    """Activity time as of the day `on`, by the season of the fit."""
    first = fit.numbers(SEASON, "first_day")
    if not first:
        return None
    return origins.clock_of(profile(fit), int(first[0]), on, longest)


def profile(fit: Fit) -> Profile:
    """The season of the fit."""
    months, weekdays = (np.array(fit.numbers(SEASON, name)) for name in ("months", "weekdays"))
    return Profile(months, weekdays, fit.numbers(SEASON, "spread")[0], is_known(fit))


def is_known(fit: Fit) -> bool:
    return fit.numbers(SEASON, "is_known") == [1.0]


def published(fit: Fit) -> Published:
    """What the back-tests of the fit let stand."""
    returns = {
        int(days): Calibrated(
            formula(fit, days),
            fit.word(BESIDE, days) or return_probability.MODEL,
            fit.numbers(SHARE, days)[0],
            [],
            True,
        )
        for days in sorted(fit.names(RETURNS), key=int)
    }
    return Published(choices(fit, ORDERS), choices(fit, VALUE), returns, is_known(fit), gap_returns(fit))


def formula(fit: Fit, days: str) -> Formula:
    """Of the probability to return within `days`."""
    intercept, *weights = fit.numbers(RETURNS, days)
    low, high = np.split(np.array(fit.numbers(SEEN, days)), 2)
    return Formula(intercept, np.array(weights), low, high)


def choices(fit: Fit, part: str) -> dict[int, Choice]:
    found = {}
    for days in fit.names(part):
        factor, origins_, spread = fit.numbers(part, days)
        method, shared_by = fit.word(f"{part}_method", days) or "", fit.word(f"{part}_{SHARED_BY}", days)
        found[int(days)] = Choice(method, shared_by, factor, int(origins_), spread)
    return found
