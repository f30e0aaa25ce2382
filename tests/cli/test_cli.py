"""The command line: what people type, what they read, and the exit codes that schedulers see."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from click.testing import CliRunner

from vitalfew import suite
from vitalfew.cli import commands, main
from vitalfew.cli.progress import Progress, told
from vitalfew.cli.show import shown
from vitalfew.config import loading
from vitalfew.errors import AnalysisError, ConfigError, TableError, hint
from vitalfew.runs.pipeline import Outcome, Runner
from vitalfew.suite import TABLES

ROOT = Path(__file__).parents[2]


def call(*arguments: str) -> str:
    done = CliRunner().invoke(commands.cli, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return str(done.output)


def exit_of(monkeypatch: pytest.MonkeyPatch, *arguments: str, job: tuple[str, ...] = ()) -> int:
    monkeypatch.setattr(sys, "argv", ["vitalfew", *arguments])
    with pytest.raises(SystemExit) as stop:
        main(*job)
    return int(stop.value.code or 0)


def test_help_answers_without_what_takes_long_to_load() -> None:
    asked = "import sys; from vitalfew import cli; cli.main(); print(*sys.modules, file=sys.stderr)"
    for words in (["--help"], ["run", "--help"], ["--version"]):
        command = [sys.executable, "-c", asked, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stdout
        loaded = {name.partition(".")[0] for name in done.stderr.split()}
        assert "click" in loaded
        assert not loaded & {
            "pyspark",
            "pysail",
            "pandas",
            "numpy",
            "pyarrow",
            "pydantic",
            "scipy",
            "sklearn",
            "rich",
            "mcp",
        }


def test_that_a_run_elsewhere_is_dead_is_taken_on_the_word_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []

    def run(self: Runner, *_: object, **__: object) -> list[Outcome]:
        told.append(self.force_unlock)
        return [Outcome("rfm", "published")]

    monkeypatch.setattr(commands, "opened", lambda _: nullcontext())
    monkeypatch.setattr("vitalfew.runs.published.Ledger", lambda _: None)
    monkeypatch.setattr(Runner, "run", run)
    for words in ([], ["--force-unlock"]):
        call("run", "rfm", "--conf", str(ROOT / "conf"), "--target", "demo", *words)
    assert told == [False, True]


def test_jobs_and_tables_are_listed_with_what_they_mean() -> None:
    listed = call("jobs")
    assert all(f"{job.name}: {job.question}" in listed for job in suite.JOBS.values())
    described = call("tables")
    assert all(f"{table.name} ({table.kind}): {table.row}" in described for table in TABLES.values())
    assert "recency_days" not in call("tables", "orders")


def test_a_name_that_is_not_known_is_answered_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_of(monkeypatch, "run", "rfn") == 2
    assert "There is no job 'rfn'; did you mean rfm?" in capsys.readouterr().err
    assert exit_of(monkeypatch, "tables", "order") == 2
    assert "There is no table 'order'; did you mean orders?" in capsys.readouterr().err
    assert exit_of(monkeypatch, "show", "order") == 2
    assert exit_of(monkeypatch, "run", "rfm", "--as-of", "yesterday") == 2
    assert "--as-of is 'yesterday'; it must be a day such as 2026-01-31" in capsys.readouterr().err
    assert exit_of(monkeypatch, "walk") == 2
    assert "No such command 'walk'" in capsys.readouterr().err


def test_a_condition_that_is_none_of_ours_and_a_column_that_is_not_there_are_refused_before_an_engine_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for condition, reason in (("reflect('a')", "function reflect is not allowed"), ("", "is empty"), ("a; b", "';")):
        assert exit_of(monkeypatch, "show", "rfm", "--where", condition) == 2
        assert reason in capsys.readouterr().err
    assert exit_of(monkeypatch, "show", "rfm", "--by", "monetari") == 2
    assert "--by is 'monetari', no column of rfm; did you mean monetary?" in capsys.readouterr().err


def test_an_entry_file_is_the_run_command_with_its_job(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert exit_of(monkeypatch, "--target", "nowhere", "--conf", str(ROOT / "conf"), job=("rfm",)) == 2
    assert "There is no target 'nowhere'" in capsys.readouterr().err


def test_debug_shows_the_whole_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["vitalfew", "run", "rfm", "--debug", "--target", "nowhere"])
    with pytest.raises(ConfigError):
        main()


def test_what_nobody_foresaw_is_one_line_and_a_trace_for_those_who_ask(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise ZeroDivisionError("deep\ninside")

    monkeypatch.setattr(loading, "load", crash)
    assert exit_of(monkeypatch, "run", "rfm") == 70
    assert capsys.readouterr().err == "vitalfew: unexpected ZeroDivisionError: deep\n"
    monkeypatch.setattr(sys, "argv", ["vitalfew", "run", "rfm", "--debug"])
    with pytest.raises(ZeroDivisionError):
        main()


def test_the_configuration_that_we_ship_is_checked_and_described() -> None:
    assert f"{len(suite.JOBS)} jobs are configured as they should be" in call(
        "config", "check", "--conf", str(ROOT / "conf")
    )
    assert json.loads(call("config", "schema", "rfm"))["properties"]["window_days"]["description"]


def test_success_returns_as_platforms_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["vitalfew", "jobs"])
    main()


def test_the_exit_code_is_that_of_the_first_failure() -> None:
    good = Outcome("orders", "published")
    bad = Outcome("rfm", "failed", error=AnalysisError("no"))
    assert commands.exit_code([good], debug=False) == 0
    assert commands.exit_code([good, bad, Outcome("x", "blocked")], debug=False) == 6
    with pytest.raises(AnalysisError):
        commands.exit_code([bad], debug=True)
    with pytest.raises(TableError, match="No job could run: orders skipped: there is no table order_lines"):
        commands.exit_code([Outcome("orders", "skipped", message="there is no table order_lines")], debug=False)


def test_of_very_many_known_names_the_first_are_told() -> None:
    assert hint("q", [f"n{number:03}" for number in range(200)]).endswith("n059, … (200 in all).")


def test_a_name_in_capitals_is_near_to_the_same_in_small_letters() -> None:
    assert hint("RFM", ["rfm", "orders", "rules"]) == "did you mean rfm?"


def test_log_lines_are_readable_or_json(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = Outcome("rfm", "published", 1.25, rows_out={"rfm": 12345})
    assert told(outcome) == "1.2 s: rfm 12,345"
    with Progress("text") as progress:
        progress.began("rfm")
        progress.ended(outcome)
    started, ended = capsys.readouterr().err.splitlines()
    assert started.endswith("INFO  rfm: started")
    assert ended.endswith("INFO  rfm: published 1.2 s: rfm 12,345")
    with Progress("json") as progress:
        progress.ended(Outcome("rfm", "failed", 0.5, "no orders"))
    line, last = map(json.loads, capsys.readouterr().err.splitlines())
    assert (last["state"], last["jobs"]) == ("finished", {"failed": 1})
    assert (line["level"], line["job"], line["state"], line["message"]) == ("error", "rfm", "failed", "no orders")


def test_numbers_are_shown_to_six_digits_and_large_ones_to_the_cent() -> None:
    values = [0.123456789, 12.0, 99_999.123, 1_469_307.0, 2_500_315.63, -702_252_956.71]
    assert [shown(value) for value in values] == [
        "0.123457", "12", "99999.1", "1469307", "2500315.63", "-702252956.71",
    ]  # fmt: skip
