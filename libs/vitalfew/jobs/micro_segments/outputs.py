"""The rows of MICRO_SEGMENTS and MICRO_SEGMENT_TARGETS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from vitalfew.algorithms.subgroups.moments import divided, weighted_difference
from vitalfew.algorithms.subgroups.search import others, standard_deviation
from vitalfew.algorithms.subgroups.shrinkage import drawn_in
from vitalfew.jobs.micro_segments.coding import Counts
from vitalfew.jobs.micro_segments.groups import CONFIDENCE, Found, Searched, difference_and_error, names_of
from vitalfew.jobs.micro_segments.names import name_of
from vitalfew.jobs.micro_segments.params import CIRCULAR, MicroSegmentsParams, TargetName
from vitalfew.jobs.micro_segments.people import TARGETS
from vitalfew.jobs.micro_segments.tables import CONFIRMED, HIGHER, LOWER
from vitalfew.messages.message import Message, message, with_code
from vitalfew.messages.words import Words

Rows = list[dict[str, Any]]
CENT = Decimal("0.01")
GONE = (("status", "lapsed"), ("segment", "Lost"))
"""Conditions of those who buy no more."""


def group_rows(found: Sequence[Found], words: Words) -> Rows:
    """MICRO_SEGMENTS."""
    return [group_row(each, words) for each in found]


def group_row(each: Found, words: Words) -> dict[str, Any]:
    searched, place = each.searched, each.place
    target, parts = searched.target, TARGETS[searched.target].parts
    halves, both = searched.halves, searched.halves.both
    found, other = searched.tested.rest, searched.tested.rest_other
    differences, _ = difference_and_error(halves)
    drawn = drawn_in(float(other.difference[place]), float(other.error[place]), CONFIDENCE)
    rest = others(halves, both)
    customers, spend = int(both.n[place]), Decimal(int(searched.spend[place])) * CENT
    direction = HIGHER if found.difference[place] > 0 else LOWER
    figures = {
        "mean": (searched.centre + float(both.mean[place])) / parts,
        "rest_mean": (searched.centre + float(rest.mean[place])) / parts,
        "difference_shrunk": drawn[0] / parts,
    }
    is_confirmed = each.verdict == CONFIRMED
    said = {"mean": figures["mean"], "rest": figures["rest_mean"], "shrunk": abs(figures["difference_shrunk"])}
    conditions = searched.conditions(place)
    action = action_of(target, direction, conditions, said) if is_confirmed else None
    return {
        "micro_segment": each.number,
        "target": target,
        "conditions": {name: "unknown" if value is None else value for name, value in conditions.items()},
        **with_code("name", name_of(conditions), words),
        "depth": len(conditions),
        "verdict": each.verdict,
        "direction": direction,
        "customers": customers,
        **figures,
        "difference": float(differences[place]) / parts,
        "difference_low": drawn[1] / parts,
        "difference_high": drawn[2] / parts,
        "effect": float(differences[place] / standard_deviation(searched.everybody)[0]),
        "weighted_difference": float(weighted_difference(both, searched.everybody)[place]) / parts,
        "found_customers": int(halves.found.n[place]),
        "found_difference": float(found.difference[place]) / parts,
        "found_p_value": float(searched.tested.p[place]),
        "found_q_value": float(searched.q[place]),
        "confirmed_customers": int(halves.other.n[place]),
        "confirmed_difference": float(other.difference[place]) / parts,
        "confirmed_p_value": float(searched.tested.p_other[place]),
        "confirmed_q_value": each.q_other,
        "spend": spend,
        "value_at_stake": at_stake(target, figures["difference_shrunk"], customers, spend) if is_confirmed else None,
        **with_code("action", action, words),
    }


def action_of(
    target: TargetName, direction: str, conditions: Mapping[str, str | None], said: Mapping[str, float]
) -> Message:
    """What to do; of those of whom something is not known, or who are gone, that comes first."""
    if None in conditions.values():
        return message("micro_segments.action.not_known")
    if any(conditions.get(name) == value for name, value in GONE):
        return message("micro_segments.action.gone")
    return message(f"micro_segments.action.{target}_{direction}", **said)


def at_stake(target: TargetName, difference: float, customers: int, spend: Decimal) -> Decimal:
    """What the difference comes to where it is money of a customer; else what the customers spend."""
    if target in ("spend", "expected_value"):
        return Decimal(str(round(abs(difference) * customers, 2))).quantize(CENT)
    return max(spend, Decimal(0)).quantize(CENT)


def target_rows(
    searched: Sequence[Searched],
    found: Sequence[Found],
    counts: Counts,
    own: Mapping[TargetName, tuple[float, float]],
    params: MicroSegmentsParams,
) -> Rows:
    """MICRO_SEGMENT_TARGETS."""
    done = {each.target: each for each in searched}
    return [
        target_row(
            target, done.get(target), [one for one in found if one.searched.target == target], counts, own, params
        )
        for target in params.targets
    ]


def target_row(
    target: TargetName,
    searched: Searched | None,
    found: Sequence[Found],
    counts: Counts,
    own: Mapping[TargetName, tuple[float, float]],
    params: MicroSegmentsParams,
) -> dict[str, Any]:
    parts, customers = TARGETS[target].parts, counts.known.get(target, 0)
    tests = int(searched.tested.is_tested.sum()) if searched else 0
    confirmed = sum(each.verdict == CONFIRMED for each in found)
    cap = counts.caps.get(target)
    has_mean = searched is not None and customers >= params.min_customers
    everybody = searched.everybody if searched and has_mean else None
    between, within = own.get(target, (None, None))
    attributes = names_of(counts.attributes, False, target)
    is_one = everybody is not None and not everybody.scatter[0]
    return {
        "target": target,
        "outcome": outcome(customers, attributes, tests, len(found), confirmed, params.min_customers, is_one),
        "customers": customers,
        "mean": (searched.centre + float(everybody.mean[0])) / parts if searched and everybody else None,
        "deviation": float(standard_deviation(everybody)[0]) / parts if everybody else None,
        "cap": cap / parts if cap is not None and has_mean else None,
        "attributes": attributes,
        "excluded_attributes": [name for name in params.attributes if name in CIRCULAR[target]],
        "tested_groups": tests,
        "found_groups": len(searched.found) if searched else 0,
        "listed_groups": len(found),
        "confirmed_groups": confirmed,
        "deviation_of_groups": float(divided(np.array([searched.variance**0.5]), np.array([parts]))[0])
        if searched and tests
        else None,
        "between_customers": between,
        "within_customer": within,
    }


def outcome(
    customers: int, attributes: Sequence[str], tests: int, found: int, confirmed: int, least: int, is_one: bool
) -> str:
    """What came of one target, or the first reason why nothing did; `is_one`: everybody has the same."""
    if not customers:
        return "no_figures"
    if customers < least:
        return "too_few"
    if not attributes:
        return "no_attributes"
    if is_one:
        return "all_equal"
    if not tests:
        return "too_few"
    if not found:
        return "none_found"
    return "confirmed" if confirmed else "none_confirmed"
