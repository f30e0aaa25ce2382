"""Turn YAML files and command-line settings into typed, frozen values, or say everything that is wrong with them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import pbkdf2_hmac, sha256
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from vitalfew import __version__
from vitalfew.config import strict_yaml
from vitalfew.config.conf_files import INSTEAD, RemotePath, opened
from vitalfew.config.definitions_file import FILE, override_lines
from vitalfew.config.secret_values import VARIABLE, as_written, is_secret, redacted, tokens, typed, without_parts
from vitalfew.config.target import Target
from vitalfew.domain.definitions import NAME as DEFINITIONS
from vitalfew.domain.definitions import Definitions, overridden, with_definitions
from vitalfew.errors import ConfigError, hint
from vitalfew.job import Step
from vitalfew.params import Params
from vitalfew.suite import JOBS
from vitalfew.visible_text import visible

M = TypeVar("M", bound=BaseModel)
GUESS_COST = 100_000  # hashes that a guess at a secret costs who has its fingerprint


@dataclass(frozen=True)
class Config:
    """Everything a run needs to know that is not data."""

    target_name: str
    target: Target
    params: Mapping[str, Params]
    secrets: Mapping[str, str] = field(repr=False)
    """By what is shown in its place, each value that came from the environment, or is a secret by its type."""
    written: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    """By job, the settings as the files and the command line have them."""
    definitions: Definitions = field(default_factory=Definitions)

    def redact(self, text: str) -> str:
        """`text` with every secret replaced by its name."""
        return redacted(text, self.secrets)

    def described(self, job: str) -> str:
        """The parameters of a job as JSON, defaults included: no secret, and `${NAME}` as it is written.

        `overrides` names those that differ from the definitions of the business.
        """
        values = as_written(self.params[job].model_dump(mode="json"), dict(self.written.get(job, {})))
        names = [*overridden(self.params[job], self.definitions)]
        return json.dumps({**values, **({"overrides": names} if names else {})})

    @property
    def overrides(self) -> dict[str, list[str]]:
        """By job, in words, the definitions of the business that it overrides."""
        lines = override_lines(self.params, self.definitions)
        return {job: [self.redact(line) for line in found] for job, found in lines.items()}


def load(
    conf: str | Path, target: str, jobs: Iterable[Step], settings: Iterable[str] = (), **instead: str | None
) -> Config:
    """The target and the parameters of `jobs`; ConfigError with every problem of all their files at once.

    `conf` is a folder or a URI. `instead` (`engine`, `root`) goes before what the target's file says.
    """
    problems: list[str] = []
    chosen = list(jobs)
    secrets: dict[str, str] = {}
    folder = opened(conf)
    where = target_file(folder, target)
    given = read(where, problems)
    found: Target | None = None
    if given is not None:  # else the reason is among the problems
        given = {**given, **{key: value for key, value in instead.items() if value is not None}}
        found = validate(Target, given, str(where), problems, secrets)
    overrides = parse_settings(settings, chosen, problems)
    defined, definitions = read_definitions(folder, overrides.get(DEFINITIONS, {}), problems, secrets)
    params: dict[str, Params] = {}
    written: dict[str, dict[str, Any]] = {}
    for job in chosen:
        path = folder / "jobs" / f"{job.name}.yml"
        given = (read(path, problems) or {}) if path.exists() else {}
        label = f"{path} with --set" if overrides.get(job.name) else str(path)
        written[job.name] = with_definitions(job.params, defined, {**given, **overrides.get(job.name, {})})
        values = validate(job.params, written[job.name], label, problems, secrets)
        if values is not None:
            params[job.name] = values
    if problems or found is None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        told = "\n".join(f"  {without_parts(problem, secrets)}" for problem in problems)
        raise ConfigError(f"The configuration has {count}:\n{told}")
    return Config(where.stem, found, params, {**known_by_type(found, params), **secrets}, written, definitions)


def read_definitions(
    folder: Path | RemotePath, settings: Mapping[str, Any], problems: list[str], secrets: dict[str, str]
) -> tuple[dict[str, Any], Definitions]:
    """What definitions.yml and `--set definitions.…` say, as written and as values; defaults where they are wrong."""
    path = folder / FILE
    given = (read(path, problems) or {}) if path.exists() else {}
    defined = {**given, **settings}
    label = f"{path} with --set" if settings else str(path)
    values = validate(Definitions, defined, label, problems, secrets)
    return ({}, Definitions()) if values is None else (defined, values)


def known_by_type(target: Target, params: Mapping[str, Params]) -> dict[str, str]:
    """Secrets that are written straight into the configuration, by what is shown in their place."""
    found = [*typed(target.spark, "spark"), *[secret for job, given in params.items() for secret in typed(given, job)]]
    address = target.remote.get_secret_value() if target.remote else ""
    return {f"[{name}]": value for name, value in [*found, *[("remote", token) for token in tokens(address)]]}


def target_file(conf: Path | RemotePath, target: str) -> Path | RemotePath:
    """The file of a target, given by its name or by its path or URI."""
    if target.endswith((".yml", ".yaml")):
        return opened(target)
    path = conf / "targets" / f"{target}.yml"
    if not path.exists():
        known = [p.stem for p in (conf / "targets").glob("*.yml")]
        absent = "" if known else f" {conf} is no folder with a configuration. {INSTEAD}"
        raise ConfigError(f"There is no target {target!r}: {path} does not exist; {hint(target, known)}{absent}")
    return path


def read(path: Path | RemotePath, problems: list[str]) -> dict[str, Any] | None:
    """The mapping in a YAML file; None where there is none, and why goes to `problems`."""
    try:
        content = strict_yaml.load(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(f"{path}: cannot be read: {error.strerror}.")
        return None
    except UnicodeDecodeError:
        problems.append(f"{path}: is not UTF-8 text.")
        return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        why = getattr(error, "problem", None) or " ".join(str(error).split())
        why = visible(why)
        problems.append(f"{path}:{line} is not YAML as we read it: {why}.")
        return None
    except (RecursionError, ValueError):
        problems.append(
            f"{path}: is not a configuration: it is nested too deeply, holds itself, or has an endless number."
        )
        return None
    if content is None:
        return {}
    if not isinstance(content, dict):
        problems.append(f"{path}: holds {type(content).__name__}; it must be a mapping of settings.")
        return None
    return content


def parse_settings(settings: Iterable[str], jobs: list[Step], problems: list[str]) -> dict[str, dict[str, Any]]:
    """`--set job.key=value`, or `key=value` where one job runs, by job."""
    found: dict[str, dict[str, Any]] = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        parts = name.strip().split(".")
        if not equals or not name.strip():
            problems.append(f"--set {name if equals else '…'}: must read KEY=VALUE or JOB.KEY=VALUE.")
            continue
        if parts[0] in (*JOBS, DEFINITIONS) and len(parts) > 1:
            job, *keys = parts
        elif len(jobs) == 1:
            job, keys = jobs[0].name, parts
        else:
            problems.append(f"--set {name}=…: several jobs run; say which: JOB.{name}=…")
            continue
        if job not in [DEFINITIONS, *[j.name for j in jobs]]:
            problems.append(f"--set {name}=…: the job {job} is not in this run.")
            continue
        try:
            content = strict_yaml.load(value)
        except (yaml.YAMLError, RecursionError, ValueError):
            problems.append(f"--set {name}=…: its value is not a YAML value.")
            continue
        target = found.setdefault(job, {})
        for key in keys[:-1]:
            target = target.setdefault(key, {}) if isinstance(target, dict) else target
        if isinstance(target, dict):
            target[keys[-1]] = content
        else:
            problems.append(
                f"--set {name}=…: contradicts another --set, by which {'.'.join(keys[:-1])} is a mere value."
            )
    return found


def validate(
    model: type[M], given: Mapping[str, Any], label: str, problems: list[str], secrets: dict[str, str] | None
) -> M | None:
    """`given` as a `model`, or None and the reasons in `problems`; `secrets` collects values of the environment."""
    filled = fill(given, label, problems, secrets) if secrets is not None else given
    try:
        return model.model_validate_json(json.dumps(filled))
    except ValidationError as error:
        for found in error.errors(include_url=False):
            problems.append(f"{label}: {explain(model, dict(found), secrets or {})}")
    except (TypeError, ValueError) as error:
        problems.append(f"{label}: {error}")
    return None


def fill(value: Any, label: str, problems: list[str], secrets: dict[str, str]) -> Any:
    """`value` with `${NAME}` replaced by the environment's, and the names remembered as secrets."""
    if isinstance(value, dict):
        return {key: fill(inner, label, problems, secrets) for key, inner in value.items()}
    if isinstance(value, list):
        return [fill(inner, label, problems, secrets) for inner in value]
    if not isinstance(value, str):
        return value
    for name in VARIABLE.findall(value):
        if name not in os.environ:
            problems.append(f"{label}: the environment variable {name} is not set.")
        secrets[f"${{{name}}}"] = os.environ.get(name, "")
    return VARIABLE.sub(lambda match: os.environ.get(match[1], ""), value)


def explain(model: type[BaseModel], found: dict[str, Any], secrets: Mapping[str, str]) -> str:
    """One finding of pydantic as: key, what is wrong, what was found, what was perhaps meant."""
    target = ".".join(str(part) for part in found["loc"]) or "the file"
    if found["type"] == "extra_forbidden":
        owner = model_at(model, found["loc"][:-1])
        return f"{target} is not a setting; {hint(str(found['loc'][-1]), owner.model_fields)}"
    if found["type"] == "missing":
        return f"{target} is missing."
    message = str(found["msg"]).removeprefix("Value error, ").removeprefix("Input ").removesuffix(".")
    if found["type"] == "value_error":
        ended = message if message.endswith("?") else f"{message}."
        return f"{target}: {ended}" if found["loc"] else ended
    if is_secret(model, found["loc"]):
        return f"{target} is not shown, as it may be a secret; it {message[:1].lower()}{message[1:]}."
    given = found["input"]  # its secrets go before it is cut, lest half of one be left
    value = repr(redacted(given, secrets)) if isinstance(given, str) else redacted(repr(given), secrets)
    return f"{target} is {value[:200]}; it {message[:1].lower()}{message[1:]}."


def model_at(model: type[BaseModel], path: Iterable[Any]) -> type[BaseModel]:
    """The model that describes the mapping at `path` inside `model`."""
    for part in path:
        if part in model.model_fields:
            model = next(models_in(model.model_fields[part].annotation), model)
    return model


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The pydantic models that an annotation mentions, outermost first."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_in(inner)


def fingerprint(job: Step, params: Params, target: Target) -> str:
    """A digest of all that decides what `job` computes, its input data apart: how its sources are mapped, too.

    Secrets count, by their values: with another key there are other hashes. Whoever reads the digest in `runs`, and
    knows all the rest, pays GUESS_COST hashes for each guess at a secret, of which the shortest has 16 characters.
    """
    declared = {table.name: [table.ddl, *table.always] for table in job.writes}
    secrets = [*typed(params)]
    parts: list[Any] = [__version__, job.name, params.model_dump(mode="json"), declared, secrets]
    mapped = {read.table.name: target.sources.get(read.table.name) for read in job.reads.values()}
    if sources := {name: source.model_dump(mode="json") for name, source in mapped.items() if source is not None}:
        parts.append(sources)
    if job.has_words:
        parts.append([target.language, target.currency])
    if job.rules:
        parts.append(job.rules)
    told = json.dumps(parts, sort_keys=True)
    return slow_digest(told) if secrets else sha256(told.encode()).hexdigest()


@cache
def slow_digest(text: str) -> str:
    """PBKDF2 with SHA-256, which every build of Python has."""
    return pbkdf2_hmac("sha256", text.encode(), b"vitalfew configuration", GUESS_COST).hex()


def settings_digest(job: Step, params: Params, target: Target, upstream: Mapping[str, str | None]) -> str:
    """A digest of the settings that decide what the results of `job` mean: equal ones make slices comparable.

    `upstream` are the digests of the jobs whose tables it reads. The version of the suite is no setting.
    """
    mapped = {read.table.name: target.sources.get(read.table.name) for read in job.reads.values()}
    columns = {name: source.model_dump(mode="json", exclude={"at"}) for name, source in mapped.items() if source}
    own = params.model_dump(mode="json", exclude=set(params.presentation))
    return sha256(json.dumps([job.name, own, columns, dict(upstream)], sort_keys=True).encode()).hexdigest()


def schema(name: str) -> dict[str, Any]:
    """JSON Schema of `target`, of `definitions`, or of a job's configuration, for editors."""
    known: dict[str, type[BaseModel]] = {"target": Target, DEFINITIONS: Definitions}
    if name in known:
        return known[name].model_json_schema()
    if name not in JOBS:
        raise ConfigError(f"There is no configuration of {name!r}; {hint(name, [*known, *JOBS])}")
    return JOBS[name].params.model_json_schema()
