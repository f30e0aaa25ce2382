"""The rows of rules and patterns that are published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vitalfew.algorithms.sequences.following import Following
from vitalfew.algorithms.sequences.patterns import Found
from vitalfew.domain.product_names import apart
from vitalfew.jobs.sequences.params import SequencesParams
from vitalfew.messages.message import message, with_code
from vitalfew.messages.words import Words


def beyond_chance(found: Following, params: SequencesParams) -> Following:
    """The rules that are significant and strong enough, the highest lift first."""
    lift = found.n / np.maximum(found.expected, 1e-12)
    chosen = found.where((found.q <= params.significance) & (lift >= params.min_lift))
    lift = chosen.n / np.maximum(chosen.expected, 1e-12)
    order = np.lexsort((chosen.windows, chosen.consequents, chosen.antecedents, -lift))
    return chosen.where(order)


def rule_rows(
    level: str,
    rules: Following,
    items: Sequence[str],
    customers: int,
    names: Mapping[str, str],
    params: SequencesParams,
    words: Words,
) -> list[dict[str, Any]]:
    """Rows of SEQUENCE_RULES."""
    columns = (rules.antecedents, rules.consequents, rules.windows, rules.n, rules.n_antecedent, rules.expected)
    figures = (*columns, rules.p, rules.q)
    found = []
    for a, b, window, n, given, expected, p, q in zip(*(column.tolist() for column in figures), strict=True):
        first, last = params.windows[window]
        row: dict[str, Any] = {
            "level": level,
            "antecedent": items[a],
            "consequent": items[b],
            "from_days": first,
            "to_days": last,
            "customers": n,
            "antecedent_customers": given,
            "all_customers": customers,
            "support": n / customers,
            "confidence": n / given,
            "expected_customers": expected,
            "lift": n / expected,
            "p_value": p,
            "q_value": q,
        }
        found.append({**row, **texts(row, *apart(items[a], items[b], names), words)})
    return found


def texts(row: Mapping[str, Any], item: str, other: str, words: Words) -> dict[str, Any]:
    """The text and the action of a rule, with their codes and values."""
    names = {"item": item, "other": other, "first": row["from_days"], "last": row["to_days"]}
    text = message(
        "sequences.text.rule",
        **names,
        customers=row["customers"],
        given=row["antecedent_customers"],
        confidence=row["confidence"],
        expected=row["expected_customers"],
        lift=row["lift"],
    )
    action = message("sequences.action.offer", **names)
    return {**with_code("text", text, words), **with_code("action", action, words)}


def pattern_rows(level: str, found: Found, items: Sequence[str], customers: int) -> list[dict[str, Any]]:
    """Rows of SEQUENCE_PATTERNS: what is more than one item."""
    return [
        {
            "level": level,
            "items": [items[item] for (item,) in pattern],
            "length": len(pattern),
            "customers": n,
            "support": n / customers,
        }
        for pattern, n in found.counts.items()
        if len(pattern) > 1
    ]


def findings(rows: Sequence[Mapping[str, Any]], names: Mapping[str, str], words: Words) -> list[dict[str, Any]]:
    """Rows of PRODUCT_LOYALTY with what they mean."""
    return [
        {
            **row,
            **with_code(
                "finding",
                message(
                    f"sequences.finding.{row['verdict']}",
                    item=names.get(row["item"], row["item"]),
                    share=row["requirements"],
                    **({} if row["verdict"] == "cannot_tell" else {"expected": row["expected_requirements"]}),
                ),
                words,
            ),
        }
        for row in rows
    ]
