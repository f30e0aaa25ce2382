"""What a page shows of wallets: who spends most of it elsewhere, in which categories, and how like customers spend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.share_of_wallet.tables import LIKENESS, TOTAL
from vitalfew.messages.canonical import Item
from vitalfew.messages.message import Message, message
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

MOST = 20
"""Customers, categories and groups in a table; the others are in the tables behind."""


@dataclass(frozen=True)
class Totals:
    """The list as a whole, a year, and who is not judged."""

    listed: int
    spend: Decimal
    typical: Decimal
    potential: Decimal
    too_new: int
    inactive: int
    nothing_known: int


def totals(wallets: DataFrame) -> Totals:
    is_listed = F.col("standing") == "listed"
    sums = {"spend": "spend_per_year", "typical": "typical_per_year", "potential": "potential_per_year"}
    row = collect_rows(
        wallets.agg(
            F.count_if(is_listed).alias("listed"),
            *[
                F.coalesce(F.sum(F.when(is_listed, F.col(column_))), F.lit(0)).cast("decimal(28,2)").alias(name)
                for name, column_ in sums.items()
            ],
            *[F.count_if(F.col("standing") == name).alias(name) for name in ("too_new", "inactive", "nothing_known")],
        ),
        "totals of wallets",
    )[0]
    return Totals(**row.asDict())


def of_total(evaluation: DataFrame) -> Row | None:
    """How the estimates of the total did; None where nothing was estimated."""
    rows = collect_rows(evaluation.where(F.col("scope") == TOTAL), "the evaluation of the total")
    return rows[0] if rows else None


def groups_of(groups: DataFrame) -> list[Row]:
    """The groups in all categories together, the largest potential first."""
    rows = collect_rows(groups.where(F.col("scope") == TOTAL), "groups of like customers")
    return sorted(rows, key=lambda row: (-row["potential_per_year"], row["peer_group"]))


def name_of(conditions: Mapping[str, str]) -> Message:
    """A group by what makes it."""
    items = [Item("value", {"attribute": name, "value": value}) for name, value in sorted(conditions.items())]
    return message("share_of_wallet.group.name", conditions=items or [Item("everybody")])


def by_category(known: Known) -> list[Row]:
    """Of listed customers, where the gaps are: the category with most of it first."""
    listed = known["customer_wallet"].where("standing = 'listed'").select("customer_id")
    gaps = known["wallet_categories"].join(listed, on="customer_id", how="left_semi").groupBy("category")
    summed = gaps.agg(
        F.count(F.lit(1)).alias("customers"),
        F.count_if("is_never").alias("never"),
        F.sum("gap_per_year").cast("decimal(28,2)").alias("gap"),
    )
    return collect_rows(summed.orderBy(F.desc("gap"), "category").limit(MOST), "categories with a gap")


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """Nothing where nothing was estimated."""
    judged = of_total(known["wallet_evaluation"])
    if judged is None:
        return []
    found = totals(known["customer_wallet"])
    groups = [row for row in groups_of(known["wallet_groups"]) if row["customers"] >= asked.min_group]
    charts = [group_chart(groups[:MOST])] if groups and judged["method"] == LIKENESS else []
    if not found.listed:
        answer = message(f"page.share_of_wallet.{'nobody' if judged['method'] == LIKENESS else 'no_likeness'}")
        advice = None if judged["method"] == LIKENESS else message("share_of_wallet.advice.no_likeness")
        return [Evidence("share_of_wallet", answer, advice, charts)]
    categories = [row for row in by_category(known) if row["customers"] >= asked.min_group]
    drawn = [customer_chart(known, judged, asked), *([category_chart(categories)] if categories else []), *charts]
    advice = message(f"share_of_wallet.advice.{'meaning' if judged['is_calibrated'] else 'uncalibrated'}")
    return [Evidence("share_of_wallet", answered(found, judged, asked), advice, drawn)]


def answered(found: Totals, judged: Row, asked: Asked) -> Message:
    if not judged["is_calibrated"]:
        return message("page.share_of_wallet.uncalibrated")
    if found.listed < asked.min_group:
        return message("page.share_of_wallet.few")
    more = found.typical - found.spend
    return message("page.share_of_wallet.answer", customers=found.listed, spend=found.spend, more=more)


def customer_chart(known: Known, judged: Row, asked: Asked) -> Chart:
    """The listed customers with the largest gap."""
    listed = known["customer_wallet"].where("standing = 'listed'")
    top = listed.orderBy(F.desc("gap_per_year"), "customer_id").limit(MOST)
    first = known["wallet_categories"].where("rank = 1").select("customer_id", "category")
    rows = collect_rows(top.join(first, on="customer_id", how="left"), "customers with the largest gap")
    shown = [
        {
            "customer_id": row["customer_id"],
            "spend": row["spend_per_year"],
            "typical": row["typical_per_year"],
            "potential": row["potential_per_year"],
            "share": row["share_of_wallet"],
            "orders": row["orders_per_year"],
            "usual": row["usual_orders"],
            "category": row["category"],
        }
        for row in sorted(rows, key=lambda row: (-row["gap_per_year"], row["customer_id"]))
    ]
    fields = (
        column("customer_id", "customer"),
        column("spend", "spend", "money"),
        column("typical", "typical", "money", is_minor=True),
        column("potential", "potential", "money"),
        column("share", "wallet_share", "share"),
        column("orders", "orders", "number", is_minor=True),
        column("usual", "usual_orders", "number", is_minor=True),
        column("category", "likely_elsewhere"),
    )
    note = message("page.share_of_wallet.note", ids=asked.ids, top=1 - judged["quantile"])
    title = message("page.share_of_wallet.titles", customers=len(shown))
    return Chart("wallets", "rows", shown, "customer_wallet", title, note, fields)


def category_chart(rows: Sequence[Row]) -> Chart:
    shown: list[dict[str, Any]] = [row.asDict() for row in rows]
    fields = (
        column("category", "category"),
        column("customers", "customers", "count"),
        column("never", "never_bought", "count", is_minor=True),
        column("gap", "gap", "money"),
    )
    title, note = message("page.share_of_wallet.categories"), message("page.share_of_wallet.categories_note")
    return Chart("elsewhere", "bars", shown, "wallet_categories", title, note, fields, x="category", y="gap")


def group_chart(rows: Sequence[Row]) -> Chart:
    shown = [
        {
            "group": name_of(row["conditions"]),
            "customers": row["customers"],
            "typical": row["typical_per_year"],
            "potential": row["potential_per_year"],
        }
        for row in rows
    ]
    fields = (
        column("group", "peer_group"),
        column("customers", "customers", "count"),
        column("typical", "typical", "money"),
        column("potential", "potential", "money"),
    )
    title, note = message("page.share_of_wallet.groups"), message("page.share_of_wallet.groups_note")
    return Chart("peers", "rows", shown, "wallet_groups", title, note, fields)
