"""What the summary says of what each action brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame, Row

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.uplift.figures import evidence, in_all
from vitalfew.jobs.uplift.tables import UPLIFT, UPLIFT_ARMS
from vitalfew.messages.message import Message, message
from vitalfew.report.answers import Line
from vitalfew.report.sections import Asked, Report, Section

MOST_ACTIONS = 5
"""The largest; of the others the tables tell."""
MOST_ARMS = 10
"""Of an action: those with a verdict first, then the largest."""


def brought(uplift: DataFrame, arms: DataFrame) -> list[Line]:
    """Of the largest actions, what each arm brought, and all that makes one doubt it."""
    found = in_all(uplift)
    of_action: dict[tuple[str, str], list[Row]] = {}
    for row in collect_rows(arms.orderBy("arm"), "arms of actions"):
        of_action.setdefault((row["campaign"], row["action"]), []).append(row)
    largest = sorted(of_action, key=lambda name: (-sum(row["customers"] for row in of_action[name]), name))
    return [
        line
        for name in largest[:MOST_ACTIONS]
        for line in action_lines(of_action[name], [row for row in found if (row["campaign"], row["action"]) == name])
    ]


def action_lines(arms: Sequence[Row], found: Sequence[Row]) -> list[Line]:
    """The lines of one action: its arms, and the rows of UPLIFT of each of them by revenue, for all customers."""
    controls = [row["is_control"] for row in arms]
    if all(controls):
        return [doubt("no_treated", arms, message("uplift.fact.no_treated", customers=total(arms, "customers")))]
    if not any(controls):
        said = message("uplift.fact.no_control", customers=total(arms, "customers"))
        return [doubt("no_control", arms, said, message("uplift.advice.no_control"))]
    told = sorted(found, key=lambda row: row["verdict"] == "cannot_tell")[:MOST_ARMS]
    return [*doubts(arms), *[arm_line(row) for row in told], *others(arms, found), *pending(arms, found)]


def arm_line(row: Row) -> Line:
    """What one arm brought."""
    sizes = {"customers": row["customers"], "others": row["control_customers"]}
    if row["difference"] is None or row["reason"] == "ratio":
        said = message("uplift.fact.untested", **sizes)
    else:
        interval = {"low": row["difference_low"], "high": row["difference_high"]}
        said = message(f"uplift.fact.{row['verdict']}", difference=row["difference"], **interval, **sizes)
    advice = message(f"uplift.advice.{row['reason'] if row['verdict'] == 'cannot_tell' else row['verdict']}")
    is_apart = row["campaign"] != row["action"]
    label = (
        message("uplift.label.campaign_arm", arm=row["arm"], action=row["action"], campaign=row["campaign"])
        if is_apart
        else message("uplift.label.arm", arm=row["arm"], action=row["action"])
    )
    return Line(label, said, advice, row["verdict"], row["difference"], "money")


def doubts(arms: Sequence[Row]) -> list[Line]:
    """Sizes that are off, and customers to whom something else happened than to their arm."""
    lines = []
    if arms[0]["is_ratio_off"]:
        worst = max(arms, key=lambda row: float(abs(row["customers"] - row["expected_customers"])))
        figures = {"arm": worst["arm"], "expected": round(worst["expected_customers"]), "p": worst["ratio_p_value"]}
        said = message("uplift.fact.ratio", customers=worst["customers"], **figures)
        lines.append(doubt("ratio", arms, said, message("uplift.advice.ratio")))
    control = [row for row in arms if row["is_control"] and row["reached_customers"]]
    for row in control:
        reached = message("uplift.fact.reached", customers=row["reached_customers"], all=row["customers"])
        lines.append(doubt("reached", arms, reached, message("uplift.advice.reached")))
    if again := total(arms, "reassigned_customers"):
        figures = {"all": total(arms, "customers"), "switched": total(arms, "switched_customers")}
        lines.append(doubt("switched", arms, message("uplift.fact.switched", customers=again, **figures)))
    if both := total(arms, "conflicting_customers"):
        lines.append(doubt("conflicting", arms, message("uplift.fact.conflicting", customers=both)))
    return lines


def others(arms: Sequence[Row], found: Sequence[Row]) -> list[Line]:
    """How many arms are not told of."""
    more = len(found) - MOST_ARMS
    return [doubt("more", arms, message("uplift.fact.more", arms=more))] if more > 0 else []


def pending(arms: Sequence[Row], found: Sequence[Row]) -> list[Line]:
    """How many customers are not over yet."""
    everybody = total(arms, "customers")
    waiting = everybody - total(arms, "observed_customers")
    if not waiting or not found:
        return []
    days = found[0]["horizon_days"]
    return [doubt("pending", arms, message("uplift.fact.pending", customers=waiting, all=everybody, days=days))]


def doubt(code: str, arms: Sequence[Row], said: Message, advice: Message | None = None) -> Line:
    return Line(message(f"uplift.label.{code}", action=arms[0]["action"]), said, advice, code)


def total(arms: Sequence[Row], column: str) -> int:
    return sum(row[column] for row in arms)


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job; no fact where no action was logged."""
    del asked  # nothing of it is needed
    return [Section("uplift", brought(known["uplift"], known["uplift_arms"]))]


REPORT = Report("uplift", (UPLIFT, UPLIFT_ARMS), sections, evidence=evidence)
