"""Customers as other jobs publish them, for tests of the plan; what the plan writes, held to its contracts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from staged import staged

from vitalfew.jobs.actions.params import ActionsParams
from vitalfew.jobs.actions.tables import ACTION_PLAN, CUSTOMER_ACTIONS, PLAN_LIMITS, PLAN_TOTALS, PLANNED_CONTACTS
from vitalfew.jobs.actions.transform import actions
from vitalfew.jobs.alerts.tables import ALERTS
from vitalfew.jobs.contribution.tables import CONTRIBUTION
from vitalfew.jobs.influence.tables import CUSTOMER_INFLUENCE, INFLUENCE_TOTALS
from vitalfew.jobs.lifecycle.tables import CUSTOMER_STAGES
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE, REPEAT_PURCHASES
from vitalfew.jobs.prospects.tables import PROSPECT_EVALUATION, PROSPECTS
from vitalfew.jobs.recommendations.tables import RECOMMENDATIONS
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.jobs.share_of_wallet.tables import CUSTOMER_WALLET, WALLET_CATEGORIES, WALLET_EVALUATION
from vitalfew.jobs.timing.tables import CUSTOMER_TIMING
from vitalfew.jobs.uplift.tables import UPLIFT
from vitalfew.messages.words import Words
from vitalfew.tables import Table
from vitalfew.tables.sources import CONSENTS, PRODUCTS, STOCK, TREATMENTS

AS_OF = date(2025, 4, 1)
EUROS = Words("en", "EUR")
READ: dict[str, Table] = {
    "next_purchase": NEXT_PURCHASE,
    "repeat_purchases": REPEAT_PURCHASES,
    "recommendations": RECOMMENDATIONS,
    "customer_stages": CUSTOMER_STAGES,
    "alerts": ALERTS,
    "contribution": CONTRIBUTION,
    "rfm": RFM,
    "customer_timing": CUSTOMER_TIMING,
    "customer_wallet": CUSTOMER_WALLET,
    "wallet_categories": WALLET_CATEGORIES,
    "wallet_evaluation": WALLET_EVALUATION,
    "customer_influence": CUSTOMER_INFLUENCE,
    "influence_totals": INFLUENCE_TOTALS,
    "uplift": UPLIFT,
    "treatments": TREATMENTS,
    "consents": CONSENTS,
    "products": PRODUCTS,
    "stock": STOCK,
    "prospects": PROSPECTS,
    "prospect_evaluation": PROSPECT_EVALUATION,
    "before": PLANNED_CONTACTS,
}
WRITTEN = (CUSTOMER_ACTIONS, ACTION_PLAN, PLAN_LIMITS, PLAN_TOTALS, PLANNED_CONTACTS)
Row = dict[str, Any]
Made = dict[str, list[Row]]
OPEN: Row = {"hold_out": 0.0, "explore": 0.0, "budget": None, "margin": 0.5, "least_gain": 0.0}
"""Nothing is left out, and nothing but capacities holds the plan back."""


def params(**given: Any) -> ActionsParams:
    return ActionsParams.model_validate_json(json.dumps({**OPEN, **given}))


def customer(name: str, **given: Any) -> Row:
    """A row of next_purchase: a regular customer who is there half of the time, worth 40 an order."""
    row = {
        "as_of": AS_OF,
        "customer_id": name,
        "repeats": 4,
        "silent_days": 40,
        "status": "on schedule",
        "next_step": "wait",
        "expected_amount": Decimal("40.00"),
        "p_alive": 0.9,
        "p_return_30": 0.5,
        "p_return_90": 0.7,
        "p_return_365": 0.8,
        "value_at_stake": Decimal("60.00"),
    }
    return {**row, **given}


LAPSED: Row = {"status": "lapsed", "next_step": "win back", "silent_days": 300, "p_return_30": 0.1}
NEW: Row = {"status": "first order", "next_step": "second order", "repeats": 0, "p_return_30": 0.2}


def local(spark: SparkSession, table: Table, rows: list[Row]) -> DataFrame:
    types = ", ".join(f"{column.name} {column.type}" for column in table.declared)
    return spark.createDataFrame([tuple(row.get(name) for name in table.columns) for row in rows], types)


def contacted(name: str, action: str, days_ago: int, arm: str = "plan", at: date = AS_OF) -> Row:
    """A row of treatments."""
    moment = datetime.combine(at - timedelta(days=days_ago), datetime.min.time())
    return {
        "customer_id": name,
        "campaign": "old",
        "action": action,
        "channel": "email",
        "arm": arm,
        "assigned_at": moment,
    }


def frames(spark: SparkSession, tables: dict[str, list[Row] | DataFrame]) -> list[DataFrame]:
    given = {name: tables.get(name, []) for name in READ}
    return [rows if isinstance(rows, DataFrame) else local(spark, READ[name], rows) for name, rows in given.items()]


def planned(
    spark: SparkSession,
    asked: ActionsParams,
    as_of: date = AS_OF,
    words: Words = EUROS,
    keep: Callable[[DataFrame], DataFrame] = staged,
    **tables: list[Row] | DataFrame,
) -> dict[str, DataFrame]:
    """The tables of the plan, as frames; staged, unless they are read once."""
    made = actions(*frames(spark, tables), params=asked, as_of=as_of, stage=staged, words=words)
    return {table.name: keep(frame) for table, frame in zip(WRITTEN, made, strict=True)}


def rows_of(made: dict[str, DataFrame], as_of: date = AS_OF) -> Made:
    """The rows of the plan; each table holds to its contract."""
    found: Made = {}
    for table in WRITTEN:
        frame = made[table.name]
        assert ["as_of", *frame.columns] == list(table.columns), table.name
        dated = frame.withColumn("as_of", F.lit(as_of))
        holds = F.expr(" and ".join(f"({rule})" for rule in table.always) or "true")
        rows = [row.asDict() for row in dated.withColumn("_holds", F.coalesce(holds, F.lit(False))).collect()]
        assert all(row.pop("_holds") for row in rows), table.name
        keys = [tuple(row[name] for name in table.key) for row in rows]
        assert len({*keys}) == len(keys), table.name
        for row in rows:
            assert all(row[name] is not None for name in table.required), (table.name, row)
            assert all(row[name] in values for name, values in table.values.items())
        found[table.name] = rows
    return found


def plan(spark: SparkSession, asked: ActionsParams, **tables: Any) -> Made:
    return rows_of(planned(spark, asked, keep=as_it_is, **tables))


def as_it_is(frame: DataFrame) -> DataFrame:
    return frame
