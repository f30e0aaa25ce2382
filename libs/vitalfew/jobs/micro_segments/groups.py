"""The groups of all sets of attributes, counted, tested on one half, and those found looked at on the other."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.subgroups.descriptions import BASE, UNKNOWN, WHOLE, Conditions, Places, attribute_sets, summed
from vitalfew.algorithms.subgroups.moments import Moments, compare, exact
from vitalfew.algorithms.subgroups.search import (
    Halves,
    Tested,
    apart,
    described,
    distinct,
    looked_at,
    members,
    others,
    q_values,
    standard_deviation,
)
from vitalfew.algorithms.subgroups.shrinkage import is_beyond, spread_beyond_chance
from vitalfew.dataframes.arrays import Bools, Floats, Ints
from vitalfew.dataframes.collect import collect_table
from vitalfew.jobs.micro_segments.coding import Coded, Counts, capped_figure, code
from vitalfew.jobs.micro_segments.params import CIRCULAR, HABITS, MicroSegmentsParams, TargetName
from vitalfew.jobs.micro_segments.people import HALF, MOST_OF_SHARES, SPEND, TARGETS
from vitalfew.jobs.micro_segments.tables import CONFIRMED, NOT_CONFIRMED, REVERSED

CONFIDENCE = 0.95
MOST_EXACT = 4e18
"""What a bigint holds, and a little less."""
LEAST_SHARE_OF_HALF = 0.3
"""The part of min_customers that each half must hold at least."""
SAMPLE = 20_000
"""Customers by whom it is seen which groups are nearly the same."""
MOST_CANDIDATES = 200
"""Groups of one target that are compared with each other."""
BIG, ANY = "bigint", "decimal(38,0)"


@dataclass(frozen=True)
class Searched:
    """One target: its groups on both halves as moments of whole numbers less `centre`, and what was found."""

    target: TargetName
    attributes: tuple[Coded, ...]
    halves: Halves
    centre: int
    spend: Ints
    tested: Tested
    q: Floats
    found: tuple[int, ...]
    variance: float

    @property
    def whole(self) -> int:
        """Where everybody is."""
        return int(self.halves.places(np.zeros(1, np.int64))[0])

    @property
    def everybody(self) -> Moments:
        return self.halves.both.at(np.array([self.whole]))

    def conditions(self, place: int) -> dict[str, str | None]:
        """By attribute, the value of a group; None: not known."""
        return {
            self.attributes[attribute].name: self.attributes[attribute].value(value)
            for attribute, value in described(self.halves, place)
        }


@dataclass(frozen=True)
class Found:
    """One group that is listed: where it is in `Searched`, and what the other half says of it."""

    number: int
    searched: Searched
    place: int
    q_other: float
    verdict: str

    @property
    def conditions(self) -> Conditions:
        return described(self.searched.halves, self.place)


def summed_groups(coded: DataFrame, counts: Counts, sets: Sequence[Places], params: MicroSegmentsParams) -> pa.Table:
    """By half and key: `rows`, spend, and of each figure n, sum and squares.

    Customers of like codes are one first, where there are fewer kinds of them than customers.
    """
    codes = [code(each.name) for each in counts.attributes]
    kinds: dict[str, str] = {"rows": BIG, SPEND: kind_for(counts.largest_spend, counts)}
    values = [F.lit(1).cast(BIG).alias("rows"), F.col(SPEND).cast(kinds[SPEND]).alias(SPEND)]
    for target in params.targets:
        value, n, total, squares = (F.col(capped_figure(target)), *columns_of(target))
        largest = counts.caps.get(target, MOST_OF_SHARES)
        kinds |= {total: kind_for(largest, counts), squares: kind_for(largest**2, counts)}
        known = F.coalesce(value, F.lit(0).cast(BIG))
        values += [known.cast(kinds[total]).alias(total)]
        values += [(known.cast(kinds[squares]) * known).cast(kinds[squares]).alias(squares)]
        if counts.known[target] < counts.customers:
            kinds[n] = BIG
            values.append(value.isNotNull().cast("int").cast(BIG).alias(n))
    rows = coded.select(HALF, *codes, *values)
    if 2 * math.prod(len(each.values) + 2 for each in counts.attributes) < counts.customers:
        sums = [F.sum(name).cast(kind).alias(name) for name, kind in kinds.items()]
        rows = rows.groupBy(HALF, *codes).agg(*sums)
    return collect_table(summed(rows, HALF, codes, sets, kinds), "groups of customers")


def kind_for(largest: int, counts: Counts) -> str:
    """The type that holds sums of so large numbers of all customers."""
    return BIG if largest * counts.customers < MOST_EXACT else ANY


def columns_of(target: TargetName) -> tuple[str, str, str]:
    return f"n_{target}", f"sum_{target}", f"squares_{target}"


def search(
    groups: pa.Table, counts: Counts, sets: Sequence[Places], params: MicroSegmentsParams
) -> tuple[Searched, ...]:
    """What is found of each target on the half that is searched; q over all groups of all targets."""
    keys = np.unique(groups["key"].to_numpy().astype(np.int64))
    sides = groups[HALF].to_numpy()
    places = np.searchsorted(keys, groups["key"].to_numpy())
    spend = np.zeros(len(keys), dtype=object)
    np.add.at(spend, places, np.array([int(each) for each in groups[SPEND].to_pylist()], dtype=object))
    whole = {target: moments(groups, target, places, sides, len(keys)) for target in params.targets}
    least = least_of_half(params)
    is_told = ~lacks(keys, sets, [place for place, each in enumerate(counts.attributes) if each.name in HABITS])
    done = []
    for target in params.targets:
        centre, found, other = whole[target]
        halves = Halves(keys, sets, found, other)
        may = np.array([is_allowed(target, chosen, counts.attributes) for chosen in sets])[keys // WHOLE] & is_told
        done.append((target, centre, halves, looked_at(halves, params.min_customers, least, may)))
    q = np.split(q_values(np.concatenate([each.p for *_, each in done])), len(done))
    return tuple(
        Searched(
            target,
            counts.attributes,
            halves,
            centre,
            spend,
            result,
            values,
            candidates(halves, result, values, params, TARGETS[target].least),
            variance_of(halves, result),
        )
        for (target, centre, halves, result), values in zip(done, q, strict=True)
    )


def lacks(keys: Ints, sets: Sequence[Places], attributes: Collection[int]) -> Bools:
    """Which groups are of customers of whom one of these attributes is not known."""
    found = np.zeros(len(keys), np.bool_)
    for position in range(max((len(chosen) for chosen in sets), default=0)):
        is_one = np.array([len(chosen) > position and chosen[position] in attributes for chosen in sets])
        found |= is_one[keys // WHOLE] & (keys // BASE**position % BASE == UNKNOWN)
    return found


def least_of_half(params: MicroSegmentsParams) -> int:
    return max(2, round(LEAST_SHARE_OF_HALF * params.min_customers))


def moments(groups: pa.Table, target: TargetName, places: Ints, sides: Ints, size: int) -> tuple[int, Moments, Moments]:
    """The rounded mean of everybody, and the moments about it of each half."""
    count, *sums = columns_of(target)
    names = [count if count in groups.column_names else "rows", *sums]  # rows: of everybody it is known
    columns = [[int(each or 0) for each in groups[name].to_pylist()] for name in names]
    n, total, squares = (np.zeros((2, size), dtype=object) for _ in columns)
    for values, into in zip(columns, (n, total, squares), strict=True):
        into[sides, places] = values
    customers, amount = int(n[:, 0].sum()), int(total[:, 0].sum())
    centre = (2 * amount + customers) // (2 * customers) if customers else 0
    found, other = (exact(n[side], total[side], squares[side], centre) for side in (0, 1))
    return centre, found, other


def is_allowed(target: TargetName, chosen: Places, attributes: Sequence[Coded]) -> bool:
    """Whether none of the attributes is made of the figure."""
    return not any(attributes[place].name in CIRCULAR[target] for place in chosen)


def candidates(
    halves: Halves, result: Tested, q: Floats, params: MicroSegmentsParams, least: int = 0
) -> tuple[int, ...]:
    """The groups with a difference beyond chance that matters, those with most of it first.

    It matters from `least_effect` standard deviations on, and from `least` parts on: where all customers are nearly
    the same, chance is small, and what is beyond it may be too.
    """
    whole = halves.places(np.zeros(1, np.int64))
    deviation = standard_deviation(halves.found.at(whole))
    matters = np.abs(result.rest.difference) >= params.least_effect * deviation
    matters &= np.abs(result.rest.difference) >= least
    matters &= halves.found.n <= params.max_share * halves.found.at(whole).n
    chosen = np.flatnonzero(result.is_tested & (q <= params.significance) & matters)
    weight = np.abs(result.rest.difference) * halves.found.n
    order = sorted(chosen.tolist(), key=lambda place: (-weight[place], int(halves.keys[place])))
    return tuple(order)


def variance_of(halves: Halves, result: Tested) -> float:
    """How much the true differences of all groups tested vary, from both halves."""
    differences, errors = (each[result.is_tested] for each in difference_and_error(halves))
    return spread_beyond_chance(differences, errors)


def difference_and_error(halves: Halves) -> tuple[Floats, Floats]:
    """Of all customers, the mean of each group less that of the rest, and its standard error."""
    both = halves.both
    found = compare(both, others(halves, both))
    return found.difference, found.error


def listed(searched: Sequence[Searched], rows: Ints, params: MicroSegmentsParams) -> list[Found]:
    """The groups found, each few that are nearly the same once, and whether the other half confirms them.

    `rows` has the codes of each attribute of some customers.
    """
    kept = [(each, place) for each in searched for place in told_once(each, rows, params)]
    q = q_values(np.array([each.tested.p_other[place] for each, place in kept]))
    judged = [
        (each, place, float(value), verdict(each, place, float(value), params))
        for (each, place), value in zip(kept, q, strict=True)
    ]
    judged.sort(key=lambda one: (params.targets.index(one[0].target), one[3] != CONFIRMED))  # else as found
    return [Found(number, *one) for number, one in enumerate(judged, 1)]


def told_once(searched: Searched, rows: Ints, params: MicroSegmentsParams) -> list[int]:
    """The groups found that say something of their own."""
    halves, order = searched.halves, searched.found[:MOST_CANDIDATES]
    own = apart(halves, order, params.min_customers, least_of_half(params), params.significance)
    of = {place: members(rows, described(halves, place)) for place in own}
    return distinct(own, of, params.overlap, params.top)


def verdict(searched: Searched, place: int, q: float, params: MicroSegmentsParams) -> str:
    here, there = (each.difference[place] for each in (searched.tested.rest, searched.tested.rest_other))
    error = float(searched.tested.rest_other.error[place])
    if q <= params.significance and is_beyond(float(there), error, CONFIDENCE):
        return CONFIRMED
    return REVERSED if here * there < 0 else NOT_CONFIRMED


def sampled(coded: DataFrame, counts: Counts) -> Ints:
    """The codes of some customers, one row each, drawn by hash."""
    codes = [code(each.name) for each in counts.attributes]
    parts = -(-counts.customers // (SAMPLE // 2))
    drawn = coded.where(F.pmod(F.xxhash64("customer_id"), F.lit(parts)) == 0) if parts > 1 else coded
    table = collect_table(drawn.select(*codes), "a sample of customers", SAMPLE)
    return np.stack([table[name].to_numpy().astype(np.int64) for name in codes])


def names_of(attributes: Sequence[Coded], excluded: bool, target: TargetName) -> list[str]:
    """Attributes by which groups of a target are made; or those left out, as they are made of the figure."""
    return [each.name for each in attributes if (each.name in CIRCULAR[target]) == excluded]


def all_sets(counts: Counts, params: MicroSegmentsParams) -> list[Places]:
    """The sets of attributes that some target may be looked at by, and the segment, to which customers fall back."""
    every = attribute_sets(len(counts.attributes), params.depth)
    names = [each.name for each in counts.attributes]
    return [
        chosen
        for chosen in every
        if [names[place] for place in chosen] == ["segment"]
        or any(is_allowed(target, chosen, counts.attributes) for target in params.targets)
    ]
