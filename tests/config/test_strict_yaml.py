"""YAML says what it seems to say."""

from __future__ import annotations

import pytest
import yaml

from vitalfew.config import strict_yaml


def test_words_and_times_stay_text_and_numbers_are_numbers() -> None:
    text = "{country: NO, at: 12:30, day: 2025-01-31, small: 1e-3, half: .5, n: -7, on: true, none: ~, octal: 010}"
    assert strict_yaml.load(text) == {
        "country": "NO",
        "at": "12:30",
        "day": "2025-01-31",
        "small": 0.001,
        "half": 0.5,
        "n": -7,
        "on": True,
        "none": None,
        "octal": 10,
    }


def test_a_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(yaml.YAMLError, match="the key bands stands twice"):
        strict_yaml.load("bands: 5\nbands: 3\n")


def test_python_objects_are_refused() -> None:
    with pytest.raises(yaml.YAMLError):
        strict_yaml.load("!!python/object/apply:os.system ['true']")
