"""Association rules with one consequent, from frequent itemsets: their counts, and which of them are redundant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from vitalfew.algorithms.itemsets.itemsets import Itemsets
from vitalfew.dataframes.arrays import AnyInts as Ints


@dataclass(frozen=True)
class Rules:
    """Rules X => y of one size of X: ranks of X (a matrix) and of y, and the counts of baskets n(Xy), n(X), n(y)."""

    antecedents: Ints
    consequents: Ints
    n: Ints
    n_antecedent: Ints
    n_consequent: Ints
    is_redundant: Ints

    def where(self, chosen: Ints) -> Rules:
        return Rules(*(column[chosen] for column in vars(self).values()))


@dataclass(frozen=True)
class Best:
    """The highest confidence, as an exact fraction, with which a set without one of its items says that item.

    Matrices with a row for each set and a column for each of its items; the item may be said by a part of the others,
    or by nothing at all: then the confidence is the item's own support.
    """

    n: Ints
    n_antecedent: Ints


def rules(itemsets: Itemsets) -> Iterator[Rules]:
    """Every rule whose items are a frequent set, by size of the antecedent from one on.

    A rule is redundant if a proper part of its antecedent, the empty one included, has no less confidence (Bayardo,
    Agrawal & Gunopulos 1999). Counts are compared by cross-multiplication, exact below three billion baskets.
    """
    counts = itemsets.of_size[0].counts
    best = Best(counts[:, np.newaxis], np.full((counts.size, 1), itemsets.baskets))
    for size in range(2, len(itemsets.of_size) + 1):
        sets = itemsets.of_size[size - 1]
        without = [itemsets.find(np.delete(sets.ranks, item, axis=1)) for item in range(size)]
        blocks = [of_one_consequent(itemsets, size, item, without, best) for item in range(size)]
        best = Best(
            np.column_stack([known.n for _, known in blocks]),
            np.column_stack([known.n_antecedent for _, known in blocks]),
        )
        yield Rules(
            *(np.concatenate(parts) for parts in zip(*(vars(rule).values() for rule, _ in blocks), strict=True))
        )


def of_one_consequent(
    itemsets: Itemsets, size: int, item: int, without: list[Ints], smaller: Best
) -> tuple[Rules, Best]:
    """The rules whose consequent is column `item` of the sets of `size`, and the best that is then known of each.

    `without[i]` finds the set that lacks column i; `smaller` is the best known of sets one smaller.
    """
    sets = itemsets.of_size[size - 1]
    n_antecedent = itemsets.of_size[size - 2].counts[without[item]]
    n_best, n_antecedent_best = np.zeros_like(sets.counts), np.ones_like(sets.counts)
    for other in range(size):
        if other != item:
            column = item - (other < item)
            n, n_given = smaller.n[without[other], column], smaller.n_antecedent[without[other], column]
            better = n * n_antecedent_best > n_best * n_given
            n_best, n_antecedent_best = np.where(better, n, n_best), np.where(better, n_given, n_antecedent_best)
    is_redundant = n_best * n_antecedent >= sets.counts * n_antecedent_best
    consequents = sets.ranks[:, item]
    rules = Rules(
        np.delete(sets.ranks, item, axis=1),
        consequents,
        sets.counts,
        n_antecedent,
        itemsets.of_size[0].counts[consequents],
        is_redundant,
    )
    best = Best(np.where(is_redundant, n_best, sets.counts), np.where(is_redundant, n_antecedent_best, n_antecedent))
    return rules, best
