"""Groups of rows by the values of some of their attributes, each as one whole number.

An attribute is a column of codes: 0 where the value is not known, 1 where it is one of many rare ones, and from 2 on
one value each. Not known is a value like another: the key says which attributes a group is of, so that a value that is
NULL and an attribute that is not looked at are never the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

UNKNOWN, OTHER, FIRST = 0, 1, 2
BASE: int = 256
"""More than any code."""
MOST_DEPTH = 3
WHOLE: int = BASE**MOST_DEPTH
"""What the number of a set of attributes is multiplied by."""

WIDTHS: tuple[int, ...] = tuple(BASE**place for place in range(MOST_DEPTH))
Places = tuple[int, ...]
Conditions = tuple[tuple[int, int], ...]
"""The attributes of a group, by their places, and the code of each."""


def attribute_sets(attributes: int, depth: int) -> list[Places]:
    """Every set of at most `depth` of this many attributes, the empty one first."""
    return [chosen for size in range(depth + 1) for chosen in combinations(range(attributes), size)]


def how_many_sets(attributes: int, depth: int) -> int:
    return len(attribute_sets(attributes, depth))


def key_of(number: int, codes: Sequence[int]) -> int:
    """The key of the group of the set `number` with these codes, in the order of its attributes."""
    key = number * WHOLE
    for place, code in enumerate(codes):
        key += code * WIDTHS[place]
    return key


def conditions_of(key: int, sets: Sequence[Places]) -> Conditions:
    number, rest = divmod(key, WHOLE)
    return tuple((attribute, rest // BASE**place % BASE) for place, attribute in enumerate(sets[number]))


def key_column(number: int, chosen: Places, codes: Sequence[str]) -> Column:
    parts = [F.col(codes[attribute]).cast("bigint") * F.lit(BASE**place) for place, attribute in enumerate(chosen)]
    return sum(parts, F.lit(number * WHOLE).cast("bigint"))


def summed(
    rows: DataFrame, half: str, codes: Sequence[str], sets: Sequence[Places], sums: Mapping[str, str]
) -> DataFrame:
    """`half`, key and `sums` (by name, their types) over the rows of every group of every set: one pass.

    It is what GROUPING SETS gives, with the key in place of `grouping_id`. Engines add up within each task first, so
    that few rows move: as many as there are groups.
    """
    keys = F.array(*[key_column(number, chosen, codes) for number, chosen in enumerate(sets)])
    each = rows.select(half, F.explode(keys).alias("key"), *sums)
    return each.groupBy(half, "key").agg(*[F.sum(name).cast(kind).alias(name) for name, kind in sums.items()])
