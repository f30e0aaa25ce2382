"""What will be asked for and what to order: weeks, returns, stock, sums over categories, and inputs that are odd."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from scipy import stats
from staged import staged

from vitalfew.jobs.demand import choice
from vitalfew.jobs.demand.params import DemandParams
from vitalfew.jobs.demand.report import REPORT
from vitalfew.jobs.demand.tables import CATEGORY_DEMAND, DEMAND_EVALUATION, PRODUCT_DEMAND, PURCHASE_PLAN
from vitalfew.jobs.demand.transform import demand
from vitalfew.jobs.demand.weekly_units import calendar, demands, stock_outs, weekly_units
from vitalfew.messages.words import Words
from vitalfew.report.sections import Asked
from vitalfew.tables import Table
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.sources import PRODUCTS, STOCK

AS_OF = date(2025, 6, 30)
TABLES = (PRODUCT_DEMAND, CATEGORY_DEMAND, DEMAND_EVALUATION, PURCHASE_PLAN)
Row = dict[str, Any]
Sold = tuple[date, str, Mapping[str, float]]
"""A day, a kind of order, and units by product; a price of 2 each."""


def params(**given: Any) -> DemandParams:
    return DemandParams.model_validate_json(json.dumps(given))


def local(spark: SparkSession, table: Table, rows: Iterable[Row]) -> DataFrame:
    types = ", ".join(f"{column.name} {column.type}" for column in table.declared)
    return spark.createDataFrame([tuple(row.get(name) for name in table.columns) for row in rows], types)


def orders(
    spark: SparkSession, sold: Iterable[Sold], returned: Mapping[int, Mapping[str, float]] | None = None
) -> DataFrame:
    rows = []
    for number, (day, kind, units) in enumerate(sold):
        names = sorted(units)
        back = (returned or {}).get(number)
        rows.append(
            {
                "order_id": f"o{number}",
                "ordered_on": day,
                "kind": kind,
                "product_ids": names,
                "product_pieces": [Decimal(str(units[name])) for name in names],
                "product_amounts": [Decimal(str(units[name] * 2)) for name in names],
                "returned_ids": sorted(back) if back else None,
                "returned_pieces": [Decimal(str(back[name])) for name in sorted(back)] if back else None,
                "returned_amounts": [Decimal(str(back[name] * 2)) for name in sorted(back)] if back else None,
            }
        )
    return local(spark, ORDERS, rows)


def before(days: int) -> date:
    return AS_OF - timedelta(days=days)


def every_day(units: Mapping[str, float], days: int = 140) -> list[Sold]:
    return [(before(number), "sale", units) for number in range(days, 0, -1)]


def computed(
    spark: SparkSession, made: DataFrame, products: Iterable[Row] = (), stock: Iterable[Row] = (), **given: Any
) -> tuple[dict[Any, Row], ...]:
    """The four tables by their keys; every row holds to its contract."""
    frames = made, local(spark, PRODUCTS, products), local(spark, STOCK, stock)
    found = demand(*frames, params=params(**given), as_of=AS_OF, stage=staged)
    return tuple(by_key(frame, table) for frame, table in zip(found, TABLES, strict=True))


def by_key(found: DataFrame, table: Table) -> dict[Any, Row]:
    assert ["as_of", *found.columns] == list(table.columns)
    rows = [row.asDict() for row in found.collect()]
    broken = found.where(" or ".join(f"not coalesce(({rule}), false)" for rule in table.always)).collect()
    assert broken == []
    keys = [tuple(row[name] for name in table.key if name != "as_of") for row in rows]
    assert len({*keys}) == len(keys)
    for row in rows:
        assert all(row[name] is not None for name in table.required if name != "as_of"), row
        assert all(row[name] in values for name, values in table.values.items())
        assert all(np.isfinite(value) for value in row.values() if isinstance(value, float)), row
    return {key[0] if len(key) == 1 else key: row for key, row in zip(keys, rows, strict=True)}


def random_shop(spark: SparkSession) -> DataFrame:
    """A year of 36 products in three categories: steady, rare and uneven ones."""
    random = np.random.default_rng(7)
    sold = []
    for day in range(370, 0, -1):
        units = {}
        for number in range(36):
            rate = (3.0, 0.6, 0.08)[number % 3]
            if (count := int(random.negative_binomial(2, 2 / (2 + rate)))) > 0:
                units[f"p{number}"] = float(count)
        sold.append((before(day), "sale", units))
    return orders(spark, sold)


@pytest.fixture(scope="module")
def found(spark: SparkSession) -> dict[str, DataFrame]:
    """The four tables of the random shop, and its products, by name."""
    products = local(spark, PRODUCTS, catalogue())
    given = params(min_forecasts=20)
    made = demand(random_shop(spark), products, local(spark, STOCK, []), params=given, as_of=AS_OF, stage=staged)
    return {table.name: staged(frame) for table, frame in zip(TABLES, made, strict=True)} | {"products": products}


def catalogue() -> list[Row]:
    return [{"product_id": f"p{number}", "category": f"c{number % 2}" if number % 5 else None} for number in range(36)]


@pytest.mark.both_engines
def test_steady_sales_are_expected_to_go_on(spark: SparkSession) -> None:
    products, categories, evaluation, plan = computed(
        spark, orders(spark, every_day({"tea": 2, "cup": 1})), [{"product_id": "tea", "category": "hot"}]
    )
    assert [products["tea", week]["units"] for week in (1, 2, 3, 4)] == [14.0] * 4
    assert products["tea", 4]["total_units"] == 56.0
    assert products["tea", 2]["starts_on"] == date(2025, 7, 7)
    assert products["tea", 1]["demand_class"] == "smooth"
    assert {key[0] for key in categories} == {"hot"}
    assert categories["hot", 1]["units"] == 14.0
    assert evaluation["smooth", "mean_13", "weeks", 4]["is_chosen"], "nothing is better than it"
    assert plan["tea"]["why"] == "no_stock_table"
    assert plan["tea"]["quantity"] == plan["tea"]["order_up_to"] >= 56


def test_returns_lower_demand_and_never_below_zero(spark: SparkSession) -> None:
    sold: list[Sold] = [
        (before(20), "sale", {"tea": 5, "cup": 1}),
        (before(19), "return", {"tea": -2, "cup": -9}),
        (before(12), "cancelled", {"tea": 50}),
        (before(11), "charge", {"post": 1}),
        (before(10), "sale", {"tea": 1}),
        (before(1), "sale", {"tea": 4}),
    ]
    made = orders(spark, sold, {5: {"cup": -1}})
    weeks = calendar(made, AS_OF, params())
    assert (weeks.start, weeks.weeks, weeks.end) == (before(14), 2, AS_OF), "the first week is cut short: left out"
    longer = orders(spark, [(before(21), "sale", {"pot": 1}), *sold], {6: {"cup": -1}})
    weeks = calendar(longer, AS_OF, params())
    weekly = weekly_units(longer, local(spark, PRODUCTS, []), weeks, params())
    found = {(row["product_id"], row["week"]): row["units"] for row in weekly.collect()}
    assert found == {("pot", 1): 1, ("tea", 1): 3, ("cup", 1): -8, ("tea", 2): 1, ("tea", 3): 4, ("cup", 3): -1}
    assert {row["series"] for row in demands(weekly, nothing_gone(spark)).collect()} == {"pot", "tea"}


def nothing_gone(spark: SparkSession) -> DataFrame:
    return spark.createDataFrame([], "product_id string, gone array<int>")


def test_a_last_day_that_is_cut_short_is_left_out(spark: SparkSession) -> None:
    busy = [(before(day), "sale", {"tea": 1.0}) for day in range(30, 1, -1) for _ in range(8)]
    cut = orders(spark, [*busy, (before(1), "sale", {"tea": 1.0})])
    assert calendar(cut, AS_OF, params()).end == before(1)
    whole = orders(spark, [*busy, *[(before(1), "sale", {"tea": 1.0})] * 8])
    assert calendar(whole, AS_OF, params()).end == AS_OF


def test_what_comes_later_is_not_seen_and_what_is_excluded_is_left_out(spark: SparkSession) -> None:
    made = [*every_day({"tea": 1, "petrol": 900, "bag": 1}), (AS_OF, "sale", {"tea": 500.0})]
    catalogue = [{"product_id": "petrol", "department": "FUEL"}, {"product_id": "tea"}]
    stock = [{"product_id": "tea", "day": AS_OF, "on_hand": Decimal(900)}]
    excluded = {"exclude_where": {"department": ["FUEL"]}, "exclude_products": ["bag"]}
    products, _, _, plan = computed(spark, orders(spark, made), catalogue, stock, **excluded)
    assert {key[0] for key in products} == {"tea"}
    assert products["tea", 1]["units"] == 7.0
    assert plan["tea"]["counted_on"] is None


def test_weeks_in_which_a_product_was_out_of_stock_are_no_weeks_without_demand(spark: SparkSession) -> None:
    gone = range(36, 64)
    sold = [(before(day), "sale", {"cup": 1.0} | ({} if day in gone else {"tea": 1.0})) for day in range(140, 0, -1)]
    stock = [
        {"product_id": name, "day": before(day), "on_hand": Decimal(0 if day in gone and name == "tea" else 9)}
        for day in range(140, 0, -1)
        for name in ("tea", "cup")
    ]
    known, _, _, _ = computed(spark, orders(spark, sold), stock=stock)
    assert known["tea", 1]["units"] == 7.0
    assert known["tea", 1]["weeks_seen"] == 16 == known["tea", 1]["weeks_with_demand"]
    weeks = calendar(orders(spark, sold), AS_OF, params())
    weekly = weekly_units(orders(spark, sold), local(spark, PRODUCTS, []), weeks, params())
    assert [row["gone"] for row in stock_outs(local(spark, STOCK, stock), weekly, weeks).collect()] == [
        [12, 13, 14, 15]
    ]


STOCK_ROWS: dict[str, Row] = {
    "plain": {"on_hand": 3, "lead_time_days": 7},
    "packs": {"on_hand": 3, "lead_time_days": 7, "pack_size": 24},
    "minimum": {"on_hand": 40, "lead_time_days": 7, "minimum_order": 200},
    "both": {"on_hand": 40, "lead_time_days": 7, "minimum_order": 200, "pack_size": 24},
    "coming": {"on_hand": 3, "on_order": 900, "lead_time_days": 7},
    "odd": {"on_hand": -5, "on_order": -3, "lead_time_days": -2, "pack_size": 0, "minimum_order": -1},
    "fresh": {"on_hand": 0, "lead_time_days": 0, "shelf_life_days": 3},
    "huge": {"on_hand": 0, "lead_time_days": 2_000_000, "pack_size": 999_999_999},
}


def test_orders_are_whole_packs_of_what_is_missing_until_the_next_delivery(spark: SparkSession) -> None:
    sold = every_day({**dict.fromkeys(STOCK_ROWS, 2.0), "uncounted": 2.0})
    numbers = ("on_hand", "on_order", "pack_size", "minimum_order")
    stock = [
        {"product_id": name, "day": before(1)}
        | {key: Decimal(value) if key in numbers else value for key, value in row.items()}
        for name, row in STOCK_ROWS.items()
    ]
    stock.append({"product_id": "plain", "day": before(2), "on_hand": Decimal(999)})
    _, _, _, plan = computed(spark, orders(spark, sold), stock=stock, review_days=28)
    plain = plan["plain"]
    assert (plain["cover_days"], plain["expected_units"], plain["why"]) == (35, 70.0, "order")
    assert plain["critical_ratio"] == pytest.approx(0.3 / (0.3 + 0.7 * 0.25 * 35 / 365), abs=1e-5)
    assert plain["quantity"] == plain["order_up_to"] - 3
    missing = plain["quantity"]
    assert plan["packs"]["quantity"] == -(-missing // 24) * 24
    assert (plan["minimum"]["quantity"], plan["minimum"]["why"]) == (200, "minimum")
    assert plan["both"]["quantity"] == 216
    assert (plan["coming"]["quantity"], plan["coming"]["why"]) == (0, "enough")
    assert (plan["odd"]["quantity"], plan["odd"]["why"]) == (plan["odd"]["order_up_to"], "negative_stock")
    assert (plan["odd"]["on_hand"], plan["odd"]["lead_time_days"]) == (-5.0, 7), "that of the settings"
    assert (plan["fresh"]["cover_days"], plan["fresh"]["why"]) == (3, "shelf_life")
    assert plan["fresh"]["critical_ratio"] == pytest.approx(0.3)
    assert (plan["huge"]["quantity"], plan["huge"]["why"]) == (0, "not_worth")
    assert (plan["uncounted"]["why"], plan["uncounted"]["cover_days"]) == ("not_counted", 28)
    assert all(row["expected_cost"] <= row["cost_of_nothing"] for row in plan.values())
    assert plan["plain"]["expected_cost"] < plan["plain"]["cost_of_nothing"]


def test_the_expected_cost_is_that_of_trying_every_demand(found: dict[str, DataFrame]) -> None:
    products, _, evaluation, plan = (by_key(found[table.name], table) for table in TABLES)
    widening = {key[0]: row["widening"] for key, row in evaluation.items() if key[2] == "sum" and row["is_chosen"]}
    checked = 0
    for name, row in plan.items():
        ahead = products[name, 4]
        if row["why"] != "no_stock_table" or ahead["demand_class"] not in widening:
            continue
        mean, spread = ahead["total_units"], ahead["dispersion"] / 4
        variance = widening[ahead["demand_class"]] * (mean + spread * mean**2)
        count = stats.nbinom(mean**2 / (variance - mean), mean / variance)
        assert row["order_up_to"] == count.ppf(row["critical_ratio"])
        assert (ahead["total_low"], ahead["total_high"]) == (count.ppf(0.1), count.ppf(0.9))
        demanded = np.arange(3000)
        left = row["quantity"] - demanded
        costs = np.where(left > 0, row["unit_excess_cost"] * left, -row["unit_margin"] * left)
        assert row["expected_cost"] == pytest.approx((count.pmf(demanded) * costs).sum(), rel=1e-4)
        checked += 1
    assert checked > 20


def test_products_add_up_to_their_categories_and_past_forecasts_are_measured(found: dict[str, DataFrame]) -> None:
    products, categories, evaluation, _ = (by_key(found[table.name], table) for table in TABLES)
    sums: dict[tuple[str, int], float] = defaultdict(float)
    for (name, week), row in products.items():
        category = next(each["category"] for each in catalogue() if each["product_id"] == name)
        if category:
            sums[category, week] += row["units"]
    assert {key: row["units"] for key, row in categories.items()} == pytest.approx(dict(sums), abs=1e-5)
    chosen = [key for key, row in evaluation.items() if row["is_chosen"] and key[2] == "weeks" and key[0] != "category"]
    assert len({key[0] for key in chosen}) == len(chosen) > 1
    for name, method, _, _ in chosen:
        errors = {key[1]: row["rmsse"] for key, row in evaluation.items() if key[0] == name and key[2] == "weeks"}
        assert method == "mean_13" or errors[method] <= errors["mean_13"] * 0.995
    together = [row for key, row in evaluation.items() if row["is_chosen"] and key[2] == "sum" and key[0] == "smooth"]
    assert 0.7 < together[0]["newer_coverage"] <= 1
    assert together[0]["widened_coverage"] >= 0.8
    everything = evaluation["all", "mean_13", "weeks", 4]
    parts = [row for key, row in evaluation.items() if key[1:] == ("mean_13", "weeks", 4) and key[0] != "all"]
    assert everything["forecasts"] == sum(row["forecasts"] for row in parts)


def test_after_three_years_the_same_week_a_year_ago_is_tried_and_used_where_it_is_best(spark: SparkSession) -> None:
    sold: list[Sold] = []
    for week in range(160, 0, -1):
        level = 2 + (60 if week % 52 in range(10, 18) else 0) + (week * 7) % 3
        sold.append((before(week * 7), "sale", {f"p{number}": float(level + number) for number in range(8)}))
    products, _, evaluation, _ = computed(spark, orders(spark, sold), min_forecasts=50, backtest_origins=6)
    assert (
        evaluation["all", "seasonal_naive", "weeks", 4]["rmsse"] < evaluation["all", "mean_13", "weeks", 4]["rmsse"] / 2
    )
    assert {row["method"] for row in products.values()} == {"seasonal_naive"}
    actual = {week: next(units["p0"] for day, _, units in sold if day == before((53 - week) * 7)) for week in (1, 4)}
    assert {week: products["p0", week]["units"] for week in (1, 4)} == actual
    assert products["p0", 4]["total_units"] == sum(products["p0", week]["units"] for week in (1, 2, 3, 4))


def test_no_method_is_chosen_that_is_not_better_by_enough() -> None:
    def sums(error: float, forecasts: float = 500) -> dict[str, float]:
        return {"weight": 1.0, "scaled": error, "forecasts": forecasts}

    def best(**errors: Any) -> str:
        judged = {("lumpy", name, "weeks", 4): each for name, each in errors.items()}
        return choice.best(judged, "lumpy", params())

    assert best(mean_13=sums(1.0), ses_20=sums(0.99)) == "ses_20"
    assert best(mean_13=sums(1.0), ses_20=sums(0.996)) == "mean_13"
    assert best(mean_13=sums(1.0), ses_20=sums(0.9), tsb_20=sums(0.9)) == "ses_20", "ties go to the simpler one"
    assert best(mean_13=sums(1.0), zero=sums(0.1), naive=sums(0.1)) == "mean_13", "these are references"
    assert best(mean_13=sums(1.0, 99), ses_20=sums(0.5)) == "mean_13", "too few forecasts"
    assert best(ses_20=sums(0.5)) == "mean_13"


def test_hostile_shops_give_no_error_and_no_nonsense(spark: SparkSession) -> None:
    one_day: list[Sold] = [(before(1), "sale", {"tea": 3.0})]
    returns: list[Sold] = [(before(day), "return", {"tea": -1.0}) for day in range(60, 0, -1)]
    assert [len(each) for each in computed(spark, orders(spark, []))] == [0, 0, 0, 0]
    assert [len(each) for each in computed(spark, orders(spark, returns))] == [0, 0, 0, 0]
    assert [len(each) for each in computed(spark, orders(spark, one_day))] == [0, 0, 0, 0], "no whole week"
    week = every_day({"tea": 3.0}, 7)
    products, _, evaluation, plan = computed(spark, orders(spark, week))
    assert products["tea", 1]["method"] == "mean_13"
    assert not evaluation
    assert (plan["tea"]["why"], plan["tea"]["quantity"]) == ("too_few", 0)
    once = [*every_day({"cup": 1.0}), (before(50), "sale", {"tea": 5.0}), (before(90), "sale", {"pot": 1.0, "no": 0.0})]
    products, _, _, plan = computed(spark, orders(spark, once), active_weeks=10)
    assert {key[0] for key in products} == {"cup", "tea"}
    assert (products["tea", 1]["demand_class"], plan["tea"]["quantity"]) == ("too_few", 0)


def test_costs_of_order_lines_replace_the_assumed_margin(spark: SparkSession) -> None:
    rows = []
    for number, (day, _, _) in enumerate(every_day({"tea": 1}, 56)):
        pieces = [Decimal(2), Decimal(2), Decimal(2)]
        amounts = [Decimal(4), Decimal(4), Decimal(0)]
        row = {"order_id": f"o{number}", "ordered_on": day, "kind": "sale", "product_ids": ["cup", "loss", "zero"]}
        costs = [Decimal(1), Decimal(9), None]
        rows.append({**row, "product_pieces": pieces, "product_amounts": amounts, "product_costs": costs})
    _, _, _, plan = computed(spark, local(spark, ORDERS, rows))
    assert (plan["cup"]["price"], plan["cup"]["unit_margin"], plan["cup"]["is_margin_assumed"]) == (2.0, 1.5, False)
    assert plan["loss"]["is_margin_assumed"], "sold below cost: nothing can be concluded from that"
    assert (plan["zero"]["price"], plan["zero"]["expected_cost"]) == (None, None)
    assert plan["zero"]["quantity"] > 0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_says_what_to_order_and_how_sure_it_is(
    spark: SparkSession, found: dict[str, DataFrame], language: str
) -> None:
    words = Words(language, "EUR")
    asked = Asked(None, AS_OF, words)
    (section,) = REPORT.sections(found, asked)
    said = " ".join(line.text.text(words) for line in section.facts if not isinstance(line.text, str))
    assert "stock" in said
    assert ("in the next 4 weeks" if language == "en" else "未来 4 周") in said
    (evidence,) = REPORT.evidence(found, asked)
    assert [chart.code for chart in evidence.charts] == ["orders", "categories", "checks"]
    assert all(chart.rows for chart in evidence.charts)
    nothing = {table.name: local(spark, table, []) for table in TABLES} | {"products": found["products"]}
    assert REPORT.evidence(nothing, asked) == []
    assert REPORT.sections(nothing, asked)[0].facts == []
