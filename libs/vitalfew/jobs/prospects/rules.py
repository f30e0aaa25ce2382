"""The simple rules that behaviour must beat: the same for all, days since the last visit, visits in seven days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vitalfew.dataframes.arrays import Bools, Floats
from vitalfew.jobs.prospects.behaviour import PRIOR_ROWS
from vitalfew.jobs.prospects.level import shifted
from vitalfew.jobs.prospects.panel import SIGNS, Panel
from vitalfew.jobs.prospects.tables import BASE_RATE, LAST_VISIT, VISITS

EDGES: dict[str, tuple[str, tuple[int, ...]]] = {
    BASE_RATE: ("recency_days", ()),
    LAST_VISIT: ("recency_days", (2, 4, 8, 15, 31, 61, 91)),
    VISITS: ("active_days_7", (1, 2, 3, 5)),
}
"""By rule the sign that it goes by, and where its classes begin, after the first."""


@dataclass(frozen=True)
class Rule:
    """A probability for each class of one sign."""

    method: str
    rates: Floats

    @property
    def sign(self) -> str:
        return EDGES[self.method][0]

    @property
    def edges(self) -> tuple[int, ...]:
        return EDGES[self.method][1]

    def probability(self, panel: Panel) -> Floats:
        return np.asarray(self.rates[classes(panel, self.method)])

    def moved(self, by: float) -> Rule:
        """The same, the log-odds of all classes moved."""
        return Rule(self.method, shifted(self.rates, by))


def classes(panel: Panel, method: str) -> Floats:
    sign, edges = EDGES[method]
    return np.asarray(np.searchsorted(edges, panel.signs[:, SIGNS.index(sign)], side="right"))


def learnt(panel: Panel, ordered: Bools, method: str) -> Rule:
    """The share with an order by class, drawn to that of all."""
    place, size = classes(panel, method), len(EDGES[method][1]) + 1
    rows, hits = np.bincount(place, minlength=size), np.bincount(place, weights=ordered, minlength=size)
    rate = (hits.sum() + 0.5) / (rows.sum() + 1)
    return Rule(method, (hits + PRIOR_ROWS * rate) / (rows + PRIOR_ROWS))
