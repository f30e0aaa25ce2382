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
from vitalfew.messages.message import Message, message, with_code
from vitalfew.messages.words import Words

SAID_OF = {"moved": ("from_group", "to_group"), "entered": ("to_group",), "left": ("from_group",)}
TINY = 0.0001
"""A q value below it is said to be below it."""


def flow_rows(seen: Comparison, last: History | None, params: MoveParams, words: Words) -> list[dict[str, Any]]:
    """The rows of SEGMENT_MOVE_MATRIX of one scheme; none where nothing can be compared."""
    if not seen.is_possible:
        return []
    flows, expected = with_expectation(seen, last, params)
    q = rates({way: e.log_p for way, e in expected.items()})
    sizes = totals(flows)
    return [
        matrix_row(seen, flow, sizes[flow.from_group], expected.get(flow.way), q.get(flow.way), params, words)
        for flow in flows
    ]


def matrix_row(
    seen: Comparison,
    flow: Flow,
    size: int,
    expected: Expected | None,
    q: float | None,
    params: MoveParams,
    words: Words,
) -> dict[str, Any]:
    """A row of SEGMENT_MOVE_MATRIX."""
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
        **with_code("evidence", evidence(seen.scheme, flow, expected, q) if is_abnormal else None, words),
        **with_code("action", message(f"segment_moves.action.{action(flow, expected, is_abnormal)}"), words),
    }


def evidence(scheme: str, flow: Flow, expected: Expected | None, q: float | None) -> Message | None:
    """What is abnormal about a flow, in figures."""
    if expected is None or q is None:
        return None
    than = "last" if expected.basis == LAST else "back"
    code = f"{compared(flow, expected)}_than_{than}"
    chance = message("chance.tiny") if q < TINY else message("chance.value", q=q)
    return flow_message(
        scheme, flow, message(f"segment_moves.compared.{code}", expected=expected.customers, chance=chance)
    )


def compared(flow: Flow, expected: Expected) -> str:
    return "more" if flow.customers > expected.customers else "fewer"


def flow_message(scheme: str, flow: Flow, than: Message) -> Message:
    """How many went from where to where, and how that compares."""
    worth = message("segment_moves.worth.nobody")
    if flow.customers:
        worth = message("segment_moves.worth.worth", value=flow.value_before or flow.value_now)
    groups = {"from_group": flow.from_group, "to_group": flow.to_group}
    named = {name: groups[name] for name in SAID_OF[flow.kind]}
    return message(
        f"segment_moves.flow.{flow.kind}",
        customers=flow.customers,
        worth=worth,
        scheme=scheme,
        compared=than,
        **named,
    )


def action(flow: Flow, expected: Expected | None, is_abnormal: bool) -> str:
    """The code of what to do."""
    if is_abnormal and expected:
        return f"{flow.direction or flow.kind}_{compared(flow, expected)}"
    if flow.kind == "stayed":
        return "stayed"
    return "as_expected" if expected else "no_comparison"


def total_row(seen: Comparison, rows: Sequence[Mapping[str, Any]], words: Words) -> dict[str, Any]:
    """A row of SEGMENT_MOVE_TOTALS; all zero where nothing can be compared."""
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
    return {**found, **with_code("note", note(seen, found), words)}


def note(seen: Comparison, found: Mapping[str, Any]) -> Message:
    """What moved, in a sentence, or why nothing is compared."""
    if not found["customers_now"]:
        return message("segment_moves.note.no_slice", scheme=seen.scheme)
    if seen.previous_on is None and seen.other_settings_on is not None:
        return message("segment_moves.note.other_settings", scheme=seen.scheme, previous=seen.other_settings_on)
    if seen.previous_on is None:
        return message("segment_moves.note.first_slice", scheme=seen.scheme)
    return message(
        "segment_moves.note.compared",
        previous=seen.previous_on,
        moved=found["moved"],
        before=found["customers_before"],
        share=share(found["moved"], found["customers_before"]),
        called=seen.scheme,
        ways=ways(seen, found),
        value=found["value_moved"],
        entered=found["entered"],
        left=found["left"],
    )


def share(moved: int, before: int) -> Message:
    """What share of those before have moved, where there were any."""
    if not before:
        return message("segment_moves.share.nobody")
    return message("segment_moves.share.share", share_moved=moved / before)


def ways(seen: Comparison, found: Mapping[str, Any]) -> Message:
    """Up and down, where groups have an order."""
    if seen.is_regrouped:
        return message("segment_moves.ways.regrouped")
    if seen.scheme == "clusters":
        return message("segment_moves.ways.unordered")
    return message("segment_moves.ways.up_down", up=found["moved_up"], down=found["moved_down"])
