"""What customers are compared by, against a plain way of computing it; and how it is made comparable."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from random_orders import START, Order, as_frame, random_orders
from staged import staged

from conftest import Frame
from vitalfew.algorithms.kmeans.exact_grid import STEPS, on_grid, to_grid
from vitalfew.algorithms.kmeans.standardise import rounded, signed_log, spread, spreads
from vitalfew.errors import AnalysisError
from vitalfew.jobs.clusters.attributes import levels, with_attributes
from vitalfew.jobs.clusters.feature_space import dimensions, locate, units
from vitalfew.jobs.clusters.features import FEATURES, Calendar, customer_features
from vitalfew.jobs.clusters.names import name_columns
from vitalfew.jobs.clusters.params import ClusterParams
from vitalfew.messages.words import ENGLISH
from vitalfew.tables.facts import CUSTOMER_PROFILE, ORDERS

AS_OF = START + timedelta(days=60)
CALENDAR = Calendar(weekend_days=(6, 7), evening_from_hour=18)


def features_of(orders: DataFrame, as_of: date = AS_OF, calendar: Calendar = CALENDAR) -> dict[str, dict[str, float]]:
    found = customer_features(orders, FEATURES, as_of, calendar).collect()
    return {row["customer_id"]: {name: row[name] for name in FEATURES} for row in found}


def naive(orders: list[Order], as_of: date) -> dict[str, dict[str, float]]:
    """The same, one customer after the other."""
    by_customer: dict[str, list[Order]] = defaultdict(list)
    for order in orders:
        if order.customer_id is not None:
            by_customer[order.customer_id].append(order)
    return {who: naive_customer(own, as_of) for who, own in by_customer.items() if any(o.kind == "sale" for o in own)}


def naive_customer(own: list[Order], as_of: date) -> dict[str, float]:
    sales = [order for order in own if order.kind == "sale"]
    returns = [order for order in own if order.kind == "return"]
    days = sorted({order.ordered_on for order in sales})
    gaps = [(after - before).days for before, after in itertools.pairwise(days)]
    recency = (as_of - days[-1]).days
    return {
        "recency_days": recency,
        "frequency": len(sales),
        "monetary": float(sum(order.net_amount for order in own)),
        "average_basket_value": float(sum(order.net_amount for order in sales)) / len(sales),
        "pieces_per_order": float(sum(order.pieces for order in sales)) / len(sales),
        "distinct_products": len({product for order in sales for product in order.product_ids}),
        "mean_gap_days": sum(gaps) / len(gaps) if gaps else recency,
        "weekend_share": sum(order.ordered_on.weekday() >= 5 for order in sales) / len(sales),
        "evening_share": sum(order.ordered_at.hour >= 18 for order in sales) / len(sales),
        "returns_share": len(returns) / (len(sales) + len(returns)),
    }


@pytest.mark.both_engines
@pytest.mark.parametrize("seed", [1, 2])
def test_features_equal_those_of_the_naive_way(spark: SparkSession, seed: int) -> None:
    orders = [replace(o, ordered_at=o.ordered_at.replace(hour=i % 24)) for i, o in enumerate(random_orders(seed))]
    known = as_frame(orders, spark).where("customer_id is not null")
    found, expected = features_of(known), naive(orders, AS_OF)
    assert found.keys() == expected.keys()
    for who, values in expected.items():
        assert found[who] == pytest.approx(values, rel=1e-12), who


def test_the_money_of_all_kinds_is_kept_to_the_cent(spark: SparkSession) -> None:
    orders = random_orders(3)
    found = customer_features(as_frame(orders, spark).where("customer_id is not null"), (), AS_OF, CALENDAR).collect()
    buyers = {o.customer_id for o in orders if o.kind == "sale"} - {None}
    assert {row["customer_id"] for row in found} == buyers
    assert sum(row["net_amount"] for row in found) == sum(o.net_amount for o in orders if o.customer_id in buyers)


def test_weekend_and_evening_are_what_the_shop_says(frame: Frame) -> None:
    orders = frame(
        ORDERS,
        """
        order_id | customer_id | ordered_at       | ordered_on | kind | net_amount | pieces | product_ids
        ---------+-------------+------------------+------------+------+------------+--------+------------
        o1       | ann         | 2025-01-03 17:59 | 2025-01-03 | sale |      10.00 |      1 | [tea]
        o2       | ann         | 2025-01-04 18:00 | 2025-01-04 | sale |      10.00 |      1 | [tea]
        o3       | ann         | 2025-01-05 23:59 | 2025-01-05 | sale |      10.00 |      1 | [cup]
        o4       | ann         | 2025-01-06 00:01 | 2025-01-06 | sale |      10.00 |      1 | [cup]
        """,
    )
    usual = features_of(orders)["ann"]
    assert (usual["weekend_share"], usual["evening_share"], usual["distinct_products"]) == (0.5, 0.5, 2)
    friday = features_of(orders, calendar=Calendar(weekend_days=(5,), evening_from_hour=17))["ann"]
    assert (friday["weekend_share"], friday["evening_share"]) == (0.25, 0.75)


def test_who_bought_on_one_day_has_waited_since_then(frame: Frame) -> None:
    orders = frame(
        ORDERS,
        """
        order_id | customer_id | ordered_on | kind   | net_amount | pieces | product_ids
        ---------+-------------+------------+--------+------------+--------+------------
        o1       | ann         | 2025-02-09 | sale   |      10.00 |      1 | []
        o2       | ann         | 2025-02-09 | sale   |      30.00 |      1 | []
        o3       | ann         | 2025-02-20 | return |     -10.00 |     -1 | []
        """,
    )
    ann = features_of(orders, as_of=date(2025, 3, 1))["ann"]
    assert (ann["recency_days"], ann["mean_gap_days"], ann["monetary"]) == (20, 20, 30)
    assert ann["distinct_products"] == 0, "nobody wrote down what it was"


PEOPLE = """
customer_id | is_member | region
------------+-----------+-------
ann         | true      | north
bob         | false     | north
cyd         | ~         | south
dan         | true      | east
eve         | true      | west
fay         | true      | ~
"""


def people(frame: Frame, *more: str) -> DataFrame:
    """The customers of PEOPLE, and others of whom nothing is known, with their attributes."""
    profile = frame(CUSTOMER_PROFILE, PEOPLE)
    everyone = profile.select("customer_id")
    for name in more:
        everyone = everyone.union(profile.limit(1).select(F.lit(name)))
    return with_attributes(everyone, profile, ["is_member", "region"])


@pytest.mark.both_engines
def test_each_value_of_an_attribute_is_a_level_and_so_is_its_absence(frame: Frame) -> None:
    customers = people(frame, "gus")
    found = levels(customers, ["is_member", "region"], most=2)
    assert [level.name for level in found] == [
        "is_member=true", "is_member=false", "is_member missing",
        "region=north", "region=east", "region other", "region missing",
    ]  # fmt: skip
    assert [name_columns((level.item,), ENGLISH)["name"] for level in found] == [
        "member", "not member", "member not known",
        "region north", "region east", "other region", "region not known",
    ]  # fmt: skip
    rare = [level.item_where_rare for level in found]
    assert [item and name_columns((item,), ENGLISH)["name"] for item in rare] == [
        None, None, "member known", None, None, None, "region known",
    ]  # fmt: skip
    table = customers.select("customer_id", *[level.indicator.alias(f"i{n}") for n, level in enumerate(found)])
    rows = {row["customer_id"]: [row[f"i{n}"] for n in range(len(found))] for row in table.collect()}
    assert rows["ann"] == [1, 0, 0, 1, 0, 0, 0]
    assert rows["cyd"] == [0, 0, 1, 0, 0, 1, 0]
    assert rows["fay"] == [1, 0, 0, 0, 0, 0, 1]
    assert rows["gus"] == [0, 0, 1, 0, 0, 0, 1], "nobody is dropped for want of a profile"


def test_all_values_are_told_apart_where_there_are_few(frame: Frame) -> None:
    found = levels(people(frame), ["region"], most=4)
    assert [level.name for level in found] == [
        "region=north", "region=east", "region=south", "region=west", "region missing",
    ]  # fmt: skip


def test_without_attributes_there_is_nothing_to_join(frame: Frame) -> None:
    customers = frame(CUSTOMER_PROFILE, PEOPLE).select("customer_id")
    assert with_attributes(customers, frame(CUSTOMER_PROFILE, "customer_id"), []) is customers
    assert levels(customers, [], most=3) == []


def test_an_attribute_weighs_as_much_as_one_feature(frame: Frame) -> None:
    customers = people(frame)
    features = dimensions((), levels(customers, ["region"], most=8))
    unit = units(customers, features)
    points = locate(customers, features, unit, ClusterParams(most_deviations=100.0), staged)
    assert len({spread.scale for spread in unit.values()}) == 1
    squares = np.square(points.sample.points).sum(axis=1)
    assert np.average(squares, weights=points.sample.weights) == pytest.approx(1.0, abs=0.001), (
        "the variance of one standardised feature"
    )


@pytest.mark.both_engines
def test_standardised_values_have_mean_0_deviation_1_and_lie_on_the_grid(spark: SparkSession) -> None:
    values = np.random.default_rng(1).lognormal(2, 1, 400).tolist()
    frame = spark.createDataFrame([(x,) for x in values], "x double")
    logs = signed_log(F.col("x"))
    unit = spreads(frame, {"x": logs})["x"]
    found = [row["z"] for row in frame.select(unit.standardised(logs, 100.0).alias("z")).collect()]
    assert np.mean(found) == pytest.approx(0.0, abs=1e-3)
    assert np.std(found) == pytest.approx(1.0, abs=1e-3)
    assert all((z * STEPS).is_integer() for z in found)


def test_values_far_out_are_drawn_in(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(0.0,)] * 99 + [(1000.0,), (-1000.0,)], "x double")
    unit = spreads(frame, {"x": F.col("x")})["x"]
    row = frame.select(unit.standardised(F.col("x"), 3.0).alias("z")).agg(F.min("z"), F.max("z")).collect()[0]
    assert tuple(row) == (-3.0, 3.0)


def test_a_constant_is_no_distance(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(0.1,)] * 10, "x double")
    unit = spreads(frame, {"x": F.col("x")})["x"]
    assert (unit.is_constant, unit.scale, unit.shift) == (True, 1.0, 0.1)
    assert {row["z"] for row in frame.select(unit.standardised(F.col("x"), 3.0).alias("z")).collect()} == {0.0}


@pytest.mark.both_engines
@pytest.mark.parametrize(
    "value", ["cast(null as double)", "double('nan')", "double('infinity')", "-double('infinity')"]
)
def test_what_cannot_be_standardised_is_refused_by_name(spark: SparkSession, value: str) -> None:
    frame = spark.sql(f"select 1D as fine, {value} as odd union all select 2D, 0.5D")
    with pytest.raises(AnalysisError, match=r"NULL, NaN or infinite: odd in 1 of 2 rows\. Correct the source"):
        spreads(frame, {"fine": F.col("fine"), "odd": F.col("odd")})


def test_no_rows_have_no_spread(spark: SparkSession) -> None:
    unit = spreads(spark.createDataFrame([], "x double"), {"x": F.col("x")})["x"]
    assert (unit.rows, unit.is_constant, unit.shift) == (0, True, 0.0)


@pytest.mark.parametrize(
    ("mean", "deviation", "shift", "scale"),
    [(3.14159265, 0.987654, 3.1416, 0.9877), (123456.7, 5432.1, 123457.0, 5432.0), (1e-18, 2.0, 0.0, 2.0)],
)
def test_shift_and_scale_have_four_digits(mean: float, deviation: float, shift: float, scale: float) -> None:
    unit = spread(10, mean, deviation, -9e9, 9e9)
    assert (unit.shift, unit.scale) == (shift, scale)
    assert rounded(0.00012345678) == 0.0001235


def test_the_logarithm_keeps_the_sign(spark: SparkSession) -> None:
    frame = spark.createDataFrame([(0.0,), (99.0,), (-99.0,)], "x double")
    found = [row[0] for row in frame.select(signed_log(F.col("x"))).collect()]
    assert found == pytest.approx([0.0, math.log(100), -math.log(100)])


@pytest.mark.both_engines
def test_the_grid_is_the_same_on_driver_and_engine(spark: SparkSession) -> None:
    values = [0.1, -0.1, 2.5 / STEPS, -2.5 / STEPS, 1e-9, 3.999999999]
    frame = spark.createDataFrame([(x,) for x in values], "x double")
    assert [row[0] for row in frame.select(on_grid(F.col("x"))).collect()] == to_grid(np.array(values)).tolist()


def test_every_feature_has_its_word() -> None:
    traits: Mapping[str, object] = {feature.name: feature.trait for feature in dimensions(FEATURES, [])}
    assert tuple(traits) == FEATURES
