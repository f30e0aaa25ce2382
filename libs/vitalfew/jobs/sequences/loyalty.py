"""How loyal the buyers of a product or a brand are, and how loyal those of any brand of its size would be."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from math import erfc, sqrt
from typing import Any

import numpy as np
from pyspark.sql import DataFrame, Row, Window
from pyspark.sql import functions as F

from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.algorithms.statistics.nbd_dirichlet import Brand, Category, category, diversity, expected
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.staging import Stage
from vitalfew.jobs.sequences.params import SequencesParams

ITEM = ("category", "item")
OWN = ("owner", *ITEM)
MOST_OF_CATEGORY = 500
"""Items of a category that say how alike its customers are: those with the largest shares."""
SUMS = (
    "buyers",
    "purchases",
    "of_category",
    "repeaters",
    "followed",
    "stays",
    "streaks",
    "squares",
    "products",
    "needs",
)


def loyalty_rows(
    level: str, days: DataFrame, customers: int, params: SequencesParams, stage: Stage
) -> list[dict[str, Any]]:
    """PRODUCT_LOYALTY of one level, without its finding, from owner, day, category, item."""
    own = stage(of_customers(stage(days)))
    items = collect_rows(of_items(own).orderBy(*ITEM), "products and brands in categories")
    totals = {row["category"]: row for row in collect_rows(of_categories(own), "categories")}
    rows = [
        row
        for name, group in groupby(items, key=lambda row: str(row["category"]))
        for row in in_category(level, totals[name], list(group), customers, params)
    ]
    return judged(rows, params)


def of_customers(days: DataFrame) -> DataFrame:
    """One row per customer, category and item: days with it, runs of such days, and what was bought in the category."""
    by_category = Window.partitionBy("owner", "category").orderBy("day")
    category_days = days.groupBy("owner", "category", "day").agg(F.count(F.lit(1)).alias("bought"))
    so_far = by_category.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    whole = Window.partitionBy("owner", "category").rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    numbered = category_days.select(
        "owner",
        "category",
        "day",
        F.row_number().over(so_far).alias("number"),
        F.count(F.lit(1)).over(whole).alias("days"),
        F.sum("bought").over(whole).alias("of_category"),
    )
    in_order = Window.partitionBy(*OWN).orderBy("number").rowsBetween(Window.unboundedPreceding, Window.currentRow)
    marked = days.join(numbered, on=["owner", "category", "day"], how="inner").withColumn(
        "streak", F.col("number") - F.row_number().over(in_order)
    )
    streaks = marked.groupBy(*OWN, "streak").agg(
        F.count(F.lit(1)).alias("length"),
        F.count_if(F.col("number") < F.col("days")).alias("followed"),
        F.max("of_category").alias("of_category"),
    )
    return streaks.groupBy(*OWN).agg(
        F.sum("length").alias("purchases"),
        F.count(F.lit(1)).alias("streaks"),
        F.max("length").alias("longest"),
        F.sum("followed").alias("followed"),
        F.max("of_category").alias("of_category"),
    )


def of_items(own: DataFrame) -> DataFrame:
    """One row per category and item: sums over its buyers."""
    x, n = F.col("purchases"), F.col("of_category")
    return own.groupBy(*ITEM).agg(
        F.count(F.lit(1)).alias("buyers"),
        F.sum(x).alias("purchases"),
        F.sum(n).alias("of_category"),
        F.count_if(x > 1).alias("repeaters"),
        F.sum("followed").alias("followed"),
        F.sum(x - F.col("streaks")).alias("stays"),
        F.sum("streaks").alias("streaks"),
        F.max("longest").alias("longest"),
        F.sum(x * x).alias("squares"),
        F.sum(x * n).alias("products"),
        F.sum(n * n).alias("needs"),
    )


def of_categories(own: DataFrame) -> DataFrame:
    """One row per category: buyers and purchases."""
    buyers = own.groupBy("owner", "category").agg(F.max("of_category").alias("of_category"))
    return buyers.groupBy("category").agg(F.count(F.lit(1)).alias("buyers"), F.sum("of_category").alias("purchases"))


def in_category(
    level: str, total: Row, items: list[Row], customers: int, params: SequencesParams
) -> list[dict[str, Any]]:
    """The rows of one category, those of few buyers left out; they say how alike its customers are all the same."""
    rate = total["purchases"] / total["buyers"]
    of = category(total["buyers"] / customers, rate)
    shares = np.array([row["purchases"] / total["purchases"] for row in items])
    penetrations = np.array([row["buyers"] / customers for row in items])
    largest = np.lexsort((np.arange(shares.size), -shares))[:MOST_OF_CATEGORY]
    s = None if of is None else diversity(of, shares[largest], penetrations[largest])
    shown = [place for place, row in enumerate(items) if row["buyers"] >= params.min_buyers]
    model = modelled(of, s, shares[shown])
    return [
        {
            **measured(level, items[place], customers),
            "share": float(shares[place]),
            "category_penetration": total["buyers"] / customers,
            "category_rate": rate,
            "diversity": s,
            "expected_penetration": model["penetration"][at],
            "expected_requirements": model["requirements"][at],
            "expected_repeat_buyers": model["repeat"][at],
        }
        for at, place in enumerate(shown)
    ]


def modelled(of: Category | None, s: float | None, shares: np.ndarray[Any, Any]) -> Mapping[str, list[float | None]]:
    """What the model expects of each; None where it has nothing to say."""
    names = ("penetration", "requirements", "repeat")
    if of is None or s is None:
        return {name: [None] * shares.size for name in names}
    parts = [expected(of, shares[start : start + 100], s) for start in range(0, shares.size, 100)]
    found: dict[str, list[float | None]] = {name: joined(parts, name) for name in names}
    return found


def joined(parts: list[Brand], name: str) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for part in parts for value in getattr(part, name)]


def measured(level: str, row: Row, customers: int) -> dict[str, Any]:
    """What was seen of one item."""
    requirements = row["purchases"] / row["of_category"]
    spread = row["squares"] - 2 * requirements * row["products"] + requirements**2 * row["needs"]
    return {
        "level": level,
        "category": row["category"],
        "item": row["item"],
        "buyers": row["buyers"],
        "purchases": row["purchases"],
        "penetration": row["buyers"] / customers,
        "requirements": requirements,
        "repeat_buyers": row["repeaters"] / row["buyers"],
        "repeat_rate": row["stays"] / row["followed"] if row["followed"] else None,
        "stays": row["stays"],
        "switches": row["followed"] - row["stays"],
        "mean_streak": row["purchases"] / row["streaks"],
        "longest_streak": row["longest"],
        "standard_error": sqrt(spread) / row["of_category"] if spread > 0 else None,
    }


def judged(rows: list[dict[str, Any]], params: SequencesParams) -> list[dict[str, Any]]:
    """The rows with their excess loyalty, its q value over all rows, and the verdict."""
    found = []
    for row in rows:
        known = row["expected_requirements"]
        excess = None if known is None else row["requirements"] - known
        found.append({**row, "excess_loyalty": excess})
    tested = [row for row in found if row["excess_loyalty"] is not None and row["standard_error"]]
    log_p = np.array([log_two_sided(row["excess_loyalty"] / row["standard_error"]) for row in tested])
    q = {id(row): float(value) for row, value in zip(tested, np.exp(log_false_discovery_rate(log_p)), strict=True)}
    return [{**row, "q_value": q.get(id(row)), "verdict": verdict(row, q.get(id(row)), params)} for row in found]


def log_two_sided(z: float) -> float:
    """ln of the chance of a normal deviation as large."""
    return float(np.log(max(erfc(abs(z) / sqrt(2)), 1e-300)))


def verdict(row: Mapping[str, Any], q: float | None, params: SequencesParams) -> str:
    if q is None:
        return "cannot_tell"
    if q > params.significance:
        return "as_expected"
    return "loyal" if row["excess_loyalty"] > 0 else "switching"
