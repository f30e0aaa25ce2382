"""The rows about flows: what they say, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from vitalfew.jobs.segment_moves.flows import (
    LAST,
    ZERO,
    Comparison,
    Expected,
    Flow,
    History,
    rates,
    totals,
    with_expectation,
)
from vitalfew.jobs.segment_moves.params import MoveParams

OTHER_SETTINGS = "The settings of "  # so begins the note of a scheme whose slice before was made with others
NAMES = {"rfm": "segment", "clusters": "cluster", "contribution": "ABC class"}


def flow_rows(seen: Comparison, last: History | None, params: MoveParams) -> list[dict[str, Any]]:
    """The rows of MOVE_MATRIX of one scheme; none where nothing can be compared."""
    if not seen.is_possible:
        return []
    flows, expected = with_expectation(seen, last, params)
    q = rates({way: e.log_p for way, e in expected.items()})
    sizes = totals(flows)
    return [
        matrix_row(seen, flow, sizes[flow.from_group], expected.get(flow.way), q.get(flow.way), params)
        for flow in flows
    ]


def matrix_row(
    seen: Comparison, flow: Flow, size: int, expected: Expected | None, q: float | None, params: MoveParams
) -> dict[str, Any]:
    """A row of MOVE_MATRIX."""
    is_enough = expected is not None and max(flow.customers, expected.customers) >= params.min_customers
    is_abnormal = q is not None and q <= params.significance and is_enough
    return {
        "scheme": seen.scheme,
        "previous_on": seen.previous_on,
        "days": seen.days,
        "kind": flow.kind,
        "from_group": flow.from_group,
        "to_group": flow.to_group,
        "direction": flow.direction,
        "customers": flow.customers,
        "share_of_from": flow.customers / size if size else 0.0,
        "value_before": flow.value_before,
        "value_now": flow.value_now,
        "basis": expected.basis if expected else None,
        "expected": expected.customers if expected else None,
        "p_value": float(np.exp(expected.log_p)) if expected else None,
        "q_value": q,
        "is_abnormal": is_abnormal,
        "action": abnormal(seen.scheme, flow, expected, q) if is_abnormal and expected else normal(flow, expected),
    }


def abnormal(scheme: str, flow: Flow, expected: Expected, q: float | None) -> str:
    """What is unusual about a flow, in figures, and what to do."""
    is_more = flow.customers > expected.customers
    worth = f", worth {flow.value_before or flow.value_now:,.0f}," if flow.customers else ""
    than = "from the last comparison" if expected.basis == LAST else "if as many went as came back"
    what = (
        f"{flow.customers:,} customers{worth} {went(scheme, flow)}, "
        f"{'more' if is_more else 'fewer'} than the {expected.customers:,.0f} expected {than} (q = {q:.2g}): "
    )
    return what + ADVICE[flow.direction or flow.kind, is_more]


def went(scheme: str, flow: Flow) -> str:
    if flow.kind == "entered":
        return f"are new in {flow.to_group}"
    if flow.kind == "left":
        return f"left from {flow.from_group}"
    return f"went from {NAMES[scheme]} {flow.from_group} to {flow.to_group}"


ADVICE: Mapping[tuple[str, bool], str] = {
    ("down", True): "ask the most valuable of them what went wrong, and make them an offer this week.",
    ("down", False): "keep what was done for them lately; it holds them.",
    ("up", True): "find out what brought them up (offer, season, product), and do it for the next ones.",
    ("up", False): "the way up is slower than it was; lead them to the next order.",
    ("level", True): "look at what they have in common.",
    ("level", False): "look at what has kept them.",
    ("moved", True): "look at what they have in common, and write to them as to their new group.",
    ("moved", False): "look at what has kept them.",
    ("entered", True): "find out where these new customers came from.",
    ("entered", False): "find out why fewer new customers begin like this.",
    ("left", True): "find out why they are no longer counted: their orders fell out of the window, or were taken back.",
    ("left", False): "nothing to mend.",
}


def normal(flow: Flow, expected: Expected | None) -> str:
    if flow.kind == "stayed":
        return "They stayed: go on as before."
    return "As expected: no special measure." if expected else "Nothing to compare with yet: watch it at the next run."


def total_row(seen: Comparison, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A row of MOVE_TOTALS; all zero where nothing can be compared."""
    moved = [flow for flow in seen.flows if flow.kind == "moved"] if seen.is_possible else []
    count: Callable[..., int] = seen.count if seen.is_possible else lambda *_: 0
    summed: Callable[..., Decimal] = seen.sum if seen.is_possible else lambda *_: ZERO
    found: dict[str, Any] = {
        "scheme": seen.scheme,
        "previous_on": seen.previous_on,
        "customers_before": seen.count("stayed", "moved", "left"),
        "customers_now": seen.count("stayed", "moved", "entered"),
        "stayed": count("stayed"),
        "moved": count("moved"),
        "moved_up": sum(flow.up for flow in moved),
        "moved_down": sum(flow.down for flow in moved),
        "entered": count("entered"),
        "left": count("left"),
        "value_moved": summed("moved", "value_before"),
        "value_up": summed("moved", "value_up"),
        "value_down": summed("moved", "value_down"),
        "value_entered": summed("entered", "value_now"),
        "value_left": summed("left", "value_before"),
        "abnormal_flows": sum(row["is_abnormal"] for row in rows),
    }
    return {**found, "note": note(seen, found)}


def note(seen: Comparison, found: Mapping[str, Any]) -> str:
    """What moved, in a sentence, or why nothing is compared."""
    if not found["customers_now"]:
        return f"There is no slice of {seen.scheme} for this day: run {seen.scheme} first."
    if seen.previous_on is None and seen.other_settings_on is not None:
        return (
            f"{OTHER_SETTINGS}{seen.scheme} changed after {seen.other_settings_on}, so nothing is compared until it "
            f"has run once more with those of today; or run it as of {seen.other_settings_on} again, then moves."
        )
    if seen.previous_on is None:
        return f"There is no slice of {seen.scheme} before this day, so nothing is compared: run both again later."
    before = found["customers_before"]
    share = f" ({found['moved'] / before:.0%})" if before else ""
    ways = "" if seen.scheme == "clusters" else f", {found['moved_up']:,} up and {found['moved_down']:,} down"
    if seen.is_regrouped:
        ways = "; the clusters themselves have changed, so many moved without doing anything"
    return (
        f"Since {seen.previous_on}: {found['moved']:,} of {before:,} customers{share} changed {NAMES[seen.scheme]}"
        f"{ways}; {found['value_moved']:,.0f} moved with them. {found['entered']:,} entered, {found['left']:,} left."
    )
