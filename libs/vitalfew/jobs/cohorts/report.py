"""What the summary says of whether new customers stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.product_names import listed
from vitalfew.jobs.cohorts.comparisons import BETTER, CAME_BY, NAMED, WORSE
from vitalfew.jobs.cohorts.tables import COHORT_PROFILES, COHORTS
from vitalfew.report.answers import Line, missing
from vitalfew.report.formats import how_many, percent, sentence
from vitalfew.report.sections import Asked, Chart, Report, Section

MOST_COHORTS = 3
COMPARED_BY = {"first_month": "month", "first_product": "contents", "first_channel": "channel"}


def staying(cohorts: DataFrame, profiles: DataFrame) -> list[Line]:
    """How many new customers come back, how many are there months later, and which of them do otherwise."""
    found = collect_rows(profiles.orderBy("dimension", "cohort"), "cohorts")
    if not found:
        return missing("cohorts")
    by_month = [row for row in found if row["dimension"] == "first_month" and not row["may_be_older"]]
    new = by_month or [row for row in found if row["dimension"] == "all"]
    asked, came = (sum(row[name] for row in new) for name in ("observed_customers", "returned_customers"))
    days = found[0]["return_days"]
    if not asked:
        return [Line("too early", f"No new customer has been one for {days} days yet.")]
    who = "new customer" if by_month else "customer"
    text = f"{came:,} of {how_many(asked, who)} ({percent(came / asked)}) bought again within {days} days"
    action = "This is what a campaign for the second order has to beat."
    return [
        Line("come back", text, action, "returned", came / asked, "share"),
        *later(cohorts, new),
        *differences(found),
    ]


def later(cohorts: DataFrame, new: Sequence[Row]) -> list[Line]:
    """How many of those in `new` still bought in the month up to which value is compared, and that value."""
    months, names = new[0]["horizon_months"], {row["cohort"] for row in new}
    at = cohorts.where((F.col("dimension") == F.lit(new[0]["dimension"])) & (F.col("months_since") == F.lit(months)))
    rows = [
        row for row in collect_rows(at, "months of cohorts") if row["cohort"] in names and row["observed_customers"]
    ]
    if not rows or not months:
        return []
    asked, active = (sum(row[name] for row in rows) for name in ("observed_customers", "active_customers"))
    value = sum(row["cumulative_value_per_customer"] * row["observed_customers"] for row in rows) / asked
    text = (
        f"{active:,} of {asked:,} ({percent(active / asked)}) bought in that month; {value:,.2f} each since they came"
    )
    return [Line(f"{how_many(months, 'month')} later", text)]


def differences(found: Sequence[Row]) -> list[Line]:
    """The cohorts that come back more or less often than the others, the surest first."""
    tested = [row for row in found if row["q_value"] is not None]
    apart = sorted((row for row in tested if row["is_different"]), key=lambda row: float(row["q_value"]))
    if tested and not apart:
        asked = [word for name, word in COMPARED_BY.items() if any(row["dimension"] == name for row in tested)]
        text = f"the {listed(asked)} of the first order {'makes' if len(asked) == 1 else 'make'} none beyond chance"
        return [Line("differences", text, "Welcome all of them in the same way.")]
    return [difference(row) for row in apart[:MOST_COHORTS]]


def difference(row: Row) -> Line:
    name = row["cohort"]
    is_better = row["returned_share"] > row["returned_share_of_others"]
    who = CAME_BY[row["dimension"]].format(cohort="something rarer" if name == "other" else name)
    advice = (BETTER if is_better else WORSE)[row["dimension"]].format(cohort=name)
    text = (
        f"{who}: {percent(row['returned_share'])} came back, of the others {percent(row['returned_share_of_others'])}"
    )
    label = "better" if is_better else "worse"
    return Line(label, text, "Look at who they are." if name in NAMED else f"{sentence(advice)}.")


def retention_chart(cohorts: DataFrame) -> list[Chart]:
    """Who of each month's new customers bought again in each later month; none where no month is known."""
    months = cohorts.where("dimension = 'first_month' and active_share is not null").orderBy("cohort", "months_since")
    rows = [row.asDict() for row in collect_rows(months.select("cohort", "months_since", "active_share"), "retention")]
    chart = Chart(
        "retention",
        "triangle",
        rows,
        x="months_since",
        y="active_share",
        y_unit="share",
        table="cohorts",
        series="cohort",
    )
    return [chart] if rows else []


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    del asked  # nothing of it is needed
    return [
        Section("staying", staying(known["cohorts"], known["cohort_profiles"]), retention_chart(known["cohorts"])),
    ]


REPORT = Report(
    "cohorts",
    (
        COHORTS,
        COHORT_PROFILES,
    ),
    sections,
)
