"""Completion in a shell, as the shell asks for it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from vitalfew import suite


def asked(folder: Path, *words: str) -> list[str]:
    """What is proposed for the last of these words."""
    known = {
        **os.environ,
        "_VITALFEW_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": str(len(words) - 1),
    }
    command = [sys.executable, "-X", "importtime", "-m", "vitalfew"]
    done = subprocess.run(command, cwd=folder, env=known, capture_output=True, text=True, check=False)
    assert "pyspark" not in done.stderr, "a key is not answered in seconds"
    return [line.partition(",")[2] for line in done.stdout.splitlines() if line]


def test_jobs_targets_and_commands_are_proposed(tmp_path: Path) -> None:
    (tmp_path / "conf" / "targets").mkdir(parents=True)
    for name in ("shop", "shop_test", "other"):
        (tmp_path / "conf" / "targets" / f"{name}.yml").touch()
    assert {"run", "show", "completion"} <= {*asked(tmp_path, "vitalfew", "")}
    assert asked(tmp_path, "vitalfew", "run", "rf") == ["rfm"]
    assert asked(tmp_path, "vitalfew", "run", "rfm", "rf") == []
    assert {*asked(tmp_path, "vitalfew", "run", "")} == {"all", *suite.JOBS} - {"forget"}
    assert asked(tmp_path, "vitalfew", "run", "all", "--target", "sh") == ["shop", "shop_test"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_asks_the_command(shell: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vitalfew", "completion", shell], capture_output=True, text=True, check=True
    )
    assert f"_VITALFEW_COMPLETE={shell}_complete" in done.stdout
