"""Groups that differ: published figures, a naive second implementation, planted and shuffled data."""

from __future__ import annotations

import random
import re
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from pyspark.sql import SparkSession
from scipy import stats

from vitalfew.algorithms.subgroups.descriptions import (
    OTHER,
    UNKNOWN,
    Places,
    attribute_sets,
    conditions_of,
    how_many_sets,
    key_of,
    summed,
)
from vitalfew.algorithms.subgroups.moments import Moments, compare, exact, weighted_difference
from vitalfew.algorithms.subgroups.search import (
    Halves,
    Members,
    apart,
    described,
    distinct,
    jaccard,
    looked_at,
    members,
    q_values,
)
from vitalfew.algorithms.subgroups.shrinkage import between_and_within, drawn_in, is_beyond, spread_beyond_chance

TITANIC = (
    "f00nC2/1 f00nQ6/6 f00nS9/7 f00yS3/3 f00y~1/1 f01nC3/2 f01nQ1/1 f01nS9/3 f01yC3/3 f01yS2/2 f02nS1/0 f03nS1/1 "
    "f10nS1/1 f11yC1/1 f11yS1/1 f13nS1/0 f20nC1/0 f20nS1/1 f20yS1/1 f21nC1/1 f21nS1/1 f22nS1/0 f23yS1/1 f24nS2/1 "
    "f25nS1/0 f51nS1/1 m00nC9/1 m00nQ4/0 m00nS43/6 m00yC2/0 m00yS6/3 m01nC4/1 m01nQ1/0 m01nS4/0 m01yS3/0 m02nC1/0 "
    "m02nS3/0 m10nC1/0 m10yC3/1 m10yS2/0 m11nC1/1 m11nS1/0 m13nS1/0 m14nQ1/0 m14nS1/0 m20nS2/1 m20yS1/0 m21nS1/0 "
    "m23nS1/0 m23yS1/0 m25nS1/0 m31nS1/0 m51nS1/0"
)
"""The 156 passengers in pysubgroup's titanic.csv (github.com/flemmerich/pysubgroup), counted: sex, Parch, SibSp, whether

a cabin is known, port (~: none), passengers / of these saved.
"""
ALPHABETS = ("fm", "012345", "012345", "y", "CQS")
"""Of a cabin it is known or not: n is NULL."""
NAMES = [f"code_{place}" for place in range(5)]


def titanic() -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for cell in TITANIC.split():
        letters, n, saved = re.fullmatch(r"(.{5})(\d+)/(\d+)", cell).groups()  # type: ignore[union-attr]
        codes = [letters_of.find(letter) + 2 for letter, letters_of in zip(letters, ALPHABETS, strict=True)]
        codes = [UNKNOWN if code == OTHER else code for code in codes]
        rows += [(len(rows) % 2, *codes, int(one < int(saved))) for one in range(int(n))]
    return rows


def word(conditions: tuple[tuple[int, int], ...]) -> str:
    return " ".join(f"{place}{ALPHABETS[place][code - 2] if code else '~'}" for place, code in conditions)


def test_the_best_groups_of_the_titanic_are_those_of_pysubgroup(spark: SparkSession) -> None:
    rows = titanic()
    types = ", ".join(f"{name} int" for name in ("half", *NAMES, "saved"))
    frame = spark.createDataFrame(rows, types).selectExpr("*", "1L as n")
    sets = attribute_sets(5, 2)
    found = summed(frame, "half", NAMES, sets, {"n": "bigint", "saved": "bigint"}).collect()
    totals: dict[int, list[int]] = {}
    for row in found:
        into = totals.setdefault(row["key"], [0, 0])
        into[0], into[1] = into[0] + row["n"], into[1] + row["saved"]
    assert totals[0] == [156, 54]
    n, saved = (np.array([each[place] for each in totals.values()], np.float64) for place in (0, 1))
    groups = Moments(n, saved, saved)
    whole = groups.at(np.array([list(totals).index(0)]))
    quality = weighted_difference(groups, whole)
    order = np.argsort(-quality, kind="stable")[:5]
    best = [(word(conditions_of(list(totals)[place], sets)), round(float(quality[place]), 6)) for place in order]
    assert best == [
        ("0f", 0.132150),
        ("0f 10", 0.101331),
        ("0f 20", 0.079142),
        ("0f 3~", 0.077663),
        ("0f 4S", 0.071746),
    ]


def halves_of(codes: np.ndarray, half: np.ndarray, values: np.ndarray, sets: list[Places]) -> Halves:
    """As the engine counts, in numpy: rows are customers."""
    sums: dict[int, list[list[int]]] = {}
    for number, chosen in enumerate(sets):
        keys = np.full(len(codes), key_of(number, []), np.int64)
        for place, attribute in enumerate(chosen):
            keys += codes[:, attribute] * key_of(0, [0] * place + [1])
        for key in np.unique(keys):
            sums[int(key)] = [
                [int(one.sum()) for one in (mask, values[mask], values[mask] ** 2)]
                for mask in ((keys == key) & (half == side) for side in (0, 1))
            ]
    order = sorted(sums)
    columns = [[[sums[key][side][place] for key in order] for place in range(3)] for side in (0, 1)]
    sides = [exact(n, total, squares, centre=3) for n, total, squares in columns]
    return Halves(np.array(order, np.int64), sets, *sides)


def naive_p(codes: Any, values: Any, conditions: Any, is_other_half: bool, sign: float) -> tuple[float, float, int]:
    """By plain loops: p of a group, the sign of its difference, and the fewest customers of all that were compared."""

    def meets(row: Any, wanted: Any) -> bool:
        return all(row[place] == code for place, code in wanted)

    def is_known(row: Any, wanted: Any) -> bool:
        return all(row[place] != UNKNOWN for place, code in wanted if code != UNKNOWN)

    own = [value for row, value in zip(codes, values, strict=True) if meets(row, conditions)]
    against = [
        [
            value
            for row, value in zip(codes, values, strict=True)
            if not meets(row, conditions) and is_known(row, conditions)
        ]
    ]
    for left_out in conditions:
        kept = [each for each in conditions if each != left_out]
        against.append(
            [
                value
                for row, value in zip(codes, values, strict=True)
                if meets(row, kept) and not meets(row, [left_out]) and is_known(row, [left_out])
            ]
        )
    fewest = min(len(own), *map(len, against))
    if fewest < 4:
        return 1.0, 0.0, fewest  # scipy warns of what it does with so few
    worst, first = 0.0, 0.0
    for others in against:
        difference = float(np.mean(own) - np.mean(others))
        first = first or difference
        p = max(float(stats.ttest_ind(own, others, equal_var=equal).pvalue) for equal in (True, False))
        if is_other_half:
            p = p / 2 if difference * sign > 0 else 1 - p / 2
        elif difference * first <= 0:
            p = 1.0
        worst = max(worst, p)
    return worst, float(np.sign(first)), fewest


@pytest.mark.parametrize("seed", [1, 2])
def test_a_naive_second_implementation_says_the_same(seed: int) -> None:
    """Values that are NULL, rare ones taken together, negative figures, depth 3."""
    rng = np.random.default_rng(seed)
    codes = np.stack([rng.choice([UNKNOWN, OTHER, 2, 3], size=160, p=[0.2, 0.1, 0.3, 0.4]) for _ in range(3)], axis=1)
    half, values = rng.integers(0, 2, 160), rng.integers(-40, 60, 160) + 20 * (codes[:, 0] == 2)
    sets = attribute_sets(3, 3)
    halves = halves_of(codes, half, values, sets)
    result = looked_at(halves, 4, 2, np.ones(len(halves.keys), np.bool_))
    seen = 0
    for place, key in enumerate(halves.keys):
        conditions = conditions_of(int(key), sets)
        if not conditions or any(code == OTHER for _, code in conditions):
            assert not result.is_tested[place]
            continue
        sides = [(codes[half == side], values[half == side]) for side in (0, 1)]
        p, sign, fewest = naive_p(*sides[0], conditions, False, 0.0)
        other, _, fewest_other = naive_p(*sides[1], conditions, True, sign)
        if result.is_tested[place] and min(fewest, fewest_other) >= 4:
            seen += 1
            assert sign == np.sign(result.rest.difference[place])
            assert result.p[place] == pytest.approx(p, rel=1e-6)
            assert result.p_other[place] == pytest.approx(other, rel=1e-6)
    assert seen > 25


def test_a_small_group_without_spread_of_its_own_is_not_sure_of_itself() -> None:
    """Eight customers who all have 0, where half of all do: Welch alone would call that certain."""
    others = Moments(np.array([1000.0]), np.array([500.0]), np.array([5000.0]))
    group = Moments(np.array([8.0]), np.array([0.0]), np.array([0.0]))
    assert float(stats.ttest_ind([0] * 8, [0.0] * 900 + [5.0] * 100, equal_var=False).pvalue) < 1e-9
    assert compare(group, others).p_value[0] > 0.3


def shop(rng: np.random.Generator, customers: int, effect: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Six attributes, figures with a long tail of which a third is 0, and a group of two conditions with `effect`."""
    codes = rng.integers(2, 6, (customers, 6))
    codes[rng.random((customers, 6)) < 0.1] = UNKNOWN
    values = np.where(rng.random(customers) < 0.35, 0, np.exp(rng.normal(8, 1, customers)))
    planted = (codes[:, 0] == 3) & (codes[:, 1] == 4)
    values = np.minimum(values + effect * planted, 40_000)
    return codes, rng.integers(0, 2, customers), values.astype(np.int64)


def confirmed(rng: np.random.Generator, effect: float, sets: list[Places]) -> set[tuple[tuple[int, int], ...]]:
    halves = halves_of(*shop(rng, 1200, effect), sets)
    result = looked_at(halves, 40, 12, np.ones(len(halves.keys), np.bool_))
    found = np.flatnonzero(q_values(result.p) <= 0.05)
    right = q_values(result.p_other[found]) <= 0.05
    return {conditions_of(int(halves.keys[place]), sets) for place in found[right]}


def test_where_nothing_differs_hardly_ever_a_group_is_confirmed() -> None:
    sets = attribute_sets(6, 2)
    shops = [bool(confirmed(np.random.default_rng(seed), 0.0, sets)) for seed in range(40)]
    assert sum(shops) <= 2


def test_a_group_of_two_conditions_is_found_and_neither_its_parents_parts_nor_others() -> None:
    sets = attribute_sets(6, 2)
    for seed in range(5):
        found = confirmed(np.random.default_rng(seed), 9000.0, sets)
        assert ((0, 3), (1, 4)) in found
        assert found <= {((0, 3), (1, 4)), ((0, 3),), ((1, 4),)}


def test_groups_that_are_nearly_the_same_or_the_others_are_listed_once() -> None:
    rows = np.array([[2, 2, 2, 3, 3, 0], [2, 2, 2, 2, 3, 0]])
    of = {place: members(rows, conditions) for place, conditions in enumerate([((0, 2),), ((0, 3),), ((1, 2),)])}
    assert of[0].others.tolist() == [False, False, False, True, True, False]
    assert distinct([0, 1, 2], of, 0.8, 5) == [0, 2]
    assert distinct([0, 1, 2], of, 0.7, 5) == [0]
    assert distinct([2, 1, 0], of, 1.0, 2) == [2, 1]
    assert jaccard(np.zeros(3, np.bool_), np.zeros(3, np.bool_)) == 0
    assert isinstance(of[0], Members)


def test_true_differences_are_in_their_intervals_however_few_groups_differ() -> None:
    """One group of 400 differs by 30, or all a little; chance is 4: intervals hold 95 %, and what is drawn in is nearer."""
    rng = np.random.default_rng(5)
    one = np.where(np.arange(400) == 7, 30.0, 0.0)
    for true in (one, rng.normal(0, 3, 400)):
        seen = true + rng.normal(0, 4, 400)
        ends = [(truth, *drawn_in(each, 4.0, 0.95)) for truth, each in zip(true, seen, strict=True)]
        assert np.mean([low <= truth <= high for truth, _, low, high in ends]) >= 0.93
        assert all(low <= drawn <= high for _, drawn, low, high in ends)
        assert np.mean([abs(drawn - truth) for truth, drawn, *_ in ends]) < np.mean(np.abs(seen - true))
    drawn, low, high = drawn_in(30.0, 4.0, 0.95)
    assert (drawn, low, high) == pytest.approx((29.467, 22.16, 37.84), abs=0.01)
    assert drawn_in(3.0, 4.0, 0.95)[0] == 0.0
    assert drawn_in(0.0, 0.0, 0.95) == (0.0, 0.0, 0.0)
    assert is_beyond(-8.0, 4.0, 0.95)
    assert not is_beyond(-7.0, 4.0, 0.95)


def test_how_much_all_groups_differ_is_told_from_chance() -> None:
    rng = np.random.default_rng(5)
    seen = rng.normal(0, 3, 400) + rng.normal(0, 4, 400)
    assert spread_beyond_chance(seen, np.full(400, 4.0)) ** 0.5 == pytest.approx(3, rel=0.2)
    assert spread_beyond_chance(np.array([]), np.array([])) == 0.0


def test_where_all_are_equal_the_difference_is_told_and_p_is_not() -> None:
    """As where nobody of the other half buys on promotion."""
    nothing = Moments(np.array([30.0]), np.array([0.0]), np.array([0.0]))
    found = compare(nothing, nothing)
    assert (found.difference[0], found.error[0]) == (0.0, 0.0)
    assert np.isnan(found.p_value[0])
    alike = Moments(np.array([3.0]), np.array([0.3]), np.array([0.03]))  # 0.1 of each, rounded
    more = Moments(np.array([3.0]), np.array([0.1 + 0.1 + 0.1]), np.array([0.03]))
    assert alike.total[0] != more.total[0]
    assert np.isnan(compare(alike, more).p_value[0])
    dear = Moments(np.array([9.0]), np.array([45.0]), np.array([225.0]))
    fees = compare(dear, nothing)
    assert (fees.difference[0], fees.error[0]) == (5.0, 0.0)
    ways = len([*combinations(range(12), 3)])
    few = Moments(np.array([3.0]), np.array([15.0]), np.array([75.0]))
    none = Moments(np.array([9.0]), np.array([0.0]), np.array([0.0]))
    assert compare(few, none).p_value[0] == pytest.approx(2 / ways)


def named(codes: list[int], values: list[int]) -> list[int]:
    """The codes of the regions that are named, of those given in this order: the largest first."""
    sets = attribute_sets(1, 1)
    halves = halves_of(np.array([codes]).T, np.arange(len(codes)) % 2, np.array(values), sets)
    order = [
        int(place) for place in halves.places(np.array([key_of(1, [code]) for code in (2, 3, 4, 5)])) if place >= 0
    ]
    return [described(halves, place)[0][1] for place in apart(halves, order, 10, 3, 0.05)]


def test_where_one_value_differs_the_others_are_no_groups() -> None:
    """The others differ from the rest too, as that value is in it; one that differs from the remaining ones is named."""
    codes = [code for code in (2, 3, 4, 5) for _ in range(40)]
    noise = [place * 7 % 11 for place in range(40)]
    assert named(codes, [each + level for level in (90, 0, 0, 0) for each in noise]) == [2]
    assert named(codes, [each + level for level in (90, -60, 0, 0) for each in noise]) == [2, 3]


def test_not_all_values_are_named_so_that_who_has_none_is_read_from_the_total() -> None:
    """Three regions that differ, and four customers elsewhere: of the smallest, too few others are left to compare."""
    codes = [code for code in (2, 3, 4) for _ in range(40)] + [OTHER] * 4
    noise = [place * 7 % 11 for place in range(40)]
    assert named(codes, [each + level for level in (90, -60, 20) for each in noise] + [500] * 4) == [2, 3]


def test_how_customers_differ_is_told_from_how_one_order_differs_from_another() -> None:
    rng = random.Random(3)
    sizes = [rng.randint(1, 30) for _ in range(20_000)]
    residuals = [(rng.gauss(0, 2) + rng.gauss(0, 6 / n**0.5)) ** 2 for n in sizes]
    x = [1 / n for n in sizes]
    sums = [
        sum(each)
        for each in (x, [one * one for one in x], residuals, [a * b for a, b in zip(x, residuals, strict=True)])
    ]
    between, within = between_and_within(len(sizes), *sums)
    assert between**0.5 == pytest.approx(2, rel=0.05)
    assert within**0.5 == pytest.approx(6, rel=0.1)
    assert between_and_within(0, 0, 0, 0, 0) == (0.0, 0.0)
    assert between_and_within(3, 3.0, 3.0, 12.0, 12.0) == (4.0, 0.0)


def test_sets_and_keys_are_counted_and_read_back() -> None:
    assert how_many_sets(22, 2) == 254
    sets = attribute_sets(4, 3)
    assert len(sets) == len({*sets}) == 1 + 4 + 6 + 4
    assert {chosen for chosen in sets if len(chosen) == 2} == {*combinations(range(4), 2)}
    for number, chosen in enumerate(sets):
        codes = [7 + place for place in range(len(chosen))]
        assert conditions_of(key_of(number, codes), sets) == tuple(zip(chosen, codes, strict=True))
