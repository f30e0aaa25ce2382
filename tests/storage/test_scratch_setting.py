"""`scratch` of a target: where a run on Spark stages, when its tables are not in a folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.errors import EngineError
from vitalfew.storage.delta import Storage
from vitalfew.storage.remote_scratch import RemoteScratch


@pytest.mark.both_engines
def test_frames_are_staged_below_a_uri_and_removed_at_the_end(running: Engine, tmp_path: Path) -> None:
    """The embedded engine stages on its own disk whatever the target says."""
    target = Target(root="s3://lake/shop", roots=(f"file://{tmp_path}",), scratch=f"file://{tmp_path}/staging")
    storage = Storage(running, target)
    twice = (running.spark.range(3).selectExpr("id", "current_timestamp() at"),) * 2
    staged = storage.staged.compute(twice)
    assert staged.count() == 6
    assert staged.dtypes == twice[0].dtypes
    assert storage.staged.compute((staged,)) is staged
    written = sorted(tmp_path.glob("staging/vitalfew-*/*/*/part-*"))
    if running.name == "sail":
        assert not written
        storage.release()
        return
    assert written
    other = Storage(running, target.model_copy(update={"root": "s3://lake/other"}))
    other.staged.compute(twice)
    storage.release()
    left = sorted(tmp_path.glob("staging/vitalfew-*/*"))
    assert len(left) == 1, "what another run stages is not touched"
    assert other.staged.remote is not None
    other.staged.remote.clear()
    assert not list(tmp_path.glob("staging/vitalfew-*/*"))


def test_a_folder_is_taken_as_it_is(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spark = replace(running, name="spark")
    target = Target(root="s3://lake/shop", roots=(str(tmp_path),), scratch=f"{tmp_path}/staging")
    assert Storage(spark, target).scratch_root == tmp_path / "staging"
    assert Storage(spark, Target(root="s3://lake/shop")).staged.root is None
    monkeypatch.setenv("DATABRICKS_RUNTIME_VERSION", "17.3")
    with pytest.raises(EngineError, match=r"below /Volumes on Databricks"):
        Storage(spark, target)
    volume = Target(root="main.shop", roots=("/Volumes/main/shop",), scratch="/Volumes/main/shop/staging")
    assert Storage(spark, volume).scratch_root == Path("/Volumes/main/shop/staging")


def test_what_could_not_be_removed_is_refused(running: Engine) -> None:
    target = Target(root="s3://lake/shop", scratch="s3://lake/shop/staging")
    with pytest.raises(EngineError, match="could not remove what it stages"):
        Storage(replace(running, name="connect"), target)


def test_it_lies_below_a_root(running: Engine) -> None:
    target = Target(root="s3://lake/shop", scratch="s3://other/staging")
    with pytest.raises(ValueError, match="roots"):
        Storage(replace(running, name="spark"), target)


def test_two_targets_have_two_folders(running: Engine) -> None:
    one, other = (RemoteScratch.of(running.spark, "s3://lake/staging/", root) for root in ("s3://a", "s3://b"))
    assert one.above != other.above
    assert one.above.startswith("s3://lake/staging/vitalfew-")
