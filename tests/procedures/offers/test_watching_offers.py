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
from vitalfew.procedures.offers.watching import until_ended
from vitalfew.runs.leases import Lease
from vitalfew.runs.run_log import Event, Ledger


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


def test_a_run_that_watches_ends_when_another_has_taken_over_also_where_nothing_comes(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Waiting(tmp_path, running, monkeypatch)
    shop.say(word("ann", 50, ago(9)))
    asked: list[str] = []

    def other(self: Ledger, job: str, run_id: str, seconds: float) -> Event | None:
        del run_id, seconds
        asked.append(job)
        return self.standing(job) if len(asked) > 3 else None  # by then it waits

    monkeypatch.setattr(Lease, "is_doubtful", lambda _: True)
    monkeypatch.setattr(Ledger, "successor", other)
    told = shop.refused(7, "run", "offers", "--set", "watch_minutes=2", "--set", "poll_seconds=0.1")
    assert "This one has stopped, and what it had written before stays." in told
    assert set(asked) == {"offers"}
    assert shop.made() == {("LH1", "ann", 1): "apology"}


def test_who_waits_for_rows_is_woken_by_a_signal_whatever_it_interrupts() -> None:
    with until_ended() as stop:
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM)).start()
        began = time.monotonic()
        stop.wait(30)
        assert stop.is_set()
        assert time.monotonic() - began < 10
        stop.set()
    assert not hasattr(stop, "_cond"), "no lock that the interrupted thread may hold"


def test_a_run_that_is_killed_while_rows_come_loses_no_offer_and_doubles_none(tmp_path: Path) -> None:
    airport = Airport(tmp_path)
    assert killed(airport, 2, most=1.0) >= 2
    assert airport.answered() == sorted(airport.due())
