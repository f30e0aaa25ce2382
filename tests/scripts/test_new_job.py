"""A new job is written by one command: it has its five places, its test passes, and the suite is still whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ("libs", "jobs", "conf", "tests", "docs", "scripts", "README.md", "pyproject.toml", "setup.py")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository in which the job `orders_by_channel` was made."""
    home = tmp_path_factory.mktemp("checkout")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, home / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(source, home / name)
    done = run(home, "scripts/new_job.py", "orders_by_channel", "How many orders come through each channel?")
    assert done.returncode == 0, done.stderr
    return home


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python in the copy, with the package of the copy."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=home,
        env={**os.environ, "PYTHONPATH": str(home / "libs"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_its_own_test_passes_and_the_suite_is_whole(checkout: Path) -> None:
    whole = (
        "tests/whole_suite/test_layers.py",
        "tests/whole_suite/test_no_sentences.py",
        "tests/jobs/orders_by_channel",
        "tests/messages/test_catalogue.py",
    )
    done = run(checkout, "-m", "pytest", "-q", "-x", *whole)
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_command_line_knows_it(checkout: Path) -> None:
    listed = run(checkout, "-m", "vitalfew", "jobs").stdout
    assert "orders_by_channel: How many orders come through each channel?" in listed
    checked = run(checkout, "-m", "vitalfew", "config", "check", "orders_by_channel", "--target", "local")
    assert checked.returncode == 0, checked.stderr


def test_its_question_stands_among_those_of_the_summary(checkout: Path) -> None:
    asked = "from vitalfew.messages.catalogue import catalogue; print(catalogue('zh')['questions.orders_by_channel'])"
    done = run(checkout, "-c", asked)
    assert "How many orders come through each channel?" in done.stdout, done.stderr


@pytest.mark.parametrize("name", ["Orders", "rfm", "profile", "1st", "a-b", "class"])
def test_a_name_that_cannot_be_is_refused(name: str) -> None:
    done = run(ROOT, "scripts/new_job.py", name)
    assert done.returncode == 1
    assert name in done.stderr
