"""What the summary says of what has changed: alerts, and moves between groups."""

from __future__ import annotations

import re

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.algorithms import driver
from vitalfew.analyses.alert_products import CALLED
from vitalfew.analyses.alerts import TO_DO
from vitalfew.analyses.move_flows import Flow
from vitalfew.analyses.move_rows import ADVICE, NAMES, went
from vitalfew.analyses.summary_customers import money
from vitalfew.analyses.summary_text import Line, how_many, missing, percent, sentence

KINDS = {
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

AFTER_MOVES = {
    "rfm": "Write to those who went down, the most valuable first.",
    "contribution": "Ask those who went down what they buy elsewhere.",
}
MOST_FLOWS = 2


def attention(totals: DataFrame, alerts: DataFrame) -> list[Line]:
    """The most urgent kinds of alerts, the others in a line, and the worst alert of all."""
    found = {row["kind"]: row for row in driver.rows(totals, "kinds of alerts")}
    still = [found[kind] for kind in TO_DO if kind in found and found[kind]["open"]]
    if not found:
        return missing("alerts")
    if not still:
        return [Line("nothing", "No alert is open: what was at the last look has been settled.")]
    shown = MOST_KINDS if len(still) <= MOST_KINDS else MOST_KINDS - 1
    lines = [*to_do_first(alerts), *[kind_line(row) for row in still[:shown]]]
    if others := ", ".join(f"{KINDS[row['kind']]} {row['open']:,}" for row in still[shown:]):
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
    row = driver.rows(counted, "subjects of alerts")[0]
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
    return Line(KINDS[row["kind"]], f"{many}{told}, {stake(row)}", row["action"])


def stake(row: Row) -> str:
    """What is at stake, of a kind or of one alert."""
    value = money(row["value_at_stake"])
    if row["kind"] in CALLED:
        return f"sold for {value} in 90 days"
    return f"{value} at stake" if row["kind"] in LOSING else f"worth {value} a year"


def worst(alerts: DataFrame) -> list[Line]:
    """The alert that comes first, with its evidence."""
    lines = []
    for row in driver.rows(alerts.where("rank = 1"), "the worst alert"):
        evidence = REMARK.sub("", row["evidence"]).rstrip(".")
        lines.append(Line(f"{row['subject']} {row['subject_id']}", f"{evidence}; {stake(row)}", row["action"]))
    return lines


def moved(totals: DataFrame, matrix: DataFrame) -> list[Line]:
    """How many changed group, and the unusual flows with the highest value; nothing without a look before this."""
    found = {row["scheme"]: row for row in driver.rows(totals, "moves") if row["previous_on"] and row["customers_now"]}
    lines = [total_line(found[scheme]) for scheme in ("rfm", "contribution", "clusters") if scheme in found]
    if not lines:
        return []
    value = F.desc(F.greatest("value_before", "value_now"))
    flows = matrix.where("is_abnormal").orderBy(value, "scheme", "from_group", "to_group").limit(MOST_FLOWS)
    return lines + [flow_line(row) for row in driver.rows(flows, "unusual flows")]


def total_line(row: Row) -> Line:
    before = row["customers_before"]
    share = f" ({percent(row['moved'] / before)})" if before else ""
    ways = f": {row['moved_up']:,} up, {row['moved_down']:,} down with {money(row['value_down'])}"
    came = f"; {row['entered']:,} new" if row["entered"] else ""
    text = (
        f"{row['moved']:,} of {how_many(before, 'customer')}{share} changed since {row['previous_on']}"
        f"{ways if row['moved_up'] or row['moved_down'] else ''}{came}"
    )
    return Line(NAMES[row["scheme"]], text, AFTER_MOVES.get(row["scheme"]) if row["moved_down"] else None)


def flow_line(row: Row) -> Line:
    is_more = row["customers"] > row["expected"]
    worth = f", worth {money(max(row['value_before'], row['value_now']))}," if row["customers"] else ""
    than = f"{'more' if is_more else 'fewer'} than the {row['expected']:,.0f} to be expected"
    way = went(row["scheme"], Flow(row["kind"], row["from_group"], row["to_group"], row["customers"]))
    text = f"{how_many(row['customers'], 'customer')}{worth} {way}, {than}"
    return Line("unusual", text, sentence(ADVICE[row["direction"] or row["kind"], is_more]))
