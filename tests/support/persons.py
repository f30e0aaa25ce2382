"""Customer360 on drawn tables, its results held to their declarations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import SecretStr
from pyspark.sql import DataFrame

from conftest import Frame
from vitalfew.dataframes.staging import Stage
from vitalfew.jobs.customer360.tables import (
    CUSTOMER360,
    CUSTOMER_COVERAGE,
    IDENTITIES,
    IDENTITY_REVIEW,
    TOUCHPOINTS,
    UNMET_DEMAND,
)
from vitalfew.jobs.customer360.transform import Customer360Params, customer360
from vitalfew.storage.contracts import conform
from vitalfew.tables.facts import CUSTOMER_PROFILE, ORDERS
from vitalfew.tables.sources import CONTACTS, EVENTS, PRODUCTS

KEY = SecretStr("a key for the tests")
AS_OF = date(2024, 7, 1)
WRITTEN = (
    CUSTOMER360,
    TOUCHPOINTS,
    UNMET_DEMAND,
    IDENTITIES,
    IDENTITY_REVIEW,
    CUSTOMER_COVERAGE,
)
READ = {"orders": ORDERS, "profile": CUSTOMER_PROFILE, "events": EVENTS, "contacts": CONTACTS, "products": PRODUCTS}
NOTHING = {"orders": "order_id", "profile": "customer_id", "events": "kind", "contacts": "kind", "products": "name"}

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Found:
    """The rows of the six tables."""

    persons: Rows
    touches: Rows
    wants: Rows
    identities: Rows
    doubts: Rows
    coverage: Rows

    def person(self, person_id: str) -> dict[str, Any]:
        (row,) = [row for row in self.persons if row["person_id"] == person_id]
        return row

    @property
    def joined(self) -> dict[str, str]:
        return {row["customer_id"]: row["person_id"] for row in self.identities if row["accounts"] > 1}


@dataclass(frozen=True)
class Persons:
    """Draws the tables of a shop and runs the job on them."""

    frame: Frame
    stage: Stage

    def run(self, as_of: date = AS_OF, given: dict[str, Any] | None = None, **drawn: str) -> Found:
        """The tables that are not drawn are empty, as those that are not there; `given` are parameters."""
        frames = [self.frame(table, drawn.get(name, NOTHING[name])) for name, table in READ.items()]
        return self.found(frames, as_of, Customer360Params(**{"hash_key": KEY, **(given or {})}))

    def found(self, frames: list[DataFrame], as_of: date, params: Customer360Params) -> Found:
        made = customer360(*frames, params=params, as_of=as_of, stage=self.stage)
        held = [conform(frame, table, as_of, self.stage)[0] for frame, table in zip(made, WRITTEN, strict=True)]
        return Found(*[[row.asDict() for row in frame.collect()] for frame in held])
