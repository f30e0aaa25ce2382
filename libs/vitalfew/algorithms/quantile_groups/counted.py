"""Quantiles of amounts that were counted in bins, in the nodes of a tree: each drawn to that of its parent.

A bin holds amounts that differ by no more than 2 %; what is taken of it is its largest amount. Amounts of nothing or
less are in no bin: they are the rest of the rows, and count as 0.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from vitalfew.algorithms.quantile_groups.tree import Tree
from vitalfew.dataframes.arrays import Floats, Ints

STEPS = 50
"""Bins of a natural logarithm."""
NEARLY = 1e-9


@dataclass(frozen=True)
class Amounts:
    """Bins of one kind of amount: leaf and part of the rows in each, their number, sum and largest amount."""

    leaves: Ints
    parts: Ints
    bins: Ints
    counts: Ints
    sums: Floats
    tops: Floats

    def of(self, leaves: Collection[int], parts: Collection[int]) -> Amounts:
        """Those of some leaves and parts."""
        chosen = np.isin(self.leaves, list(leaves)) & np.isin(self.parts, list(parts))
        return Amounts(*(values[chosen] for values in vars(self).values()))

    @property
    def means(self) -> Floats:
        return self.sums / np.maximum(self.counts, 1)


@dataclass(frozen=True)
class Sizes:
    """How many rows each leaf has in each part."""

    rows: dict[tuple[int, int], int]

    def of(self, leaves: Collection[int], parts: Collection[int]) -> int:
        return sum(n for (leaf, part), n in self.rows.items() if leaf in leaves and part in parts)


@dataclass(frozen=True)
class Judgement:
    """How estimates of a quantile do on rows that they had not seen, beside the same estimate for all of them.

    `below` and `up_to`: shares of rows under, and not over, their estimate. Losses are pinball losses of a row;
    `saving` is the plain loss less the loss, and `saving_error` its standard error.
    """

    rows: int
    below: float
    up_to: float
    loss: float
    plain_loss: float
    saving: float
    saving_error: float


def quantile(amounts: Amounts, rows: int, share: float) -> float:
    """The least amount that at least `share` of all `rows` do not exceed."""
    rank = max(1, math.ceil(share * rows - NEARLY)) - (rows - int(amounts.counts.sum()))
    if rank <= 0 or not rows:
        return 0.0
    numbers, places = np.unique(amounts.bins, return_inverse=True)
    counts = np.bincount(places, weights=amounts.counts)
    place = int(np.searchsorted(np.cumsum(counts), rank - NEARLY))
    return float(amounts.tops[amounts.bins == numbers[min(place, len(numbers) - 1)]].max())


def estimates(
    tree: Tree, amounts: Amounts, sizes: Sizes, parts: Collection[int], share: float, prior: float
) -> dict[int, float]:
    """The quantile of each leaf; that of each node is drawn to its parent's, which weighs as `prior` rows."""
    found: dict[int, float] = {}
    for node, parent in enumerate(tree.parents):  # parents have smaller numbers
        below = tree.below(node)
        rows = sizes.of(below, parts)
        if parent is not None and math.isinf(prior):
            found[node] = found[parent]
            continue
        own = quantile(amounts.of(below, parts), rows, share)
        if parent is None:
            found[node] = own
        else:
            found[node] = (rows * own + prior * found[parent]) / (rows + prior) if rows + prior else found[parent]
    return {leaf: found[leaf] for leaf in tree.leaves}


def pinball(values: Floats, estimate: float, share: float) -> Floats:
    """The loss of an estimate of the quantile `share` (Koenker and Bassett 1978)."""
    off = values - estimate
    return np.maximum(share * off, (share - 1) * off)


def judge(
    guess: dict[int, float], plain: dict[int, float], amounts: Amounts, sizes: Sizes, parts: Collection[int], q: float
) -> Judgement:
    """`guess` and `plain` on the rows of `parts`."""
    sums = np.zeros(6)
    for leaf, estimate in guess.items():
        own = amounts.of([leaf], parts)
        rows = sizes.of([leaf], parts)
        zeros = rows - int(own.counts.sum())
        values, counts = np.append(own.means, 0.0), np.append(own.counts, zeros)
        tops = np.append(own.tops, 0.0)
        losses, others = pinball(values, estimate, q), pinball(values, plain[leaf], q)
        savings = others - losses
        under, up_to = tops < estimate * (1 - NEARLY), values <= estimate * (1 + NEARLY)
        each = (under, up_to, losses, others, savings, savings**2)
        sums += [float((part * counts).sum()) for part in each]
    n = max(1, sizes.of(list(guess), parts))
    mean = sums / n
    error = math.sqrt(max(0.0, mean[5] - mean[4] ** 2) / n)
    below, most, loss, other, saving = (float(value) for value in mean[:5])
    return Judgement(sizes.of(list(guess), parts), below, most, loss, other, saving, error)


def best_prior(
    tree: Tree,
    amounts: Amounts,
    sizes: Sizes,
    folds: tuple[Sequence[int], Sequence[int]],
    q: float,
    priors: list[float],
) -> float:
    """The prior whose estimates from one fold lose least on the other, both ways; of equals the larger."""

    def loss(prior: float) -> float:
        total = 0.0
        for fit, other in (folds, folds[::-1]):
            guess = estimates(tree, amounts, sizes, fit, q, prior)
            judged = judge(guess, guess, amounts, sizes, other, q)
            total += judged.loss * judged.rows
        return total

    return min(priors, key=lambda prior: (loss(prior), -prior))
