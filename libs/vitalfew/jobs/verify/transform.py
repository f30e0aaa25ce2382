"""Published figures, recomputed on the engine at hand: expected, found, verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import numpy as np
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from vitalfew.algorithms.clv import bg_nbd
from vitalfew.algorithms.kmeans import driver_fit, fit
from vitalfew.algorithms.kmeans.standardised_points import examine
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.errors import AnalysisError
from vitalfew.jobs.contribution.transform import ContributionParams, contribution
from vitalfew.jobs.next_purchase.holdout_check import check
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.purchase_days import customer_days
from vitalfew.jobs.next_purchase.snapshot import Past, past
from vitalfew.jobs.verify.datasets import DATA, MEASURES, flowers
from vitalfew.jobs.verify.datasets import orders as published_orders
from vitalfew.jobs.verify.figures import FIGURES, Figure
from vitalfew.jobs.verify.params import VerifyParams
from vitalfew.jobs.verify.tables import VERIFICATION
from vitalfew.tables import Everything, Table
from vitalfew.tables.facts import CUSTOMER_PROFILE
from vitalfew.tables.sources import PRODUCTS

CALIBRATED = date(1997, 10, 1)
OBSERVED = date(1998, 7, 1)
MODELS = {"bg_nbd": "BG/NBD", "pareto_nbd": "Pareto/NBD", "gamma_gamma": "Gamma-Gamma"}
SAME, DIFFERS = "as published", "DIFFERS"


def verify(before: DataFrame, *, params: VerifyParams, stage: Stage = UNSTAGED, **_: Any) -> tuple[Everything]:
    """VERIFICATION, from nothing but packages: `before` is what it was the last time."""
    known = {(row["data_set"], row["figure"]): row["found"] for row in collect_rows(before, VERIFICATION.name)}
    rows = [
        row
        for data_set in dict.fromkeys(params.data_sets)
        for row in verified(data_set, recomputed(before.sparkSession, data_set, stage), known)
    ]
    differing = [
        f"{r['data_set']}, {r['figure']}: {r['expected']:g} expected, {r['found']:g} found"
        for r in rows
        if r["verdict"] == DIFFERS
    ]
    if params.strict and differing:
        raise AnalysisError(f"Published figures are not reproduced on this engine: {'; '.join(differing)}.")
    return (Everything(local_table(VERIFICATION, rows, beside=before)),)


def verified(
    data_set: str, found: Mapping[str, float] | None, before: Mapping[tuple[str, str], float | None]
) -> Iterator[dict[str, Any]]:
    """Rows of VERIFICATION of one data set."""
    for figure in FIGURES:
        if figure.data_set == data_set:
            value = None if found is None else found[figure.name]
            yield {
                "data_set": data_set,
                "figure": figure.name,
                "source": figure.source,
                "expected": float(figure.expected),
                "tolerance": float(abs(figure.tolerance)),
                "found": value,
                "found_before": before.get((data_set, figure.name)),
                "verdict": verdict(figure, value),
            }


def verdict(figure: Figure, found: float | None) -> str:
    if found is None:
        return f"skipped: its data are not installed (pip install {DATA[figure.data_set].install})"
    return SAME if abs(found - figure.expected) <= abs(figure.tolerance) + 1e-9 else DIFFERS


def recomputed(session: SparkSession, data_set: str, stage: Stage) -> dict[str, float] | None:
    """Every figure of a data set by its name; None where the data are not installed."""
    given = DATA[data_set].table()
    if given is None:
        return None
    if data_set == "Iris":
        return of_irises(flowers(session, given))
    orders = stage(published_orders(session, given))
    if data_set == "CDNOW sample":
        return of_the_sample(orders, stage)
    if data_set == "CDNOW master":
        return of_models(calibrated(orders, stage)[1]) | concentration(orders, stage)
    found = concentration(orders, stage)
    lines = collect_rows(orders.agg(F.sum("lines").alias("lines")), "totals")[0]["lines"]
    return {
        "order lines": float(lines),
        "households": found["customers"],
        "share of the top 20 %": found["share of the top 20 %"],
    }


def calibrated(orders: DataFrame, stage: Stage) -> tuple[DataFrame, Past, NextPurchaseParams]:
    """Days, and what was known of them on the day after the calibration period."""
    params = NextPurchaseParams(holdout_days=(OBSERVED - CALIBRATED).days)
    days = stage(customer_days(orders, OBSERVED))
    return days, past(days, CALIBRATED, params, stage), params


def of_models(known: Past) -> dict[str, float]:
    """Parameters and log-likelihoods."""
    found: dict[str, float] = {}
    for name, fitted in {**known.counting, known.spending.name: known.spending}.items():
        if fitted.estimate is not None:
            found |= {f"{MODELS[name]} {key}": value for key, value in fitted.estimate.parameters.items()}
            found[f"{MODELS[name]} log-likelihood"] = fitted.estimate.log_likelihood
    return found


def of_the_sample(orders: DataFrame, stage: Stage) -> dict[str, float]:
    days, known, params = calibrated(orders, stage)
    fitted = known.counting["bg_nbd"]
    held = check(known, days, params, stage)["bg_nbd"]
    one = [np.array([value]) for value in (2.0, 30.43, 38.86, 39.0)]
    return of_models(known) | {
        "customers": float(known.customers),
        "customers who came back": float(known.repeaters),
        "distinct histories": float(fitted.histories),
        "BG/NBD E[Y(39) | 2, 30.43, 38.86]": float(bg_nbd.expected_purchases(np.array(fitted.values), *one)[0, 0]),
        "BG/NBD repeat purchases foretold, weeks 40-78": held.predicted,
        "repeat purchases found, weeks 40-78": float(held.actual),
    }


def of_irises(flowers: DataFrame) -> dict[str, float]:
    """Three clusters of four measures, as they are."""
    points = examine(flowers, MEASURES, "id", sample_size=100)
    fitted = fit.fit(points, driver_fit.fit(points.sample, 3, 8, np.random.default_rng(1)).centres)
    sizes = sorted(fitted.counts.tolist(), reverse=True)
    return {"K-means, within-cluster sum of squares": fitted.cost} | {
        f"K-means, flowers in cluster {number}": float(size) for number, size in enumerate(sizes, 1)
    }


def concentration(orders: DataFrame, stage: Stage) -> dict[str, float]:
    """How few customers bring most of the value."""
    params = ContributionParams(subjects=("customer",), resamples=2)
    last = collect_rows(orders.agg(F.date_add(F.max("ordered_on"), 1).alias("day")), "the last day")[0]["day"]
    nobody, nothing = (empty(table, orders) for table in (CUSTOMER_PROFILE, PRODUCTS))
    overall = contribution(orders, nobody, nothing, params=params, as_of=last, stage=stage)[1]
    row = collect_rows(overall.where("subject = 'customer' and dimension = 'all'"), "concentration")[0]
    return {
        "customers": float(row["subjects"]),
        "customers with 80 percent": float(row["subjects_for_target"]),
        "value": float(row["value"]),
        "share of the top 20 %": float(row["top_share"]),
        "Gini coefficient": float(row["gini"]),
    }


def empty(table: Table, beside: DataFrame) -> DataFrame:
    return beside.sparkSession.createDataFrame([], ", ".join(f"{c.name} {c.type}" for c in table.declared))
