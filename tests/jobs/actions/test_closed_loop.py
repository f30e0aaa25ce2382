"""Plan, responses drawn from a planted uplift, read-out, next plan: the second earns more than the first."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from planned import AS_OF, LAPSED, NEW, Row, customer, local, params, planned
from pyspark.sql import DataFrame, SparkSession
from staged import staged

from vitalfew.jobs.actions.params import ActionsParams
from vitalfew.jobs.uplift.params import UpliftParams
from vitalfew.jobs.uplift.transform import uplift
from vitalfew.tables.facts import CUSTOMER_PROFILE, ORDERS
from vitalfew.tables.sources import TREATMENTS

TRUE_UPLIFT = {"win_back": 0.15, "second_order": -0.10}
"""Assumed is 0.02 and 0.10: the first plan prefers what harms."""
SETTINGS: dict[str, Any] = {
    "actions": {
        "win_back": {"uplift": 0.02, "channels": ["email"]},
        "second_order": {"uplift": 0.10, "channels": ["email"]},
    },
    "channels": {"email": {"cost": 0.2, "capacity": 1400}},
    "hold_out": 0.3,
    "explore": 0.2,
    "explore_limit": 0.4,
}
SIZE = 6000
LATER = AS_OF + timedelta(days=40)


def responses(made: DataFrame, rows: dict[str, Row], seed: int) -> list[Row]:
    """An order within the month for each of those whom a draw lets come: by p_return, and the planted uplift."""
    dice = random.Random(seed)
    found = []
    for row in sorted(made.collect(), key=lambda row: (row["customer_id"], row["action"])):
        chance = rows[row["customer_id"]]["p_return_30"]
        if row["arm"] != "control":
            chance += TRUE_UPLIFT[row["action"]]
        if dice.random() < chance:
            at = datetime.combine(AS_OF, datetime.min.time()) + timedelta(days=1 + dice.randrange(28))
            found.append({"order_id": row["customer_id"], "customer_id": row["customer_id"], "ordered_at": at})
    return [{**row, "ordered_on": row["ordered_at"].date(), "kind": "sale", "net_amount": Decimal(40)} for row in found]


def true_value(made: DataFrame, rows: dict[str, Row], asked: ActionsParams) -> float:
    """What the plan brings in truth, beyond its cost."""
    return sum(
        TRUE_UPLIFT[row["action"]] * float(rows[row["customer_id"]]["expected_amount"]) * asked.margin
        - float(row["cost"])
        for row in made.collect()
        if row["arm"] == "plan"
    )


def test_the_second_plan_is_better_than_the_first_and_the_read_out_covers_the_truth(spark: SparkSession) -> None:
    known = [customer(f"c{n}", **(LAPSED if n % 2 else NEW)) for n in range(SIZE)]
    rows = {row["customer_id"]: row for row in known}
    asked = params(**SETTINGS, campaign="april")
    first = planned(spark, asked, next_purchase=known)
    listed = first["customer_actions"]
    assert {row["action"] for row in listed.where("arm = 'plan'").collect()} == {"second_order"}

    logged = listed.selectExpr("customer_id", "campaign", "action", "channel", "arm", "planned_share", "assigned_at")
    empty = local(spark, TREATMENTS, [])
    treatments = staged(empty.unionByName(logged, allowMissingColumns=True))
    orders = local(spark, ORDERS, responses(listed, rows, seed=1))
    nobody = local(spark, CUSTOMER_PROFILE, [])
    measured, arms = uplift(treatments, orders, nobody, params=UpliftParams(), as_of=LATER, stage=staged)
    assert not any(row["is_ratio_off"] for row in arms.collect()), "who is held out is chosen by the same rule"
    read_out = {
        (row["campaign"], row["action"]): row
        for row in measured.where("dimension = 'all' and outcome = 'ordered'").collect()
    }
    assert {*read_out} == {("april", "second_order"), ("april explore", "second_order"), ("april explore", "win_back")}
    for (_, action), row in read_out.items():
        assert row["difference_low"] <= TRUE_UPLIFT[action] <= row["difference_high"]
    assert read_out["april", "second_order"]["verdict"] == "harmed"
    assert read_out["april explore", "win_back"]["verdict"] == "worked", "chance had tried what the plan had not"

    again = params(**SETTINGS, campaign="may")
    second = planned(
        spark,
        again,
        as_of=LATER,
        next_purchase=known,
        uplift=measured,
        treatments=treatments,
        before=first["planned_contacts"],
    )
    total = second["plan_totals"].collect()[0]
    assert total["harmful"] == ["second_order"]
    assert total["measured_share"] == 1.0
    gained = [true_value(made["customer_actions"], rows, asked) for made in (first, second)]
    assert gained[0] < 0 < gained[1]
    promised = float(total["value"])
    assert 0.5 * gained[1] <= promised <= 1.5 * gained[1], "what is promised now rests on what was measured"
