"""What the summary says of who moves others."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row

from vitalfew.jobs.influence.figures import answer, are_few, evidence, told, totals
from vitalfew.jobs.influence.tables import CUSTOMER_INFLUENCE, INFLUENCE_CHECK, INFLUENCE_TOTALS, REFERRAL
from vitalfew.messages.message import message, of_row
from vitalfew.report.answers import Line, missing
from vitalfew.report.sections import Asked, Report, Section


def lines(known: Mapping[str, DataFrame], asked: Asked) -> list[Line]:
    """What was brought, or what is missing to know it; what is odd about referrals; and the tests."""
    found = totals(known)
    if found is None:
        return missing("influence")
    tests = [check_line(row) for row in told(known["influence_check"], asked)]
    return [graph_line(found, bool(tests), asked), *doubts(found), *tests, *sticky(found, asked)]


def graph_line(found: Row, is_tested: bool, asked: Asked) -> Line:
    if found["edges"] and are_few(found, asked):
        few = message("influence.fact.few", least=asked.min_group)
        return Line(message("influence.label.none"), few, message("influence.advice.list"), "few")
    if found["edges"]:
        is_referral = found["source"] == REFERRAL
        count = found["brought_customers"] if is_referral else found["influencers"]
        code = "brought" if is_referral else "followed"
        label, advice = message(f"influence.label.{code}"), message("influence.advice.list")
        return Line(label, answer(found, "influence.fact"), advice, code, float(count), "customers")
    reason = "all_left_out" if found["referrals"] else "no_influence" if is_tested else "none"
    label = message("influence.label.none")
    return Line(label, message(f"influence.fact.{reason}"), message("influence.advice.none"), "none", is_open=True)


def doubts(found: Row) -> list[Line]:
    """Referrals that do not count, rings, referrers who never bought, and what too many share."""
    late, repeated, of_self = (found[f"{name}_referrals"] for name in ("late", "repeated", "self"))
    lines = []
    if left_out := late + repeated + of_self:
        text = message("influence.fact.left_out", late=late, repeated=repeated, self=of_self)
        advice = message("influence.advice.left_out")
        lines.append(Line(message("influence.label.left_out"), text, advice, "left_out", float(left_out), "rows"))
    if unknown := found["unknown_referrers"]:
        text = message("influence.fact.unknown", customers=unknown)
        lines.append(Line(message("influence.label.unknown"), text, None, "unknown", float(unknown), "customers"))
    if loops := found["loop_customers"]:
        text, advice = message("influence.fact.loops", customers=loops), message("influence.advice.loops")
        lines.append(Line(message("influence.label.loops"), text, advice, "loops", float(loops), "customers"))
    if large := found["large_tie_groups"]:
        text, advice = message("influence.fact.large", groups=large), message("influence.advice.large")
        lines.append(Line(message("influence.label.large"), text, advice, "large", float(large), "rows"))
    return lines


def check_line(row: Row) -> Line:
    label = message("influence.label.check", tie=message(f"influence.tie.{row['tie']}"))
    verdict = message(f"influence.verdict.{row['verdict']}")
    text = message("influence.fact.check", verdict=verdict, followed=row["followed"], expected=row["expected"])
    return Line(label, text, of_row(row, "finding", INFLUENCE_CHECK), row["verdict"], row["z"], "score")


def sticky(found: Row, asked: Asked) -> list[Line]:
    """How often active customers are there."""
    if found["stickiness"] is None or found["monthly_actives"] < asked.min_group:
        return []
    figures = {"daily": found["daily_actives"], "monthly": found["monthly_actives"], "share": found["stickiness"]}
    text = message("influence.fact.stickiness", **figures)
    return [Line(message("influence.label.stickiness"), text, None, "stickiness", found["stickiness"], "share")]


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    return [Section("influence", lines(known, asked))]


REPORT = Report("influence", (CUSTOMER_INFLUENCE, INFLUENCE_CHECK, INFLUENCE_TOTALS), sections, evidence=evidence)
