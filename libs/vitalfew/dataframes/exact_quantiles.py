"""Exact quantiles of whole numbers, found by counting: no sort, and never more on the driver than the bins of one pass.

The quantile at share p is the smallest value that is at least as large as p of all values (`percentile_disc` of SQL,
`inverted_cdf` of numpy). A value equal to it lies below the cut, so equal values are never parted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows, collect_table

BINS = 1 << 16


@dataclass(frozen=True)
class Cut:
    """Where one band ends and the next begins: the largest value below the cut, the least that would lie above."""

    last: int
    first: int


@dataclass(frozen=True)
class Search:
    """A value of `column` that is the `rank`-th smallest of those from `low` to `high`, wherever it is."""

    column: str
    rank: int
    low: int
    high: int

    @property
    def width(self) -> int:
        """Values that share a bin when the interval is split into `BINS` of them."""
        return -(-(self.high - self.low + 1) // BINS)

    @property
    def interval(self) -> tuple[str, int, int]:
        return self.column, self.low, self.high


def cuts(frame: DataFrame, columns: Sequence[str], bands: int) -> dict[str, tuple[Cut, ...]]:
    """For each bigint column that has values, the cuts between `bands` bands of equal size, the lowest first.

    Bands are as equal as ties allow. The largest value lies above every cut, also where its ties or the number of rows
    would leave the highest bands empty; where all values are equal they lie below every cut. `frame` is read four times
    or so, so stage it. Values lie within 4e18 of zero.
    """
    spans = span(frame, columns)
    wanted = {
        column: [Search(column, -(-count * part // bands), low, high) for part in range(1, bands)]
        for column, (count, low, high) in spans.items()
        if low < high
    }
    found = iter(select(frame, [search for searches in wanted.values() for search in searches]))
    quantiles = {column: [next(found) for _ in searches] for column, searches in wanted.items()}
    equal = {c: (Cut(low, low + 1),) * (bands - 1) for c, (_, low, high) in spans.items() if low == high}
    return equal | neighbours(frame, quantiles, {column: spans[column][2] for column in quantiles})


def span(frame: DataFrame, columns: Sequence[str]) -> dict[str, tuple[int, int, int]]:
    """Number of values, the smallest and the largest of each column that has any."""
    ends = [[F.count(c).alias(f"n_{c}"), F.min(c).alias(f"low_{c}"), F.max(c).alias(f"high_{c}")] for c in columns]
    row = collect_rows(frame.agg(*[end for column in ends for end in column]), "ranges of values")[0]
    return {c: (row[f"n_{c}"], row[f"low_{c}"], row[f"high_{c}"]) for c in columns if row[f"n_{c}"]}


def select(frame: DataFrame, searches: Sequence[Search]) -> list[int]:
    """The value that each search is for: each pass narrows every interval to one of its bins."""
    now = list(searches)
    while True:
        intervals = list(dict.fromkeys(search.interval for search in now if search.low < search.high))
        if not intervals:
            return [search.low for search in now]
        counted = histogram(frame, [search for search in unique(now) if search.interval in intervals])
        now = [narrow(search, counted.get(search.interval)) for search in now]


def unique(searches: Iterable[Search]) -> list[Search]:
    """One search of each interval."""
    return list({search.interval: search for search in searches}.values())


def histogram(frame: DataFrame, searches: Sequence[Search]) -> dict[tuple[str, int, int], list[tuple[int, int]]]:
    """Of each interval: its bins that hold values, in order, and how many values each holds."""
    numbered = [bin_number(search, position) for position, search in enumerate(searches)]
    bins = frame.select(F.explode(F.array(*numbered)).alias("bin")).where("bin is not null")
    counted = collect_table(bins.groupBy("bin").agg(F.count(F.lit(1)).alias("n")), "bins of a histogram")
    found: dict[tuple[str, int, int], list[tuple[int, int]]] = {search.interval: [] for search in searches}
    for number, n in sorted(zip(counted["bin"].to_pylist(), counted["n"].to_pylist(), strict=True)):
        position, within = divmod(number, BINS)
        found[searches[position].interval].append((within, n))
    return found


def bin_number(search: Search, position: int) -> Column:
    """The bin of a value in the interval of `search`, NULL outside it; no two intervals share a number."""
    value = F.col(search.column)
    within = F.expr(f"(`{search.column}` - ({search.low})) div {search.width}")
    return F.when(value.between(search.low, search.high), within + F.lit(position * BINS))


def narrow(search: Search, bins: list[tuple[int, int]] | None) -> Search:
    """`search` in the bin that holds its rank."""
    if bins is None:
        return search
    rank = search.rank
    for number, n in bins:
        if rank <= n:
            low = search.low + number * search.width
            return replace(search, rank=rank, low=low, high=min(low + search.width - 1, search.high))
        rank -= n
    raise AssertionError(f"{search} lies beyond its values: they changed between two passes")


def neighbours(
    frame: DataFrame, quantiles: dict[str, list[int]], largest: dict[str, int]
) -> dict[str, tuple[Cut, ...]]:
    """Each quantile with the next larger value; one that is the largest value gives way to the value before it."""
    if not quantiles:
        return {}
    wanted = [F.max(F.when(F.col(c) < top, F.col(c))).alias(f"before_{c}") for c, top in largest.items()]
    for column, values in quantiles.items():
        wanted += [
            F.min(F.when(F.col(column) > value, F.col(column))).alias(f"after_{column}_{value}") for value in {*values}
        ]
    row = collect_rows(frame.agg(*wanted), "values beside the cuts")[0]

    def cut(column: str, value: int) -> Cut:
        if value == largest[column]:
            return Cut(row[f"before_{column}"], value)
        return Cut(value, row[f"after_{column}_{value}"])

    return {column: tuple(cut(column, value) for value in values) for column, values in quantiles.items()}
