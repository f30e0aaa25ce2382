"""Options given to takers so that what is given is worth most, within limits: with prices, and a bound on the best.

Whatever fits the driver is solved there. Of more, a sample of takers is solved there; its prices are made better by a
few looks at all options, and what they give is brought within the limits on the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.allocation.columns import FOLLOWS, OPTION, ROOM, TAKER, TIE, VALUE, Limit, fitting
from vitalfew.algorithms.allocation.dual import Solved, evaluate, minimise, usual_prices
from vitalfew.algorithms.allocation.exchange import exchanged
from vitalfew.algorithms.allocation.full_pass import looked_at
from vitalfew.algorithms.allocation.greedy import allocated, value_of
from vitalfew.algorithms.allocation.options import Options
from vitalfew.algorithms.allocation.rounds import MOST_ROWS, given_in_rounds
from vitalfew.dataframes.arrays import Floats
from vitalfew.dataframes.collect import collect_rows, collect_table
from vitalfew.dataframes.from_arrow import large_frame
from vitalfew.dataframes.staging import Stage


@dataclass(frozen=True)
class Effort:
    """How much work is done: `on_driver` options at most are brought to the driver, all of them or a sample.

    `passes`: looks at what the driver holds; `full_passes`: at all options on the engine; `rounds`: of bringing it
    within the limits. `edge`: rows among which the last place is looked for. `starts`: allocations made better by
    exchange, where there are few options.
    """

    on_driver: int = 150_000
    passes: int = 80
    full_passes: int = 5
    rounds: int = 16
    edge: int = MOST_ROWS
    starts: int = 8
    tolerance: float = 1e-5


@dataclass(frozen=True)
class Allocation:
    """TAKER and OPTION of what is given; `prices` for one unit of each limit; no allocation is worth more than `bound`.

    `passes`: looks at all options.
    """

    given: DataFrame
    prices: Sequence[float]
    bound: float
    passes: int


def allocate(options: DataFrame, limits: Sequence[Limit], stage: Stage, effort: Effort | None = None) -> Allocation:
    """Who gets what.

    `options`, staged: one row for each TAKER and OPTION, with VALUE (whole numbers of one unit, at most 10^15), the
    uses of `limits` (likewise, not negative), ROOM (how many options the taker may get; the same in all rows of a
    taker), TIE (a hash) and FOLLOWS: options that are given by the same rule, and count and use nothing.
    """
    work = effort or Effort()
    useful = fitting(options, limits, np.array([float(limit.capacity) for limit in limits]))
    options_in_all, takers_in_all, limits = sizes_of(useful, limits)
    capacities = np.array([float(limit.capacity) for limit in limits])
    if options_in_all <= work.on_driver:
        return on_driver(useful, limits, capacities, stage, work)
    share = work.on_driver / options_in_all * 0.95
    part = F.pmod(F.xxhash64(F.lit("sample"), F.col(TAKER)), F.lit(1_000_000)) < F.lit(int(share * 1_000_000))
    sample, _ = options_of(collect_table(useful.where(part), "a sample of options"), limits)
    scale = sample.starts.size / takers_in_all
    solved = solve(sample, capacities * scale, work)
    region = np.maximum(solved.best.prices, usual_prices(sample) * 0.01) * 0.03
    full = minimise(
        lambda prices: looked_at(useful, limits, prices),
        capacities,
        solved.best.prices,
        region,
        work.full_passes,
        work.tolerance,
    )
    best = full.best
    given = given_in_rounds(useful, limits, best.prices, stage, work.rounds, work.edge)
    return Allocation(given, best.prices.tolist(), best.bound, len(full.points))


def sizes_of(useful: DataFrame, limits: Sequence[Limit]) -> tuple[int, int, list[Limit]]:
    """How many options and takers there are; and the limits, none of them larger than all that could be used.

    A limit beyond that is none. As a number among others it would drown them in the search for prices.
    """
    sizes = [F.count(F.lit(1)).alias("options"), F.count_distinct(TAKER).alias("takers")]
    uses = [F.coalesce(F.sum(F.col(limit.use).cast("decimal(20,0)")), F.lit(0)).alias(limit.use) for limit in limits]
    row = collect_rows(useful.agg(*sizes, *uses), "options")[0]
    known = [Limit(limit.use, min(limit.capacity, int(row[limit.use]))) for limit in limits]
    return row["options"], row["takers"], known


def solve(options: Options, capacities: Floats, work: Effort) -> Solved:
    """The dual of what the driver holds."""
    region = usual_prices(options)
    start = np.zeros(len(capacities))
    return minimise(
        lambda prices: evaluate(options, capacities, prices), capacities, start, region, work.passes, work.tolerance
    )


def on_driver(useful: DataFrame, limits: Sequence[Limit], capacities: Floats, stage: Stage, work: Effort) -> Allocation:
    """All of it at once."""
    options, names = options_of(collect_table(useful, "options", work.on_driver), limits)
    solved = solve(options, capacities, work)
    points = [solved.best, *solved.points] if options.values.size <= work.starts * 1000 else [solved.best]
    plans = [allocated(options, capacities, point.prices) for point in points]
    best = sorted(plans, key=lambda plan: -value_of(options, plan))[: work.starts]
    plan = max((exchanged(options, capacities, each) for each in best), key=lambda each: value_of(options, each))
    frame = large_frame(useful.sparkSession, names.filter(pa.array(plan)), f"{TAKER} string, {OPTION} string", stage)
    return Allocation(frame, solved.best.prices.tolist(), solved.best.bound, len(solved.points))


def options_of(table: pa.Table, limits: Sequence[Limit]) -> tuple[Options, pa.Table]:
    """The options of a collected frame, in an order that does not depend on how they came; and whose each is."""
    ordered = table.sort_by([(TAKER, "ascending"), (TIE, "ascending"), (OPTION, "ascending")])
    names = ordered.select([TAKER, OPTION])
    takers = names.column(TAKER).combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    starts = np.flatnonzero(np.append([True], takers[1:] != takers[:-1])) if takers.size else np.zeros(0, np.int64)
    rooms = ordered.column(ROOM).to_numpy()
    uses = [ordered.column(limit.use).to_numpy().astype(np.float64) for limit in limits]
    found = Options(
        starts,
        ordered.column(VALUE).to_numpy().astype(np.float64),
        np.array(uses).reshape(len(limits), takers.size),
        ordered.column(TIE).to_numpy(),
        rooms[starts].astype(np.int64),
        ordered.column(FOLLOWS).to_numpy(),
    )
    return found, names
