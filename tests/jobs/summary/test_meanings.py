"""The words of the page in words: of the settings that the jobs had, and each override in a line of its own."""

from __future__ import annotations

from typing import Any

import pytest

from vitalfew import suite
from vitalfew.domain.burst_params import BurstParams
from vitalfew.domain.definitions import Definitions, used
from vitalfew.jobs.summary.meanings import TERMS, meanings
from vitalfew.messages.words import LANGUAGES, Words

ENGLISH = Words("en", None)


def configured(**changes: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The settings of all jobs as runs keep them: the defaults, but for these."""
    names = {job for term in TERMS for job in term.jobs}
    defaults = {name: suite.JOBS[name].params().model_dump(mode="json") for name in names}
    return {name: {**values, **changes.get(name, {})} for name, values in defaults.items()}


def lines(configs: dict[str, dict[str, Any]]) -> list[tuple[str, str, str]]:
    rows = [row for chart in meanings(configs) for row in chart.rows]
    return [(row["word"].text(ENGLISH), row["meaning"].text(ENGLISH), row["from"].text(ENGLISH)) for row in rows]


def test_each_word_has_one_meaning_where_nothing_is_overridden() -> None:
    found = lines(configured())
    assert len(found) == len(TERMS) == len({word for word, _, _ in found})
    meaning = {word: text for word, text, _ in found}
    assert meaning["super customer"] == "Worth at least 3.0 times the mean of all others."
    assert meaning["churned"] == "No order for 180 days; after 365 days no alert speaks of them any more."
    assert meaning["inactive"] == "Days without an order, in steps: 30, 60, 90, 120."
    assert meaning["overdue"].startswith("Silent for longer than 80% of the customer's own gaps between orders.")
    assert meaning["segments"].endswith("scores by equal parts of the customers, over all orders.")
    assert len(meanings(configured())[0].fields) == 2


def test_an_override_stands_beside_the_shared_meaning_and_names_its_job() -> None:
    own = {"super_factor": 5.0, "overrides": ["super_factor"]}
    found = [line[1:] for line in lines(configured(alerts=own)) if line[0] == "super customer"]
    assert found == [
        ("Worth at least 3.0 times the mean of all others.", "settings of all"),
        ("Worth at least 5.0 times the mean of all others.", "overridden in alerts"),
    ]
    assert len(meanings(configured(alerts=own))[0].fields) == 3


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        (
            {"segments": "rf_grid"},
            "Ten segments by scores from 1 to 5 for recency and frequency; scores by equal parts",
        ),
        ({"window_days": 365}, "over the last 365 days."),
        ({"cuts": {"frequency": [2, 3, 5, 10]}}, "scores by limits that you set"),
    ],
)
def test_segments_are_those_of_the_map(settings: dict[str, Any], text: str) -> None:
    assert text in next(meaning for word, meaning, _ in lines(configured(rfm=settings)) if word == "segments")


@pytest.mark.parametrize(("map_", "is_there"), [("eleven", True), ("rf_grid", True), ("three_by_three", False)])
def test_at_risk_is_explained_where_the_map_has_it(map_: str, is_there: bool) -> None:
    assert any(word == "segment At Risk" for word, _, _ in lines(configured(rfm={"segments": map_}))) is is_there


def test_settings_of_an_older_version_are_passed_over() -> None:
    assert not meanings({"alerts": {}, "rfm": {}})
    assert not meanings({})


def test_every_definition_of_silence_and_value_is_explained() -> None:
    told = {name for term in TERMS for name in term.settings.values()}
    kept = {"top_share", "exclude_products", "exclude_where", "segmentation", *BurstParams.model_fields}
    assert {*Definitions.model_fields} - kept <= told
    for term in TERMS:
        for job in term.jobs:
            shared = {setting for setting, _ in used(suite.JOBS[job].params)}
            assert {*term.settings.values()} & {*Definitions.model_fields} <= shared, (term.code, job)


@pytest.mark.parametrize("language", LANGUAGES)
def test_meanings_are_said_in_each_language(language: str) -> None:
    words = Words(language, None)
    for row in meanings(configured())[0].rows:
        assert len(row["meaning"].text(words)) > 8
