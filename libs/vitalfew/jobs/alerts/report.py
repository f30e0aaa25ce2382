"""What the summary says of alerts."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.alerts.kinds import KINDS
from vitalfew.jobs.alerts.product_bursts import CALLED
from vitalfew.jobs.alerts.tables import ALERT_TOTALS, ALERTS
from vitalfew.report.answers import Line, missing
from vitalfew.report.formats import how_many, money
from vitalfew.report.sections import Asked, Report, Section

NAMES = {
    "super_back": "back again",
    "complaints": "complaints",
    "returns": "sent back",
    "bad_ratings": "bad ratings",
    "leaving": "leaving",
    "spend_drop": "spending less",
    "overdue": "own rhythm broken",
    "rising": "buying more often",
    "silent": "silent",
    "churned": "lost",
}


LOSING = ("leaving", "overdue", "silent", "churned")
MOST_KINDS = 5
REMARK = re.compile(r" \([^()]*\)\.$")
"""How sure an alert is stands in parentheses at the end of its evidence."""


def attention(totals: DataFrame, alerts: DataFrame) -> list[Line]:
    """The most urgent kinds of alerts, the others in a line, and the worst alert of all."""
    found = {row["kind"]: row for row in collect_rows(totals, "kinds of alerts")}
    still = [found[kind] for kind in KINDS if kind in found and found[kind]["open"]]
    if not found:
        return missing("alerts")
    if not still:
        return [Line("nothing", "No alert is open: what was at the last look has been settled.")]
    shown = MOST_KINDS if len(still) <= MOST_KINDS else MOST_KINDS - 1
    lines = [*to_do_first(alerts), *[kind_line(row) for row in still[:shown]]]
    if others := ", ".join(f"{NAMES[row['kind']]} {row['open']:,}" for row in still[shown:]):
        lines.append(Line("less urgent", others, "See them all: vitalfew show alert_totals"))
    return lines + worst(alerts)


def to_do_first(alerts: DataFrame) -> list[Line]:
    """How many customers and products are ranked and how many urgent, each once, whatever alerts there are of them."""
    is_urgent = F.max((F.col("severity") == "high").cast("int")).alias("is_urgent")
    # by subject first: of distinct pairs the embedded engine holds a set
    each = (
        alerts.where("status = 'open'").groupBy("subject", "subject_id").agg(F.count("rank").alias("ranks"), is_urgent)
    )
    counted = each.agg(
        F.coalesce(F.sum("ranks"), F.lit(0)).alias("ranked"),
        F.count(F.lit(1)).alias("all"),
        F.coalesce(F.sum("is_urgent"), F.lit(0)).alias("urgent"),
    )
    row = collect_rows(counted, "subjects of alerts")[0]
    if not row["ranked"]:
        return []
    text = f"{row['ranked']:,} of {row['all']:,} customers and products with an alert ({row['urgent']:,} urgent)"
    return [Line("do first", text, 'vitalfew show alerts --where "rank <= 100" --by value_at_stake')]


def kind_line(row: Row) -> Line:
    """One kind of alert; `new` are counted where others are older."""
    marks = [f"{row['high']:,} urgent"] if row["high"] else []
    marks += [f"{row['raised']:,} new"] if 0 < row["raised"] < row["open"] else []
    told = f" ({', '.join(marks)})" if marks else ""
    many = how_many(row["open"], "product" if row["kind"] in CALLED else "customer")
    return Line(
        NAMES[row["kind"]],
        f"{many}{told}, {stake(row)}",
        row["action"],
        row["kind"],
        float(row["value_at_stake"]),
        "money",
    )


def stake(row: Row) -> str:
    """What is at stake, of a kind or of one alert."""
    value = money(row["value_at_stake"])
    if row["kind"] in CALLED:
        return f"sold for {value} in 90 days"
    return f"{value} at stake" if row["kind"] in LOSING else f"worth {value} a year"


def worst(alerts: DataFrame) -> list[Line]:
    """The alert that comes first, with its evidence."""
    lines = []
    for row in collect_rows(alerts.where("rank = 1"), "the worst alert"):
        evidence = REMARK.sub("", row["evidence"]).rstrip(".")
        lines.append(
            Line(
                f"{row['subject']} {row['subject_id']}",
                f"{evidence}; {stake(row)}",
                row["action"],
                "first",
                float(row["value_at_stake"]),
                "money",
            )
        )
    return lines


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # nothing of it is needed
    return [
        Section("attention", attention(known["alert_totals"], known["alerts"])),
    ]


REPORT = Report(
    "alerts",
    (
        ALERT_TOTALS,
        ALERTS,
    ),
    sections,
)
