"""What deploy/ gives to schedulers: commands that the command line takes, and exit codes as docs/schedule.md has them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from hostile import Hostile, week

from vitalfew import errors
from vitalfew.engines.engine import Engine

ROOT = Path(__file__).parents[2]
FILES = [
    ROOT / "deploy" / name for name in ("cron/vitalfew", "systemd/vitalfew@.service", "airflow/vitalfew_nightly.py")
]
COMMAND = re.compile(r"(?:vitalfew|\{VITALFEW\}) ((?:run all|maintain) [^\n\"]*(?:\"\$CONF\"[^\n\"]*)*)")
STANDS_FOR = {'"$CONF"': "conf", "--target %i": "--target here", "{TARGET}": "here", "--target shop": "--target here"}


def commands(path: Path) -> list[list[str]]:
    """The words of each command of a file, without those that write a log in a folder of the system."""
    found = []
    for text in COMMAND.findall(path.read_text(encoding="utf-8")):
        for name, value in STANDS_FOR.items():
            text = text.replace(name, value)
        found.append(shlex.split(re.sub(r"--log-file \S+", "", text)))
    return found


def test_the_commands_of_schedulers_are_taken(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Hostile(tmp_path, running, monkeypatch)
    shop.drop(*week(2))
    assert shop.run("run", "ingest", "orders").code == 0
    counts = []
    for path in FILES:
        asked = commands(path)
        counts.append(len(asked))
        for words in asked:
            done = shop.run(
                *[word for word in words if word != "--target" and word not in ("here", "conf", "--conf")], "--dry-run"
            )
            assert done.code == 0, (path.name, words, done.text)
    assert counts == [2, 1, 2], "every command is looked at"


def test_each_exit_code_is_explained_to_those_who_schedule() -> None:
    page = (ROOT / "docs" / "schedule.md").read_text(encoding="utf-8")
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.VitalFewError)
    ]
    known = {kind.exit_code for kind in kinds} - {errors.VitalFewError.exit_code}
    assert told == {0, 130, *known}


def test_systemd_does_not_repeat_what_a_person_has_to_look_at() -> None:
    unit = FILES[1].read_text(encoding="utf-8")
    (kept,) = re.findall(r"^RestartPreventExitStatus=(.*)$", unit, re.MULTILINE)
    final = {errors.ConfigError, errors.TableError, errors.QualityError, errors.AnalysisError}
    assert {*map(int, kept.split())} == {kind.exit_code for kind in final}
