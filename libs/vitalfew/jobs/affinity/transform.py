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
from vitalfew.domain.order_windows import in_window
from vitalfew.domain.product_names import apart, described
from vitalfew.jobs.affinity.bundles import bundle_rows, page_rows, prices
from vitalfew.jobs.affinity.counts import Counts, count
from vitalfew.jobs.affinity.pairs import Tested, complements, substitutes
from vitalfew.jobs.affinity.params import AffinityParams
from vitalfew.jobs.affinity.tables import AFFINITY, BUNDLES, CATALOGUE_PAGES

__all__ = ["AffinityParams", "affinity"]

STRENGTHS = ((0.5, "strongly"), (0.3, "moderately"), (0.1, "weakly"))
"""Cohen (1988), for correlations."""


def affinity(
    orders: DataFrame,
    products: DataFrame,
    rfm: DataFrame,
    *,
    params: AffinityParams,
    as_of: date,
    stage: Stage = UNSTAGED,
) -> tuple[DataFrame, DataFrame, DataFrame]:
    """AFFINITY, BUNDLES and CATALOGUE_PAGES of the sales in the window."""
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
            for row in rows(level, counts, group, test, names)
        ]
        if level == "product":
            together = found[0][0]
            proposed = {counts.names[p] for p in [*together.one[: params.bundles], *together.two[: params.bundles]]}
            bundles = bundle_rows(counts, together, prices(sales, proposed), names, params)
            pages = page_rows(counts, together, names, params)
    return (
        local_table(AFFINITY, pairs, beside=orders),
        local_table(BUNDLES, bundles, beside=orders),
        local_table(CATALOGUE_PAGES, pages, beside=orders),
    )


def of_segments(rfm: DataFrame) -> tuple[str, ...]:
    return tuple(sorted(row["segment"] for row in collect_rows(rfm.select("segment").distinct(), "segments")))


def with_segment(sales: DataFrame, whose: DataFrame | None) -> DataFrame:
    if whose is None:
        return sales.withColumn("segment", F.lit(None).cast("string"))
    return sales.join(whose, on="customer_id", how="left")


def both(counts: Counts, group: int, params: AffinityParams) -> tuple[Tested, Tested]:
    return complements(counts, group, params), substitutes(counts, group, params)


def rows(level: str, counts: Counts, group: int, test: Tested, names: Mapping[str, str]) -> list[dict[str, Any]]:
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
        found.append({**row, **said(row, *apart(row["item"], row["other"], names))})
    return found


def said(row: Mapping[str, Any], item: str, other: str) -> dict[str, str]:
    """The text and the action of a pair."""
    is_together = row["relation"] == "complement"
    strength = next((word for least, word in STRENGTHS if abs(row["phi"]) >= least), "slightly")
    p = "p < 1e-300" if row["p_value"] == 0 else f"p = {row['p_value']:.1e}"
    text = (
        f"{item} and {other} are {strength} {'positively' if is_together else 'negatively'} correlated: together in "
        f"{row['n']:,} of {row['baskets']:,} baskets, where {row['expected']:,.1f} were to be expected "
        f"(phi {row['phi']:.3f}, lift {row['lift']:.2f}, {p})."
    )
    action = (
        f"Offer {other} beside {item}, and do not discount both at once."
        if is_together
        else f"One takes the place of the other: when {item} is out of stock offer {other}; promote only one at a time."
    )
    return {"text": text, "action": action}
