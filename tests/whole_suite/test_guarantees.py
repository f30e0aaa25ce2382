"""Every promise in docs/guarantees.md says what it does not cover, and names tests that exist."""

from __future__ import annotations

import ast
import re

import pytest

from journey import ROOT
from vitalfew.domain.small_groups import OF_PEOPLE

PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
PROMISES = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@pytest.mark.parametrize("promise", PROMISES, ids=lambda text: text.split(".")[0])
def test_a_promise_has_limits_and_tests_that_exist(promise: str) -> None:
    assert "**Not covered:**" in promise
    named = NAMED.findall(promise)
    assert named
    for path, name in named:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{path}::{name}"


def test_the_promises_are_numbered() -> None:
    assert [promise.split(".")[0] for promise in PROMISES] == [f"G{number}" for number in range(1, len(PROMISES) + 1)]


def test_every_table_whose_small_groups_are_hidden_is_listed() -> None:
    text = (ROOT / "docs/privacy.md").read_text(encoding="utf-8").partition("## Small groups")[2]
    assert [name for name in OF_PEOPLE if f"`{name}`" not in text] == []
