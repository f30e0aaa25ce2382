"""The shuffle test: its mean and variance are those of all shuffles, and homophily alone raises no alarm."""

from __future__ import annotations

import random
from itertools import permutations

import numpy as np
import pytest

from vitalfew.algorithms.statistics.shuffled_times import Pairs, shuffled, together
from vitalfew.dataframes.arrays import Ints


def pairs(matrix: Ints) -> Pairs:
    rows, columns = matrix.sum(axis=1), matrix.sum(axis=0)
    sums = (matrix.sum(), (matrix * matrix.T).sum(), (rows**2).sum(), (columns**2).sum(), (rows * columns).sum())
    return Pairs(*map(int, sums))


def soon_after(days: Ints, window: int) -> Ints:
    gaps = days[None, :] - days[:, None]
    return ((gaps > 0) & (gaps <= window)).astype(np.int64)


@pytest.mark.parametrize("actors", [2, 3, 4, 6])
def test_mean_and_variance_are_those_of_all_shuffles(actors: int) -> None:
    dice = np.random.default_rng(actors)
    for _ in range(5):
        ties = (dice.random((actors, actors)) < 0.5).astype(np.int64)
        np.fill_diagonal(ties, 0)
        times = soon_after(dice.integers(0, 6, actors), 2)
        seen = int((ties * times).sum())
        every = [(ties * times[np.ix_(order, order)]).sum() for order in map(list, permutations(range(actors)))]
        found = shuffled(actors, pairs(ties), pairs(times), seen)
        assert (found.mean, found.variance) == pytest.approx((np.mean(every), np.var(every)), abs=1e-9)


def test_one_actor_alone_cannot_be_shuffled() -> None:
    nothing = Pairs(0, 0, 0, 0, 0)
    assert shuffled(1, nothing, nothing, 0).z is None
    assert together([]).z is None


def test_all_in_one_week_is_a_campaign_and_no_influence() -> None:
    days = np.array([3] * 20)
    ties = np.ones((20, 20), np.int64) - np.eye(20, dtype=np.int64)
    assert shuffled(20, pairs(ties), pairs(soon_after(days, 7)), 0).z is None


def world(is_influenced: bool, seed: int) -> tuple[float, float]:
    """z of the shuffle of times, and of that of customers: households with taste of their own, which buy when they like,
    or, with influence, mostly soon after each other."""
    dice = random.Random(seed)
    households = [list(range(4 * place, 4 * place + 4)) for place in range(150)]
    found, by_customer = [], []
    for _ in range(12):
        bought: dict[int, int] = {}
        for household in households:
            if dice.random() < 0.25:  # the taste of the whole household
                for member in household:
                    if dice.random() < 0.7:
                        before = [bought[other] for other in household if other in bought]
                        is_follower = is_influenced and before and dice.random() < 0.5
                        bought[member] = max(before) + dice.randrange(1, 8) if is_follower else dice.randrange(180)
        who = sorted(bought)
        days = np.array([bought[each] for each in who])
        ties = np.array([[int(a != b and a // 4 == b // 4) for b in who] for a in who])
        soon = soon_after(days, 7)
        seen = int((ties * soon).sum())
        found.append(shuffled(len(who), pairs(ties), pairs(soon), seen))
        by_customer.append((seen, *of_anybody(bought, dice)))
    mean, variance = (sum(part) for part in zip(*[each[1:] for each in by_customer], strict=True))
    z = together(found).z
    assert z is not None
    return z, (sum(each[0] for each in by_customer) - mean) / variance**0.5


def of_anybody(bought: dict[int, int], dice: random.Random) -> tuple[float, float]:
    """Mean and variance of what is seen where customers, and not times, are shuffled: the wrong null."""
    counts = []
    for _ in range(40):
        who = dice.sample(range(600), len(bought))
        of_household: dict[int, list[int]] = {}
        for each, day in zip(who, bought.values(), strict=True):
            of_household.setdefault(each // 4, []).append(day)
        counts.append(sum(0 < b - a <= 7 for days in of_household.values() for a in days for b in days))
    return float(np.mean(counts)), float(np.var(counts))


def test_alike_taste_is_no_alarm_and_influence_is_one() -> None:
    alike, false_alarm = world(is_influenced=False, seed=3)
    moved, _ = world(is_influenced=True, seed=3)
    assert abs(alike) < 3
    assert moved > 5
    assert false_alarm > 10  # shuffling customers takes alike taste for influence


def test_without_influence_z_is_that_of_chance() -> None:
    """Over many worlds z has mean 0 and deviation 1."""
    dice = np.random.default_rng(2)
    ties: Ints = np.kron(np.eye(25, dtype=np.int64), np.ones((4, 4), np.int64)) - np.eye(100, dtype=np.int64)
    drawn = []
    for _ in range(300):
        soon = soon_after(dice.integers(0, 90, 100), 7)
        drawn.append(shuffled(100, pairs(ties), pairs(soon), int((ties * soon).sum())).z or 0.0)
    assert abs(np.mean(drawn)) < 0.2
    assert 0.85 < np.std(drawn) < 1.15
