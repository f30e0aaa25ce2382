"""Nothing is lost on the way: what every job must account for, whatever the shop looks like."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from hostile import Hostile

JOBS = (
    "rfm", "contribution", "baskets", "clusters", "recommendations", "cohorts", "customer360", "timing", "segment_moves",
    "next_purchase", "alerts", "affinity", "summary",
)  # fmt: skip


def every_job_answers(shop: Hostile, *settings: str) -> str:
    """What a run of all jobs says, each of which has published what accounts for everything."""
    told = shop.answers(*settings)
    assert [job for job in JOBS if f"{job}: published" not in told] == [], told
    nobody_is_lost(shop)
    return told


def nobody_is_lost(shop: Hostile) -> None:
    """All customers, orders and money of the facts are in the results of the latest day, job by job."""
    day = last_day(shop)
    found = shop.rows("orders", "ordered_on", "customer_id", "kind", "net_amount", "product_ids")
    orders = [row for row in found if row[0] < day]
    known = {row[1] for row in orders if row[1] is not None}
    sales = [row for row in orders if row[2] == "sale"]
    buyers = {row[1] for row in sales} - {None}
    bought = {(row[1], product) for row in found if row[1] and row[2] == "sale" for product in row[4]}
    assert set(shop.rows("customer_products", "customer_id", "product_id")) == bought
    for table in ("rfm", "clusters", "next_purchase", "customer_timing"):
        assert set(column(shop, table, "customer_id")) == buyers, table
    of_customers = [
        row for row in latest(shop, "contribution", "subject", "subject_id", "value") if row[0] == "customer"
    ]
    assert {row[1] for row in of_customers} == known
    assert sum((row[2] for row in of_customers), Decimal(0)) == sum((row[3] for row in orders if row[1]), Decimal(0))
    everyone = {row[1] for row in latest(shop, "cohorts", "dimension", "customers") if row[0] == "all"}
    assert everyone == ({len(buyers)} if buyers else set())
    assert known <= set(column(shop, "identities", "customer_id"))
    assert sum(column(shop, "customer360", "orders")) == len([row for row in sales if row[1]])
    assert sum(column(shop, "customer_coverage", "orders")) == len(orders)
    hours = [row[1] for row in latest(shop, "timing_grid", "dimension", "orders") if row[0] == "all"]
    assert sum(hours) == len(sales)
    for level, baskets, oversized in latest(shop, "basket_limits", "level", "baskets", "oversized_baskets"):
        assert level != "product" or baskets + oversized == len([row for row in sales if row[4]])
    assert set(column(shop, "recommendations", "customer_id")) <= buyers
    for scheme, now in latest(shop, "segment_move_totals", "scheme", "customers_now"):
        assert now == (len(known) if scheme == "contribution" else len(buyers)), scheme
    assert {row[1] for row in latest(shop, "alerts", "subject", "subject_id") if row[0] == "customer"} <= buyers
    assert all(0 <= n <= n_item for n, n_item in latest(shop, "affinity", "n", "n_item"))
    assert all(value >= 0 for value in column(shop, "next_purchase", "value_at_stake"))


def last_day(shop: Hostile) -> date:
    """The last day of observation; there is no day without a summary."""
    days: list[date] = [row[0] for row in shop.rows("summary", "as_of")]
    return max(days)


def latest(shop: Hostile, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """The rows of the last day of observation."""
    day = last_day(shop)
    return [row[1:] for row in shop.rows(table, "as_of", *columns) if row[0] == day]


def column(shop: Hostile, table: str, name: str) -> list[Any]:
    return [row[0] for row in latest(shop, table, name)]
