"""What the summary says of the purchases to come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.still_there import still_there
from vitalfew.jobs.next_purchase.figures import evidence
from vitalfew.jobs.next_purchase.tables import (
    NEXT_PURCHASE,
    PURCHASE_BACKTESTS,
    PURCHASE_CALIBRATION,
    PURCHASE_FIT,
    PURCHASE_FORECAST,
    PURCHASE_OUTLOOK,
)
from vitalfew.messages.message import message
from vitalfew.report.answers import Line, missing
from vitalfew.report.sections import Asked, Report, Section
from vitalfew.tables.facts import ORDER_DAYS

SOON_DAYS = 7
FAR_OFF = 0.1
"""Of what came: what was predicted for the days held out may differ by this."""


def coming(
    customers: DataFrame, forecast: DataFrame, calibration: DataFrame, fit: DataFrame, horizon_days: int, as_of: date
) -> list[Line]:
    """Who will come back, what they bring within about `horizon_days`, whom to ask now; and how the last one held."""
    row = collect_rows(counted(customers, as_of), "customers who may come back")[0]
    if not row["customers"]:
        return missing("next_purchase")
    of_model = (F.col("repeats") == "all") & (F.col("model") == F.lit(row["model"]))
    held = collect_rows(calibration.where(of_model), "calibration")
    fitted_on = next((row["fitted_on"] for row in collect_rows(fit.select("fitted_on").limit(1), "the fit")), as_of)
    horizons = collect_rows(horizon_sums(forecast), "horizons of the forecast")
    near = sorted(horizons, key=lambda h: (abs(h["horizon_days"] - horizon_days), h["horizon_days"]))[:1]
    return [
        *alive(row),
        *(horizon_line(each, is_sure=not any(map(is_off, held))) for each in near),
        *(check(each, fitted_on) for each in held),
        *soon(row),
        *late(row, max((h["horizon_days"] for h in horizons), default=None)),
    ]


def alive(row: Row) -> list[Line]:
    """How many are still customers; nothing where no model knows."""
    if row["alive"] is None:
        return []
    known = {"alive": row["alive"], "customers": row["customers"], "share": row["alive"] / row["customers"]}
    text = message("next_purchase.fact.alive", **known)
    return [Line(message("next_purchase.label.alive"), text, None, "alive", row["alive"], "customers")]


def horizon_line(near: Row, is_sure: bool) -> Line:
    """What is to come within one horizon; by a model that missed the last time, as a hint only."""
    return Line(
        message("next_purchase.label.forecast", days=near["horizon_days"]),
        message("next_purchase.fact.forecast", orders=near["orders"], value=near["value"]),
        message("next_purchase.advice.plan") if is_sure else message("next_purchase.advice.unsure"),
        "forecast",
        float(near["value"]),
        "money",
    )


def soon(row: Row) -> list[Line]:
    if not row["soon"]:
        return []
    text = message("next_purchase.fact.soon", soon=row["soon"], days=SOON_DAYS)
    label, action = message("next_purchase.label.soon"), message("next_purchase.advice.soon")
    return [Line(label, text, action, "soon", row["soon"], "customers")]


def late(row: Row, longest: int | None) -> list[Line]:
    """Who is past their window, and what is likely lost within the longest horizon."""
    if not row["slipping"]:
        return []
    unknown, stake = message("next_purchase.within.unknown"), row["stake"] or 0
    within = unknown if longest is None else message("next_purchase.within.horizon", horizon=longest)
    text = message("next_purchase.fact.late", late=row["slipping"], lapsed=row["lapsed"], stake=stake, within=within)
    label, action = message("next_purchase.label.late"), message("next_purchase.advice.late")
    return [Line(label, text, action, "late", float(stake), "money")]


def counted(customers: DataFrame, as_of: date) -> DataFrame:
    """One row: customers, alive (the sum of the probabilities to return), soon, slipping, lapsed, stake, model."""
    is_slipping = F.col("status").isin("overdue", "lapsed")
    is_near = F.datediff("due_50_from", F.lit(as_of)) <= SOON_DAYS
    return customers.agg(
        F.count(F.lit(1)).alias("customers"),
        F.sum(still_there()).alias("alive"),
        F.count_if((F.col("status") == "on schedule") & is_near).alias("soon"),
        F.count_if(is_slipping).alias("slipping"),
        F.count_if(F.col("status") == "lapsed").alias("lapsed"),
        F.sum(F.when(is_slipping, F.col("value_at_stake"))).alias("stake"),
        F.max("model").alias("model"),
    )


def horizon_sums(forecast: DataFrame) -> DataFrame:
    return forecast.groupBy("horizon_days").agg(
        F.sum("expected_orders").alias("orders"), F.sum("expected_value").alias("value")
    )


def check(held: Row, fitted_on: date) -> Line:
    """What the model predicted for the last days known when it was fitted, and what came."""
    days = (fitted_on - held["split_on"]).days
    known = {"predicted": held["predicted_orders"], "actual": held["actual_orders"]}
    return Line(message("next_purchase.label.check"), message("next_purchase.fact.check", days=days, **known))


def is_off(held: Row) -> bool:
    """Whether the model missed what came by too much to plan by it."""
    return bool(abs(held["predicted_orders"] - held["actual_orders"]) > FAR_OFF * held["actual_orders"])


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    return [
        Section(
            "coming",
            coming(
                known["next_purchase"],
                known["purchase_forecast"],
                known["purchase_calibration"],
                known["purchase_fit"],
                asked.params.horizon_days,
                asked.as_of,
            ),
        ),
    ]


REPORT = Report(
    "next_purchase",
    (
        NEXT_PURCHASE,
        PURCHASE_FORECAST,
        PURCHASE_CALIBRATION,
        PURCHASE_FIT,
    ),
    sections,
    drawn=(
        PURCHASE_OUTLOOK,
        PURCHASE_BACKTESTS,
        ORDER_DAYS,
    ),
    evidence=evidence,
)
