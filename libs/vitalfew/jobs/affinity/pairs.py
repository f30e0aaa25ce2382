"""Complements and substitutes: which pairs are together more, or less, often than chance has it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.algorithms.statistics.hypergeometric import log_upper_tail
from vitalfew.dataframes.arrays import AnyInts as Ints
from vitalfew.dataframes.arrays import Floats
from vitalfew.jobs.affinity.counts import Counts
from vitalfew.jobs.affinity.params import AffinityParams

OF_SEGMENTS = 10


@dataclass(frozen=True)
class Tested:
    """Pairs of one relation in one group, the strongest first: positions of the items, counts, and how sure it is."""

    relation: str
    one: Ints
    two: Ints
    n: Ints
    n_one: Ints
    n_two: Ints
    baskets: int
    phi: Floats
    p: Floats
    q: Floats

    def where(self, chosen: Ints) -> Tested:
        parts = {name: value[chosen] for name, value in vars(self).items() if isinstance(value, np.ndarray)}
        return Tested(**{**vars(self), **parts})


def complements(counts: Counts, group: int, params: AffinityParams) -> Tested:
    """The pairs that are together significantly more often than by chance, of those together in enough baskets."""
    enough = (counts.together[:, 0] >= counts.floor) & (counts.together[:, group] >= params.min_count)
    one, two = counts.pairs[enough].T if enough.any() else np.zeros((2, 0), np.int64)
    found = tested("complement", counts, group, one, two, counts.together[enough, group])
    return strongest(found, (found.q <= params.significance) & (found.phi >= params.min_phi), most_told(group, params))


def substitutes(counts: Counts, group: int, params: AffinityParams) -> Tested:
    """The pairs of one kind that are together surely and much less often than by chance, of those expected to be.

    How much less is told by the lift: phi is never below -sqrt(p_one p_two), so that of two that are not in many
    baskets it is near 0 even if nobody ever takes both.
    """
    candidates = alike(counts, group, params)
    known = {(int(a), int(b)): int(n) for (a, b), n in zip(counts.pairs, counts.together[:, group], strict=True)}
    n = np.array([known.get((int(a), int(b)), 0) for a, b in candidates], np.int64)
    found = tested("substitute", counts, group, candidates[:, 0], candidates[:, 1], n)
    few = n * float(found.baskets) <= params.max_lift * found.n_one * found.n_two.astype(float)
    told = (found.q <= params.significance) & (found.phi < 0) & few
    return strongest(found, told, most_told(group, params))


def alike(counts: Counts, group: int, params: AffinityParams) -> Ints:
    """Pairs of frequent items of one kind of which enough baskets would hold both, were they independent.

    Never all pairs of a catalogue: of each item only those that are bought often enough with it, and `min_expected` is
    doubled until there are no more than `max_pairs`.
    """
    sizes, baskets = counts.items[:, group], int(counts.baskets[group])
    members: dict[str, list[int]] = defaultdict(list)
    for place in sorted(range(len(counts.names)), key=lambda place: (-int(sizes[place]), place)):
        if counts.kinds[place]:
            members[counts.kinds[place]].append(place)
    expected = params.min_expected
    while True:
        partners = [
            (places, [within(sizes[places], i, expected * baskets) for i in range(len(places))])
            for places in members.values()
        ]
        if sum(end - i - 1 for _, ends in partners for i, end in enumerate(ends)) <= params.max_pairs:
            break
        expected *= 2
    found = [
        (min(places[i], places[j]), max(places[i], places[j]))
        for places, ends in partners
        for i, end in enumerate(ends)
        for j in range(i + 1, end)
    ]
    return np.array(sorted(found), np.int64).reshape(-1, 2)


def within(sizes: Ints, place: int, least: float) -> int:
    """Up to where in `sizes`, falling, the product with that at `place` is at least `least`; at least place + 1."""
    if not sizes[place]:
        return place + 1
    return max(place + 1, int(np.searchsorted(-sizes.astype(np.float64), -least / sizes[place], side="right")))


def tested(relation: str, counts: Counts, group: int, one: Ints, two: Ints, n: Ints) -> Tested:
    """All pairs with their phi, p and q."""
    total = int(counts.baskets[group])
    n_one, n_two = counts.items[one, group], counts.items[two, group]
    if relation == "complement":
        log_p = log_upper_tail(n, n_one, n_two, total)
    else:
        log_p = log_upper_tail(n_one - n, n_one, total - n_two, total)
    log_q = log_false_discovery_rate(log_p)
    spread = np.sqrt(n_one * (total - n_one)) * np.sqrt(n_two * (total - n_two))
    phi = np.where(spread > 0, (n * float(total) - n_one * n_two.astype(float)) / np.where(spread > 0, spread, 1), 0.0)
    return Tested(relation, one, two, n, n_one, n_two, total, phi, np.exp(log_p), np.exp(log_q))


def most_told(group: int, params: AffinityParams) -> int:
    """All customers together are told of more pairs than one segment."""
    return params.max_reported if group == 0 else max(params.max_reported // OF_SEGMENTS, 1)


def strongest(found: Tested, told: Ints, most: int) -> Tested:
    chosen = found.where(told)
    order = np.lexsort((chosen.two, chosen.one, -np.abs(chosen.phi)))
    return chosen.where(order[:most])
