"""Attributes as codes, and caps of figures: from one pass that counts values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.subgroups.descriptions import FIRST, OTHER, UNKNOWN
from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.micro_segments.params import HABITS, Attribute, MicroSegmentsParams, TargetName
from vitalfew.jobs.micro_segments.people import BANDED, HALF, SPEND, TARGETS, figure

STEPS = 50
"""Bins of a figure for each factor of e: a cap is right to 2 %."""
ROWS = "rows"


@dataclass(frozen=True)
class Coded:
    """One attribute: its values, each of which has a code; those of numbers are the upper ends of bands.

    Where there is one value alone, customers without it are the others: `is_only`, and NULL has the code after it.
    """

    name: Attribute
    values: tuple[str, ...]
    ends: tuple[int, ...] = ()
    is_only: bool = False

    def value(self, code: int) -> str | None:
        """What a code stands for; None: not known."""
        place = code - FIRST
        return self.values[place] if 0 <= place < len(self.values) else None

    def column(self) -> Column:
        given = F.col(self.name)
        found = F.when(given.isNull(), FIRST + len(self.values) if self.is_only else UNKNOWN)
        cases = [given <= end for end in self.ends] or [given == value for value in self.values]
        for place, holds in enumerate(cases):
            found = found.when(holds, FIRST + place)
        return found.otherwise(OTHER).cast("int")


@dataclass(frozen=True)
class Counts:
    """How many customers there are; the attributes that tell some apart; by figure, who has it, and its cap."""

    customers: int
    attributes: tuple[Coded, ...]
    known: Mapping[TargetName, int]
    caps: Mapping[TargetName, int]
    largest_spend: int


def code(name: str) -> str:
    """The column of the codes of an attribute."""
    return f"code_{name}"


def counts(customers: DataFrame, params: MicroSegmentsParams) -> Counts:
    """From the rows of `people`; values of fewer than min_customers are not even collected."""
    names: list[Attribute] = [*params.attributes]
    cells = [cell(ROWS, F.col(HALF).cast("string"))]  # which may be NULL to the engine, as the others
    cells += [cell(name, F.col(name).cast("string")) for name in names]
    cells.append(cell(SPEND, bin_of(SPEND).cast("string")))
    cells += [cell(figure(target), bin_of(figure(target)).cast("string")) for target in params.targets]
    each = customers.select(F.explode(F.array(*cells)).alias("cell")).select("cell.what", "cell.value")
    counted = each.groupBy("what", "value").agg(F.count(F.lit(1)).alias("n"))
    texts = [name for name in names if name not in BANDED]
    wanted = ~F.col("what").isin(*texts) | F.col("value").isNull() | (F.col("n") >= params.min_customers)
    found: dict[str, dict[str | None, int]] = {}
    for row in collect_rows(counted.where(wanted), "values of attributes"):
        found.setdefault(row["what"], {})[row["value"]] = row["n"]
    total = sum(found.get(ROWS, {}).values())
    coded = [coded_attribute(name, found.get(name, {}), total, params) for name in names]
    bins = {target: found.get(figure(target), {}) for target in params.targets}
    return Counts(
        total,
        tuple(each for each in coded if tells_apart(each, found.get(each.name, {}), total)),
        {target: sum(n for value, n in of.items() if value is not None) for target, of in bins.items()},
        {target: cap(of, params.cap_percentile) for target, of in bins.items() if TARGETS[target].is_capped},
        cap(found.get(SPEND, {}), 1.0),
    )


def cell(what: str, value: Column) -> Column:
    return F.struct(F.lit(what).alias("what"), value.alias("value"))


def tells_apart(coded: Coded, counted: Mapping[str | None, int], total: int) -> bool:
    """Whether at least one value is not that of everybody."""
    if not coded.values and not counted.get(None):
        return False
    return all(n < total for n in counted.values())


def coded_attribute(
    name: Attribute, counted: Mapping[str | None, int], customers: int, params: MicroSegmentsParams
) -> Coded:
    known = {value: n for value, n in counted.items() if value is not None}
    if name in BANDED:
        ends = band_ends({int(value): n for value, n in known.items()}, params.bands)
        return Coded(name, band_names(ends), ends)
    first = sorted(known, key=lambda value: (-known[value], value))[: params.max_values]
    is_only = len(first) == 1 and customers == known[first[0]] + counted.get(None, 0) and name not in HABITS
    return Coded(name, tuple(sorted(first)), is_only=is_only)


def band_ends(counted: Mapping[int, int], bands: int) -> tuple[int, ...]:
    """The last number of each of this many bands, which hold about equally many customers."""
    total, seen, ends = sum(counted.values()), 0, set[int]()
    for number in sorted(counted):
        before, seen = seen * bands // max(total, 1), seen + counted[number]
        if seen * bands // max(total, 1) > before:
            ends.add(number)
    return tuple(sorted(ends))


def band_names(ends: Sequence[int]) -> tuple[str, ...]:
    """Such as 0-7, 8-14 and 15+."""
    if not ends:
        return ()
    starts = [0, *[end + 1 for end in ends[:-1]]]
    named = [f"{start}-{end}" for start, end in zip(starts, ends, strict=True)]
    return (*named[:-1], f"{starts[-1]}+")


def bin_of(name: str) -> Column:
    """The bin of a figure by its size, whatever its sign; of nothing, one before all others; NULL where not known."""
    size = F.abs(F.col(name)).cast("double")
    logarithm = F.log(F.when(size > 0, size))
    return F.when(size == 0, -1).otherwise(F.floor(F.round(logarithm * F.lit(float(STEPS)), 6))).cast("int")


def cap(bins: Mapping[str | None, int], share: float) -> int:
    """The upper end of the bin up to which at least this share of the figures are."""
    known = sorted((int(value), n) for value, n in bins.items() if value is not None)
    total, seen = sum(n for _, n in known), 0
    for number, n in known:
        seen += n
        if seen >= share * total and number >= 0:
            return math.ceil(math.exp((number + 1) / STEPS))
    return math.ceil(math.exp((known[-1][0] + 1) / STEPS)) if known else 0


def with_codes(customers: DataFrame, counted: Counts, params: MicroSegmentsParams) -> DataFrame:
    """`people` with the codes of attributes, and the figures capped."""
    return customers.select(
        *customers.columns,
        *[capped(target, counted.caps.get(target)).alias(capped_figure(target)) for target in params.targets],
        *[each.column().alias(code(each.name)) for each in counted.attributes],
    )


def capped_figure(target: TargetName) -> str:
    """The column of a figure that is capped."""
    return f"capped_{target}"


def capped(target: TargetName, most: int | None) -> Column:
    amount = F.col(figure(target))
    if most is None:
        return amount
    return F.when(amount.isNotNull(), F.greatest(F.least(amount, F.lit(most)), F.lit(-most))).cast("bigint")
