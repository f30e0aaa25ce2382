"""What other readers see of a run that was killed: what `current.json` names, and after the next run of any job, all."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from deltalake import DeltaTable
from small_jobs import CUTS, DAY, DAYS, LINES, NoParams

from conftest import Frame
from vitalfew import suite
from vitalfew.cli import commands
from vitalfew.config.loading import Config
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.job import Job
from vitalfew.jobs.rfm.tables import RFM_CUTS
from vitalfew.runs.pipeline import Outcome, Runner
from vitalfew.runs.run_log import Ledger
from vitalfew.storage.delta import Storage
from vitalfew.tables import facts, logs, sources

MORE = LINES + "    o3 | cup | 2025-01-03 09:00 | 1 | 1.00\n"
LASTS = 1.5
"""Seconds of a lease; longer than a run takes here."""
Kill = Callable[..., str]


@pytest.fixture
def storage(running: Engine, tmp_path: Path, frame: Frame, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    """A target where both jobs have run, and to which an order line has come since."""
    monkeypatch.setattr(suite, "JOBS", {job.name: job for job in (DAYS, CUTS)})
    target = Target(root=str(tmp_path), engine=running.name).model_copy(update={"lease_seconds": LASTS})
    storage = Storage(running, target)
    storage.replace(sources.ORDER_LINES, frame(sources.ORDER_LINES, LINES))
    go(storage, DAYS)
    go(storage, CUTS)
    storage.replace(sources.ORDER_LINES, frame(sources.ORDER_LINES, MORE))
    go(storage, DAYS)
    yield storage
    storage.release()


def runner(storage: Storage, **asked: Any) -> Runner:
    config = Config("here", storage.target, {job.name: NoParams() for job in (DAYS, CUTS)}, {})
    return Runner(Storage(storage.engine, storage.target), config, DAY, **asked)


def go(storage: Storage, job: Job, **asked: Any) -> Outcome:
    return runner(storage, **asked).attempt(job, lenient=False)


@pytest.fixture
def kill(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> Kill:
    """A run of CUTS that ends between its two tables, by a signal or, as one that goes on elsewhere, not at all."""

    def killed(host: str | None = None, error: BaseException | None = None) -> str:
        whole = Storage.replace

        def stopped(self: Storage, table: Any, *rest: Any, **more: Any) -> None:
            if table.name == "lorenz":
                raise error or KeyboardInterrupt
            whole(self, table, *rest, **more)

        with monkeypatch.context() as patch:
            patch.setattr(Storage, "replace", stopped)
            if host is not None:
                patch.setattr(platform, "node", lambda: host)
            if isinstance(error, Exception):
                assert go(storage, CUTS).state == "failed"
                return ""
            with pytest.raises(KeyboardInterrupt):
                go(storage, CUTS)
        assert latest(storage) == ["11.00"], "one table was written"
        return Ledger(storage).events[-1].run_id

    return killed


def latest(storage: Storage) -> list[str]:
    """What a reader sees who looks at the newest version, as any SQL tool does."""
    return [str(row.cut) for row in storage.read(RFM_CUTS).collect()]


def named(root: Path) -> list[str]:
    """What a reader sees who looks at the version that the manifest names."""
    entry = json.loads((root / "current.json").read_text())["tables"]["rfm_cuts"]
    table = DeltaTable(entry["location"], version=entry["version"])
    assert str(table.metadata().id) == entry["table_id"]
    return [str(row["cut"]) for row in table.to_pyarrow_table().to_pylist()]


def outcomes(storage: Storage) -> list[str]:
    return [event.outcome for event in Ledger(storage).events if event.job == "cuts"]


def test_the_next_run_of_any_job_brings_back_what_was_published(storage: Storage, kill: Kill, tmp_path: Path) -> None:
    kill()
    assert named(tmp_path) == ["10.00"]
    assert go(storage, DAYS).state == "unchanged"
    assert latest(storage) == named(tmp_path) == ["10.00"], "readers of every kind see what was published"
    assert outcomes(storage) == ["STARTED", "PUBLISHED", "STARTED", "STARTED", "FAILED"]
    told = storage.read(logs.RUNS).where("job = 'cuts' and outcome = 'FAILED'").collect()[0].error
    assert told.endswith(" did not publish; its tables are again as they were before it.")
    seen = len(Ledger(storage).events)
    assert go(storage, DAYS).state == "unchanged"
    assert len(Ledger(storage).events) == seen, "once is enough"
    assert go(storage, CUTS).state == "published"
    assert latest(storage) == named(tmp_path) == ["11.00"]
    assert go(storage, CUTS).state == "unchanged"


def test_a_first_run_that_was_killed_leaves_empty_tables(storage: Storage, kill: Kill, tmp_path: Path) -> None:
    for name in ("rfm_cuts", "lorenz", "runs"):
        shutil.rmtree(tmp_path / name)
    kill()
    go(storage, DAYS)
    assert latest(storage) == []
    assert "rfm_cuts" not in json.loads((tmp_path / "current.json").read_text())["tables"]
    assert go(storage, CUTS).state == "published"


def test_a_run_that_lives_or_may_live_is_not_rolled_back(
    storage: Storage, kill: Kill, living: Callable[[str], subprocess.Popen[str]], tmp_path: Path
) -> None:
    process = living(kill())
    assert go(storage, DAYS).state == "unchanged"
    assert go(storage, DAYS, force_unlock=True).state == "unchanged"
    assert (latest(storage), named(tmp_path)) == (["11.00"], ["10.00"])
    process.kill()
    process.wait()
    go(storage, DAYS)
    assert latest(storage) == ["10.00"]


@pytest.mark.parametrize("force_unlock", [False, True])
def test_a_run_elsewhere_is_rolled_back_after_its_lease_or_on_the_word_of_the_user(
    storage: Storage, kill: Kill, force_unlock: bool
) -> None:
    kill("elsewhere")
    began = time.monotonic()
    go(storage, DAYS, force_unlock=force_unlock)
    assert (time.monotonic() - began > LASTS) is not force_unlock
    assert latest(storage) == ["10.00"]


def test_a_run_that_fails_while_it_writes_takes_back_what_it_wrote(
    storage: Storage, kill: Kill, tmp_path: Path
) -> None:
    kill(error=OSError("No space left on device"))
    assert latest(storage) == named(tmp_path) == ["10.00"]
    assert outcomes(storage)[-1] == "FAILED"
    assert go(storage, CUTS).state == "published"
    assert latest(storage) == ["11.00"]


def test_a_table_that_was_put_in_the_target_of_another_is_left_alone_and_said(
    storage: Storage, kill: Kill, tmp_path: Path
) -> None:
    kill()
    shutil.rmtree(tmp_path / "rfm_cuts")
    storage.replace(RFM_CUTS, storage.empty(RFM_CUTS))
    done = go(storage, DAYS)
    assert done.state == "unchanged"
    assert "what a stopped run of cuts wrote could not be rolled back: rfm_cuts at " in done.message
    assert "another table was put there since" in go(storage, CUTS).message
    shutil.rmtree(tmp_path / "rfm_cuts")
    assert go(storage, CUTS).state == "published"
    assert latest(storage) == ["11.00"]


def test_a_table_that_was_published_and_is_gone_is_made_again(storage: Storage, kill: Kill, tmp_path: Path) -> None:
    kill()
    shutil.rmtree(tmp_path / "rfm_cuts")
    assert go(storage, DAYS).state == "unchanged"
    assert "rfm_cuts" not in json.loads((tmp_path / "current.json").read_text())["tables"]
    assert go(storage, CUTS).state == "published"
    assert named(tmp_path) == ["11.00"]


def test_a_manifest_that_is_missing_or_stale_is_written_by_the_next_run(storage: Storage, tmp_path: Path) -> None:
    manifest = tmp_path / "current.json"
    written = manifest.read_text()
    for spoil in (manifest.unlink, lambda: manifest.write_text("{")):
        spoil()
        assert go(storage, DAYS).state == "unchanged"
        assert manifest.read_text() == written
    assert not list(tmp_path.glob(".current*"))


def test_versions_prints_what_is_published_and_queries_that_read_it(kill: Kill, tmp_path: Path) -> None:
    kill()
    target = tmp_path / "here.yml"
    target.write_text(f"root: {tmp_path}\nengine: sail\n")
    said = [
        CliRunner().invoke(commands.cli, ["versions", "--target", str(target), *more], catch_exceptions=False).output
        for more in ([], ["--format", "json"])
    ]
    listed = json.loads(said[1])
    assert list(listed) == ["order_days", "rfm_cuts", "lorenz"]
    cuts = listed["rfm_cuts"]
    assert cuts["as_of"] == ["2025-01-31"]
    assert f"rfm_cuts: version {cuts['version']}, as of 2025-01-31, by cuts (run {cuts['run_id']})" in said[0]
    assert all(query in said[0] for query in cuts["queries"].values())
    reading = {"deltalake": "['cut'][0].as_py()", "polars": ".collect()['cut'][0]", "duckdb": ".fetchall()[0][-1]"}
    for library, rest in reading.items():
        asked = f"import deltalake, {library}; print({cuts['queries'][library]}{rest})"
        done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "10.00", library
    assert cuts["queries"]["spark"] == f"SELECT * FROM delta.`{tmp_path}/rfm_cuts` VERSION AS OF {cuts['version']}"


def test_where_nothing_is_published_versions_says_what_to_run(tmp_path: Path) -> None:
    target = tmp_path / "here.yml"
    target.write_text(f"root: {tmp_path}\nengine: sail\n")
    done = CliRunner().invoke(commands.cli, ["versions", "--target", str(target)])
    assert "Nothing is published at" in str(done.exception)


def test_order_days_are_read_at_the_version_that_runs_names(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process writes the input after this run has looked at it: the run reads what it says that it read."""
    whole = Ledger.claim

    def beside(self: Ledger, row: Any) -> Any:
        monkeypatch.setattr(Ledger, "claim", whole)
        days = storage.stage(storage.read(facts.ORDER_DAYS))
        storage.replace(facts.ORDER_DAYS, days.where("false"))
        return whole(self, row)

    monkeypatch.setattr(Ledger, "claim", beside)
    assert go(storage, CUTS).state == "published"
    assert latest(storage) == ["11.00"]
