"""The architecture, held to: imports go one way, jobs share tables alone, and nothing goes below the DataFrame API."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from divisions import divisions

from vitalfew import suite
from vitalfew.job import Procedure
from vitalfew.procedures.performers import PERFORMERS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "libs" / "vitalfew"
MODULES = sorted(PACKAGE.rglob("*.py"))

# From the ground up: a module may import what is in its own row or in a row above it.
LAYERS = (
    ("errors", "__init__", "requirements", "visible_text", "white_space", "csv_lines"),
    ("params", "tables", "confidential"),
    ("messages", "presets"),
    ("dataframes",),
    ("algorithms",),
    ("domain", "report", "job"),
    ("jobs",),
    ("suite",),
    ("config",),
    ("engines",),
    ("storage",),
    ("procedures",),
    ("runs",),
    ("cli", "entry", "__main__"),
)
ENGINE_ONLY = re.compile(
    r"sparkContext|\._jvm|\._jsc|\.rdd\b|pyspark\.ml|pyspark\.mllib|delta\.tables|\.observe\(|SparkSession\.builder|pysail"
)
DIFFERS = ("engines", "storage")
READS_ALL = {"verify": "any module of a job", "summary": "report.py of a job"}
ON_EXECUTORS = re.compile(r"mapInArrow|applyInArrow|applyInPandas|\.by_key\(|\.as_they_come\(")
DRIVER_ALONE = (
    "pydantic",
    "scipy",
    "sklearn",
    "threadpoolctl",
    "yaml",
    "click",
    "rich",
    "babel",
    "sqlglot",
    "jinja2",
    "phonenumbers",
)


def name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def layer(module: str) -> int:
    """The row of the longest listed prefix of `module`."""
    rows = [(len(p), row) for row, prefixes in enumerate(LAYERS) for p in prefixes if f"{module}.".startswith(f"{p}.")]
    assert rows, f"{module} is in no layer; give it one in LAYERS"
    return max(rows)[1]


@cache
def imports(path: Path) -> frozenset[str]:
    """Modules of the package that `path` imports, also inside functions."""
    return frozenset(found_in(path))


def found_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "vitalfew":
            base = node.module.removeprefix("vitalfew").lstrip(".")
            for alias in node.names:
                inner = f"{base}.{alias.name}".lstrip(".")
                is_module = (PACKAGE / inner.replace(".", "/")).with_suffix(".py").exists()
                is_package = (PACKAGE / inner.replace(".", "/")).is_dir()
                yield inner if is_module or is_package else base or "__init__"


GRAPH = {name(path).removesuffix(".__init__"): set(imports(path)) for path in MODULES}


def of_each(paths: Iterable[Path]) -> Callable[[Callable[[Path], None]], Callable[[], None]]:
    """One test of all `paths`, which names each that does not pass: a test of its own for each would take a minute."""

    def together(check: Callable[[Path], None]) -> Callable[[], None]:
        def checked() -> None:
            wrong = []
            for path in paths:
                try:
                    check(path)
                except AssertionError as error:
                    wrong.append(f"{path.relative_to(ROOT)}: {error}")
            assert not wrong, "\n".join(wrong)

        checked.__doc__ = check.__doc__
        return checked

    return together


@of_each(MODULES)
def test_imports_go_one_way(path: Path) -> None:
    wrong = [other for other in imports(path) if layer(other) > layer(name(path))]
    assert not wrong, f"{name(path)} imports {', '.join(wrong)} from a layer above its own"


def test_no_imports_go_in_a_circle() -> None:
    left = {module: {other for other in others if other != module} for module, others in GRAPH.items()}
    while free := [module for module, others in left.items() if not others & left.keys()]:
        for module in free:
            del left[module]
    assert left == {}, f"circles among {sorted(left)}"


def job_of(module: str) -> str | None:
    """The job that `module` belongs to."""
    parts = module.split(".")
    return parts[1] if parts[0] == "jobs" and len(parts) > 1 else None


@of_each([p for p in MODULES if job_of(name(p))])
def test_a_job_takes_from_another_its_tables_alone_and_only_if_it_reads_them(path: Path) -> None:
    """So the graph of imports is the flow of the data."""
    own = job_of(name(path))
    assert own
    read = {read.table.name for job in suite.JOBS.values() if job.name == own for read in job.reads.values()}
    for other in imports(path):
        theirs = job_of(other)
        if theirs in (None, own) or own == "verify" or (own == "summary" and other.endswith(".report")):
            continue
        assert other == f"jobs.{theirs}.tables", f"{name(path)} imports {other}"
        written = {t.name for job in suite.JOBS.values() if job.name == theirs for t in job.writes}
        assert read & written, f"{own} imports tables of {theirs} and reads none"


@of_each(MODULES)
def test_a_job_is_imported_by_the_suite_and_a_report_by_the_summary(path: Path) -> None:
    own = job_of(name(path))
    for other in imports(path):
        room = other.rsplit(".", 1)[-1]
        if job_of(other) and room == "job":
            assert name(path) == "suite"
        if job_of(other) and room == "report":
            assert own == "summary"
        if job_of(other) and room == "transform":
            assert own == "verify" or (own == job_of(other) and name(path).endswith(".job"))


@of_each([p for p in MODULES if p.name == "__init__.py"])
def test_a_package_that_executors_import_is_empty(path: Path) -> None:
    if name(path).split(".")[0] in ("jobs", "dataframes", "algorithms", "domain", "procedures"):
        assert len(ast.parse(path.read_text(encoding="utf-8")).body) == 1, "a docstring and nothing else"


SENT = [p for p in MODULES if ON_EXECUTORS.search(p.read_text(encoding="utf-8")) and layer(name(p)) < layer("suite")]


def test_what_goes_to_executors_imports_numpy_and_pyarrow_alone() -> None:
    """Tried in a process in which the libraries of the driver cannot be imported."""
    modules = [f"vitalfew.{name(path)}" for path in SENT]
    code = f"""
import importlib, sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {DRIVER_ALONE!r}:
            raise ImportError(name + " is for the driver alone")
sys.meta_path.insert(0, Blocked())
for module in {modules!r}:
    try:
        importlib.import_module(module)
    except ImportError as error:
        print(module, error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("", "")


def test_calamine_is_imported_where_it_has_a_process_of_its_own_alone() -> None:
    """It aborts its process where memory ends: see `readers/workbooks.py`, which nobody may replace by an import."""
    imported = re.compile(r"^\s*(from|import) python_calamine", re.MULTILINE)
    users = [name(path) for path in MODULES if imported.search(path.read_text(encoding="utf-8"))]
    assert users == ["procedures.ingest.readers.workbook_process"]
    assert not any("procedures.ingest.readers.workbook_process" in others for others in GRAPH.values())


@of_each([p for p in MODULES if name(p).split(".")[0] not in DIFFERS])
def test_only_engines_and_storage_go_below_the_dataframe_api(path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    found = [line.strip() for line in code.splitlines() if ENGINE_ONLY.search(line)]
    assert not found


@of_each(MODULES)
def test_nothing_is_called_that_spark_3_5_lacks(path: Path) -> None:
    """Its nullif asks for a type before there is one (divide by `ratio`); its array_position looks for a literal only."""
    assert not re.search(r"F\.nullif\(|F\.array_position\(", path.read_text(encoding="utf-8"))


@of_each([p for p in MODULES if layer(name(p)) < layer("suite")])
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
    assert {path.stem for path in (ROOT / "docs" / "jobs").glob("*.md")} == names, "one page a job"
    assert {path.name for path in (PACKAGE / "jobs").iterdir() if path.is_dir()} - {"__pycache__"} == names
    for job in names:
        assert f'main("{job}")' in (ROOT / "jobs" / f"{job}.py").read_text(encoding="utf-8")


def test_one_job_owns_each_table() -> None:
    written = [table.name for job in suite.JOBS.values() for table in job.writes]
    assert len(written) == len(set(written))


def test_jobs_come_after_those_they_need() -> None:
    order = [job.name for job in suite.chosen(["all", "campaigns", "offers"])]
    for job in suite.JOBS.values():
        assert all(order.index(other) < order.index(job.name) for other in suite.needs(job))


@of_each(sorted((ROOT / "jobs").glob("*.py")))
def test_an_entry_file_holds_nothing_but_its_name(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 10


@of_each([p for p in MODULES if layer(name(p)) < layer("suite")])
def test_a_column_is_divided_by_a_number_or_by_ratio(path: Path) -> None:
    """One core showed a division by zero that two never did: `ratio` (dataframes/ratios.py) gives NULL instead."""
    found = [ast.unparse(division) for division in divisions(path.read_text(encoding="utf-8"))]
    assert found == (["amount / F.when(by != 0, by)"] if name(path) == "dataframes.ratios" else [])


@pytest.mark.parametrize(
    ("code", "is_found"),
    [
        ("def f(a: Column, b: Column) -> Column:\n    return a / b", True),
        ("def f():\n    n = F.col('n')\n    return n / (n + 1)", True),
        ("def f():\n    return F.sum('a') / F.sum('b')", True),
        ("def f():\n    return F.sum('a') / 0", True),
        ("def f():\n    return F.sum('a') / 7 + F.col('b') / WEEK + F.col('c') / F.lit(half)", False),
        ("def f(a: float, b: float) -> float:\n    return a / b", False),
    ],
)
def test_a_bare_division_is_found(code: str, is_found: bool) -> None:
    assert bool(list(divisions(code))) == is_found


def test_every_procedure_is_performed_and_nothing_else() -> None:
    assert {job.name for job in suite.JOBS.values() if isinstance(job, Procedure)} == set(PERFORMERS)
