"""A shop with a table of situations, in which passengers wait, and `vitalfew run offers`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from hostile import Hostile

from vitalfew.engines.engine import Engine
from vitalfew.jobs.rfm.tables import RFM

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

    def rfm(self, **segments: str) -> None:
        """What rfm says of customers: their segments."""
        known = {"recency_days": 1, "frequency": 1, "r": 1, "f": 1, "m": 1}
        day = date(2025, 1, 1)
        rows = []
        for who, segment in segments.items():
            row = {name: known.get(name) for name in RFM.columns}
            rows.append({**row, "as_of": day, "customer_id": who, "segment": segment})
        types = {"int": pa.int32(), "bigint": pa.int64(), "double": pa.float64(), "date": pa.date32()}
        money = pa.decimal128(28, 2)
        fields = [
            (c.name, types.get(c.type, money if c.type.startswith("decimal") else pa.string())) for c in RFM.declared
        ]
        write_deltalake(self.root / "rfm", pa.Table.from_pylist(rows, schema=pa.schema(fields)), mode="append")

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
        assert event
        assert customer
        assert minutes is not None
        found[event, customer] = max(found.get((event, customer), 0), min(most, int(max(0.0, minutes) // size)))
    return {(*who, step) for who, steps in found.items() for step in range(1, steps + 1)}
