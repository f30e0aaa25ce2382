"""One plan after another: who is held out stays comparable, days of rest are kept, and only sound tries count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from planned import AS_OF, LAPSED, Row, contacted, customer, local, params, planned, rows_of
from pydantic import ValidationError
from pyspark.sql import SparkSession

from vitalfew.jobs.actions.contacts import recent_contacts, with_contacts
from vitalfew.jobs.actions.measured import learnt
from vitalfew.jobs.actions.params import ActionsParams
from vitalfew.jobs.actions.tables import PLANNED_CONTACTS
from vitalfew.jobs.uplift.tables import UPLIFT
from vitalfew.tables.sources import TREATMENTS

DAY = timedelta(days=1)
TWO: dict[str, Any] = {
    "actions": {
        "win_back": {"uplift": 0.1, "channels": ["email"]},
        "review": {"uplift": 0.09, "channels": ["email"], "value": 15.0},
    },
    "channels": {"email": {"cost": 0.5}},
}


def test_who_is_held_out_goes_on_to_the_next_action_as_the_others_do(spark: SparkSession) -> None:
    rows = [customer(f"c{n}", **{**LAPSED, "silent_days": 3}) for n in range(120)]
    asked = params(**TWO, hold_out=0.3, rest_days=2, cool_down_days=30)
    first = planned(spark, asked, next_purchase=rows)
    later = AS_OF + 3 * DAY
    second = rows_of(planned(spark, asked, as_of=later, next_purchase=rows, before=first["planned_contacts"]), later)
    arms = [
        {(row["customer_id"], row["arm"]) for row in found if row["action"] == action}
        for found, action in ((rows_of(first)["customer_actions"], "win_back"), (second["customer_actions"], "review"))
    ]
    assert arms[0] == arms[1], "both arms of both actions are the same customers"
    assert {arm for _, arm in arms[0]} == {"plan", "control"}
    assert len(arms[0]) == len(second["customer_actions"]) == 120, "nobody waits for an action that the others had"
    total = second["plan_totals"][0]
    treated = sum(arm == "plan" for _, arm in arms[0])
    assert (total["resting"], total["overlapping"]) == (0, treated)


def test_days_of_rest_are_counted_from_the_day_on_which_a_contact_comes(spark: SparkSession) -> None:
    asked = params(rest_days=7, campaign="april")

    def given(name: str, arm: str, campaign: str, assigned: int, sent: int | None) -> Row:
        send_on = None if sent is None else AS_OF - sent * DAY
        days = {"assigned_on": AS_OF - assigned * DAY, "send_on": send_on}
        return {"customer_id": name, "action": "review", "channel": "email", "campaign": campaign, "arm": arm, **days}

    before = [
        given("sent later", "plan", "april", 9, 3),
        given("still to come", "plan", "april", 9, -5),
        given("sent at once", "plan", "april", 9, 9),
        given("of an earlier version", "plan", "april", 7, None),
        given("held out", "control", "april", 3, 3),
        given("held out no more", "control", "april", 3, 3),
        given("held out of another round", "control", "march", 3, 3),
        given("explores", "control", "april explore", 3, 3),
    ]
    reached = {**contacted("reached later", "review", 20), "reached_at": contacted("", "", 2)["assigned_at"]}
    groups = {"held out": "control", "held out of another round": "control", "explores": "explore"}
    names = [*[row["customer_id"] for row in before], "reached later"]
    customers = spark.createDataFrame([(name, groups.get(name, "plan")) for name in names], ["customer_id", "group"])
    recent = recent_contacts(
        local(spark, TREATMENTS, [reached]), local(spark, PLANNED_CONTACTS, before), asked, as_of=AS_OF
    )
    rows = with_contacts(customers, recent, asked, AS_OF).collect()
    assert {row["customer_id"] for row in rows if not row["room"]} == {
        "sent later",
        "still to come",
        "of an earlier version",
        "held out",
        "explores",
        "reached later",
    }
    assert {row["customer_id"] for row in rows if row["is_resting"]} == {
        "sent later",
        "still to come",
        "of an earlier version",
        "reached later",
    }, "nobody contacted those who were held out"


def test_orders_say_nothing_of_reviews_and_a_spoilt_try_says_nothing_at_all(spark: SparkSession) -> None:
    def tried(action: str, difference: float, verdict: str, reason: str) -> Row:
        found = {"difference": difference, "standard_error": 0.01, "verdict": verdict, "reason": reason}
        return {"action": action, "outcome": "ordered", "dimension": "all", "member": "all", **found}

    good, bad = (
        learnt(local(spark, UPLIFT, rows), params(**TWO))
        for rows in (
            [
                tried("review", 0.05, "worked", "significant"),
                tried("win_back", 0.05, "worked", "significant"),
                tried("win_back", 0.9, "cannot_tell", "ratio"),
            ],
            [tried("review", -0.05, "harmed", "significant")],
        )
    )
    review, win_back = (good.effects[name, "email", "active"] for name in ("review", "win_back"))
    assert (review.basis, review.uplift) == ("assumed", 0.09)
    assert win_back.basis == "measured"
    assert win_back.uplift == pytest.approx((0.1 * 400 + 0.05 * 10_000) / 10_400)
    assert {name for name, *_ in bad.effects} == {"win_back"}
    assert bad.harmful == ["review"]


def test_settings_that_would_change_nothing_or_mix_two_things_are_refused() -> None:
    with pytest.raises(ValidationError) as told:
        ActionsParams.model_validate(
            {
                "campaign": "spring Explore",
                "slipping": ("churn_risks",),
                "granted_states": (" ",),
                "actions": {
                    "win_back": {"uplift": 0.1, "channels": ("email",), "channel_uplift": {"sms": 0.5}},
                    "restock": {"uplift": 0.1, "channels": ("email",), "measured_as": ("Win_back ", "")},
                },
            }
        )
    for words in (
        "campaign: a name that ends with explore",
        "did you mean churn_risk",
        "granted_states has an empty name",
        "actions.win_back.channel_uplift: sms is not one of its channels",
        "actions.restock.measured_as: win_back is what actions.win_back is measured as",
        "actions.restock.measured_as has an empty name",
    ):
        assert words in str(told.value)
    with pytest.raises(ValidationError, match="campaign has no name to read"):
        ActionsParams(campaign=" \u3000")
