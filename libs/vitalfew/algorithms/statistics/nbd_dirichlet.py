"""The NBD-Dirichlet: how often a brand of a given share would be bought again, were its buyers like those of any other.

Goodhardt, Ehrenberg & Chatfield, "The Dirichlet: a comprehensive model of buying behaviour", J. R. Statist. Soc. A 147
(1984). Purchases of a category are negative binomial over customers (mean M, exponent K). Which brand they are of is
beta-binomial given their number: a brand of share s is drawn with the parameters S s and S (1 - s). The larger S, the
more alike are customers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy

from vitalfew.dataframes.arrays import Floats

LEAST, MOST = 1e-4, 1e5
"""Between these K and S are looked for."""
TAIL = 1e-7
"""Numbers of purchases that so few customers exceed are not summed over."""
MOST_PURCHASES = 2_000


@dataclass(frozen=True)
class Category:
    """The purchases of a category in a period: their mean over all customers, and the exponent K."""

    mean: float
    exponent: float

    @cached_property
    def purchases(self) -> tuple[Floats, Floats]:
        """How many purchases a customer makes: all numbers from 0, and the share of customers with each number."""
        k, p = self.exponent, self.exponent / (self.exponent + self.mean)
        n = np.arange(MOST_PURCHASES + 1, dtype=np.float64)
        more = scipy.special.betainc(n + 1, k, 1 - p)  # the share of those who make more than n
        n = n[: max(1, int(np.count_nonzero(more > TAIL)) + 1)]
        logarithm = ln_gamma(n + k) - ln_gamma(k) - ln_gamma(n + 1) + k * np.log(p) + n * np.log1p(-p)
        return n, np.asarray(np.exp(logarithm))


@dataclass(frozen=True)
class Brand:
    """What the model expects of brands, one row each, in the period.

    penetration: share of all customers who buy it; rate: purchases of it per buyer; requirements: share of the
    purchases of the category by its buyers that are of it; repeat: share of its buyers who buy it twice or more.
    """

    penetration: Floats
    rate: Floats
    requirements: Floats
    repeat: Floats


def ln_gamma(x: Floats | float) -> Floats:
    return np.asarray(scipy.special.gammaln(x))


def category(penetration: float, rate: float) -> Category | None:
    """The NBD of a category from the share of the customers who buy in it, and their purchases per buyer.

    K is where (1 + M / K) ** -K is the share that buys nothing. None where there is none: everybody buys or nobody, or
    purchases are spread more evenly than Poisson's.
    """
    mean = penetration * rate
    if not 0 < penetration < 1 or rate <= 1:
        return None

    def above(log_k: float) -> float:
        k = float(np.exp(log_k))
        return float(-k * np.log1p(mean / k) - np.log1p(-penetration))

    low, high = np.log(LEAST), np.log(MOST)
    if above(low) <= 0 or above(high) >= 0:
        return None
    return Category(mean, float(np.exp(scipy.optimize.brentq(above, low, high, xtol=1e-12))))


def expected(of: Category, shares: Floats, s: float) -> Brand:
    """What brands with these shares of the purchases have, where S is `s`."""
    n, weights = of.purchases
    alpha = s * shares[:, None]
    none = none_of(n, shares, s)
    once = none * n * alpha / np.maximum(s - alpha + n - 1, 1e-300)
    once[:, 0] = 0.0
    penetration = ((1 - none) * weights).sum(axis=1)
    of_category = ((1 - none) * weights * n).sum(axis=1)
    rate = of.mean * shares / penetration
    return Brand(
        penetration=penetration,
        rate=rate,
        requirements=of.mean * shares / of_category,
        repeat=1 - (once * weights).sum(axis=1) / penetration,
    )


def none_of(n: Floats, shares: Floats, s: float) -> Floats:
    """By brand and number of purchases, which rise from 0 by one: the chance that none of them is of the brand.

    A ratio of gamma functions, as the product that it is: logarithms cost far less.
    """
    steps = 1 - s * shares[:, None] / (s + n[:-1])
    found: Floats = np.cumprod(np.concatenate([np.ones((shares.size, 1)), steps], axis=1), axis=1)
    return found


def diversity(of: Category, shares: Floats, penetrations: Floats) -> float | None:
    """S: that with which brands of these shares have these penetrations on average, weighted by share.

    Brands that are all there is say nothing of it. None where no S in reach does: brands are bought by more customers
    than if nobody preferred any, or each customer has one brand.
    """
    tells = (shares > 0) & (shares < 1)
    if not tells.any():
        return None
    shares, penetrations = shares[tells], penetrations[tells]
    n, weights = of.purchases

    def above(log_s: float) -> float:
        ours = (1 - none_of(n, shares, float(np.exp(log_s)))) @ weights
        return float((shares * (ours - penetrations)).sum())

    low, high = np.log(LEAST), np.log(MOST)
    if above(low) >= 0 or above(high) <= 0:
        return None
    return float(np.exp(scipy.optimize.brentq(above, low, high, xtol=1e-9)))
