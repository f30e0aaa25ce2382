"""How purchases of each category are spread over the months of a milestone. Runs on executors.

The months of a category are shrunk to those of its parent category, and these to those of all purchases. A purchase
counts in the months around its own too, the farther from the milestone the wider: a month matters more to a baby than
to a child.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vitalfew.dataframes.arrays import Floats, Ints, Matrix

DAYS_PER_MONTH = 30.4375
WEIGHT = 10.0
"""As how many purchases the parent category weighs in the months of a category, and all purchases in the parent's."""
WIDTH, GROWTH = 1.0, 0.2
"""Standard deviation of what one purchase says: this many months, or this share of the months from the milestone."""
PRIOR, PARENT, LEAF = METHODS = ("prior", "parent", "leaf")


@dataclass(frozen=True)
class Fit:
    """Shares of the months from `first` on: of all purchases, of each parent category, and of each category.

    edges: the place of the first month of each stage, and the number of months. parents: of each category, the place of
    its parent.
    """

    first: int
    edges: Ints
    parents: Ints
    of_all: Floats
    of_parents: Matrix
    of_leaves: Matrix

    @property
    def months(self) -> int:
        return int(self.of_all.size)

    def log_ratios(self, method: str) -> Matrix:
        """One row per category, then one per parent: how much likelier the category is in a month than on average."""
        if method == PRIOR:
            return np.zeros((self.parents.size + len(self.of_parents), self.months))
        leaves = self.of_leaves if method == LEAF else self.of_parents[self.parents]
        return np.asarray(np.log(np.vstack([leaves, self.of_parents]) / self.of_all))

    def stages(self, shares: Matrix) -> Matrix:
        """Shares of stages, from those of months."""
        return np.add.reduceat(shares, self.edges[:-1], axis=1)

    def stage_of(self, places: Floats) -> Ints:
        """The stage in which each place is: months after the first one."""
        return np.searchsorted(self.edges, places, side="right") - 1


def fit(counts: Matrix, parents: Ints, first: int, edges: Ints) -> Fit:
    """`counts`: in each month, purchases of each category, then of each parent those of its other categories."""
    months, leaves = counts.shape[1], parents.size
    spread = kernel(first, months)
    of_parent = counts[leaves:].astype(np.float64)
    np.add.at(of_parent, parents, counts[:leaves])
    of_all = shrunk(counts.sum(axis=0)[None, :], np.full((1, months), 1 / months), spread, 1.0)[0]
    of_parents = shrunk(of_parent, np.broadcast_to(of_all, of_parent.shape), spread, WEIGHT)
    of_leaves = shrunk(counts[:leaves], of_parents[parents], spread, WEIGHT)
    return Fit(first, edges, parents, of_all, of_parents, of_leaves)


def shrunk(counts: Matrix, towards: Matrix, spread: Matrix, weight: float) -> Matrix:
    """Shares of the months, drawn to `towards` as if these were `weight` purchases."""
    return np.asarray((counts @ spread + weight * towards) / (counts.sum(axis=1, keepdims=True) + weight))


def kernel(first: int, months: int) -> Matrix:
    """Of a purchase in the month of a row, what it counts in the month of a column: rows add up to 1."""
    middle = np.arange(months) + first + 0.5
    width = np.maximum(WIDTH, GROWTH * np.abs(middle))[:, None]
    weights = np.exp(-0.5 * ((middle[None, :] - middle[:, None]) / width) ** 2)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
