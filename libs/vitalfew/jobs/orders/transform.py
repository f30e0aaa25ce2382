"""The facts: orders, and who the customers are: all of them, or only what has changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.dataframes.vanished_rows import vanished
from vitalfew.job import Changed
from vitalfew.jobs.orders import customer_profile, order_days
from vitalfew.jobs.orders.assembly import build, gathered
from vitalfew.jobs.orders.cancellations import mark
from vitalfew.jobs.orders.line_kinds import understood
from vitalfew.jobs.orders.params import OrderParams
from vitalfew.tables import Change, Everything, Slices, Upsert
from vitalfew.tables.facts import CUSTOMER_PROFILE, ORDER_DAYS, ORDERS

__all__ = ["OrderParams", "orders"]

RULES = 3  # how lines become facts: another number builds all of them anew
Changes = tuple[Change, Change, Change]


@dataclass(frozen=True)
class Lines:
    """Understood lines, and how many there are of each day."""

    frame: DataFrame
    counts: Mapping[date, int]


def orders(
    order_lines: DataFrame,
    products: DataFrame,
    customers: DataFrame,
    old_orders: DataFrame,
    old_days: DataFrame,
    old_profile: DataFrame,
    *,
    params: OrderParams,
    stage: Stage = UNSTAGED,
    as_of: date | None = None,
    changed: Changed | None = None,
) -> Changes:
    """ORDERS, ORDER_DAYS and CUSTOMER_PROFILE, as changes to the old ones.

    A day whose lines are as they were is not computed again, nor a customer none of whose orders or attributes changed.
    Where it is known which lines `changed` since the old facts were made, only these are looked at to find the days.
    """
    del as_of
    lines = understood(order_lines, products)
    old, salt = order_days.known(old_days), f"{RULES} cancel {params.cancel_within_minutes}"
    if changed is None:
        days = stage(order_days.days(lines, salt))
        now = order_days.known(days)
        order_days.one_currency(now, order_lines)
    else:
        came, gone = (
            order_days.known(order_days.days(understood(some, products), salt)) for some in (changed.came, changed.gone)
        )
        order_days.refuse_other_currency(came, order_lines)
        now = order_days.moved(old, came, gone)
        days = local_table(ORDER_DAYS, now.values(), beside=order_lines)
    other = order_days.changed(now, old)
    days = days.select(*ORDER_DAYS.columns)
    known = Lines(lines, {day: row["lines"] for day, row in now.items()})
    if not old or len(other) > params.rebuild_share * len(now):
        return rebuilt(known, days, customers, params, stage)
    return updated(known, days, customers, (old_orders, old_profile), other, params=params, stage=stage)


def rebuilt(lines: Lines, days: DataFrame, customers: DataFrame, params: OrderParams, stage: Stage) -> Changes:
    """Everything from all lines."""
    rows = sum(lines.counts.values())
    made = mark(build(lines.frame, rows, stage), params.cancel_within_minutes, stage)
    return (
        Everything(made),
        Everything(days),
        Everything(customer_profile.customer_profile(made, customers)),
    )


def updated(
    lines: Lines,
    days: DataFrame,
    customers: DataFrame,
    old: tuple[DataFrame, DataFrame],
    changed: set[date],
    *,
    params: OrderParams,
    stage: Stage,
) -> Changes:
    """Only the days that `changed` can have touched, and the customers with orders on them."""
    old_orders, old_profile = old
    days_touched = touched(lines.frame, old_orders, changed, params, stage) if changed else []
    new = stage(orders_of(lines, old_orders, days_touched, params, stage))
    gone = old_orders.where(F.col("ordered_on").isin(days_touched))
    buyers = new.select("customer_id").unionByName(gone.select("customer_id")).where("customer_id is not null")
    current = old_orders.where(~F.col("ordered_on").isin(days_touched)).unionByName(new)
    others = customer_profile.changed_attributes(customers, old_profile)
    people = stage(buyers.unionByName(others).distinct())
    orders_of_people = current.join(people, on="customer_id", how="left_semi").select(*ORDERS.columns)
    registered = customers.join(people, on="customer_id", how="left_semi").select(*customers.columns)
    known = stage(customer_profile.customer_profile(orders_of_people, registered))
    return (
        Slices(new, "ordered_on", days_touched),
        Slices(days.where(F.col("ordered_on").isin(sorted(changed))), "ordered_on", sorted(changed)),
        Upsert(known, vanished(old_profile, people, known, CUSTOMER_PROFILE.key)),
    )


def reach(params: OrderParams) -> int:
    """Days over which one order can decide whether another counts as cancelled."""
    return -(-params.cancel_within_minutes // (24 * 60))


def touched(
    lines: DataFrame, old_orders: DataFrame, changed: set[date], params: OrderParams, stage: Stage
) -> list[date]:
    """Days on which an order can differ: where orders with a line on a changed day begin or began, and days near these.

    An order may leave a day that did not change, when it gains an earlier line or loses its first: what it was and what
    it is both count. An old order of several days does not say on which of them it had lines: all that it spans count.
    """
    first, last = min(changed), max(changed)
    ended_on = F.to_date("ended_at")
    spans = (F.col("ordered_on") <= F.lit(last)) & (ended_on >= F.lit(first)) & (ended_on > F.col("ordered_on"))
    had = old_orders.where(F.col("ordered_on").isin(sorted(changed)) | spans).select("order_id")
    have = order_days.lines_on(lines, sorted(changed)).select("order_id")
    ids = stage(had.unionByName(have).distinct())
    known = old_orders.join(ids, on="order_id", how="left_semi")
    began = {row["ordered_on"]: row["last"] for row in collect_rows(spanned(known), "days on which orders began")}
    # a line of theirs on a day that did not change was there before, within what the old order spans
    reached = [*changed, *began, *began.values()]
    first_lines = (
        order_days.lines_between(lines, min(reached), max(reached))
        .join(ids, on="order_id", how="left_semi")
        .groupBy("order_id")
        .agg(F.min("ordered_at").alias("at"))
    )
    begin = collect_rows(first_lines.select(F.to_date("at").alias("ordered_on")).distinct(), "days touched")
    return order_days.around({row["ordered_on"] for row in begin} | began.keys() | changed, reach(params))


def spanned(orders: DataFrame) -> DataFrame:
    """The days on which `orders` began, each with the last day of those that began on it."""
    return orders.groupBy("ordered_on").agg(F.max(F.to_date("ended_at")).alias("last"))


def orders_of(lines: Lines, old_orders: DataFrame, days: list[date], params: OrderParams, stage: Stage) -> DataFrame:
    """ORDERS of `days`, marked with a view to the days around them; `days` hold all days that changed."""
    looked_at = order_days.around(set(days), reach(params))
    if not looked_at:
        return old_orders.limit(0)
    have = stage(order_days.lines_on(lines.frame, looked_at).select("order_id").distinct())
    spans = spanned(old_orders.join(have, on="order_id", how="left_semi"))
    began = {row["ordered_on"]: row["last"] for row in collect_rows(spans, "days of the orders around")}
    reached = [*looked_at, *began, *began.values()]  # all their lines: on days that changed, or in what was
    theirs = order_days.lines_between(lines.frame, min(reached), max(reached))
    rows = sum(lines.counts.get(day, 0) for day in looked_at)
    made = gathered(theirs.join(have, on="order_id", how="left_semi"), rows, stage)
    return mark(made, params.cancel_within_minutes, stage).where(F.col("ordered_on").isin(days))
