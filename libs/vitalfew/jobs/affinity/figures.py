"""What a page shows of pairs: what goes together, what replaces what, and what could be sold as one."""

from __future__ import annotations

from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.product_names import described, name_of, without_shared_products
from vitalfew.jobs.affinity.tables import AFFINITY
from vitalfew.messages.message import message, of_row
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

MOST, MOST_LOOKED_AT = 10, 500


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """The strongest pair that goes together, a table of substitutes and one of bundles; nothing without any."""
    del asked  # pairs are of baskets, not of people
    of_all = known["affinity"].where("segment = 'all'")
    together = strongest(of_all.where("relation = 'complement' and level = 'category'"), 1)
    substitutes = strongest(of_all.where("relation = 'substitute' and level = 'product'"), MOST_LOOKED_AT)
    found = collect_rows(known["bundles"].orderBy(F.desc("n"), "item", "other").limit(MOST_LOOKED_AT), "bundles")
    names = described([id_ for row in found for id_ in both(row)], known["products"])
    bundles = [
        {**row.asDict(), "item": name_of(row["item"], names), "other": name_of(row["other"], names)}
        for row in without_shared_products(found, names, MOST, both)
    ]
    charts = [*substitute_table(by_name(substitutes)), *bundle_table(bundles)]
    if not together:
        if not bundles:
            return [Evidence("pairs", message("page.pairs.none"), None, charts)] if charts else []
        pair = {"item": bundles[0]["item"], "other": bundles[0]["other"]}
        answer = message("page.pairs.bundles", bundles=len(bundles), **pair)
        return [Evidence("pairs", answer, message("page.pairs.offer"), charts)]
    first = together[0]
    answer = message("page.pairs.answer", item=first["item"], other=first["other"], lift=first["lift"], n=first["n"])
    return [Evidence("pairs", answer, of_row(first, "action", AFFINITY), charts)]


def both(row: Row) -> list[str]:
    return [row["item"], row["other"]]


def strongest(pairs: DataFrame, most: int) -> list[Row]:
    """The pairs with the strongest correlation."""
    order = [F.desc(F.abs("phi")), F.asc("item"), F.asc("other")]
    return collect_rows(pairs.orderBy(*order).limit(most), "pairs of products")


def by_name(pairs: list[Row]) -> list[dict[str, Any]]:
    """The first pairs by what people call them; variants of a product have one name, and are one."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in pairs:
        names = row["action_values"] or {}
        item, other = names.get("item", row["item"]), names.get("other", row["other"])
        found.setdefault((item, other), {**row.asDict(), "item": item, "other": other})
    return list(found.values())[:MOST]


def substitute_table(rows: list[dict[str, Any]]) -> list[Chart]:
    if not rows:
        return []
    fields = (
        column("item", "product"),
        column("other", "instead"),
        column("n", "baskets", "count"),
        column("expected", "expected", "count"),
    )
    title = message("page.pairs.substitutes", pairs=len(rows))
    return [Chart("substitutes", "rows", rows, "affinity", title, message("page.pairs.substitutes_note"), fields)]


def bundle_table(rows: list[dict[str, Any]]) -> list[Chart]:
    if not rows:
        return []
    fields = (
        column("item", "product"),
        column("other", "with"),
        column("n", "baskets", "count"),
        column("n_one_only", "only_one", "count", is_minor=True),
        column("price_apart", "price_apart", "money"),
        column("price_together", "price_together", "money", is_minor=True),
    )
    priced = sum(row["price_together"] is not None for row in rows)
    title = message("page.pairs.priced", priced=priced) if priced else message("page.pairs.unpriced", bundles=len(rows))
    return [Chart("bundles", "rows", rows, "bundles", title, message("page.pairs.bundles_note"), fields)]
