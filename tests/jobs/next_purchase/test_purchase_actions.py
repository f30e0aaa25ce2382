"""Status, next step and action of a customer never contradict each other, nor what alerts say of the same customer."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from typing import Any

import pytest
from pyspark.sql import SparkSession
from random_orders import as_frame, random_orders
from shopping import declared
from staged import staged

from vitalfew.jobs.alerts.tables import ALERTS
from vitalfew.jobs.alerts.transform import AlertParams, alerts
from vitalfew.jobs.next_purchase import actions
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE
from vitalfew.jobs.next_purchase.transform import NextPurchaseParams, next_purchase
from vitalfew.messages.sentences import retold, with_texts
from vitalfew.messages.words import Words
from vitalfew.tables.sources import EVENTS, PRODUCTS

ON = date(2025, 6, 1)
COLUMNS = (
    "repeats int, gaps int, silent_days int, gap_days double, limit_days double, open_share double, p_alive double, "
    "value_at_stake decimal(28,2), due_50_from date, due_50_to date"
)
STEPS = {
    "lapsed": {"last try", "win back"},
    "overdue": {"ask"},
    "first order": {"second order"},
    "unknown": {"second order"},
    "on schedule": {"offer", "wait"},
}
CODES = {
    "last try": {"last_try"},
    "win back": {"win_back"},
    "ask": {"ask"},
    "offer": {"offer_due", "offer_unsure", "offer_late"},
    "wait": {"wait"},
    "second order": {"second_order", "no_interval"},
}
SAY_SILENCE = {"win_back", "ask", "offer_late"}


def customer(rng: random.Random) -> dict[str, Any]:
    """Anything that histories, a model and a rhythm may say of somebody, each at random and apart from the others."""
    repeats, gone = rng.choice([0, 1, 2, 9]), rng.choice([rng.random(), rng.uniform(0.8, 1)])
    is_unknown = rng.random() < 0.03
    from_on = ON + timedelta(days=rng.choice([0, 1, 7, 8, 40]))
    has_window = gone <= 0.98 and not is_unknown
    return {
        "repeats": repeats,
        "gaps": repeats,
        "silent_days": rng.randint(1, 90),
        "gap_days": None if is_unknown else rng.uniform(1, 90),
        "limit_days": rng.uniform(1, 90) if repeats and not is_unknown else None,
        "open_share": None if is_unknown else 1 - gone,
        "p_alive": None if is_unknown else rng.choice([rng.random(), 0.5]),
        "value_at_stake": None,
        "due_50_from": from_on if has_window else None,
        "due_50_to": from_on + timedelta(days=9) if has_window else None,
    }


def told(spark: SparkSession, known: list[dict[str, Any]], language: str = "en", **given: Any) -> list[dict[str, Any]]:
    params = NextPurchaseParams.model_validate_json(json.dumps(given))
    frame = spark.createDataFrame([tuple(row.values()) for row in known], COLUMNS).fillna({"value_at_stake": 1})
    with_status = frame.withColumn("status", actions.status(params))
    stepped = with_status.withColumn("next_step", actions.next_step(ON, params))
    said = stepped.select("*", *actions.action(ON, params).named("action"))
    return [row.asDict() for row in with_texts(said, NEXT_PURCHASE, Words(language, "CNY")).collect()]


@pytest.mark.parametrize("limit", [0.5, 0.8])
def test_no_random_customer_is_told_what_their_figures_contradict(spark: SparkSession, limit: float) -> None:
    rng = random.Random(11)
    rows = told(spark, [customer(rng) for _ in range(4000)], p_alive_limit=limit)
    assert {(row["status"], row["next_step"]) for row in rows} == {(s, step) for s, of in STEPS.items() for step in of}
    for row in rows:
        contradictions = [name for name, holds in wrong(row, limit).items() if holds]
        assert contradictions == [], row


def wrong(row: dict[str, Any], limit: float) -> dict[str, bool]:
    """What must not be, in plain Python."""
    step, gone = row["next_step"], None if row["open_share"] is None else 1 - row["open_share"]
    is_late = row["limit_days"] is not None and row["silent_days"] > row["limit_days"]
    is_low = row["p_alive"] is not None and row["p_alive"] < limit
    is_silent = gone is not None and gone > 0.8
    near = row["due_50_from"] is not None and (row["due_50_from"] - ON).days <= 7
    usually = row["action_values"].get("silence") == "longer_than_usual"
    is_said = ("usually an order every" in row["action"]) == (usually and row["action_code"] in SAY_SILENCE)
    return {
        "a code that does not go with the step": row["action_code"] not in CODES[step],
        "another sentence than the code says": not is_said,
        "a step that does not go with the status": step not in STEPS[row["status"]],
        "left in peace though late": step == "wait" and (is_late or is_silent),
        "left in peace though likely gone": step == "wait" and is_low,
        "left in peace for longer than usual": step == "wait" and row["silent_days"] >= row["gap_days"],
        "left in peace though due": step == "wait" and near,
        "late and offered, as if nothing were": step == "offer" and is_late,
        "let go though likely there": step == "win back" and not is_low,
        "let go after one order as if there were more": (step == "last try")
        != (row["status"] == "lapsed" and row["repeats"] == 0),
        "lapsed though likely there": row["status"] == "lapsed" and row["repeats"] > 0 and not is_low,
        "overdue by another definition": (row["status"] == "overdue")
        != (is_late and row["status"] not in ("lapsed", "unknown")),
        "usual though silent for less long": usually and row["silent_days"] < row["gap_days"],
        "usual after one order": usually and row["repeats"] == 0,
    }


def test_the_words_hold_the_figures_that_say_so(spark: SparkSession) -> None:
    calm = {
        "repeats": 5,
        "gaps": 5,
        "silent_days": 29,
        "gap_days": 30.0,
        "limit_days": 40.0,
        "open_share": 0.6,
        "p_alive": 0.9,
        "value_at_stake": None,
        "due_50_from": date(2025, 6, 20),
        "due_50_to": date(2025, 7, 1),
    }
    given: list[dict[str, Any]] = [
        {},
        {"silent_days": 30},
        {"limit_days": 21.5},
        {"p_alive": 0.319},
        {"open_share": 0.19},
        {"open_share": 0.01, "due_50_from": None},
        {"open_share": 0.01, "due_50_from": None, "p_alive": 0.2, "silent_days": 300},
        {"due_50_from": date(2025, 6, 8)},
    ]
    assert [row["action"] for row in told(spark, [{**calm, **each} for each in given])] == [
        "Do not contact before 20 Jun 2025; then make an offer.",
        "Make an offer now: nothing for 30 days, usually an order every 30 days.",
        "Ask now what is missing: nothing for 29 days, while 80% of this customer's gaps are at most 21 days; "
        "CN¥1.00 at stake within 365 days.",
        "Make an offer now: nothing for 29 days, and only 32% likely to buy again.",
        "Make an offer now: nothing for 29 days, while 80% of the predicted gaps are shorter.",
        "Make an offer now: nothing for 29 days, while 80% of the predicted gaps are shorter.",
        "Win back with one good offer, then stop: nothing for 300 days, usually an order every 30 days; "
        "CN¥1.00 at stake within 365 days.",
        "Make an offer now: the next order is most likely from 8 Jun 2025 to 1 Jul 2025.",
    ]
    chinese = [row["action"] for row in told(spark, [{**calm, **each} for each in given], language="zh")]
    assert chinese[0] == "2025年6月20日之前不要触达，之后再推送优惠。"
    assert chinese[2] == (
        "立即回访，了解缺了什么：已 29 天未购买，而该会员 80% 的购买间隔不超过 21 天；"
        "未来 365 天内面临流失的消费额为 ¥1.00。"
    )


@pytest.mark.parametrize("seed", [3, 4])
def test_alerts_and_the_next_step_agree_on_every_customer_of_a_random_shop(spark: SparkSession, seed: int) -> None:
    as_of = date(2025, 8, 1)
    orders = as_frame(random_orders(seed, orders=700, customers=80, days=230), spark)
    made = next_purchase(orders, declared(spark, PRODUCTS, []), params=NextPurchaseParams(), as_of=as_of, stage=staged)
    dated = made[0].selectExpr(f"date'{as_of}' as_of", "*").select(*NEXT_PURCHASE.columns)
    events, goods, then, before = (declared(spark, table, []) for table in (EVENTS, PRODUCTS, NEXT_PURCHASE, ALERTS))
    found = alerts(orders, events, goods, dated, then, before, params=AlertParams(), as_of=as_of, stage=staged)[0]
    steps = {row["customer_id"]: row for row in dated.collect()}
    rows = found.collect()
    late = {row["subject_id"] for row in rows if row["kind"] == "overdue"}
    assert late == {
        who
        for who, row in steps.items()
        if row["limit_days"] is not None and row["limit_days"] < row["silent_days"] < 180
    }
    assert {steps[who]["next_step"] for who in late} <= {"ask", "win back"}
    overdue = {who for who, row in steps.items() if row["status"] == "overdue" and row["silent_days"] < 180}
    assert len(overdue) > 5
    assert overdue == {who for who in late if steps[who]["status"] != "lapsed"}, "one definition for both jobs"
    for row in rows:
        step = steps[row["subject_id"]]
        if row["kind"] == "inactive":
            assert row["action_code"] == ("ask_back" if row["subject_id"] in late else step["action_code"])
            assert row["subject_id"] in late or row["action"] == step["action"]
        if row["kind"] == "churned":
            assert (row["action_code"] == "wait") == (step["next_step"] == "wait")
        if row["kind"] in ("inactive", "churned", "overdue", "churn_risk"):
            assert row["value_at_stake"] == step["value_at_stake"]


def test_what_was_written_in_english_is_said_in_chinese_as_if_it_had_been_written_so(spark: SparkSession) -> None:
    as_of, chinese = date(2025, 8, 1), Words("zh", "CNY")
    orders = as_frame(random_orders(3, orders=700, customers=80, days=230), spark)
    goods = declared(spark, PRODUCTS, [])
    written, said = (
        next_purchase(orders, goods, params=NextPurchaseParams(), as_of=as_of, stage=staged, words=words)[0]
        for words in (Words("en", "EUR"), chinese)
    )
    again = {row["customer_id"]: row for row in with_texts(written, NEXT_PURCHASE, chinese).collect()}
    for row in said.collect():
        assert row["action"] == again[row["customer_id"]]["action"]
        assert row["action"] == retold(("next_purchase.action",), row["action_code"], row["action_values"], chinese)
