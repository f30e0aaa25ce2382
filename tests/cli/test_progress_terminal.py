"""What a run says on a terminal: each job's name and outcome stay, beside a live spinner."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import pytest
from pseudo_terminal import on_terminal

from vitalfew.cli.progress import Ahead

SAID = """
import time
from vitalfew.cli.progress import Progress
from vitalfew.runs.pipeline import Outcome
with Progress("text", 2) as progress:
    progress.planned({"orders": 30.0, "rfm": 240.0})
    for job, state in (("orders", "published"), ("rfm", "failed")):
        progress.began(job)
        time.sleep(0.4)
        progress.ended(Outcome(job, state, 1.25, rows_out={job: 12345}, message="[red]no \\x1b[2J money"))
"""


def progress(columns: int, **environment: str) -> str:
    known = {"TERM": "xterm", "PYTHONPATH": str(Path(__file__).parents[2] / "libs"), **environment}
    return on_terminal([sys.executable, "-c", SAID], columns, environment=known)


def left_on_screen(said: str) -> str:
    """The lines that were ended, without colours and without what was written over."""
    lines = [line.rpartition("\r")[2] if "\x1b[2K" in line else line for line in said.replace("\r\n", "\n").split("\n")]
    return "\n".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line) for line in lines)


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_the_name_and_the_outcome_of_each_job_stay(columns: int) -> None:
    said = progress(columns)
    words = " ".join(left_on_screen(said).split())
    assert "published orders" in words
    assert "failed rfm" in words
    assert "1 of 2: orders" in said
    assert "2 of 2: rfm" in said
    if columns > 40:
        assert "1 of 2: orders … about 4 min left" in said
        assert re.search(r"2 of 2: rfm … about \d\d s left", said), "it goes faster than the last time"
    assert "[red]no" in said  # what a message holds is no markup
    assert "\x1b[2J" not in said


def test_no_color_is_respected() -> None:
    assert "\x1b[32m" in progress(80)
    assert "\x1b[32m" not in progress(80, NO_COLOR="1")


def test_what_is_left_goes_by_the_last_run_and_by_how_this_one_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    ahead = Ahead()
    assert ahead.in_words() == "", "nothing is known"
    ahead.took = {"orders": 10.0, "rfm": 100.0, "clusters": 100.0}
    ahead.began()
    assert ahead.seconds() == 210
    clock[0] = 4
    assert ahead.in_words() == "about 3 min left"
    clock[0] = 22  # twice as slow, and two seconds as the last time
    ahead.ended("orders")
    ahead.began()
    assert ahead.seconds() == 200 * 24 / 12
    clock[0] += 1000
    assert ahead.seconds() == 200, "who is late is taken to end soon"
    ahead.ended("rfm")
    ahead.took["clusters"] = 1.0
    assert ahead.in_words() == "about 10 s left"
    ahead.took = {"clusters": 1.0, "timing": None}
    assert ahead.in_words() == "", "of one job nobody knows"
