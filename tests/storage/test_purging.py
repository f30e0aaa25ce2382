"""The history of a table ends: neither old files nor the log tell what was deleted, and the table is read and written on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import functions as F

from conftest import Frame
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.procedures.forget.scan import Wanted, scan
from vitalfew.storage import purging
from vitalfew.storage.delta import Storage
from vitalfew.tables.facts import CUSTOMER_PROFILE

PEOPLE = """
    customer_id | is_registered | has_bought | orders | net_amount | pieces
    ------------+---------------+------------+--------+------------+-------
    aaron-first | true          | false      | 0      | 0.00       | 0
    bob         | true          | false      | 0      | 0.00       | 0
    zoe         | true          | false      | 0      | 0.00       | 0
"""


@pytest.fixture
def storage(running: Engine, tmp_path: Path) -> Iterator[Storage]:
    storage = Storage(running, Target(root=str(tmp_path), engine=running.name))
    yield storage
    storage.release()


def people(storage: Storage) -> list[str]:
    return sorted(row["customer_id"] for row in storage.read(CUSTOMER_PROFILE).collect())


@pytest.mark.both_engines
def test_what_was_deleted_is_in_no_file_and_the_table_goes_on(storage: Storage, frame: Frame, tmp_path: Path) -> None:
    drawn = frame(CUSTOMER_PROFILE, PEOPLE)
    storage.replace(CUSTOMER_PROFILE, drawn)
    storage.replace(CUSTOMER_PROFILE, drawn.withColumn("region", F.lit("north")))
    known = storage.snapshot(CUSTOMER_PROFILE)
    wanted = Wanted(("aaron-first",))
    gone = storage.spark.createDataFrame([("aaron-first",), ("nobody",)], "customer_id string")
    storage.delete(CUSTOMER_PROFILE, gone, "customer_id")
    assert people(storage) == ["bob", "zoe"]
    assert not scan(tmp_path, wanted).is_clean, "time travel and the log still tell"
    assert purging.purge(storage, CUSTOMER_PROFILE) is None
    found = scan(tmp_path, wanted)
    assert found.places == {}
    assert found.files > 2
    assert people(storage) == ["bob", "zoe"]
    now = storage.snapshot(CUSTOMER_PROFILE)
    assert now is not None
    assert known is not None
    assert now.is_same_table(known)
    storage.merge(CUSTOMER_PROFILE, drawn.where("customer_id = 'bob'").withColumn("customer_id", F.lit("eve")))
    assert people(storage) == ["bob", "eve", "zoe"]


def test_a_deletion_of_nobody_is_no_commit(storage: Storage, frame: Frame) -> None:
    storage.replace(CUSTOMER_PROFILE, frame(CUSTOMER_PROFILE, PEOPLE))
    before = storage.version(CUSTOMER_PROFILE)
    gone = storage.spark.createDataFrame([("nobody",)], "customer_id string")
    storage.delete(CUSTOMER_PROFILE, gone, "customer_id")
    assert storage.version(CUSTOMER_PROFILE) == before


def test_a_table_that_is_known_by_name_is_purged_and_what_stays_is_said(running: Engine, frame: Frame) -> None:
    running.spark.sql("CREATE SCHEMA IF NOT EXISTS purging").collect()
    storage = Storage(running, Target(root="purging", engine=running.name))
    storage.replace(CUSTOMER_PROFILE, frame(CUSTOMER_PROFILE, PEOPLE).coalesce(1))
    at = storage.target.location(CUSTOMER_PROFILE.name)
    folder = storage.where(at)
    gone = running.spark.createDataFrame([("aaron-first",)], "customer_id string")
    storage.delete(CUSTOMER_PROFILE, gone, "customer_id")
    kept = purging.purge(storage, CUSTOMER_PROFILE)
    assert people(storage) == ["bob", "zoe"]
    found = scan(Path(str(folder).removeprefix("file:").replace("///", "/")), Wanted(("aaron-first",)))
    assert found.files > 1
    left = [place for place in found.places if "_delta_log" not in place]
    assert left == [], "the rows are gone from all files of data"
    assert (kept is None) == (found.places == {}), "what stays in the log is said"
    running.spark.sql("DROP SCHEMA purging CASCADE").collect()
