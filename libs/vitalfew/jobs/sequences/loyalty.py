"""How loyal the buyers of a product or a brand are, and how loyal those of any brand of its size would be."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from math import erfc, sqrt
from typing import Any

import numpy as np
from pyspark.sql import DataFrame, Row

from vitalfew.algorithms.sequences.streaks import bought_again
from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.algorithms.statistics.nbd_dirichlet import Brand, Category, category, diversity, expected
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.staging import Stage
from vitalfew.jobs.sequences.params import SequencesParams

MOST_OF_CATEGORY = 500
"""Items of a category that say how alike its customers are: those with the largest shares."""


def loyalty_rows(
    level: str, days: DataFrame, customers: int, events: int, params: SequencesParams, stage: Stage
) -> list[dict[str, Any]]:
    """Rows of PRODUCT_LOYALTY of one level, without the column `finding`.

    `days` has owner, day, category and item; it has about so many `events`.
    """
    every = collect_rows(bought_again(days, events, stage), "products and brands in categories")
    items = sorted((row for row in every if row["item"] is not None), key=lambda row: (row["category"], row["item"]))
    totals = {row["category"]: row for row in every if row["item"] is None}
    rows = [
        row
        for name, group in groupby(items, key=lambda row: str(row["category"]))
        for row in in_category(level, totals[name], list(group), customers, params)
    ]
    return judged(rows, params)


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
