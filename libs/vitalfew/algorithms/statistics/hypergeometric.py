"""The upper tail of the hypergeometric distribution, in logarithms, and the false discovery rate of many tests."""

from __future__ import annotations

from math import lgamma

import numpy as np

from vitalfew.dataframes.arrays import AnyInts as Ints
from vitalfew.dataframes.arrays import Floats

TABLE = 16
HALF_LOG_TWO_PI = 0.5 * np.log(2 * np.pi)
SMALL = np.arange(1, TABLE, dtype=np.float64)
LOG_FACTORIALS = np.array([lgamma(n + 1) for n in SMALL])
ERRORS_OF_STIRLING = np.concatenate([[0.0], LOG_FACTORIALS - (SMALL + 0.5) * np.log(SMALL) + SMALL - HALF_LOG_TWO_PI])


def log_upper_tail(n: Ints, n_x: Ints, n_y: Ints, total: int) -> Floats:
    """ln P(H >= n), where H is how many of `n_y` things drawn from `total` are among `n_x` marked ones.

    One-sided p of Fisher's exact test. Terms are summed from the mode outwards, on the side where they fall: relative
    error of p about 1e-12, also where p itself is far below the smallest double.
    """
    n, n_x, n_y = (np.asarray(each, np.int64) for each in (n, n_x, n_y))
    result = np.zeros(n.size)
    certain = n <= np.maximum(0, n_x + n_y - total)
    above = ~certain & (n * float(total) > n_x * n_y.astype(np.float64))
    below = ~certain & ~above
    result[above] = log_sum(n[above], n_x[above], n_y[above], total, upwards=True)
    rest = log_sum(n[below] - 1, n_x[below], n_y[below], total, upwards=False)
    result[below] = np.log1p(-np.exp(rest))
    return np.minimum(result, 0.0)


def log_sum(k: Ints, n_x: Ints, n_y: Ints, total: int, *, upwards: bool) -> Floats:
    """ln of the probabilities of k and all beyond it, upwards or downwards, where they fall from term to term."""
    k, a, b = (each.astype(np.float64) for each in (k, n_x, n_y))
    first, sums, active = log_probability(k, a, b, total), np.ones(k.size), np.arange(k.size)
    state = np.stack([k, a, b, total - a - b, np.ones(k.size)])
    while active.size:
        k, a, b, neither, term = state
        if upwards:
            term *= (a - k) * (b - k) / ((k + 1) * (neither + k + 1))
            k += 1
        else:
            term *= k * (neither + k) / ((a - k + 1) * (b - k + 1))
            k -= 1
        sums[active] += term
        going = term > 1e-17 * sums[active]
        state, active = state[:, going], active[going]
    return first + np.log(sums)


def log_probability(k: Floats, n_x: Floats, n_y: Floats, total: int) -> Floats:
    """ln P(H = k), by the saddle-point form of Loader (2000), as R's dhyper has it. Needs 0 < n_y < total."""
    p, q = n_y / total, (total - n_y) / total
    return (
        log_binomial(k, n_x, p, q)
        + log_binomial(n_y - k, total - n_x, p, q)
        - log_binomial(n_y, np.full(n_y.size, float(total)), p, q)
    )


def log_binomial(k: Floats, n: Floats, p: Floats, q: Floats) -> Floats:
    """ln of the probability of k successes in n trials."""
    inner = (k > 0) & (k < n)
    safe_k, safe_n = np.where(inner, k, 1.0), np.where(inner, n, 2.0)
    rest = safe_n - safe_k
    middle = (
        stirling_error(safe_n)
        - stirling_error(safe_k)
        - stirling_error(rest)
        - deviance(safe_k, safe_n * p)
        - deviance(rest, safe_n * q)
        - HALF_LOG_TWO_PI
        - 0.5 * (np.log(safe_k) + np.log1p(-safe_k / safe_n))
    )
    edge = np.where(k > 0, n * log_of_part(p, q), n * log_of_part(q, p))
    return np.where(inner, middle, edge)


def log_of_part(part: Floats, rest: Floats) -> Floats:
    """ln(part) where part + rest = 1, precise also where part is nearly 1."""
    return np.where(part > 0.5, np.log1p(-rest), np.log(part))


def stirling_error(n: Floats) -> Floats:
    """ln n! less Stirling's formula."""
    large = np.maximum(n, TABLE)
    square = large * large
    series = (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / (1188 * square)) / square) / square) / square) / large
    return np.where(n < TABLE, ERRORS_OF_STIRLING[np.minimum(n, TABLE - 1).astype(np.int64)], series)


def deviance(x: Floats, mean: Floats) -> Floats:
    """x ln(x / mean) + mean - x, precise where x is near the mean: by the series of ln((1 + v) / (1 - v)) there."""
    v = (x - mean) / (x + mean)
    is_near = np.abs(v) < 0.1
    power, series = 2 * x * v, (x - mean) * v
    for odd in range(3, 35, 2):  # 0.1 ** 32 is below any double's precision
        power = power * v * v
        series = series + power / odd
    ratio = np.where(is_near, 1.0, x / mean)
    return np.where(is_near, series, x * np.log(ratio) + mean - x)
