"""Bundles with a price at which customer and shop both gain, and pages of products that go together."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from math import ceil
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.product_names import apart
from vitalfew.jobs.affinity.counts import Counts
from vitalfew.jobs.affinity.pairs import Tested
from vitalfew.jobs.affinity.params import AffinityParams
from vitalfew.messages.message import Message, message, with_code
from vitalfew.messages.sentences import said
from vitalfew.messages.words import Words

CENT = Decimal("0.01")
Prices = Mapping[str, tuple[Decimal, Decimal | None]]


def prices(sales: DataFrame, wanted: set[str]) -> Prices:
    """Mean price of a piece of each of these products; mean cost of one, where any line tells it."""
    if not wanted:
        return {}
    chosen = sales.sparkSession.createDataFrame([(name,) for name in sorted(wanted)], "product_id string")
    costs = F.coalesce(F.col("product_costs"), F.array().cast(sales.schema["product_costs"].dataType))
    lists = F.arrays_zip("product_ids", "product_pieces", "product_amounts", costs.alias("product_costs"))
    bought = sales.select(F.inline(lists).alias("product_id", "pieces", "amount", "cost")).where("pieces > 0")
    summed = (
        bought.join(chosen, on="product_id", how="left_semi")
        .groupBy("product_id")
        .agg(
            F.sum("amount").alias("amount"),
            F.sum("pieces").alias("pieces"),
            F.sum("cost").alias("cost"),
            F.sum(F.when(F.col("cost").isNotNull(), F.col("pieces"))).alias("costed"),
        )
    )
    return {
        row["product_id"]: (
            (row["amount"] / row["pieces"]).quantize(CENT, ROUND_HALF_UP),
            (row["cost"] / row["costed"]).quantize(CENT, ROUND_HALF_UP) if row["costed"] else None,
        )
        for row in collect_rows(summed, "prices of products")
    }


def bundle_rows(
    counts: Counts, found: Tested, known: Prices, names: Mapping[str, str], params: AffinityParams, words: Words
) -> list[dict[str, Any]]:
    """The rows of BUNDLES: the strongest complements whose prices are known."""
    rows = []
    for place in range(min(params.bundles, found.n.size)):
        item, other = counts.names[found.one[place]], counts.names[found.two[place]]
        if item in known and other in known:
            n = int(found.n[place])
            single = int(found.n_one[place] + found.n_two[place]) - 2 * n
            rows.append(bundle(item, other, n, single, known, names, params, words))
    return rows


def bundle(
    item: str,
    other: str,
    n: int,
    single: int,
    known: Prices,
    names: Mapping[str, str],
    params: AffinityParams,
    words: Words,
) -> dict[str, Any]:
    """A row of BUNDLES.

    Who takes both instead of one pays the bundle instead of that one's price, and takes goods of the other's cost: the
    shop gains above the sum of these, for either. Who took both anyway pays less; `break_even` makes up for them.
    """
    (price_item, cost_item), (price_other, cost_other) = known[item], known[other]
    separate = price_item + price_other
    floor = together = gain = None
    if cost_item is not None and cost_other is not None:
        floor = max(price_item + cost_other, price_other + cost_item)
        price = (separate - (separate - floor) * Decimal(repr(params.discount_share))).quantize(CENT, ROUND_HALF_UP)
        if floor < price < separate:
            together, gain = price, price - floor
    needed = ceil(n * (separate - together) / gain) if together is not None and gain else None
    share = needed / single if needed is not None and single else None
    return {
        "item": item,
        "other": other,
        "n": n,
        "n_one_only": single,
        "price_item": price_item,
        "price_other": price_other,
        "cost_item": cost_item,
        "cost_other": cost_other,
        "price_apart": separate,
        "price_floor": floor,
        "price_together": together,
        "break_even": needed,
        "break_even_share": share,
        **with_code("action", action(apart(item, other, names), floor, together, separate, share), words),
    }


def action(
    both: tuple[str, str], floor: Decimal | None, together: Decimal | None, separate: Decimal, share: float | None
) -> Message:
    """What to do with two products, from what they cost apart and together, and who must take both for it to pay."""
    if floor is None:
        return message("affinity.bundle.cost_unknown", both=both)
    if together is None:
        return message("affinity.bundle.no_room", both=both)
    if share is None or share > 1:
        return message("affinity.bundle.too_few", both=both)
    return message("affinity.bundle.sell_together", both=both, together=together, separate=separate, share=share)


def page_rows(
    counts: Counts, found: Tested, names: Mapping[str, str], params: AffinityParams, words: Words
) -> list[dict[str, Any]]:
    """The rows of CATALOGUE_PAGES: the strongest pairs are joined first, while both pages fit on one."""
    page_of: dict[int, list[int]] = {}
    closest: dict[int, tuple[int, float]] = {}
    for one, two, phi in zip(found.one.tolist(), found.two.tolist(), found.phi.tolist(), strict=True):
        if phi < params.page_phi:
            continue
        left, right = page_of.setdefault(one, [one]), page_of.setdefault(two, [two])
        if left is not right and len(left) + len(right) <= params.page_size:
            left.extend(right)
            page_of.update(dict.fromkeys(right, left))
        if page_of[one] is page_of[two]:
            closest.setdefault(one, (two, phi))
            closest.setdefault(two, (one, phi))

    def beside(place: int) -> str:
        return apart(counts.names[place], counts.names[closest[place][0]], names)[1]

    sizes = counts.items[:, 0]
    pages = {id(page): sorted(page, key=lambda p: (-int(sizes[p]), p)) for page in page_of.values() if len(page) > 1}
    ordered = sorted(pages.values(), key=lambda page: (-int(sizes[page].sum()), page[0]))
    return [
        {
            "page": number,
            "position": position,
            "product_id": counts.names[place],
            "baskets": int(sizes[place]),
            "closest": counts.names[closest[place][0]],
            "phi": closest[place][1],
            **said("action", "affinity.page.beside", words, beside=beside(place)),
        }
        for number, page in enumerate(ordered, start=1)
        for position, place in enumerate(page, start=1)
    ]
