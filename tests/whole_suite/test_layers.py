"""The architecture, held to: imports go one way, and nothing goes below the DataFrame API."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vitalfew import suite

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "libs" / "vitalfew"
MODULES = sorted(PACKAGE.rglob("*.py"))

# From the ground up: a module may import what stands in its own row or in a row above it.
LAYERS = (
    ("errors", "__init__"),
    ("expressions", "strict_yaml"),
    ("tables",),
    ("algorithms",),
    ("analyses",),
    ("ingest.settings", "ingest.names"),
    ("suite",),
    ("places",),
    ("config",),
    ("engine", "scratch"),
    ("failures", "processes", "source_mapping"),
    ("storage",),
    ("quality", "ledger", "session"),
    ("ingest", "writing", "claims"),
    ("runner", "run", "plan"),
    ("progress", "display"),
    ("cli", "__main__"),
)
ENGINE_ONLY = re.compile(
    r"sparkContext|\._jvm|\._jsc|\.rdd\b|pyspark\.ml|pyspark\.mllib|delta\.tables|\.observe\(|SparkSession\.builder|pysail"
)
DIFFERS = {"engine.py", "storage.py"}


def name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def layer(module: str) -> int:
    """The row of the longest listed prefix of `module`."""
    rows = [(len(p), row) for row, prefixes in enumerate(LAYERS) for p in prefixes if f"{module}.".startswith(f"{p}.")]
    assert rows, f"{module} stands in no layer; give it one in LAYERS"
    return max(rows)[1]


def imports(path: Path) -> Iterator[str]:
    """Modules of the package that `path` imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "vitalfew":
            base = node.module.removeprefix("vitalfew").lstrip(".")
            for alias in node.names:
                inner = f"{base}.{alias.name}".lstrip(".")
                is_module = (PACKAGE / inner.replace(".", "/")).with_suffix(".py").exists()
                is_package = (PACKAGE / inner.replace(".", "/")).is_dir()
                yield inner if is_module or is_package else base or "__init__"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_imports_go_one_way(path: Path) -> None:
    wrong = [other for other in imports(path) if layer(other) > layer(name(path))]
    assert not wrong, f"{name(path)} imports {', '.join(wrong)} from a layer above its own"


@pytest.mark.parametrize("path", [p for p in MODULES if p.name not in DIFFERS], ids=name)
def test_only_engine_and_storage_go_below_the_dataframe_api(path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    found = [line.strip() for line in code.splitlines() if ENGINE_ONLY.search(line)]
    assert not found


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_nothing_is_called_that_spark_3_5_lacks(path: Path) -> None:
    """Its nullif asks for a type before there is one (divide by `ratio`); its array_position looks for a literal only."""
    assert not re.search(r"F\.nullif\(|F\.array_position\(", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", [p for p in MODULES if name(p).startswith(("analyses.", "algorithms."))], ids=name)
def test_analyses_know_nothing_of_sessions_clocks_or_chance(path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    forbidden = (
        r"F\.rand\(|F\.randn\(|F\.uuid\(|monotonically_increasing_id|current_date|current_timestamp"
        r"|datetime\.now|date\.today|time\.time"
    )
    assert not re.search(forbidden, code)


def test_no_entry_file_hides_a_module_of_the_standard_library() -> None:
    """spark-submit puts jobs/ first on the path, so jobs/profile.py would stand in for `profile`."""
    assert not {path.stem for path in (ROOT / "jobs").glob("*.py")} & set(sys.stdlib_module_names)


def test_the_suite_is_complete() -> None:
    names = set(suite.JOBS)
    assert {path.stem for path in (ROOT / "jobs").glob("*.py")} == {*names, "pipeline"}, "one entry file a job"
    assert {path.stem for path in (ROOT / "conf" / "jobs").glob("*.yml")} == names, "one configuration a job"
    for job in names:
        assert f'main("{job}")' in (ROOT / "jobs" / f"{job}.py").read_text(encoding="utf-8")


def test_one_job_owns_each_table() -> None:
    written = [table.name for job in suite.JOBS.values() for table in job.writes]
    assert len(written) == len(set(written))


def test_jobs_come_after_those_they_need() -> None:
    order = [job.name for job in suite.chosen(["all"])]
    for job in suite.JOBS.values():
        assert all(order.index(other) < order.index(job.name) for other in suite.needs(job))


@pytest.mark.parametrize("path", sorted((ROOT / "jobs").glob("*.py")), ids=lambda p: p.stem)
def test_an_entry_file_holds_nothing_but_its_name(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 10
