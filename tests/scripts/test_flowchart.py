"""The flowcharts of our pages: drawn whole, in words too, and never with a part missing."""

from __future__ import annotations

import re
from pathlib import Path

import flowchart
import pytest
import site_of_docs

from vitalfew import suite

ROOT = site_of_docs.ROOT
PAGES = [
    page for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")) if "```mermaid" in page.read_text("utf-8")
]
OF_THE_HOUSE = {"verify", "forget", "expire", "maintain", "customer_products", "offers"}
"""Jobs that are no part of the way from files to the report."""
SMALL = """
flowchart TB
    a[first <b>] -- then --> b & c
    b[(second)] --> d
    c -. else .-> d[two<br>lines]
"""


def test_every_arrow_is_drawn_and_is_there_in_words_for_those_who_do_not_see_it() -> None:
    drawn = flowchart.svg(SMALL, "A & B")
    assert drawn.count('fill="none"') == 4
    assert drawn.count("stroke-dasharray") == 1
    words = "A &amp; B. first &lt;b&gt; → second (then); first &lt;b&gt; → c (then); second → two lines; c → two lines (else)"
    assert f'aria-label="{words}"' in drawn


def test_what_is_written_in_a_box_counts_where_the_box_is_named_before() -> None:
    chart = flowchart.read("flowchart TB\n a --> b\n b[(later)] --> c")
    assert (chart.nodes["b"].lines, chart.nodes["b"].is_table) == (["later"], True)


def test_boxes_of_a_row_do_not_overlap_and_arrows_lead_down() -> None:
    chart = flowchart.read(SMALL)
    flowchart.place(chart)
    left, right = chart.nodes["b"], chart.nodes["c"]
    assert left.x + left.width < right.x
    for edge in chart.edges:
        start = chart.nodes[edge.start]
        assert start.y + start.height + flowchart.LINE < chart.nodes[edge.end].y


@pytest.mark.parametrize("line", ["a ==> b", "a{{what}} --> b", "subgraph x"])
def test_a_line_that_is_not_understood_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match=f"not understood: '{re.escape(line)}'"):
        flowchart.read(f"flowchart TB\n{line}")


def test_a_chart_of_another_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match="begins with 'flowchart TB'; found 'pie'"):
        flowchart.read("pie\n x : 1")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_site_shows_pictures_instead_of_their_text(page: Path) -> None:
    shown = site_of_docs.pictures(page.read_text("utf-8"))
    assert "mermaid" not in shown
    assert "<svg" in shown
    assert "http" not in "".join(re.findall(r"<svg.*?</svg>", shown))


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_every_job_on_the_way_to_the_report_is_in_the_picture(name: str) -> None:
    (mermaid,) = site_of_docs.FLOWCHART.findall((ROOT / name).read_text("utf-8"))
    named = set(re.findall(r"\w+", mermaid))
    assert set(suite.JOBS) - OF_THE_HOUSE <= named
