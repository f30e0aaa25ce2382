"""When customers buy: the grid, its peaks, and each customer's own best day and hour."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from generator import writing
from generator.world import AS_OF, World
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from conftest import Frame
from vitalfew.algorithms.statistics.count_peaks import dispersion, from_margins, log_p_above
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.jobs.orders.assembly import build
from vitalfew.jobs.orders.line_kinds import understood
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.jobs.timing.advice import finding_and_action
from vitalfew.jobs.timing.tables import CUSTOMER_TIMING, TIMING_GRID, TIMING_PEAKS
from vitalfew.jobs.timing.transform import TimingParams, timing
from vitalfew.messages.words import ENGLISH, Words
from vitalfew.storage.contracts import conform
from vitalfew.storage.delta import Storage
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.sources import EVENTS, PRODUCTS

TABLES = (TIMING_GRID, TIMING_PEAKS, CUSTOMER_TIMING)
MONDAY = date(2024, 1, 1)
Order = tuple[str | None, datetime, str, int]
"""Who, when, kind, whole money; of product tea."""


@dataclass(frozen=True)
class Given:
    """The inputs, and a run of the job on them that holds its results to their tables."""

    storage: Storage

    @property
    def spark(self) -> SparkSession:
        return self.storage.spark

    def orders(self, rows: list[Order], channel: str | None = None) -> DataFrame:
        cells = [
            {"order_id": f"o{i}", "customer_id": who, "ordered_at": at, "ordered_on": at.date(), "kind": kind}
            | {"net_amount": Decimal(money), "product_ids": ["tea"], "product_amounts": [Decimal(money)]}
            | {"channel": channel}
            for i, (who, at, kind, money) in enumerate(rows)
        ]
        rows_of_all = [tuple(cell.get(name) for name in ORDERS.columns) for cell in cells]
        return self.spark.createDataFrame(rows_of_all, ", ".join(f"{c.name} {c.type}" for c in ORDERS.declared))

    def run(
        self,
        orders: DataFrame,
        as_of: date,
        *,
        events: DataFrame | None = None,
        products: DataFrame | None = None,
        rfm: DataFrame | None = None,
        **params: Any,
    ) -> list[list[dict[str, Any]]]:
        inputs = [
            frame if frame is not None else self.spark.createDataFrame([], table.ddl)
            for table, frame in ((EVENTS, events), (PRODUCTS, products), (RFM, rfm))
        ]
        made = timing(orders, *inputs, params=TimingParams(**params), as_of=as_of, stage=self.storage.stage)
        held = [conform(frame, table, as_of, self.storage.stage)[0] for frame, table in zip(made, TABLES, strict=True)]
        return [[row.asDict() for row in frame.collect()] for frame in held]


@pytest.fixture(scope="module")
def given(running: Engine, tmp_path_factory: pytest.TempPathFactory) -> Given:
    return Given(Storage(running, Target(root=str(tmp_path_factory.mktemp("timing")))))


def when(text: str) -> datetime:
    return datetime.fromisoformat(text)


def weeks_of(days: dict[tuple[int, int], int], weeks: int, who: str = "c") -> list[Order]:
    """So many sales in each (weekday, hour) of every week, each by another customer."""
    return [
        (f"{who}{week}-{weekday}-{hour}-{n}", at(week, weekday, hour), "sale", 10)
        for week in range(weeks)
        for (weekday, hour), count in days.items()
        for n in range(count)
    ]


def at(week: int, weekday: int, hour: int) -> datetime:
    return datetime.combine(MONDAY, datetime.min.time()) + timedelta(
        weeks=week, days=weekday - 1, hours=hour, minutes=5
    )


def cell(rows: list[dict[str, Any]], weekday: int, hour: int, member: str = "all") -> dict[str, Any]:
    return next(row for row in rows if (row["member"], row["weekday"], row["hour"]) == (member, weekday, hour))


FLAT = {(weekday, hour): 3 for weekday in range(1, 8) for hour in range(24)}


# The grid


@pytest.mark.both_engines
def test_the_grid_counts_sales_money_and_customers_of_every_hour_of_the_week(given: Given) -> None:
    orders = given.orders(
        [
            ("ann", when("2024-01-07 21:59"), "sale", 10),  # a Sunday
            ("ann", when("2024-01-14 21:00"), "sale", 20),
            (None, when("2024-01-07 21:10"), "sale", 5),
            ("bob", when("2024-01-07 21:30"), "return", -4),
            ("bob", when("2024-01-16 00:00"), "sale", 7),  # a Tuesday
            ("bob", when("2024-01-17 00:00"), "sale", 99),  # not before as_of
        ]
    )
    rows, peaks, _ = given.run(orders, date(2024, 1, 17))
    assert len(rows) == 168
    sunday = cell(rows, 7, 21)
    assert (sunday["orders"], sunday["net_amount"], sunday["customers"], sunday["most_of_one"]) == (3, 31, 1, 2)
    assert (sunday["hours"], sunday["events"], sunday["orders_per_event"]) == (2, None, None)  # the 7th to the 16th
    assert sunday["times_average"] == pytest.approx(3 / 2 / (4 / 240))
    assert cell(rows, 2, 0)["orders"] == 1
    assert cell(rows, 3, 0) | {"as_of": None} == {
        "as_of": None, "dimension": "all", "member": "all", "weekday": 3, "hour": 0, "hours": 1, "orders": 0,
        "net_amount": Decimal("0.00"), "customers": 0, "most_of_one": 0, "times_average": 0.0, "events": None,
        "orders_per_event": None,
    }  # fmt: skip
    assert sum(row["net_amount"] for row in rows) == 38
    assert peaks == []


def test_the_grid_of_random_orders_is_that_of_a_naive_count(given: Given) -> None:
    dice = random.Random(4)
    rows: list[Order] = [
        (
            dice.choice([None, "a", "b", "c"]),
            when("2024-01-01") + timedelta(minutes=dice.randrange(40 * 24 * 60)),
            dice.choice(["sale", "sale", "return", "charge"]),
            dice.randrange(-5, 50),
        )
        for _ in range(600)
    ]
    grid = given.run(given.orders(rows), date(2024, 2, 5))[0]
    seen = [row for row in rows if row[1] < when("2024-02-05")]
    for row in grid:
        here = [r for r in seen if (r[1].isoweekday(), r[1].hour) == (row["weekday"], row["hour"])]
        sales = [r for r in here if r[2] == "sale"]
        of_one = Counter(r[0] for r in sales if r[0])
        assert row["orders"] == len(sales)
        assert row["net_amount"] == sum(r[3] for r in here)
        assert row["customers"] == len(of_one)
        assert row["most_of_one"] == max(of_one.values(), default=0)
        assert row["hours"] == 5


def test_the_week_is_split_by_segment_channel_and_category_and_held_against_traffic(given: Given, frame: Frame) -> None:
    orders = given.orders([("ann", at(0, 7, 21), "sale", 10), ("bob", at(0, 1, 9), "sale", 4)], channel="app")
    products = frame(PRODUCTS, "product_id | category | brand \n tea | drinks | leaf")
    rfm = given.spark.createDataFrame([("ann", "Champions")], "customer_id string, segment string")
    events = frame(
        EVENTS,
        """
        customer_id | happened_at      | kind     | product_id | channel
        ann         | 2024-01-07 21:30 | view     | tea        | web
        ~           | 2024-01-07 21:31 | Search   | ~          | web
        bob         | 2024-01-07 21:32 | campaign | ~          | mail
        bob         | 2023-12-07 21:32 | view     | tea        | web
        """,
    )
    rows = given.run(orders, date(2024, 1, 8), events=events, products=products, rfm=rfm)[0]
    found = {
        (r["dimension"], r["member"]): (r["orders"], r["events"], r["orders_per_event"])
        for r in rows
        if (r["weekday"], r["hour"]) == (7, 21)
    }
    assert found == {
        ("all", "all"): (1, 2, 0.5),
        ("segment", "Champions"): (1, 1, 1.0),
        ("category", "drinks"): (1, 1, 1.0),
        ("channel", "app"): (1, 0, None),
    }
    by_brand = given.run(orders, date(2024, 1, 8), products=products, category_level="brand", most_members=1)[0]
    assert {(r["dimension"], r["member"]) for r in by_brand} == {
        ("all", "all"),
        ("category", "leaf"),
        ("channel", "app"),
    }


def test_members_beyond_the_most_are_left_out_those_with_the_fewest_orders_first(given: Given) -> None:
    one = given.orders([("ann", at(0, 1, 9), "sale", 1), ("ann", at(0, 2, 9), "sale", 1)], channel="store")
    other = given.orders([("ann", at(0, 3, 9), "sale", 1)], channel="app")
    rows = given.run(one.unionByName(other), date(2024, 1, 8), most_members=1)[0]
    assert {r["member"] for r in rows if r["dimension"] == "channel"} == {"store"}


def test_the_look_back_window_moves_the_first_day(given: Given) -> None:
    orders = given.orders([("ann", at(0, 1, 9), "sale", 1), ("ann", at(3, 1, 9), "sale", 1)])
    rows = given.run(orders, MONDAY + timedelta(weeks=4), window_days=7)[0]
    assert (cell(rows, 1, 9)["orders"], cell(rows, 1, 9)["hours"]) == (1, 1)


def test_nothing_sold_gives_empty_tables(given: Given) -> None:
    assert given.run(given.orders([]), MONDAY) == [[], [], []]
    assert given.run(given.orders([("ann", at(0, 1, 9), "return", -1)]), date(2024, 2, 1)) == [[], [], []]


# Peaks


def test_a_planted_peak_is_found_with_its_hours_and_nothing_else_is(given: Given) -> None:
    planted = FLAT | {(7, 21): 9, (7, 22): 9}
    peaks = given.run(given.orders(weeks_of(planted, 10)), MONDAY + timedelta(weeks=10))[1]
    assert [(p["dimension"], p["weekday"], p["from_hour"], p["until_hour"]) for p in peaks] == [("all", 7, 21, 23)]
    peak = peaks[0]
    average = (166 * 3 + 2 * 9) / 168
    assert (peak["orders"], peak["net_amount"]) == (180, 1800)
    assert peak["times_average"] == pytest.approx(9 / average)
    assert peak["is_special"]
    assert peak["best_hour"] == 21
    assert peak["q_value"] >= peak["p_value"]
    assert peak["finding"] == "Sunday 21:00–23:00: 2.9 × the average hour"
    assert (peak["finding_code"], peak["action_code"]) == ("hours", "all")
    assert dict(peak["finding_values"]) == {
        "weekday": "sunday",
        "from_time": "21:00",
        "until_time": "23:00",
        "times": "2.9",
    }
    assert peak["action"] == "Send offers on Sunday 20:00; have staff, stock and systems ready for Sunday 21:00–23:00."


def test_orders_by_chance_have_no_peaks(given: Given) -> None:
    dice = random.Random(1)
    rows: list[Order] = [
        (f"c{n}", at(dice.randrange(20), dice.randrange(7) + 1, dice.randrange(24)), "sale", 1) for n in range(3000)
    ]
    assert given.run(given.orders(rows), MONDAY + timedelta(weeks=20), least_times_average=1.01)[1] == []


def test_one_wild_week_makes_no_peak_and_neither_does_one_customer(given: Given) -> None:
    wild = weeks_of(FLAT, 10) + weeks_of({(2, 10): 120}, 1, who="wild")
    assert given.run(given.orders(wild), MONDAY + timedelta(weeks=10))[1] == []
    one = [("one", *row[1:]) for row in weeks_of({(2, 10): 12}, 10)]
    busy = given.orders([*weeks_of(FLAT, 10), *one])
    assert given.run(busy, MONDAY + timedelta(weeks=10))[1] == []
    assert len(given.run(busy, MONDAY + timedelta(weeks=10), most_of_one_share=1.0)[1]) == 1


def test_a_weekday_that_came_more_often_is_no_peak(given: Given) -> None:
    days = {(weekday, hour): 3 for weekday in (1, 2, 3) for hour in range(24)}
    orders = given.orders(
        [*weeks_of(FLAT, 1), *[(w, day + timedelta(weeks=1), k, m) for w, day, k, m in weeks_of(days, 1)]]
    )
    rows = given.run(orders, MONDAY + timedelta(days=10))[0]
    assert {row["times_average"] for row in rows} == {1.0}
    assert {row["hours"] for row in rows} == {1, 2}


def test_a_busy_hour_of_every_day_is_a_peak_but_not_a_special_one(given: Given) -> None:
    peaks = given.run(
        given.orders(weeks_of(FLAT | {(d, 17): 12 for d in range(1, 8)}, 10)), MONDAY + timedelta(weeks=10)
    )[1]
    assert len(peaks) == 7
    assert not any(peak["is_special"] for peak in peaks)
    assert all(peak["margin_orders"] == pytest.approx(peak["orders"]) for peak in peaks)


def test_too_few_orders_or_weeks_are_not_judged(given: Given) -> None:
    orders = given.orders(weeks_of(FLAT | {(7, 21): 12}, 7))
    assert given.run(orders, MONDAY + timedelta(weeks=7))[1] == []
    assert len(given.run(orders, MONDAY + timedelta(weeks=7), least_weeks=7)[1]) == 1
    assert given.run(orders, MONDAY + timedelta(weeks=7), least_weeks=7, least_orders=10_000)[1] == []


def test_dispersion_is_pearsons_and_at_least_one() -> None:
    weekly = np.array([[4.0, 6.0, 5.0, 5.0], [0.0, 20.0, 0.0, 0.0], [5.0, 5.0, 5.0, 5.0], [0.0, 0.0, 0.0, 0.0]])
    totals = weekly.sum(axis=0)
    share = weekly.sum(axis=1, keepdims=True) / weekly.sum()
    mean = share * totals
    pearson = np.where(mean > 0, (weekly - mean) ** 2 / np.where(mean > 0, mean, 1), 0).sum(axis=1) / 3
    found = dispersion(weekly.sum(axis=1), (weekly**2 / totals).sum(axis=1), 4)
    together = pearson.sum() / 2
    assert found == pytest.approx(np.maximum(1, np.maximum(pearson, together)))
    assert dispersion(np.full(3, 8.0), np.full(3, 8 / 3), 4) == pytest.approx(np.ones(3))


def test_the_tail_is_that_of_poisson_and_no_orders_are_no_surprise() -> None:
    from scipy.stats import poisson

    counts, mean = np.array([0.0, 3.0, 12.0, 5000.0]), np.array([2.0, 2.0, 2.0, 2.0])
    found = np.exp(log_p_above(counts, mean, np.ones(4)))
    assert found[:3] == pytest.approx([1.0, poisson.sf(2, 2), poisson.sf(11, 2)])
    assert 0 < found[3] < 1e-299
    assert (log_p_above(counts, mean, np.full(4, 3.0))[1:3] > np.log(found[1:3])).all()


def test_margins_are_the_products_of_rows_and_columns() -> None:
    assert from_margins(np.array([[1.0, 3.0], [2.0, 6.0]])).tolist() == [[1.0, 3.0], [2.0, 6.0]]
    assert from_margins(np.zeros((2, 2))).tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_words_of_a_peak_at_midnight_look_back_to_the_day_before() -> None:
    def told(dimension: str, member: str, weekday: int, first: int, last: int, words: Words = ENGLISH) -> Any:
        hours = {"weekday": weekday, "from_hour": first, "until_hour": last, "times_average": 2.0}
        return finding_and_action({"dimension": dimension, "member": member, **hours}, words)

    assert told("all", "all", 1, 0, 24)["finding"] == "Monday 00:00–24:00: 2.0 × the average hour"
    champions = told("segment", "Champions", 1, 0, 2)
    assert champions["action"] == "Write to Champions on Sunday 23:00, an hour before they buy."
    assert champions["action_values"] == {"before_day": "sunday", "before_time": "23:00", "member": "Champions"}
    assert told("category", "tea", 2, 0, 2)["action"].startswith("Show tea first on Tuesday 00:00–02:00")
    assert told("channel", "app", 2, 5, 6)["action"].endswith("from Tuesday 04:00 on.")
    in_chinese = told("segment", "Champions", 1, 0, 2, Words("zh"))
    assert in_chinese["action"].startswith("周日 23:00 触达“核心会员”")
    assert in_chinese["action_values"] == champions["action_values"]
    assert "“VIP”" in told("segment", "VIP", 1, 0, 2, Words("zh"))["action"]


def test_a_kind_of_traffic_is_named_once() -> None:
    with pytest.raises(ValueError, match="traffic_kinds names one twice"):
        TimingParams(traffic_kinds=("view", "view"))


# Each customer


def test_few_orders_are_drawn_to_the_segment_and_many_are_not(given: Given) -> None:
    crowd = [(f"c{n}", at(n % 4, 5, 18), "sale", 1) for n in range(50)]
    own = [("own", at(week, 2, 8), "sale", 1) for week in range(12)]
    orders = given.orders([*crowd, *own, ("new", at(0, 2, 8), "sale", 1), (None, at(0, 3, 3), "sale", 1)])
    rows = {row["customer_id"]: row for row in given.run(orders, MONDAY + timedelta(weeks=13))[2]}
    assert len(rows) == 52
    assert (rows["new"]["best_weekday"], rows["new"]["best_hour"], rows["new"]["is_own_hour"]) == (5, 18, False)
    assert (rows["own"]["best_weekday"], rows["own"]["best_hour"], rows["own"]["is_own_weekday"]) == (2, 8, True)
    overall = 13 / 63
    prior = (13 + 5 * overall) / (63 + 5)
    assert rows["own"]["hour_share"] == pytest.approx((12 + 5 * prior) / 17)
    assert rows["own"]["own_weight"] == pytest.approx(12 / 17)
    assert rows["new"]["hour_share"] == pytest.approx(5 * (1 - prior) / 6)


def test_own_best_hours_are_those_of_a_naive_posterior(given: Given) -> None:
    dice = random.Random(9)
    rows: list[Order] = [
        (f"c{dice.randrange(12)}", at(dice.randrange(4), dice.randrange(1, 8), dice.choice([8, 12, 12, 19])), "sale", 1)
        for _ in range(80)
    ]
    segment = {f"c{n}": "odd" if n % 2 else "even" for n in range(11)}  # c11 is in none
    rfm = given.spark.createDataFrame(list(segment.items()), "customer_id string, segment string")
    found = given.run(given.orders(rows), MONDAY + timedelta(weeks=4), rfm=rfm, prior_orders=3.0)[2]
    for axis, values in (("weekday", range(1, 8)), ("hour", range(24))):
        everyone = Counter(on_axis(axis, w) for _, w, _, _ in rows)
        for row in found:
            name = segment.get(row["customer_id"], "all")
            group = Counter(on_axis(axis, w) for who, w, _, _ in rows if who and segment.get(who, "all") == name)
            own = Counter(on_axis(axis, w) for who, w, _, _ in rows if who == row["customer_id"])
            n_group, n_own = sum(group.values()), sum(own.values())
            pi = {v: (group[v] + 3 * everyone[v] / len(rows)) / (n_group + 3) for v in values}
            share = {v: round((own[v] + 3 * pi[v]) / (n_own + 3), 9) for v in values}
            best = min((-share[v], v) for v in values)[1]
            assert row["segment"] == name
            assert row[f"best_{axis}"] == best, (row, share)
            assert row[f"{axis}_share"] == pytest.approx(share[best], abs=1e-8)


def on_axis(axis: str, time: datetime) -> int:
    return time.isoweekday() if axis == "weekday" else time.hour


# What was planted


@dataclass(frozen=True)
class Planted:
    """TIMING_PEAKS and CUSTOMER_TIMING of a generated shop whose styles are told as segments, and the truth."""

    peaks: list[dict[str, Any]]
    customers: list[dict[str, Any]]
    truth: dict[tuple[str, int, int], float]
    styles: dict[str, str]


@pytest.fixture(scope="module")
def planted(given: Given, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    root, spark = tmp_path_factory.mktemp("shop"), given.spark
    writing.write(spark, World(100_000, seed=5, dirty=0), root)
    load = {name: writing.load(spark, root / name) for name in ("order_lines", "events", "products")}
    customers = writing.load(spark, root / "truth_customers").where("not is_follower")
    styles = customers.select("customer_id", F.col("style").alias("segment"))
    orders = build(understood(load["order_lines"], load["products"]), 0, given.storage.stage)
    found = given.run(orders, AS_OF, events=load["events"], products=load["products"], rfm=styles)
    truth = writing.load(spark, root / "truth_peaks").collect()
    return Planted(
        found[1],
        found[2],
        {(row["style"], row["weekday"], row["hour"]): row["share"] for row in truth},
        {row["customer_id"]: row["segment"] for row in styles.collect()},
    )


def test_the_peaks_of_each_style_are_found_and_no_others(planted: Planted) -> None:
    for style in {name for name, _, _ in planted.truth}:
        dimension = "all" if style == "all" else "segment"
        found = {
            (peak["weekday"], hour)
            for peak in planted.peaks
            if (peak["dimension"], peak["member"]) == (dimension, style)
            for hour in range(peak["from_hour"], peak["until_hour"])
        }
        times = {key[1:]: share * 168 for key, share in planted.truth.items() if key[0] == style}
        clear, none = {k for k, v in times.items() if v >= 2.5}, {k for k, v in times.items() if v < 1}
        assert len(clear) > 5
        assert len(clear & found) >= 0.95 * len(clear), (style, clear - found)
        assert not found & none, (style, found & none)


def test_sunday_night_is_special_to_all_and_as_high_as_planted(planted: Planted) -> None:
    (peak,) = [
        p
        for p in planted.peaks
        if p["dimension"] == "all" and p["weekday"] == 7 and p["from_hour"] <= 21 < p["until_hour"]
    ]
    assert peak["is_special"]
    hours = range(peak["from_hour"], peak["until_hour"])
    expected = sum(planted.truth["all", 7, hour] for hour in hours) * 168 / len(hours)
    assert peak["times_average"] == pytest.approx(expected, rel=0.15)


def test_customers_with_enough_orders_have_a_best_day_of_their_style(planted: Planted) -> None:
    known = [
        row
        for row in planted.customers
        if row["orders"] >= 8 and planted.styles.get(row["customer_id"]) in ("sunday night", "weekend family")
    ]
    good = {"sunday night": {7}, "weekend family": {6, 7}}
    assert len(known) > 100
    right = sum(row["best_weekday"] in good[planted.styles[row["customer_id"]]] for row in known)
    assert right > 0.97 * len(known)


# Dates without times


def test_a_shop_of_dates_is_told_of_days_and_never_of_midnight(given: Given) -> None:
    days = {(weekday, 0): 30 if weekday == 5 else 6 for weekday in range(1, 8)}
    orders = [
        (who, datetime.combine(when_.date(), datetime.min.time()), kind, money)
        for who, when_, kind, money in weeks_of(days, 12)
    ]
    week, peaks, own = given.run(given.orders(orders), MONDAY + timedelta(weeks=12))
    assert len([row for row in week if row["member"] == "all"]) == 7
    assert {row["hour"] for row in week} == {None}
    assert [(row["weekday"], row["from_hour"], row["finding"]) for row in peaks] == [
        (5, None, "Friday: 3.2 × the average day")
    ]
    assert peaks[0]["action"] == "Send offers on Thursday; have staff, stock and systems ready for Friday."
    assert {(row["best_hour"], row["hour_share"], row["is_own_hour"]) for row in own} == {(None, None, None)}
    assert {row["best_weekday"] for row in own} >= {5}


def test_a_few_orders_at_midnight_are_times_all_the_same(given: Given) -> None:
    orders = [*weeks_of(FLAT, 2), ("night", when("2024-01-03 00:00"), "sale", 1)]
    week, _, own = given.run(given.orders(orders), MONDAY + timedelta(weeks=2))
    assert {row["hour"] for row in week} == set(range(24))
    assert None not in {row["best_hour"] for row in own}
