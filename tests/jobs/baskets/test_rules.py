"""Rules and their measures: against definitions read naively, in exact fractions, and against other libraries."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market import Basket, Counts, as_counts, naive_itemsets, random_baskets
from mlxtend.frequent_patterns import association_rules
from scipy.stats import false_discovery_control, hypergeom

from vitalfew.algorithms.itemsets.itemsets import Itemsets, index
from vitalfew.algorithms.itemsets.mining import Sets
from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.algorithms.statistics.hypergeometric import log_upper_tail
from vitalfew.dataframes.exact_shares import exactly, least_count
from vitalfew.jobs.baskets.rules import itemset_table, rule_tables


@dataclass(frozen=True)
class NaiveRule:
    """A rule as the definitions have it; every share is an exact fraction."""

    n: int
    n_x: int
    n_y: int
    total: int
    is_redundant: bool

    @property
    def confidence(self) -> Fraction:
        return Fraction(self.n, self.n_x)

    @property
    def measures(self) -> dict[str, float | None]:
        s_xy, s_x, s_y = (Fraction(count, self.total) for count in (self.n, self.n_x, self.n_y))
        leverage = s_xy - s_x * s_y
        highest = max(s_xy * (1 - s_x), s_x * (s_y - s_xy))
        spread = s_x * (1 - s_x) * s_y * (1 - s_y)
        return {
            "support": float(s_xy),
            "confidence": float(self.confidence),
            "lift": float(self.confidence / s_y),
            "leverage": float(leverage),
            "conviction": float((1 - s_y) / (1 - self.confidence)) if self.confidence < 1 else None,
            "zhang": float(leverage / highest) if highest else None,
            "phi": float(leverage) / math.sqrt(spread) if spread else None,
            "p_value": float(exact_tail(self.n, self.n_x, self.n_y, self.total)),
        }


def exact_tail(n: int, n_x: int, n_y: int, total: int) -> Fraction:
    """P(Hypergeometric >= n), term by term."""
    ways = sum(math.comb(n_x, k) * math.comb(total - n_x, n_y - k) for k in range(n, min(n_x, n_y) + 1))
    return Fraction(ways, math.comb(total, n_y))


def naive_rules(counts: Counts, total: int) -> dict[tuple[frozenset[str], str], NaiveRule]:
    def confidence(x: frozenset[str], y: str) -> Fraction:
        return Fraction(counts[x | {y}], counts[x] if x else total)

    rules = {}
    for items in counts:
        for y in items if len(items) > 1 else ():
            x = items - {y}
            parts = [frozenset(part) for size in range(len(x)) for part in combinations(x, size)]
            is_redundant = any(confidence(part, y) >= confidence(x, y) for part in parts)
            rules[x, y] = NaiveRule(counts[items], counts[x], counts[frozenset([y])], total, is_redundant)
    return rules


def indexed(counts: Counts, total: int) -> Itemsets:
    """Counts as the itemsets that mining returns."""
    singles = sorted((items for items in counts if len(items) == 1), key=lambda items: (-counts[items], min(items)))
    rank = {min(items): place for place, items in enumerate(singles)}
    by_size: dict[int, list[frozenset[str]]] = {}
    for items in counts:
        by_size.setdefault(len(items), []).append(items)
    larger = {
        size: Sets(
            np.array([sorted((rank[item] for item in items), reverse=True) for items in sets], np.uint8),
            np.array([counts[items] for items in sets]),
        )
        for size, sets in by_size.items()
        if size > 1
    }
    return index(total, pa.array(list(rank), pa.string()), np.array([counts[items] for items in singles]), larger)


def told(itemsets: Itemsets, min_confidence: float = 0.0, significance: float = 0.05) -> list[dict[str, Any]]:
    return [
        row for table in rule_tables("product", itemsets, min_confidence, significance) for row in table.to_pylist()
    ]


def from_baskets(baskets: list[Basket], least: int) -> tuple[Counts, Itemsets, int]:
    kept = [basket for basket in baskets if basket]
    counts = naive_itemsets(kept, least)
    return counts, indexed(counts, len(kept)), len(kept)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("min_confidence", [0.0, 0.35, 1.0])
def test_every_rule_and_every_measure_is_as_the_definitions_have_it(seed: int, min_confidence: float) -> None:
    counts, itemsets, total = from_baskets(random_baskets(seed, baskets=150, items=9), 3)
    naive = naive_rules(counts, total)
    expected = {key: rule for key, rule in naive.items() if rule.confidence >= Fraction(str(min_confidence))}
    rows = {(frozenset(row["antecedent"]), row["consequent"]): row for row in told(itemsets, min_confidence)}
    assert rows.keys() == expected.keys()
    for key, rule in expected.items():
        row = rows[key]
        assert row["antecedent"] == sorted(row["antecedent"])
        assert (row["n"], row["n_antecedent"], row["n_consequent"], row["baskets"]) == (
            rule.n,
            rule.n_x,
            rule.n_y,
            rule.total,
        )
        assert row["is_redundant"] == rule.is_redundant, key
        for name, value in rule.measures.items():
            assert row[name] == (None if value is None else pytest.approx(value, rel=1e-9, abs=1e-15)), (key, name)


def test_the_false_discovery_rate_counts_every_rule_that_was_looked_at() -> None:
    counts, itemsets, total = from_baskets(random_baskets(9, baskets=800, items=30), 3)
    naive = naive_rules(counts, total)
    p_values = [float(exact_tail(rule.n, rule.n_x, rule.n_y, rule.total)) for rule in naive.values()]
    q_values = dict(zip(naive, false_discovery_control(p_values), strict=True))
    rows = told(itemsets, min_confidence=0.2, significance=0.01)
    assert 0 < len(rows) < len(naive)
    for row in rows:
        q = q_values[frozenset(row["antecedent"]), row["consequent"]]
        assert row["q_value"] == pytest.approx(q, rel=1e-9)
        assert row["is_significant"] == (q <= 0.01)
    assert {row["is_significant"] for row in rows} == {True, False}


def test_measures_agree_with_mlxtend() -> None:
    counts, itemsets, total = from_baskets(random_baskets(21, baskets=300, items=12), 5)
    frequent = pd.DataFrame({"itemsets": list(counts), "support": [n / total for n in counts.values()]})
    theirs = association_rules(frequent, num_itemsets=total, metric="confidence", min_threshold=0.0)
    theirs = theirs[theirs["consequents"].map(len) == 1]
    rows = {(frozenset(row["antecedent"]), frozenset([row["consequent"]])): row for row in told(itemsets)}
    assert len(rows) == len(theirs)
    for rule in theirs.to_dict("records"):
        row = rows[rule["antecedents"], rule["consequents"]]
        for ours, name in (("lift", "lift"), ("leverage", "leverage"), ("zhang", "zhangs_metric")):
            assert row[ours] == pytest.approx(rule[name], rel=1e-9, abs=1e-12)
        assert (math.inf if row["conviction"] is None else row["conviction"]) == pytest.approx(rule["conviction"])


def test_confidence_is_compared_with_the_number_that_was_written_not_with_the_binary_one_beside_it() -> None:
    """4 of 5 is 0.8 exactly; a float of 0.8 is a little more, and 0.1 + 0.2 is not 0.3."""
    assert exactly(0.8) == Fraction(4, 5)
    assert exactly(1e-3) == Fraction(1, 1000)
    assert [least_count(Fraction(4, 5), whole) for whole in (0, 1, 4, 5, 6, 10, 11)] == [0, 1, 4, 4, 5, 8, 9]
    for given_count in range(1, 200):
        for count in range(1, given_count + 1):
            share = count / given_count
            assert (count >= least_count(exactly(0.7), given_count)) == (10 * count >= 7 * given_count), share


def test_a_rule_at_exactly_the_least_confidence_is_told() -> None:
    baskets: list[Basket] = [*[["x", "y"]] * 7, *[["x"]] * 3, ["y"], ["z"]]
    _, itemsets, _ = from_baskets(baskets, 1)
    assert [row["confidence"] for row in told(itemsets, 0.7) if row["antecedent"] == ["x"]] == [0.7]
    assert not [row for row in told(itemsets, 0.701) if row["antecedent"] == ["x"]]


def test_a_rule_that_never_fails_has_no_conviction_and_a_constant_item_no_phi() -> None:
    baskets: list[Basket] = [["bag", "tea", "milk"], ["bag", "tea", "milk"], ["bag"]]
    _, itemsets, _ = from_baskets(baskets, 1)
    rows = {(tuple(row["antecedent"]), row["consequent"]): row for row in told(itemsets)}
    always = rows[("tea",), "bag"]
    assert (always["conviction"], always["phi"], always["zhang"], always["p_value"]) == (None, None, 0.0, 1.0)
    assert (rows[("bag",), "tea"]["zhang"], rows[("bag",), "tea"]["phi"]) == (None, None)
    both = rows[("milk",), "tea"]
    assert (both["conviction"], both["phi"], both["zhang"]) == (None, pytest.approx(1.0), 1.0)


def test_a_rule_is_redundant_if_less_says_as_much_even_if_less_is_nothing() -> None:
    baskets: list[Basket] = [*[["a", "b", "y"]] * 4, *[["a", "y"]] * 4, *[["a"]] * 2, *[["b"]] * 8, ["c", "y"]]
    _, itemsets, _ = from_baskets(baskets, 1)
    rows = {(tuple(row["antecedent"]), row["consequent"]): row["is_redundant"] for row in told(itemsets)}
    assert not rows[("a",), "y"]  # 0.8, of all baskets 9 in 19
    assert rows[("b",), "y"]  # 4 in 12, less than the 9 in 19 of all baskets
    assert not rows[("a", "b"), "y"]  # always
    assert not rows[("c",), "y"]


def test_itemsets_are_told_with_sorted_names_and_shares_of_all_baskets() -> None:
    counts, itemsets, total = from_baskets(random_baskets(5, baskets=100, items=8), 4)
    rows = itemset_table("product", itemsets).to_pylist()
    assert {frozenset(row["items"]): row["n"] for row in rows} == counts == as_counts(itemsets)
    for row in rows:
        assert row["items"] == sorted(row["items"])
        assert (row["size"], row["baskets"], row["support"]) == (len(row["items"]), total, row["n"] / total)


def test_sets_of_one_item_make_no_rule() -> None:
    _, itemsets, _ = from_baskets([["a"], ["b"]], 1)
    assert rule_tables("product", itemsets, 0.0, 0.05) == []


small_tables = st.integers(2, 120).flatmap(
    lambda total: st.tuples(st.just(total), st.integers(1, total), st.integers(1, total))
)


def possible(total: int, n_x: int, n_y: int) -> Iterator[int]:
    yield from range(max(1, n_x + n_y - total), min(n_x, n_y) + 1)


@settings(max_examples=150, deadline=None)
@given(small_tables)
def test_the_tail_is_exact_for_every_count_of_small_tables(table: tuple[int, int, int]) -> None:
    total, n_x, n_y = table
    n = np.array(list(possible(total, n_x, n_y)))
    ours = log_upper_tail(n, np.full(n.size, n_x), np.full(n.size, n_y), total)
    assert np.exp(ours) == pytest.approx([float(exact_tail(int(k), n_x, n_y, total)) for k in n], rel=1e-10)


@pytest.mark.parametrize(
    ("n", "n_x", "n_y", "total"),
    [
        (69, 160, 1072, 9835),
        (500, 900, 1000, 9835),  # far below the smallest double
        (3000, 3000, 3000, 9835),
        (150, 1000, 1500, 10_000),  # at the mean
        (151, 1000, 1500, 10_000),
        (100, 1000, 1500, 10_000),  # far below the mean: nearly certain
        (9000, 9500, 9400, 10_000),
    ],
)
def test_the_tail_is_as_exact_as_fractions_even_where_doubles_end(n: int, n_x: int, n_y: int, total: int) -> None:
    exact = exact_tail(n, n_x, n_y, total)
    expected = math.log(exact.numerator) - math.log(exact.denominator)
    (ours,) = log_upper_tail(np.array([n]), np.array([n_x]), np.array([n_y]), total)
    assert ours == pytest.approx(expected, rel=1e-12, abs=1e-11)


def test_the_tail_agrees_with_scipy_for_millions_of_baskets() -> None:
    rng = np.random.default_rng(3)
    total = 3_000_000
    n_x, n_y = rng.integers(1_000, 200_000, 40), rng.integers(1_000, 200_000, 40)
    n = np.minimum((n_x * n_y / total * rng.uniform(0.9, 1.2, 40)).astype(int) + 1, np.minimum(n_x, n_y))
    ours = log_upper_tail(n, n_x, n_y, total)
    theirs = np.asarray(hypergeom.logsf(n - 1, total, n_x, n_y))
    sane = np.flatnonzero(theirs > -600)  # scipy sums in doubles
    assert sane.size > 20
    assert ours[sane] == pytest.approx(theirs[sane], rel=1e-6, abs=1e-6)


def test_what_must_happen_has_probability_one() -> None:
    n, n_x, n_y = np.array([0, 5, 3]), np.array([5, 5, 8]), np.array([5, 10, 5])
    assert log_upper_tail(n, n_x, n_y, 10).tolist() == [0.0, 0.0, 0.0]


@given(st.lists(st.floats(-800, 0), min_size=1, max_size=40))
def test_q_values_are_those_of_scipy_and_equal_p_have_equal_q(log_p: list[float]) -> None:
    given_p = np.array([*log_p, *log_p[:3]])
    ours = log_false_discovery_rate(given_p)
    assert np.exp(ours) == pytest.approx(false_discovery_control(np.exp(given_p)), rel=1e-9, abs=1e-300)
    assert len({(p, q) for p, q in zip(given_p, ours, strict=True)}) == len(set(given_p.tolist()))
