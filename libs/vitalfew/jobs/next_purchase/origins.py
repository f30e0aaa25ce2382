"""Forecasts made as of earlier days, by every method, beside what came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vitalfew.algorithms.clv import activity
from vitalfew.algorithms.clv.activity import FLAT, Clock, Profile
from vitalfew.algorithms.clv.purchase_histories import Histories
from vitalfew.dataframes.arrays import Floats
from vitalfew.jobs.next_purchase import gap_returns, rhythm_panel, season
from vitalfew.jobs.next_purchase.amounts import amounts
from vitalfew.jobs.next_purchase.models import FITS, fitted_from
from vitalfew.jobs.next_purchase.panel import Known, Panel, between, grouped, known_before
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.scoring import COUNTING, WEEK, ahead
from vitalfew.jobs.next_purchase.snapshot import RHYTHM

LAST_PERIOD, YEAR_AGO, HISTORIC_RATE = "last_period", "year_ago", "historic_rate"
BASELINES = (LAST_PERIOD, YEAR_AGO, HISTORIC_RATE)
MOST_ORIGINS = 6
"""For each horizon."""
LONGEST_STEP, SHORTEST_STEP = 61, 14
WARM_UP = 90
"""Days of the shop that must be known before the first origin."""


@dataclass(frozen=True)
class Origin:
    """One earlier day. `orders` by method, `money` by baseline, what came: customers × horizons.

    Of each customer: `alive` by model of counts, `amounts` by model of amounts; `by_gaps`: the probability of an order
    within each horizon by the own gaps, None where nobody had come back.
    """

    known: Known
    profile: Profile
    orders: Mapping[str, Floats]
    alive: Mapping[str, Floats]
    money: Mapping[str, Floats]
    amounts: Mapping[str, Floats]
    came: Floats
    came_value: Floats
    measured: Sequence[bool]
    by_gaps: Floats | None = None

    @property
    def on(self) -> int:
        return self.known.on


def origin_days(first: int, as_of: int, horizons: Sequence[int]) -> list[int]:
    """Days to predict from: for each horizon up to MOST_ORIGINS, the same days for as many horizons as may be."""
    room = as_of - horizons[0] - (first + WARM_UP)
    if room < 0:
        return []
    step = int(np.clip(room // (MOST_ORIGINS - 1), SHORTEST_STEP, LONGEST_STEP))
    grid = [as_of - horizons[0] - back for back in range(0, room + 1, step)]
    wanted = {on for horizon in horizons for on in [on for on in grid if on + horizon <= as_of][:MOST_ORIGINS]}
    return sorted(wanted)


def measured_from(
    panel: Panel,
    as_of: int,
    horizons: Sequence[int],
    params: NextPurchaseParams,
    first: Mapping[str, list[float]] | None = None,
    today: Profile = FLAT,
) -> list[Origin]:
    """Every origin, in the order of the days.

    first: parameters from which the first of them begins; today: the season as of `as_of`.
    """
    seen = panel.day[panel.is_sale & (panel.day < as_of)]
    if not len(seen):
        return []
    near = dict(first or {})
    days = origin_days(int(seen.min()), as_of, horizons)
    return [origin(panel, on, as_of, horizons, params, near, today) for on in days]


def origin(
    panel: Panel,
    on: int,
    as_of: int,
    horizons: Sequence[int],
    params: NextPurchaseParams,
    near: dict[str, list[float]],
    today: Profile = FLAT,
) -> Origin:
    """What is predicted on the day `on` from what was known before it; `near` keeps parameters to begin from.

    Of the season alone that of `today` may be used: see `season.on_day`.
    """
    known = known_before(panel, on)
    profile = season.on_day(panel, known, params.season, today)
    clock = clock_of(profile, int(known.first.min()), on, horizons[-1])
    is_enough = np.count_nonzero(known.repeats) >= params.min_repeaters * panel.share
    predicted = by_models(known, clock, horizons, near) if is_enough else {}
    ends = ahead(clock, on, horizons)
    gaps = rhythm_panel.gaps_before(panel, known)
    own, returns = rhythm_panel.expected(gaps, known, ends * WEEK), gap_returns.fit(gaps, known)
    if own is not None:
        predicted[RHYTHM] = own
    simplest = by_baselines(panel, known, horizons)
    came = [between(panel, known, on, on + horizon) for horizon in horizons]
    return Origin(
        known,
        profile,
        {name: orders for name, (_, orders) in predicted.items()}
        | {name: orders for name, (orders, _) in simplest.items()},
        {name: alive for name, (alive, _) in predicted.items()},
        {name: money for name, (_, money) in simplest.items()},
        amounts(known),
        np.column_stack([orders for orders, _ in came]),
        np.column_stack([value for _, value in came]),
        [on + horizon <= as_of for horizon in horizons],
        None
        if returns is None
        else returns.probability(gaps.n, gaps.total, gaps.square, known.silent, (ends * WEEK).tolist()),
    )


def clock_of(profile: Profile, first: int, on: int, longest: int) -> Clock | None:
    """Activity time of a profile; None where it is the calendar's."""
    return None if profile.is_flat else activity.clock(profile, first, on + longest)


def by_models(
    known: Known, clock: Clock | None, horizons: Sequence[int], near: dict[str, list[float]]
) -> dict[str, tuple[Floats, Floats]]:
    """P(alive) and orders by each model of counts that has a sound fit to what is known."""
    histories = known.histories(clock)
    table = grouped(histories, season.FITTED)
    times = ahead(clock, known.on, horizons)
    found = {}
    for name in FITS:
        estimate = fitted_from(name, table, near.get(name))
        if estimate.problem is None:
            near[name] = estimate.values.tolist()
            found[name] = scored(name, estimate.values, histories, times)
    return found


def scored(name: str, values: Floats, histories: Histories, times: Floats) -> tuple[Floats, Floats]:
    """P(alive) of each history, and its expected purchases within each of `times`."""
    cells = np.column_stack([histories.x, histories.t_x, histories.age])
    rows, which = np.unique(cells, axis=0, return_inverse=True)
    history = (values, rows[:, 0], rows[:, 1], rows[:, 2])
    alive, found = COUNTING[name].p_alive(*history), COUNTING[name].expected_purchases(*history, times)
    return np.asarray(alive[which.reshape(-1)]), np.asarray(found[which.reshape(-1)])


def by_baselines(panel: Panel, known: Known, horizons: Sequence[int]) -> dict[str, tuple[Floats, Floats]]:
    """Orders and money by the simplest rules: the last period again, the same a year ago, the rate so far."""
    last = [between(panel, known, known.on - h, known.on) for h in horizons]
    share = [h / np.maximum(known.age, h) for h in horizons]
    rate = [(known.repeats * each, known.amount * each) for each in share]
    found = {LAST_PERIOD: stacked(last), HISTORIC_RATE: stacked(rate)}
    then = known.on - activity.YEAR
    if known.first.min() <= then:
        found[YEAR_AGO] = stacked([between(panel, known, then, min(then + h, known.on)) for h in horizons])
    return found


def stacked(pairs: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    """Orders and money, each with a column for every horizon."""
    return np.column_stack([orders for orders, _ in pairs]), np.column_stack([money for _, money in pairs])
