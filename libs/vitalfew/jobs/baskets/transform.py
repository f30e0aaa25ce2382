"""What is bought together: frequent itemsets and rules, for products and for any level of their hierarchy."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame

from vitalfew.algorithms.itemsets.fpgrowth import Found, Limits, frequent_itemsets
from vitalfew.dataframes.exact_shares import exactly, least_count
from vitalfew.dataframes.from_arrow import large_frame
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.domain import fits
from vitalfew.domain.basket_items import products_without, with_items
from vitalfew.domain.order_windows import in_window
from vitalfew.domain.product_levels import Level
from vitalfew.jobs.baskets.params import BasketParams
from vitalfew.jobs.baskets.rules import itemset_table, rule_tables
from vitalfew.jobs.baskets.tables import BASKET_FIT, BASKET_LIMITS, ITEMSETS, RULES
from vitalfew.tables import AsFitted, Table

__all__ = ["BasketParams", "baskets"]


def baskets(
    orders: DataFrame,
    products: DataFrame,
    fit: DataFrame | None = None,
    *,
    params: BasketParams,
    as_of: date,
    stage: Stage = UNSTAGED,
) -> tuple[Any, ...]:
    """ITEMSETS, RULES and BASKET_LIMITS of the sales in the window, empty where nothing was sold; and BASKET_FIT.

    Where `fit`, the rows of an earlier one, still serves, all stays as it is.
    """
    if fits.serving(fit, orders, as_of, params) is not None:
        return AsFitted(), AsFitted(), AsFitted(), AsFitted()
    sales = in_window(orders, as_of, params.window_days).where("kind = 'sale'").select("order_id", "product_ids")
    itemsets, rules, limits = [], [], []
    missing = products_without(params.levels, sales, products, params)
    for level in params.levels:
        found = mine(level, with_items(level, sales, products, params), params, stage)
        if found.census.baskets or found.census.oversized or missing[level]:
            itemsets.append(itemset_table(level, found.itemsets))
            rules.extend(rule_tables(level, found.itemsets, params.min_confidence, params.significance))
            limits.append(limits_of(level, found, missing[level], params))
    return (
        result(ITEMSETS, itemsets, orders, stage),
        result(RULES, rules, orders, stage),
        local_table(BASKET_LIMITS, limits, beside=orders),
        local_table(BASKET_FIT, fits.made(orders, as_of).rows(), beside=orders),
    )


def mine(level: Level, baskets: DataFrame, params: BasketParams, stage: Stage) -> Found:
    """The itemsets of baskets with a column `items`."""
    share = exactly(params.min_support_at.get(level, params.min_support))
    limits = Limits(
        largest_basket=params.max_basket_size,
        longest_set=params.max_length,
        most_sets=params.max_itemsets,
        memory_mb=params.memory_mb,
    )
    return frequent_itemsets(baskets, lambda count: max(params.min_count, least_count(share, count)), limits, stage)


def limits_of(level: Level, found: Found, missing: int, params: BasketParams) -> dict[str, Any]:
    """A row of BASKET_LIMITS."""
    return {
        "level": level,
        "baskets": found.census.baskets,
        "items": found.census.items,
        "frequent_items": len(found.itemsets.names),
        "oversized_baskets": found.census.oversized,
        "requested_count": found.requested,
        "used_count": found.floor,
        "note": " ".join(notes(level, found, missing, params)) or None,
    }


def notes(level: Level, found: Found, missing: int, params: BasketParams) -> list[str]:
    """What was left out, and why, in sentences."""
    said = []
    if missing:
        said.append(f"Left out: products without {level} ({missing:,}).")
    if found.census.oversized:
        said.append(f"Left out: baskets of more than {params.max_basket_size:,} items ({found.census.oversized:,}).")
    if found.reasons:
        said.append(
            f"A set had to be in {found.floor:,} baskets, not {found.requested:,}: {', and '.join(found.reasons)}."
        )
        if not found.itemsets.count:
            said.append("No set is left: lower max_length, or raise the limit.")
    return said


def result(table: Table, parts: list[pa.Table], beside: DataFrame, stage: Stage) -> DataFrame:
    """The rows of all levels as a frame of the declared columns of a result, `as_of` left out."""
    ddl = ", ".join(f"{column.name} {column.type}" for column in table.declared if column.name != table.slice)
    if not parts:
        return local_table(table, [], beside)
    return large_frame(beside.sparkSession, pa.concat_tables(parts), ddl, stage)
