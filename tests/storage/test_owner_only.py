"""Tables about persons: their files are for their owner alone, and no statistics of them stay in Delta's log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import functions as F

from conftest import Frame
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.jobs.customer360.tables import IDENTITIES
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES
from vitalfew.tables import Table
from vitalfew.tables.logs import QUARANTINE
from vitalfew.tables.sources import CONTACTS, PRODUCTS

ROWS = """
    customer_id | kind  | value
    ann         | email | ann@planted.example
    zoe         | email | zoe@planted.example
"""


@pytest.fixture
def storage(running: Engine, tmp_path: Path) -> Storage:
    return Storage(running, Target.model_validate({"root": str(tmp_path), "engine": running.name}))


def actions(root: Path, table: Table, kind: str) -> list[dict[str, Any]]:
    """The actions of one kind in the log of a table."""
    log = sorted((root / table.name / "_delta_log").glob("*.json"))
    lines = [line for path in log for line in path.read_text().splitlines()]
    return [found[kind] for found in map(json.loads, lines) if kind in found]


def modes(path: Path) -> set[str]:
    """The modes of a folder and of all below it: `d700`, `f600`."""
    return {f"{'d' if p.is_dir() else 'f'}{p.stat().st_mode & 0o777:o}" for p in (path, *path.rglob("*"))}


def test_tables_that_hold_or_hash_contacts_or_show_rows_are_for_their_owner() -> None:
    closed = {table.name for table in TABLES.values() if table.is_owner_only}
    assert closed == {"contacts", "campaign_contacts", "quarantine", "identities", "identity_review", "suppressed"}


@pytest.mark.both_engines
def test_no_way_of_writing_contacts_leaves_statistics_or_opens_files(
    storage: Storage, frame: Frame, tmp_path: Path
) -> None:
    contacts = frame(CONTACTS, ROWS)
    storage.merge(CONTACTS, contacts)
    storage.merge(CONTACTS, contacts.withColumn("kind", F.lit("phone")))
    storage.replace(CONTACTS, contacts)
    storage.replace(CONTACTS, contacts, "kind = 'email'")
    storage.append(CONTACTS, contacts)
    assert storage.read(CONTACTS).count() == 4
    assert len(actions(tmp_path, CONTACTS, "add")) >= 4
    assert not any("planted" in path.read_text() for path in (tmp_path / "contacts/_delta_log").glob("*.json"))
    assert modes(tmp_path / "contacts") == {"d700", "f600"}


@pytest.mark.both_engines
def test_other_tables_keep_their_statistics(storage: Storage, frame: Frame, tmp_path: Path) -> None:
    storage.replace(PRODUCTS, frame(PRODUCTS, "product_id \n tea \n cup"))
    assert '"cup"' in actions(tmp_path, PRODUCTS, "add")[-1]["stats"]


@pytest.mark.both_engines
def test_hashes_of_contacts_leave_statistics_of_the_day_alone(storage: Storage, frame: Frame, tmp_path: Path) -> None:
    rows = frame(IDENTITIES, "as_of | customer_id | person_id | accounts | links \n 2025-01-01 | ann | ann | 1 | 0")
    storage.replace(IDENTITIES, rows, "as_of = DATE'2025-01-01'")
    stats = actions(tmp_path, IDENTITIES, "add")[-1]["stats"]
    assert "2025-01-01" in stats
    assert "ann" not in stats
    assert modes(tmp_path / "identities") == {"d700", "f600"}


@pytest.mark.parametrize("way", [pytest.param("merge", marks=pytest.mark.both_engines), "replace", "append"])
def test_a_table_of_an_earlier_version_is_closed_at_its_next_write(
    storage: Storage, frame: Frame, tmp_path: Path, way: str
) -> None:
    contacts = frame(CONTACTS, ROWS)
    contacts.write.format("delta").save(str(tmp_path / "contacts"))
    assert "planted" in actions(tmp_path, CONTACTS, "add")[-1]["stats"]
    before = len(actions(tmp_path, CONTACTS, "add"))
    getattr(storage, way)(CONTACTS, contacts.withColumn("customer_id", F.concat(F.lit("x"), "customer_id")))
    new = actions(tmp_path, CONTACTS, "add")[before:]
    assert new
    assert not any("planted" in (add.get("stats") or "") for add in new)
    assert modes(tmp_path / "contacts") == {"d700", "f600"}


def test_refused_rows_are_closed_too(storage: Storage, frame: Frame, tmp_path: Path) -> None:
    rows = frame(QUARANTINE, "source | job | reason | content \n events | x | y | planted")
    storage.replace(QUARANTINE, rows, "job = 'x'")
    assert "planted" not in (actions(tmp_path, QUARANTINE, "add")[-1].get("stats") or "")
    assert modes(tmp_path / "quarantine") == {"d700", "f600"}
