"""What the summary says of the share of wallet."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.share_of_wallet.figures import Totals, by_category, evidence, groups_of, of_total, totals
from vitalfew.jobs.share_of_wallet.tables import (
    CATEGORY,
    CUSTOMER_WALLET,
    LIKENESS,
    WALLET_CATEGORIES,
    WALLET_EVALUATION,
    WALLET_GROUPS,
)
from vitalfew.messages.message import Message, message
from vitalfew.report.answers import Line
from vitalfew.report.sections import Asked, Report, Section

MOST_CATEGORIES = 3


def lines(known: Mapping[str, DataFrame], least: int) -> list[Line]:
    """Who is listed, where the gap is, how sure that is, and what it means; nothing where nothing was estimated."""
    judged = of_total(known["wallet_evaluation"])
    if judged is None:
        return []
    found, groups = totals(known["customer_wallet"]), groups_of(known["wallet_groups"])
    advice = message("share_of_wallet.advice.meaning") if found.listed else None
    return [
        listed_line(found, judged, groups, least),
        *(category_lines(known, least) if found.listed else []),
        *sure_lines(judged, known["wallet_evaluation"]),
        *group_lines(groups, judged, least),
        *not_judged(found),
        fact("meaning", message("share_of_wallet.fact.meaning"), advice),
    ]


def fact(code: str, said: Message, advice: Message | None = None, value: float | None = None, unit: str = "") -> Line:
    return Line(message(f"share_of_wallet.label.{code}"), said, advice, code, value, unit or None)


def listed_line(found: Totals, judged: Row, groups: list[Row], least: int) -> Line:
    """The list as a whole; or why there is none."""
    top = {"top": 1 - judged["quantile"]}
    if judged["method"] != LIKENESS:
        potential = groups[0]["potential_per_year"] if groups else 0
        if sum(row["customers"] for row in groups) < least:
            said = message("share_of_wallet.fact.few_judged", least=least)
            return fact("listed", said, None, 0.0, "customers")
        if not potential:
            return fact("listed", message("share_of_wallet.fact.no_spend", **top), None, 0.0, "customers")
        said = message("share_of_wallet.fact.no_likeness", potential=potential, **top)
        return fact("listed", said, message("share_of_wallet.advice.no_likeness"), 0.0, "customers")
    if not found.listed:
        return fact("listed", message("share_of_wallet.fact.nobody"), None, 0.0, "customers")
    advice, count = message("share_of_wallet.advice.listed"), float(found.listed)
    if found.listed < least:
        return fact("listed", message("share_of_wallet.fact.few", customers=found.listed), advice, count, "customers")
    figures = {"spend": found.spend, "typical": found.typical, "potential": found.potential}
    said = message("share_of_wallet.fact.listed", customers=found.listed, **figures, **top)
    return fact("listed", said, advice, count, "customers")


def category_lines(known: Mapping[str, DataFrame], least: int) -> list[Line]:
    rows = [row for row in by_category(known) if row["customers"] >= least]
    return [
        fact("categories", message("share_of_wallet.fact.category", **row.asDict()), None, float(row["gap"]), "money")
        for row in rows[:MOST_CATEGORIES]
    ]


def sure_lines(judged: Row, evaluation: DataFrame) -> list[Line]:
    """How the estimates of the total did, and in how many categories likeness helps."""
    found = [total_line(judged)]
    if judged["reason"] == "too_few":
        return found
    rows = collect_rows(evaluation.where(F.col("scope") == CATEGORY), "categories that were judged")
    if rows:
        better = sum(row["method"] == LIKENESS for row in rows)
        found.append(fact("sure", message("share_of_wallet.fact.by_category", better=better, categories=len(rows))))
    return found


def total_line(judged: Row) -> Line:
    if judged["tolerance"] is None or judged["reason"] == "too_few":
        return fact("sure", message("share_of_wallet.fact.not_tested"))
    figures = {
        "customers": judged["customers"],
        "up_to": judged["share_up_to"],
        "quantile": judged["quantile"],
        "tolerance": judged["tolerance"],
    }
    if not judged["is_calibrated"]:
        said, advice = (
            message("share_of_wallet.fact.uncalibrated", **figures),
            message("share_of_wallet.advice.uncalibrated"),
        )
        return fact("sure", said, advice, judged["share_up_to"], "share")
    if judged["method"] == LIKENESS:
        said = message("share_of_wallet.fact.sure", **figures, improvement=judged["improvement"])
    else:
        code = "one_figure" if judged["reason"] == "no_groups" else "plain"
        said = message(f"share_of_wallet.fact.{code}", **figures)
    return fact("sure", said, None, judged["share_up_to"], "share")


def group_lines(groups: list[Row], judged: Row, least: int) -> list[Line]:
    """How groups differ, and how categories add up."""
    shown = [row for row in groups if row["customers"] >= least]
    if not shown:
        return []
    found = []
    if judged["method"] == LIKENESS:
        ends = {"low": shown[-1]["potential_per_year"], "high": shown[0]["potential_per_year"]}
        customers = sum(row["customers"] for row in shown)
        said = message("share_of_wallet.fact.groups", groups=len(shown), customers=customers, **ends)
        found.append(fact("groups", said, None, float(customers), "customers"))
    whole, parts = (
        sum(row[name] * row["customers"] for row in shown) for name in ("potential_per_year", "categories_per_year")
    )
    if whole and parts:
        times = float(parts / whole)
        found.append(fact("groups", message("share_of_wallet.fact.sum", times=times), None, times, "times"))
    return found


def not_judged(found: Totals) -> list[Line]:
    told = []
    for name in ("too_new", "inactive", "nothing_known"):
        if customers := getattr(found, name):
            said = message(f"share_of_wallet.fact.{name}", customers=customers)
            told.append(fact("not_judged", said, None, float(customers), "customers"))
    return told


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job; no fact where nothing was estimated."""
    return [Section("share_of_wallet", lines(known, asked.min_group))]


REPORT = Report(
    "share_of_wallet",
    (CUSTOMER_WALLET, WALLET_CATEGORIES, WALLET_GROUPS, WALLET_EVALUATION),
    sections,
    evidence=evidence,
)
