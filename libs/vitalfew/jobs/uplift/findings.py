"""What a comparison means, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vitalfew.jobs.uplift.params import UpliftParams
from vitalfew.messages.message import Message, message


def finding(row: Mapping[str, Any], params: UpliftParams) -> Message:
    """What a row of UPLIFT says, and what to do next."""
    reason, verdict = row["reason"], row["verdict"]
    if reason == "significant":
        return message(f"uplift.finding.{verdict}", measured=measured(row))
    if reason == "chance":
        needs = row["needed_customers"]
        if needs is None:
            return message("uplift.finding.nothing", measured=measured(row))
        if needs <= row["smaller_arm"]:
            return message("uplift.finding.many_questions", measured=measured(row))
        return message("uplift.finding.chance", measured=measured(row), needs=needs)
    if reason == "too_few":
        return message("uplift.finding.too_few", least=params.min_customers)
    if reason == "too_early":
        return message("uplift.finding.too_early", days=row["horizon_days"])
    return message(f"uplift.finding.{reason}")


def measured(row: Mapping[str, Any]) -> Message:
    """Both means, in the words of the outcome."""
    figures = {"treated": row["mean"], "control": row["control_mean"], "days": row["horizon_days"]}
    return message(f"uplift.measured.{row['outcome']}", **figures)
