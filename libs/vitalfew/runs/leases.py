"""Whether a run lives: it renews a lease while it works, and who waits sees whether that changes, by its own clock.

On one machine the kernel tells at once (`lock_files`). Elsewhere a run is dead whose lease was seen unchanged for as
long as a lease lasts. No two clocks are compared, but for a day: what was renewed before that is dead at first sight.
"""

from __future__ import annotations

import json
import os
import platform
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from types import TracebackType

from vitalfew.runs import lock_files
from vitalfew.runs.lock_files import Fate
from vitalfew.storage import lease_places
from vitalfew.storage.delta import Storage
from vitalfew.storage.lease_places import Place

LONG_AGO = 24 * 3600.0
"""Seconds, by two clocks of which one may be wrong by hours."""
LOOKS = 36
"""How often a lease is looked at while it lasts."""
DOUBTFUL = 2 / 3
"""Of the time that a lease lasts: after it a run asks whether it was taken for dead, before it writes."""
PATIENCE = 10.0
"""Seconds, for a renewal that is under way when a run ends."""


@dataclass(frozen=True)
class Holder:
    """Who holds the lease of a run, and how long it lasts; a run of an earlier version has none."""

    host: str
    pid: int
    lease: str = ""
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """As the table of runs keeps it."""
        return json.dumps(asdict(self))


def parsed(text: str | None) -> Holder | None:
    """The holder that the table of runs names; None where an earlier version named none."""
    if text is None:
        return None
    said = json.loads(text)
    return Holder(**{name: said[name] for name in Holder.__dataclass_fields__ if name in said})


@dataclass(frozen=True)
class Look:
    """A lease as this process saw it, since when, whether it has changed before its eyes, and when it last looked."""

    text: str | None
    since: float
    has_changed: bool
    at: float

    def fate(self, lasts: float) -> Fate:
        """What that says of its holder, whose lease is for `lasts` seconds."""
        if self.at - self.since >= lasts:
            return "dead"
        return "alive" if self.has_changed else "unknown"


@dataclass
class Leases:
    """The leases at one target, as this process has seen them."""

    place: Place
    seconds: float
    looks: dict[str, Look] = field(default_factory=dict)

    @staticmethod
    def of(storage: Storage) -> Leases:
        return Leases(lease_places.of(storage), storage.target.lease_seconds)

    @property
    def step(self) -> float:
        """Seconds from one look to the next."""
        return self.seconds / LOOKS

    def fate(self, process: str | None, run_id: str, started_at: datetime) -> Fate:
        """Whether a run that has no end lives; unknown, where it has not been looked at for long enough."""
        holder = parsed(process)
        if holder is not None and holder.host == platform.node():
            here = lock_files.fate(holder.lease)
            if here != "unknown":
                return here
        return self.fate_elsewhere(holder, run_id, started_at)

    def fate_elsewhere(self, holder: Holder | None, run_id: str, started_at: datetime) -> Fate:
        name = holder.lease if holder and holder.lease else run_id
        lasts = max(self.seconds, holder.seconds if holder else 0.0)
        (now, today), before = clocks(), self.looks.get(name)
        if before is not None and now - before.at < self.step:  # a look may be a query
            return before.fate(lasts)
        seen = self.place.seen(name)
        last = max(seen.renewed_at if seen else 0.0, started_at.replace(tzinfo=UTC).timestamp())
        if today - last > LONG_AGO:
            return "dead"
        text = seen.text if seen else None
        is_same = before is not None and before.text == text
        look = replace(before, at=now) if before and is_same else Look(text, now, before is not None, now)
        self.looks[name] = look
        return look.fate(lasts)


class Lease:
    """The lease of a run of this process, held and renewed while it lasts; a short run ends before the first renewal.

    `is_left`: whether the run, when it is over, has left no end in `runs`. The file that it held then stays, as a sign,
    and so it does where the run was broken off.
    """

    def __init__(self, leases: Leases, name: str, is_left: Callable[[], bool]) -> None:
        self.leases, self.name, self.is_left = leases, name, is_left
        self.interval = leases.seconds / leases.place.renewals
        self.renewals = 0
        self.was_late = False
        self.doubt = threading.Lock()
        self.last = clocks()
        self.over = threading.Event()
        self.held: int | None = None
        self.thread = threading.Thread(target=self.keep, name=f"lease {name}", daemon=True)

    @property
    def text(self) -> str:
        """The holder, as the table of runs keeps it."""
        return Holder(platform.node(), os.getpid(), self.name, self.leases.seconds).text

    def __enter__(self) -> Lease:
        self.held = lock_files.hold(self.name)
        self.last = clocks()
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        self.thread.join(PATIENCE)
        is_broken_off = kind is not None  # what was written last may be unknown here
        lock_files.release(self.name, self.held, keep=is_broken_off or self.is_left())
        if self.renewals:
            self.without_fail(lambda: self.leases.place.release(self.name))

    def keep(self) -> None:
        """Renew the lease again and again, until the run is over."""
        while not self.over.wait(self.interval):
            begun = clocks()
            with self.doubt:
                self.was_late = self.was_late or self.is_late
            if self.without_fail(lambda: self.leases.place.renew(self.name)):
                self.renewals, self.last = self.renewals + 1, begun

    def without_fail(self, act: Callable[[], None]) -> bool:
        """Whether it could be done: a place that cannot be reached is tried again, and the run goes on."""
        try:
            act()
        except Exception:
            return False
        return True

    @property
    def is_late(self) -> bool:
        """Whether the last renewal was so long ago, by one of two clocks, that others may take the run for dead soon.

        The first clock stands still while a machine sleeps; the other may be set.
        """
        return max(now - then for now, then in zip(clocks(), self.last, strict=True)) > self.leases.seconds * DOUBTFUL

    def is_doubtful(self) -> bool:
        """Whether another run may have taken over since this was last asked."""
        with self.doubt:  # else what is found late between the two would be forgotten
            was_late, self.was_late = self.was_late, False
            return was_late or self.is_late


def clocks() -> tuple[float, float]:
    """The seconds of this process, and those since 1970."""
    return time.monotonic(), time.time()
