"""What the summary says of alerts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.alerts.figures import evidence
from vitalfew.jobs.alerts.kinds import KINDS
from vitalfew.jobs.alerts.product_bursts import CALLED, SALES_DAYS
from vitalfew.jobs.alerts.proof import knows_nobody, proof, tested, unraised
from vitalfew.jobs.alerts.tables import ALERT_EVALUATION, ALERT_FIT, ALERT_TOTALS, ALERTS
from vitalfew.messages.message import Message, message, of_row
from vitalfew.report.answers import Line, missing
from vitalfew.report.sections import Asked, Report, Section

LOSING = ("churn_risk", "overdue", "inactive", "churned")
MOST_KINDS = 5
TABLES = (ALERT_TOTALS, ALERTS, ALERT_EVALUATION, ALERT_FIT)


def attention(totals: DataFrame, alerts: DataFrame, evaluation: DataFrame, fit: DataFrame) -> list[Line]:
    """The most urgent kinds of alerts, the others in a line, the worst alert of all, and the kinds without lift."""
    tests = tested(evaluation)
    found = {row["kind"]: row for row in collect_rows(totals, "kinds of alerts")}
    still = [found[kind] for kind in KINDS if kind in found and found[kind]["open"]]
    nobody = [Line(message("alerts.label.none_open"), message("alerts.fact.nobody"))] if knows_nobody(fit) else []
    if not found and not tests:
        return missing("alerts")
    if not still:
        settled = "none_open" if found else "none_raised"
        return nobody or [Line(message("alerts.label.none_open"), message(f"alerts.fact.{settled}")), *unraised(tests)]
    shown = MOST_KINDS if len(still) <= MOST_KINDS else MOST_KINDS - 1
    lines = [kind_line(row, tests) for row in still[:shown]]
    others = [*less_urgent(still[shown:]), *worst(alerts), *unraised(tests)]
    return [*to_do_first(alerts), *lines, *others, *nobody]


def less_urgent(rows: Sequence[Row]) -> list[Line]:
    """The kinds that are not shown one by one, in a line; none where there are none, and there is never just one."""
    if not rows:
        return []
    counts = {f"open{number}": row["open"] for number, row in enumerate(rows, start=1)}
    kinds = {f"kind{number}": row["kind"] for number, row in enumerate(rows, start=1)}
    code = f"of_{len(rows)}"
    text = message(f"alerts.less_urgent.{code}", **kinds, **counts)
    return [Line(message("alerts.label.less_urgent"), text, message("alerts.advice.less_urgent"))]


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
    text = message("alerts.fact.do_first", ranked=row["ranked"], of_all=row["all"], urgent=row["urgent"])
    return [Line(message("alerts.label.do_first"), text, message("alerts.advice.do_first"))]


def kind_line(row: Row, tests: Mapping[str, Row]) -> Line:
    """One kind of alert, and how well it does; `new` are counted where others are older."""
    who = "products" if row["kind"] in CALLED else "customers"
    return Line(
        message(f"alerts.kind.{row['kind']}"),
        message(
            f"alerts.fact.{who}", open=row["open"], marks=marks(row), stake=stake(row), proof=proof(tests, row["kind"])
        ),
        of_row(row, "action", ALERT_TOTALS),
        row["kind"],
        float(row["value_at_stake"]),
        "money",
    )


def marks(row: Row) -> Message:
    """How many of a kind are urgent and how many new, if any."""
    urgent = {"urgent": row["high"]} if row["high"] else {}
    fresh = {"fresh": row["raised"]} if 0 < row["raised"] < row["open"] else {}
    return message(f"alerts.marks.{'_'.join([*urgent, *fresh]) or 'unmarked'}", **urgent, **fresh)


def stake(row: Row) -> Message:
    """What is at stake, of a kind or of one alert."""
    value = row["value_at_stake"]
    if row["kind"] in CALLED:
        return message("alerts.stake.sales", at_stake=value, sales_days=SALES_DAYS)
    return message(f"alerts.stake.{'at_stake' if row['kind'] in LOSING else 'year'}", at_stake=value)


def worst(alerts: DataFrame) -> list[Line]:
    """The alert that comes first, with its evidence; how sure it is, the table says."""
    return [
        Line(
            message(f"alerts.label.{row['subject']}", id=row["subject_id"]),
            message("alerts.fact.first", evidence=brief(row), stake=stake(row)),
            of_row(row, "action", ALERTS),
            "first",
            float(row["value_at_stake"]),
            "money",
        )
        for row in collect_rows(alerts.where("rank = 1"), "the worst alert")
    ]


def brief(row: Row) -> Message:
    """The evidence of an open alert in its short form."""
    return Message(f"alerts.evidence.{row['evidence_code']}", row["evidence_values"]).as_group("alerts.brief")


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # nothing of it is needed
    return [
        Section("attention", attention(*(known[table.name] for table in TABLES))),
    ]


REPORT = Report(
    "alerts",
    TABLES,
    sections,
    evidence=evidence,
)
