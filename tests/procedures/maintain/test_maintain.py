"""`vitalfew maintain`: fewer files and shorter logs, the same rows, and no job that runs again because of it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from hostile import Hostile
from shop import NOW, Crash

from vitalfew import suite
from vitalfew.config import loading
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.procedures.maintain import due
from vitalfew.runs import upkeep_locks
from vitalfew.runs.published import Published
from vitalfew.runs.run_log import MAINTENANCE, Ledger
from vitalfew.runs.upkeep_locks import Locks
from vitalfew.storage import delta_log, upkeep
from vitalfew.storage.delta import Storage
from vitalfew.storage.delta import rows_since as delta_rows_since
from vitalfew.storage.snapshots import Snapshot, have_same_rows
from vitalfew.storage.upkeep import Rules

JOBS = ("ingest", "orders", "rfm")
NIGHTS = 4
LONG_AGO = time.time() - 30 * 24 * 3600


def lines(night: int) -> list[str]:
    """The order lines of one day: three customers come, one line cannot be read."""
    day = f"2025-03-{night + 1:02}"
    good = [f"{night}-{n},c{(night + n) % 5},tea,{day} 1{n}:00:00,{n + 1},2.50" for n in range(3)]
    return [*good, f"{night}-x,c9,cup,never,1,1.00"]


@pytest.fixture(scope="module")
def made(running: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop after four nights."""
    root = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        shop = Hostile(root, running, patch)
        for night in range(NIGHTS):
            after_a_night(shop, night)
    return root


@pytest.fixture
def shop(made: Path, running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    """Its copy."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    (tmp_path / "current.json").unlink()
    shop = Hostile(tmp_path, running, monkeypatch)
    shop.job("maintain", "target_file_mb: 1\nleast_files: 4\nleast_commits: 5")
    shop.answers(jobs=JOBS[1:])  # which names the tables where they are now
    return shop


def after_a_night(shop: Hostile, night: int) -> str:
    shop.drop(*lines(night), name=f"{night}.csv")
    return shop.answers("--set", "ingest.max_quarantined_share=1.0", jobs=JOBS)


def tables(shop: Hostile) -> list[str]:
    return sorted(path.parent.name for path in shop.root.glob("*/_delta_log"))


def rows(shop: Hostile, name: str, version: int | None = None) -> Counter[str]:
    found = DeltaTable(str(shop.root / name), version=version).to_pyarrow_table()
    return Counter(map(repr, found.select(sorted(found.column_names)).to_pylist()))


def everything(shop: Hostile) -> dict[str, Counter[str]]:
    """The rows of all tables, but the log of runs."""
    return {name: rows(shop, name) for name in tables(shop) if name != "runs"}


def files(shop: Hostile, name: str) -> int:
    return len(DeltaTable(str(shop.root / name)).file_uris())


def kept_up(shop: Hostile, *more: str) -> dict[str, Any]:
    done = shop.command("maintain", *more, "--json", "--conf", str(shop.root / "conf"), "--target", "here")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def of(found: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in found["tables"] if one["table"] == name)


def grow_old(shop: Hostile) -> None:
    """All files and commits look as if they had been written a month ago."""
    for path in shop.root.rglob("*"):
        if "_delta_log" in path.parts and path.suffix == ".json":
            text = path.read_text(encoding="utf-8")
            path.write_text(aged(text), encoding="utf-8")
        if path.name.endswith(".checkpoint.parquet"):
            found = pq.read_table(path)
            actions = found.to_pylist()
            pq.write_table(pa.Table.from_pylist([long_gone(one) for one in actions], schema=found.schema), path)
        if path.is_file() and path.suffix in (".json", ".parquet"):
            os.utime(path, (LONG_AGO, LONG_AGO))


def aged(commit: str) -> str:
    """A commit whose removals happened a month ago."""
    actions = [long_gone(json.loads(line)) for line in commit.splitlines()]
    return "".join(json.dumps(action, separators=(",", ":")) + "\n" for action in actions)


def long_gone(action: dict[str, Any]) -> dict[str, Any]:
    if action.get("remove"):
        action["remove"]["deletionTimestamp"] = int(LONG_AGO * 1000)
    return action


def test_small_files_are_put_together_and_no_job_runs_again(shop: Hostile) -> None:
    before, many = everything(shop), {name: files(shop, name) for name in tables(shop)}
    current = json.loads((shop.root / "current.json").read_text(encoding="utf-8"))["tables"]
    assert min(many["order_lines"], many["rfm"]) >= NIGHTS, "a night adds files"
    had = {name: DeltaTable(str(shop.root / name)).version() for name in tables(shop)}

    dry = kept_up(shop, "--dry-run")
    assert {name: DeltaTable(str(shop.root / name)).version() for name in tables(shop)} == had
    assert of(dry, "rfm")["files"] == many["rfm"]
    assert of(dry, "rfm")["files_after"] == 1

    done = kept_up(shop)
    assert everything(shop) == before
    assert files(shop, "rfm") == of(done, "rfm")["files_after"] == 1
    assert files(shop, "order_lines") == 1
    assert all(files(shop, name) < 4 for name in tables(shop) if name != "runs"), "three and fewer stay"
    assert all(one["removed"] == 0 for one in done["tables"]), "what was replaced today stays for its readers"
    for name, entry in current.items():
        DeltaTable(entry["location"], version=entry["version"]).to_pyarrow_table()
        assert rows(shop, name, entry["version"]) == before[name], "what a reader began to read is there"
    now = json.loads((shop.root / "current.json").read_text(encoding="utf-8"))["tables"]
    assert now["rfm"]["version"] == DeltaTable(str(shop.root / "rfm")).version() > current["rfm"]["version"]

    again = shop.answers("--set", "ingest.max_quarantined_share=1.0", jobs=JOBS)
    assert again.count("nothing has changed since it was published") == 2, again  # ingest looks for files each time
    assert "rfm: unchanged" in again
    assert "orders: unchanged" in again
    assert not [line for line in shop.run("runs").text.splitlines() if "WITHDRAWN" in line], "locks are no runs"


def test_the_next_night_reads_what_came_and_not_what_was_written_again(
    shop: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vitalfew.runs import since

    kept_up(shop)
    looked_at: list[int] = []
    whole = since.changed

    def counted(*args: Any) -> Any:
        found = whole(*args)
        if found is not None:
            looked_at.append(found.came.count() + found.gone.count())
        return found

    monkeypatch.setattr(since, "changed", counted)
    after_a_night(shop, NIGHTS)
    assert looked_at == [3], "the three lines of the night"
    assert len(shop.rows("orders")) == 3 * (NIGHTS + 1)


def test_old_files_go_and_logs_are_cut_but_nothing_that_is_read(shop: Hostile) -> None:
    (shop.root / "rfm" / "part-of-a-killed-run.parquet").write_bytes(b"half")
    kept_up(shop)
    after_a_night(shop, NIGHTS)
    (shop.root / "rfm" / "part-of-a-living-run.parquet").write_bytes(b"half")
    before = everything(shop)
    grow_old(shop)
    os.utime(shop.root / "rfm" / "part-of-a-living-run.parquet")
    dry = kept_up(shop, "--dry-run")
    assert of(dry, "rfm")["removed"] >= NIGHTS + 1
    done = kept_up(shop)
    assert of(done, "rfm")["removed"] == of(dry, "rfm")["removed"]
    assert everything(shop) == before
    there = {path.name for path in (shop.root / "rfm").glob("*.parquet")}
    assert "part-of-a-living-run.parquet" in there
    assert len(there) == 3, "that one, what was put together, and the last night"
    for name in sorted({*tables(shop)} - {"runs"}):  # to which the locks were written just now
        log = [path for path in (shop.root / name / "_delta_log").iterdir() if path.name[0].isdigit()]
        assert len(log) <= 22, name
    assert of(done, "rfm")["log_files_after"] < of(done, "rfm")["log_files"]
    told = shop.answers("--set", "ingest.max_quarantined_share=1.0", jobs=JOBS)
    assert told.count("nothing has changed since it was published") == 2, told


def test_files_of_persons_stay_closed_and_without_statistics(shop: Hostile) -> None:
    assert files(shop, "quarantine") >= NIGHTS
    kept_up(shop)
    assert files(shop, "quarantine") < NIGHTS
    folder = shop.root / "quarantine"
    open_to_others = [path for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077]
    assert not open_to_others
    for path in sorted((folder / "_delta_log").glob("*.json")):
        for line in path.read_text(encoding="utf-8").splitlines():
            told = json.loads(json.loads(line).get("add", {}).get("stats") or "{}")
            assert not told.get("minValues")
            assert not told.get("maxValues")


@pytest.mark.parametrize("point", [0, 1, 4])
def test_after_a_kill_tables_are_whole_and_the_next_run_of_any_job_goes_on(
    point: int, shop: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, left = everything(shop), [point]
    compacted, record = upkeep.compacted, Ledger.record

    def dying(*args: Any) -> str:
        told = compacted(*args)
        left[0] -= 1
        if left[0] < 0:
            raise Crash
        return told

    def only_of_the_living(self: Ledger, *rows: Any) -> None:
        if left[0] < 0:
            raise Crash
        record(self, *rows)

    with monkeypatch.context() as patch:
        patch.setattr(upkeep, "compacted", dying)
        patch.setattr(Ledger, "record", only_of_the_living)
        with pytest.raises(Crash):
            kept_up(shop)
    assert everything(shop) == before
    stopped = Ledger(Storage(shop.running, Target(root=str(shop.root), engine=shop.running.name))).unended()
    assert {one.config_hash for one in stopped} >= {MAINTENANCE}, "its locks are still there"
    told = shop.answers("--set", "ingest.max_quarantined_share=1.0", jobs=JOBS)
    assert told.count("nothing has changed since it was published") == 2, told
    kept_up(shop)
    assert everything(shop) == before
    assert files(shop, "rfm") == 1


def test_the_tables_of_a_running_job_are_left_and_a_job_waits_for_its_own(
    shop: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = Storage(shop.running, Target.model_validate({"root": str(shop.root), "engine": shop.running.name}))
    published = Published(storage, ("order_lines",))
    guard = Locks(published, NOW)
    tables_of_rfm = next(group for group in guard.groups() if RFM in group)
    had = files(shop, "rfm")
    with guard.held(tables_of_rfm) as reason:  # as a run of rfm on this machine would have it
        assert not reason
        done = kept_up(shop)
        assert files(shop, "rfm") == had
        assert any(note.startswith("not looked after this time, as rfm is running: rfm") for note in done["notes"])
        assert files(shop, "order_lines") == 1, "the others are looked after"
        monkeypatch.setattr(upkeep_locks, "PATIENCE", 0.0)
        upkeep_locks.wait(published, suite.JOBS["orders"])
        waiting = threading.Thread(target=upkeep_locks.wait, args=(Published(storage), suite.JOBS["rfm"], 60.0))
        waiting.start()
        time.sleep(upkeep_locks.STEP)
        assert waiting.is_alive()
    waiting.join(30)
    assert not waiting.is_alive()
    kept_up(shop)
    assert files(shop, "rfm") == 1


def test_what_is_due_is_said_after_run_all_and_by_doctor(shop: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suite, "JOBS", {name: suite.JOBS[name] for name in (*JOBS, "forget", "expire", "maintain")})
    shop.job("maintain", "target_file_mb: 1\ndue_files: 2\nleast_files: 2")
    told = shop.answers("--set", "ingest.max_quarantined_share=1.0")
    assert "Maintenance is due: " in told
    assert "small files too many" in told
    assert told.rstrip().endswith("Run: vitalfew maintain --target here")
    assert "Maintenance is due" in shop.run("doctor").text
    kept_up(shop)
    found = due.tables(loading.load(shop.root / "conf", "here", suite.chosen(["maintain"])))
    assert found == {} or set(found or ()) == {"runs"}, "but for the locks that it wrote itself"


def test_old_slices_go_by_the_rule_of_the_target_and_a_dry_run_says_which(shop: Hostile) -> None:
    shop.target(extra={"retention": {"rfm": 1}})
    had = shop.rows("rfm")
    dry = shop.run("maintain", "--dry-run")
    assert dry.code == 0
    days = sorted({row[0] for row in had})
    old = sum(row[0] < days[-2] for row in had)
    assert f"rfm: {old} rows are older than `retention` says" in dry.text
    assert shop.rows("rfm") == had
    done = shop.run("maintain")
    assert done.code == 0
    assert {row[0] for row in shop.rows("rfm")} == {*days[-2:]}


def test_many_small_files_of_one_month_are_put_together_and_other_months_are_left(tmp_path: Path) -> None:
    where = str(tmp_path / "orders")
    for month, count in (("2025-01", 5), ("2025-02", 2), ("2025-03", 4)):
        for n in range(count):
            part = pa.table({"_month": [month], "n": [n], "text": [secrets.token_hex(5_000)]})
            write_deltalake(where, part, mode="append", partition_by=["_month"])
    rules = Rules(target_bytes=60_000, least_files=3, retention_hours=168, least_commits=10)
    found = upkeep.crowded(DeltaTable(where), rules)
    assert [filters for filters, _ in found] == [[("_month", "=", "2025-01")], [("_month", "=", "2025-03")]]
    had = DeltaTable(where).to_pyarrow_table().to_pylist()
    for filters, _ in found:
        assert upkeep.compacted(where, filters, rules) == ""
    left = Counter(uri.split("_month=")[1][:7] for uri in DeltaTable(where).file_uris())
    assert left == {"2025-01": 1, "2025-02": 2, "2025-03": 1}
    assert sorted(map(repr, DeltaTable(where).to_pyarrow_table().to_pylist())) == sorted(map(repr, had))
    assert upkeep.crowded(DeltaTable(where), replace(rules, target_bytes=1_000)) == [], "large files are left"


def test_a_version_is_the_same_state_while_no_commit_changed_a_row(tmp_path: Path) -> None:
    where = str(tmp_path / "t")
    log = tmp_path / "t" / "_delta_log"
    for n in range(3):
        write_deltalake(where, pa.table({"n": [n]}), mode="append")
    DeltaTable(where).optimize.compact()
    DeltaTable(where).vacuum(0, dry_run=False, enforce_retention_duration=False)
    newest = DeltaTable(where).version()
    assert newest == 5, "a compaction, and begin and end of a vacuum"
    assert delta_log.rows_since(log, newest) == delta_log.rows_since(log, 2) == 2
    assert delta_log.rows_until(log, 2) == newest
    assert delta_log.rows_until(log, 1) == 1
    now = Snapshot(newest, "id", rows_since=2)
    assert now.is_same(Snapshot(2, "id"))
    assert Snapshot(3, "id").is_same(now)
    assert not now.is_same(Snapshot(1, "id"))
    assert not now.is_same(Snapshot(2, "other"))
    assert have_same_rows({"t": now}, {"t": Snapshot(4, "id")})
    assert not have_same_rows({"t": now}, {"t": Snapshot(4)}), "a version alone is no identity"
    assert not have_same_rows({"t": now}, {"u": now})
    (log / f"{4:020}.json").unlink()
    assert delta_log.rows_since(log, newest) == 4, "what is not known any more counts as changed"
    assert delta_rows_since(7, [(7, "VACUUM END"), (6, "OPTIMIZE"), (5, "WRITE")]) == 5
