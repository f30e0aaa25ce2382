"""A configuration is read from a folder or from object storage, before an engine starts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from object_store import object_store, upload
from vitalfew import suite
from vitalfew.config import conf_files, loading
from vitalfew.config.target import Target
from vitalfew.errors import ConfigError
from vitalfew.storage.opening import refuse_lost_tables

ROOT = Path(__file__).parents[2]
RFM = suite.JOBS["rfm"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration with a target and one job."""
    for name, text in {"jobs/rfm.yml": "window_days: 77\n", "targets/here.yml": "root: /srv/vitalfew\n"}.items():
        (tmp_path / "conf" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "conf" / name).write_text(text)
    return tmp_path / "conf"


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    with object_store("team") as uri:
        yield uri


@pytest.fixture
def stored(bucket: str, folder: Path) -> str:
    """The same configuration in object storage."""
    upload(folder, f"{bucket}/vitalfew/conf")
    return f"{bucket}/vitalfew/conf"


def window_days(conf: str | Path, target: str = "here") -> object:
    return loading.load(conf, target, [RFM, suite.JOBS["baskets"]]).params["rfm"].model_dump()["window_days"]


@pytest.mark.parametrize("scheme", ["s3", "s3a", "s3n"])
def test_a_configuration_in_object_storage_is_read_as_a_folder_is(stored: str, scheme: str) -> None:
    assert window_days(stored.replace("s3", scheme, 1)) == 77
    assert window_days(f"{stored}/") == 77


def test_definitions_are_read_from_object_storage_too(bucket: str, folder: Path) -> None:
    (folder / "definitions.yml").write_text("segmentation: {window_days: 88}\n")
    (folder / "jobs" / "rfm.yml").unlink()
    upload(folder, f"{bucket}/defined/conf")
    assert window_days(f"{bucket}/defined/conf") == 88


def test_a_target_may_be_a_uri_of_its_own(stored: str, folder: Path) -> None:
    (folder / "targets" / "here.yml").unlink()
    assert window_days(folder, f"{stored}/targets/here.yml") == 77
    assert loading.load(folder, f"{stored}/targets/here.yml", []).target_name == "here"


def test_what_is_wrong_in_object_storage_is_said_with_its_whole_uri(bucket: str, folder: Path) -> None:
    (folder / "jobs" / "rfm.yml").write_text("window_day: 77\n")
    (folder / "targets" / "here.yml").write_bytes(b"\xff\xfe\x00root")
    uri = f"{bucket}/wrong/conf"
    upload(folder, uri)
    with pytest.raises(ConfigError) as error:
        loading.load(uri, "here", [RFM])
    assert str(error.value).splitlines()[1:] == [
        f"  {uri}/targets/here.yml: is not UTF-8 text.",
        f"  {uri}/jobs/rfm.yml: window_day is not a setting; did you mean window_days?",
    ]
    with pytest.raises(ConfigError, match=rf"There is no target 'hear': {uri}/targets/hear.yml.*did you mean here\?"):
        loading.load(uri, "hear", [])
    with pytest.raises(ConfigError, match=rf"{bucket}/nowhere is no folder with a configuration.*dist/conf.zip#conf"):
        loading.load(f"{bucket}/nowhere", "here", [])


def test_the_command_line_hands_on_a_uri_with_both_its_slashes(stored: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "vitalfew", "config", "check", "rfm", "--conf", stored, "--target", "here"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    said = "rfm: window_days is 77 here, by definition null.\n"
    assert done.stdout == said + "The target here and 1 jobs are configured as they should be.\n", done.stderr


def test_a_uri_of_a_file_is_a_path(folder: Path) -> None:
    assert window_days(f"file://{folder}") == 77
    assert window_days(os.path.relpath(folder)) == 77


def test_dbfs_is_read_where_databricks_mounts_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="Use a path below /Volumes or /Workspace"):
        window_days("dbfs:/team/conf")
    (folder.parent / "team").mkdir()
    folder.rename(folder.parent / "team" / "conf")
    monkeypatch.setattr(conf_files, "DBFS", folder.parent)
    assert window_days("dbfs:/team/conf") == 77


@pytest.mark.parametrize(
    ("at", "why"),
    [
        ("s3:/team/conf", "s3:/team/conf is no folder and no URI that we read"),  # a slash was lost on the way
        ("https://host/conf", "known are s3, s3a, s3n, gs,"),
        ("hdfs://nowhere.invalid:1/conf", "hdfs://nowhere.invalid:1/conf cannot be read from here: "),
        ("s3://", "s3:// is no folder"),
        ("s3://me:hunter2@team/conf?regio=x", "s3://team/conf cannot be read from here: Unexpected query parameter"),
    ],
)
def test_a_uri_that_cannot_be_read_is_refused_with_what_to_do(
    at: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARROW_LIBHDFS_DIR", "/nowhere")
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    with pytest.raises(ConfigError) as error:
        loading.load(at, "here", [])
    assert why in str(error.value)
    assert "hunter2" not in str(error.value)


def test_a_driver_without_a_configuration_says_how_it_travels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"conf is no folder with a configuration.*--archives dist/conf\.zip#conf"):
        loading.load("conf", "standalone", [])


@pytest.mark.parametrize(
    ("root", "at"),
    [
        ("dbfs:/team/vitalfew", "dbfs:/team/vitalfew/rfm"),
        (
            "abfss://lake@account.dfs.core.windows.net/vitalfew",
            "abfss://lake@account.dfs.core.windows.net/vitalfew/rfm",
        ),
        ("/Volumes/main/team/vitalfew", "/Volumes/main/team/vitalfew/rfm"),
        ("hdfs:///vitalfew", "hdfs:///vitalfew/rfm"),
    ],
)
def test_a_root_that_is_a_uri_is_kept_as_it_is(root: str, at: str) -> None:
    assert Target(engine="spark", root=root).location("rfm").at == at


def test_a_root_below_the_folder_of_a_driver_that_goes_with_it_is_refused() -> None:
    with pytest.raises(ConfigError, match="root is data/local, below the folder in which the driver runs"):
        refuse_lost_tables("data/local", in_cluster_mode=True)
    for root in ("/srv/vitalfew", "s3://lake/vitalfew", "dbfs:/vitalfew", "main.vitalfew"):
        refuse_lost_tables(root, in_cluster_mode=True)
    refuse_lost_tables("data/local", in_cluster_mode=False)
