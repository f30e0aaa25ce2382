"""Leases: renewed while a run works, watched by who waits, and doubted by the run itself when it slept."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.runs import leases
from vitalfew.runs.leases import Holder, Lease, Leases
from vitalfew.storage import lease_places
from vitalfew.storage.delta import Storage
from vitalfew.storage.lease_places import FOLDER, InFolder, InTable
from vitalfew.tables.logs import LEASES

ID = "0123456789abcdef"
ELSEWHERE = Holder("elsewhere", 1, ID, 180.0).text


class Clock:
    """The clocks of this machine, which a test sets."""

    monotonic, time = 1000.0, 1e9

    def pass_by(self, seconds: float) -> None:
        self.monotonic += seconds
        self.time += seconds

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC).replace(tzinfo=None)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(leases, "clocks", lambda: (clock.monotonic, clock.time))
    return clock


def renew(folder: Path, at: float) -> None:
    """As another host does by whose clock it is `at`."""
    InFolder(folder).renew(ID)
    os.utime(folder / ID, (at, at))


@pytest.mark.parametrize("ahead", [-3600.0, 0.0, 3600.0])
def test_who_waits_looks_for_a_change_and_compares_no_clocks(clock: Clock, tmp_path: Path, ahead: float) -> None:
    seen = Leases(InFolder(tmp_path), 180.0)
    began = clock.now + timedelta(seconds=ahead)
    renew(tmp_path, clock.time + ahead)
    said = []
    for seconds in (0, 20, 20, 170, 6, 5):
        clock.pass_by(seconds)
        if seconds == 20:
            renew(tmp_path, clock.time + ahead)
        said.append(seen.fate(ELSEWHERE, ID, began))
    assert said == ["unknown", "alive", "alive", "alive", "alive", "dead"]
    assert Leases(InFolder(tmp_path), 180.0).fate(ELSEWHERE, ID, began) == "unknown", "who has not watched cannot know"


def test_a_run_that_never_renewed_is_dead_after_a_lease_and_a_longer_lease_of_its_own_counts(
    clock: Clock, tmp_path: Path
) -> None:
    for seconds, lasts in ((30.0, 180.0), (300.0, 300.0)):
        seen, began = Leases(InFolder(tmp_path), seconds), clock.now
        assert seen.fate(ELSEWHERE, ID, began) == "unknown"
        clock.pass_by(lasts - 1)
        assert seen.fate(ELSEWHERE, ID, began) == "unknown"
        clock.pass_by(10)
        assert seen.fate(ELSEWHERE, ID, began) == "dead"


def test_what_was_renewed_more_than_a_day_ago_needs_no_watching(clock: Clock, tmp_path: Path) -> None:
    began = clock.now - timedelta(days=3)
    renew(tmp_path, clock.time - 23 * 3600)
    assert Leases(InFolder(tmp_path), 180.0).fate(ELSEWHERE, ID, began) == "unknown"
    renew(tmp_path, clock.time - 25 * 3600)
    assert Leases(InFolder(tmp_path), 180.0).fate(ELSEWHERE, ID, began) == "dead"
    assert Leases(InFolder(tmp_path), 180.0).fate(None, "run of an earlier version", began) == "dead"


def test_renewals_make_no_files_and_a_run_leaves_none(tmp_path: Path) -> None:
    lease = Lease(Leases(InFolder(tmp_path), 0.09), ID, lambda: False)
    long_ago = time.time() - 25 * 3600
    (tmp_path / "of a killed run").touch()
    os.utime(tmp_path / "of a killed run", (long_ago, long_ago))
    with lease:
        until = time.monotonic() + 20
        while lease.renewals < 20 and time.monotonic() < until:
            time.sleep(0.01)
        assert lease.renewals >= 20
        assert {path.name for path in tmp_path.iterdir()} == {ID, "of a killed run"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "asleep", [lambda clock: clock.pass_by(121), lambda clock: setattr(clock, "time", clock.time + 121)]
)
def test_a_run_that_could_not_renew_doubts_its_lease_once_by_whichever_clock(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asleep: Callable[[Clock], None]
) -> None:
    lease = Lease(Leases(InFolder(tmp_path), 180.0), ID, lambda: False)
    clock.pass_by(119)
    assert not lease.is_doubtful()
    asleep(clock)

    def wait(_: float | None = None) -> bool:
        clock.pass_by(20)
        return lease.renewals == 2

    monkeypatch.setattr(lease.over, "wait", wait)
    assert lease.is_doubtful(), "as long as it is not renewed"
    lease.keep()
    assert lease.renewals == 2
    assert [lease.is_doubtful(), lease.is_doubtful()] == [True, False], "also when it was renewed again before"


def test_a_place_that_cannot_be_reached_stops_no_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with Lease(Leases(InFolder(tmp_path / "file"), 0.09), ID, lambda: False) as lease:
        time.sleep(0.15)
        assert lease.renewals == 0
        assert lease.is_doubtful()


@pytest.mark.both_engines
def test_where_no_folder_is_seen_a_table_has_the_leases_while_runs_last(running: Engine, tmp_path: Path) -> None:
    storage = Storage(running, Target(root=str(tmp_path), engine=running.name))
    place, other = InTable(storage), InTable(storage)
    assert place.seen(ID) is None
    place.renew(ID)
    other.renew("f" * 16)
    first = place.seen(ID)
    assert first is not None
    assert abs(first.renewed_at - time.time()) < 3600
    place.renew(ID)
    second = other.seen(ID)
    assert second is not None
    assert (first.text, second.text) == ("1", "2")
    place.release(ID)
    assert place.seen(ID) is None
    assert [row.lease_id for row in storage.read(LEASES).collect()] == ["f" * 16]


def test_the_place_is_a_folder_that_all_hosts_see_or_a_table(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of(**settings: Any) -> lease_places.Place:
        return lease_places.of(Storage(running, Target(engine="sail", **settings)))

    assert of(root=str(tmp_path)) == InFolder(tmp_path / FOLDER)
    for root in ("s3://lake/tables", "main.vitalfew"):
        assert isinstance(of(root=root), InTable)
    scratch = {"root": "s3://lake/tables", "roots": ("/Volumes/main/x",), "scratch": "/Volumes/main/x/scratch"}
    assert isinstance(of(**scratch), InTable), "this may be a disk that no other host sees"
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "17.3")
    assert of(**scratch) == InFolder(Path("/Volumes/main/x/scratch") / FOLDER)


def test_a_lease_changes_also_where_times_of_files_do_not_and_one_that_cannot_be_read_is_watched(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, began = Leases(InFolder(tmp_path), 180.0), clock.now - timedelta(hours=1)
    said = []
    for _ in range(2):
        renew(tmp_path, 0.0)  # as some servers say
        said.append(seen.fate(ELSEWHERE, ID, began))
        clock.pass_by(20)
    assert said == ["unknown", "alive"]

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(Path, "open", refuse)
    renewed = []
    for at in (100.0, 200.0):
        os.utime(tmp_path / ID, (at, at))
        renewed.append(InFolder(tmp_path).seen(ID))
    assert renewed[0] != renewed[1], "also a lease of another user"
    monkeypatch.setattr(Path, "stat", refuse)
    long_ago = clock.now - timedelta(days=3)
    monkeypatch.setattr(time, "time", lambda: clock.time)
    assert Leases(InFolder(tmp_path), 180.0).fate(ELSEWHERE, ID, long_ago) == "unknown"
