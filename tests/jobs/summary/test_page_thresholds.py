"""The words of the page turn at their thresholds, and not before."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pyspark.sql import Row

from vitalfew.jobs.clusters.figures import verdict as of_silhouette
from vitalfew.jobs.cohorts.figures import title
from vitalfew.jobs.contribution.figures import answer
from vitalfew.jobs.next_purchase.figures import verdict as of_tests
from vitalfew.jobs.recommendations.figures import verdict as of_scores
from vitalfew.jobs.summary.params import SummaryParams
from vitalfew.jobs.summary.sureness import CHANCE, COVERED, OFF, level, of_errors
from vitalfew.report.sections import Asked

ASKED = Asked(SummaryParams(), date(2025, 3, 1))


@pytest.mark.parametrize("limits", [OFF, COVERED, CHANCE])
def test_a_list_is_sure_up_to_its_limits(limits: tuple[float, float]) -> None:
    low, high = limits
    assert [level(value, limits) for value in (low, low + 1e-9, high, high + 1e-9)] == [3, 2, 2, 1]


@pytest.mark.parametrize(("errors", "sure"), [(3.0, 3), (2.99, 2), (2.0, 2), (1.99, 1), (None, 1)])
def test_a_fall_is_as_sure_as_its_standard_errors(errors: float | None, sure: int) -> None:
    assert of_errors(errors)[0] == sure


@pytest.mark.parametrize(
    ("ours", "baseline", "word"),
    [
        (0.5, 0.5, "no_better"),
        (0.51, 0.5, "little"),
        (0.549, 0.5, "little"),
        (0.56, 0.5, "clearly"),
        (0.0, 0.0, "no_better"),
        (0.1, 0.0, "clearly"),
    ],
)
def test_recommendations_are_better_by_their_gain(ours: float, baseline: float, word: str) -> None:
    assert of_scores(ours, baseline) == word


@pytest.mark.parametrize(
    ("silhouette", "word"), [(0.5, "apart"), (0.499, "loose"), (0.25, "loose"), (0.249, "overlap"), (None, "unknown")]
)
def test_groups_are_apart_by_their_silhouette(silhouette: float | None, word: str) -> None:
    assert of_silhouette(silhouette).code == word


@pytest.mark.parametrize(("share", "word"), [(0.25, "few"), (0.26, "some"), (0.5, "some"), (0.51, "many")])
def test_value_is_in_few_hands_or_spread(share: float, word: str) -> None:
    row = Row(share_for_target=share, subjects_for_target=5, subjects=10, super_subjects=0, super_share=None)
    assert answer(row, ASKED)[0].code == word


def held_out(predicted: float, count: int = 3) -> list[Row]:
    row = Row(predicted_value=predicted, actual_value=100, corrected_orders=1.0, predicted_orders=1.0)
    return [row] * count


@pytest.mark.parametrize(("predicted", "word"), [(109.9, "right"), (90.1, "right"), (110.1, "high"), (89.9, "low")])
def test_a_forecast_is_right_within_a_tenth(predicted: float, word: str) -> None:
    assert of_tests(held_out(predicted)).code == word
    assert of_tests(held_out(predicted, count=2)).code == "untested"


def test_a_right_forecast_is_said_to_be_as_far_off_as_its_worst_test() -> None:
    """Errors to either side take each other away in the sum, and a reader has only one of the days."""
    found = of_tests([*held_out(120, 1), *held_out(81, 1), *held_out(100, 1)])
    assert (found.code, float(str(found.values["off"]))) == ("right", 0.2)


@pytest.mark.parametrize(("later", "word"), [(0.54, "steady"), (0.46, "steady"), (0.56, "rose"), (0.44, "fell")])
def test_cohorts_hold_steady_within_five_hundredths(later: float, word: str) -> None:
    base: dict[str, Any] = {"cohort": "2025-01", "customers": 30, "is_doubtful": False}
    rows = [{**base, "months": 1, "share": 0.5}, {**base, "months": 2, "share": later}]
    assert title(rows).code == word
    assert title(rows[:1]).code == "plain"
