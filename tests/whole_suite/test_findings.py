"""The commands of docs/findings.md can be given: jobs, targets, tables and columns have these names, in this order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from vitalfew import suite
from vitalfew.cli import commands
from vitalfew.cli.show import View
from vitalfew.config import loading
from vitalfew.config.sql_names import KEYWORDS
from vitalfew.suite import TABLES

ROOT = Path(__file__).parents[2]
FINDINGS = (ROOT / "docs" / "findings.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```bash\n(.*?)```", FINDINGS, re.DOTALL) for line in block.splitlines()]
COLUMNS = {
    ("next_purchase", 18): "status",
    ("next_purchase", 19): "value_at_stake",
    ("customer360", 11): "income_band",
    ("customer360", 49): "priced_purchases",
    ("customer360", 50): "price_position",
    ("purchase_forecast", 5): "expected_value",
}
"""What awk sums up, by its place on the line."""


def test_there_are_three_findings_or_more_of_each_data_set_and_each_has_its_command() -> None:
    for part in FINDINGS.split("\n## ")[1:]:
        findings = part.split("\n### ")[1:]
        assert len(findings) >= 3
        assert all("```bash\nvitalfew show" in finding for finding in findings)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_can_be_given(command: str) -> None:
    shown, _, summed = command.partition(" | ")
    program, verb, *arguments = shlex.split(shown)
    assert (program, verb) == ("vitalfew", "show")
    given = commands.show.make_context("show", arguments).params
    table = TABLES[given["name"]]
    loading.load(ROOT / "conf", given["target"], [])
    View(None, given["limit"], given["where"], given["by"]).check(table)
    names = re.findall(r"[a-z_]+", re.sub(r"'[^']*'", "", given["where"] or ""))
    assert {*names} - KEYWORDS <= {*table.columns}
    for target in map(int, re.findall(r"\$(\d+)", summed)):
        assert list(table.columns)[target - 1] == COLUMNS[table.name, target]


@pytest.mark.parametrize("command", re.findall(r"`vitalfew (run [^`]+)`", FINDINGS))
def test_a_run_that_is_named_can_be_made(command: str) -> None:
    verb, *arguments = shlex.split(command)
    given = commands.run.make_context(verb, arguments).params
    assert suite.chosen(given["jobs"])
    loading.load(ROOT / "conf", given["target"], [])
