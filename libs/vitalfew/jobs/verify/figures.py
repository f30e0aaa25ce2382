"""Published figures that anyone can recompute, as their data are served by a package registry."""

from __future__ import annotations

from dataclasses import dataclass

BG_NBD = "Fader, Hardie and Lee 2005, Marketing Science 24(2)"
PARETO_NBD = "Fader and Hardie 2005, A Note on Deriving the Pareto/NBD Model"
GAMMA_GAMMA = "Fader and Hardie 2013, The Gamma-Gamma Model of Monetary Value"
BTYD = "Dziurzynski, Wadsworth and McCarthy 2014, BTYD"
COUNTED = "counted in the data as published"
KMEANS = "R, kmeans(iris[, 1:4], 3)"
JOURNEY = "84.51 degrees, The Complete Journey"

SEARCH = 5e-4
"""Relative precision of parameters in print: their searches stopped a little before or after the top."""


@dataclass(frozen=True)
class Figure:
    """What was published, and how far from it the same figure may lie."""

    data_set: str
    name: str
    expected: float
    tolerance: float
    source: str


def parameters(data_set: str, model: str, source: str, **values: float) -> list[Figure]:
    return [Figure(data_set, f"{model} {name}", value, SEARCH * value, source) for name, value in values.items()]


def counts(data_set: str, source: str, **values: int) -> list[Figure]:
    return [Figure(data_set, name.replace("_", " "), value, 0, source) for name, value in values.items()]


FIGURES: tuple[Figure, ...] = (
    *counts("CDNOW sample", BG_NBD, customers=2_357, customers_who_came_back=946),
    *counts("CDNOW sample", COUNTED, distinct_histories=1_016),
    *parameters("CDNOW sample", "BG/NBD", BG_NBD, r=0.2426, alpha=4.4135, a=0.7929, b=2.4258),
    Figure("CDNOW sample", "BG/NBD log-likelihood", -9582.43, 0.01, BG_NBD),
    Figure("CDNOW sample", "BG/NBD E[Y(39) | 2, 30.43, 38.86]", 1.226, 0.0005, BG_NBD),
    Figure("CDNOW sample", "BG/NBD repeat purchases foretold, weeks 40-78", 1653, 0.5, COUNTED),
    Figure("CDNOW sample", "repeat purchases found, weeks 40-78", 1882, 0, COUNTED),
    *parameters("CDNOW sample", "Pareto/NBD", PARETO_NBD, r=0.5533, alpha=10.578, s=0.6062, beta=11.669),
    Figure("CDNOW sample", "Pareto/NBD log-likelihood", -9594.97, 0.01, PARETO_NBD),
    *parameters("CDNOW sample", "Gamma-Gamma", GAMMA_GAMMA, p=6.249, q=3.745, v=15.448),
    *parameters("CDNOW master", "BG/NBD", BTYD, r=0.2516, alpha=4.789, a=0.7234, b=2.161),
    Figure("CDNOW master", "BG/NBD log-likelihood", -95368.44, 0.01, BTYD),
    *counts("CDNOW master", COUNTED, customers=23_570, customers_with_80_percent=7_695),
    Figure("CDNOW master", "value", 2_500_315.63, 0, COUNTED),
    Figure("CDNOW master", "share of the top 20 %", 0.6778, 0.00005, COUNTED),
    Figure("CDNOW master", "Gini coefficient", 0.63457, 0.000005, COUNTED),
    *counts("Complete Journey", JOURNEY, order_lines=1_469_307, households=2_469),
    Figure("Complete Journey", "share of the top 20 %", 0.5457, 0.00005, COUNTED),
    Figure("Iris", "K-means, within-cluster sum of squares", 78.85144, 0.00005, KMEANS),
    Figure("Iris", "K-means, flowers in cluster 1", 62, 0, KMEANS),
    Figure("Iris", "K-means, flowers in cluster 2", 50, 0, KMEANS),
    Figure("Iris", "K-means, flowers in cluster 3", 38, 0, KMEANS),
)
