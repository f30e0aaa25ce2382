"""The entry files of spark-submit say what their Python lacks, and what to add, before anything else is imported."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from vitalfew.requirements import LIBRARIES

ROOT = Path(__file__).parents[2]
FIRST = ["__init__.py", "errors.py", "requirements.py", "entry.py"]
LACKS = """
import importlib.util, runpy, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name in {lacking!r} else find(name, *rest)
sys.version_info = {version!r} or sys.version_info
sys.prefix = {prefix!r} or sys.prefix
sys.argv = ["rfm.py", "--conf", "nowhere"]
{further}
runpy.run_path({entry!r}, run_name="__main__")
"""


def started(
    lacking: tuple[str, ...] = (), version: tuple[int, ...] = (), prefix: str = "", further: str = ""
) -> subprocess.CompletedProcess[str]:
    """The entry file of `rfm` in a Python that is as told."""
    entry = str(ROOT / "jobs" / "rfm.py")
    code = LACKS.format(lacking=lacking, version=version, prefix=prefix, further=further, entry=entry)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """What an entry file says that does not go on."""
    assert done.returncode == 5, done.stderr
    assert "Traceback" not in done.stderr
    assert "--conf spark.pyspark.driver.python=environment/bin/python" in done.stderr
    return done.stderr.splitlines()[0]


def test_libraries_that_are_missing_are_named_all_at_once() -> None:
    said = refused(started(lacking=("pydantic", "numpy", "yaml")))
    assert said.endswith(" lacks numpy, pydantic, yaml. The environment archive is not active here.")
    assert sys.executable in said
    assert " lacks pyspark." in refused(started(lacking=("pyspark",)))


def test_an_older_python_is_refused() -> None:
    assert "needs Python 3.11 or later; this is Python 3.9.18 at" in refused(started(version=(3, 9, 18)))


@pytest.mark.parametrize("name", FIRST)
def test_what_is_imported_first_is_read_by_an_older_python(name: str) -> None:
    tree = ast.parse((ROOT / "libs" / "vitalfew" / name).read_text(encoding="utf-8"), feature_version=(3, 8))
    top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name for node in top]
    assert all(name.split(".")[0] in {*sys.stdlib_module_names, "vitalfew"} for name in names)


def test_libraries_that_are_there_but_cannot_be_loaded_are_told_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "pydantic.py").write_text("raise ImportError('no pydantic_core\\nfor this system')\n")
    said = refused(started(further=f"sys.path.insert(0, {str(tmp_path)!r})"))
    assert "cannot load pydantic (no pydantic_core for this system)" in said


def test_an_environment_for_another_python_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "environment.json").write_text(json.dumps({"python": "3.13", "at": "/usr/bin/python3.13"}))
    said = refused(started(lacking=("numpy",), prefix=str(tmp_path)))
    assert f"The environment in {tmp_path} holds libraries for Python 3.13; here it runs on Python 3." in said
    (tmp_path / "environment.json").write_text(json.dumps({"python": "{}.{}".format(*sys.version_info[:2])}))
    assert "is not whole" in refused(started(lacking=("numpy",), prefix=str(tmp_path)))


def test_where_nothing_is_missing_the_job_begins() -> None:
    done = started()
    assert done.returncode == 2
    assert done.stderr.startswith("vitalfew: There is no target 'local': nowhere/targets/local.yml does not exist;")


def test_every_library_is_called_as_it_is_imported() -> None:
    code = f"import importlib\nfor name in {[*LIBRARIES]!r}: importlib.import_module(name)"
    subprocess.run([sys.executable, "-c", code], check=True)
