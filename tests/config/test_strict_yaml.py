"""YAML says what it seems to say."""

from __future__ import annotations

import random
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from vitalfew.config import loading, strict_yaml
from vitalfew.errors import ConfigError


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


BOMB = "a: &a [x, x, x]\n" + "".join(f"{b}: &{b} [*{a}, *{a}, *{a}]\n" for a, b in pairwise("abcdefghijklmnop"))


@pytest.mark.parametrize(
    ("text", "why", "line"),
    [
        (BOMB, "the anchor &a is not allowed", 1),
        ("a: b\nc: *d", r"the alias \*d is not allowed: write the value out", 2),
        ("a: b\nc: &d e", "the anchor &d is not allowed", 2),
        ("a: !!binary aGk=", "the tag !!binary is not allowed", 1),
        ("a: !!set {b}", "the tag !!set is not allowed", 1),
        ("a:\n  !!timestamp 2020-01-01", "the tag !!timestamp is not allowed", 2),
        ("a: !!bool maybe", "the tag !!bool is not allowed", 1),
        ("a: !!omap [b: 1]", "the tag !!omap is not allowed", 1),
        ("!x a: b", "the tag !x is not allowed", 1),
        ("a: 1\nb:\n  1: x\n  01: y", "two of its keys mean the same", 3),
        ("null: x\n~: y", "two of its keys mean the same", 1),
        ("? [a]\n: b", "a key must be a word", 1),
        ("a: " + "[" * 60, "it is nested more than 40 deep", 1),
        ("a: " + "9" * 400, "a number of 400 digits is no setting", 1),
    ],
)
def test_what_no_configuration_needs_is_refused_with_its_line(text: str, why: str, line: int) -> None:
    with pytest.raises(yaml.MarkedYAMLError, match=why) as caught:
        strict_yaml.load(text)
    assert caught.value.problem_mark is not None
    assert caught.value.problem_mark.line + 1 == line


@pytest.mark.parametrize("text", ["a: " + "x" * (2 << 20), 'a: "\\ud800"', "[" * 100_000])
def test_what_is_too_large_or_no_text_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        strict_yaml.load(text)


SEEDS = [
    "engine: sail\nroot: data/x\nsources:\n  products: {at: p, columns: {name: upper(title)}, where: a > 1}\n",
    "root: data/x\nfiles:\n  products:\n    at: drops\n    types: {n: int}\n    columns: {product_id: id, name: n}\n",
]
PIECES = [
    "!!binary ",
    "&a ",
    "*a",
    "? ",
    "[",
    "{",
    "}",
    "\t",
    ": ",
    "- ",
    "\n",
    "~",
    "'",
    '"',
    "1e999",
    "9" * 5000,
    "${HOME}",
]
PIECES += [
    "\x00",
    "\u2028",
    "\x1b]0;x\x07",
    '"\\ud800"',
    "<<: ",
    "|",
    ">",
    "%TAG ! x",
    "---\n",
    "...",
    "true: ",
    "null",
    ".nan",
    "[" * 99,
]


@pytest.mark.parametrize("seed", range(300))
def test_no_changed_configuration_ends_in_anything_but_a_configuration_error(seed: int, tmp_path: Path) -> None:
    dice = random.Random(seed)
    text = dice.choice(SEEDS)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(text) + 1)
        text = text[:at] + dice.choice(PIECES) + text[at + dice.randrange(3) :]
    target = tmp_path / "target.yml"
    target.write_bytes(text.encode(errors="surrogatepass"))
    with suppress(ConfigError):
        loading.load(tmp_path, str(target), [])
