"""The level of today: first orders that become rarer or more frequent move all probabilities alike."""

from __future__ import annotations

import numpy as np

from vitalfew.algorithms.statistics.monotone import log_odds
from vitalfew.dataframes.arrays import Bools, Floats
from vitalfew.jobs.prospects.panel import Panel

SPREAD = 0.5
"""Standard deviation of what is expected of a shift, before anything is seen: a few orders move little."""
STEPS = 50
MOST = 20.0


def latest(panel: Panel, days: int) -> Bools:
    """The rows of the last `days` with a moment."""
    first = panel.moment_ago.min() if len(panel) else 0
    return np.asarray(panel.moment_ago < first + days)


def shift_of(predicted: Floats, ordered: Bools) -> float:
    """By how much log-odds are off on these rows: the most probable shift, normal about 0 with SPREAD (Newton)."""
    odds, found = log_odds(predicted), 0.0
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(odds + found, -MOST, MOST)))
        slope = float((ordered - p).sum()) - found / SPREAD**2
        step = slope / (float((p * (1 - p)).sum()) + 1 / SPREAD**2)
        found += max(-1.0, min(1.0, step))
        if abs(step) < 1e-9:
            break
    return found


def shifted(p: Floats, by: float) -> Floats:
    """Probabilities whose log-odds are moved."""
    return np.asarray(1 / (1 + np.exp(-(log_odds(p) + by))))
