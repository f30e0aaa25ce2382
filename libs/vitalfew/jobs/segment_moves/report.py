"""What the summary says of moves between groups."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.segment_moves.figures import evidence
from vitalfew.jobs.segment_moves.flow_rows import flow_message, share
from vitalfew.jobs.segment_moves.flows import Flow
from vitalfew.jobs.segment_moves.tables import SEGMENT_MOVE_MATRIX, SEGMENT_MOVE_TOTALS
from vitalfew.messages.message import Message, message, of_row
from vitalfew.report.answers import Line
from vitalfew.report.sections import Asked, Report, Section

MOST_FLOWS = 2
IS_DOWN_BAD = ("rfm", "contribution")


def moved(totals: DataFrame, matrix: DataFrame) -> list[Line]:
    """How many changed group, and the unusual flows with the highest value; nothing without a look before this."""
    known = {row["scheme"]: row for row in collect_rows(totals, "segment_moves") if row["customers_now"]}
    found = {name: row for name, row in known.items() if row["previous_on"] or row["note_code"] == "other_settings"}
    lines = [total_line(found[scheme]) for scheme in ("rfm", "contribution", "clusters") if scheme in found]
    if not lines:
        return []
    value = F.desc(F.greatest("value_before", "value_now"))
    flows = matrix.where("is_abnormal").orderBy(value, "scheme", "from_group", "to_group").limit(MOST_FLOWS)
    return lines + [flow_line(row) for row in collect_rows(flows, "unusual flows")]


def total_line(row: Row) -> Line:
    """How many changed group in one scheme; or why that is not known."""
    scheme = row["scheme"]
    label = message(f"segment_moves.scheme.{scheme}")
    if not row["previous_on"]:
        return Line(label, Message("segment_moves.note.other_settings", row["note_values"]))
    text = message(
        "segment_moves.fact.moved",
        moved=row["moved"],
        before=row["customers_before"],
        share=share(row["moved"], row["customers_before"]),
        previous=row["previous_on"],
        ways=ways(row),
        came=came(row["entered"]),
    )
    action = message(f"segment_moves.advice.{scheme}") if row["moved_down"] and scheme in IS_DOWN_BAD else None
    return Line(label, text, action, scheme, row["moved"], "customers")


def ways(row: Row) -> Message:
    """Up and down, where anybody went so."""
    if not row["moved_up"] and not row["moved_down"]:
        return message("segment_moves.ways.unordered")
    down = {"down": row["moved_down"], "down_value": row["value_down"]}
    return message("segment_moves.ways.up_down_value", up=row["moved_up"], **down)


def came(entered: int) -> Message:
    return message("segment_moves.came.entered", entered=entered) if entered else message("segment_moves.came.nobody")


def flow_line(row: Row) -> Line:
    """An unusual flow, and what to do about it."""
    is_more = row["customers"] > row["expected"]
    than = message(f"segment_moves.compared.{'more' if is_more else 'fewer'}", expected=row["expected"])
    worth = max(row["value_before"], row["value_now"])
    flow = Flow(row["kind"], row["from_group"], row["to_group"], row["customers"], value_before=worth)
    action = of_row(row, "action", SEGMENT_MOVE_MATRIX)
    return Line(message("segment_moves.label.unusual"), flow_message(row["scheme"], flow, than), action)


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # nothing of it is needed
    return [
        Section("moved", moved(known["segment_move_totals"], known["segment_move_matrix"])),
    ]


REPORT = Report(
    "segment_moves",
    (
        SEGMENT_MOVE_TOTALS,
        SEGMENT_MOVE_MATRIX,
    ),
    sections,
    evidence=evidence,
)
