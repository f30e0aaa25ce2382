"""The definitions of the business are written once; a job takes them, and what it overrides is reported and kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vitalfew import suite
from vitalfew.config import loading
from vitalfew.domain.definitions import Definitions, at, used
from vitalfew.errors import ConfigError

ROOT = Path(__file__).parents[2]
USERS = [job for job in suite.JOBS.values() if [*used(job.params)]]


@pytest.fixture
def defined(tmp_path: Path) -> Path:
    """A folder with a target and no other file."""
    (tmp_path / "jobs").mkdir()
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets" / "here.yml").write_text(f"root: {tmp_path}/tables\n")
    return tmp_path


def loaded(conf: Path, *settings: str) -> loading.Config:
    return loading.load(conf, "here", suite.JOBS.values(), settings)


def setting(config: loading.Config, job: str, name: str) -> Any:
    return at(config.params[job], name)


@pytest.mark.parametrize("job", USERS, ids=lambda job: job.name)
def test_a_definition_and_the_setting_of_a_job_have_one_default(job: Any) -> None:
    for name, definition in used(job.params):
        assert at(job.params(), name) == at(Definitions(), definition)


def test_every_definition_is_used() -> None:
    names = {definition.split(".")[0] for job in USERS for _, definition in used(job.params)}
    assert names == set(Definitions.model_fields)


def test_what_is_defined_once_holds_in_every_job_that_uses_it(defined: Path) -> None:
    (defined / "definitions.yml").write_text(
        "overdue_percentile: 0.7\nsuper_factor: 4.5\nexclude_products: [bag]\ntarget_share: 0.75\n"
        "complaint_kinds: [call]\nbad_rating: 4\n"
        "segmentation: {segments: rf_grid, window_days: 365, actions: {Champions: Thank them.}}\n"
    )
    config = loaded(defined)
    assert [setting(config, job, "overdue_percentile") for job in ("alerts", "next_purchase")] == [0.7, 0.7]
    assert [setting(config, job, "super_factor") for job in ("alerts", "contribution")] == [4.5, 4.5]
    assert [setting(config, job, "exclude_products") for job in ("baskets", "affinity")] == [("bag",), ("bag",)]
    assert [setting(config, job, "target_share") for job in ("contribution", "summary")] == [0.75, 0.75]
    assert [setting(config, job, "complaint_kinds") for job in ("alerts", "voice")] == [("call",), ("call",)]
    assert [setting(config, job, "bad_rating") for job in ("alerts", "voice")] == [4.0, 4.0]
    assert setting(config, "rfm", "segments") == setting(config, "recommendations", "segments.segments") == "rf_grid"
    assert setting(config, "rfm", "window_days") == setting(config, "recommendations", "segments.window_days") == 365
    assert setting(config, "rfm", "actions") == {"Champions": "Thank them."}
    assert config.overrides == {}
    assert "overrides" not in json.loads(config.described("alerts"))


def test_without_a_file_the_defaults_hold(defined: Path) -> None:
    config = loaded(defined)
    assert config.definitions == Definitions()
    assert setting(config, "alerts", "churned_days") == 180


def test_a_job_may_override_one_which_is_reported_and_kept(defined: Path) -> None:
    (defined / "definitions.yml").write_text("churned_days: 200\nsegmentation: {window_days: 365}\n")
    (defined / "jobs" / "alerts.yml").write_text("churned_days: 150\nlapsed_days: 120\n")
    config = loaded(defined, "recommendations.segments.segments=rf_grid", "definitions.min_gaps=4")
    assert setting(config, "alerts", "churned_days") == 150
    assert setting(config, "alerts", "min_gaps") == setting(config, "next_purchase", "min_gaps") == 4
    assert setting(config, "recommendations", "segments.window_days") == 365, "what is not overridden stays"
    assert config.overrides == {
        "alerts": ["churned_days is 150 here, by definition 200"],
        "recommendations": ['segments.segments is "rf_grid" here, by definition "eleven"'],
    }
    assert json.loads(config.described("alerts"))["overrides"] == ["churned_days"]
    assert json.loads(config.described("alerts"))["churned_days"] == 150


def test_what_is_wrong_in_the_definitions_is_an_error_with_a_hint(defined: Path) -> None:
    (defined / "definitions.yml").write_text("churned_day: 90\nsuper_factor: many\nsegmentation: {segments: twelve}\n")
    with pytest.raises(ConfigError) as error:
        loaded(defined)
    lines = str(error.value).splitlines()
    assert len(lines) == 4
    assert "definitions.yml: churned_day is not a setting; did you mean churned_days?" in str(error.value)
    assert all("definitions.yml: " in line for line in lines[1:])


def test_an_override_that_contradicts_a_definition_is_an_error_of_the_job(defined: Path) -> None:
    (defined / "definitions.yml").write_text("silent_days: [30, 160]\n")
    (defined / "jobs" / "alerts.yml").write_text("churned_days: 150\n")
    with pytest.raises(ConfigError, match=r"alerts\.yml: silent_days, churned_days and forgotten_days must rise"):
        loaded(defined)


def test_the_schema_and_our_own_file_agree() -> None:
    assert {*loading.schema("definitions")["properties"]} == {*Definitions.model_fields}
    config = loading.load(ROOT / "conf", "demo", suite.JOBS.values())
    assert config.overrides == {}
    assert config.definitions == Definitions(), "what the file shows are the defaults"


@pytest.mark.parametrize("job", USERS, ids=lambda job: job.name)
def test_no_file_of_a_job_of_ours_repeats_a_definition(job: Any) -> None:
    problems: list[str] = []
    written = loading.read(ROOT / "conf" / "jobs" / f"{job.name}.yml", problems) or {}
    assert not problems
    assert not {name.split(".")[0] for name, _ in used(job.params)} & set(written)
