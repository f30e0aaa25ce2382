"""The season of a shop, from the purchases of its customers before a day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vitalfew.algorithms.clv import activity, mbg_nbd, mbg_nbd_likelihood
from vitalfew.algorithms.clv.activity import Profile
from vitalfew.algorithms.clv.maximum_likelihood import Estimate
from vitalfew.dataframes.arrays import Floats
from vitalfew.jobs.next_purchase.panel import Known, Panel, grouped
from vitalfew.jobs.next_purchase.scoring import WEEK

FITTED = 800
"""Distinct histories from which a model is fitted for the season or for a back-test."""
FEWEST_REPEATS = 300
"""Repeat purchases from which on a season is looked for."""
ROUNDS = 2


def of_shop(panel: Panel, known: Known, months: Sequence[float] | None) -> Profile:
    """The profile as of the day of `known`; that of `months`, if somebody has given it."""
    if months is not None:
        return activity.given(months)
    if not len(known.who) or known.repeats.sum() < FEWEST_REPEATS:
        return activity.FLAT
    start = int(known.first.min())
    size = known.on - start
    if size < activity.YEAR:
        return activity.FLAT
    of_new = np.bincount(known.first - start, minlength=size).astype(float)
    seen = panel.is_sale & (panel.day < known.on)
    actual = np.bincount(panel.day[seen] - start, minlength=size) - of_new
    estimate: Estimate | None = None
    profile = activity.FLAT
    for _ in range(ROUNDS):
        clock = None if estimate is None else activity.clock(profile, start, known.on)
        near = None if estimate is None else estimate.values.tolist()
        estimate = mbg_nbd_likelihood.fit(grouped(known.histories(clock), FITTED), near)
        grown = grown_by(estimate.values, size)
        profile = activity.estimated(start, actual, activity.without_season(of_new, grown))
    return profile


def on_day(panel: Panel, known: Known, months: Sequence[float] | None, today: Profile) -> Profile:
    """As `of_shop`; but the profile of `today`, where two years are known today and were not on the day of `known`.

    What a forecast was worth that did not know the season, says little of one that knows it.
    """
    is_short = len(known.who) > 0 and known.on - int(known.first.min()) < activity.KNOWN_DAYS
    return today if today.is_known and is_short else of_shop(panel, known, months)


def grown_by(parameters: Floats, size: int) -> Floats:
    """Purchases expected of one new customer within the first 0, 1, … `size` days."""
    weeks = np.arange(1, size + 1) / WEEK
    none = np.zeros(1)
    return np.concatenate([[0.0], mbg_nbd.expected_purchases(parameters, none, none, none, weeks)[0]])
