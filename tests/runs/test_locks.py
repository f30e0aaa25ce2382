"""Two runs of one job at one target: one at a time, whichever was first, and a dead one stands in nobody's way."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from shop import LENIENT, SHOP, TEA, Shop
from small_jobs import CUTS, DAY, DAYS, LINES, NoParams, count_days, cut

from conftest import Frame
from vitalfew import suite
from vitalfew.config.files import FileSource
from vitalfew.config.loading import Config
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.errors import BusyError
from vitalfew.job import Job, Read, Step
from vitalfew.jobs.rfm.tables import RFM_CUTS
from vitalfew.procedures.ingest.load import ingest
from vitalfew.runs import leases, lock_files, locks
from vitalfew.runs.pipeline import Outcome, Runner, Watching
from vitalfew.runs.published import Published
from vitalfew.runs.run import Run
from vitalfew.runs.run_log import STARTED, Event, Ledger
from vitalfew.storage.delta import Storage
from vitalfew.storage.lease_places import FOLDER, InFolder
from vitalfew.tables import Everything, facts, logs, sources

NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
LASTS = 0.6
"""Seconds of a lease."""
MORE = LINES + "    o3 | cup | 2025-01-03 09:00 | 1 | 1.00\n"
OURS = {job.name: job for job in (suite.JOBS["ingest"], DAYS, CUTS)}
REST = {"config": "{}", "engine": "", "version": "", "rows_out": "{}"}
"""Of a row of `runs`, what no later run needs."""
TABLES = (logs.RUNS, *DAYS.writes, *CUTS.writes)


@pytest.fixture(scope="module")
def begun(running: Engine, tmp_path_factory: pytest.TempPathFactory, frame: Frame) -> Path:
    """A folder of tables where the small jobs have run, and to which an order line has come since."""
    root = tmp_path_factory.mktemp("begun")
    storage = Storage(running, Target(root=str(root), engine=running.name))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suite, "JOBS", OURS)
        storage.replace(sources.ORDER_LINES, frame(sources.ORDER_LINES, LINES))
        go(storage, DAYS)
        go(storage, CUTS)
        storage.replace(sources.ORDER_LINES, frame(sources.ORDER_LINES, MORE))
        go(storage, DAYS)
    storage.release()
    return root


@pytest.fixture
def storage(running: Engine, begun: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Storage]:
    """A copy of them, where there are no other jobs."""
    monkeypatch.setattr(suite, "JOBS", OURS)
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    target = Target(root=str(tmp_path), engine=running.name).model_copy(update={"lease_seconds": LASTS})
    storage = Storage(running, target)
    yield storage
    storage.release()


def go(at: Storage, job: Step, now: datetime = NOW, **asked: Any) -> Outcome:
    """A run of its own, with storage of its own, as another process would have."""
    own = Storage(at.engine, at.target)
    params = {"ingest": LENIENT, **{job.name: NoParams() for job in (DAYS, CUTS)}}
    runner = Runner(own, Config("here", at.target, params, {}), **{"as_of": DAY, "now": lambda: now, **asked})
    return runner.attempt(job, lenient=False)


def cuts(storage: Storage) -> list[str]:
    """What readers see."""
    reader = Published(storage, as_of=DAY)
    return [str(row.cut) for row in reader.read(RFM_CUTS).collect()]


def versions(storage: Storage) -> list[int | None]:
    return [storage.version(table) for table in TABLES]


def events(storage: Storage, job: Job = CUTS) -> list[str]:
    return [event.outcome for event in Ledger(storage).events if event.job == job.name]


@pytest.fixture
def left(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """A run of CUTS, here or on another host, that has written its first table and no more; gives its run_id."""

    def leave(host: str | None = None, **asked: Any) -> str:
        whole = Storage.replace

        def stopped(self: Storage, table: Any, *rest: Any, **more: Any) -> None:
            if table.name == "lorenz":
                raise KeyboardInterrupt
            whole(self, table, *rest, **more)

        with monkeypatch.context() as patch:
            patch.setattr(Storage, "replace", stopped)
            if host:
                patch.setattr(platform, "node", lambda: host)
            with pytest.raises(KeyboardInterrupt):
                go(storage, CUTS, **asked)
        assert events(storage)[-1] == STARTED
        assert "11.00" in [str(row.cut) for row in storage.read(RFM_CUTS).collect()], "one table was written"
        assert cuts(storage) == ["10.00"], "and is not seen"
        return standing(storage).run_id

    return leave


def standing(storage: Storage) -> Event:
    """The newest run of CUTS that counts."""
    found = Ledger(storage).standing("cuts")
    assert found is not None
    return found


@contextmanager
def renewed(storage: Storage, run_id: str, ahead: float = 0.0) -> Iterator[None]:
    """The lease of a run is renewed, as its host would do whose clock is `ahead`."""
    place, over = InFolder(Path(storage.target.root) / FOLDER), threading.Event()

    def keep() -> None:
        while not over.wait(LASTS / 9):
            place.renew(run_id)
            now = time.time() + ahead
            os.utime(place.folder / run_id, (now, now))

    keeping = threading.Thread(target=keep)
    keeping.start()
    try:
        yield
    finally:
        over.set()
        keeping.join()


def refused(outcome: Outcome) -> str:
    assert isinstance(outcome.error, BusyError)
    assert outcome.error.exit_code == 7
    return outcome.message


@pytest.mark.parametrize("force_unlock", [False, True])
def test_beside_a_run_that_lives_on_this_host_nothing_is_read_or_written_until_it_is_killed(
    storage: Storage,
    left: Callable[..., str],
    living: Callable[[str], subprocess.Popen[str]],
    monkeypatch: pytest.MonkeyPatch,
    force_unlock: bool,
) -> None:
    run_id = left()
    process = living(run_id)
    before = versions(storage)
    assert refused(go(storage, CUTS, force_unlock=force_unlock)) == (
        f"cuts is being run already; nothing was read or written. Run {run_id} began on {NOW:%Y-%m-%d at %H:%M} UTC in "
        f"process {os.getpid()} on host {platform.node()}, which lives. Wait until it has ended and run again, or end "
        "that process first."
    )
    assert versions(storage) == before
    process.kill()
    process.wait()
    monkeypatch.setattr(time, "sleep", None)  # nobody waits
    assert go(storage, CUTS).state == "published"
    assert cuts(storage) == ["11.00"]


def test_what_a_dead_run_wrote_of_another_day_is_undone_too_by_whoever_lives(
    storage: Storage, left: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    left(as_of=DAY + timedelta(days=1))

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "restore", stop)
        with pytest.raises(KeyboardInterrupt):
            go(storage, CUTS)
    assert cuts(storage) == ["10.00"]
    assert go(storage, CUTS).state == "published"
    assert [(row.as_of, str(row.cut)) for row in storage.read(RFM_CUTS).collect()] == [(DAY, "11.00")]


def test_a_table_that_was_taken_away_after_a_failure_is_made_again_even_if_the_next_run_is_killed(
    storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: DataFrame, **__: Any) -> tuple[DataFrame, ...]:
        raise ZeroDivisionError

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    go(storage, CUTS)
    assert go(storage, replace(CUTS, transform=fail), force=True).state == "failed"
    shutil.rmtree(tmp_path / "rfm_cuts")
    with monkeypatch.context() as patch:
        patch.setattr(Run, "publish", stop)
        with pytest.raises(KeyboardInterrupt):
            go(storage, CUTS)
    assert go(storage, CUTS).state == "published"
    assert cuts(storage) == ["11.00"]


def test_a_job_is_given_its_own_table_also_where_the_engine_cannot_tell_versions(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = []

    def look(lines: DataFrame, own: DataFrame, **_: Any) -> tuple[Everything]:
        given.append(own.count())
        return count_days(lines)

    monkeypatch.setattr(Storage, "version", lambda *_: None)
    job = replace(DAYS, reads={**DAYS.reads, "own": Read(facts.ORDER_DAYS, optional=True)}, transform=look)
    assert go(storage, job, force=True).state == "published"
    assert given == [3]


@pytest.mark.parametrize("ahead", [-3600.0, 0.0, 3600.0])
def test_a_run_elsewhere_is_respected_while_it_renews_its_lease_and_no_longer_whatever_its_clock_says(
    storage: Storage, left: Callable[..., str], ahead: float
) -> None:
    run_id = left("elsewhere")
    before = versions(storage)
    with renewed(storage, run_id, ahead):
        said = refused(go(storage, CUTS))
    assert f"process {os.getpid()} on host elsewhere, which lives. Wait until " in said
    assert versions(storage) == before
    began = time.monotonic()
    assert go(storage, CUTS).state == "published"
    assert time.monotonic() - began > LASTS
    assert cuts(storage) == ["11.00"]


def test_on_the_word_of_the_user_a_run_elsewhere_is_dead_at_once(
    storage: Storage, left: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    left("elsewhere")
    monkeypatch.setattr(time, "sleep", None)  # nobody waits
    assert go(storage, CUTS, force_unlock=True).state == "published"
    assert cuts(storage) == ["11.00"]


def test_of_two_that_take_over_from_a_dead_run_one_does(storage: Storage, left: Callable[..., str]) -> None:
    left()
    found: list[Event | None] = []

    def race(number: int, gate: threading.Barrier) -> None:
        ledger = Ledger(Storage(storage.engine, storage.target))
        row = {**first, "run_id": f"{number:016x}", "process": None, "started_at": ledger.after_all("cuts", NOW)}
        gate.wait()
        found.append(ledger.claim(row))

    first = {**vars(standing(storage)), **REST}
    for numbers in ((n, n + 1) for n in range(0, 10, 2)):
        gate = threading.Barrier(2)
        racers = [threading.Thread(target=race, args=(number, gate)) for number in numbers]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert sum(other is None for other in found) == 1, found
        found.clear()


@pytest.mark.parametrize("fails", [False, True])
def test_a_run_that_sleeps_between_two_tables_and_was_taken_over_writes_no_more(
    storage: Storage, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    whole, began = Storage.replace, []

    class Seeing(Watching):
        def started(self, run: Run) -> None:
            began.append(run)

    def asleep(self: Storage, table: Any, *rest: Any, **more: Any) -> None:
        whole(self, table, *rest, **more)
        monkeypatch.setattr(Storage, "replace", whole)
        began[0].lease.last = (0.0, 0.0)  # when the machine went to sleep
        monkeypatch.setattr(lock_files, "fate", lambda _: "dead")
        assert go(storage, CUTS).state == "published"
        there.append(versions(storage)[1:])
        if fails:
            raise ConnectionError("the machine slept, and its connections are gone")

    there: list[list[int | None]] = []
    monkeypatch.setattr(Storage, "replace", asleep)
    outcome = go(storage, CUTS, watching=Seeing())
    if fails:
        assert "its connections are gone" in outcome.message
    else:
        assert "another run has taken over, as this one was taken for dead while it wrote" in refused(outcome)
    assert versions(storage)[1:] == there[0], "nor is undone what the other has published"
    assert cuts(storage) == ["11.00"]
    assert events(storage)[-4:] == ["STARTED", "WITHDRAWN", "STARTED", "PUBLISHED"]
    assert go(storage, CUTS).state == "unchanged"


def test_a_rollback_that_slept_and_was_taken_over_brings_nothing_back(
    storage: Storage, left: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    left()
    before = versions(storage)[-2:]

    def other(self: Ledger, job: str, run_id: str, seconds: float) -> Event | None:
        del run_id, seconds
        return self.standing(job) if job == "cuts" else None

    with monkeypatch.context() as patch:
        patch.setattr(leases.Lease, "is_doubtful", lambda _: True)
        patch.setattr(Ledger, "successor", other)
        go(storage, DAYS, force=True)
    assert versions(storage)[-2:] == before
    assert events(storage)[-2:] == ["STARTED", "WITHDRAWN"]
    assert go(storage, CUTS).state == "published"
    assert cuts(storage) == ["11.00"]


def test_a_run_that_meets_itself_in_another_thread_is_two_runs(storage: Storage) -> None:
    inner: list[Outcome] = []

    def beside(days: DataFrame, **_: Any) -> tuple[DataFrame, DataFrame]:
        before = versions(storage)
        inner.append(go(storage, CUTS))
        assert versions(storage) == before
        return cut(days)

    assert go(storage, replace(CUTS, transform=beside)).state == "published"
    assert "which lives" in refused(inner[0])
    assert cuts(storage) == ["11.00"]
    assert go(storage, CUTS).state == "unchanged"
    assert not lock_files.place(standing(storage).run_id).exists()


@pytest.fixture
def rival(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A run on another host, whose claim comes just before, or just after, that of the next run here."""

    def claims_too(*outcomes: str, is_first: bool, run_id: str = "rival") -> None:
        whole = Ledger.record

        def both(self: Ledger, row: Any) -> None:
            monkeypatch.setattr(Ledger, "record", whole)
            other = Ledger(self.storage)
            if not is_first:
                whole(self, row)
            for outcome in outcomes:
                other.record({**row, "run_id": run_id, "outcome": outcome, "process": None})
            if is_first:
                whole(self, row)

        monkeypatch.setattr(Ledger, "record", both)

    return claims_too


@pytest.mark.parametrize("outcomes", [("STARTED",), ("STARTED", "PUBLISHED")])
def test_of_two_that_begin_at_once_the_second_withdraws(
    storage: Storage, rival: Callable[..., None], outcomes: tuple[str, ...]
) -> None:
    rival(*outcomes, is_first=True)
    tables = versions(storage)[1:]

    def too_late(*_: DataFrame, **__: Any) -> tuple[DataFrame, ...]:
        raise ZeroDivisionError("it was computed")

    said = refused(go(storage, replace(CUTS, transform=too_late)))
    assert "another run came first; this one has written nothing. Run rival began" in said
    assert versions(storage)[1:] == tables
    assert sorted(events(storage)) == sorted(["STARTED", "PUBLISHED", *outcomes, "STARTED", "WITHDRAWN"])
    standing = Ledger(storage).standing("cuts")
    assert standing is not None
    assert (standing.run_id, standing.outcome) == ("rival", outcomes[-1]), "what was withdrawn has not been"


def test_of_two_that_begin_at_once_the_first_goes_on(
    storage: Storage, rival: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    rival("STARTED", "WITHDRAWN", is_first=False)
    assert go(storage, CUTS).state == "published"
    monkeypatch.setattr(locks, "PATIENCE", 0.3)
    rival("STARTED", is_first=False, run_id="slow rival")
    outcome = go(storage, CUTS, force=True)
    assert "came first" in refused(outcome), "who has not withdrawn in time is met again before writing"


def test_one_that_had_withdrawn_is_no_reason_to_withdraw(storage: Storage, rival: Callable[..., None]) -> None:
    rival("STARTED", "WITHDRAWN", is_first=True)
    assert go(storage, CUTS).state == "published"


def test_a_run_that_was_taken_for_dead_writes_nothing_when_it_comes_back(storage: Storage) -> None:
    def away(days: DataFrame, **_: Any) -> tuple[DataFrame, DataFrame]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lock_files, "fate", lambda _: "dead")
            assert go(storage, CUTS).state == "published"
        wrong, points = cut(days)
        return wrong.withColumn("cut", F.lit(99)), points

    assert "came first; this one has written nothing" in refused(go(storage, replace(CUTS, transform=away)))
    assert cuts(storage) == ["11.00"]
    assert go(storage, CUTS).state == "unchanged"


def test_a_run_that_fails_before_it_knows_what_to_read_hides_none_that_was_killed(
    storage: Storage, left: Callable[..., str]
) -> None:
    left()
    assert "no table orders" in go(storage, CUTS, as_of=None).message
    assert cuts(storage) == ["10.00"], "what was half written is still not seen"
    assert go(storage, CUTS).state == "published"


def test_a_clock_that_is_behind_does_not_put_a_run_before_those_that_were(
    storage: Storage, left: Callable[..., str], frame: Frame
) -> None:
    storage.replace(sources.ORDER_LINES, frame(sources.ORDER_LINES, LINES))
    go(storage, DAYS)
    assert go(storage, CUTS, now=NOW + timedelta(days=1), force=True).state == "published"
    storage.replace(sources.ORDER_LINES, frame(sources.ORDER_LINES, MORE))
    go(storage, DAYS)
    left()


def test_when_a_run_began_is_kept_in_utc_wherever_it_ran(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        go(storage, CUTS)
        assert Ledger(storage).after_all("cuts", NOW) == NOW + timedelta(microseconds=2)
    finally:
        monkeypatch.undo()
        time.tzset()
    kept = storage.read(logs.RUNS).where("job = 'cuts'").selectExpr("cast(max(started_at) as string) at").collect()
    assert kept[0].at.startswith(str(NOW))


def test_a_table_of_runs_of_an_earlier_version_is_read_and_written_on(
    storage: Storage, left: Callable[..., str], tmp_path: Path
) -> None:
    left()
    old = storage.stage(storage.read(logs.RUNS).drop("process"))
    old.write.format("delta").mode("overwrite").option("overwriteSchema", "true").save(str(tmp_path / "runs"))
    before = events(storage)
    assert locks.named(standing(storage)).endswith("UTC in a process of an earlier version")
    assert go(storage, CUTS).state == "published", "after the time that a lease lasts"
    assert events(storage) == [*before, "STARTED", "PUBLISHED"]
    who = [row.process for row in storage.read(logs.RUNS).orderBy("started_at").collect()]
    holder = leases.parsed(who[-1])
    assert holder is not None
    assert (who[-1], holder.host, holder.pid) == (who[-2], platform.node(), os.getpid())
    assert set(who[:-2]) == {None}


def test_two_ingests_at_once_double_nothing(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(running, tmp_path)
    shop.drop("a.csv", TEA, TEA.replace("tea", "cup"))
    settings = {"root": str(tmp_path), "engine": running.name, "files": {"order_lines": FileSource(**SHOP)}}
    at = Storage(running, Target.model_validate(settings))
    inner: list[Outcome] = []

    def beside(*given: Any) -> Any:
        monkeypatch.setattr("vitalfew.procedures.ingest.perform.ingest", ingest)
        inner.append(go(at, suite.JOBS["ingest"]))
        return ingest(*given)

    monkeypatch.setattr("vitalfew.procedures.ingest.perform.ingest", beside)
    assert go(at, suite.JOBS["ingest"]).rows_out == {"rows used": 2}
    assert "ingest is being run already" in refused(inner[0])
    assert shop.products() == ["cup", "tea"]


def test_an_ingest_that_was_killed_is_continued_and_not_undone(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(running, tmp_path)
    shop.drop("a.csv", TEA)
    settings = {"root": str(tmp_path), "engine": running.name, "files": {"order_lines": FileSource(**SHOP)}}
    at = Storage(running, Target.model_validate(settings))
    whole = Storage.merge

    def stopped(self: Storage, table: Any, *given: Any, **named: Any) -> None:
        if table.name == "ingested_files":
            raise KeyboardInterrupt
        whole(self, table, *given, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "merge", stopped)
        with pytest.raises(KeyboardInterrupt):
            go(at, suite.JOBS["ingest"])
    version = at.version(sources.ORDER_LINES)
    reader = Published(at, at.target.files)
    assert reader.read(sources.ORDER_LINES).count() == 1, "what is there of a source is seen"
    assert go(at, suite.JOBS["ingest"]).rows_out == {"rows used": 1}
    assert shop.products() == ["tea"]
    assert version is not None
    assert at.read(sources.ORDER_LINES, version).count() == 1, "its lines stood already"
