"""A person is forgotten in a shop with quarantine, three slices, contacts and events: nothing is left, and nobody else goes."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from hostile import Hostile, lines, week
from shop import SHOP, Crash

from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.runs.run_log import Ledger
from vitalfew.storage import purging
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES

PERSON, NEIGHBOURS = "c12", ("c1", "c2", "c123", "c12-a", "xc12")
MAIL, PHONE, SHARED = "Twelve.Planted@secret.example", "+43 664 771 0123", "family@secret.example"
DAYS = ("2025-01-09", "2025-01-13", "2025-01-22")
JOBS = ("orders", "customer_products", "rfm", "contribution", "customer360", "alerts", "summary")
COMPARED = ("orders", "customer_products", "rfm", "contribution", "customer360")
SLICED = ("rfm", "alerts")
LENIENT = ("--set", "ingest.max_quarantined_share=1.0")
EVENTS = {"customer_id": "who", "kind": "kind", "happened_at": "at", "detail": "text"}
EVERYBODY = (PERSON, *NEIGHBOURS)


def order_lines(people: tuple[str, ...]) -> list[str]:
    """Regular orders; of each person also a refused line, and of one in a file that comes twice."""
    regular = [
        line.replace(f",c{i},", f",{one},").replace(f"o{i}-", f"o{one}-")
        for i, one in enumerate(EVERYBODY)
        for line in week(i + 1)
        if line.startswith(f"o{i}-") and one in people
    ]
    return [*regular, *[f"x{one},{one},tea,never,1,1.50" for one in people]]


def lay(shop: Hostile, people: tuple[str, ...]) -> None:
    shop.drop(*order_lines(people))
    contacts = [(one, "email", MAIL if one == PERSON else f"{one}@other.example") for one in people]
    contacts += [(one, "phone", PHONE) for one in people if one == PERSON]
    contacts += [(one, "email", SHARED) for one in people if one in (PERSON, "c2")]
    shop.write("in/contacts/a.csv", "\n".join(["who,what,reach", *lines(contacts)]) + "\n")
    events = [(one, "search", f"2025-01-{day:02} 12:00:00", "pot") for one in people for day in (3, 9, 20)]
    shop.write("in/events/a.csv", "\n".join(["who,kind,at,text", *lines(events)]) + "\n")
    customers = [(one, "north", "2025-01-01 00:00:00") for one in people]
    shop.write("in/customers/a.csv", "\n".join(["who,where,at", *lines(customers)]) + "\n")


def opened(root: Path, running: Engine, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    shop = Hostile(root, running, monkeypatch)
    contacts = {"at": "in/contacts", "columns": {"customer_id": "who", "kind": "what", "value": "reach"}}
    customers = {"at": "in/customers", "columns": {"customer_id": "who", "region": "where", "updated_at": "at"}}
    events = {"at": "in/events", "columns": EVENTS}
    shop.target(extra={"files": {"order_lines": SHOP, "contacts": contacts, "events": events, "customers": customers}})
    return shop


@pytest.fixture(scope="module")
def whole(running: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the shop, with three slices of some results."""
    root = tmp_path_factory.mktemp("forget") / "shop"
    with pytest.MonkeyPatch.context() as monkeypatch:
        shop = opened(root, running, monkeypatch)
        lay(shop, EVERYBODY)
        shop.answers("--as-of", DAYS[0], *LENIENT, jobs=("ingest", *JOBS))
        for day in DAYS[1:]:
            shop.answers("--as-of", day, jobs=SLICED)
    return root


@pytest.fixture
def shop(whole: Path, running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    shutil.copytree(whole, tmp_path / "shop", ignore=shutil.ignore_patterns("current.json"))
    return opened(tmp_path / "shop", running, monkeypatch)


def files(root: Path) -> Iterator[Path]:
    theirs = ("drops", "in", "conf")
    return (p for p in sorted(root.rglob("*")) if p.is_file() and p.relative_to(root).parts[0] not in theirs)


def naive_search(root: Path) -> list[tuple[str, str]]:
    """Another search than ours: the texts of all files, and of Parquet the printed rows, for whole words."""
    import re

    word = re.compile(rf"(?<![\w-]){PERSON}(?![\w-])|{re.escape(MAIL)}|{re.escape(PHONE)}", re.IGNORECASE)
    found = []
    for path in files(root):
        text = path.read_bytes().decode(errors="replace")
        if path.suffix == ".parquet":
            text = str(pq.read_table(path).to_pylist())
        if hit := word.search(text):
            found.append((str(path.relative_to(root)), text[max(0, hit.start() - 60) : hit.end() + 30]))
    return found


def versions(shop: Hostile) -> dict[str, int]:
    return {at.parent.name: DeltaTable(str(at.parent)).version() for at in sorted(shop.root.glob("*/_delta_log"))}


def people_in(shop: Hostile, table: str) -> set[str]:
    return {row[0] for row in shop.rows(table, "customer_id")}


def test_a_person_is_forgotten_and_nobody_else(
    shop: Hostile, running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert naive_search(shop.root), "the search sees what is there"
    before = {
        name: shop.rows(name) for name in ("rfm", "quarantine", "events", "contribution", "identities", "contacts")
    }
    dry = shop.run("forget", PERSON, "--dry-run")
    assert "1 customer would be forgotten" in dry.text
    assert naive_search(shop.root), "a dry run erases nothing"

    said = shop.run("forget", PERSON)
    assert said.code == 0, said.text
    assert "nothing is left" in said.text
    assert naive_search(shop.root) == []
    for name, had in before.items():
        assert shop.rows(name) == [row for row in had if PERSON not in [*row] and f'"{PERSON}"' not in str(row)], name
    assert len({row[0] for row in shop.rows("rfm", "as_of")}) == len(DAYS)
    assert (SHARED,) in {row[:1] for row in shop.rows("contacts", "value")}, "a contact that a neighbour has stays"
    text = next((shop.root / "_certificates").iterdir()).read_text(encoding="utf-8")
    certificate = json.loads(text)
    assert certificate["is_clean"]
    assert not certificate["found"]
    rfm = next(table for table in certificate["tables"] if table["table"] == "rfm")
    assert rfm["rows_before"] - rfm["rows_after"] == rfm["rows_removed"] == len(DAYS)
    for one in (PERSON, MAIL, PHONE):
        assert one not in text

    now = json.loads((shop.root / "current.json").read_text(encoding="utf-8"))["tables"]
    for name, entry in now.items():
        DeltaTable(entry["location"], version=entry["version"]).to_pyarrow_table()
        assert entry["version"] == versions(shop)[name]

    state = versions(shop)
    again = shop.run("forget", PERSON)
    assert again.code == 0, again.text
    after = versions(shop)
    assert {n: v for n, v in after.items() if n != "runs"} == {n: v for n, v in state.items() if n != "runs"}

    shop.answers("--reread", *LENIENT, jobs=("ingest",))
    shop.drop(f"late,{PERSON},tea,2025-01-20 10:00:00,1,2.00", "late2,c2,tea,2025-01-20 10:00:00,1,2.00", name="b.csv")
    shop.answers(*LENIENT, jobs=("ingest",))
    assert naive_search(shop.root) == [], "no file brings them back"
    taken = shop.rows(
        "ingested_files", "path", "rows_in", "rows_used", "rows_duplicate", "rows_quarantined", "rows_suppressed"
    )
    assert all(row[1] == row[2] + row[3] + row[4] + row[5] for row in taken)
    assert sum(row[5] for row in taken) > 10
    shop.answers("--as-of", DAYS[0], jobs=COMPARED)
    other = opened(tmp_path / "other", running, monkeypatch)
    lay(other, NEIGHBOURS)
    other.drop("late2,c2,tea,2025-01-20 10:00:00,1,2.00", name="b.csv")
    other.answers("--as-of", DAYS[0], *LENIENT, jobs=("ingest", *COMPARED))
    for name in ("orders", "customer_products", "rfm_segments", "contribution", "concentration", "customer360"):
        theirs = [row for row in shop.rows(name) if DAYS[0] == str(row[0]) or TABLES[name].slice is None]
        assert theirs == other.rows(name), f"{name} is as if they had never been there"


def test_a_person_who_was_joined_with_another_account_is_made_anew(shop: Hostile) -> None:
    """c12 and c2 share an address, and are one person, who is called c12."""
    assert {row for row in shop.rows("identities", "customer_id", "person_id") if row[1] == PERSON} == {
        (PERSON, PERSON),
        ("c2", PERSON),
    }
    said = shop.run("forget", "c2")
    assert said.code == 0, said.text
    for table in ("customer360", "touchpoints"):
        left = {row[0] for row in shop.rows(table, "person_id")}
        assert PERSON not in left, "what is known of c2 is in their rows"
        assert "c1" in left
    assert PERSON in people_in(shop, "rfm")
    assert PERSON in people_in(shop, "identities")
    shop.answers("--as-of", DAYS[0], jobs=("customer360",))
    accounts = dict(shop.rows("customer360", "person_id", "accounts"))
    assert accounts[PERSON] == 1


STEPS = (0, 1, 3, 6, 9)


def test_an_erasure_that_is_killed_is_repeated_until_it_is_done(shop: Hostile, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before one of its writes or removals of history, each time later; by contact, as the contact goes last."""
    left = [0]

    def dying(whole: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any, **kwargs: Any) -> Any:
            if left[0] == 0:
                raise Crash
            left[0] -= 1
            return whole(*args, **kwargs)

        return step

    with monkeypatch.context() as patch:
        for name in ("replace", "merge", "delete"):
            patch.setattr(Storage, name, dying(getattr(Storage, name)))
        patch.setattr(purging, "purge", dying(purging.purge))
        for steps in STEPS:
            left[0] = steps
            with pytest.raises(Crash):
                shop.run("forget", "--contact", MAIL.upper())
            for name in ("rfm", "orders"):
                assert {PERSON, *NEIGHBOURS} >= people_in(shop, name) >= set(NEIGHBOURS)
    said = shop.run("forget", "--contact", MAIL.upper())
    assert said.code == 0, said.text
    assert naive_search(shop.root) == []
    assert people_in(shop, "rfm") == {*NEIGHBOURS}
    lines_erased = [
        row[1:]
        for row in shop.rows("erasures", "table_name", "rows_removed", "money_removed")
        if row[0] == "order_lines"
    ]
    taken = shop.rows("ingested_files", "source", "rows_used", "money_used")
    used = sum(row[1] for row in taken if row[0] == "order_lines")
    there = shop.rows("order_lines", "amount")
    assert used == len(there) + lines_erased[0][0], "what was used is there, or was erased and counted"
    assert sum(row[2] for row in taken if row[0] == "order_lines") == sum(row[0] for row in there) + lines_erased[0][1]


def test_an_erasure_runs_beside_no_other_run(
    shop: Hostile, living: Callable[[str], subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it lives every other is refused."""

    def stop(*_: Any, **__: Any) -> None:
        raise Crash

    def leave(*arguments: str, at: str) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Storage, at, stop)
            with pytest.raises(Crash):
                shop.run(*arguments)

    leave("forget", PERSON, at="delete")
    storage = Storage(shop.running, Target(root=str(shop.root), engine=shop.running.name))
    (begun,) = (run for run in Ledger(storage).unended() if run.job == "forget")
    process = living(begun.run_id)
    assert "forget is being run already" in shop.refused(7, "forget", PERSON)
    assert "forget is being run already" in shop.refused(7, "run", "rfm", "--as-of", DAYS[0], "--force")
    process.kill()
    process.wait()
    said = shop.answers("--as-of", DAYS[0], "--force", jobs=("rfm",))
    assert "a run of forget was stopped before its end" in said
    assert PERSON in people_in(shop, "rfm"), "rows of ours are erased by the erasure alone"
    assert shop.run("forget", PERSON).code == 0
    assert naive_search(shop.root) == []
