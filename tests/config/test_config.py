"""A configuration is right, or everything that is wrong with it is said at once, before an engine starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from vitalfew import suite
from vitalfew.config import loading
from vitalfew.config.loading import Config
from vitalfew.config.target import Target
from vitalfew.errors import ConfigError
from vitalfew.job import Step

ROOT = Path(__file__).parents[2]
RFM = suite.JOBS["rfm"]
BASKETS = suite.JOBS["baskets"]


@pytest.fixture
def conf(tmp_path: Path) -> Path:
    """A folder with a target that is right and no job files."""
    (tmp_path / "jobs").mkdir()
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets" / "here.yml").write_text(f"root: {tmp_path}/tables\n")
    return tmp_path


def problems(conf: Path, *settings: str, jobs: tuple[Step, ...] = (RFM,), target: str = "here") -> list[str]:
    with pytest.raises(ConfigError) as error:
        loading.load(conf, target, jobs, settings)
    first, *lines = str(error.value).replace(str(conf), "CONF").splitlines()
    assert first in (f"The configuration has {len(lines)} problems:", "The configuration has 1 problem:")
    return [line.strip() for line in lines]


def test_all_problems_of_all_files_come_in_one_message(conf: Path) -> None:
    (conf / "jobs" / "rfm.yml").write_text("window_day: 90\nwindow_days: many\n")
    (conf / "jobs" / "baskets.yml").write_text("min_confidence: [1\n")
    (conf / "targets" / "here.yml").write_text(
        "engine: sparc\nrot: x\nsources:\n  order_line: a/b\n  products: {at: p, columns: {nam: title}}\n"
    )
    found = problems(conf, jobs=(RFM, BASKETS))
    assert found[0].startswith("CONF/targets/here.yml: engine is 'sparc'; it should be 'spark', 'connect' or 'sail'")
    assert "CONF/targets/here.yml: root is missing." in found
    assert "CONF/targets/here.yml: sources: order_line is not a source table; did you mean order_lines?" in found
    assert "CONF/targets/here.yml: rot is not a setting; did you mean root?" in found
    assert "CONF/jobs/rfm.yml: window_day is not a setting; did you mean window_days?" in found
    assert any(
        line.startswith("CONF/jobs/rfm.yml: window_days is 'many'; it should be a valid integer") for line in found
    )
    assert any(line.startswith("CONF/jobs/baskets.yml: line 2 is not YAML as we read it") for line in found)


def test_a_setting_of_the_command_line_goes_before_the_file(conf: Path) -> None:
    (conf / "jobs" / "rfm.yml").write_text("window_days: 90\n")
    loaded = loading.load(conf, "here", [RFM], ["window_days=30"])
    assert loaded.params["rfm"].model_dump()["window_days"] == 30
    loaded = loading.load(conf, "here", [RFM, BASKETS], ["rfm.window_days=31"])
    assert loaded.params["rfm"].model_dump()["window_days"] == 31


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ("window_days", "must read KEY=VALUE"),
        ("baskets.min_support=1", "the job baskets is not in this run"),
        ("window_days={", "is not a YAML value"),
    ],
)
def test_a_setting_that_cannot_be_read_is_told(conf: Path, setting: str, why: str) -> None:
    assert why in problems(conf, setting)[0]


def test_with_several_jobs_a_setting_must_name_its_job(conf: Path) -> None:
    assert "several jobs run; say which: JOB.window_days=" in problems(conf, "window_days=3", jobs=(RFM, BASKETS))[0]


def test_a_path_may_hold_anything_where_no_table_of_the_embedded_engine_is() -> None:
    assert Target(engine="spark", root="/my data").location("rfm").at == "/my data/rfm"
    assert Target(engine="sail", root="/data", roots=("/my data",)).resolve("/my data/drops").at == "/my data/drops"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("root: a/b\nroot: c/d\n", "the key root stands twice"),
        ("- a\n", "holds list; it must be a mapping"),
        ("engine: connect\nroot: a/b\n", "engine connect needs `remote`"),
        ("root: a/b\ntables: {rfm: /elsewhere/rfm}\n", "/elsewhere/rfm does not lie below"),
        ("root: a/b\ntables: {rfm: ../../rfm}\n", "does not lie below"),
        (
            "root: a/b\nfiles: {products: {at: products/2025-*.csv, columns: {product_id: id}}}\n",
            "lies in the folder of the table products: put the files elsewhere",
        ),
        ("root: a/b\ntables: {rmf: x}\n", "rmf is not a table of the suite; did you mean rfm?"),
        ("root: a/b\nsources: {products: {at: p, columns: {name: 'reflect(1)'}}}\n", "function reflect is not allowed"),
        ("root: a/b\nsources: {products: {at: p, where: 'a ; b'}}\n", "is not allowed in an expression"),
        ("root: a/b\nsources: {products: {at: p, time_zone: Europe/Wien}}\n", "Europe/Wien is not a time zone"),
        ("root: main.x;y\n", "is not a name"),
        ("root: /my data\n", "engine sail cannot keep tables at /my data/"),
        ("root: /data\ntables: {rfm: /data/é/rfm}\n", "on it a path may not hold 'é'"),
        ("root: a/b\nfiles: {products: {at: p, columns: {name: n}}}\n", "columns.product_id is missing"),
    ],
)
def test_a_target_that_cannot_be_is_refused(conf: Path, text: str, why: str) -> None:
    (conf / "targets" / "here.yml").write_text(text)
    assert any(why in line for line in problems(conf))


def test_files_that_are_no_text_or_not_there_are_named(conf: Path) -> None:
    (conf / "targets" / "here.yml").write_bytes(b"\xff\xfe\x00root")
    assert problems(conf)[0].startswith("CONF/targets/here.yml: is not UTF-8")
    assert "cannot be read: No such file" in problems(conf, target=str(conf / "nowhere.yml"))[0]


def test_an_unknown_target_brings_the_known_ones(conf: Path) -> None:
    with pytest.raises(ConfigError, match=r"There is no target 'hear'.*did you mean here\?"):
        loading.load(conf, "hear", [RFM])


def test_a_value_of_the_environment_is_used_and_never_told(conf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (conf / "targets" / "here.yml").write_text("root: a/b\nengine: connect\nremote: sc://host;token=${SECRET_TOKEN}\n")
    assert "CONF/targets/here.yml: the environment variable SECRET_TOKEN is not set." in problems(conf)
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    loaded = loading.load(conf, "here", [RFM])
    assert loaded.target.remote is not None
    assert loaded.target.remote.get_secret_value() == "sc://host;token=hunter2"
    assert loaded.redact("no answer from sc://host;token=hunter2") == "no answer from sc://host;token=${SECRET_TOKEN}"
    assert "hunter2" not in repr(loaded.secrets.keys())
    (conf / "targets" / "here.yml").write_text("root: a/b\nengine: ${SECRET_TOKEN}\n")
    assert "hunter2" not in "".join(problems(conf))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("tables: {rfm: '/${SECRET_TOKEN}/x'}", "/${SECRET_TOKEN}/x does not lie below"),
        ("sources: {products: {at: x, time_zone: '${SECRET_TOKEN}'}}", "${SECRET_TOKEN} is not a time zone"),
        ("sources: {products: {at: x, where: 'hunter2(name) = ${SECRET_TOKEN}'}}", "function ${SECRET_TOKEN} is not"),
        ("tables: ['" + 195 * "." + "${SECRET_TOKEN}']", "tables is ['" + 195 * "." + "${S; it should be"),
        ("spark: ['${SECRET_TOKEN}']", "spark is not shown, as it may be a secret; it should be"),
    ],
)
def test_no_message_tells_a_value_of_the_environment(
    conf: Path, monkeypatch: pytest.MonkeyPatch, line: str, told: str
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    (conf / "targets" / "here.yml").write_text(f"root: {conf}/tables\n{line}\n")
    found = "".join(problems(conf))
    assert "hunt" not in found
    assert told in found


@pytest.mark.parametrize("path", sorted((ROOT / "conf" / "targets").glob("*.yml")), ids=lambda p: p.stem)
def test_every_target_that_we_ship_is_right_with_every_job(path: Path) -> None:
    loaded = loading.load(ROOT / "conf", path.stem, suite.JOBS.values())
    assert isinstance(loaded, Config)
    assert set(loaded.params) == set(suite.JOBS)


def test_locations_are_paths_or_names() -> None:
    databricks = loading.load(ROOT / "conf", "databricks", []).target
    assert databricks.location("order_lines").sql == "`prod`.`sales`.`order_lines`"
    assert databricks.location("rfm").sql == "`main`.`vitalfew`.`rfm`"
    emr = loading.load(ROOT / "conf", "emr", []).target
    assert emr.location("rfm").sql == "delta.`s3://example-lake/vitalfew/rfm`"


def test_the_fingerprint_changes_with_a_parameter_and_with_nothing_else(conf: Path) -> None:
    one = loading.load(conf, "here", [RFM], ["window_days=30"]).params["rfm"]
    same = loading.load(conf, "here", [RFM], ["window_days=30"]).params["rfm"]
    other = loading.load(conf, "here", [RFM], ["window_days=31"]).params["rfm"]
    target = loading.load(conf, "here", []).target
    assert loading.fingerprint(RFM, one, target) == loading.fingerprint(RFM, same, target)
    assert loading.fingerprint(RFM, one, target) != loading.fingerprint(RFM, other, target)


@pytest.mark.parametrize("name", ["target", *suite.JOBS])
def test_every_setting_is_described_to_an_editor(name: str) -> None:
    described = loading.schema(name)
    assert all("description" in setting for setting in described["properties"].values())


def test_there_is_no_schema_of_what_is_not_configured() -> None:
    with pytest.raises(ConfigError, match=r"did you mean rfm\?"):
        loading.schema("rfn")


def test_a_mistake_is_told_without_an_engine(conf: Path) -> None:
    (conf / "jobs" / "rfm.yml").write_text("window_day: 90\n")
    code = (
        "import sys; from vitalfew.engines import engine; engine.start = None; from vitalfew.cli import main;"
        f"sys.argv = ['vitalfew', 'run', 'rfm', '--conf', {str(conf)!r}, '--target', 'here']; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "did you mean window_days?" in done.stderr
    assert "Traceback" not in done.stderr
