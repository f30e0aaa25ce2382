"""How sure a list is, from 1 to 3, with the reason in numbers: by rules over what was tested."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.messages.message import Message, message
from vitalfew.report.sections import Asked

Sure = tuple[int, Message]
TENTATIVE, FAIRLY, SURE = 1, 2, 3
OFF = (0.05, 0.15)
"""Up to which part of what came the model may have been off in its test to be sure, and fairly sure."""
COVERED = (0.05, 0.1)
"""How far the share of windows that held may be from what was meant."""
CHANCE = (0.01, 0.05)
LEAST_CHANCE = 0.01
"""No list is told to be without any false alarm."""
ERRORS = (3.0, 2.0)
EIGHTY = 0.7
"""Windows of 80 % are those of a nominal share above this."""


def of_kind(row: Row, known: Mapping[str, DataFrame], asked: Asked) -> Sure:
    """Of a kind of alert: a model's by its back-test, a window's by its coverage, a test's by its chance."""
    kind = row["kind"]
    if kind == "churn_risk":
        return of_model(known, asked)
    if kind in ("overdue", "inactive", "churned"):
        return of_windows(known["purchase_windows"])
    if kind == "spend_drop":
        return of_errors(row["errors"])
    if row["q"] is not None:
        return level(row["q"], CHANCE), message("page.to_do.because_chance", q=max(row["q"], LEAST_CHANCE))
    return SURE, message("page.to_do.because_seen")


def level(value: float, limits: tuple[float, float]) -> int:
    """SURE up to the first limit, FAIRLY up to the second."""
    return SURE if value <= limits[0] else FAIRLY if value <= limits[1] else TENTATIVE


def of_model(known: Mapping[str, DataFrame], asked: Asked) -> Sure:
    """By how much the orders of the days held out were missed."""
    models = known["next_purchase"].select("model").limit(1)
    held = known["purchase_calibration"].where("repeats = 'all'").join(models, on="model", how="left_semi")
    for row in collect_rows(held, "calibration"):
        if row["actual_orders"]:
            off = abs(row["predicted_orders"] / row["actual_orders"] - 1)
            days = (asked.as_of - row["split_on"]).days
            return level(off, OFF), message("page.to_do.because_tested", off=off, days=days)
    return TENTATIVE, message("page.to_do.because_untested")


def of_windows(windows: DataFrame) -> Sure:
    """By how many of the windows of 80 % held, of those who came back."""
    tested = windows.where((F.col("subject") == "customer") & (F.col("gaps") == "all") & (F.col("nominal") > EIGHTY))
    for row in collect_rows(tested, "windows"):
        if row["coverage"] is not None:
            off = max(0.0, row["nominal"] - row["coverage"])
            reason = message("page.to_do.because_window", coverage=row["coverage"], nominal=row["nominal"])
            return level(off, COVERED), reason
    return TENTATIVE, message("page.to_do.because_untested")


def of_errors(errors: float | None) -> Sure:
    """By how many standard errors the least of the falls is beyond."""
    if errors is None:
        return TENTATIVE, message("page.to_do.because_untested")
    sure = SURE if errors >= ERRORS[0] else FAIRLY if errors >= ERRORS[1] else TENTATIVE
    return sure, message("page.to_do.because_errors", errors=errors)
