"""What a page shows of whether new customers stay: a triangle of months."""

from __future__ import annotations

from pyspark.sql import Row

from vitalfew.dataframes.collect import collect_rows
from vitalfew.messages.message import Message, message
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

LEAST = 20
"""Of a smaller cohort a share says little: it is left out of the picture, and the note says how many are."""
STEADY = 0.05


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """The answer is of new customers alone; nothing where nobody has been one long enough."""
    profiles = collect_rows(known["cohort_profiles"].where("dimension = 'first_month'"), "cohorts")
    new = [row for row in profiles if not row["may_be_older"]]
    asked_, came = (sum(row[name] for row in new) for name in ("observed_customers", "returned_customers"))
    if not asked_:
        return []
    tested = [row for row in new if row["q_value"] is not None]
    differ = sum(row["is_different"] for row in tested)
    code = "untested" if not tested else "differ" if differ else "same"
    figures = {"came": came, "asked": asked_, "share": came / asked_, "days": new[0]["return_days"]}
    answer = message(f"page.staying_answer.{code}", **figures, **({"months": differ} if code == "differ" else {}))
    action = message("cohorts.advice.returned")
    return [Evidence("staying", answer, action, triangle(known, profiles, max(LEAST, asked.min_group)))]


def triangle(known: Known, profiles: list[Row], least: int) -> list[Chart]:
    """Months that were over for all of a cohort; nothing where all are too small."""
    doubtful = {row["cohort"] for row in profiles if row["may_be_older"]}
    of_months = known["cohorts"].where(
        "dimension = 'first_month' and months_since > 0 and is_complete and active_share is not null"
    )
    months = collect_rows(of_months.orderBy("cohort", "months_since"), "retention")
    rows = [
        {
            "cohort": row["cohort"],
            "customers": row["customers"],
            "months": row["months_since"],
            "share": row["active_share"],
            "is_doubtful": row["cohort"] in doubtful,
        }
        for row in months
        if row["customers"] >= least
    ]
    if not rows:
        return []
    small = {row["cohort"]: row["customers"] for row in months if row["customers"] < least}
    fields = (
        column("cohort", "first_month"),
        column("customers", "customers", "count"),
        column("months", "months", "count"),
        column("share", "bought", "share"),
    )
    note = message("page.staying.note", least=least, left_out=sum(small.values()))
    return [
        Chart(
            "retention", "triangle", rows, "cohorts", title(rows), note, fields, x="months", y="share", series="cohort"
        )
    ]


def title(rows: list[dict[str, object]]) -> Message:
    """How the first month compares with a later one of the same cohorts, those of new customers where there are any."""
    rows = [row for row in rows if not row["is_doubtful"]] or rows
    last = max(int(str(row["months"])) for row in rows)
    middle = max(2, min(6, last))
    at = {(row["cohort"], row["months"]): row for row in rows}
    both = [row["cohort"] for row in rows if row["months"] == middle and (row["cohort"], 1) in at]
    if not both or middle == 1:
        return message("page.staying.plain")
    first, later = (
        sum(float(str(at[each, month]["share"])) * int(str(at[each, month]["customers"])) for each in both)
        / sum(int(str(at[each, month]["customers"])) for each in both)
        for month in (1, middle)
    )
    code = "steady" if abs(first - later) < STEADY else "fell" if later < first else "rose"
    return message(f"page.staying_title.{code}", first=first, later=later, months=middle)
