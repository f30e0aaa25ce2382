"""What is bought together and what instead of each other, among all and by segment; bundles; pages of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.domain import fits
from vitalfew.domain.order_windows import in_window
from vitalfew.domain.product_names import apart, described
from vitalfew.jobs.affinity.bundles import bundle_rows, page_rows, prices
from vitalfew.jobs.affinity.counts import Counts, count
from vitalfew.jobs.affinity.pairs import Tested, complements, substitutes
from vitalfew.jobs.affinity.params import AffinityParams
from vitalfew.jobs.affinity.tables import AFFINITY, AFFINITY_FIT, BUNDLES, CATALOGUE_PAGES
from vitalfew.messages.message import message, with_code
from vitalfew.messages.words import ENGLISH, Words
from vitalfew.tables import AsFitted

__all__ = ["AffinityParams", "affinity"]

STRENGTHS = ((0.5, "strong"), (0.3, "moderate"), (0.1, "weak"))
"""Cohen (1988), for correlations."""

TINY = 0.0001
"""A p value below it is said to be below it."""


def affinity(
    orders: DataFrame,
    products: DataFrame,
    rfm: DataFrame,
    fit: DataFrame | None = None,
    *,
    params: AffinityParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[Any, ...]:
    """AFFINITY, BUNDLES and CATALOGUE_PAGES of the sales in the window, and AFFINITY_FIT.

    Where `fit`, the rows of an earlier one, still serves, all stays as it is.
    """
    if fits.serving(fit, orders, as_of, params) is not None:
        return AsFitted(), AsFitted(), AsFitted(), AsFitted()
    sales = in_window(orders, as_of, params.window_days).where("kind = 'sale'")
    segments = of_segments(rfm) if params.by_segment else ()
    whose = rfm.select("customer_id", "segment") if segments else None
    marked = with_segment(sales, whose).select("order_id", "segment", "product_ids")
    pairs: list[dict[str, Any]] = []
    bundles: list[dict[str, Any]] = []
    pages: list[dict[str, Any]] = []
    for level in params.levels:
        counts = count(level, marked, products, segments, params, stage)
        found = [both(counts, group, params) for group in range(len(counts.groups))]
        told = {counts.names[place] for tests in found for test in tests for place in [*test.one, *test.two]}
        names = {id_: product.name for id_, product in described(told, products).items()} if level == "product" else {}
        pairs += [
            row
            for group, tests in enumerate(found)
            for test in tests
            for row in rows(level, counts, group, test, names, words)
        ]
        if level == "product":
            together = found[0][0]
            proposed = {counts.names[p] for p in [*together.one[: params.bundles], *together.two[: params.bundles]]}
            bundles = bundle_rows(counts, together, prices(sales, proposed), names, params, words)
            pages = page_rows(counts, together, names, params, words)
    return (
        local_table(AFFINITY, pairs, beside=orders),
        local_table(BUNDLES, bundles, beside=orders),
        local_table(CATALOGUE_PAGES, pages, beside=orders),
        local_table(AFFINITY_FIT, fits.made(orders, as_of).rows(), beside=orders),
    )


def of_segments(rfm: DataFrame) -> tuple[str, ...]:
    return tuple(sorted(row["segment"] for row in collect_rows(rfm.select("segment").distinct(), "segments")))


def with_segment(sales: DataFrame, whose: DataFrame | None) -> DataFrame:
    if whose is None:
        return sales.withColumn("segment", F.lit(None).cast("string"))
    return sales.join(whose, on="customer_id", how="left")


def both(counts: Counts, group: int, params: AffinityParams) -> tuple[Tested, Tested]:
    return complements(counts, group, params), substitutes(counts, group, params)


def rows(
    level: str, counts: Counts, group: int, test: Tested, names: Mapping[str, str], words: Words
) -> list[dict[str, Any]]:
    """Rows of AFFINITY."""
    columns = (test.one, test.two, test.n, test.n_one, test.n_two, test.phi, test.p, test.q)
    found = []
    for one, two, n, n_one, n_two, phi, p, q in zip(*(column.tolist() for column in columns), strict=True):
        expected = n_one * n_two / test.baskets
        row: dict[str, Any] = {
            "segment": counts.groups[group],
            "level": level,
            "item": counts.names[one],
            "other": counts.names[two],
            "relation": test.relation,
            "n": n,
            "n_item": n_one,
            "n_other": n_two,
            "baskets": test.baskets,
            "expected": expected,
            "phi": phi,
            "lift": n / expected,
            "p_value": p,
            "q_value": q,
        }
        found.append({**row, **texts(row, *apart(row["item"], row["other"], names), words)})
    return found


def texts(row: Mapping[str, Any], item: str, other: str, words: Words) -> dict[str, Any]:
    """The text and the action of a pair, with their codes and values."""
    relation, names = row["relation"], {"item": item, "other": other}
    strength = next((code for least, code in STRENGTHS if abs(row["phi"]) >= least), "slight")
    chance = message("chance.tiny") if row["p_value"] < TINY else message("chance.value", q=row["p_value"])
    figures = {name: row[name] for name in ("n", "baskets", "expected", "phi", "lift")}
    text = message(f"affinity.text.{relation}", **names, **figures, strength=strength, chance=chance)
    action = message(f"affinity.action.{relation}", **names)
    return {**with_code("text", text, words), **with_code("action", action, words)}
