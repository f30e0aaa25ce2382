"""What each customer has bought: of all customers, or only of those whose orders have changed."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.hash_sums import hash_sum
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.dataframes.vanished_rows import vanished
from vitalfew.domain.customer_history import histories, most_bought
from vitalfew.domain.order_windows import is_sale
from vitalfew.job import Changed
from vitalfew.jobs.customer_products.params import CustomerProductParams
from vitalfew.jobs.customer_products.tables import CUSTOMER_HISTORY, CUSTOMER_ORDERS, CUSTOMER_PRODUCTS
from vitalfew.tables import Change, Everything, Upsert

__all__ = ["CustomerProductParams", "customer_products"]

RULES = 1  # how orders become what was bought: another number computes all of it again
HASHED = ("order_id", "kind", "ordered_on", "product_ids", "product_pieces", "product_amounts")
HASHED_RETURNS = ("returned_ids", "returned_pieces", "returned_amounts")


def customer_products(
    orders: DataFrame,
    old_products: DataFrame,
    old_known: DataFrame,
    old_history: DataFrame,
    *,
    params: CustomerProductParams,
    stage: Stage = UNSTAGED,
    as_of: date | None = None,
    changed: Changed | None = None,
) -> tuple[Change, Change, Change]:
    """CUSTOMER_PRODUCTS, CUSTOMER_ORDERS and CUSTOMER_HISTORY, as changes to the old ones.

    A customer none of whose orders changed is not computed again. Where it is known which orders `changed` since the
    old facts were made, only these are looked at to find the customers.
    """
    del as_of
    theirs = orders.where("customer_id is not null")
    known = stage(customer_orders(theirs) if changed is None else moved(old_known, changed))
    others = stage(with_other_orders(known, old_known))
    counted = known.join(others.withColumn("is_changed", F.lit(True)), on="customer_id", how="full").agg(
        F.count("orders").alias("customers"),
        F.count("is_changed").alias("changed"),
        F.sum("orders").alias("orders"),
        F.sum(F.when(F.col("is_changed"), F.col("orders"))).alias("changed_orders"),
        F.sum("lines").alias("lines"),
        F.sum(F.when(F.col("is_changed"), F.col("lines"))).alias("changed_lines"),
    )
    found = collect_rows(counted, "customers whose orders changed")[0]
    is_first = not collect_rows(old_known.limit(1), "a customer known before")
    if is_first or found["changed"] > params.rebuild_share * found["customers"]:
        products = in_parts(theirs, found["lines"] or 0, stage)
        return Everything(products), Everything(known), Everything(history(theirs, found["orders"] or 0))
    again = theirs.join(others, on="customer_id", how="left_semi").select(*theirs.columns)
    products = in_parts(again, found["changed_lines"] or 0, stage)
    now = known.join(others, on="customer_id", how="left_semi").select(*CUSTOMER_ORDERS.columns)
    past = stage(history(again, found["changed_orders"] or 0))
    return (
        Upsert(products, vanished(old_products, others, products, CUSTOMER_PRODUCTS.key)),
        Upsert(now, vanished(old_known, others, now, CUSTOMER_ORDERS.key)),
        Upsert(past, vanished(old_history, others, past, CUSTOMER_HISTORY.key)),
    )


def history(orders: DataFrame, sales: int) -> DataFrame:
    """CUSTOMER_HISTORY of these orders of known customers; `sales`: about how many of them are sales."""
    known = histories(orders).join(most_bought(orders, sales), on="customer_id", how="left")
    return known.select(*CUSTOMER_HISTORY.columns)


def customer_orders(orders: DataFrame) -> DataFrame:
    """CUSTOMER_ORDERS of the orders of known customers.

    A NULL leaves the hash as it is, and so does where a list ends: the lengths of the lists are hashed too.
    """
    sizes = [F.size("product_ids"), F.coalesce(F.size("returned_ids"), F.lit(0))]
    hashed = orders.select(
        "customer_id", "lines", F.xxhash64(F.lit(RULES), *HASHED, *sizes, *HASHED_RETURNS).alias("hash")
    )
    return hashed.groupBy("customer_id").agg(
        F.count(F.lit(1)).alias("orders"), F.sum("lines").alias("lines"), hash_sum("hash").alias("fingerprint")
    )


def moved(old: DataFrame, changed: Changed) -> DataFrame:
    """CUSTOMER_ORDERS after some orders came and some are gone: all that it says of a customer adds up."""
    sums = ("orders", "lines", "fingerprint")
    came, gone = (customer_orders(some.where("customer_id is not null")) for some in (changed.came, changed.gone))
    taken = gone.select("customer_id", *[(-F.col(name)).alias(name) for name in sums])
    parts = old.select(*CUSTOMER_ORDERS.columns).unionByName(came).unionByName(taken)
    summed = parts.groupBy("customer_id").agg(*[F.sum(name).alias(name) for name in sums]).where("orders > 0")
    types = {name: CUSTOMER_ORDERS.type_of(name) for name in CUSTOMER_ORDERS.columns}
    return summed.select(*[F.col(name).cast(type_).alias(name) for name, type_ in types.items()])


def with_other_orders(now: DataFrame, old: DataFrame) -> DataFrame:
    """customer_id of those who came or went, or whose orders are not what they were."""
    was = old.select("customer_id", F.col("orders").alias("was"), F.col("fingerprint").alias("old"))
    joined = now.join(was, on="customer_id", how="full")
    same = F.col("orders").eqNullSafe(F.col("was")) & F.col("fingerprint").eqNullSafe(F.col("old"))
    return joined.where(~same).select("customer_id")


def in_parts(orders: DataFrame, lines: int, stage: Stage) -> DataFrame:
    """CUSTOMER_PRODUCTS of these orders of known customers, which have `lines` lines."""
    busy = stage(busy_days(orders))
    return stage.in_parts(orders, "customer_id", lines, lambda part: bought(part, busy))


def busy_days(orders: DataFrame) -> DataFrame:
    """customer_id and sold_on of the days on which a customer bought more than once."""
    counted = (
        orders.where(is_sale())
        .groupBy("customer_id", F.col("ordered_on").alias("sold_on"))
        .agg(F.count(F.lit(1)).alias("sales"))
    )
    return counted.where("sales > 1").select("customer_id", "sold_on", F.lit(True).alias("is_busy"))


def bought(orders: DataFrame, busy: DataFrame) -> DataFrame:
    """CUSTOMER_PRODUCTS of `orders` of known customers: products with at least one sale, returns taken off.

    A return counts against its product wherever it stands: alone, beside a sale of the product, or of others. Only on
    the `busy` days can one day count for several orders, and be grouped first.
    """
    sold_on = F.when(is_sale(), F.col("ordered_on")).alias("sold_on")
    known = orders.select("*", sold_on)
    sold = known.join(busy, on=["customer_id", "sold_on"], how="left")
    parts = sold.select("customer_id", "sold_on", "is_busy", *once(F.col("sold_on")), each("product"))
    by_day = (
        parts.where("is_busy")
        .groupBy("customer_id", "product_id", "sold_on")
        .agg(F.sum("orders").alias("orders"), F.max("days").alias("days"), *sums("pieces", "amount"))
    )
    never = F.lit(None).cast("date")
    returned = known.select("customer_id", never.alias("sold_on"), *once(never), each("returned"))
    return (
        parts.where("is_busy is null")
        .drop("is_busy")
        .unionByName(by_day)
        .unionByName(returned)
        .groupBy("customer_id", "product_id")
        .agg(
            *sums("orders", "days"),
            F.min("sold_on").alias("first_on"),
            F.max("sold_on").alias("last_on"),
            F.sum("pieces").cast("decimal(28,3)").alias("pieces"),
            F.sum("amount").cast("decimal(28,2)").alias("net_amount"),
        )
        .where("orders > 0")
        .select(*CUSTOMER_PRODUCTS.columns)
    )


def once(day: Column) -> list[Column]:
    """As `orders` and as `days`: one where there is a `day`, else none."""
    one = F.when(day.isNotNull(), 1).otherwise(0).cast("bigint")
    return [one.alias("orders"), one.alias("days")]


def sums(*names: str) -> list[Column]:
    return [F.sum(name).alias(name) for name in names]


def each(name: str) -> Column:
    """A row for each entry of three aligned lists of ORDERS."""
    lists = [f"{name}_{field}" for field in ("ids", "pieces", "amounts")]
    return F.inline(F.arrays_zip(*lists)).alias("product_id", "pieces", "amount")
