"""The arms of an action on the driver: their sums, their sizes, and whether these are as they were to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from vitalfew.algorithms.statistics.sample_ratio import SampleRatio, sample_ratio
from vitalfew.algorithms.statistics.two_arms import Sums
from vitalfew.errors import AnalysisError
from vitalfew.jobs.uplift.assignments import CONTROL
from vitalfew.jobs.uplift.outcomes import ALL, SUMS
from vitalfew.jobs.uplift.params import UpliftParams
from vitalfew.white_space import trimmed

Found = Mapping[str, Any]
"""A row of `sums_by_arm`."""


@dataclass(frozen=True)
class Action:
    """One action of one campaign: its rows by arm, dimension and member, and the test of the sizes of its arms."""

    campaign: str
    action: str
    rows: Mapping[tuple[str, str, str], Found]
    ratio: SampleRatio | None
    expected: Mapping[str, float]
    is_ratio_off: bool

    @property
    def arms(self) -> list[str]:
        """Those with customers, and those that were to have some."""
        return sorted({arm for arm, dimension, _ in self.rows if dimension == ALL} | self.expected.keys())

    def of(self, arm: str, dimension: str = ALL, member: str = ALL) -> Found:
        """What was found of a group; nothing where nobody is in it."""
        return self.rows.get((arm, dimension, member), {})


def sums_of(row: Found, outcome: str) -> Sums:
    """The sums of one outcome of a group."""
    return Sums(row["n"], *[row[f"{outcome}_{name}"] for name in SUMS]) if row else Sums(0, 0, 0)


def gather(found: Iterable[Found], params: UpliftParams) -> Iterator[Action]:
    """The actions, by campaign and name."""
    ordered = sorted(found, key=lambda row: (row["campaign"], row["action"]))
    for (campaign, action), rows in groupby(ordered, key=lambda row: (row["campaign"], row["action"])):
        by_group = {(row["arm"], row["dimension"], row["member"]): row for row in rows}
        whole = {arm: row for (arm, dimension, _), row in by_group.items() if dimension == ALL}
        sizes = {arm: row["customers"] for arm, row in whole.items()}
        weights = planned(campaign, action, sizes, params) or told_shares(whole)
        names = sorted(weights)
        ratio = sample_ratio([sizes.get(name, 0) for name in names], [weights[name] for name in names])
        expected = dict(zip(names, ratio.expected, strict=True)) if ratio else {}
        is_off = ratio is not None and ratio.p_value < params.ratio_significance
        yield Action(campaign, action, by_group, ratio, expected, is_off)


def planned(campaign: str, action: str, sizes: Mapping[str, int], params: UpliftParams) -> Mapping[str, float]:
    """The share of each arm by the settings, if they name the campaign or the action.

    AnalysisError where some arms of an action have one, and others have none. What is said of the campaign goes before
    what is said of the action: two campaigns may try one action.
    """
    planned_shares = {trimmed(name): shares for name, shares in params.arm_shares.items()}
    named = next((name for name in (campaign, action) if name in planned_shares), None)
    if named is None:
        return {}
    controls = {trimmed(name).lower() for name in params.control_arms}
    weights: dict[str, float] = {}
    for arm, share in planned_shares[named].items():
        name = CONTROL if trimmed(arm).lower() in controls else trimmed(arm)
        weights[name] = weights.get(name, 0.0) + share
    if without := sorted(sizes.keys() - weights.keys()):
        raise AnalysisError(
            f"uplift: arm_shares names no share for the arm {without[0]!r} of the action {action!r}; it names "
            f"{', '.join(sorted(weights))}. Name all arms, or take the action out of arm_shares."
        )
    return weights


def told_shares(arms: Mapping[str, Found]) -> Mapping[str, float]:
    """The share of each arm as its customers say; of one size, where those of an arm say none.

    Where a share changed from one plan to the next, the harmonic mean is the right one: each customer stands for
    1 / share who might have come into the arm (Horvitz and Thompson 1952, JASA 47), and of all arms these are as many.
    """
    if not all(row["shared"] for row in arms.values()):
        return dict.fromkeys(arms, 1.0)
    return {arm: row["shared"] / float(row["inverse_shares"]) for arm, row in arms.items()}


def arm_rows(action: Action) -> Iterator[dict[str, Any]]:
    """The rows of UPLIFT_ARMS of an action."""
    for arm in action.arms:
        row = action.of(arm)
        counted = ("reached", "reassigned", "switched", "unknown", "conflicting")
        yield {
            "campaign": action.campaign,
            "action": action.action,
            "arm": arm,
            "is_control": arm == CONTROL,
            "customers": row.get("customers", 0),
            "observed_customers": row.get("n", 0),
            "expected_customers": action.expected.get(arm),
            "ratio_chi_square": action.ratio.chi_square if action.ratio else None,
            "ratio_p_value": action.ratio.p_value if action.ratio else None,
            "is_ratio_off": action.is_ratio_off,
            **{f"{name}_customers": row.get(name, 0) for name in counted},
            "first_assigned_on": row.get("first_on"),
            "last_assigned_on": row.get("last_on"),
        }
