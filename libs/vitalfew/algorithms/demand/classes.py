"""Classes of demand by how often and how evenly it comes (Syntetos, Boylan and Croston 2005)."""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

INTERVAL = 1.32
"""Mean weeks per demand: from there on it is rare."""
VARIATION = 0.49
"""Squared coefficient of variation of the sizes: from there on they are uneven."""
CLASSES = ("smooth", "erratic", "intermittent", "lumpy", "too_few")


def demand_class(interval: Column, variation: Column) -> Column:
    """One of CLASSES; too_few where there is no variation to speak of: fewer than two demands."""
    is_even = variation < VARIATION
    often = F.when(is_even, "smooth").otherwise("erratic")
    rare = F.when(is_even, "intermittent").otherwise("lumpy")
    return F.when(variation.isNull(), "too_few").when(interval < INTERVAL, often).otherwise(rare)
