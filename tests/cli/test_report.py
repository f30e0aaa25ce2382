"""The report of a run on real data: small, whole, of the published numbers, and readable in a browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pyspark.sql import functions as F

from journey import run
from vitalfew.jobs.contribution.tables import CONCENTRATION
from vitalfew.jobs.rfm.tables import RFM_SEGMENTS
from vitalfew.messages.words import LANGUAGES
from vitalfew.storage.delta import Storage
from vitalfew.tables.facts import ORDERS

BROWSER = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
MOST_BYTES = 1_000_000
ASKED = """
<iframe id="page" src="{page}" width="{width}" height="900"></iframe><pre id="found"></pre>
<script>
var frame = document.getElementById("page"), found = [];
frame.onload = function () {{
  var page = frame.contentDocument, root = page.documentElement;
  found.push("sideways " + (root.scrollWidth > root.clientWidth));
  found.push("drawings " + Array.from(page.querySelectorAll("svg[role=img]")).filter(function (s) {{
    return s.getBoundingClientRect().width > 100; }}).length);
  var sort = page.querySelector("#t-segments th:nth-child(2) button"), cells = function () {{
    return Array.from(page.querySelectorAll("#t-segments tbody tr")).map(function (r) {{
      return Number(r.cells[1].dataset.v); }}); }};
  sort.click();
  found.push("sorted " + cells().every(function (n, i, all) {{ return i === 0 || all[i - 1] >= n; }}));
  var filter = page.querySelector("input[data-for]");
  filter.value = "no such row"; filter.dispatchEvent(new Event("input"));
  found.push("filtered " + page.querySelectorAll("#" + filter.dataset.for + " tbody tr:not([hidden])").length);
  page.getElementById("theme").click(); page.getElementById("theme").click();
  found.push("theme " + root.dataset.theme);
  document.getElementById("found").textContent = found.join(";");
}};
</script>
"""


def pages(embedded: Path) -> dict[str, str]:
    """By language, the report that `run all` left beside the tables."""
    found = {path.stem.rsplit("-", 1)[1]: path for path in (embedded / "report").glob("vitalfew-*.html")}
    assert sorted(found) == sorted(LANGUAGES)
    return {language: path.read_text(encoding="utf-8") for language, path in found.items()}


def test_a_run_of_everything_leaves_a_report_in_each_language(embedded: Path) -> None:
    for language, text in pages(embedded).items():
        assert len(text.encode()) < MOST_BYTES
        assert text.count('<section class="question"') > 15, language
        drawn = set(re.findall(r'id="f-(\w+)"', text))
        assert {"lorenz", "best", "cells", "segments", "week", "sources", "runs"} <= drawn
        assert not (set(re.findall(r"https?://[^\"'\s<]+", text)))


def test_the_numbers_are_those_of_the_tables(storage_of_embedded: Storage, embedded: Path) -> None:
    storage, text = storage_of_embedded, pages(embedded)["en"]
    sales = storage.read(ORDERS).agg(F.count_if(F.col("kind") == "sale").alias("n")).collect()[0]["n"]
    assert f"<dd>{sales:,}" in text
    whole = storage.read(CONCENTRATION).where("subject = 'customer' and dimension = 'all'").collect()[0]
    assert f"{whole['subjects_for_target']:,} of {whole['subjects']:,} customers</strong> bring 80%" in text
    shown = re.search(r'<table class="sort" id="t-segments">(.*?)</table>', text, re.DOTALL)
    assert shown
    for row in storage.read(RFM_SEGMENTS).where("customers >= 10").collect():
        assert f'>{row["segment"]}</th><td class="r" data-v="{row["customers"]}">' in shown[1]


def test_a_day_without_results_is_refused_with_those_there_are(embedded: Path, tmp_path: Path) -> None:
    there = ("--target", "demo", "--root", str(embedded), "--engine", "sail", "--out", str(tmp_path / "out"))
    done = run("report", "--as-of", "2001-01-01", *there)
    assert done.returncode == 1 or done.returncode > 1
    assert "Nothing is published as of 2001-01-01; there is: 2018-01-01." in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium: apt-get install chromium")
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_browser_draws_sorts_and_filters_without_scrolling_sideways(
    embedded: Path, tmp_path: Path, language: str, width: int
) -> None:
    page = tmp_path / "page.html"
    page.write_text(pages(embedded)[language], encoding="utf-8")
    frame = tmp_path / "frame.html"
    frame.write_text(ASKED.format(page=page.name, width=width), encoding="utf-8")
    flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--allow-file-access-from-files",
        "--virtual-time-budget=5000",
    ]
    command = [str(BROWSER), *flags, f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--dump-dom"]
    done = subprocess.run([*command, frame.as_uri()], capture_output=True, text=True, check=True, timeout=120)
    found = dict(each.split(" ", 1) for each in re.findall(r'<pre id="found">(.*?)</pre>', done.stdout)[0].split(";"))
    drawings = len(re.findall(r'<div class="w"><svg', page.read_text(encoding="utf-8")))
    assert found == {
        "sideways": "false",
        "drawings": str(drawings),
        "sorted": "true",
        "filtered": "0",
        "theme": "dark",
    }
    assert "CONSOLE" not in done.stderr
