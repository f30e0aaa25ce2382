"""What the summary says of small groups that deserve a treatment of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame, Row

from vitalfew.jobs.micro_segments.figures import evidence, groups_of, name_of_row, of_targets, totals
from vitalfew.jobs.micro_segments.tables import CONFIRMED, MICRO_SEGMENT_TARGETS, MICRO_SEGMENTS
from vitalfew.messages.message import Message, message, of_row
from vitalfew.report.answers import Line
from vitalfew.report.sections import Asked, Report, Section

MOST = 5
"""Groups of a summary; the others are in the table behind."""
UNTOLD = ("no_figures", "too_few", "all_equal")
"""Outcomes that do not follow from which attributes are looked at."""


def lines(known: Mapping[str, DataFrame], least: int) -> list[Line]:
    """The confirmed groups with most at stake, what was not confirmed, what was not looked at, and what it means."""
    tested = of_targets(known["micro_segment_targets"])
    if not tested:
        return []
    rows = groups_of(known["micro_segments"], least)
    confirmed = [row for row in rows if row["verdict"] == CONFIRMED]
    return [
        *group_lines(confirmed),
        tested_line(tested),
        *left_out(tested),
        fact("meaning", message("micro_segments.fact.meaning"), message("micro_segments.advice.meaning")),
    ]


def fact(code: str, said: Message, advice: Message | None = None, value: float | None = None, unit: str = "") -> Line:
    return Line(message(f"micro_segments.label.{code}"), said, advice, code, value, unit or None)


def group_lines(confirmed: Sequence[Row]) -> list[Line]:
    """Of each figure in turn the first group, then the second, and so on."""
    order: dict[str, int] = {}
    places = []
    for row in confirmed:
        order[row["target"]] = order.get(row["target"], 0) + 1
        places.append((order[row["target"]], row["micro_segment"], row))
    return [group_line(row) for *_, row in sorted(places, key=lambda each: each[:2])[:MOST]]


def group_line(row: Row) -> Line:
    name = name_of_row(row)
    figures = {
        "customers": row["customers"],
        "mean": row["mean"],
        "rest": row["rest_mean"],
        "low": row["difference_low"],
        "high": row["difference_high"],
    }
    said = message(f"micro_segments.fact.{row['target']}", group=name, **figures)
    return fact("group", said, of_row(row, "action", MICRO_SEGMENTS), float(row["customers"]), "customers")


def tested_line(tested: Sequence[Row]) -> Line:
    """How many groups were tested and found, and how many the other half confirmed."""
    groups, listed, confirmed = totals(tested)
    if not groups:
        reasons = {row["outcome"] for row in tested}
        reason = next((each for each in ("no_attributes", "too_few") if each in reasons), "all_equal")
        return fact("tested", message(f"micro_segments.fact.{reason}"), None, 0.0, "rows")
    if not listed:
        return fact("tested", message("micro_segments.fact.none_found", tested=groups), None, 0.0, "rows")
    said = message("micro_segments.fact.tested", tested=groups, listed=listed, confirmed=confirmed)
    return fact("tested", said, None, float(confirmed), "rows")


def left_out(tested: Sequence[Row]) -> list[Line]:
    """The figures that were not looked at by attributes that are made of the same."""
    names = [row["target"] for row in tested if row["excluded_attributes"] and row["outcome"] not in UNTOLD]
    names = names if totals(tested)[0] else []  # else it is said why nothing was tested
    return [fact("left_out", message("micro_segments.fact.left_out", targets=names))] if names else []


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job; no fact where it has not run."""
    return [Section("micro_segments", lines(known, asked.min_group))]


REPORT = Report("micro_segments", (MICRO_SEGMENTS, MICRO_SEGMENT_TARGETS), sections, evidence=evidence)
