"""What a page shows of who moved: the flows between bands of segments, or between ABC classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.segment_bands import BAND_OF, BANDS
from vitalfew.messages.message import Message, message
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

CLASSES = ("A", "B", "C", "none")


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """Nothing without a snapshot to compare with."""
    del asked  # small flows are hidden already
    totals = collect_rows(known["segment_move_totals"].where("previous_on is not null"), "segment_moves")
    by_scheme = {row["scheme"]: row for row in totals if row["customers_before"]}
    if not by_scheme:
        return []
    total = by_scheme.get("rfm") or next(iter(by_scheme.values()))
    figures = {"moved": total["moved"], "before": total["customers_before"], "previous": total["previous_on"]}
    ways = {"up": total["moved_up"], "down": total["moved_down"]}
    action = None
    if total["moved_down"]:
        action = message("page.moved.action", value=total["value_down"])
    is_ordered = any(ways.values())
    level = total["moved"] - total["moved_up"] - total["moved_down"]
    if not is_ordered:
        answer = message("page.moved.plain", **figures)
    elif level:
        answer = message("page.moved.with_level", **figures, **ways, level=level)
    else:
        answer = message("page.moved.answer", **figures, **ways)
    return [Evidence("moved", answer, action, flow_charts(known))]


def flow_charts(known: Known) -> list[Chart]:
    """By bands of segments, where all segments are of a preset; else by ABC classes; nothing where neither is known."""
    stayed_or_moved = known["segment_move_matrix"].where(F.col("kind").isin("stayed", "moved"))
    found = collect_rows(stayed_or_moved.where("customers > 0"), "flows")
    segments = [row for row in found if row["scheme"] == "rfm"]
    if segments and all({row["from_group"], row["to_group"]} <= BAND_OF.keys() for row in segments):
        labels = {band: message(f"page.band.{band}") for band in BANDS}
        return [chart(segments, BAND_OF, tuple(BANDS), labels)]
    classes = [row for row in found if row["scheme"] == "contribution"]
    if classes:
        labels = {each: message(f"page.abc.{each}") for each in CLASSES}
        return [chart(classes, {each: each for each in CLASSES}, CLASSES, labels)]
    return []


def chart(
    found: Sequence[Row], group_of: Mapping[str, str], groups: Sequence[str], labels: dict[str, Message]
) -> Chart:
    """Flows between groups, the best group first; how many of its members fell back is the title."""
    counted: dict[tuple[str, str], int] = {}
    for row in found:
        pair = (group_of[row["from_group"]], group_of[row["to_group"]])
        counted[pair] = counted.get(pair, 0) + row["customers"]
    used = [group for group in groups if any(group in pair for pair in counted)]
    best = sum(n for (before, _), n in counted.items() if before == used[0])
    fell = sum(n for (before, now), n in counted.items() if before == used[0] != now)
    days = found[0]["days"]
    title = (
        message("page.moved.fell", fell=fell, best=best, days=days)
        if fell
        else message("page.moved.nobody_fell", best=best, days=days)
    )
    return Chart(
        "moves",
        "flow",
        [
            {"before": before, "now": now, "before_name": labels[before], "now_name": labels[now], "customers": n}
            for (before, now), n in sorted(
                counted.items(), key=lambda each: (used.index(each[0][0]), used.index(each[0][1]))
            )
        ],
        "segment_move_matrix",
        title,
        message("page.moved.note"),
        (
            column("before_name", "from"),
            column("now_name", "to"),
            column("customers", "customers", "count"),
        ),
        x="before",
        y="customers",
        series="now",
        marks={"groups": used},
        labels={
            **labels,
            "before": message("page.moved.day", day=found[0]["previous_on"]),
            "now": message("page.moved.day", day=found[0]["as_of"]),
        },
    )
