"""What one order of each customer is worth, by every model of amounts, on a panel."""

from __future__ import annotations

import numpy as np

from vitalfew.algorithms.clv import gamma_gamma
from vitalfew.dataframes.arrays import Floats
from vitalfew.jobs.next_purchase.models import OWN_MEAN_WEIGHT, SPENDING
from vitalfew.jobs.next_purchase.panel import Known

OWN_MEAN, BY_FREQUENCY = "own_mean", "by_frequency"
FITTED = 4_000
FEWEST = 50


def amounts(known: Known) -> dict[str, Floats]:
    """By name, the amount of a future order of each customer."""
    x, total = known.repeats.astype(float), np.maximum(known.amount, 0.0)
    of_all = float(total.sum() / max(x.sum(), 1.0))
    found = {OWN_MEAN: (total + OWN_MEAN_WEIGHT * of_all) / (x + OWN_MEAN_WEIGHT)}
    like = by_frequency(known)
    if like is not None:
        prior = np.exp(like[0] + like[1] * np.log1p(x))
        found[BY_FREQUENCY] = (total + OWN_MEAN_WEIGHT * prior) / (x + OWN_MEAN_WEIGHT)
    paid = (x > 0) & (total > 0)
    if paid.sum() < FEWEST:
        return found
    mean = np.where(paid, total / np.maximum(x, 1.0), 0.0)
    fitted = np.flatnonzero(paid)[:: max(1, -(-int(paid.sum()) // FITTED))]
    estimate = gamma_gamma.fit(gamma_gamma.Spending(x[fitted], mean[fitted], np.ones(len(fitted))))
    if estimate.problem is None and estimate.parameters["q"] > 1:
        found[SPENDING] = gamma_gamma.expected_amount(estimate.values, x, mean)
    return found


def by_frequency(known: Known) -> tuple[float, float] | None:
    """a and b, where customers with x repeats spend exp(a + b ln(1 + x)) on one order; None with few who paid.

    b is that of the logarithms, weighted by x; a makes the sum of all right.
    """
    x, total = known.repeats.astype(float), np.maximum(known.amount, 0.0)
    paid = (x > 0) & (total > 0)
    if paid.sum() < FEWEST or np.ptp(x[paid]) == 0:
        return None
    n, logs = np.log1p(x[paid]), np.log(total[paid] / x[paid])
    mean = float(np.average(n, weights=x[paid]))
    apart = (n - mean) * x[paid]
    b = float(apart @ logs / (apart @ (n - mean)))
    a = float(np.log(total[paid].sum() / (x[paid] @ np.exp(b * n))))
    return a, b
