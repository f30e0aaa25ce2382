"""What follows what more often than chance would have it, in any number of histories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from vitalfew.algorithms.sequences.counted_pairs import counted_pairs
from vitalfew.algorithms.sequences.own_days import ONE
from vitalfew.algorithms.sequences.patterns import Packed
from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.algorithms.statistics.unequal_chances import log_upper_bound
from vitalfew.dataframes.arrays import Bools, Floats, Ints
from vitalfew.dataframes.staging import Stage


@dataclass(frozen=True)
class Following:
    """One row per antecedent, consequent (places of items) and window (place of it) that enough histories have.

    n: histories in which B follows A within the window; n_antecedent: those with an A whose window is over; expected:
    how many would have it by chance; p: a bound of the probability of n or more; q: after Benjamini-Hochberg over
    `tested` triples, all that there are of frequent items. floor: the count that a row needed, raised where too many.
    """

    antecedents: Ints
    consequents: Ints
    windows: Ints
    n: Ints
    n_antecedent: Ints
    expected: Floats
    p: Floats
    q: Floats
    tested: int
    floor: int

    def where(self, chosen: Bools | Ints | slice) -> Following:
        """Some of the rows."""
        names = ("antecedents", "consequents", "windows", "n", "n_antecedent", "expected", "p", "q")
        return Following(**{name: getattr(self, name)[chosen] for name in names}, tested=self.tested, floor=self.floor)


def following(
    packed: Packed, windows: Sequence[tuple[int, int]], until: date, floor: int, most: int, stage: Stage
) -> Following:
    """What follows what in at least `floor` histories, of all that happened before `until`.

    `windows`: the first and the last day of each after the antecedent; they rise and do not overlap. Of more than
    `most` rows, those stay that are highest above the product of both items' histories; the others count as tested, and
    as chance. An item that follows itself is no row.
    """
    found = counted_pairs(packed, windows, until, floor, most, stage)
    chance = found.chances / ONE
    log_p = log_upper_bound(found.n - found.certain, found.open, chance)
    tested = len(packed.names) * max(len(packed.names) - 1, 0) * len(windows)
    return Following(
        antecedents=found.antecedents,
        consequents=found.consequents,
        windows=found.windows,
        n=found.n,
        n_antecedent=found.n_antecedent,
        expected=found.certain + chance,
        p=np.exp(log_p),
        q=np.exp(of_all(log_p, tested)),
        tested=tested,
        floor=found.floor,
    )


def of_all(log_p: Floats, tested: int) -> Floats:
    """ln q of each; those of all `tested` that are not here count as chance."""
    if not log_p.size:
        return log_p
    rest = tested - log_p.size
    sizes = np.append(np.ones(log_p.size, np.int64), rest)
    return log_false_discovery_rate(np.append(log_p, 0.0), sizes)[:-1]
