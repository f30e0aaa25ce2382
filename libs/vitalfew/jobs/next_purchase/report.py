"""What the summary says of the purchases to come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE, PURCHASE_CALIBRATION, PURCHASE_FORECAST
from vitalfew.report.answers import Line, missing
from vitalfew.report.formats import how_many, money, percent
from vitalfew.report.sections import Asked, Report, Section

SOON_DAYS = 7
FAR_OFF = 0.1
"""Of what came: what was foretold for the days held out may differ by this."""


PLAN = "Plan stock, staff and budget by it."
UNSURE = "Take it as a hint only: what was last foretold did not come true."


def coming(
    customers: DataFrame, forecast: DataFrame, calibration: DataFrame, horizon_days: int, as_of: date
) -> list[Line]:
    """Who will come back, what they bring within about `horizon_days`, whom to ask now; and how the last one held."""
    row = collect_rows(counted(customers, as_of), "customers who may come back")[0]
    if not row["customers"]:
        return missing("next_purchase")
    lines = []
    if row["alive"] is not None:
        share = percent(row["alive"] / row["customers"])
        text = f"{row['alive']:,.0f} of {how_many(row['customers'], 'customer')} ({share}), by the model"
        lines.append(Line("still customers", text, None, "alive", row["alive"], "customers"))
    of_model = (F.col("repeats") == "all") & (F.col("model") == F.lit(row["model"]))
    held = collect_rows(calibration.where(of_model), "calibration")
    horizons = collect_rows(horizon_sums(forecast), "horizons of the forecast")
    if horizons:
        near = min(horizons, key=lambda h: (abs(h["horizon_days"] - horizon_days), h["horizon_days"]))
        text = f"{near['orders']:,.0f} orders with a value of {money(near['value'])}"
        lines.append(
            Line(
                f"next {near['horizon_days']} days",
                text,
                UNSURE if any(map(is_off, held)) else PLAN,
                "forecast",
                float(near["value"]),
                "money",
            )
        )
    lines += [check(each, as_of) for each in held]
    if row["soon"]:
        text = f"{how_many(row['soon'], 'customer')}, most likely within the next {SOON_DAYS} days or so"
        lines.append(
            Line("about to order", text, "Offer them now what they usually buy.", "soon", row["soon"], "customers")
        )
    if row["slipping"]:
        within = f" within {max(h['horizon_days'] for h in horizons)} days" if horizons else ""
        text = (
            f"{how_many(row['slipping'], 'customer')} past the window in which they were expected, {row['lapsed']:,} "
            f"of them far past it; {money(row['stake'])} likely lost{within}"
        )
        lines.append(
            Line(
                "past window",
                text,
                "Ask them now, those with most at stake first.",
                "late",
                float(row["stake"] or 0),
                "money",
            )
        )
    return lines


def counted(customers: DataFrame, as_of: date) -> DataFrame:
    """One row: customers, alive (the sum of the probabilities), soon, slipping, lapsed, stake, model."""
    is_slipping = F.col("status").isin("past window", "lapsed")
    is_near = F.datediff("due_50_from", F.lit(as_of)) <= SOON_DAYS
    return customers.agg(
        F.count(F.lit(1)).alias("customers"),
        F.sum("p_alive").alias("alive"),
        F.count_if((F.col("status") == "in rhythm") & is_near).alias("soon"),
        F.count_if(is_slipping).alias("slipping"),
        F.count_if(F.col("status") == "lapsed").alias("lapsed"),
        F.sum(F.when(is_slipping, F.col("value_at_stake"))).alias("stake"),
        F.max("model").alias("model"),
    )


def horizon_sums(forecast: DataFrame) -> DataFrame:
    return forecast.groupBy("horizon_days").agg(
        F.sum("expected_orders").alias("orders"), F.sum("expected_value").alias("value")
    )


def check(held: Row, as_of: date) -> Line:
    """What the model foretold for the last days known, and what came."""
    days = (as_of - held["split_on"]).days
    text = (
        f"for the last {days} days it foretold {held['predicted_orders']:,.0f} orders; {held['actual_orders']:,} came"
    )
    return Line("was it right?", text)


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
    ),
    sections,
)
