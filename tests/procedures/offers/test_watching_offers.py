"""`vitalfew run offers` that goes on watching: what comes is answered at once, and a kill loses and doubles nothing."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from offer_kills import Airport, killed
from situations import Waiting, ago, word

from vitalfew.engines.engine import Engine


def test_a_run_that_watches_answers_what_comes_and_ends_in_order_when_it_is_asked_to(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Waiting(tmp_path, running, monkeypatch)
    shop.say(word("ann", 50, ago(9)))
    waited: list[float] = []

    def more() -> None:
        until = time.monotonic() + 60
        for step in (1, 2, 3):
            said = time.monotonic()
            while ("LH1", "ann", step) not in shop.steps() and time.monotonic() < until:
                time.sleep(0.05)
            waited.append(time.monotonic() - said)
            shop.say(word("ann", 50 + 45 * step, ago(9 - step)))
        os.kill(os.getpid(), signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    writer = threading.Thread(target=more)
    writer.start()
    shop.answer("watch_minutes=2", "poll_seconds=0.1")
    writer.join()
    assert {("LH1", "ann", step): "apology" if step == 1 else "meal_voucher" for step in (1, 2, 3)}.items() <= (
        shop.made().items()
    )
    assert max(waited) < 30, "a slow machine, and not a run that waits for its end"
    assert signal.getsignal(signal.SIGTERM) is before
    assert shop.rows("runs", "job", "outcome") == [("offers", "PUBLISHED"), ("offers", "STARTED")]


def test_a_run_that_is_killed_while_rows_come_loses_no_offer_and_doubles_none(tmp_path: Path) -> None:
    airport = Airport(tmp_path)
    assert killed(airport, 2, most=1.0) >= 2
    assert airport.answered() == sorted(airport.due())
