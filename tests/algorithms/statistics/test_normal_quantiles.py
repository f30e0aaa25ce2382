"""Quantiles of the normal distribution."""

from __future__ import annotations

import pytest
import scipy

from vitalfew.algorithms.statistics.normal_quantiles import one_sided, two_sided


def test_they_are_those_of_scipy_and_of_every_table() -> None:
    assert [round(two_sided(0.95), 2), round(one_sided(0.95), 3)] == [1.96, 1.645]
    for confidence in (0.5, 0.8, 0.975, 1 - 1e-9):
        assert one_sided(confidence) == pytest.approx(scipy.stats.norm.ppf(confidence), abs=1e-9)
        assert two_sided(confidence) == pytest.approx(scipy.stats.norm.interval(confidence)[1], abs=1e-6)
