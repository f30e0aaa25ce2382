"""Reading what is new in situations, once or until a moment: by polling its versions, or by a stream of Spark."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from vitalfew.config.target import is_path
from vitalfew.errors import ConfigError, TableError
from vitalfew.jobs.offers.params import OffersParams
from vitalfew.procedures.offers.answered import Answering
from vitalfew.procedures.offers.position import Position, goes_on
from vitalfew.storage import appended_rows, row_stream
from vitalfew.storage.delta import Storage
from vitalfew.storage.snapshots import Snapshot
from vitalfew.tables.sources import SITUATIONS

CHECKPOINTS = "_checkpoints/offers"
LOOK = 0.1  # seconds
ENDING = (signal.SIGTERM, signal.SIGINT)


class Ending:
    """Whether a run is to end. A lock, as in `threading.Event`, could be held by whom a signal interrupts."""

    def __init__(self) -> None:
        self.is_asked = False

    def set(self) -> None:
        self.is_asked = True

    def is_set(self) -> bool:
        return self.is_asked

    def wait(self, seconds: float) -> None:
        """Wait for `seconds`, or until it is set."""
        until = time.monotonic() + seconds
        while not self.is_asked and (left := until - time.monotonic()) > 0:
            time.sleep(min(LOOK, left))


@contextmanager
def until_ended() -> Iterator[Ending]:
    """What SIGTERM or Ctrl-C sets while it lasts, so that the batch in work comes to its end."""
    stop = Ending()
    if threading.current_thread() is not threading.main_thread():  # where no signal can be caught
        yield stop
        return

    def ended(*_: Any) -> None:
        stop.set()

    before = {one: signal.signal(one, ended) for one in ENDING}
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, signal.SIG_DFL if handler is None else handler)  # None: set by no Python


@dataclass
class Watch:
    """One run: from `position` on."""

    storage: Storage
    params: OffersParams
    answering: Answering
    position: Position

    @property
    def seconds(self) -> float:
        return self.params.watch_minutes * 60

    def run(self) -> Snapshot | None:
        """Answer what is new, and go on as long as the settings say; the state up to which all is answered."""
        with until_ended() as stop:
            if row_stream.can_stream(self.storage):
                self.by_stream(stop)
            else:
                self.by_polling(stop)
        return self.position.answered

    def by_polling(self, stop: Ending) -> None:
        until = time.monotonic() + self.seconds
        self.poll(self.params.reread)
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            stop.wait(min(self.params.poll_seconds, left))
            if not stop.is_set():
                self.poll()

    def poll(self, is_again: bool = False) -> None:
        """Answer what came since the last look; also where nothing came, not beside another run."""
        self.answering.hold()
        now = self.newest()
        if now == self.position.answered and not is_again:
            return
        if not is_again and self.can_tell(now):
            before = self.position.answered
            assert before is not None  # noqa: S101  else it cannot be told
            self.answer(appended_rows.since(self.storage, SITUATIONS, before, now), now)
        else:
            self.answer(self.storage.read(SITUATIONS, now.version), now, is_whole=True)

    def can_tell(self, now: Snapshot) -> bool:
        """Whether the rows that came since the last look can be told from the others."""
        is_same = goes_on(self.storage, self.position, now)
        return is_same and appended_rows.are_its_files(self.storage, SITUATIONS, now.version)

    def answer(self, rows: Any, upto: Snapshot, is_whole: bool = False) -> None:
        self.answering.answer(rows, upto, is_whole)
        last = self.answering.last
        self.position = replace(self.position, answered=upto, last=last)
        if is_whole:
            self.position = replace(self.position, whole=last, started_at=upto)

    def newest(self) -> Snapshot:
        """The newest state of situations; TableError where it was taken away meanwhile."""
        if (now := self.storage.snapshot(SITUATIONS)) is None:
            raise TableError(f"{SITUATIONS.name} is not there any more.")
        return now

    def by_stream(self, stop: Ending) -> None:
        """All of the table the first time; from then on what Spark hands over, from its checkpoint."""
        now = self.newest()
        if self.params.reread or not goes_on(self.storage, self.position, now):
            self.poll(is_again=True)
        started = self.position.started_at or self.position.answered
        assert started is not None  # noqa: S101  a whole batch has just been read, or an earlier one is known
        checkpoint = checkpoint_at(self.storage, self.position.whole)
        stream = row_stream.RowStream(
            self.storage, SITUATIONS, started.version, checkpoint, lambda rows: self.answering.answer(rows, None)
        )
        before = self.newest()
        stream.run(self.seconds, self.params.poll_seconds, stop)
        is_all = not self.seconds and not stop.is_set()  # else nobody knows how far it came but its checkpoint
        if is_all and before != self.position.answered:
            self.answer(None, before)


def checkpoint_at(storage: Storage, whole: int) -> str:
    """Where a stream keeps how far it came: below the root, apart for each time that all was read."""
    if not is_path(storage.target.root):
        raise ConfigError(
            "A stream of Spark keeps its checkpoint below the root of the target, and this root is a catalog: give the "
            "target a folder or URI as its root, with the tables under `tables`."
        )
    return storage.target.resolve(f"./{CHECKPOINTS}/{whole}").at
