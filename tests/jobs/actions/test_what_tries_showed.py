"""What the plan expects of an action that was tried: by the customer's own history, drawn to all, drawn to the assumption."""

from __future__ import annotations

import random
from typing import Any

import pytest
from planned import AS_OF, EUROS, LAPSED, NEW, Row, customer, local, params, plan, planned, rows_of
from pyspark.sql import SparkSession

from vitalfew.jobs.actions.measured import learnt
from vitalfew.jobs.actions.params import ActionName
from vitalfew.jobs.actions.report import REPORT
from vitalfew.jobs.uplift.tables import UPLIFT
from vitalfew.messages.message import Message
from vitalfew.messages.words import Words
from vitalfew.report.sections import Asked

WIN_BACK: dict[str, Any] = {"win_back": {"uplift": 0.02, "channels": ["email"]}}
CHEAP: dict[str, Any] = {"email": {"cost": 0.05}}


def tried(action: str, member: str, difference: float, error: float, verdict: str = "cannot_tell", **given: Any) -> Row:
    """A row of uplift; who ordered within 90 days is active."""
    row = {
        "campaign": "trial",
        "action": action,
        "arm": "mail",
        "dimension": "all" if member == "all" else "history",
        "member": member,
        "outcome": "ordered",
        "before_days": 90,
        "mean": 0.2,
        "control_mean": 0.2,
        "difference": difference,
        "standard_error": error,
        "verdict": verdict,
        "reason": "chance" if verdict == "cannot_tell" else "significant",
    }
    return {**row, **given}


def test_lapsed_customers_are_planned_with_what_was_measured_of_lapsed_ones(spark: SparkSession) -> None:
    uplift = [
        tried("win_back", "all", 0.10, 0.05, "worked"),
        tried("win_back", "active", 0.00, 0.05),
        tried("win_back", "lapsed", 0.20, 0.05, "worked"),
    ]
    rows = [customer("long", **LAPSED), customer("lately", **{**LAPSED, "silent_days": 90})]
    made = plan(spark, params(actions=WIN_BACK, channels=CHEAP), next_purchase=rows, uplift=uplift)
    found = {row["customer_id"]: row for row in made["customer_actions"]}
    # Of all 0.06 is expected, halfway from 0.02 to 0.10; half of that and half of their own is what each group is worth.
    assert found["long"]["uplift"] == pytest.approx(0.5 * 0.20 + 0.5 * 0.06)
    assert found["lately"]["uplift"] == pytest.approx(0.5 * 0.00 + 0.5 * 0.06), "an order 90 days ago is still active"
    assert float(found["long"]["expected_gain"]) == pytest.approx(0.13 * 20)
    assert {row["basis"] for row in found.values()} == {"measured"}
    assert found["long"]["assumed_share"] == pytest.approx(0.25)


@pytest.mark.parametrize(("difference", "is_proposed"), [(None, True), (-0.01, True), (-0.09, False)])
def test_a_difference_without_a_verdict_lowers_the_gain_and_below_0_there_is_no_plan(
    spark: SparkSession, difference: float | None, is_proposed: bool
) -> None:
    uplift = [] if difference is None else [tried("win_back", "all", difference, 0.05)]
    rows = [customer(f"c{n}", **LAPSED) for n in range(60)]
    asked = params(actions=WIN_BACK, channels=CHEAP, explore=0.3, explore_limit=1.0)
    made = plan(spark, asked, next_purchase=rows, uplift=uplift)
    expected = 0.02 if difference is None else (0.02 + difference) / 2
    assert [row["uplift"] for row in made["customer_actions"]] == pytest.approx(
        [expected] * len(made["customer_actions"])
    )
    arms = {row["arm"] for row in made["customer_actions"]}
    assert {"explore", "control"} <= arms, "it goes on to be tried by chance"
    assert ("plan" in arms) == is_proposed
    (total,) = made["plan_totals"]
    assert (total["harmful"], total["doubtful"]) == ([], [] if is_proposed else ["win_back"])
    basis = "assumed" if difference is None else "mixed"
    assert {row["basis"] for row in made["customer_actions"]} == {basis}
    if is_proposed:
        assert (total["measured_share"], total["mixed_share"]) == (0.0, 0.0 if difference is None else 1.0)


def test_it_is_said_in_both_languages_on_what_a_gain_without_a_verdict_rests(spark: SparkSession) -> None:
    tables: dict[str, Any] = {
        "next_purchase": [
            *[customer(f"c{n}", **LAPSED) for n in range(9)],
            *[customer(f"n{n}", **NEW) for n in range(9)],
        ],
        "uplift": [tried("win_back", "all", 0.06, 0.05), tried("second_order", "all", -0.3, 0.05)],
    }
    both = {**WIN_BACK, "second_order": {"uplift": 0.02, "channels": ["email"]}}
    asked = params(actions=both, channels=CHEAP, explore=0.01)
    made = planned(spark, asked, **tables)
    (row,) = [row for row in rows_of(made)["customer_actions"] if row["customer_id"] == "c1"]
    assert row["promise"] == (
        "Expected gain €0.80 for €0.05: the share of such customers who order changes by 4.0% (-2.9% to 10.9%); "
        "no try has a verdict yet, and the assumption counts for 50%; a return brings €20.00."
    )
    chinese = rows_of(planned(spark, asked, words=Words("zh"), **tables))
    (said,) = [row for row in chinese["customer_actions"] if row["customer_id"] == "c1"]
    assert "试验尚无定论，假定占 50%" in said["promise"]
    (section,) = REPORT.sections(made, Asked(None, AS_OF, EUROS, 5))
    facts = {in_english(line.label): in_english(line.text) for line in section.facts}
    assert facts["second order"].startswith("proposed by chance alone")
    assert facts["what is assumed"].startswith("0% of the expected gain rests on measured uplift, and 100% on tries")
    (evidence,) = REPORT.evidence(made, Asked(None, AS_OF, EUROS, 5))
    assert "100% on tries without a verdict" in in_english(evidence.answer)


def in_english(words: Message | str) -> str:
    return words if isinstance(words, str) else words.text(EUROS)


def test_a_harm_of_a_group_ends_it_there_and_a_verdict_of_a_group_goes_before_that_of_all(spark: SparkSession) -> None:
    rows = [
        tried("win_back", "all", -0.02, 0.005, "harmed"),
        tried("win_back", "active", -0.10, 0.01, "harmed"),
        tried("win_back", "lapsed", 0.06, 0.01, "worked"),
    ]
    found = learnt(local(spark, UPLIFT, rows), params(actions=WIN_BACK, channels=CHEAP))
    assert {history for _, _, history in found.effects} == {"lapsed"}
    assert (found.harmful, found.doubtful) == ([], [])


def test_what_an_earlier_version_wrote_counts_for_all_alike(spark: SparkSession) -> None:
    rows = [
        tried("win_back", "all", 0.10, 0.05, before_days=None),
        tried("win_back", "lapsed", 0.90, 0.05, before_days=None),
    ]
    found = learnt(local(spark, UPLIFT, rows), params(actions=WIN_BACK, channels=CHEAP))
    assert [effect.uplift for effect in found.effects.values()] == pytest.approx([0.06] * 3)
    low = next(iter(found.effects.values())).low
    assert low == pytest.approx(0.06 - 1.96 * 0.05 / 2**0.5, abs=1e-4), "no group is known, so none differs"


def test_a_try_that_is_surer_than_sure_is_believed(spark: SparkSession) -> None:
    found = learnt(local(spark, UPLIFT, [tried("win_back", "all", 0.07, 1e-200)]), params(actions=WIN_BACK))
    assert [effect.low for effect in found.effects.values()] == pytest.approx([0.07] * 3)


def test_random_tries_give_what_a_naive_computation_gives(spark: SparkSession) -> None:
    dice = random.Random(8)
    names: tuple[ActionName, ...] = ("win_back", "second_order", "restock")
    rows = [
        tried(name, member, dice.gauss(0, 0.05), dice.uniform(0.01, 0.1), campaign=campaign)
        for name in names
        for campaign in ("one", "two", "three")
        for member in ("all", "none", "active", "lapsed")
        if dice.random() < 0.7
    ]
    settings = {name: {"uplift": dice.uniform(0, 0.1), "channels": ["email"]} for name in names}
    asked = params(actions=settings, channels=CHEAP, assumed_error=0.03, group_error=0.07)
    found = learnt(local(spark, UPLIFT, rows), asked)
    for name in names:
        for history in ("none", "active", "lapsed"):
            own, every = ([r for r in rows if (r["action"], r["member"]) == (name, m)] for m in (history, "all"))
            top = float(settings[name]["uplift"]) / 0.03**2  # type: ignore[arg-type]
            bottom = 1 / 0.03**2
            for row in every:
                top, bottom = (
                    top + row["difference"] / row["standard_error"] ** 2,
                    bottom + 1 / row["standard_error"] ** 2,
                )
            expected = top / bottom
            precision = sum(1 / row["standard_error"] ** 2 for row in own)
            if own:
                mean = sum(row["difference"] / row["standard_error"] ** 2 for row in own) / precision
                expected = (mean * precision + expected / 0.07**2) / (precision + 1 / 0.07**2)
            assert found.effects[name, "email", history].uplift == pytest.approx(expected), (name, history)
