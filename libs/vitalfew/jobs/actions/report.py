"""What the report says of the plan."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.actions.figures import binding, by_action, evidence, figures_of, name_of, total_of
from vitalfew.jobs.actions.tables import ACTION_PLAN, NOTHING, PLAN_LIMITS, PLAN_TOTALS, TIERS
from vitalfew.messages.message import Message, message
from vitalfew.report.answers import Line
from vitalfew.report.sections import Asked, Report, Section

MOST_PRICES = 3
"""Of limits: those in which one more brings most."""

LEAST_GAP = 0.00005
"""Less is nothing in the digits that are shown."""


def lines(plan: DataFrame, limits: DataFrame, totals: DataFrame, least: int) -> list[Line]:
    """The whole plan, each action, the tiers, where one more would earn most, and what is assumed; nothing of none."""
    total = total_of(totals)
    if total is None:
        return []
    acted = by_action(plan)
    doubts = [*overlapping(total), *harmful(total), *doubtful(total), *consents(total), *missing(total)]
    if not acted:
        return [empty(total), *doubts]
    shown = [row for row in acted if row["customers"] >= least]
    return [
        whole(total),
        best(total),
        *[action_line(row) for row in shown],
        *small(acted, shown),
        *tiers(plan, least),
        *idle(plan, total),
        *prices(limits),
        *compared(total),
        assumed(total),
        *doubts,
    ]


def fact(code: str, said: Message, advice: Message | None = None, value: float | None = None, unit: str = "") -> Line:
    return Line(message(f"actions.label.{code}"), said, advice, code, value, unit or None)


def whole(total: Row) -> Line:
    said = message("actions.fact.plan", **figures_of(total))
    return fact("plan", said, message("actions.advice.plan"), float(total["expected_gain"]), "money")


def empty(total: Row) -> Line:
    figures = {name: total[name] for name in ("until", "customers", "possible", "resting")}
    said = message("actions.fact.empty", **figures, refused=total["without_consent"])
    return fact("plan", said, message("actions.advice.empty"), 0.0, "money")


def best(total: Row) -> Line:
    """How far from the best the plan can be."""
    gap = total["gap"] or 0.0
    said = message("actions.fact.best", bound=total["bound"], value=total["value"], gap=gap)
    if gap < LEAST_GAP:
        said = message("actions.fact.best_possible", value=total["value"])
    return fact("best", said, None, gap, "share")


def action_line(row: Row) -> Line:
    label = message("actions.label.action", action=name_of(row["action"]), channel=row["channel"])
    figures = {name: row[name] for name in ("customers", "held_out", "cost")}
    said = message("actions.fact.action", **figures, gain=row["expected_gain"])
    return Line(label, said, None, row["action"], float(row["expected_gain"]), "money")


def small(acted: list[Row], shown: list[Row]) -> list[Line]:
    """How many actions are of groups that are not shown."""
    more = sum(row["customers"] for row in acted) - sum(row["customers"] for row in shown)
    if more <= 0:
        return []
    return [fact("small", message("actions.fact.small", customers=more), message("actions.advice.small"))]


def tiers(plan: DataFrame, least: int) -> list[Line]:
    """Where the money goes: by tier, the key customers first."""
    sums = [F.sum(name).alias(name) for name in ("customers", "cost", "expected_gain")]
    rows = collect_rows(plan.where(F.col("action") != NOTHING).groupBy("tier").agg(*sums), "tiers of a plan")
    found = []
    for row in sorted(rows, key=lambda row: TIERS.index(row["tier"])):
        if row["customers"] < least:
            continue
        label = message("actions.label.tier", tier=message(f"actions.tier.{row['tier']}"))
        figures = {"customers": row["customers"], "cost": row["cost"], "gain": row["expected_gain"]}
        said = message("actions.fact.tier", **figures)
        found.append(Line(label, said, None, row["tier"], float(row["expected_gain"]), "money"))
    return found


def idle(plan: DataFrame, total: Row) -> list[Line]:
    """How many get nothing, and why."""
    sums = plan.where(F.col("action") == NOTHING).agg(F.sum("customers").alias("customers"))
    customers = collect_rows(sums, "who gets nothing")[0]["customers"]
    if not customers:
        return []
    figures = {"customers": customers, "resting": total["resting"], "refused": total["without_consent"]}
    return [fact("nothing", message("actions.fact.nothing", **figures), None, float(customers), "customers")]


def prices(limits: DataFrame) -> list[Line]:
    """The limits that hold the plan back most, by kind: money, contacts, customers."""
    found = []
    for row in [row for row in binding(limits) if row["shadow_price"] > 0][:MOST_PRICES]:
        price = {"price": row["shadow_price"]}
        if row["kind"] == "budget":
            said = message("actions.fact.budget", **price)
        elif row["kind"] == "channel":
            said = message("actions.fact.channel", channel=row["name"], **price)
        else:
            said = message("actions.fact.capacity", action=name_of(row["name"]), **price)
        found.append(fact("limit", said, message("actions.advice.limit"), row["shadow_price"], "money"))
    return found


def compared(total: Row) -> list[Line]:
    """Who is held out, and who explores."""
    if not total["held_out"]:
        return [fact("held_out", message("actions.fact.not_held_out"), message("actions.advice.not_held_out"))]
    said = message("actions.fact.held_out", customers=total["held_out"], explored=total["explored"])
    return [fact("held_out", said, message("actions.advice.held_out"), float(total["held_out"]), "customers")]


def assumed(total: Row) -> Line:
    """What is assumed, and what was measured."""
    share, mixed = total["measured_share"] or 0.0, total["mixed_share"] or 0.0
    if mixed:
        return fact("assumed", message("actions.fact.part_mixed", share=share, mixed=mixed), None, share, "share")
    if not share:
        return fact("assumed", message("actions.fact.all_assumed"), message("actions.advice.all_assumed"), 0.0, "share")
    return fact("assumed", message("actions.fact.part_measured", share=share), None, share, "share")


def overlapping(total: Row) -> list[Line]:
    """What earlier plans gave in the same period."""
    if not total["overlapping"]:
        return []
    said = message("actions.fact.overlapping", contacts=total["overlapping"])
    return [fact("overlapping", said, message("actions.advice.overlapping"))]


def harmful(total: Row) -> list[Line]:
    return [
        Line(message("actions.label.harmful", action=name_of(name)), message("actions.fact.harmful"), None, "harmful")
        for name in total["harmful"]
    ]


def doubtful(total: Row) -> list[Line]:
    return [
        Line(
            message("actions.label.doubtful", action=name_of(name)), message("actions.fact.doubtful"), None, "doubtful"
        )
        for name in total["doubtful"] or []
    ]


def consents(total: Row) -> list[Line]:
    if total["consents_known"]:
        return []
    if refused := total["without_consent"]:
        said = message("actions.fact.no_consents", refused=refused)
        return [fact("consents", said, message("actions.advice.no_consents"))]
    return [fact("consents", message("actions.fact.consents"), message("actions.advice.consents"))]


def missing(total: Row) -> list[Line]:
    if not total["missing"]:
        return []
    return [
        fact("missing", message("actions.fact.missing", tables=total["missing"]), message("actions.advice.missing"))
    ]


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job; no fact where there is no plan."""
    found = lines(known["action_plan"], known["plan_limits"], known["plan_totals"], asked.min_group)
    return [Section("actions", found)]


REPORT = Report("actions", (ACTION_PLAN, PLAN_LIMITS, PLAN_TOTALS), sections, evidence=evidence)
