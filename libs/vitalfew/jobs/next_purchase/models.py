"""The models of buying, leaving and spending, fitted to what was known before a day, with a verdict on each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.algorithms.clv import bg_nbd_likelihood, gamma_gamma, mbg_nbd_likelihood, pareto_nbd_likelihood
from vitalfew.algorithms.clv.activity import Clock
from vitalfew.algorithms.clv.maximum_likelihood import Estimate
from vitalfew.algorithms.clv.purchase_histories import Histories
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.ratios import ratio
from vitalfew.jobs.next_purchase.params import NextPurchaseParams
from vitalfew.jobs.next_purchase.scoring import COUNTING, in_weeks

GRIDS = (1, 7, 14, 28)
FITS: dict[str, Callable[[Histories, Sequence[float] | None], Estimate]] = {
    "bg_nbd": bg_nbd_likelihood.fit,
    "pareto_nbd": pareto_nbd_likelihood.fit,
    "mbg_nbd": mbg_nbd_likelihood.fit,
}
SPENDING = "gamma_gamma"
OWN_MEAN_WEIGHT = 3.0
"""Without a model of amounts, the mean of all weighs as much as so many purchases of one's own."""


@dataclass(frozen=True)
class Fitted:
    """A model as it was fitted, or why it was not; `note` says what was rounded or sampled."""

    name: str
    customers: int
    histories: int
    estimate: Estimate | None
    problem: str | None
    note: str | None = None

    @property
    def is_sound(self) -> bool:
        return self.problem is None

    @property
    def values(self) -> list[float]:
        """The parameters, in the order of the model."""
        return [] if self.estimate is None else [float(value) for value in self.estimate.values]


@dataclass(frozen=True)
class Reduced:
    """Distinct rows with their counts, on the driver."""

    rows: list[Row]
    note: str | None


def counting_models(
    known: DataFrame,
    customers: int,
    repeaters: int,
    params: NextPurchaseParams,
    on: int,
    clock: Clock | None,
    near: Mapping[str, list[float]],
) -> dict[str, Fitted]:
    """BG/NBD, Pareto/NBD and MBG/NBD, fitted to histories as of the day `on` (since 1970), from `near` on."""
    if repeaters < params.min_repeaters:
        why = f"not fitted: {repeaters} customers came back, fewer than min_repeaters ({params.min_repeaters})"
        return {name: Fitted(name, customers, 0, None, why) for name in COUNTING}
    reduced = distinct_histories(known, params.max_histories)
    cells = np.array([tuple(row) for row in reduced.rows], dtype=float)
    table = Histories(cells[:, 0], *in_weeks(cells[:, 1], cells[:, 2], on, clock), cells[:, 3])
    found = {}
    for name in FITS:
        estimate = fitted_from(name, table, near.get(name))
        found[name] = Fitted(name, customers, len(cells), estimate, estimate.problem, reduced.note)
    return found


def fitted_from(name: str, table: Histories, near: Sequence[float] | None) -> Estimate:
    """The model of a name, fitted from `near` on; from nowhere, where that ends in no sound fit."""
    estimate = FITS[name](table, near)
    return FITS[name](table, None) if near is not None and estimate.problem else estimate


def distinct_histories(known: DataFrame, at_most: int) -> Reduced:
    """repeats, recency_days, age_days and how many customers have them; coarser days if there are too many."""
    for grid in GRIDS:
        keys = [F.col("repeats"), *[rounded(name, grid) for name in ("recency_days", "age_days")]]
        grouped = known.groupBy(*keys).agg(F.count(F.lit(1)).alias("n"))
        found = collect_rows(grouped.limit(at_most + 1), "distinct histories", at_most + 1)
        if len(found) <= at_most:
            note = (
                None if grid == 1 else f"days rounded to {grid}, so that no more than {at_most:,} histories are fitted"
            )
            return Reduced(sorted(found), note)
    return sampled(grouped, at_most, f"days rounded to {GRIDS[-1]}, ")


def rounded(name: str, grid: int) -> Column:
    return (F.round(F.col(name) / F.lit(grid)) * grid).cast("int").alias(name)


def sampled(grouped: DataFrame, at_most: int, before: str = "") -> Reduced:
    """As many of the rows as may be held, drawn by a hash of the row."""
    total = grouped.count()
    if total <= at_most:
        return Reduced(sorted(collect_rows(grouped, "rows to fit", at_most)), None)
    keys = [F.col(name).cast("string") for name in grouped.columns[:-1]]
    parts = 1_000_000
    share = 0.9 * at_most / total
    drawn = grouped.where(F.crc32(F.concat_ws("|", *keys)) % parts < int(share * parts))
    rows = sorted(collect_rows(drawn.limit(at_most), "rows to fit", at_most))
    return Reduced(rows, f"{before}{len(rows):,} of {total:,} distinct rows, drawn by hash")


def spending_model(known: DataFrame, params: NextPurchaseParams) -> Fitted:
    """Gamma-Gamma, fitted to customers who came back and brought money when they did."""
    paid = known.where("repeats > 0 and repeat_amount > 0")
    grouped = paid.groupBy("repeats", "repeat_amount").agg(F.count(F.lit(1)).alias("n"))
    reduced = sampled(grouped, params.max_histories)
    customers = sum(row["n"] for row in reduced.rows)
    if customers < params.min_repeaters:
        why = f"not fitted: {customers} customers came back and paid, fewer than min_repeaters ({params.min_repeaters})"
        return Fitted(SPENDING, customers, 0, None, why)
    cells = np.array([[float(cell) for cell in row] for row in reduced.rows])
    spending = gamma_gamma.Spending(cells[:, 0], cells[:, 1] / cells[:, 0], cells[:, 2])
    estimate = gamma_gamma.fit(spending)
    related = gamma_gamma.correlation(spending)
    problem = estimate.problem
    if problem is None and estimate.parameters["q"] <= 1:
        problem = f"degenerate: q is {estimate.parameters['q']:.3g}; without q > 1 amounts have no mean"
    if abs(related) > params.max_correlation:
        problem = (
            f"not used: amounts and repeats correlate by {related:.2f}, more than max_correlation "
            f"({params.max_correlation}), and the model supposes that they do not"
        )
    return Fitted(SPENDING, customers, len(cells), estimate, problem, reduced.note)


def expected_amount(fitted: Fitted, mean_of_all: float, by_frequency: tuple[float, float] | None = None) -> Column:
    """E[M] of histories, in money: by the model, else between the own mean and that of all, or of the like.

    by_frequency: a and b, where customers with x repeats spend exp(a + b ln(1 + x)) on one order.
    """
    x = F.col("repeats").cast("double")
    own = F.greatest(F.coalesce(F.col("repeat_amount").cast("double"), F.lit(0.0)), F.lit(0.0))
    if fitted.is_sound:
        p, q, v = fitted.values
        return ratio((own + F.lit(v)) * F.lit(p), x * F.lit(p) + F.lit(q - 1))
    prior = F.lit(mean_of_all)
    if by_frequency is not None:
        prior = F.exp(F.lit(by_frequency[0]) + F.lit(by_frequency[1]) * F.log1p(x))
    return ratio(own + F.lit(OWN_MEAN_WEIGHT) * prior, x + F.lit(OWN_MEAN_WEIGHT))


def parameter_rows(fitted: Fitted, on: date) -> list[dict[str, object]]:
    """Rows of PURCHASE_PARAMETERS."""
    if fitted.estimate is None:
        return []
    found = zip(fitted.estimate.names, fitted.estimate.values, fitted.estimate.errors, strict=True)
    return [
        {
            "model": fitted.name,
            "fitted_on": on,
            "parameter": name,
            "estimate": float(value),
            "standard_error": None if np.isnan(error) else float(error),
        }
        for name, value, error in found
    ]


def cents(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal("0.01"))
