"""Quantiles of the normal distribution: how many standard errors a confidence is."""

from __future__ import annotations

from statistics import NormalDist


def one_sided(confidence: float) -> float:
    """Of `confidence` of all values, none is above it."""
    return NormalDist().inv_cdf(confidence)


def two_sided(confidence: float) -> float:
    """Of `confidence` of all values, none is further from 0."""
    return one_sided(0.5 + confidence / 2)
