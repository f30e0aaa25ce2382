"""The metrics of a run: in the format of Prometheus, written whole, also where the run fails."""

from __future__ import annotations

import re
import stat
import time
from pathlib import Path

import pytest
from hostile import Hostile, week

from vitalfew.cli.metrics_file import family
from vitalfew.engines.engine import Engine

SAMPLE = re.compile(r'^(?P<name>[a-z_]+)\{(?P<labels>(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+)\} (?P<value>-?[0-9.]+)$')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"')
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def read(path: Path) -> Samples:
    """Each sample by name and labels; AssertionError where a line is none of the format."""
    found: Samples = {}
    typed: set[str] = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            typed |= {line.split()[2]} if line.startswith("# TYPE") else set()
            continue
        sample = SAMPLE.match(line)
        assert sample, line
        assert sample["name"] in typed
        key = (sample["name"], frozenset(LABEL.findall(sample["labels"])))
        assert key not in found
        found[key] = float(sample["value"])
    return found


def one(found: Samples, name: str, **labels: str) -> float:
    return found[f"vitalfew_{name}", frozenset({"target": "here", **labels}.items())]


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    shop = Hostile(tmp_path, running, monkeypatch)
    shop.target(extra={"metrics_file": "metrics/shop.prom"})
    shop.drop(*week(customers=3))
    return shop


def test_a_run_leaves_its_metrics(shop: Hostile) -> None:
    began = time.time()
    shop.answers(jobs=("ingest", "orders"))
    path = shop.root / "metrics" / "shop.prom"
    found = read(path)
    assert one(found, "run_exit_code") == 0
    assert began - 1 <= one(found, "run_timestamp_seconds") <= time.time()
    assert one(found, "job_outcome", job="orders", outcome="published") == 1
    assert one(found, "job_outcome", job="orders", outcome="failed") == 0
    assert one(found, "job_rows", job="orders", table="orders") == len(shop.rows("orders", "order_id"))
    assert one(found, "job_seconds", job="ingest") > 0
    assert one(found, "job_rows_quarantined", job="ingest") == 0
    assert began - 1 <= one(found, "job_last_published_timestamp_seconds", job="ingest") <= time.time() + 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [each.name for each in path.parent.iterdir()] == ["shop.prom"]
    last = one(found, "job_last_published_timestamp_seconds", job="orders")
    shop.drop("x,c1,tea,2025-01-05 10:00:00,many,1", name="b.csv")
    code = shop.run("run", "ingest", "orders").code
    found = read(path)
    assert one(found, "run_exit_code") == code != 0
    assert one(found, "job_outcome", job="ingest", outcome="failed") == 1
    assert one(found, "job_outcome", job="orders", outcome="blocked") == 1
    assert one(found, "job_last_published_timestamp_seconds", job="orders") == last


def test_an_option_goes_before_the_target_and_is_written_where_the_configuration_is_wrong(shop: Hostile) -> None:
    path = shop.root / "own.prom"
    assert shop.run("run", "orders", "--set", "nope=1", "--metrics-file", str(path)).code == 2
    assert one(read(path), "run_exit_code") == 2
    assert not (shop.root / "metrics").exists()


def test_metrics_that_cannot_be_written_fail_no_run(shop: Hostile) -> None:
    shop.write("taken", "a file where a folder should be")
    said = shop.answers("--metrics-file", str(shop.root / "taken" / "m.prom"), jobs=("ingest",))
    assert "WARNING metrics: " in said


def test_texts_of_labels_are_escaped() -> None:
    (*_, line) = family("a", "b", [({"target": 'say "hi"\\\n'}, 1)])
    assert line == 'a{target="say \\"hi\\"\\\\\\n"} 1'
