"""Every job is stopped after commits of it: what is published is what was before, or all of it, and no third.

One job is stopped after each; the others after the claim, the first table, the last one, and the publication. Between
the first and the last one loop writes them all, and when all are written, all are brought back.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from shop import Crash

from journey import alone_with
from vitalfew import suite
from vitalfew.config import loading
from vitalfew.engines.engine import Engine
from vitalfew.job import Job
from vitalfew.runs import manifest, rollback
from vitalfew.runs.pipeline import Runner
from vitalfew.runs.published import Published
from vitalfew.runs.run_log import PUBLISHED, Ledger
from vitalfew.storage.delta import Storage
from vitalfew.tables import Everything, Table

CONF = Path(__file__).parents[2] / "conf"
Rows = Counter[str]


class Failing(Storage):
    """Dies after its n-th commit."""

    points_left: int | None = None

    def pass_point(self) -> None:
        if self.points_left == 0:
            raise Crash
        if self.points_left is not None:
            self.points_left -= 1

    def replace(self, table: Table, frame: DataFrame, where: str | None = None, is_proven: bool = False) -> None:
        super().replace(table, frame, where, is_proven)
        self.pass_point()

    def append(self, table: Table, frame: DataFrame) -> None:
        super().append(table, frame)
        self.pass_point()

    def append_rows(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        left, self.points_left = self.points_left, None  # the engine may be asked to append: that is the same commit
        super().append_rows(table, rows)
        self.points_left = left
        self.pass_point()

    def merge(self, table: Table, *args: Any, **kwargs: Any) -> None:
        super().merge(table, *args, **kwargs)
        self.pass_point()


@pytest.fixture(scope="module")
def storage(running: Engine, embedded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Failing]:
    """A copy of all results on real data."""
    root = tmp_path_factory.mktemp("failpoints") / "tables"
    with alone_with(embedded):
        shutil.copytree(embedded, root, ignore=shutil.ignore_patterns("files", "current.json"))
    storage = Failing(running, loading.load(CONF, "demo", [], root=str(root), engine=running.name).target)
    yield storage
    storage.release()


def rows(storage: Storage, table: Table, version: int | None = None) -> Rows:
    """The rows of a table, as any tool reads them."""
    found = DeltaTable(storage.target.location(table.name).at, version=version).to_pyarrow_table()
    return Counter(map(repr, found.to_pylist()))


def again(job: Job, storage: Storage, last: date) -> Job:
    """`job`, which writes the slices that it has published as those of a later day, and one row less of its facts.

    What a job computes is a pure function of what it reads, so that here only its writing is of interest.
    """

    def written(*_: DataFrame, words: Any = None, **__: Any) -> tuple[Any, ...]:
        del words
        return tuple(changed(storage.read(table, versions[table.name]), table, last) for table in job.writes)

    versions = {table.name: storage.version(table) for table in job.writes}
    return replace(job, transform=written)


def changed(frame: DataFrame, table: Table, last: date) -> Any:
    if table.slice == "as_of":
        return frame.where(F.col("as_of") == F.lit(last)).drop("as_of")
    rest = frame.orderBy(*table.key).offset(1)
    return Everything(rest)


def run(storage: Storage, job: Job, params: Any, day: date, force: bool = False) -> str:
    asked = loading.Config("here", storage.target, {job.name: params}, {})
    return Runner(storage, asked, day, force).attempt(job, lenient=False).state


AT_EACH = "orders"
NOT_IN_DEMO = ("uplift",)  # it has no treatments
JOBS = [
    job.name
    for job in suite.JOBS.values()
    if isinstance(job, Job) and not job.on_request and job.name not in NOT_IN_DEMO
]


@pytest.mark.parametrize("name", JOBS)
def test_a_job_stopped_after_a_commit_publishes_all_or_nothing(
    name: str, storage: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = suite.JOBS[name]
    assert isinstance(job, Job)
    params = loading.load(CONF, "demo", [job], root=storage.target.root).params[name]
    points = stop_everywhere(storage, job, params, max(Ledger(storage).slices("rfm")), monkeypatch)
    assert points > len(job.writes), "after the claim, each table, and the publication"


def stop_everywhere(storage: Failing, job: Job, params: Any, last: date, monkeypatch: pytest.MonkeyPatch) -> int:
    """Stop `job` at one point after the other until it has published; the last of them."""
    day = last + timedelta(days=1)
    writing = again(job, storage, last)
    monkeypatch.setitem(suite.JOBS, job.name, writing)
    before = {table.name: rows(storage, table) for table in job.writes}
    known, had = seen(reader(storage, day)), published_runs(storage, job)
    start = {table.name: storage.snapshot(table) for table in job.writes}
    other = next(other for other in suite.JOBS.values() if other.name != job.name)
    for point in range(100) if job.name == AT_EACH else sorted({0, 1, *range(len(job.writes), 100)}):
        storage.points_left = point
        try:
            state = run(storage, writing, params, day, force=True)
        except Crash:
            storage.points_left = None
            if is_published(storage, job, had):
                break
            looking = reader(storage, day)
            assert seen(looking) == known, f"{job.name}, point {point}: what is published has changed"
            left = {table.name: storage.snapshot(table) for table in job.writes}
            assert rollback.others(looking, other, datetime.now(UTC).replace(tzinfo=None)) == []
            for table in job.writes:
                if left[table.name] != start[table.name] or storage.snapshot(table) != left[table.name]:
                    assert rows(storage, table) == before[table.name], f"{job.name}, point {point}: {table.name}"
            known, start = seen(looking), {table.name: storage.snapshot(table) for table in job.writes}
        else:
            pytest.fail(f"{job.name}: {state} after {point} points, and was stopped at none after it had published")
    versions = [storage.version(table) for table in job.writes]
    for table in job.writes:
        old, new = before[table.name], rows(storage, table)
        less = old - new
        assert less.total() == (0 if table.slice else 1), f"{table.name}: other slices stay"
        added = (new - old).total()
        of_last = storage.read(table).where(F.col("as_of") == F.lit(last)).count() if table.slice else 0
        assert added == of_last, f"{table.name}: the slice of the day is there, once"
    assert run(storage, writing, params, day) == "unchanged"
    assert [storage.version(table) for table in job.writes] == versions, "a third run changes nothing"
    return point


def is_published(storage: Storage, job: Job, runs: int) -> bool:
    """Whether `job` has been published more often than `runs` times."""
    return published_runs(storage, job) > runs


def published_runs(storage: Storage, job: Job) -> int:
    return sum(event.job == job.name and event.outcome == PUBLISHED for event in Ledger(storage).events)


def seen(looking: Published) -> dict[str, Any]:
    """What readers are shown of every table."""
    return {one.table.name: one.snapshot for one in manifest.listed(looking)}


def reader(storage: Storage, day: date) -> Published:
    return Published(storage, as_of=day)
