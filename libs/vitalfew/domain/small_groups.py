"""Groups of few people, hidden so that nobody is read from them, nor from a total minus the rest."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.tables import Table


@dataclass(frozen=True)
class Group:
    """One row of an aggregate: its key, how many people are in it, and the totals of which it is a part."""

    key: Hashable
    people: int
    totals: Collection[Hashable]


def hidden(groups: Collection[Group], least: int) -> set[Hashable]:
    """The keys of the groups that are not shown: those of fewer than `least` people, and those that give them away.

    In each total of which groups are hidden, two are at least, and they hold `least` people together, or all are. The
    smallest of the others are taken for that, by their people and their key. A group of nobody is hidden like others:
    that nobody is in it is read from a total too.
    """
    gone = {group.key for group in groups if group.people < least}
    by_total: dict[Hashable, list[Group]] = {}
    for group in sorted(groups, key=lambda group: (group.people, repr(group.key))):
        for total in group.totals:
            by_total.setdefault(total, []).append(group)
    while more := next((found for parts in by_total.values() if (found := lacking(parts, gone, least))), None):
        gone.add(more.key)
    return gone


def lacking(parts: Collection[Group], gone: Collection[Hashable], least: int) -> Group | None:
    """The next group of a total that must be hidden; None where enough are, or none, or there is no other."""
    hidden_parts = [group for group in parts if group.key in gone]
    is_enough = len(hidden_parts) > 1 and sum(group.people for group in hidden_parts) >= least
    if not hidden_parts or is_enough:
        return None
    return next((group for group in parts if group.key not in gone), None)


MARGINS: Mapping[str, tuple[str, tuple[tuple[str, ...], ...]]] = {
    "rfm_segments": ("customers", ((),)),
    "cluster_profiles": ("customers", ((),)),
    "segment_move_matrix": ("customers", (("scheme", "from_group"), ("scheme", "to_group"))),
    "cohorts": ("customers", (("dimension", "months_since"),)),
    "cohort_profiles": ("customers", (("dimension",),)),
    "concentration": ("subjects", (("subject", "dimension"),)),
    "timing_grid": ("customers", (("dimension", "member"), ("dimension", "weekday", "hour"))),
    "customer_coverage": ("customers", (("is_known",),)),
    "purchase_reliability": ("customers", (("horizon_days",),)),
    "purchase_calibration": ("customers", (("model",),)),
    "uplift": ("smaller_arm", (("campaign", "action", "arm", "dimension", "outcome"),)),
    "uplift_arms": ("customers", (("campaign", "action"),)),
    "action_plan": ("customers", ((), ("tier",), ("action", "channel"))),
    "price_willingness": ("customers", (("grouping",),)),
    "wallet_groups": ("customers", (("scope", "category"),)),
    "lifecycle_stages": ("customers", (("ladder",),)),
}
"""By aggregate, the column that counts people, and the columns within which its rows add up to a total."""
BASKETS: Mapping[str, str] = {
    "itemsets": "n",
    "rules": "n",
    "bundles": "n",
    "affinity": "if(relation = 'complement', n, least(n_item, n_other))",
}
"""By table of baskets, how many a row speaks of, as SQL: of no more people. Its rows add up to no total."""
ALONE: Mapping[str, str] = {
    "alert_evaluation": "if(customers > 0, customers, 2147483647)",
    "influence_check": "if(customers > 0, customers, 2147483647)",
    "sequence_rules": "customers",
    "sequence_patterns": "customers",
    "product_loyalty": "buyers",
    "micro_segments": "least(found_customers, confirmed_customers)",
    "prospect_evaluation": "if(people > 0, people, 2147483647)",
    "prospect_reliability": "people",
    "prospect_profile": "least(customers, if(best_customers > 0, best_customers, 2147483647))",
    "wallet_evaluation": "if(customers > 0, customers, 2147483647)",
    "voice_themes": "people",
    "voice_sources": "people",
    "lifecycle_needs": "if(customers > 0, customers, 2147483647)",
    "lifecycle_existence": "answered + unknown",
    "lifecycle_evaluation": "customers",
    "lifecycle_reliability": "customers",
    "sequence_evaluation": "if(customers > 0, customers, 2147483647)",
}
"""By table of people whose rows add up to no total, how many a row speaks of, as SQL; any number where of nobody."""
SUMMED_ON_PAGES = ("action_plan",)
"""Tables of which a page shows sums alone: it hides the small ones of these, so that they are sums of all rows."""
OF_PEOPLE = (*MARGINS, *BASKETS, *ALONE)
"""The tables that `without_small_groups` knows."""


def without_small_groups(frame: DataFrame, table: Table, least: int) -> tuple[DataFrame, int, int]:
    """A slice of an aggregate without the groups that are `hidden`; how many these are, and how many there were.

    Of a table whose rows add up to no total: without the rows that speak of fewer than `least` people, or baskets, and
    so of fewer people.
    """
    sizes = {**BASKETS, **ALONE}
    if table.name in sizes:
        return row_by_row(frame, table, sizes[table.name], least)
    people, margins = MARGINS[table.name]
    key = [name for name in table.key if name != table.slice]
    groups = [
        Group(tuple(row[name] for name in key), row[people], [(m, *[row[name] for name in m]) for m in margins])
        for row in collect_rows(frame.select(*key, people), table.name)
    ]
    gone = hidden(groups, least)
    if not gone:
        return frame, 0, len(groups)
    types = ", ".join(f"_{name} {table.type_of(name)}" for name in key)
    rows = frame.sparkSession.createDataFrame([group.key for group in groups if group.key in gone], types)
    is_gone = reduce(and_, [F.col(name).eqNullSafe(F.col(f"_{name}")) for name in key])  # an hour may be NULL
    return frame.join(rows, on=is_gone, how="left_anti").select(*frame.columns), len(gone), len(groups)


def row_by_row(frame: DataFrame, table: Table, size: str, least: int) -> tuple[DataFrame, int, int]:
    """The rows whose `size`, as SQL, is `least` or more; how many do not, and how many there were."""
    is_shown = F.expr(f"{size} >= {least}")
    row = collect_rows(frame.agg(F.count_if(~is_shown).alias("gone"), F.count(F.lit(1)).alias("rows")), table.name)[0]
    return frame.where(is_shown), row["gone"], row["rows"]
