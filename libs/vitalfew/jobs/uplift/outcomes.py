"""What each customer did after the assignment and before it, and the sums of that by arm: one aggregation."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio
from vitalfew.domain.order_windows import is_sale
from vitalfew.jobs.uplift.assignments import OF_ACTION, OF_CUSTOMER
from vitalfew.jobs.uplift.params import HISTORY, UpliftParams
from vitalfew.jobs.uplift.tables import ACTIVE, LAPSED, NONE

OUTCOMES = ("ordered", "orders", "revenue")
ALL, UNKNOWN = "all", "unknown"
GROUP = (*OF_ACTION, "arm", "dimension", "member")
SUMS = ("y", "yy", "x", "xx", "xy")


def customer_outcomes(assigned: DataFrame, orders: DataFrame, params: UpliftParams) -> DataFrame:
    """`assigned`, with each outcome after (`orders_after` …) and before (`orders_before` …), and `history`.

    An order at the moment of assignment is one after it. The last of `horizon_days` is whole, the first is not.
    """
    when = assigned.select(*OF_CUSTOMER, "assigned_at", "assigned_on")
    bought = when.join(
        orders.select("customer_id", "ordered_at", "ordered_on", "kind", "net_amount"), on="customer_id", how="inner"
    )
    days = F.datediff("ordered_on", "assigned_on")
    is_before = F.col("ordered_at") < F.col("assigned_at")
    after, before = ~is_before & (days < params.horizon_days), is_before & (days >= -params.before_days)
    found = bought.groupBy(*OF_CUSTOMER).agg(
        F.count_if(is_sale() & after).alias("orders_after"),
        F.count_if(is_sale() & before).alias("orders_before"),
        F.sum(F.when(after, F.col("net_amount"))).alias("revenue_after"),
        F.sum(F.when(before, F.col("net_amount"))).alias("revenue_before"),
        F.count_if(is_sale() & is_before).alias("orders_ever"),
    )
    history = F.when(F.col("orders_before") > 0, ACTIVE).when(F.col("orders_ever") > 0, LAPSED).otherwise(NONE)
    whole = assigned.join(found, on=list(OF_CUSTOMER), how="left")
    return whole.select(
        *assigned.columns,
        *[measured(name, when) for name in OUTCOMES for when in ("after", "before")],
        history.alias(HISTORY),
    )


def measured(outcome: str, when: str) -> Column:
    """An outcome of a customer, 0 of one without orders."""
    if outcome == "revenue":
        value = F.coalesce(f"revenue_{when}", F.lit(0)).cast("decimal(18,2)")
    else:
        count = F.coalesce(f"orders_{when}", F.lit(0))
        value = count if outcome == "orders" else F.when(count > 0, 1).otherwise(0).cast("bigint")
    return value.alias(f"{outcome}_{when}")


def sums_by_arm(customers: DataFrame, profile: DataFrame, params: UpliftParams, as_of: date) -> DataFrame:
    """One row per GROUP: how its customers came to be in it, and `n` and SUMS of each outcome of those observed."""
    splits = [name for name in params.dimensions if name != HISTORY]
    known = profile.select("customer_id", *splits, F.lit(True).alias("_is_known"))
    parts = [F.struct(F.lit(ALL).alias("dimension"), F.lit(ALL).alias("member"))]
    parts += [F.struct(F.lit(name).alias("dimension"), value_of(name).alias("member")) for name in params.dimensions]
    is_over = F.datediff(F.lit(as_of), "assigned_on") >= params.horizon_days
    is_in_arm = F.col("other_arm").isNull()
    each = customers.join(known, on="customer_id", how="left").select(
        *customers.columns,
        F.col("_is_known").isNull().alias("is_unknown"),
        is_in_arm.alias("is_in_arm"),
        (is_over & is_in_arm).alias("is_observed"),
        F.inline(F.array(*parts)).alias("dimension", "member"),
    )
    return each.groupBy(*GROUP).agg(*counts(), *[one for name in OUTCOMES for one in sums(name)])


def value_of(dimension: str) -> Column:
    return F.coalesce(F.col(dimension).cast("string"), F.lit(UNKNOWN))


def counts() -> list[Column]:
    """What is counted of all customers of a group."""
    is_in_arm = F.col("is_in_arm")
    flags = {"reached": "is_reached", "reassigned": "is_reassigned", "switched": "is_switched", "unknown": "is_unknown"}
    return [
        F.count_if(is_in_arm).alias("customers"),
        F.count_if("is_observed").alias("n"),
        *[F.count_if(is_in_arm & F.col(flag)).alias(name) for name, flag in flags.items()],
        F.count_if(~is_in_arm).alias("conflicting"),
        F.count(F.when(is_in_arm, F.col("planned_share"))).alias("shared"),
        F.sum(F.when(is_in_arm, ratio(F.lit(1.0), F.col("planned_share")).cast("decimal(28,9)"))).alias(
            "inverse_shares"
        ),
        F.min(F.when(is_in_arm, F.col("assigned_on"))).alias("first_on"),
        F.max(F.when(is_in_arm, F.col("assigned_on"))).alias("last_on"),
    ]


def sums(outcome: str) -> list[Column]:
    """SUMS of one outcome (y) and the same before the assignment (x), exactly."""
    y, x = F.col(f"{outcome}_after"), F.col(f"{outcome}_before")
    parts = dict(zip(SUMS, (y, y * y, x, x * x, x * y), strict=True))
    return [
        F.coalesce(F.sum(F.when(F.col("is_observed"), value)), F.lit(0)).alias(f"{outcome}_{name}")
        for name, value in parts.items()
    ]
