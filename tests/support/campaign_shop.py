"""A shop with a plan, contacts and consents, for the tests of campaign files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hostile import Hostile, Plain, Said

from vitalfew.config.target import Target
from vitalfew.dataframes.schemas import schema
from vitalfew.engines.engine import Engine
from vitalfew.jobs.actions.tables import CUSTOMER_ACTIONS, PLAN_LIMITS
from vitalfew.jobs.recommendations.tables import RECOMMENDATIONS
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES
from vitalfew.tables import Table

DAY = date(2025, 3, 1)
GIVEN: dict[str, Any] = {
    "as_of": DAY,
    "action": "win_back",
    "channel": "email",
    "campaign": "plan",
    "arm": "plan",
    "planned_share": 0.9,
    "assigned_at": datetime.fromisoformat("2025-03-01"),
    "tier": "regular",
    "basis": "assumed",
    "worth": 10,
    "expected_gain": 1,
    "cost": 0,
    "send_on": date(2025, 3, 3),
    "send_until": date(2025, 3, 7),
    "send_hour": 10,
    "reason_code": "win_back",
    "reason_values": {"silent": "50"},
    "reason": "No order for 50 days.",
    "promise_code": "assumed",
    "promise_values": {},
    "promise": "1.00",
}


class CampaignShop(Hostile):
    """Tables are put there as they are; then `vitalfew run campaigns`."""

    def __init__(self, root: Path, running: Engine, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:
        super().__init__(root, running, monkeypatch)
        self.settings = {"campaign_folder": "given", "country": "DE", **settings}
        self.target(extra={"files": {}, **self.settings})
        self.storage = Storage(running, Target.model_validate({"root": str(root), "engine": running.name}))
        self.put(PLAN_LIMITS, [limit(channel) for channel in ("email", "sms", "phone")])

    def put(self, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
        """All rows of a table; a column that they lack is NULL."""
        types = {c.name: "double" if c.type.startswith("decimal") else c.type for c in table.declared}
        filled = [tuple(number(row.get(name), kind) for name, kind in types.items()) for row in rows]
        drawn = self.running.spark.createDataFrame(
            filled, schema(", ".join(f"{name} {kind}" for name, kind in types.items()))
        )
        kinds = {c.name: c.type for c in table.declared}
        self.storage.replace(table, drawn.selectExpr(*[f"cast(`{n}` as {kind}) `{n}`" for n, kind in kinds.items()]))

    def plan(self, *rows: Mapping[str, Any]) -> None:
        self.put(CUSTOMER_ACTIONS, [{**GIVEN, **row} for row in rows])

    def contacts(self, *rows: Sequence[Any]) -> None:
        """customer, kind, value, and the day on which it was last changed."""
        self.put(
            TABLES["contacts"],
            [{"customer_id": c, "kind": k, "value": v, "updated_at": moment(rest)} for c, k, v, *rest in rows],
        )

    def consents(self, *rows: Sequence[Any]) -> None:
        """customer, channel, purpose, state, and the day on which that was said."""
        names = ("customer_id", "channel", "purpose", "state")
        self.put(
            TABLES["consents"], [{**dict(zip(names, row, strict=False)), "since": moment(row[4:])} for row in rows]
        )

    def recommendations(self, *rows: Sequence[Any]) -> None:
        """customer, rank, product, reason."""
        fixed = {
            "as_of": DAY,
            "method": "repeat",
            "score": 1.0,
            "because": [],
            "reason_code": "once",
            "reason_values": {},
        }
        names = ("customer_id", "rank", "product_id", "reason")
        self.put(RECOMMENDATIONS, [{**fixed, **dict(zip(names, row, strict=True))} for row in rows])

    def campaigns(self, files: Mapping[str, Any], *arguments: str, **settings: Any) -> Said:
        """Write the configuration, and run."""
        self.job("campaigns", yaml.dump({"files": dict(files), **settings}, Dumper=Plain))
        return self.run("run", "campaigns", *arguments, "--no-report")

    def wrote(self, files: Mapping[str, Any], *arguments: str, **settings: Any) -> str:
        said = self.campaigns(files, *arguments, **settings)
        assert said.code == 0, said.text
        return said.text

    @property
    def given(self) -> Path:
        return self.root / "given" / str(DAY)

    def lines(self, name: str) -> list[list[str]]:
        """The cells of a file of CSV."""
        with (self.given / name).open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))

    def outcomes(self, campaign: str) -> dict[str, str]:
        """By customer, whether they are in a file, and why not."""
        return {
            customer: code
            for name, customer, code in self.rows("campaign_customers", "campaign", "customer_id", "outcome_code")
            if name == campaign
        }


def number(value: Any, kind: str) -> Any:
    return float(value) if kind == "double" and value is not None else value


def limit(channel: str) -> dict[str, Any]:
    return {"as_of": DAY, "kind": "channel", "name": channel, "used": 0, "explored": 0, "shadow_price": 0.0}


def moment(rest: Sequence[Any]) -> datetime:
    return datetime.fromisoformat(rest[0] if rest else "2025-01-01")
