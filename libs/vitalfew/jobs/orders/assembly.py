"""Lines as orders: one row each, with what was in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.arrays import Bools, Ints
from vitalfew.dataframes.arrow_columns import Ranked, coded, lists, ranked, whole
from vitalfew.dataframes.arrow_sums import any_of, known, starts, sums, unscaled
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.staging import Stage
from vitalfew.tables.facts import ORDERS

NEEDED = ("order_id", "customer_id", "product_id", "ordered_at", "amount", "cost", "channel", "pieces")
SALE, RETURN, CHARGE = range(3)
KINDS = ("sale", "return", "charge")
MONEY, PIECES, TIME = pa.decimal128(28, 2), pa.decimal128(28, 3), pa.timestamp("us", tz="UTC")
PRODUCT_MONEY, PRODUCT_PIECES = pa.decimal128(18, 2), pa.decimal128(18, 3)  # 18 digits: several times faster on Spark
DAY = 86_400_000_000  # microseconds
TOO_LONG = (
    "the lines of one product in one order sum to more than 18 digits: correct their quantities and amounts, or leave "
    "them out (`where` under sources.order_lines in the target's file)"
)
LOOKED_AT = 20_000
LINES_OF_ORDER = 1.5
"""Lines lie together where the first LOOKED_AT have so many to an order, at least."""
MOST_TORN = 0.2
"""Of the lines: where those of torn orders are more, making these again is no gain."""


def build(lines: DataFrame, rows: int, stage: Stage) -> DataFrame:
    """ORDERS from all understood `lines`, about so many `rows`; no cancellation marked.

    Where lines of one order lie together, orders are made of them as they come, and only those again whose lines fell
    into several tables: moving all lines to where those of their order are costs more than the rest.
    """
    if rows <= stage.rows_in_turn or not lie_together(lines):
        return gathered(lines, rows, stage)
    wanted = with_number_of_kind(lines)
    made = stage.as_they_come(wanted, orders_of, ORDERS.types).withColumn("hash", F.xxhash64("order_id"))
    by_hash = made.groupBy("hash").agg(F.count(F.lit(1)).alias("rows"), F.sum("lines").alias("lines"))
    torn = stage(by_hash.where("rows > 1").select("hash", "lines"))
    torn_lines = collect_rows(torn.agg(F.sum("lines").alias("n")), "lines of torn orders")[0]["n"] or 0
    if torn_lines > MOST_TORN * rows:
        return gathered(lines, rows, stage)
    theirs = wanted.withColumn("hash", F.xxhash64("order_id")).join(torn, on="hash", how="left_semi").drop("hash")
    again = stage.by_key(theirs, "order_id", torn_lines, orders_of, ORDERS.types)
    others = made.join(torn, on="hash", how="left_anti").drop("hash")
    return stage.keep(others.unionByName(again))


def gathered(lines: DataFrame, rows: int, stage: Stage) -> DataFrame:
    """ORDERS from all understood `lines` of these orders, about so many `rows`, wherever they lie."""
    return stage.by_key(with_number_of_kind(lines), "order_id", rows, orders_of, ORDERS.types)


def with_number_of_kind(lines: DataFrame) -> DataFrame:
    """The columns NEEDED, and the kind of each line as its place in KINDS."""
    kind = F.lit(CHARGE)
    for number in (RETURN, SALE):
        kind = F.when(F.col("line_kind") == KINDS[number], number).otherwise(kind)
    return lines.select(*NEEDED, kind.cast("int").alias("kind"))


def lie_together(lines: DataFrame) -> bool:
    """Whether there seem to be several lines to an order among lines in a row, by those that come first."""
    first = collect_rows(lines.select("order_id").limit(LOOKED_AT), "order lines to look at")
    return len(first) >= LINES_OF_ORDER * len({row["order_id"] for row in first})


@dataclass(frozen=True)
class Lines:
    """Lines sorted by order and product; the order `number` (from 0) of each, and where each order `begins`."""

    begins: Ints
    number: Ints
    kinds: Ints
    products: Ranked
    pieces: Ints
    amounts: Ints
    costs: Ints
    has_cost: Bools
    has_sale: Bools
    has_return: Bools


def orders_of(rows: pa.Table) -> pa.Table:
    """ORDERS of the NEEDED columns and the number of the kind, of all lines of each order."""
    orders = coded(whole(rows["order_id"]))
    products = ranked(whole(rows["product_id"]))
    costs = whole(rows["cost"])
    place = np.argsort(orders.ranks * max(1, len(products.texts)) + products.ranks, kind="stable")
    order, kinds = orders.ranks[place], whole(rows["kind"]).to_numpy()[place]
    begins = starts(order)
    lines = Lines(
        begins,
        np.repeat(np.arange(begins.size), lengths(begins, order.size)),
        kinds,
        Ranked(products.ranks[place], products.texts),
        unscaled(whole(rows["pieces"]))[place],
        unscaled(whole(rows["amount"]))[place],
        unscaled(costs)[place],
        known(costs)[place],
        any_of(kinds == SALE, begins),
        any_of(kinds == RETURN, begins),
    )
    made = {"order_id": orders.texts.take(pa.array(order[begins])), **heads(rows, lines, place), **contents(lines)}
    return pa.table({name: made[name] for name in ORDERS.columns})


def heads(rows: pa.Table, lines: Lines, place: Ints) -> dict[str, pa.Array]:
    """The columns of ORDERS that are not lists; of several customers or channels, the least."""
    begins = lines.begins
    times = whole(rows["ordered_at"]).cast(TIME).view(pa.int64()).to_numpy()[place]
    first, last = least(times, begins), greatest(times, begins)
    customers, channels = coded(whole(rows["customer_id"])), ranked(whole(rows["channel"]))
    customer = least(customers.null_last()[place], begins)
    is_disputed = greatest(customers.ranks[place], begins) > customer
    if is_disputed.any():  # else there is none to choose
        customers = customers.in_order()
        customer = least(customers.null_last()[place], begins)
    kind = np.where(lines.has_sale, SALE, np.where(lines.has_return, RETURN, CHARGE))
    return {
        "customer_id": customers.text(customer),
        "is_disputed": pa.array(is_disputed),
        "ordered_at": pa.array(first).view(TIME),
        "ended_at": pa.array(last).view(TIME),
        "ordered_on": pa.array((first // DAY).astype(np.int32)).view(pa.date32()),
        "kind": pa.array(KINDS).take(pa.array(kind)),
        "net_amount": sums(lines.amounts, begins, MONEY),
        "cost": sums(lines.costs, begins, MONEY, is_null=any_of(~lines.has_cost, begins)),
        "pieces": sums(lines.pieces, begins, PIECES),
        "lines": pa.array(lengths(begins, place.size)),
        "channel": channels.text(least(channels.null_last()[place], begins)),
    }


def contents(lines: Lines) -> dict[str, pa.Array]:
    """The lists of products: those sold (in a return, returned), and in a sale those that only came back.

    A product that was sold and came back in one order is a product sold, for the rest.
    """
    goods = lines.kinds != CHARGE
    number, product = lines.number[goods], lines.products.ranks[goods]
    begins = starts(number * max(1, len(lines.products.texts)) + product)
    is_main = any_of((lines.kinds[goods] == SALE) | ~lines.has_sale[number], begins)
    has_no_cost = any_of(~lines.has_cost[goods], begins)
    found = {
        "ids": lines.products.text(product[begins]),
        "pieces": sums(lines.pieces[goods], begins, PRODUCT_PIECES, refusal=TOO_LONG),
        "amounts": sums(lines.amounts[goods], begins, PRODUCT_MONEY, refusal=TOO_LONG),
        "costs": sums(lines.costs[goods], begins, PRODUCT_MONEY, has_no_cost, TOO_LONG),
    }
    made: dict[str, pa.Array] = {}
    for name, chosen in (("product", is_main), ("returned", ~is_main)):
        sizes = np.bincount(number[begins][chosen], minlength=lines.begins.size)
        is_null = sizes == 0 if name == "returned" else None
        at = pa.array(np.flatnonzero(chosen))
        made |= {f"{name}_{field}": lists(values.take(at), sizes, is_null) for field, values in found.items()}
    return made


def lengths(begins: Ints, end: int) -> Ints:
    return np.diff(begins, append=end)


def least(values: Ints, begins: Ints) -> Ints:
    """The least of each run."""
    return np.minimum.reduceat(values, begins) if begins.size else values


def greatest(values: Ints, begins: Ints) -> Ints:
    """The greatest of each run."""
    return np.maximum.reduceat(values, begins) if begins.size else values
