"""Is it influence or alike taste? One row for each kind of tie."""

from __future__ import annotations

from typing import Any

from vitalfew.algorithms.statistics.follow_test import Followed
from vitalfew.jobs.influence.adoptions import Tested
from vitalfew.jobs.influence.params import InfluenceParams
from vitalfew.jobs.influence.tables import ALIKE, INFLUENCE, UNKNOWN
from vitalfew.messages.message import Message, message, with_code
from vitalfew.messages.words import Words


def check_row(tie: str, customers: int, found: Tested, params: InfluenceParams, words: Words) -> dict[str, Any]:
    """A row of INFLUENCE_CHECK."""
    whole = found.followed
    row = {
        "tie": tie,
        "customers": customers,
        "products": found.products,
        "pairs": found.pairs,
        "tied_groups": whole.groups,
        "followed": int(whole.sums[0]),
        "expected": whole.expected,
        "rhythm": whole.rhythm,
        "deviation": whole.deviation,
        "z": whole.z,
        "verdict": verdict(whole, params),
    }
    return {**row, **with_code("finding", finding(row, params), words)}


def verdict(whole: Followed, params: InfluenceParams) -> str:
    """Too few by chance, too few groups for any z to be that high, or nothing that varies: nobody can tell."""
    if whole.z is None or whole.sums[1] < params.min_expected or whole.groups <= params.min_z**2:
        return UNKNOWN
    return INFLUENCE if whole.z >= params.min_z else ALIKE


def finding(row: dict[str, Any], params: InfluenceParams) -> Message:
    if row["verdict"] == UNKNOWN:
        same_time = row["pairs"] > 0 and row["deviation"] == 0
        return message(f"influence.check.{'same_time' if same_time else 'cannot_tell'}", pairs=row["pairs"])
    figures = {"followed": row["followed"], "expected": row["expected"], "z": row["z"], "days": params.follow_days}
    return message(f"influence.check.{row['verdict']}", **figures)
