"""The plan for the company: by tier, action and channel; the limits with their prices; and the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.domain.order_windows import days_after
from vitalfew.jobs.actions.allocations import Given
from vitalfew.jobs.actions.measured import Learnt
from vitalfew.jobs.actions.options import UNITS
from vitalfew.jobs.actions.params import ActionsParams
from vitalfew.jobs.actions.tables import (
    CONTROL,
    EXPLORE,
    MEASURED,
    MIXED,
    MONEY,
    NO_CHANNEL,
    NOTHING,
    PLAN,
    PLAN_LIMITS,
    PLAN_TOTALS,
)

LEAST_PRICE = 1e-9
LEAST = 1 / Decimal(UNITS)
"""Amounts are whole numbers of this."""
COUNTED = ("customers", "possible", "planned", "explored", "held_out", "resting", "overlapping")
WANTED = {
    "call": ("alerts", "contribution"),
    "first_order": ("prospects",),
    "restock": ("repeat_purchases",),
    "next_product": ("recommendations",),
    "next_stage": ("customer_stages",),
    "win_share": ("customer_wallet",),
    "refer": ("customer_influence",),
}
"""Tables without which an action is not proposed."""
ALWAYS = ("contribution", "rfm", "customer_timing", "uplift", "treatments", "consents")


@dataclass(frozen=True)
class Counts:
    """All customers; options before consent and after it; the list; and contacts of earlier plans in this period."""

    customers: DataFrame
    wanted: DataFrame
    options: DataFrame
    listed: DataFrame
    overlapping: DataFrame


def is_treated() -> Column:
    return F.col("arm") != CONTROL


def amount(column: Column) -> Column:
    return F.coalesce(F.sum(column), F.lit(0)).cast(MONEY)


def action_plan(counts: Counts, margin: float) -> DataFrame:
    """ACTION_PLAN: what could be done and what is, and for how many nothing is."""
    group = ["tier", "action", "channel"]
    possible = counts.options.groupBy(*group).agg(F.count(F.lit(1)).alias("eligible"))
    gain, is_measured = F.col("expected_gain"), F.col("basis") == MEASURED
    treated = F.when(is_treated(), gain)
    low = F.col("uplift_low") * F.when(F.col("uplift").isNull(), margin).otherwise(F.col("worth").cast("double"))
    least = F.least(F.round(low, 4).cast(MONEY), gain)  # who comes anyway leaves no room for more than the gain
    done = counts.listed.groupBy(*group).agg(
        F.count_if(is_treated()).alias("customers"),
        F.count_if(F.col("arm") == EXPLORE).alias("explored"),
        F.count_if(F.col("arm") == CONTROL).alias("held_out"),
        amount(F.when(is_treated(), F.col("cost"))).alias("cost"),
        amount(treated).alias("expected_gain"),
        amount(F.when(is_measured, treated)).alias("measured_gain"),
        F.sum(F.when(is_treated() & is_measured, least)).cast(MONEY).alias("least_gain"),
    )
    whole = possible.join(done, on=group, how="left")
    counted = [F.coalesce(name, F.lit(0)).cast("bigint").alias(name) for name in ("customers", "explored", "held_out")]
    sums = [F.coalesce(name, F.lit(0)).cast(MONEY).alias(name) for name in ("cost", "expected_gain", "measured_gain")]
    acted = whole.select(*group, "eligible", *counted, *sums, "least_gain")
    none = counts.customers.join(counts.listed.select("customer_id").distinct(), on="customer_id", how="left_anti")
    idle = none.groupBy("tier").agg(F.count(F.lit(1)).alias("eligible"))
    zero = F.lit(0).cast(MONEY)
    return acted.unionByName(
        idle.select(
            "tier",
            F.lit(NOTHING).alias("action"),
            F.lit(NO_CHANNEL).alias("channel"),
            "eligible",
            F.col("eligible").alias("customers"),
            F.lit(0).cast("bigint").alias("explored"),
            F.lit(0).cast("bigint").alias("held_out"),
            *[zero.alias(name) for name in ("cost", "expected_gain", "measured_gain")],
            F.lit(None).cast(MONEY).alias("least_gain"),
        )
    )


def plan_limits(given: Given, listed: DataFrame) -> DataFrame:
    """PLAN_LIMITS, in the order of the settings."""
    treated = listed.where(is_treated())
    sums = [
        F.coalesce(F.sum("cost"), F.lit(0)).cast(MONEY)
        if each.kind == "budget"
        else F.count_if(F.col(each.kind) == each.name)
        for each in given.limits
    ]
    used = collect_rows(treated.agg(*[column.alias(f"_{i}") for i, column in enumerate(sums)]), "use of limits")[0]
    rows = []
    for number, (each, price, explored) in enumerate(
        zip(given.limits, given.allocation.prices, given.explored, strict=True)
    ):
        in_money = price if each.kind == "budget" else price / UNITS
        rows.append(
            {
                "kind": each.kind,
                "name": each.name,
                "capacity": None if each.capacity is None else Decimal(str(each.capacity)).quantize(LEAST, ROUND_FLOOR),
                "used": Decimal(used[number]),
                "explored": Decimal(round(explored)) / each.scale,
                "shadow_price": 0.0 if each.capacity is None or in_money < LEAST_PRICE else in_money,
            }
        )
    return local_table(PLAN_LIMITS, rows, beside=listed)


def plan_totals(
    counts: Counts,
    given: Given,
    params: ActionsParams,
    as_of: date,
    has_consents: bool,
    found: Learnt,
    missing: Sequence[str],
) -> DataFrame:
    """PLAN_TOTALS."""
    row = collect_rows(
        counted(counts.customers, customers=F.lit(True), resting=F.col("is_resting"))
        .crossJoin(distinct(counts.wanted, "wanted"))
        .crossJoin(distinct(counts.options, "possible"))
        .crossJoin(counted(counts.overlapping, overlapping=F.lit(True)))
        .crossJoin(of_list(counts.listed)),
        "the whole plan",
    )[0]
    value = row["plan_gain"] - row["plan_cost"]
    bound = max(Decimal(str(given.allocation.bound / UNITS)).quantize(LEAST, ROUND_CEILING), value)
    whole: dict[str, Any] = {
        "until": days_after(as_of, params.period_days - 1),
        **{name: row[name] for name in COUNTED},
        "without_consent": row["wanted"] - row["possible"],
        **{name: row[name] for name in ("cost", "expected_gain")},
        **{f"{name}_share": share_of(row[name], row["expected_gain"]) for name in (MEASURED, MIXED)},
        "value": value,
        "bound": bound,
        "gap": float(1 - value / bound) if bound > 0 else None,
        "passes": given.allocation.passes,
        "consents_known": has_consents,
        "harmful": found.harmful,
        "doubtful": found.doubtful,
        "missing": list(missing),
    }
    return local_table(PLAN_TOTALS, [whole], beside=counts.listed)


def share_of(part: Decimal, whole: Decimal) -> float | None:
    """From 0 to 1; None of nothing, or of a loss: who explores may get what is expected to lose."""
    return min(1.0, max(0.0, float(part / whole))) if whole > 0 else None


def counted(frame: DataFrame, **conditions: Column) -> DataFrame:
    return frame.agg(*[F.count_if(condition).alias(name) for name, condition in conditions.items()])


def distinct(frame: DataFrame, name: str) -> DataFrame:
    return frame.agg(F.count_distinct("customer_id").alias(name))


def of_list(listed: DataFrame) -> DataFrame:
    """One row: customers by arm, and the money of those who get something."""
    arms = {"planned": PLAN, "explored": EXPLORE, "held_out": CONTROL}
    own = F.col("arm") == PLAN
    rests = {name: is_treated() & (F.col("basis") == name) for name in (MEASURED, MIXED)}
    return listed.agg(
        *[
            F.count_distinct(F.when(F.col("arm") == arm, F.col("customer_id"))).alias(name)
            for name, arm in arms.items()
        ],
        amount(F.when(is_treated(), F.col("cost"))).alias("cost"),
        amount(F.when(is_treated(), F.col("expected_gain"))).alias("expected_gain"),
        *[amount(F.when(is_so, F.col("expected_gain"))).alias(name) for name, is_so in rests.items()],
        amount(F.when(own, F.col("cost"))).alias("plan_cost"),
        amount(F.when(own, F.col("expected_gain"))).alias("plan_gain"),
    )


def absent_tables(known: Mapping[str, DataFrame], params: ActionsParams) -> list[str]:
    """The names of those that have no row, of those that anything in the plan would use."""
    wanted = {*ALWAYS, *(table for action in params.actions for table in WANTED.get(action, ()))}
    names = [name for name in known if name in wanted]
    firsts = [known[name].limit(1).select(F.lit(name).alias("name")) for name in names]
    there = {row["name"] for row in collect_rows(reduce(DataFrame.unionByName, firsts), "tables that are there")}
    return [name for name in names if name not in there]
