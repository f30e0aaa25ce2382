"""Expectations over a beta distribution by Gauss-Jacobi quadrature, with numpy alone."""

from __future__ import annotations

import numpy as np

from vitalfew.dataframes.arrays import Floats

NODES = 48
LEAST = 1e-14
"""Nodes below this are rounding: a probability of that size is as good as none."""


def beta_quadrature(a: float, b: Floats) -> tuple[Floats, Floats]:
    """For each value of b (row), nodes p and weights with E[g(p)] = sum of weights * g(nodes), p ~ Beta(a, b).

    Golub and Welsch (1969): nodes are the eigenvalues of the matrix of the recurrence of Jacobi polynomials, weights
    the squared first entries of its eigenvectors.
    """
    k = np.arange(NODES, dtype=float)
    one, other = (b - 1)[:, np.newaxis], a - 1
    both = one + other
    middle = 2 * k + both
    with np.errstate(divide="ignore", invalid="ignore"):  # the first terms have their own form, below
        diagonal = (other**2 - one**2) / (middle * (middle + 2))
        beside = 4 * k * (k + one) * (k + other) * (k + both) / (middle**2 * (middle + 1) * (middle - 1))
    diagonal[:, :1] = (other - one) / (both + 2)
    beside[:, 1:2] = 4 * (1 + one) * (1 + other) / ((both + 2) ** 2 * (both + 3))
    matrix = np.zeros((len(b), NODES, NODES))
    at = np.arange(NODES)
    matrix[:, at, at] = diagonal
    matrix[:, at[1:], at[:-1]] = np.sqrt(beside[:, 1:])
    values, vectors = np.linalg.eigh(matrix)  # reads the lower triangle
    return np.maximum((values + 1) / 2, LEAST), vectors[:, 0, :] ** 2
