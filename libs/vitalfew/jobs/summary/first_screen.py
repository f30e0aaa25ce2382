"""The figures on top of the page: period, customers, orders, revenue, and what came since the snapshot before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.order_windows import in_window, is_sale
from vitalfew.jobs.segment_moves.tables import SEGMENT_MOVE_TOTALS
from vitalfew.messages.message import Message, message
from vitalfew.report.page import Figure
from vitalfew.report.sections import Asked
from vitalfew.tables import Table
from vitalfew.tables.facts import ORDERS

FIRST_SCREEN: tuple[Table, ...] = (ORDERS, SEGMENT_MOVE_TOTALS)
"""What it is made of."""


def figures(known: Mapping[str, DataFrame], asked: Asked) -> list[Figure]:
    """All orders before the day of observation; a return is no order, and its money is taken off."""
    since = previous(known["segment_move_totals"])
    orders = in_window(known["orders"], asked.as_of, None)
    row = collect_rows(counted(orders, since), "orders")[0]
    period = message("page.first_screen.no_days")
    if row["first"] is not None:
        period = message("page.first_screen.days", from_day=row["first"], to_day=row["last"])
    with_orders = message("page.first_screen.days_with_orders", days=row["days"])
    found = [Figure(message("page.first_screen.period"), period, with_orders)]
    for name in ("customers", "orders"):
        change = (
            None if since is None else message("page.first_screen.new_number", number=row[f"new_{name}"], since=since)
        )
        found.append(Figure(message(f"page.first_screen.{name}"), amount_of(row[name]), change))
    revenue = message("page.first_screen.amount", amount=row["revenue"])
    more = None if since is None else message("page.first_screen.new_amount", amount=row["new_revenue"], since=since)
    return [*found, Figure(message("page.first_screen.revenue"), revenue, more)]


def amount_of(number: int) -> Message:
    return message("page.first_screen.number", number=number)


def previous(totals: DataFrame) -> date | None:
    """The latest day that a snapshot was compared with; None where there is none."""
    day: date | None = collect_rows(totals.agg(F.max("previous_on").alias("day")), "the day before")[0]["day"]
    return day


def counted(orders: DataFrame, since: date | None) -> DataFrame:
    """One row: first and last day, days, customers, orders and revenue; and those that came since."""
    is_new = F.lit(False) if since is None else F.col("ordered_on") >= F.lit(since)
    by_customer = orders.where(is_sale() & F.col("customer_id").isNotNull()).groupBy("customer_id")
    firsts = by_customer.agg(F.min("ordered_on").alias("ordered_on"))
    customers = firsts.agg(F.count(F.lit(1)).alias("customers"), F.count_if(is_new).alias("new_customers"))
    sums = orders.agg(
        F.min("ordered_on").alias("first"),
        F.max("ordered_on").alias("last"),
        F.count_distinct("ordered_on").alias("days"),
        F.count_if(is_sale()).alias("orders"),
        F.count_if(is_sale() & is_new).alias("new_orders"),
        total(F.lit(True)).alias("revenue"),
        total(is_new).alias("new_revenue"),
    )
    return sums.crossJoin(customers)


def total(condition: Column) -> Column:
    return F.coalesce(F.sum(F.when(condition, F.col("net_amount"))), F.lit(0))
