"""Itemsets and rules as tables: every measure of a rule, from counts.

n: baskets with all of its items; n_x, n_y: with its antecedent, with its consequent; N: all. Products of two counts are
exact below three billion baskets.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from vitalfew.algorithms.itemsets.itemsets import Itemsets, named
from vitalfew.algorithms.itemsets.rules import Rules, rules
from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.algorithms.statistics.hypergeometric import log_upper_tail
from vitalfew.dataframes.arrays import AnyInts as Ints
from vitalfew.dataframes.arrays import Floats
from vitalfew.dataframes.exact_shares import exactly, least_count


def itemset_table(level: str, itemsets: Itemsets) -> pa.Table:
    """The columns of ITEMSETS."""
    baskets = itemsets.baskets
    tables = [
        pa.table(
            {
                "level": constant(level, sets.counts.size),
                "items": named(itemsets.names, sets.ranks),
                "size": pa.array(np.full(sets.counts.size, size, np.int32)),
                "n": pa.array(sets.counts),
                "baskets": pa.array(np.full(sets.counts.size, baskets)),
                "support": pa.array(sets.counts / max(baskets, 1)),
            }
        )
        for size, sets in enumerate(itemsets.of_size, 1)
    ]
    return pa.concat_tables(tables)


def rule_tables(level: str, itemsets: Itemsets, min_confidence: float, significance: float) -> list[pa.Table]:
    """The columns of RULES, for rules of at least `min_confidence`, by size of the antecedent.

    A rule is significant if its q value is at most `significance`. All rules whose items are a frequent set count as
    tested, also those of too little confidence: they were looked at too.
    """
    blocks = list(rules(itemsets))
    if not blocks:
        return []
    total = itemsets.baskets
    log_p = np.concatenate([log_upper_tail(b.n, b.n_antecedent, b.n_consequent, total) for b in blocks])
    log_q = log_false_discovery_rate(log_p)
    ends = np.cumsum([block.n.size for block in blocks])[:-1]
    told = []
    for block, p, q in zip(blocks, np.split(log_p, ends), np.split(log_q, ends), strict=True):
        kept = is_confident(block, min_confidence)
        told.append(measured(level, itemsets, block.where(kept), np.exp(p[kept]), np.exp(q[kept]), significance))
    return told


def is_confident(block: Rules, min_confidence: float) -> Ints:
    """Whether n / n_x is at least `min_confidence`, as the decimal number that it was written as."""
    given, which = np.unique(block.n_antecedent, return_inverse=True)
    share = exactly(min_confidence)
    least = np.array([least_count(share, count) for count in given.tolist()], np.int64)
    confident: Ints = block.n >= least[which]
    return confident


def measured(level: str, itemsets: Itemsets, block: Rules, p: Floats, q: Floats, significance: float) -> pa.Table:
    """The columns of RULES."""
    n, n_x, n_y, total = block.n, block.n_antecedent, block.n_consequent, itemsets.baskets
    beyond_chance = n * total - n_x * n_y  # N ** 2 times the leverage
    columns = {
        "level": constant(level, n.size),
        "antecedent": named(itemsets.names, block.antecedents),
        "consequent": itemsets.names.take(pa.array(block.consequents)),
        "n": n,
        "n_antecedent": n_x,
        "n_consequent": n_y,
        "baskets": np.full(n.size, total),
        "support": n / total,
        "confidence": n / n_x,
        "lift": n * float(total) / (n_x * n_y),
        "leverage": beyond_chance / float(total) ** 2,
        "conviction": ratio((total - n_y) * n_x, total * (n_x - n)),
        "zhang": ratio(beyond_chance, np.maximum(n * (total - n_x), n_x * (n_y - n))),
        "phi": ratio(beyond_chance, np.sqrt(n_x * (total - n_x)) * np.sqrt(n_y * (total - n_y))),
        "p_value": p,
        "q_value": q,
        "is_significant": q <= significance,
        "is_redundant": block.is_redundant,
    }
    return pa.table(columns)


def ratio(above: Ints, below: Ints) -> pa.Array:
    """Their quotient, NULL where it would be by zero."""
    undefined = below == 0
    return pa.array(above / np.where(undefined, 1, below), mask=undefined)


def constant(text: str, count: int) -> pa.Array:
    return pa.array([text]).take(pa.array(np.zeros(count, np.int32)))
