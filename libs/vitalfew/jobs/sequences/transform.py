"""What customers buy after what and when, how loyal they are to a product, and what is due next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.sequences.following import Following, following
from vitalfew.algorithms.sequences.occurrences import Spacing
from vitalfew.algorithms.sequences.patterns import Found, Limits, Packed, frequent_patterns, pack
from vitalfew.dataframes.exact_shares import exactly, least_count
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.domain import fits
from vitalfew.domain.basket_items import PRODUCT
from vitalfew.domain.order_windows import days_after, in_window, is_sale
from vitalfew.domain.product_names import described
from vitalfew.jobs.sequences import evaluation
from vitalfew.jobs.sequences.coming import PUBLISHED, next_in_sequence, recent_days
from vitalfew.jobs.sequences.due import speaking_rules
from vitalfew.jobs.sequences.item_days import at_level, in_categories, product_days
from vitalfew.jobs.sequences.loyalty import loyalty_rows
from vitalfew.jobs.sequences.params import SequencesParams
from vitalfew.jobs.sequences.rules import beyond_chance, findings, pattern_rows, rule_rows
from vitalfew.jobs.sequences.tables import (
    PRODUCT_LOYALTY,
    SEQUENCE_EVALUATION,
    SEQUENCE_FIT,
    SEQUENCE_LIMITS,
    SEQUENCE_PATTERNS,
    SEQUENCE_RULES,
)
from vitalfew.messages.words import ENGLISH, Words
from vitalfew.tables import AsFitted

__all__ = ["SequencesParams", "sequences"]

Rows = list[dict[str, Any]]


def sequences(
    orders: DataFrame,
    products: DataFrame,
    fit: DataFrame | None = None,
    known_rules: DataFrame | None = None,
    *,
    params: SequencesParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[Any, ...]:
    """SEQUENCE_RULES, SEQUENCE_PATTERNS, PRODUCT_LOYALTY, NEXT_IN_SEQUENCE, SEQUENCE_EVALUATION, SEQUENCE_LIMITS and
    SEQUENCE_FIT of the sales in the window to known customers; empty where there are none.

    Where `fit`, the rows of an earlier one, still serves, all stays as it is but for NEXT_IN_SEQUENCE, which is made
    with its `known_rules`.
    """
    last = fits.serving(fit, orders, as_of, params)
    if last is not None and known_rules is not None:
        days = recent_days(orders, products, last, as_of, params, stage)
        coming = next_in_sequence(days, known_rules, products, as_of, params, words)
        return AsFitted(), AsFitted(), AsFitted(), coming, AsFitted(), AsFitted(), AsFitted()
    sales = in_window(orders, as_of, params.window_days).where(is_sale())
    return fitted(orders, sales, products, params=params, as_of=as_of, stage=stage, words=words)


def fitted(
    orders: DataFrame,
    sales: DataFrame,
    products: DataFrame,
    *,
    params: SequencesParams,
    as_of: date,
    stage: Stage,
    words: Words,
) -> tuple[DataFrame, ...]:
    """As `sequences`, all of it counted in `sales`."""
    days = stage(product_days(sales, products, params))
    rules, patterns, evaluated, limits = Rows(), Rows(), Rows(), Rows()
    speaking = dict[str, DataFrame]()
    customers = events = 0
    for level in params.levels:
        found = mined(stage(at_level(days, level)), as_of, params, stage)
        customers, events = found.packed.histories, max(events, found.packed.events)
        if not customers:
            break
        published = found.rules.where(slice(params.max_reported))
        names = names_of(
            level, [found.items[place] for place in [*published.antecedents, *published.consequents]], products
        )
        rules += rule_rows(level, published, found.items, customers, names, params, words)
        patterns += pattern_rows(level, found.patterns, found.items, customers)
        limits.append(limits_of(level, found, published))
        rows, is_better = judged(level, found, as_of, params, stage)
        evaluated += rows
        if is_better:
            speaking[level] = found.days
    loyal = loyalty(days, products, (customers, events), params, stage, words) if customers else Rows()
    of_rules = local_table(SEQUENCE_RULES, rules, beside=orders)
    cells = {(PUBLISHED, level): [1.0] for level in speaking}
    return (
        of_rules,
        local_table(SEQUENCE_PATTERNS, patterns, beside=orders),
        local_table(PRODUCT_LOYALTY, loyal, beside=orders),
        next_in_sequence(speaking, of_rules, products, as_of, params, words),
        local_table(SEQUENCE_EVALUATION, evaluated, beside=orders),
        local_table(SEQUENCE_LIMITS, limits, beside=orders),
        local_table(SEQUENCE_FIT, fits.made(orders, as_of, cells).rows(), beside=orders),
    )


@dataclass(frozen=True)
class Mined:
    """What was found at one level: owner, day, item; the frequent items; patterns; rules beyond chance, of all that
    were tested."""

    days: DataFrame
    packed: Packed
    items: list[str]
    patterns: Found
    tested: Following
    rules: Following


def mined(days: DataFrame, as_of: date, params: SequencesParams, stage: Stage) -> Mined:
    """All patterns and rules of staged owner, day, item."""
    packed = packed_days(days, params, stage)
    spacing = Spacing(params.min_gap_days, params.max_gap_days, params.min_span_days, params.max_span_days)
    tested = following(packed, params.windows, as_of, packed.floor, params.max_pairs, stage)
    return Mined(
        days=days,
        packed=packed,
        items=packed.names.to_pylist(),
        patterns=frequent_patterns(packed, spacing, limits_for(params)),
        tested=tested,
        rules=beyond_chance(tested, params),
    )


def packed_days(days: DataFrame, params: SequencesParams, stage: Stage) -> Packed:
    share = exactly(params.min_support)
    return pack(days, lambda n: max(params.min_count, least_count(share, n)), limits_for(params), stage)


def limits_for(params: SequencesParams) -> Limits:
    return Limits(
        longest=params.max_length,
        largest_element=1,
        most_items=params.max_items,
        most_patterns=params.max_patterns,
        most_events=params.max_events,
        most_occurrences=params.max_occurrences,
    )


def judged(level: str, found: Mined, as_of: date, params: SequencesParams, stage: Stage) -> tuple[Rows, bool]:
    """The rows of SEQUENCE_EVALUATION, and whether what is due is published: with rules of the days before the split
    alone. Where no rule is beyond chance, there is nothing to judge."""
    split_on = days_after(as_of, -params.horizon_days)
    if not found.rules.n.size:
        return evaluation.unjudged(level, split_on, params), False
    packed = packed_days(found.days.where(F.col("day") < F.lit(split_on)), params, stage)
    tested = following(packed, params.windows, split_on, packed.floor, params.max_pairs, stage)
    published = beyond_chance(tested, params).where(slice(params.max_reported))
    if not published.n.size:
        return evaluation.unjudged(level, split_on, params), False
    spoken = speaking_rules(published, packed.names.to_pylist(), params, beside=found.days)
    return evaluation.judged(level, found.days, spoken, split_on, params, stage)


def names_of(level: str, ids: Iterable[str], products: DataFrame) -> Mapping[str, str]:
    """What people call products; what has no other name is called by its id."""
    return {id_: product.name for id_, product in described(ids, products).items()} if level == PRODUCT else {}


def loyalty(
    days: DataFrame,
    products: DataFrame,
    sizes: tuple[int, int],
    params: SequencesParams,
    stage: Stage,
    words: Words,
) -> Rows:
    """The rows of PRODUCT_LOYALTY; `sizes`: customers, and about how many rows of `days` there are."""
    found = Rows()
    for level in params.loyalty_levels:
        rows = loyalty_rows(level, in_categories(days, level), *sizes, params, stage)
        found += findings(rows, names_of(level, (row["item"] for row in rows), products), words)
    return found


def limits_of(level: str, found: Mined, published: Following) -> dict[str, Any]:
    """A row of SEQUENCE_LIMITS."""
    packed = found.packed
    return {
        "level": level,
        "customers": packed.histories,
        "item_days": packed.events,
        "frequent_items": len(packed.names),
        "requested_count": packed.requested,
        "pattern_count": found.patterns.floor,
        "rule_count": found.tested.floor,
        "tested": found.tested.tested,
        "significant": int(found.rules.n.size),
        "published": int(published.n.size),
        "capped_customers": packed.capped,
        "left_out_item_days": packed.left_out,
        "cut_occurrences": found.patterns.cut_off,
    }
