"""A package is sound only where the database of weaknesses was asked for it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import audit
import pytest

SOUND: dict[str, Any] = {"name": "one", "version": "1.0", "vulns": []}
WEAK: dict[str, Any] = {
    "name": "two",
    "version": "2.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"], "aliases": [], "description": ""}],
}
PASSED = {"name": "three", "skip_reason": "Dependency not found and could not be audited: three (3.0)"}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([SOUND], 0, "1 of 1 packages audited, 0 weaknesses known"),
        ([SOUND, WEAK, PASSED], audit.WEAK, "two 2.0: PYSEC-1, mended in 2.1"),
        ([SOUND, PASSED], audit.UNKNOWN, "not audited: three (Dependency not found"),
        ([], audit.UNKNOWN, "0 of 0 packages audited"),
    ],
)
def test_what_was_not_asked_for_is_not_sound(packages: list[dict[str, Any]], code: int, said: str) -> None:
    found, told = audit.verdict({"dependencies": packages}, "")
    assert found == code
    assert said in "\n".join(told)


def test_where_no_report_comes_it_is_said_why(tmp_path: Path) -> None:
    gone = audit.asked(tmp_path / "a.txt", (str(tmp_path / "no-such-command"),))
    assert audit.verdict(*gone) == (audit.UNKNOWN, ["not audited: pip-audit is missing: pip install pip-audit"])
    broken = "import sys; sys.exit('Could not connect to the feed')"
    failed = audit.asked(tmp_path / "a.txt", (sys.executable, "-c", broken))
    assert audit.verdict(*failed) == (audit.UNKNOWN, ["not audited: Could not connect to the feed"])
