"""What each customer has bought, product by product."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.columns import codes, ranked, whole
from vitalfew.algorithms.exact_sums import Bools, Ints, starts, sums, unscaled
from vitalfew.algorithms.staging import Stage
from vitalfew.analyses.windows import is_sale
from vitalfew.tables.facts import CUSTOMER_PRODUCTS

FIELDS = ("ids", "pieces", "amounts")
NEVER = np.iinfo(np.int32).max  # the day on which what only came back was sold
MONEY, PIECES = pa.decimal128(28, 2), pa.decimal128(28, 3)


def customer_products(orders: DataFrame, rows: int, stage: Stage) -> DataFrame:
    """CUSTOMER_PRODUCTS of the customers in `orders`, of about so many lines: products sold, returns taken off.

    A return counts against its product wherever it stands: alone, beside a sale of the product, or of others.
    """
    wanted = orders.where("customer_id is not null").select(
        "customer_id",
        F.when(is_sale(), F.datediff("ordered_on", F.lit("1970-01-01").cast("date"))).alias("day"),
        *[f"{name}_{field}" for name in ("product", "returned") for field in FIELDS],
    )
    return stage.by_key(wanted, "customer_id", rows, products_of, CUSTOMER_PRODUCTS.types)


def products_of(orders: pa.Table) -> pa.Table:
    """CUSTOMER_PRODUCTS of all orders of each customer."""
    customers, customer_ids = codes(whole(orders["customer_id"]))
    days = whole(orders["day"]).fill_null(NEVER).to_numpy().astype(np.int64)
    (main, *sold), (other, *back) = (entries(orders, name) for name in ("product", "returned"))
    ids, pieces, amounts = (pa.concat_arrays(pair) for pair in zip(sold, back, strict=True))
    customer = customers[np.concatenate([main, other])]
    day = np.concatenate([days[main], np.full(other.size, NEVER)])
    products = ranked(ids)
    pair = customer * max(1, len(products.texts)) + products.ranks
    place = np.lexsort((day, pair))  # days of no sale last
    day, begins = day[place], starts(pair[place])
    is_sold, is_other_day = day != NEVER, np.diff(day, prepend=-1) != 0
    is_other_day[begins] = True
    made = {
        "customer_id": customer_ids.take(pa.array(customer[place][begins])),
        "product_id": products.text(products.ranks[place][begins]),
        "orders": count(is_sold, begins),
        "days": count(is_sold & is_other_day, begins),
        "first_on": dates(day[begins]),
        "last_on": dates(np.maximum.reduceat(np.where(is_sold, day, 0), begins) if begins.size else begins),
        "pieces": sums(unscaled(pieces)[place], begins, PIECES),
        "net_amount": sums(unscaled(amounts)[place], begins, MONEY),
    }
    return pa.table({name: made[name] for name in CUSTOMER_PRODUCTS.columns}).filter(pa.array(is_sold[begins]))


def entries(orders: pa.Table, name: str) -> tuple[Ints, pa.Array, pa.Array, pa.Array]:
    """The order (its row) of each entry of three aligned lists, and the entries; a list that is NULL has none."""
    columns = [whole(orders[f"{name}_{field}"]) for field in FIELDS]
    sizes = pc.list_value_length(columns[0]).fill_null(0).to_numpy()
    ids, pieces, amounts = (column.flatten() for column in columns)
    return np.repeat(np.arange(orders.num_rows), sizes), ids, pieces, amounts


def count(flags: Bools, begins: Ints) -> pa.Array:
    """How many flags of each run are true."""
    return pa.array(np.add.reduceat(flags.astype(np.int64), begins) if begins.size else begins)


def dates(days: Ints) -> pa.Array:
    return pa.array(days.astype(np.int32)).view(pa.date32())
