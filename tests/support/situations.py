"""A shop with a table of situations, in which passengers wait, and `vitalfew run offers`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from hostile import Hostile

from vitalfew.engines.engine import Engine

MOMENT = pa.timestamp("us", "UTC")
SCHEMA = pa.schema(
    {
        "event_id": pa.string(),
        "customer_id": pa.string(),
        "kind": pa.string(),
        "minutes_lost": pa.float64(),
        "happened_at": MOMENT,
        "changed_at": MOMENT,
    }
)
CONSENT = pa.schema(
    {"customer_id": pa.string(), "channel": pa.string(), "purpose": pa.string(), "state": pa.string(), "since": MOMENT}
)
RULES = """
kinds:
  flight_delay:
    step_minutes: 45
    most_steps: 6
    most_minutes: 2880
    around_the_clock: true
    rules:
      - {offer: lounge, channel: push, segments: [Champions]}
      - {offer: points, channel: push, value: 10.0, attributes: {is_member: ["true"]}}
      - {offer: meal_voucher, channel: push, from_step: 2}
      - {offer: apology, channel: push}
  outage:
    step_minutes: 240
    rules: [{offer: credit, channel: sms, value: 5.0, from_step: 2}]
"""

Word = tuple[str | None, str | None, float | None, datetime]
"""Event, customer, minutes, and when that was said."""


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def ago(minutes: float) -> datetime:
    return now() - timedelta(minutes=minutes)


def word(customer: str | None, minutes: float | None, said: datetime | None = None, event: str | None = "LH1") -> Word:
    return event, customer, minutes, said or ago(1)


class Waiting(Hostile):
    """Customers who wait. `files_of`: each call of `say` adds one version to situations."""

    def __init__(self, root: Path, running: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(root, running, monkeypatch)
        self.job("offers", RULES)
        self.at = root / "theirs" / "situations"
        self.names()
        self.consent(*(("push", "granted", who) for who in ("ann", "bob", "cid")))

    def names(self, **settings: Any) -> None:
        """Write the target's file."""
        tables = ("consents", "treatments", "customers")
        there = {name: {"at": f"theirs/{name}"} for name in tables if (self.root / "theirs" / name).is_dir()}
        sources = {"situations": {"at": "theirs/situations", **settings}, **there}
        self.target(extra={"files": {}, "sources": sources})

    def say(self, *words: Word, kind: str = "flight_delay", mode: Any = "append", **options: Any) -> None:
        """Add a version with these rows."""
        columns = [[*each] for each in zip(*words, strict=True)] or [[], [], [], []]
        event, customer, minutes, said = columns
        values = [event, customer, [kind] * len(words), minutes, [None] * len(words), said]
        arrays = [pa.array(each, field.type) for each, field in zip(values, SCHEMA, strict=True)]
        write_deltalake(self.at, pa.table(arrays, schema=SCHEMA), mode=mode, **options)

    def consent(self, *said: tuple[str, str, str]) -> None:
        """Channel, state, customer."""
        rows = [[who, channel, "marketing", state, ago(600)] for channel, state, who in said]
        self.theirs("consents", CONSENT, rows)

    def theirs(self, name: str, schema: pa.Schema, rows: Sequence[Sequence[Any]]) -> None:
        arrays = [pa.array([row[i] for row in rows], field.type) for i, field in enumerate(schema)]
        write_deltalake(self.root / "theirs" / name, pa.table(arrays, schema=schema), mode="append")
        self.names()

    def answer(self, *settings: str) -> str:
        return self.answers(*[part for each in settings for part in ("--set", each)], jobs=("offers",))

    def steps(self) -> dict[tuple[str, str, int], str]:
        """By event, customer and step, the outcome."""
        found = self.rows("offers", "event_id", "customer_id", "step", "outcome_code")
        assert len({row[:3] for row in found}) == len(found), "a step has one row"
        return {row[:3]: row[3] for row in found}

    def made(self) -> dict[tuple[str, str, int], str]:
        """By event, customer and step, what was offered."""
        found = self.rows("offers", "event_id", "customer_id", "step", "offer")
        return {row[:3]: row[3] for row in found if row[3]}


def expected(words: Sequence[Word], size: int = 45, most: int = 6) -> set[tuple[str, str, int]]:
    """Every step that rows reach, by plain Python."""
    found: dict[tuple[str, str], int] = {}
    for event, customer, minutes, _ in words:
        assert event and customer and minutes is not None
        found[event, customer] = max(found.get((event, customer), 0), min(most, int(max(0.0, minutes) // size)))
    return {(*who, step) for who, steps in found.items() for step in range(1, steps + 1)}


def parsed(batches: Sequence[Mapping[str, Any]]) -> int:
    """How many offers batches made."""
    return sum(int(one["offered"]) for one in batches)
