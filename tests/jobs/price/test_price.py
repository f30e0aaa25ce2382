"""Prices: planted elasticities come back from orders, sums are those of naive counts, and odd inputs are answered."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

import numpy as np
import pytest
from planted_prices import planted
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import Row as SparkRow
from staged import staged

from vitalfew.domain.whole_weeks import whole_weeks
from vitalfew.jobs.price.params import PriceParams
from vitalfew.jobs.price.report import REPORT, said_of
from vitalfew.jobs.price.tables import CATEGORY_ELASTICITY, DISCOUNT_COST, PRICE_WILLINGNESS, PRODUCT_ELASTICITY
from vitalfew.jobs.price.transform import price
from vitalfew.jobs.price.weekly_prices import price_weeks, sold
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.messages.message import Message
from vitalfew.messages.words import ENGLISH, Words
from vitalfew.report.sections import Asked
from vitalfew.tables import Table
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.sources import PRODUCTS

AS_OF = date(2025, 12, 29)
WEEKS = 104
START = AS_OF - timedelta(days=7 * WEEKS)
TABLES = (PRODUCT_ELASTICITY, CATEGORY_ELASTICITY, PRICE_WILLINGNESS, DISCOUNT_COST)
Row = dict[str, Any]
FEW: Row = {"min_weeks": 12, "min_price_changes": 3, "block_weeks": 6}
Item = tuple[str, float, float]
"""A product, pieces and the money for all of them."""
Made = dict[str, list[Row]]


def params(**given: Any) -> PriceParams:
    return PriceParams.model_validate_json(json.dumps(given))


def local(spark: SparkSession, table: Table, rows: Iterable[Row]) -> DataFrame:
    types = ", ".join(f"{column.name} {column.type}" for column in table.declared)
    return spark.createDataFrame([tuple(row.get(name) for name in table.columns) for row in rows], types)


def order(number: int, who: str | None, day: date, items: Sequence[Item], kind: str = "sale") -> Row:
    return {
        "order_id": f"o{number}",
        "customer_id": who,
        "ordered_on": day,
        "kind": kind,
        "product_ids": [name for name, _, _ in items],
        "product_pieces": [Decimal(str(pieces)) for _, pieces, _ in items],
        "product_amounts": [Decimal(str(round(money, 2))) for _, _, money in items],
    }


def computed(
    spark: SparkSession,
    orders: Iterable[Row],
    products: Iterable[Row] = (),
    segments: Iterable[tuple[str, str]] = (),
    as_of: date = AS_OF,
    **given: Any,
) -> Made:
    """The four tables; every row holds to its contract."""
    known = [{"customer_id": who, "segment": name} for who, name in segments]
    frames = local(spark, ORDERS, orders), local(spark, PRODUCTS, products), local(spark, RFM, known)
    found = price(*frames, params=params(**given), as_of=as_of, stage=staged)
    return {table.name: rows_of(frame, table) for frame, table in zip(found, TABLES, strict=True)}


def rows_of(frame: DataFrame, table: Table) -> list[Row]:
    assert ["as_of", *frame.columns] == list(table.columns)
    rows = [row.asDict() for row in frame.collect()]
    assert frame.where(" or ".join(f"not coalesce(({rule}), false)" for rule in table.always)).collect() == []
    keys = [tuple(row[name] for name in table.key if name != "as_of") for row in rows]
    assert len({*keys}) == len(keys)
    for row in rows:
        assert all(row[name] is not None for name in table.required if name != "as_of"), row
        assert all(row[name] in values for name, values in table.values.items()), row
        assert all(np.isfinite(value) for value in row.values() if isinstance(value, float)), row
    return rows


@pytest.fixture(scope="module")
def shop() -> tuple[dict[str, float], list[Row]]:
    """Eight products for two years: their true elasticities, and orders of one to four pieces of 60 customers.

    Customers b0 … b19 buy what is at a discount whenever something is; the others do not look.
    """
    made = planted(1, products=8)
    random = np.random.default_rng(3)
    orders: list[Row] = []
    for line in made.rows.to_pylist():
        left, day = int(line["units"]), START + timedelta(days=7 * (line["week"] - 1))
        is_cut = line["price"] < 0.95 * line["usual"]
        while left > 0:
            pieces = min(left, int(random.integers(1, 5)))
            left -= pieces
            waits = random.random() < (0.5 if is_cut else 0.2)
            who = f"b{random.integers(20)}" if waits else f"c{random.integers(40)}"
            item = (line["product_id"], pieces, line["price"] * pieces)
            orders.append(order(len(orders), who, day + timedelta(days=int(random.integers(7))), [item]))
    orders.append(order(len(orders), None, START, [("p00", 1, 0.0)]))
    orders.append(order(len(orders), "c1", AS_OF - timedelta(days=1), [("p00", -2, -9.0)], "return"))
    return made.truth, orders


CATALOGUE = [{"product_id": f"p{number:02}", "name": f"Product {number}", "category": "food"} for number in range(8)]
SEGMENTS = [*((f"b{n}", "Bargain") for n in range(20)), *((f"c{n}", "Others") for n in range(40))]


@pytest.fixture(scope="module")
def found(shop: tuple[dict[str, float], list[Row]], spark: SparkSession) -> Made:
    return computed(spark, shop[1], CATALOGUE, SEGMENTS)


@pytest.mark.both_engines
def test_planted_elasticities_come_back_from_orders(shop: tuple[dict[str, float], list[Row]], found: Made) -> None:
    truth, rows = shop[0], found["product_elasticity"]
    assert len(rows) >= 6
    published = [row for row in rows if row["elasticity"] is not None]
    held = [row["elasticity_low"] <= truth[row["product_id"]] <= row["elasticity_high"] for row in published]
    assert len(held) >= 5
    assert sum(held) >= 0.8 * len(held)
    assert all(truth[row["product_id"]] < -1 for row in rows if row["verdict"] == "elastic")
    total, food = found["category_elasticity"]
    assert (total["products"], total["weeks"], food["category"]) == (8, WEEKS, "food")
    assert food["elasticity_low"] <= np.mean([*truth.values()]) <= food["elasticity_high"]
    assert {row["compared_with"] for row in rows} == {"category"}


def test_who_waits_for_discounts_is_told_from_who_does_not(found: Made) -> None:
    standing = {row["customer_group"]: row for row in found["price_willingness"]}
    assert standing["Bargain"]["standing"] == "bargain"
    assert standing["Others"]["standing"] == "full_price"
    assert standing["Bargain"]["customers"] == 20
    assert standing["Bargain"]["paid_share"] < standing["Others"]["paid_share"]


def test_shares_of_groups_are_those_of_a_naive_count(shop: tuple[dict[str, float], list[Row]], found: Made) -> None:
    lines = [
        (row["customer_id"], (row["ordered_on"] - START).days // 7 + 1, name, round(float(money / pieces) * 100))
        for row in shop[1]
        for name, pieces, money in zip(row["product_ids"], row["product_pieces"], row["product_amounts"], strict=True)
        if row["kind"] == "sale" and money > 0
    ]
    paid: dict[tuple[str, int], list[int]] = defaultdict(list)
    for _, week, name, cents in lines:
        paid[name, week].append(cents)
    of_week = {key: sorted(each)[(len(each) - 1) // 2] for key, each in paid.items()}
    usual = {}
    for name, week in of_week:
        same = [c for (p, w), c in of_week.items() if p == name and (WEEKS - w) // 13 == (WEEKS - week) // 13]
        usual[name, week] = sorted(same)[len(same) // 2]
    cut = {key for key, cents in of_week.items() if cents <= 0.95 * usual[key]}
    share = {
        product: sum(len(paid[key]) for key in paid if key[0] == product and key in cut)
        / sum(len(paid[key]) for key in paid if key[0] == product)
        for product in {key[0] for key in paid}
    }
    for row in found["price_willingness"]:
        mine = [line for line in lines if line[0][0] == row["customer_group"][0].lower().replace("o", "c")]
        assert row["purchases"] == len(mine)
        assert row["discount_share"] == pytest.approx(np.mean([(name, week) in cut for _, week, name, _ in mine]))
        assert row["expected_share"] == pytest.approx(np.mean([share[name] for _, _, name, _ in mine]), abs=1e-5)
        ratios = [cents / usual[name, week] for _, week, name, cents in mine]
        assert row["paid_share"] == pytest.approx(np.mean(ratios), abs=1e-5)
        of_customer: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for who, week, name, _ in mine:
            of_customer[who][0] += ((name, week) in cut) - share[name]
            of_customer[who][1] += 1
        n = len(of_customer)
        off = sum((excess - row["difference"] * size) ** 2 for excess, size in of_customer.values())
        error = (off * n / (n - 1)) ** 0.5 / len(mine)
        assert row["difference_high"] - row["difference"] == pytest.approx(1.959964 * error, rel=1e-3)


def test_discounts_cost_what_the_elasticity_says(shop: tuple[dict[str, float], list[Row]], found: Made) -> None:
    elasticity = {row["product_id"]: row for row in found["product_elasticity"]}
    assert len(found["discount_cost"]) >= 5
    for row in found["discount_cost"]:
        own = elasticity[row["product_id"]]
        assert own["elasticity"] is not None
        by_week: dict[int, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
        for each in shop[1]:
            if each["product_ids"] == [row["product_id"]] and each["kind"] == "sale" and each["product_amounts"][0] > 0:
                week = (each["ordered_on"] - START).days // 7
                of_piece = round(float(each["product_amounts"][0] / each["product_pieces"][0]) * 100)
                by_week[week][0].append(of_piece)
                by_week[week][1].append(float(each["product_pieces"][0]))
        of_week = {week: (median(cents), sum(pieces)) for week, (cents, pieces) in by_week.items()}
        cost = given = units = 0.0
        for week, (cents, pieces) in of_week.items():
            block = sorted(c for w, (c, _) in of_week.items() if (WEEKS - 1 - w) // 13 == (WEEKS - 1 - week) // 13)
            usual = block[len(block) // 2]
            if cents <= 0.95 * usual:
                units += pieces
                given += pieces * (usual - cents) / 100
                cost += pieces * min((cents / usual) ** -own["elasticity"], 1) * (usual - cents) / 100
        assert row["units"] == pytest.approx(units)
        assert float(row["discount"]) == pytest.approx(given, abs=0.02)
        assert float(row["anyway_cost"]) == pytest.approx(cost, abs=0.02)


def test_the_page_says_it_in_both_languages(found: Made, spark: SparkSession) -> None:
    frames = {
        table.name: local(spark, table, [{"as_of": AS_OF, **row} for row in found[table.name]]) for table in TABLES
    }
    frames |= {"products": local(spark, PRODUCTS, CATALOGUE)}
    for words in (ENGLISH, Words("zh", "CNY")):
        asked = Asked(None, AS_OF, words, min_group=5)
        (section,) = REPORT.sections(frames, asked)
        said = [line.text.text(words) for line in section.facts if isinstance(line.text, Message)]
        (drawn,) = REPORT.evidence(frames, asked)
        assert [chart.code for chart in drawn.charts] == ["elasticities", "products", "willingness", "discounts"]
        assert ("elastic" if words.language == "en" else "富有弹性") in drawn.answer.text(words)
        assert any(each.startswith("20 customers: " if words.language == "en" else "20 位会员：") for each in said)
        assert "Bargain" in [line.label for line in section.facts]
        assert any(("observed, not tried" if words.language == "en" else "不是试验") in each for each in said)
    (section,) = REPORT.sections(frames, Asked(None, AS_OF, min_group=30))
    assert "Bargain" not in [line.label for line in section.facts]


def every_week(cents: Sequence[int], product: str = "tea", units: int = 3, who: str = "ann") -> list[Row]:
    """One order a week of one product, its price by week, ending the day before AS_OF; and one a day before each."""
    first = AS_OF - timedelta(days=7 * len(cents))
    return [
        order(7 * number + day, who, first + timedelta(days=7 * number + day), [(product, units, units * each / 100)])
        for number, each in enumerate(cents)
        for day in range(7)
    ]


def page(made: Made, spark: SparkSession, words: Words = ENGLISH) -> list[str]:
    frames = {
        table.name: local(spark, table, [{"as_of": AS_OF, **row} for row in made[table.name]]) for table in TABLES
    }
    (section,) = REPORT.sections(frames, Asked(None, AS_OF, words))
    return [line.text.text(words) for line in section.facts if isinstance(line.text, Message)]


def test_without_price_changes_there_is_one_sentence_that_says_why(spark: SparkSession) -> None:
    nothing = computed(spark, [])
    assert page(nothing, spark) == ["the history has 0 whole weeks: too few to compare prices"]
    short = computed(spark, every_week([500] * 4))
    assert page(short, spark) == ["the history has 4 whole weeks: too few to compare prices"]
    flat = computed(spark, every_week([500] * 14), **FEW)
    assert [row["no_change"] for row in flat["category_elasticity"]] == [1]
    assert page(flat, spark)[0].startswith("of 1 product sold, none has enough price changes: 1 never changed")
    assert page(flat, spark, Words("zh"))[0].startswith("售出的 1 种商品中")
    free = computed(spark, every_week([0] * 14), **FEW)
    assert page(free, spark) == ["no product was sold at a price: nothing can be said of prices"]
    assert not any(
        made[name] for made in (nothing, short, flat, free) for name in ("product_elasticity", "discount_cost")
    )


def test_one_product_and_one_customer_are_answered(spark: SparkSession) -> None:
    """Nothing else is sold that would tell the season; one customer has no interval; a day far away sees nothing."""
    made = computed(spark, every_week([500, 450] * 8), **FEW)
    (row,) = made["product_elasticity"]
    assert (row["verdict"], row["reason"], row["compared_with"]) == ("cannot_tell", "no_variation", "shop")
    assert made["price_willingness"] == [], "a group of one is in no table"
    (group,) = computed(spark, every_week([500, 450] * 8), min_group=1, **FEW)["price_willingness"]
    assert (group["grouping"], group["customers"], group["difference_low"]) == ("spend", 1, None)
    assert group["standing"] == "as_others"
    (total,) = computed(spark, every_week([500, 450] * 8), as_of=date.max, **FEW)["category_elasticity"]
    assert total["reason"] == "too_short"


def test_measured_goods_mixed_prices_and_nobody_known(spark: SparkSession) -> None:
    ham = every_week([500, 450] * 8, "ham")
    fuel = [{**row, "order_id": f"f{n}", "product_ids": ["fuel"]} for n, row in enumerate(ham)]
    split = [
        order(9000 + 2 * n + side, None, row["ordered_on"], [("cup", 1, 5.0 - 2 * side - n // 7 % 2)])
        for n, row in enumerate(ham)
        for side in (0, 1)
    ]
    unknown = [{**row, "customer_id": None} for row in [*ham, *fuel]]
    made = computed(spark, [*unknown, *split], [{"product_id": "fuel", "unit": "litre"}], **FEW)
    (total,) = made["category_elasticity"]
    assert (total["products"], total["mixed"], total["judged"]) == (2, 1, 1)
    assert made["price_willingness"] == []


def test_where_more_pieces_cost_less_each_nothing_is_said_of_the_price(spark: SparkSession) -> None:
    """A case of twelve costs 3.60 a piece, one bottle 5.00 or 4.50; the same with single bottles at 3.60 is another story."""
    single = every_week([500, 450] * 8, "wine", 1)
    for pieces, fate in ((12, "by_quantity"), (1, "judged")):
        cases = [
            order(9000 + n, "bob", row["ordered_on"], [("wine", pieces, 3.6 * pieces)])
            for n, row in enumerate(single)
            if n % 7 == 3
        ]
        (total,) = computed(spark, [*single, *cases], **FEW)["category_elasticity"]
        assert total[fate] == 1


def test_a_change_of_buyers_is_no_change_of_the_price(spark: SparkSession) -> None:
    """Two branches, one of them always cheaper by 4 %, and busy in some weeks; or a wholesaler once in a while."""
    random = np.random.default_rng(2)
    rows: dict[str, list[Row]] = {"branches": [], "wholesale": []}
    for week in range(30):
        monday = AS_OF - timedelta(days=7 * (30 - week))
        cheap = (2, 12)[week % 3 == 0]
        for kind, prices in {
            "branches": [(1, 5.0)] * 6 + [(1, 4.8)] * cheap,
            "wholesale": [(60, 4.0)] if week % 5 == 2 else [(int(random.integers(1, 3)), 5.0)] * 2,
        }.items():
            rows[kind] += [
                order(
                    1000 * week + number, "ann", monday + timedelta(days=number % 7), [("tea", pieces, pieces * each)]
                )
                for number, (pieces, each) in enumerate(prices)
            ]
    for kind, fate in {"branches": "mixed", "wholesale": "by_quantity"}.items():
        (total,) = computed(spark, rows[kind])["category_elasticity"]
        assert total[fate] == 1, kind


def test_sums_of_money_beyond_whole_numbers_are_answered(spark: SparkSession) -> None:
    """Tea for the largest amounts an order holds, by the piece and by the thousandth of one."""
    rows = [
        {
            **order(100 * week + number, f"c{number}", AS_OF - timedelta(days=7 * (14 - week) - number), []),
            "product_ids": ["tea", "dust"],
            "product_pieces": [Decimal(1), Decimal("0.001")],
            "product_amounts": [Decimal(9 - week % 2) * 10**15, Decimal(9 + week % 2) * 10**14],
        }
        for week in range(14)
        for number in range(7)
    ]
    made = computed(spark, rows, min_group=1, **FEW)
    (total,) = made["category_elasticity"]
    assert (total["products"], total["judged"] + total["no_change"]) == (2, 2)
    (group, *_) = made["price_willingness"]
    assert group["purchases"] >= 14


def test_no_more_products_than_asked_for_are_looked_at(spark: SparkSession) -> None:
    random = np.random.default_rng(1)
    rows = [
        order(
            100 * week + number,
            f"c{number}",
            AS_OF - timedelta(days=7 * (16 - week) - 1),
            [(f"p{number:02}", int(random.integers(1, 9)), 1.0)],
        )
        for week in range(16)
        for number in range(12)
    ]
    made = computed(spark, rows, max_products=10, **FEW)
    (total,) = made["category_elasticity"]
    assert (total["judged"] + total["beyond_most"] + total["mixed"] + total["few_changes"], total["judged"]) == (12, 10)
    assert len(made["product_elasticity"]) == 10


def test_weeks_begin_on_the_day_on_which_prices_change(spark: SparkSession) -> None:
    """The data end on a Sunday; prices change on Wednesdays."""
    rows = [order(n, "ann", AS_OF - timedelta(days=70 - n), [("tea", 1, 5.0 + ((n - 2) // 7) % 3)]) for n in range(70)]
    orders = local(spark, ORDERS, rows)
    weeks = whole_weeks(orders, AS_OF, 156)
    aligned = price_weeks(sold(orders, weeks), weeks)
    assert (weeks.start.strftime("%a"), weeks.weeks) == ("Mon", 10)
    assert (aligned.start.strftime("%a"), aligned.weeks) == ("Wed", 9)
    flat = local(spark, ORDERS, every_week([500] * 10))
    assert price_weeks(sold(flat, weeks), weeks) == weeks


def test_a_category_whose_units_may_not_fall_at_all_is_not_said_to_lose_less_than_nothing() -> None:
    figures = {"category": "food", "judged": 8, "elasticity": -0.1, "elasticity_low": -0.3, "verdict": "inelastic"}
    for high, wanted in (
        (0.1, "0.3% of its units at most, and perhaps none"),
        (-0.05, "0.1% of its units (0.1% to 0.3%)"),
    ):
        said = said_of(SparkRow(**figures, elasticity_high=high)).text(ENGLISH)
        assert said == f"food: a price higher by 1% costs a product {wanted}, by 8 products: inelastic"


def test_settings_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"min_weeks is longer than history_weeks"):
        params(history_weeks=26, min_weeks=30)
    with pytest.raises(ValidationError, match=r"min_price_changes must be less than min_weeks"):
        params(min_weeks=12, min_price_changes=12)
