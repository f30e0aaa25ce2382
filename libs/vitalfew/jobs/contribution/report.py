"""What the summary says of who brings the value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.contribution.tables import CONCENTRATION, CONTRIBUTION, LORENZ
from vitalfew.report.answers import Line, missing
from vitalfew.report.formats import how_many, money, percent
from vitalfew.report.sections import Asked, Chart, Report, Section

EXACT = 1e-12
MOST_GROUPS = 12
MEMBERS = {"true": "members", "false": "not members", "unknown": "not known"}


def value(contribution: DataFrame, concentration: DataFrame, target: float, top: float) -> list[Line]:
    """How many customers hold `target` of the value, what the `top` ones hold, how unequal that is; and products."""
    customers, products = (reach(contribution, subject, target, top) for subject in ("customer", "product"))
    if not customers.subjects:
        return missing("contribution")
    if not customers.few:
        return [Line("no value", f"None of {how_many(customers.subjects, 'customer')} has a value above zero.")]
    lines = [
        Line(
            f"{100 * target:g} % of the value",
            f"{customers.of('customer')} hold it",
            "Look after these first: they are the last you can afford to lose.",
            "target_share",
            customers.few,
            "customers",
        ),
        Line(
            f"best {100 * top:g} %",
            f"{how_many(customers.top, 'customer')} with {percent(customers.held)} of the value",
            None,
            "top_share",
            customers.held,
            "share",
        ),
        *inequality(concentration),
    ]
    if products.few:
        text = f"{products.of('product')} bring {100 * target:g} % of the value"
        lines.append(Line("products", text, "Never let these run out."))
    return lines


@dataclass(frozen=True)
class Reach:
    """Of how many subjects how few reach the target; how many are the top, and what share of the value they hold."""

    subjects: int
    few: int
    top: int
    held: float

    def of(self, what: str) -> str:
        return f"{self.few:,} of {how_many(self.subjects, what)} ({percent(self.few / self.subjects)})"


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
    lines = []
    for row in overall:
        if row["gini"] is not None:
            between = "" if row["gini_low"] is None else f", between {row['gini_low']:.3f} and {row['gini_high']:.3f}"
            lines.append(
                Line("Gini coefficient", f"{row['gini']:.3f}{between} (0: all bring the same; 1: one brings all)")
            )
        if row["super_subjects"]:
            held = "" if row["super_share"] is None else f"; {percent(row['super_share'])} of all value"
            text = f"{how_many(row['super_subjects'], 'customer')} with several times the value of the others{held}"
            lines.append(Line("super customers", text, "Give each of them someone to turn to."))
    return lines


def groups(concentration: DataFrame) -> list[Line]:
    """Members against others, and whatever else customers are split by, the highest value first."""
    split = concentration.where("subject = 'customer' and dimension != 'all'")
    ordered = split.orderBy("dimension", F.desc("value"), "member").limit(MOST_GROUPS)
    lines = [group(row) for row in collect_rows(ordered, "groups of customers")]
    return lines or [Line("not known", "Nothing is known by which customers could be split, such as membership.")]


def group(row: Row) -> Line:
    is_member = row["dimension"] == "is_member"
    name = MEMBERS.get(row["member"], row["member"]) if is_member else f"{row['dimension']} {row['member']}"
    share = "" if row["share_of_value"] is None else f", {percent(row['share_of_value'])} of the value"
    ratio = row["ratio_to_others"]
    others = "" if ratio is None else f" ({ratio:.2f} times the others)"
    text = f"{how_many(row['subjects'], 'customer')}{share}; {money(row['mean_value'])} each{others}"
    is_worth_joining = is_member and row["member"] == "false" and ratio is not None and ratio < 1
    return Line(name, text, "Invite the best of them to join." if is_worth_joining else None)


def lorenz_chart(lorenz: DataFrame) -> list[Chart]:
    """The Lorenz curve of all customers; none where it is not known."""
    points = lorenz.where("subject = 'customer' and dimension = 'all'").orderBy("percent")
    rows = [row.asDict() for row in collect_rows(points.select("percent", "share_of_value"), "the Lorenz curve")]
    chart = Chart("lorenz", "curve", rows, x="percent", y="share_of_value", y_unit="share", table="lorenz")
    return [chart] if rows else []


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    return [
        Section(
            "value",
            value(known["contribution"], known["concentration"], asked.params.target_share, asked.params.top_share),
            lorenz_chart(known["lorenz"]),
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
)
