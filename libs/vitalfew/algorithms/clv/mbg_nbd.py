"""MBG/NBD: as BG/NBD, but a customer may leave right after the first purchase too, so that P(alive) is below 1 for all.

Batislam, Denizel and Filiztekin (2007), "Empirical validation and comparison of models for customer base analysis",
International Journal of Research in Marketing 24(3). Purchases at rate lambda ~ Gamma(r, alpha); after each, the first
included, one leaves with probability p ~ Beta(a, b). Times in weeks.
"""

from __future__ import annotations

import numpy as np

from vitalfew.algorithms.clv.bg_nbd import bought_while_alive
from vitalfew.dataframes.arrays import Floats


def p_alive(parameters: Floats, x: Floats, t_x: Floats, age: Floats) -> Floats:
    """The probability that a customer will ever buy again."""
    r, alpha, a, b = parameters
    odds = np.log(a / (b + x)) + (r + x) * (np.log(alpha + age) - np.log(alpha + t_x))
    return np.asarray(1 / (1 + np.exp(np.minimum(odds, 700.0))))


def expected_purchases(parameters: Floats, x: Floats, t_x: Floats, age: Floats, times: Floats) -> Floats:
    """E[Y(t) | x, t_x, T] for each history (row) and each of `times`, in weeks from now (column)."""
    r, alpha, a, b = parameters
    lasting = bought_while_alive(r + x, alpha + age, float(a), b + x + 1, times)
    return lasting * p_alive(parameters, x, t_x, age)[:, np.newaxis]
