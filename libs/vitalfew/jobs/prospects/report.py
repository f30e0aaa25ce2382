"""What the summary says of prospects."""

from __future__ import annotations

from pyspark.sql import Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.prospects.figures import by_verdict, distinct, evidence, horizon_of, totals_of
from vitalfew.jobs.prospects.panel import SIGNS
from vitalfew.jobs.prospects.tables import (
    LEAVE,
    PROSPECT_EVALUATION,
    PROSPECT_PROFILE,
    PROSPECT_RELIABILITY,
    PROSPECT_SIGNS,
    PROSPECT_TOTALS,
    PROSPECTS,
    UNKNOWN,
)
from vitalfew.messages.message import Message, message
from vitalfew.report.answers import Line
from vitalfew.report.sections import Asked, Known, Report, Section

MOST_TRAITS = 5
MOST_SIGNS = 3
SIGN_NAMES = frozenset(SIGNS)
LEAST_WEIGHT = 0.1
"""Of a sign that is named, in log-odds for one standard deviation."""


def lines(known: Known, asked: Asked) -> list[Line]:
    """Who may become a customer, what is worth an effort, how sure that is, and whom to look for; or nothing."""
    totals = totals_of(known)
    if totals is None:
        return []
    horizon = horizon_of(known)
    is_shown = totals["state"] == "scored" and totals["prospects"] >= asked.min_group and horizon is not None
    groups = by_verdict(known, horizon) if is_shown else []
    return [
        who_line(totals, groups, horizon, asked),
        *effort_lines(groups, horizon, asked),
        *(sure_lines(known) if is_shown else []),
        *(sign_lines(known, horizon) if is_shown else []),
        *value_lines(totals),
        *profile_lines(known, asked),
        *left_out(totals, asked),
        *([fact("consent", message("prospects.fact.consent"))] if totals["prospects"] else []),
    ]


def fact(code: str, said: Message, advice: Message | None = None, value: float | None = None, unit: str = "") -> Line:
    return Line(message(f"prospects.label.{code}"), said, advice, code, value, unit or None)


def who_line(totals: Row, groups: list[Row], horizon: int | None, asked: Asked) -> Line:
    """How many may become customers, and how many will; or why nobody is listed."""
    memory = totals["memory_days"]
    if totals["state"] == "no_behaviour":
        return fact("prospects", message("prospects.fact.no_behaviour"), message("prospects.advice.no_behaviour"))
    if totals["state"] == "no_prospects":
        return fact("prospects", message("prospects.fact.no_prospects", memory=memory))
    if totals["prospects"] < asked.min_group:
        return fact("prospects", message("prospects.fact.few", least=asked.min_group))
    if horizon is None:
        said = message("prospects.fact.not_predicted", prospects=totals["prospects"], memory=memory)
        return fact("prospects", said, None, float(totals["prospects"]), "customers")
    orders = sum(row["orders"] for row in groups)
    said = message(
        "prospects.fact.prospects", prospects=totals["prospects"], memory=memory, orders=orders, horizon=horizon
    )
    return fact("prospects", said, message("prospects.advice.prospects"), float(totals["prospects"]), "customers")


def effort_lines(groups: list[Row], horizon: int | None, asked: Asked) -> list[Line]:
    """By verdict; nothing where a group is too small to be shown, as it follows from the others."""
    if any(row["people"] < asked.min_group for row in groups):
        return []
    found = []
    for row in groups:
        people = float(row["people"])
        if row["verdict"] == UNKNOWN:
            said = message("prospects.fact.unknown", people=row["people"])
        else:
            figures = {"people": row["people"], "horizon": horizon, "p": row["p"], "worth": row["worth"]}
            said = message("prospects.fact.effort", verdict=row["verdict"], **figures)
        advice = message("prospects.advice.effort") if row["verdict"] == LEAVE else None
        found.append(fact("effort", said, advice, people, "customers"))
    return found


def sure_lines(known: Known) -> list[Line]:
    """For each horizon which method is used, why, and whether it was calibrated."""
    rows = collect_rows(known["prospect_evaluation"], "the evaluation of prospects")
    by_horizon: dict[int, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["horizon_days"], not row["is_published"], row["method"])):
        by_horizon.setdefault(row["horizon_days"], []).append(row)
    return [line for found in by_horizon.values() for line in of_horizon(found[0])]


def of_horizon(first: Row) -> list[Line]:
    """`first` is the row of the published method, or any where nothing is."""
    horizon, reason = {"horizon": first["horizon_days"]}, first["reason"]
    figures = {
        "better": {"method": first["method"], "moments": first["moments"], "lift": first["lift_of_tenth"] or 0.0},
        "not_better": {"method": first["method"], "moments": first["moments"]},
        "too_few": {"conversions": first["conversions"]},
        "too_short": {},
    }
    said = [
        fact("sure", message(f"prospects.fact.{reason}", **horizon, **figures[reason]), None, first["auc"], "score")
    ]
    if first["is_calibrated"] is not None and reason in ("better", "not_better"):
        code = "calibrated" if first["is_calibrated"] else "uncalibrated"
        shares = {"found": first["found"], "predicted": first["predicted"]}
        said.append(fact("sure", message(f"prospects.fact.{code}", **horizon, **shares), None, first["found"], "share"))
    return said


def sign_lines(known: Known, horizon: int | None) -> list[Line]:
    """What speaks for a first order, where the published probabilities go by it."""
    is_shown = F.col("is_used") & (F.col("horizon_days") == horizon) & (F.col("weight") >= LEAST_WEIGHT)
    rows = collect_rows(known["prospect_signs"].where(is_shown), "signs of a first order")
    names = [row["sign"] for row in sorted(rows, key=lambda row: (-row["weight"], row["sign"]))]
    told = [name for name in names if name in SIGN_NAMES][:MOST_SIGNS]
    return [fact("speaks", message("prospects.fact.speaks", signs=told))] if told else []


def value_lines(totals: Row) -> list[Line]:
    """What a new customer brings, and whether likeness to the best says more."""
    if totals["mean_value"] is None:
        return [fact("value", message("prospects.fact.no_value"))]
    said = message(
        f"prospects.fact.{'value' if totals['is_new_only'] else 'value_old'}",
        value=totals["mean_value"],
        days=totals["value_days"],
        customers=totals["value_customers"],
        share=totals["best_share"],
        best=totals["best_value"] or totals["mean_value"],
    )
    found = [fact("value", said, None, float(totals["mean_value"]), "money")]
    if totals["is_likeness_used"]:
        ends = {"high": totals["value_high"], "low": totals["value_low"]}
        found.append(fact("value", message("prospects.fact.likeness", **ends)))
    elif totals["prospects"]:
        found.append(fact("value", message("prospects.fact.no_likeness")))
    return found


def profile_lines(known: Known, asked: Asked) -> list[Line]:
    """What the best customers have more often than others."""
    rows = distinct(known, asked)
    if not rows:
        any_trait = collect_rows(known["prospect_profile"].limit(1), "a trait")
        return [fact("profile", message(f"prospects.fact.{'no_profile' if any_trait else 'no_traits'}"))]
    found = []
    for place, row in enumerate(rows[:MOST_TRAITS]):
        said = message(
            "prospects.fact.profile",
            trait=row["trait"],
            value=row["value"],
            best=row["share_of_best"],
            others=row["share_of_others"],
            lift=row["lift"],
            low=row["lift_low"],
            high=row["lift_high"],
        )
        found.append(
            fact("profile", said, None if place else message("prospects.advice.profile"), row["lift"], "times")
        )
    return found


def left_out(totals: Row, asked: Asked) -> list[Line]:
    found = []
    if totals["silent"] >= asked.min_group:
        said = message("prospects.fact.silent", people=totals["silent"], memory=totals["memory_days"])
        found.append(fact("left_out", said, None, float(totals["silent"]), "customers"))
    if totals["automatic"]:
        said = message("prospects.fact.automatic", people=totals["automatic"], most=totals["max_daily_events"])
        found.append(fact("left_out", said, None, float(totals["automatic"]), "customers"))
    return found


def sections(known: Known, asked: Asked) -> list[Section]:
    """What the report says of this job; no fact where it did not run."""
    return [Section("prospects", lines(known, asked))]


REPORT = Report(
    "prospects",
    (PROSPECTS, PROSPECT_EVALUATION, PROSPECT_PROFILE, PROSPECT_SIGNS, PROSPECT_TOTALS),
    sections,
    drawn=(PROSPECT_RELIABILITY,),
    evidence=evidence,
)
