"""All that `--decisions` adds, by table: rows for the tables of the shop, and tables that only this part has."""

from __future__ import annotations

import json
from pathlib import Path

from pyspark.sql import DataFrame

from generator.decisions import (
    demands,
    groups,
    influences,
    lifecycles,
    prices,
    prospects,
    sequences,
    texts,
    treatments,
    wallets,
)
from generator.decisions.sources import customers, products
from generator.shop import Shop

PARTS = (prices, demands, sequences, lifecycles, influences, wallets, treatments, groups, prospects, texts)
OWN = ("stock", "milestones", "referrals", "treatments")
"""Source tables that the shop does not have without this."""

TRUTHS = (
    "truth_elasticities",
    "truth_demand",
    "truth_sequences",
    "truth_stages",
    "truth_ties",
    "truth_wallets",
    "truth_gains",
    "truth_groups",
    "truth_hazards",
    "truth_themes",
)


def has_decisions(root: Path) -> bool:
    """Whether the shop below `root` was made with all this: its truth has rows then."""
    truth = root / "truth.json"
    return truth.exists() and json.loads(truth.read_text()).get("has_decisions", False)


def added(shop: Shop) -> dict[str, list[DataFrame]]:
    """By table, the rows of each part."""
    special = {
        "wallets": wallets.attributes(),
        "groups": groups.attributes(shop),
        "prospects": prospects.attributes(shop),
    }
    found: dict[str, list[DataFrame]] = {"products": [products(shop)], "customers": [customers(shop, special)]}
    for part in PARTS:
        for name, rows in part.tables(shop).items():
            found.setdefault(name, []).append(rows)
    return found
