"""First those who explore get something by chance, then all others what is best for them within what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.allocation.allocate import Allocation, allocate
from vitalfew.algorithms.allocation.columns import OPTION, TAKER
from vitalfew.dataframes.arrays import Floats
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.staging import Stage
from vitalfew.dataframes.top_n import best
from vitalfew.jobs.actions.contacts import exploring
from vitalfew.jobs.actions.customers import drawn
from vitalfew.jobs.actions.options import Bound, as_allocated, bounds, chance_of, option_of, units
from vitalfew.jobs.actions.params import ActionsParams
from vitalfew.jobs.actions.tables import CONTROL, EXPLORE, PLAN


@dataclass(frozen=True)
class Given:
    """The options that were given, with their `arm` and `campaign`; the limits, what exploring used of each, and the
    allocation of the rest."""

    rows: DataFrame
    limits: Sequence[Bound]
    explored: Floats
    allocation: Allocation


def give(options: DataFrame, params: ActionsParams, stage: Stage) -> Given:
    """Who gets what, and who is held out."""
    limits = bounds(params)
    chance = explorers(options, limits, params, stage)
    sums = [F.sum(F.col(each.use)).alias(each.use) for each in limits]
    treated = as_allocated(chance.where(F.col("arm") == EXPLORE), limits, params, F.lit(1))
    row = collect_rows(treated.agg(*sums), "what exploring uses")[0]
    explored = np.array([float(row[each.use] or 0) for each in limits])
    value = F.col("gain_units") - F.col("cost_units")
    worth_it = options.where((F.col("group") != EXPLORE) & (value >= units(F.lit(params.least_gain))))
    own = stage(as_allocated(worth_it, limits, params, value))
    left = [each.limit(used) for each, used in zip(limits, explored, strict=True)]
    allocation = allocate(own, left, stage)
    arm = F.when(F.col("group") == CONTROL, CONTROL).otherwise(PLAN)
    rows = chosen(options, allocation.given).withColumns({"arm": arm, "campaign": F.lit(params.campaign)})
    return Given(rows.unionByName(chance), limits, explored, allocation)


def explorers(options: DataFrame, limits: Sequence[Bound], params: ActionsParams, stage: Stage) -> DataFrame:
    """One option by chance for each customer who explores; half of them are the control arm of the others.

    What they use is at most explore_limit of what there is. The draw of the arm is made after that of the option, and
    before what fits is known: both arms of an action are alike.
    """
    if not params.explore or not params.explore_limit:
        nobody = options.where(F.lit(False))
        return nobody.withColumns({"arm": F.lit(EXPLORE), "campaign": F.lit(params.campaign)})
    order = [F.asc(chance_of(params)), F.asc("action"), F.asc("channel")]
    drawn_options = best(options.where(F.col("group") == EXPLORE), 1, ["customer_id"], order).drop("rank")
    coin = drawn(params, F.lit("coin"), F.col("customer_id")) < F.lit(500_000)
    split = stage(drawn_options.withColumn("group", F.when(coin, CONTROL).otherwise(EXPLORE)))
    share = [each.limit(share=params.explore_limit) for each in limits]
    found = allocate(stage(as_allocated(split, list(limits), params, F.lit(1))), share, stage)
    rows = chosen(split, found.given)
    return rows.withColumns({"arm": F.col("group"), "campaign": F.lit(exploring(params))})


def chosen(options: DataFrame, given: DataFrame) -> DataFrame:
    """The rows of `options` that were given."""
    keys = given.select(F.col(TAKER).alias("customer_id"), F.col(OPTION).alias("_option"))
    return (
        options.withColumn("_option", option_of())
        .join(keys, on=["customer_id", "_option"], how="left_semi")
        .select(*options.columns)
    )
