"""Is it influence or alike taste? One row for each kind of tie."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

from vitalfew.algorithms.statistics.shuffled_times import Shuffled, together
from vitalfew.jobs.influence.params import InfluenceParams
from vitalfew.jobs.influence.tables import ALIKE, INFLUENCE, UNKNOWN
from vitalfew.messages.message import Message, message, with_code
from vitalfew.messages.words import Words


def check_row(
    tie: str, customers: int, pairs: int, found: Sequence[Shuffled], params: InfluenceParams, words: Words
) -> dict[str, Any]:
    """A row of INFLUENCE_CHECK."""
    whole = together(found)
    row = {
        "tie": tie,
        "customers": customers,
        "products": len(found),
        "pairs": pairs,
        "followed": whole.seen,
        "expected": whole.mean,
        "deviation": sqrt(max(whole.variance, 0.0)),
        "z": whole.z,
        "verdict": verdict(whole, params),
    }
    return {**row, **with_code("finding", finding(row, params), words)}


def verdict(whole: Shuffled, params: InfluenceParams) -> str:
    """Too few by chance, or none that a shuffle would change: nobody can tell."""
    if whole.z is None or whole.mean < params.min_expected:
        return UNKNOWN
    return INFLUENCE if whole.z >= params.min_z else ALIKE


def finding(row: dict[str, Any], params: InfluenceParams) -> Message:
    if row["verdict"] == UNKNOWN:
        return message("influence.check.cannot_tell", pairs=row["pairs"])
    figures = {"followed": row["followed"], "expected": row["expected"], "z": row["z"], "days": params.follow_days}
    return message(f"influence.check.{row['verdict']}", **figures)
