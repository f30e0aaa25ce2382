"""What the summary says of who brings the value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.contribution.figures import evidence
from vitalfew.jobs.contribution.tables import CONCENTRATION, CONTRIBUTION, LORENZ
from vitalfew.messages.message import Message, message
from vitalfew.report.answers import Line, missing
from vitalfew.report.sections import Asked, Report, Section
from vitalfew.report.shares import known_or_none

EXACT = 1e-12
MOST_GROUPS = 12
MEMBERSHIP = {"true": "members", "false": "not_members", "unknown": "membership_unknown"}


def value(contribution: DataFrame, concentration: DataFrame, target: float, top: float) -> list[Line]:
    """How many customers hold `target` of the value, what the `top` ones hold, how unequal that is; and products."""
    customers, products = (reach(contribution, subject, target, top) for subject in ("customer", "product"))
    if not customers.subjects:
        return missing("contribution")
    if not customers.few:
        said = message("contribution.fact.no_value", customers=customers.subjects)
        return [Line(message("contribution.label.no_value"), said)]
    goal = chosen_share(target)
    lines = [
        Line(
            message("contribution.label.target", goal_share=goal),
            message("contribution.fact.target", **customers.few_of("customers")),
            message("contribution.advice.target"),
            "target_share",
            customers.few,
            "customers",
        ),
        Line(
            message("contribution.label.top", top_share=chosen_share(top)),
            message("contribution.fact.top", customers=customers.top, held=customers.held),
            None,
            "top_share",
            customers.held,
            "share",
        ),
        *inequality(concentration),
    ]
    if products.few:
        lines.append(
            Line(
                message("contribution.label.products"),
                message("contribution.fact.products", goal_share=goal, **products.few_of("products")),
                message("contribution.advice.products"),
                "products",
                products.few,
                "products",
            )
        )
    return lines


def chosen_share(share: float) -> Message:
    """A share that somebody chose, without decimals where it has none."""
    is_whole = abs(100 * share - round(100 * share)) < EXACT
    return message(f"contribution.share.{'whole' if is_whole else 'fine'}", chosen=share)


@dataclass(frozen=True)
class Reach:
    """Of how many subjects how few reach the target; how many are the top, and what share of the value they hold."""

    subjects: int
    few: int
    top: int
    held: float

    def few_of(self, subjects: str) -> dict[str, float]:
        return {"few": self.few, subjects: self.subjects, "share": self.few / self.subjects}


def reach(contribution: DataFrame, subject: str, target: float, top: float) -> Reach:
    """What CONTRIBUTION says of customers or products; `few` is 0 where none has a value above zero."""
    those = contribution.where(F.col("subject") == F.lit(subject))
    size = those.agg(F.count(F.lit(1)).alias("subjects"))
    best = F.ceil(F.col("subjects") * F.lit(top) - F.lit(EXACT))
    counted = those.crossJoin(size).agg(
        F.count(F.lit(1)).alias("subjects"),
        F.count_if((F.col("value") > 0) & (F.col("cumulative_share") < F.lit(target - EXACT))).alias("before"),
        F.coalesce(F.max("cumulative_share"), F.lit(0.0)).alias("all"),
        F.coalesce(F.max(best), F.lit(0)).cast("bigint").alias("top"),
        F.coalesce(F.sum(F.when(F.col("rank") <= best, F.col("share"))), F.lit(0.0)).alias("held"),
    )
    row = collect_rows(counted, f"the value of {subject}s")[0]
    return Reach(row["subjects"], row["before"] + 1 if row["all"] > 0 else 0, row["top"], row["held"])


def inequality(concentration: DataFrame) -> list[Line]:
    """Gini and super customers, where they are known."""
    overall = collect_rows(concentration.where("subject = 'customer' and dimension = 'all'"), "concentration")
    return [line for row in overall for line in (gini(row), super_customers(row)) if line is not None]


def gini(row: Row) -> Line | None:
    if row["gini"] is None:
        return None
    said = (
        message("contribution.fact.gini", gini=row["gini"])
        if row["gini_low"] is None
        else message("contribution.fact.gini_between", gini=row["gini"], low=row["gini_low"], high=row["gini_high"])
    )
    return Line(message("contribution.label.gini"), said, None, "gini", row["gini"], "score")


def super_customers(row: Row) -> Line | None:
    if not row["super_subjects"]:
        return None
    held = known_or_none("contribution.held", held=row["super_share"])
    return Line(
        message("contribution.label.super_customers"),
        message("contribution.fact.super_customers", customers=row["super_subjects"], held_part=held),
        message("contribution.advice.super_customers"),
        "super_customers",
        row["super_subjects"],
        "customers",
    )


def groups(concentration: DataFrame) -> list[Line]:
    """Members against others, and whatever else customers are split by, the highest value first."""
    split = concentration.where("subject = 'customer' and dimension != 'all'")
    ordered = split.orderBy("dimension", F.desc("value"), "member").limit(MOST_GROUPS)
    lines = [group(row) for row in collect_rows(ordered, "groups of customers")]
    nothing = Line(
        message("contribution.label.no_groups"),
        message("contribution.fact.no_groups"),
        message("contribution.advice.no_groups"),
        is_open=True,
    )
    return lines or [nothing]


def group(row: Row) -> Line:
    is_member = row["dimension"] == "is_member"
    ratio = row["ratio_to_others"]
    said = message(
        "contribution.fact.group",
        customers=row["subjects"],
        value_part=known_or_none("contribution.value_part", share=row["share_of_value"]),
        each=row["mean_value"],
        others=known_or_none("contribution.others", ratio=ratio),
    )
    is_worth_joining = is_member and row["member"] == "false" and ratio is not None and ratio < 1
    label = (
        message(f"contribution.label.{MEMBERSHIP[row['member']]}")
        if is_member and row["member"] in MEMBERSHIP
        else message("contribution.label.group", dimension=row["dimension"], member=row["member"])
    )
    return Line(
        label,
        said,
        message("contribution.advice.not_members") if is_worth_joining else None,
        code=f"{row['dimension']}={row['member']}",
        value=float(row["mean_value"]),
        unit="money",
    )


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    return [
        Section(
            "value",
            value(known["contribution"], known["concentration"], asked.params.target_share, asked.params.top_share),
        ),
        Section("groups", groups(known["concentration"])),
    ]


REPORT = Report(
    "contribution",
    (
        CONTRIBUTION,
        CONCENTRATION,
        LORENZ,
    ),
    sections,
    evidence=evidence,
)
