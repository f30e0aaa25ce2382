"""`vitalfew doctor` where something is missing or broken: it names it, how to fix it, and never traces back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from command_line import CommandLine, Ended
from deltalake import write_deltalake

from vitalfew.cli.doctor import examine, platform_checks, target_checks
from vitalfew.cli.doctor.findings import Finding
from vitalfew.config.loading import Config
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.jobs.maintain.params import MaintainParams

HIDING = """
import importlib.machinery, os
gone = os.environ.get("HIDDEN", "").split()
found = importlib.machinery.PathFinder.find_spec
def find_spec(name, path=None, target=None):
    return None if name.split(".")[0] in gone else found(name, path, target)
importlib.machinery.PathFinder.find_spec = find_spec
"""
LIBS = Path(__file__).parents[2] / "libs"


def doctor(folder: Path, *more: str, hidden: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "hide").mkdir(exist_ok=True)
    (folder / "hide" / "sitecustomize.py").write_text(HIDING, encoding="utf-8")
    known = {**os.environ, "PYTHONPATH": f"{folder / 'hide'}:{LIBS}", "HIDDEN": hidden, **environment}
    asked = [sys.executable, "-m", "vitalfew", "doctor", *more]
    done = subprocess.run(asked, cwd=folder, env=known, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return done


def target(folder: Path, text: str) -> None:
    (folder / "conf" / "targets").mkdir(parents=True, exist_ok=True)
    (folder / "conf" / "targets" / "local.yml").write_text(text, encoding="utf-8")


@pytest.fixture
def vitalfew(running: Engine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    return CommandLine(running, monkeypatch)


def errors(done: subprocess.CompletedProcess[str] | Ended) -> dict[str, Any]:
    told = json.loads(done.stdout)
    assert told["exit_code"] == done.returncode
    assert all(finding["fix"] for finding in told["findings"] if finding["level"] in ("error", "warning"))
    return {finding["check"]: finding["text"] for finding in told["findings"] if finding["level"] == "error"}


@pytest.mark.parametrize(
    ("hidden", "checks"),
    [
        ("pysail", {"engine": "pysail"}),
        ("pyspark", {"engine": "pyspark is not installed"}),
        ("pydantic yaml", {"libraries": "pyyaml is not installed"}),
    ],
)
def test_what_is_not_installed_is_named(tmp_path: Path, hidden: str, checks: dict[str, str]) -> None:
    target(tmp_path, "root: data\nshared_machine: allow\n")
    done = doctor(tmp_path, "--json", hidden=hidden)
    found = errors(done)
    assert done.returncode == 5
    assert found.keys() == checks.keys()
    assert all(word in found[check] for check, word in checks.items())


@pytest.mark.parametrize(
    ("text", "code", "check", "word"),
    [
        (None, 2, "configuration", "There is no target 'local'"),
        ("root: [", 2, "configuration", "is not YAML as we read it"),
        ("rooot: data\n", 2, "configuration", "did you mean root?"),
        ("root: ./taken/below\nshared_machine: allow\n", 3, "root", "taken is no folder"),
        ("root: /proc/vitalfew\nshared_machine: allow\n", 3, "root", "/proc cannot be written"),
    ],
)
def test_what_is_wrong_with_a_target_is_named(
    vitalfew: CommandLine, tmp_path: Path, text: str | None, code: int, check: str, word: str
) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    if text is not None:
        target(tmp_path, text)
    done = vitalfew("doctor", "--json", folder=tmp_path)
    assert done.returncode == code, done.stdout
    assert word in errors(done)[check]


def test_without_java_the_engine_spark_is_an_error_and_sail_is_none(vitalfew: CommandLine, tmp_path: Path) -> None:
    if find_spec("py4j") is None:
        pytest.skip("needs the full pyspark")
    target(tmp_path, "root: data\nshared_machine: allow\n")
    (tmp_path / "bin").mkdir()
    without = doctor(tmp_path, "--json", "--engine", "spark", PATH=str(tmp_path / "bin"), JAVA_HOME="")
    assert without.returncode == 5
    assert "there is none on the PATH" in errors(without)["java"]
    whole = vitalfew("doctor", folder=tmp_path)
    assert (whole.returncode, whole.stdout.splitlines()[-1]) == (0, "Nothing is wrong.")


@pytest.mark.parametrize(
    ("told", "level"),
    [
        ('openjdk version "11.0.2"', "error"),
        ('version "1.8.0_292"', "error"),
        ('openjdk version "21"', "ok"),
        ("?", "warning"),
    ],
)
def test_java_is_asked_for_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str, level: str) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "java"
    program.write_text(f"#!/bin/sh\necho '{told}' >&2\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert [finding.level for finding in platform_checks.java()] == [level]


@pytest.mark.parametrize(
    ("installed", "requirement", "is_wrong"),
    [
        ("8.0.1", "click>=8.1", True),
        ("8.1", "click>=8.1", False),
        ("30.1.2", "sqlglot>=30,<31", False),
        ("31.0", "sqlglot>=30,<31", True),
    ],
)
def test_versions_are_held_against_what_is_needed(installed: str, requirement: str, is_wrong: bool) -> None:
    assert platform_checks.wrong(installed, requirement) is is_wrong


def test_a_clock_behind_the_tables_and_a_long_log_are_found(tmp_path: Path) -> None:
    log = tmp_path / "orders" / "_delta_log"
    log.mkdir(parents=True)
    params = MaintainParams()
    for number in range(params.due_commits + 2):
        (log / f"{number:020}.json").write_text("{}", encoding="utf-8")
    place = Target.model_validate({"root": str(tmp_path)})
    config = Config("here", place, {"maintain": params}, {})
    assert [finding.level for finding in target_checks.clock(place)] == ["ok"]
    assert "orders (202 commits since its last checkpoint)" in next(target_checks.maintenance(config)).text
    (log / f"{200:020}.checkpoint.parquet").write_bytes(b"")
    assert [finding.level for finding in target_checks.maintenance(config)] == ["ok"]
    os.utime(log / f"{number:020}.json", (4e9, 4e9))
    assert "ahead of this clock" in next(target_checks.clock(place)).text


def test_keys_that_are_of_no_use_and_tables_that_others_can_enter_are_found(tmp_path: Path) -> None:
    def found() -> list[tuple[str, str]]:
        told = target_checks.privacy(Target.model_validate({"root": str(tmp_path)}))
        return [(finding.level, finding.text.replace(str(tmp_path), "")) for finding in told]

    assert found() == []
    for name in ("contacts", "quarantine", "suppressed"):
        (tmp_path / name / "_delta_log").mkdir(parents=True)
        (tmp_path / name).chmod(0o700)
    gone = ("error", "/_keys/suppression, by which forgotten customers are known again, is gone.")
    assert found() == [gone]
    (tmp_path / "_keys").mkdir()
    for name in ("contacts", "suppression"):
        (tmp_path / "_keys" / name).write_text("ab" * 32, encoding="ascii")
        (tmp_path / "_keys" / name).chmod(0o600)
    assert found() == [("ok", "3 tables and their keys are closed to other users")]
    (tmp_path / "_keys/contacts").chmod(0o640)
    (tmp_path / "_keys/suppression").write_text("", encoding="ascii")
    (tmp_path / "quarantine").chmod(0o755)
    assert found() == [
        ("error", "/_keys/contacts, which is a key, can be read by others."),
        ("error", "/_keys/suppression is damaged: it must hold 64 hexadecimal digits."),
        ("warning", "Other users can enter /quarantine."),
    ]


def test_files_that_are_gone_or_shorter_than_their_log_says_are_found(tmp_path: Path) -> None:
    config = Config("here", Target.model_validate({"root": str(tmp_path)}), {}, {})

    def found() -> list[tuple[str, str, int]]:
        told = target_checks.data_files(config)
        return [(each.level, each.text.replace(str(tmp_path), ""), each.exit_code) for each in told]

    assert found() == []
    at = tmp_path / "orders"
    for value in (1, 2):
        write_deltalake(at, pa.table({"a": [value]}), mode="append")
    first, second = sorted(at.glob("*.parquet"))
    size = first.stat().st_size
    assert [level for level, _, _ in found()] == ["ok"]
    first.write_bytes(first.read_bytes()[:200])
    cut = f"orders at /orders cannot be read: its file {first.name} has 200 of its {size:,} bytes"
    assert found() == [("error", f"{cut}.", 3)]
    second.unlink()
    [(_, both, _)] = found()
    assert both.endswith(", and 1 more of its files are damaged.")
    (at / "_delta_log" / f"{1:020}.json").write_text('{"add":', encoding="utf-8")
    [(level, log, code)] = found()
    assert (level, code) == ("error", 3)
    assert "is cut off, as a full disk leaves it" in log


def test_a_check_that_fails_hides_no_other() -> None:
    def fails() -> list[Finding]:
        raise RuntimeError("out of\norder")

    found = examine.looked("x", fails)
    assert [(finding.level, finding.text) for finding in found] == [
        ("warning", "It cannot be checked: RuntimeError: out of order")
    ]
