"""What a page shows of prospects: the list, whom to put effort into, the profile, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark.sql import Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.product_names import described, name_of
from vitalfew.jobs.prospects.tables import HORIZONS, VERDICTS
from vitalfew.messages.message import Message, message
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

MOST = 20
"""People and traits in a table; the others are in the tables behind."""


def totals_of(known: Known) -> Row | None:
    rows = collect_rows(known["prospect_totals"], "totals of prospects")
    return rows[0] if rows else None


def horizon_of(known: Known) -> int | None:
    """The longest horizon within which orders are predicted; None where there is none."""
    rows = collect_rows(known["prospect_evaluation"].where("is_published").select("horizon_days"), "horizons")
    return max((row["horizon_days"] for row in rows), default=None)


def by_verdict(known: Known, horizon: int | None) -> list[Row]:
    """How many people, with which probability and worth, in the order of VERDICTS."""
    p = F.col(f"p_order_{horizon or HORIZONS[0]}")
    rows = collect_rows(
        known["prospects"]
        .groupBy("verdict")
        .agg(
            F.count(F.lit(1)).alias("people"),
            F.round(F.avg(p), 6).alias("p"),
            F.round(F.sum(p), 6).alias("orders"),
            F.sum("worth").cast("decimal(28,2)").alias("worth"),
        ),
        "prospects by verdict",
    )
    return sorted(rows, key=lambda row: VERDICTS.index(row["verdict"]))


def distinct(known: Known, asked: Asked) -> list[Row]:
    """What the best customers have more often, beyond chance: what they have most above others first."""
    shown = known["prospect_profile"].where(
        F.col("is_distinct") & (F.col("lift") > 1) & (F.col("best_customers") >= asked.min_group)
    )
    rows = collect_rows(shown, "the profile of the best customers")
    return sorted(rows, key=lambda row: (-row["log_odds"], row["trait"], row["value"]))


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """Nothing where the job did not run."""
    totals = totals_of(known)
    if totals is None:
        return []
    traits = distinct(known, asked)
    profile = [profile_chart(traits[:MOST], totals)] if traits else []
    advice = message("prospects.advice.profile") if traits else None
    if totals["state"] in ("no_behaviour", "no_prospects"):
        is_nothing = totals["state"] == "no_behaviour" and not traits
        answer = message(f"page.prospects.{'nothing' if is_nothing else totals['state']}")
        return [
            Evidence("prospects", answer, message("prospects.advice.no_behaviour") if is_nothing else advice, profile)
        ]
    if totals["prospects"] < asked.min_group:
        return [Evidence("prospects", message("page.prospects.few"), advice, profile)]
    horizon = horizon_of(known)
    if horizon is None:
        answer = message("page.prospects.not_predicted", prospects=totals["prospects"])
        return [Evidence("prospects", answer, advice, profile)]
    groups = by_verdict(known, horizon)
    orders = sum(row["orders"] for row in groups)
    answer = message("page.prospects.answer", prospects=totals["prospects"], orders=orders, horizon=horizon)
    charts = [
        list_chart(known, horizon, asked),
        *verdict_charts(groups, asked),
        *profile,
        *reliability_charts(known, horizon, asked),
    ]
    return [Evidence("prospects", answer, message("prospects.advice.prospects"), charts)]


def list_chart(known: Known, horizon: int, asked: Asked) -> Chart:
    """The people with the most expected orders."""
    p = F.col(f"p_order_{horizon}")
    order = [F.desc("worth"), F.desc(p), F.asc("customer_id")]
    rows = collect_rows(known["prospects"].withColumn("p", p).orderBy(*order).limit(MOST), "prospects worth most")
    offers = [row["first_offer_product_id"] for row in rows if row["first_offer_product_id"] is not None]
    names = described(offers, known["products"])
    shown = [
        {
            "customer_id": row["customer_id"],
            "p": row["p"],
            "worth": row["worth"],
            "likeness": message(f"prospects.likeness.{row['likeness']}") if row["likeness"] else None,
            "looks_for": row["looks_for"],
            "offer": name_of(row["first_offer_product_id"], names) if row["first_offer_product_id"] else None,
            "verdict": message(f"prospects.verdict.{row['verdict']}"),
        }
        for row in rows
    ]
    fields = (
        column("customer_id", "prospect"),
        column("p", "p_order", "share"),
        column("worth", "expected_orders", "money"),
        column("likeness", "like_the_best", is_minor=True),
        column("looks_for", "looks_for", is_minor=True),
        column("offer", "first_offer"),
        column("verdict", "action"),
    )
    title = message("page.prospects.list", people=len(shown))
    note = message("page.prospects.list_note", ids=asked.ids, horizon=horizon)
    return Chart("prospects", "rows", shown, "prospects", title, note, fields)


def verdict_charts(groups: Sequence[Row], asked: Asked) -> list[Chart]:
    """Whom to put effort into; nothing where a group is too small to be shown."""
    if any(row["people"] < asked.min_group for row in groups):
        return []
    shown: list[dict[str, Any]] = [
        {
            "verdict": message(f"prospects.verdict.{row['verdict']}"),
            "people": row["people"],
            "p": row["p"],
            "worth": row["worth"],
        }
        for row in groups
    ]
    fields = (
        column("verdict", "action"),
        column("people", "people", "count"),
        column("p", "p_order", "share"),
        column("worth", "expected_orders", "money"),
    )
    title, note = message("page.prospects.verdicts"), message("page.prospects.verdicts_note")
    return [Chart("prospect_effort", "rows", shown, "prospects", title, note, fields)]


def profile_chart(rows: Sequence[Row], totals: Row) -> Chart:
    shown = [
        {
            "trait": trait(row),
            "customers": row["customers"],
            "best": row["share_of_best"],
            "others": row["share_of_others"],
            "lift": row["lift"],
            "low": row["lift_low"],
            "high": row["lift_high"],
        }
        for row in rows
    ]
    fields = (
        column("trait", "trait"),
        column("customers", "customers", "count", is_minor=True),
        column("best", "share_of_best", "share"),
        column("others", "share_of_others", "share"),
        column("lift", "times_as_often", "times"),
        column("low", "at_least", "times", is_minor=True),
        column("high", "at_most", "times", is_minor=True),
    )
    title = message("page.prospects.profile")
    note = message("page.prospects.profile_note", share=totals["best_share"], days=totals["value_days"])
    return Chart("prospect_profile", "rows", shown, "prospect_profile", title, note, fields)


def trait(row: Row) -> Message:
    """A value of a trait, in words."""
    return message("prospects.audience.value", trait=row["trait"], value=row["value"])


def reliability_charts(known: Known, horizon: int, asked: Asked) -> list[Chart]:
    """What was predicted against what came; nothing where a group is too small to be shown."""
    of = known["prospect_reliability"].where(F.col("horizon_days") == horizon)
    rows = sorted(collect_rows(of, "reliability of prospects"), key=lambda row: row["bin"])
    if not rows or any(row["people"] < asked.min_group for row in rows):
        return []
    names = ("bin", "moments", "predicted", "found", "low", "high")
    shown = [{name: row[name] for name in names} for row in rows]
    fields = (
        column("bin", "group_number", "count"),
        column("moments", "moments", "count", is_minor=True),
        column("predicted", "predicted", "share"),
        column("found", "found_share", "share"),
        column("low", "at_least", "share", is_minor=True),
        column("high", "at_most", "share", is_minor=True),
    )
    title = message("page.prospects.reliability", horizon=horizon)
    note = message("page.prospects.reliability_note")
    return [Chart("prospect_reliability", "rows", shown, "prospect_reliability", title, note, fields)]
