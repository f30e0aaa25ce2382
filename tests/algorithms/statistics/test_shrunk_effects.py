"""What to expect of an effect in a group, worked out by hand, and as a joint normal distribution has it."""

from __future__ import annotations

import random

import numpy as np
import pytest

from vitalfew.algorithms.statistics.shrunk_effects import Estimate, shrunk, weighted


def test_a_group_is_drawn_to_all_groups_and_these_to_the_assumption() -> None:
    # Precisions 1/0.1^2 = 100 and 1/0.05^2 = 400: all groups are expected at (1 + 80) / 500; the group has half of the rest.
    found = shrunk(own=Estimate(0.3, 0.1), overall=Estimate(0.2, 0.05), assumed=Estimate(0.01, 0.1), spread=0.1)
    level = (0.01 * 100 + 0.2 * 400) / 500
    assert found.value == pytest.approx(0.5 * 0.3 + 0.5 * level)
    assert found.value == pytest.approx(0.231)
    assert found.error**2 == pytest.approx(0.5 * 0.01 + 0.25 / 500)
    assert found.assumed_share == pytest.approx(0.5 * 100 / 500)
    assert found.interval == pytest.approx((0.231 - 1.96 * 0.0055**0.5, 0.231 + 1.96 * 0.0055**0.5), abs=1e-5)


def test_without_its_own_estimate_a_group_is_like_all_and_less_sure() -> None:
    found = shrunk(None, Estimate(-0.08, 0.05), Estimate(0.02, 0.05), spread=0.1)
    assert found.value == pytest.approx(-0.03)
    assert found.assumed_share == pytest.approx(0.5)
    assert found.error**2 == pytest.approx(0.05**2 / 2 + 0.1**2)
    nothing = shrunk(None, None, Estimate(0.02, 0.05), 0.0)
    assert nothing.value == pytest.approx(0.02)
    assert nothing.assumed_share == pytest.approx(1.0)


def test_several_estimates_of_one_effect_count_by_their_precision() -> None:
    pooled = weighted([Estimate(0.1, 0.1), Estimate(0.4, 0.2)])
    assert pooled is not None
    assert pooled.value == pytest.approx((10 + 10) / 125)
    assert pooled.precision == pytest.approx(125)
    assert weighted([]) is None


def test_it_is_the_posterior_of_a_joint_normal_distribution() -> None:
    """Unknown are the effect of the action and those of its groups, each of which was observed with an error."""
    dice = random.Random(3)
    for _ in range(200):
        assumed, *groups = (Estimate(dice.gauss(0, 0.1), dice.uniform(0.005, 0.2)) for _ in range(dice.randint(2, 5)))
        spread, size = dice.uniform(0.005, 0.2), len(groups)
        prior = np.full((size, size), assumed.error**2) + np.diag([spread**2] * size)
        gain = prior @ np.linalg.inv(prior + np.diag([each.error**2 for each in groups]))
        mean = assumed.value + gain @ np.array([each.value - assumed.value for each in groups])
        variance = np.diag(prior - gain @ prior)
        overall = weighted(Estimate(each.value, (each.error**2 + spread**2) ** 0.5) for each in groups)
        for number, own in enumerate(groups):
            found = shrunk(own, overall, assumed, spread)
            assert found.value == pytest.approx(mean[number])
            assert found.error**2 == pytest.approx(variance[number])
