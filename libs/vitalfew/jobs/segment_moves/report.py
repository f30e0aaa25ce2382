"""What the summary says of moves between groups."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.segment_moves.flow_rows import ADVICE, NAMES, OTHER_SETTINGS, went
from vitalfew.jobs.segment_moves.flows import Flow
from vitalfew.jobs.segment_moves.tables import MOVE_MATRIX, MOVE_TOTALS
from vitalfew.report.answers import Line
from vitalfew.report.formats import how_many, money, percent, sentence
from vitalfew.report.sections import Asked, Report, Section

AFTER_MOVES = {
    "rfm": "Write to those who went down, the most valuable first.",
    "contribution": "Ask those who went down what they buy elsewhere.",
}


MOST_FLOWS = 2


def moved(totals: DataFrame, matrix: DataFrame) -> list[Line]:
    """How many changed group, and the unusual flows with the highest value; nothing without a look before this."""
    known = {row["scheme"]: row for row in collect_rows(totals, "moves") if row["customers_now"]}
    found = {name: row for name, row in known.items() if row["previous_on"] or row["note"].startswith(OTHER_SETTINGS)}
    lines = [total_line(found[scheme]) for scheme in ("rfm", "contribution", "clusters") if scheme in found]
    if not lines:
        return []
    value = F.desc(F.greatest("value_before", "value_now"))
    flows = matrix.where("is_abnormal").orderBy(value, "scheme", "from_group", "to_group").limit(MOST_FLOWS)
    return lines + [flow_line(row) for row in collect_rows(flows, "unusual flows")]


def total_line(row: Row) -> Line:
    if not row["previous_on"]:
        return Line(NAMES[row["scheme"]], row["note"].rstrip("."), None)
    before = row["customers_before"]
    share = f" ({percent(row['moved'] / before)})" if before else ""
    ways = f": {row['moved_up']:,} up, {row['moved_down']:,} down with {money(row['value_down'])}"
    came = f"; {row['entered']:,} new" if row["entered"] else ""
    text = (
        f"{row['moved']:,} of {how_many(before, 'customer')}{share} changed since {row['previous_on']}"
        f"{ways if row['moved_up'] or row['moved_down'] else ''}{came}"
    )
    return Line(
        NAMES[row["scheme"]],
        text,
        AFTER_MOVES.get(row["scheme"]) if row["moved_down"] else None,
        row["scheme"],
        row["moved"],
        "customers",
    )


def flow_line(row: Row) -> Line:
    is_more = row["customers"] > row["expected"]
    worth = f", worth {money(max(row['value_before'], row['value_now']))}," if row["customers"] else ""
    than = f"{'more' if is_more else 'fewer'} than the {row['expected']:,.0f} to be expected"
    way = went(row["scheme"], Flow(row["kind"], row["from_group"], row["to_group"], row["customers"]))
    text = f"{how_many(row['customers'], 'customer')}{worth} {way}, {than}"
    return Line("unusual", text, sentence(ADVICE[row["direction"] or row["kind"], is_more]))


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # nothing of it is needed
    return [
        Section("moved", moved(known["move_totals"], known["move_matrix"])),
    ]


REPORT = Report(
    "segment_moves",
    (
        MOVE_TOTALS,
        MOVE_MATRIX,
    ),
    sections,
)
