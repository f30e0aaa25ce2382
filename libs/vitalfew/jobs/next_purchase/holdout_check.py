"""Do the models foretell what came? What was known before a split, compared with the days held out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import Any

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.clv.calibration import class_deviations
from vitalfew.algorithms.clv.gap_spread import ENOUGH
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.staging import Stage
from vitalfew.domain.order_windows import days_after
from vitalfew.jobs.next_purchase import due_windows
from vitalfew.jobs.next_purchase.gap_model import Rhythm
from vitalfew.jobs.next_purchase.models import cents
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.scoring import COUNTING
from vitalfew.jobs.next_purchase.snapshot import RHYTHM, Past, predictions

MOST_REPEATS = 7
ALL = "all"
COMPARED = ("predicted", "actual", "squares")


@dataclass(frozen=True)
class Check:
    """Of one model: order days foretold and found, the error for one customer, and the rows of PURCHASE_CALIBRATION.

    class_error: how the classes are off beyond chance, as Cohen's w; worst: the class that is off the most.
    """

    predicted: float
    actual: int
    error: float
    class_error: float
    worst: dict[str, Any]
    rows: list[dict[str, Any]]


def check(before: Past, days: DataFrame, params: NextPurchaseParams, stage: Stage) -> dict[str, Check]:
    """Each model that has a sound fit before the split, and the rhythm, held against the days from the split on."""
    models = [name for name in COUNTING if before.counting[name].is_sound] + [RHYTHM]
    came = days.where(F.col("ordered_on") >= F.lit(before.on)).groupBy("customer_id")
    actual = came.agg(F.count_if(F.col("is_sale")).alias("actual"), F.sum("net").alias("came_value"))
    worth = before.known.select(
        "customer_id", F.least(F.col("repeats"), F.lit(MOST_REPEATS)).alias("bucket"), before.amount.alias("amount")
    )
    known = stage(worth.join(actual, on="customer_id", how="left"))
    frames = [
        known.join(predictions(before, name, [params.holdout_days], stage), on="customer_id", how="inner").select(
            F.lit(name).alias("model"),
            "bucket",
            F.col("orders")[0].alias("predicted"),
            (F.col("orders")[0] * F.col("amount")).alias("value"),
            F.coalesce(F.col("actual"), F.lit(0)).alias("actual"),
            F.coalesce(F.col("came_value"), F.lit(0)).cast("decimal(28,2)").alias("came_value"),
        )
        for name in models
    ]
    off = F.col("predicted") - F.col("actual")
    summed = (
        reduce(DataFrame.unionByName, frames)
        .groupBy("model", "bucket")
        .agg(
            F.count(F.lit(1)).alias("customers"),
            F.sum("predicted").alias("predicted"),
            F.sum("value").alias("value"),
            F.sum("actual").alias("actual"),
            F.sum("came_value").alias("came_value"),
            F.sum(off * off).alias("squares"),
        )
    )
    by_model = defaultdict(list)
    for row in collect_rows(summed, "calibration"):
        by_model[row["model"]].append(row.asDict())
    return {name: checked(name, rows, before.on) for name, rows in by_model.items()}


def checked(name: str, rows: list[dict[str, Any]], split_on: date) -> Check:
    """The rows of one model, and their sum."""
    ordered = sorted(rows, key=lambda row: int(row["bucket"]))
    names = ("customers", "predicted", "value", "actual", "came_value", "squares")
    total = {key: sum((row[key] for row in ordered), type(ordered[0][key])(0)) for key in names}

    def as_row(label: str, row: dict[str, Any]) -> dict[str, Any]:
        return {
            "model": name,
            "repeats": label,
            "split_on": split_on,
            "customers": row["customers"],
            "predicted_orders": float(row["predicted"]),
            "actual_orders": row["actual"],
            "predicted_value": cents(row["value"]),
            "actual_value": Decimal(row["came_value"]),
        }

    labels = [f"{row['bucket']}+" if row["bucket"] == MOST_REPEATS else str(row["bucket"]) for row in ordered]
    told = [as_row(label, row) for label, row in zip([*labels, ALL], [*ordered, total], strict=True)]
    error = float(total["squares"] / total["customers"]) ** 0.5
    parts = class_deviations(*(np.array([float(row[key]) for row in ordered]) for key in COMPARED))
    worst = told[int(parts.argmax())]
    return Check(float(total["predicted"]), int(total["actual"]), error, float(parts.sum()) ** 0.5, worst, told)


def coverage(
    subject: str, known: DataFrame, days: DataFrame, keys: Sequence[str], rhythm: Rhythm, split_on: date, until: date
) -> list[dict[str, Any]]:
    """Rows of PURCHASE_WINDOWS: how often the next purchase fell into the windows made at the split.

    Only windows that close before the days held out end are judged: of others nobody knows yet.
    """
    timed = due_windows.windows(known, rhythm, F.lit(split_on))
    return judged(subject, timed, days, keys, split_on, until)


def judged(
    subject: str, timed: DataFrame, days: DataFrame, keys: Sequence[str], split_on: date, until: date
) -> list[dict[str, Any]]:
    later = days.where((F.col("ordered_on") >= F.lit(split_on)) & F.col("is_sale"))
    returned = later.groupBy(*keys).agg(F.min("ordered_on").alias("next_on"))
    closed = timed.where(F.col("due_80_to") <= F.lit(days_after(until, -1)))
    joined = closed.join(returned, on=list(keys), how="left")
    inside = {
        nominal: F.col("next_on").between(F.col(f"due_{nominal}_from"), F.col(f"due_{nominal}_to"))
        for nominal in (50, 80)
    }
    counted = joined.groupBy(F.least(F.col("gaps"), F.lit(ENOUGH)).alias("gaps")).agg(
        F.count(F.lit(1)).alias("windows"),
        F.count("next_on").alias("came_back"),
        *[F.count_if(within).alias(f"inside_{nominal}") for nominal, within in inside.items()],
    )
    found = sorted(collect_rows(counted, "coverage of windows"), key=lambda row: int(row["gaps"]))
    labelled = [(f"{row['gaps']}+" if row["gaps"] == ENOUGH else str(row["gaps"]), row.asDict()) for row in found]
    if found:
        labelled.append((ALL, {name: sum(row[name] for row in found) for name in found[0].asDict() if name != "gaps"}))
    return [window_row(subject, label, nominal, row, split_on) for label, row in labelled for nominal in inside]


def window_row(subject: str, gaps: str, nominal: int, row: dict[str, int], split_on: date) -> dict[str, Any]:
    hits = row[f"inside_{nominal}"]
    return {
        "subject": subject,
        "gaps": gaps,
        "nominal": nominal / 100,
        "split_on": split_on,
        "windows": row["windows"],
        "came_back": row["came_back"],
        "inside": hits,
        "coverage": hits / row["came_back"] if row["came_back"] else None,
        "share_of_all": hits / row["windows"],
    }
