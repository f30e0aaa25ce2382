"""What like customers could spend, by group, in all and by category; and how that does on customers not seen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vitalfew.algorithms.quantile_groups.counted import (
    Amounts,
    Judgement,
    best_prior,
    estimates,
    judge,
    quantile,
)
from vitalfew.algorithms.statistics.normal_quantiles import one_sided, two_sided
from vitalfew.jobs.share_of_wallet.params import ShareOfWalletParams
from vitalfew.jobs.share_of_wallet.peers import FIRST_CATEGORY, NO_AMOUNTS, ORDERS_CELL, TOTAL_CELL, Peers
from vitalfew.jobs.share_of_wallet.spends import FITTED, PARTS
from vitalfew.jobs.share_of_wallet.tables import ALL, CATEGORY, LIKENESS, PLAIN, TOTAL

PRIORS = [0.0, 25.0, 100.0, 400.0, math.inf]
SEEN, UNSEEN, EVERYBODY = list(range(FITTED)), list(range(FITTED, PARTS)), list(range(PARTS))
FOLDS = (SEEN[: FITTED // 2], SEEN[FITTED // 2 :])
CONFIDENCE = 0.99
NO_BIN = -1_000_000
"""Stands for the bin of customers who spend nothing: it is joined, and NULL is not."""


@dataclass(frozen=True)
class OfGroup:
    """One group of like customers in one scope: money in hundredths, for a year."""

    customers: int
    buyers: int
    typical: float
    quantile: float
    potential: int
    gap: float


@dataclass(frozen=True)
class Estimate:
    """The estimates of one scope, by group, and how they did."""

    cell: int
    scope: str
    category: str
    reason: str
    prior: float
    judged: Judgement | None
    tolerance: float | None
    improvement: float | None
    improvement_low: float | None
    groups: dict[int, OfGroup]

    @property
    def method(self) -> str:
        return LIKENESS if self.reason == "better" else PLAIN


def all_estimates(peers: Peers, categories: Sequence[str], params: ShareOfWalletParams) -> list[Estimate]:
    """The total first, then each category."""
    names = [(TOTAL_CELL, TOTAL, ALL)]
    names += [(place + FIRST_CATEGORY, CATEGORY, name) for place, name in enumerate(categories)]
    return [estimated(peers, cell, scope, category, params) for cell, scope, category in names]


def estimated(peers: Peers, cell: int, scope: str, category: str, params: ShareOfWalletParams) -> Estimate:
    """Fitted on one half and judged on the other; what is published is fitted on all, in the way that was better."""
    amounts = peers.cells.get(cell, NO_AMOUNTS)
    tree, sizes, q = peers.tree, peers.sizes, params.quantile
    fitted, unseen = (sizes.of(tree.leaves, parts) for parts in (SEEN, UNSEEN))
    plain = estimates(tree, amounts, sizes, SEEN, q, math.inf)
    prior, guess = math.inf, plain
    if fitted and len(tree.leaves) > 1:
        prior = best_prior(tree, amounts, sizes, FOLDS, q, PRIORS)
        guess = estimates(tree, amounts, sizes, SEEN, q, prior)
    with_groups = judge(guess, plain, amounts, sizes, UNSEEN, q) if unseen and fitted else None
    improvement, low = improved(with_groups, params.significance)
    if not with_groups or min(fitted, unseen) < params.min_customers:
        reason = "too_few"
    elif len(tree.leaves) == 1:
        reason = "no_groups"
    else:
        reason = "better" if low is not None and low > 0 else "not_better"
    if reason != "better":
        prior = math.inf
    judged = with_groups
    if with_groups and reason != "better":
        without = judge(plain, plain, amounts, sizes, UNSEEN, q)
        judged = Judgement(
            with_groups.rows, without.below, without.up_to, with_groups.loss, with_groups.plain_loss, 0.0, 0.0
        )
    spread = q * (1 - q) * (1 / fitted + 1 / unseen) if fitted and unseen else None
    tolerance = two_sided(CONFIDENCE) * math.sqrt(spread) if spread is not None else None
    published = estimates(tree, amounts, sizes, EVERYBODY, q, prior)
    groups = {leaf: of_group(peers, amounts, leaf, potential, q) for leaf, potential in published.items()}
    return Estimate(cell, scope, category, reason, prior, judged, tolerance, improvement, low, groups)


def improved(judged: Judgement | None, significance: float) -> tuple[float | None, float | None]:
    """By which share likeness lowers the loss, and the lower end of that."""
    if judged is None or judged.plain_loss <= 0:
        return None, None
    low = judged.saving - one_sided(1 - significance) * judged.saving_error
    return judged.saving / judged.plain_loss, low / judged.plain_loss


def of_group(peers: Peers, amounts: Amounts, leaf: int, potential: float, q: float) -> OfGroup:
    rows = peers.sizes.of([leaf], EVERYBODY)
    own = amounts.of([leaf], EVERYBODY)
    buyers = int(own.counts.sum())
    whole = max(0, math.floor(potential + 0.5))
    below = np.maximum(0.0, whole - own.means) * own.counts
    gap = float(below.sum()) + (rows - buyers) * whole
    return OfGroup(rows, buyers, quantile(own, rows, 0.5), quantile(own, rows, q), whole, gap)


def usual_orders(peers: Peers) -> dict[int, float]:
    """By group, the median of sales in a year."""
    amounts = peers.cells.get(ORDERS_CELL, NO_AMOUNTS)
    return {
        leaf: quantile(amounts.of([leaf], EVERYBODY), peers.sizes.of([leaf], EVERYBODY), 0.5) / 100
        for leaf in peers.tree.leaves
    }


def usual_wallet(total: Estimate) -> int:
    """The median over all customers of the potential of their group."""
    groups = sorted(total.groups.values(), key=lambda of: of.potential)
    half, seen = sum(of.customers for of in groups) / 2, 0
    for of in groups:
        seen += of.customers
        if seen >= half:
            return of.potential
    return 0


def above(peers: Peers) -> list[tuple[int, int, float]]:
    """Leaf, bin of the total, and which share of the customers of the leaf are in higher bins; NO_BIN of none."""
    amounts = peers.cells.get(TOTAL_CELL, NO_AMOUNTS)
    found = []
    for leaf in peers.tree.leaves:
        rows = peers.sizes.of([leaf], EVERYBODY)
        own = amounts.of([leaf], EVERYBODY)
        numbers, places = np.unique(own.bins, return_inverse=True)
        counts = np.bincount(places, weights=own.counts, minlength=len(numbers))
        more = counts.sum() - np.cumsum(counts)
        found += [(leaf, int(number), float(n) / rows) for number, n in zip(numbers, more, strict=True)]
        if rows:
            found.append((leaf, NO_BIN, float(counts.sum()) / rows))
    return found
