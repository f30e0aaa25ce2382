"""Next purchase: published figures through the job, histories by hand, no leak, honest fallbacks, windows that hold."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from published import cdnow
from pydantic import ValidationError
from pyspark.sql import DataFrame, Row, SparkSession
from shopping import Basket, catalogue, day, declared, orders
from staged import staged

from conftest import Frame
from vitalfew.jobs.next_purchase import model_selection
from vitalfew.jobs.next_purchase.holdout_check import Check
from vitalfew.jobs.next_purchase.job import JOB
from vitalfew.jobs.next_purchase.models import counting_models
from vitalfew.jobs.next_purchase.scoring import COUNTING, HISTORY, with_score
from vitalfew.jobs.next_purchase.transform import NextPurchaseParams, next_purchase, repeated
from vitalfew.messages.words import Words
from vitalfew.tables import AsFitted, Table
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.sources import PRODUCTS

TABLES = JOB.writes
AS_OF = date(2025, 3, 1)

Found = dict[str, list[dict[str, Any]]]
Made = Callable[..., Found]


def params(**given: Any) -> NextPurchaseParams:
    """Parameters as a configuration file gives them."""
    return NextPurchaseParams.model_validate_json(json.dumps(given))


@pytest.fixture(scope="module")
def made(spark: SparkSession) -> Made:
    """The rows of every table, by its name and in the order of its key, each held to the table's contract."""

    def make(known: DataFrame, as_of: date = AS_OF, products: DataFrame | None = None, **given: Any) -> Found:
        goods = declared(spark, PRODUCTS, []) if products is None else products
        frames = next_purchase(known, goods, params=params(**given), as_of=as_of, stage=staged)
        return {table.name: held(frame, table, as_of) for frame, table in zip(frames, TABLES, strict=True)}

    return make


@pytest.fixture(scope="module")
def of_150(spark: SparkSession, made: Made) -> Found:
    """What is found of 150 customers, that several tests look at."""
    return made(orders(spark, simulated(150, 250)), as_of=day(250))


def held(frame: DataFrame, table: Table, as_of: date) -> list[dict[str, Any]]:
    assert ["as_of", *frame.columns] == list(table.columns)
    rules = [*[f"{name} is not null" for name in table.required], *table.always]
    dated = frame.selectExpr(f"date'{as_of}' as_of", "*")
    checked = dated.selectExpr("*", *[f"coalesce({rule}, false) as rule_{n}" for n, rule in enumerate(rules)]).collect()
    assert [rules[n] for row in checked for n in range(len(rules)) if not row[f"rule_{n}"]] == []
    rows = [{name: row[name] for name in table.columns} for row in checked]
    return sorted(rows, key=lambda row: tuple(str(row[name]) for name in table.key))


def by_customer(found: Found) -> dict[str, dict[str, Any]]:
    return {row["customer_id"]: row for row in found["next_purchase"]}


def verdict(found: Found, model: str) -> dict[str, Any]:
    """Of a model as of the latest day."""
    return max((row for row in found["purchase_models"] if row["model"] == model), key=lambda row: row["fitted_on"])


# --- published figures, through the whole job


def test_cdnow_is_foretold_as_published(shared: Path, tmp_path: Path, spark: SparkSession, made: Made) -> None:
    sample = cdnow(shared / "CDNOW_sample.txt", tmp_path, spark)
    found = made(sample, as_of=date(1998, 7, 1), holdout_days=273)
    split = {
        (r["model"], r["parameter"]): r for r in found["purchase_parameters"] if r["fitted_on"] == date(1997, 10, 1)
    }
    published = {
        "bg_nbd": {"r": 0.2426, "alpha": 4.4135, "a": 0.7929, "b": 2.4258},
        "pareto_nbd": {"r": 0.5533, "alpha": 10.578, "s": 0.6062, "beta": 11.669},
        "gamma_gamma": {"p": 6.249, "q": 3.745, "v": 15.448},
    }
    assert {model: {name: split[model, name]["estimate"] for name in of} for model, of in published.items()} == {
        model: pytest.approx(of, rel=5e-4) for model, of in published.items()
    }
    fitted = {r["model"]: r for r in found["purchase_models"] if r["fitted_on"] == date(1997, 10, 1)}
    assert (fitted["bg_nbd"]["customers"], fitted["bg_nbd"]["histories"]) == (2357, 1016)
    assert fitted["gamma_gamma"]["customers"] == 946
    assert fitted["bg_nbd"]["log_likelihood"] == pytest.approx(-9582.43, abs=0.005)
    assert fitted["pareto_nbd"]["log_likelihood"] == pytest.approx(-9594.97, abs=0.01)
    overall = {r["model"]: r for r in found["purchase_calibration"] if r["repeats"] == "all"}
    assert overall["bg_nbd"]["predicted_orders"] == pytest.approx(1653, abs=0.5)
    assert {row["actual_orders"] for row in overall.values()} == {1882}
    counting = {row["model"] for row in found["purchase_models"] if row["is_used"]} - {"gamma_gamma"}
    assert {row["model"] for row in found["next_purchase"]} == counting
    assert len(counting & {"bg_nbd", "pareto_nbd", "mbg_nbd"}) == 1
    fitted_mbg = [split["mbg_nbd", name]["estimate"] for name in ("r", "alpha", "a", "b")]
    assert fitted_mbg == pytest.approx([0.5248, 6.1830, 0.8914, 1.6140], rel=5e-4)
    assert len({row["origin_on"] for row in found["purchase_backtests"]}) >= 6


def test_what_is_foretold_is_the_formula_of_the_paper(
    shared: Path, tmp_path: Path, spark: SparkSession, made: Made
) -> None:
    """Expected orders and discounted value of some customers, computed again in plain Python from the parameters.

    They are multiplied by the correction of the horizon, which purchase_outlook shows, in orders and in money apart.
    """
    sample = cdnow(shared / "CDNOW_sample.txt", tmp_path, spark)
    found = made(sample, as_of=date(1997, 10, 1), holdout_days=84, tolerance=0.9, discount_rate=0.2)
    fitted: dict[str, dict[str, float]] = {r["model"]: {} for r in found["purchase_parameters"]}
    for row in found["purchase_parameters"]:
        if row["fitted_on"] == date(1997, 10, 1):
            fitted[row["model"]][row["parameter"]] = row["estimate"]
    model = next(r["model"] for r in found["purchase_models"] if r["is_used"] and r["model"] != "gamma_gamma")
    outlook = {row["horizon_days"]: row for row in found["purchase_outlook"]}
    by_model = [days for days, row in outlook.items() if model in (row["method"], row["shared_by"])]
    assert by_model
    told = {(r["customer_id"], r["horizon_days"]): r for r in found["purchase_forecast"]}
    for row in found["next_purchase"][::97]:
        least = {"orders": 0.0, "value": 0.0}
        for days in sorted(outlook):
            forecast = told[row["customer_id"], days]
            if days in by_model:
                orders = outlook[days]["correction"] * expected(model, fitted[model], row, days / 7)
                least["orders"] = max(least["orders"], orders)
                assert forecast["expected_orders"] == pytest.approx(least["orders"], rel=1e-6)
            if outlook[days]["value_method"] == model and days == 30:
                amount = float(row["expected_amount"]) * outlook[days]["value_correction"]
                value = amount * expected(model, fitted[model], row, 30 / 7) / 1.2 ** (30 / 365)
                assert float(forecast["expected_value"]) == pytest.approx(value, abs=0.02, rel=1e-3)
            least["orders"] = forecast["expected_orders"]


def test_days_after_a_fit_are_scored_with_what_it_published(shared: Path, tmp_path: Path, spark: SparkSession) -> None:
    """The formula again, on the histories of three days later, by parameters and corrections of PURCHASE_FIT."""
    sample, goods = cdnow(shared / "CDNOW_sample.txt", tmp_path, spark), declared(spark, PRODUCTS, [])
    sample = staged(sample.where("crc32(customer_id) % 4 = 0"))
    given, on, later = params(holdout_days=84, tolerance=0.9), date(1997, 10, 1), date(1997, 10, 4)
    fit = staged(next_purchase(sample, goods, params=given, as_of=on, stage=staged)[-1])
    scored = next_purchase(sample, goods, fit, params=given, as_of=later, stage=staged)
    tables = dict(zip((table.name for table in TABLES), scored, strict=True))
    carried = [name for name, table in tables.items() if isinstance(table, AsFitted)]
    assert carried == [f"purchase_{of}" for of in PROVEN]
    assert tables["purchase_fit"].collect() == fit.collect()
    cells = {(r["part"], r["name"], r["position"]): r for r in fit.collect()}
    model = cells["model", "used", 0]["word"]
    values = [cells["model", model, position]["value"] for position in range(4)]
    names = ("r", "alpha", "s", "beta") if model == "pareto_nbd" else ("r", "alpha", "a", "b")
    fitted = dict(zip(names, values, strict=True))
    horizon = min(int(name) for of, name, _ in cells if of == "orders_method" and cells[of, name, 0]["word"] == model)
    told = {
        r["customer_id"]: r["expected_orders"]
        for r in tables["purchase_forecast"].where(f"horizon_days = {horizon}").collect()
    }
    for row in held(tables["next_purchase"], TABLES[0], later)[::97]:
        history = [np.array([float(row[name])]) for name in ("repeats", "recency_weeks", "age_weeks")]
        alive = COUNTING[model].p_alive(np.array(values), *history)[0]
        assert row["p_alive"] == pytest.approx(alive, rel=1e-9)
        orders = cells["orders", str(horizon), 0]["value"] * expected(model, fitted, row, horizon / 7)
        assert told[row["customer_id"]] == pytest.approx(orders, rel=1e-6)


PROVEN = ("backtests", "reliability", "models", "parameters", "calibration", "windows")


def expected(model: str, p: dict[str, float], row: dict[str, Any], t: float) -> float:
    """E[Y(t)] as the papers write it, given P(alive)."""
    x, age, alive = row["repeats"], row["age_weeks"], row["p_alive"]
    if model == "pareto_nbd":
        stay = 1 - ((p["beta"] + age) / (p["beta"] + age + t)) ** (p["s"] - 1)
        return float(alive * (p["r"] + x) * (p["beta"] + age) / (p["alpha"] + age) / (p["s"] - 1) * stay)
    from scipy.special import hyp2f1

    r, alpha, a, b = p["r"], p["alpha"], p["a"], p["b"] + (model == "mbg_nbd")
    f = hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + age + t))
    return float(alive * (a + b + x - 1) / (a - 1) * (1 - ((alpha + age) / (alpha + age + t)) ** (r + x) * f))


def test_a_batch_of_histories_is_scored_row_by_row() -> None:
    columns = zip(HISTORY, ([2, 0], [213, 0], [272, 272]), strict=True)
    batch = pa.RecordBatch.from_pydict({name: pa.array(values, pa.int32()) for name, values in columns})
    found = with_score(batch, "bg_nbd", [0.2426, 4.4135, 0.7929, 2.4258], [1.0, 39.0])
    assert found.schema.names == [*HISTORY, "p_alive", "orders"]
    assert found["orders"].to_pylist()[0][1] == pytest.approx(1.226, abs=0.001)
    assert found["p_alive"].to_pylist()[1] == 1.0


# --- histories


DRAWN = """
    order_id | customer_id | ordered_on | kind      | net_amount | pieces | product_ids
    ---------+-------------+------------+-----------+------------+--------+------------
    r0       | ann         | 2025-01-01 | return    |     -99.00 |     -1 | []
    o1       | ann         | 2025-01-04 | sale      |      10.00 |      1 | [tea]
    o2       | ann         | 2025-01-04 | sale      |      10.00 |      1 | [tea]
    o3       | ann         | 2025-01-18 | sale      |       6.00 |      1 | [tea]
    o4       | ann         | 2025-01-20 | return    |      -2.00 |     -1 | []
    o5       | ann         | 2025-02-01 | sale      |       8.00 |      1 | [tea]
    c1       | ann         | 2025-02-20 | cancelled |       0.00 |      1 | [tea]
    o6       | bob         | 2025-02-28 | sale      |       5.00 |      1 | [tea]
    o7       | ~           | 2025-02-01 | sale      |       5.00 |      1 | [tea]
    o8       | cat         | 2025-02-01 | return    |      -5.00 |      1 | []
    o9       | dan         | 2025-03-01 | sale      |       5.00 |      1 | [tea]
"""


def test_a_history_counts_days_with_a_sale_and_nets_money_after_the_first(frame: Frame, made: Made) -> None:
    found = by_customer(made(frame(ORDERS, DRAWN)))
    assert set(found) == {"ann", "bob"}
    ann = found["ann"]
    assert (ann["repeats"], ann["recency_weeks"], ann["age_weeks"], ann["silent_days"]) == (2, 4.0, 55 / 7, 28)
    assert ann["mean_amount"] == Decimal("6.00")
    assert ann["gap_days"] == pytest.approx((28 + 14) / 3)
    bob = found["bob"]
    assert (bob["repeats"], bob["recency_weeks"], bob["age_weeks"], bob["silent_days"]) == (0, 0, 0, 1)
    assert bob["mean_amount"] is None


def test_nothing_of_as_of_or_later_is_known(frame: Frame, made: Made) -> None:
    """A leak is planted: everybody comes on the day itself, with a fortune."""
    later = "\n".join(
        f"x{who} | {who} | 2025-03-0{n} | sale | 9999.00 | 1 | [tea]" for n, who in ((1, "ann"), (2, "bob"))
    )
    honest, leaking = (made(frame(ORDERS, drawing)) for drawing in (DRAWN, f"{DRAWN.rstrip()}\n{later}"))
    assert honest == leaking


def test_what_is_fitted_at_the_split_has_not_seen_the_hold_out(spark: SparkSession, made: Made, of_150: Found) -> None:
    known = simulated(150, 250)
    split = day(250 - 90)
    planted = [*known, *[Basket(f"c{n:03}", 249 - n % 80, ("tea",)) for n in range(150)]]
    first, second = of_150, made(orders(spark, planted), as_of=day(250))
    for name in ("purchase_parameters", "purchase_models"):
        keys = ("model", "parameter", "estimate", "log_likelihood", "customers", "histories")
        one, other = (
            [{key: row.get(key) for key in keys} for row in found[name] if row["fitted_on"] == split]
            for found in (first, second)
        )
        assert one == other
        assert one
    told = [
        {(r["model"], r["repeats"]): r["predicted_orders"] for r in f["purchase_calibration"]} for f in (first, second)
    ]
    assert told[0] == pytest.approx(told[1])
    assert first["next_purchase"] != second["next_purchase"]


def simulated(customers: int, days: int, seed: int = 5) -> list[Basket]:
    """Customers of a BG/NBD world."""
    rng = random.Random(seed)
    baskets = []
    for number in range(customers):
        rate, leaving = rng.gammavariate(1.5, 1 / 30), rng.betavariate(0.6, 2.5)
        on: float = rng.randrange(60)
        while on < days:
            baskets.append(Basket(f"c{number:03}", int(on), ("tea",)))
            if rng.random() < leaving:
                break
            on += rng.expovariate(rate) + 1
    return baskets


# --- verdicts


def test_with_few_customers_their_own_rhythm_speaks_and_the_table_says_so(spark: SparkSession, made: Made) -> None:
    weekly = [Basket(f"c{n}", n + 7 * week, ("tea",)) for n in range(5) for week in range(30)]
    found = made(orders(spark, weekly), as_of=day(209))
    assert verdict(found, "bg_nbd")["verdict"].startswith("not fitted: 5 customers came back, fewer than min_repeaters")
    assert verdict(found, "gamma_gamma")["verdict"].startswith("not fitted: 5 customers came back and paid")
    assert verdict(found, "rhythm")["is_used"]
    assert found["purchase_parameters"] == []
    row = by_customer(found)["c0"]
    assert (row["model"], row["gap_days"], row["due_on"]) == ("rhythm", 7.0, day(210))
    assert row["due_80_to"] - row["due_80_from"] <= timedelta(days=2)
    assert row["p_alive"] > 0.9
    month = next(r for r in found["purchase_forecast"] if r["customer_id"] == "c0" and r["horizon_days"] == 30)
    assert month["expected_orders"] == pytest.approx(30 / 7, rel=0.15)


def test_a_model_that_fails_the_hold_out_is_not_used_unless_it_was_tried_on_several_days() -> None:
    found, own = (Check(predicted, 530, error, 0.0, {}, []) for predicted, error in ((556.0, 1.2), (540.0, 1.1)))
    failures = ["556 order days foretold, 530 came (104.9%), off by more than 0.01 %"]
    failures.append("error for one customer 1.2, that of the own rhythm 1.1")
    assert model_selection.failed(found, own, params(tolerance=0.0001), is_backtested=False) == failures
    assert model_selection.failed(found, own, params(tolerance=0.0001), is_backtested=True) == []


def moved_to_the_loyal(known: list[Basket], split: int) -> list[Basket]:
    """The same until the split; then who had fewer than four repeats stays away, and others come instead of them."""
    rng = random.Random(9)
    days = Counter(who for who, _ in {(each.customer, each.day) for each in known if each.day < split})
    loyal = sorted({each.customer or "" for each in known if each.day >= split and days[each.customer] > 4})
    return [
        each if each.day < split or not 0 < days[each.customer] < 5 else Basket(rng.choice(loyal), each.day, ("tea",))
        for each in known
    ]


def test_a_model_that_is_right_in_all_and_wrong_for_classes_is_not_used(spark: SparkSession, made: Made) -> None:
    known = simulated(400, 250)
    right, wrong = (made(orders(spark, each), as_of=day(250)) for each in (known, moved_to_the_loyal(known, 160)))
    assert {r["model"] for r in right["next_purchase"]} <= {"bg_nbd", "pareto_nbd", "mbg_nbd"}
    used = [r for r in right["purchase_models"] if r["is_used"] and r["model"] != "gamma_gamma"]
    assert [r["class_error"] < 0.1 for r in used] == [True]
    refused = verdict(wrong, "bg_nbd")
    told = (
        r"fails the hold-out: for the [0-9]+ customers with [0-9+]+ repeats? [0-9]+ order days foretold, [0-9]+ came; "
        r"the classes are off by 0\.[0-9]+, more than class_tolerance \(0\.2\)(; error for one customer .*)?"
    )
    assert re.fullmatch(told, refused["verdict"]), refused["verdict"]
    rhythm = verdict(wrong, "rhythm")
    assert "go by the sum, not by such a class" in rhythm["verdict"]
    assert (rhythm["is_used"], rhythm["class_error"] > 0.2, refused["is_used"]) == (True, True, False)
    off = Check(540.0, 540, 1.0, 0.5, {"repeats": "2", "customers": 9, "predicted_orders": 1.0, "actual_orders": 5}, [])
    (told_of_one,) = model_selection.failed(off, off, params(), is_backtested=False)
    assert told_of_one.endswith("the classes are off by 0.50, more than class_tolerance (0.2)")
    assert model_selection.failed(off, off, params(class_tolerance=9.0), is_backtested=False) == []


def test_a_model_that_could_not_be_fitted_before_the_split_is_not_used(of_150: Found) -> None:
    assert verdict(of_150, "pareto_nbd")["verdict"].startswith("before the split degenerate: ")
    assert not verdict(of_150, "pareto_nbd")["is_used"]


def test_windows_end_where_the_calendar_does(frame: Frame, made: Made) -> None:
    drawing = DRAWN.replace("2025-0", "9999-0").replace("9999-01", "9999-11").replace("9999-02-", "9999-12-")
    found = made(frame(ORDERS, drawing), as_of=date(9999, 12, 31))
    assert max(row["due_80_to"] for row in found["next_purchase"] if row["due_80_to"]) == date(9999, 12, 31)


def test_a_degenerate_fit_is_named_and_not_used(spark: SparkSession, made: Made) -> None:
    rng = random.Random(3)
    known = [
        Basket(f"c{n:03}", on, ("tea",)) for n in range(120) for on in sorted({rng.randrange(300) for _ in range(25)})
    ]
    found = made(orders(spark, known), as_of=day(300))
    assert "degenerate: " in verdict(found, "bg_nbd")["verdict"]
    assert {row["model"] for row in found["next_purchase"]} == {"rhythm"}


def test_what_cannot_be_checked_is_not_used(spark: SparkSession, made: Made) -> None:
    found = made(orders(spark, simulated(300, 80)), as_of=day(80), min_repeaters=20)
    assert verdict(found, "bg_nbd")["verdict"].startswith(
        ("not checked: nobody bought before 2024-12-22", "degenerate")
    )
    assert verdict(found, "rhythm")["verdict"].startswith("used: the own rhythm, not checked")
    assert found["purchase_calibration"] == []
    assert found["purchase_windows"] == []


def test_too_many_histories_are_rounded_or_sampled_and_the_table_says_so(spark: SparkSession, made: Made) -> None:
    known = simulated(600, 250)
    histories = [history(each, 250) for _, each in groupby(sorted({(b.customer, b.day) for b in known}), itemgetter(0))]
    frame = spark.createDataFrame(histories, "repeats int, recency_days int, age_days int")
    exact, rounded, few = (
        counting_models(frame, 600, 300, params(max_histories=cap), 0, None, {})["pareto_nbd"]
        for cap in (50_000, 220, 100)
    )
    assert (exact.note, exact.histories) == (None, len(set(histories)))
    assert rounded.note is not None
    assert rounded.note.startswith("days rounded to")
    assert rounded.histories <= 220 < exact.histories
    assert exact.estimate is not None
    assert rounded.estimate is not None
    assert rounded.estimate.log_likelihood == pytest.approx(exact.estimate.log_likelihood, rel=0.03)
    assert few.note is not None
    assert "distinct rows, drawn by hash" in few.note
    assert few.histories <= 100
    told = verdict(made(orders(spark, known), as_of=day(250), max_histories=220), "pareto_nbd")
    assert rounded.note in told["verdict"]
    assert told["histories"] == rounded.histories


def history(bought: Iterable[tuple[str | None, int]], as_of: int) -> tuple[int, int, int]:
    """Repeats, the days from the first to the last, and those from the first to the day before as_of."""
    days = [day for _, day in bought]
    return len(days) - 1, max(days) - min(days), as_of - 1 - min(days)


def test_amounts_that_go_with_repeats_are_not_modelled(spark: SparkSession, made: Made) -> None:
    """Who comes more often spends more: then the own mean, drawn to that of all, is what an order is worth."""
    rng = random.Random(7)
    baskets = [
        Basket(f"c{n:03}", on, tuple(f"p{i}" for i in range(rng.randint(1, 2 + 2 * (n % 9)))))
        for n in range(90)
        for on in range(n % 7, 240, 60 // (1 + n % 9))
    ]
    found = made(orders(spark, baskets), as_of=day(240))
    assert "amounts and repeats correlate by" in verdict(found, "gamma_gamma")["verdict"]
    row = by_customer(found)["c008"]
    mean = sum((r["mean_amount"] or 0) * r["repeats"] for r in found["next_purchase"]) / sum(
        r["repeats"] for r in found["next_purchase"]
    )
    own = (float(row["mean_amount"]) * row["repeats"] + 3 * float(mean)) / (row["repeats"] + 3)
    assert float(row["mean_amount"]) > own
    assert float(row["expected_amount"]) >= own - 0.02, "drawn to the mean of all, or of those who come as often"
    assert float(row["expected_amount"]) == pytest.approx(float(row["mean_amount"]), rel=0.15)


# --- windows


def lognormal(customers: int, days: int) -> list[Basket]:
    rng = random.Random(8)
    baskets = []
    for number in range(customers):
        centre, on = rng.gauss(2.7, 0.4), float(rng.randrange(30))
        while on < days:
            baskets.append(Basket(f"c{number:04}", int(on), ("tea",)))
            on += max(rng.lognormvariate(centre, 0.5), 1)
    return baskets


def test_windows_hold_the_share_that_they_promise(spark: SparkSession, made: Made) -> None:
    found = made(orders(spark, lognormal(700, 400)), as_of=day(400), holdout_days=120)
    rows = {(r["gaps"], r["nominal"]): r for r in found["purchase_windows"] if r["subject"] == "customer"}
    assert rows["all", 0.5]["windows"] > 600
    assert rows["all", 0.5]["coverage"] == pytest.approx(0.5, abs=0.07)
    assert rows["all", 0.8]["coverage"] == pytest.approx(0.8, abs=0.07)


def test_who_is_silent_for_too_long_is_past_their_window_then_lapsed_and_gets_an_action(
    spark: SparkSession, made: Made
) -> None:
    silences = {"on schedule": 1, "overdue": 14, "lapsed": 90}
    back = [0, 4, 11, 21, 28, 32, 42, 49, 53, 63]  # every seven days, more or less
    told = [Basket(status, 203 - silence - ago, ("tea",)) for status, silence in silences.items() for ago in back]
    told += [Basket("a day before", 203 - 13 - ago, ("tea",)) for ago in back]
    told += [Basket("long gone", day, ("tea",)) for day in range(0, 60, 2)]
    once = [Basket("once", 202, ("tea",)), Basket("long ago", 2, ("tea",))]
    found = by_customer(made(orders(spark, [*lognormal(150, 203), *told, *once]), as_of=day(203)))
    assert {who: found[who]["status"] for who in silences} == {status: status for status in silences}
    assert 13 < found["overdue"]["limit_days"] < 14, "overdue from the day on that is beyond it"
    assert found["a day before"]["status"] == "on schedule"
    assert found["on schedule"]["action"].startswith("Make an offer now: the next order is most likely from ")
    assert found["overdue"]["action"].startswith(
        "Ask now what is missing: nothing for 14 days, usually an order every 7 days; "
    )
    assert found["lapsed"]["action"].startswith(
        "Win back with one good offer, then stop: nothing for 90 days, usually an order every 7 days; "
    )
    assert found["lapsed"]["value_at_stake"] > 0
    assert found["lapsed"]["due_on"] is None
    assert found["long gone"]["p_alive"] < 1e-12
    assert found["long gone"]["value_at_stake"] > found["lapsed"]["value_at_stake"], "every other day, not every week"
    for who in ("long gone", "lapsed", "long ago"):
        row = found[who]
        pace = (row["repeats"] + 1) * 365 / (row["age_weeks"] * 7)
        assert 0 <= row["value_at_stake"] <= Decimal("1.01") * row["expected_amount"] * Decimal(pace), (
            "no more than so far"
        )
    assert found["once"]["status"] == "first order"
    assert found["once"]["action"].startswith("Win the second order: ")
    assert found["long ago"]["action"] == "Ask once more, then stop: one order, nothing for 201 days."


def test_nothing_is_foretold_where_nobody_ever_came_back(spark: SparkSession, made: Made) -> None:
    found = made(orders(spark, [Basket(f"c{n}", n, ("tea",)) for n in range(100)]), as_of=day(120))
    row = by_customer(found)["c0"]
    assert (row["status"], row["p_alive"], row["due_on"], row["gap_days"]) == ("unknown", None, None, None)
    assert row["action"].startswith("Ask for a second order")
    assert {r["expected_orders"] for r in found["purchase_forecast"]} == {0.0}
    assert found["repeat_purchases"] == found["purchase_windows"] == []


@pytest.mark.parametrize("level", ["category", "product", None])
def test_without_orders_there_are_models_to_say_so_and_nothing_else(
    frame: Frame, made: Made, level: str | None
) -> None:
    found = made(frame(ORDERS, "order_id"), repeat_level=level)
    assert {name for name, rows in found.items() if rows} == {"purchase_models", "purchase_fit"}
    assert verdict(found, "rhythm")["customers"] == 0


# --- what is bought again and again


def coffee() -> list[Basket]:
    """Coffee every 28 days, milk every 7, a kettle (durable), a bag and something every 30, salt once."""
    baskets = [Basket(f"c{n:02}", n % 28 + on, ("coffee",)) for n in range(40) for on in range(0, 260 - n % 28, 28)]
    baskets += [Basket(f"c{n:02}", on, ("milk",)) for n in range(40) for on in range(n % 7, 260, 7)]
    baskets += [Basket("c00", on, ("kettle", "bag", "thing")) for on in range(0, 260, 30)]
    return [*baskets, Basket("c00", 100, ("salt",))]


def goods(spark: SparkSession) -> DataFrame:
    names = {
        "coffee": "Coffee 500 g", "milk": "Milk", "kettle": "Kettle", "salt": "Salt", "bag": "Bag", "thing": " MISC "
    }  # fmt: skip
    known = catalogue(spark, names, durable=["kettle"])
    return known.withColumn("category", known["name"])


def test_coffee_is_due_when_its_cycle_ends(spark: SparkSession, made: Made) -> None:
    for level, item in (("product", "coffee"), ("category", "Coffee 500 g")):
        without = {"exclude_products": ["bag"]} if level == "product" else {"exclude_where": {"category": ["Bag"]}}
        found = made(orders(spark, coffee()), as_of=day(260), products=goods(spark), repeat_level=level, **without)
        rows = {(r["customer_id"], r["item"]): r for r in found["repeat_purchases"]}
        row = rows["c00", item]
        assert (row["level"], row["days_bought"], row["last_on"], row["gap_days"]) == (level, 10, day(252), 28.0)
        assert abs((row["due_on"] - day(280)).days) <= 1
        due, last = (f"{on.day} {on:%b} {on.year}".replace("Sep ", "Sept ") for on in (row["due_on"], day(252)))
        text = f"Coffee 500 g is due on {due}: bought every 28 days, last on {last}."
        assert row["text_values"]["due"] == str(row["due_on"])
        assert (row["status"], row["text"]) == ("on schedule", text)
        assert {i for _, i in rows} == {item, "milk" if level == "product" else "Milk"}
        windows = {(r["subject"], r["nominal"]): r for r in found["purchase_windows"] if r["gaps"] == "all"}
        assert windows[level, 0.8]["coverage"] > 0.8


def due_again(spark: SparkSession, products: DataFrame, **given: Any) -> list[Row]:
    """REPEAT_PURCHASES alone."""
    asked = params(**given)
    found, _ = repeated(orders(spark, coffee()), products, asked, day(260), staged, Words("en", None), is_proven=False)
    return found.collect()


def test_where_no_product_has_the_level_products_are_due(spark: SparkSession) -> None:
    found = due_again(spark, declared(spark, PRODUCTS, []), repeat_level="department")
    assert {(row["level"], row["item"]) for row in found} > {
        ("product", "coffee"),
        ("product", "milk"),
    }
    assert any(row["text"].startswith("coffee is due on ") for row in found)


def test_only_what_a_customer_buys_most_is_kept(spark: SparkSession) -> None:
    known = goods(spark)
    for given in ({"repeat_items": 1}, {"repeat_min_days": 12}):
        assert {row["item"] for row in due_again(spark, known, **given)} == {"Milk"}
    assert len({row["item"] for row in due_again(spark, known)}) > 1, "or nothing was left out"


def test_horizons_that_contradict_each_other_are_refused() -> None:
    for given, told in (
        ({"horizons_days": [90, 30]}, "it must rise"),
        ({"horizons_days": [30, 30]}, "it must rise"),
        ({"horizons_days": [0, 30]}, "it must rise"),
        ({"horizons_days": [4000]}, "beyond ten years"),
        ({"horizons_days": [365], "period_days": 1}, "beyond 120 periods"),
    ):
        with pytest.raises(ValidationError, match=told):
            params(**given)


def test_the_value_of_a_longer_horizon_is_never_smaller(spark: SparkSession, made: Made) -> None:
    found = made(orders(spark, simulated(200, 250)), as_of=day(250), horizons_days=[10, 45, 100], discount_rate=0.0)
    by: dict[str, list[dict[str, Any]]] = {}
    for row in found["purchase_forecast"]:
        by.setdefault(row["customer_id"], []).append(row)
    for rows in by.values():
        rows.sort(key=lambda row: row["horizon_days"])
        assert [r["expected_orders"] for r in rows] == sorted(r["expected_orders"] for r in rows)
        amount = [float(r["expected_value"]) / r["expected_orders"] for r in rows if r["expected_orders"] > 0.5]
        assert amount == pytest.approx(amount[:1] * len(amount), rel=0.05)
