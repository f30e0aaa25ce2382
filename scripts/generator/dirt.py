"""What real data have wrong: broken lines, each kind in a known number, and giant orders cancelled minutes later."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from generator.dice import lookup
from generator.lines import as_order_lines, itemised
from generator.ordering import HOUR, orders
from generator.people import people
from generator.shop import Shop

KINDS = (
    "no order",
    "no product",
    "no time",
    "no price",
    "negative price",
    "impossible time",
    "exact copy",
    "giant order, cancelled",
)
NO_ORDER, NO_PRODUCT, NO_TIME, NO_PRICE, NEGATIVE_PRICE, IMPOSSIBLE_TIME, COPY, GIANT = KINDS

LONG_AGO, FAR_AHEAD = -2_208_988_800, 4_102_358_400
"""1900-01-01 and 2099-12-31, in seconds."""

HOURS_BEFORE, MINUTES = 2, (2, 20)
"""A giant order is placed so long before the customer's first, and cancelled so many minutes later."""

FEWEST_PIECES = 10_000
BROKEN_NO = 9_000
"""Broken lines are orders of their own, but for copies; they are numbered from here."""


def count(shop: Shop) -> int:
    """How many of each kind; a giant order and its cancellation are one."""
    return max(1, round(shop.world.lines * shop.world.dirty / len(KINDS))) if shop.world.dirty else 0


def dirt(shop: Shop) -> DataFrame:
    """All broken lines, in the columns of order_lines and `dirt`, the kind."""
    lines = as_order_lines(shop, made_giant(shop, first_items(shop)), "dirt")
    wrong = broken()
    return lines.select(*[wrong.get(name, F.col(name)).alias(name) for name in lines.columns])


def first_items(shop: Shop) -> DataFrame:
    """The first item of the first order of as many customers as are wanted, all different, with `dirt`."""
    wanted = count(shop) * len(KINDS)
    apart = shop.world.customers // max(1, wanted)
    number, kind = F.col("id") * apart, F.pmod("id", F.lit(len(KINDS)).cast("bigint"))
    numbers = shop.spark.range(wanted).select(number.alias("customer_no"), lookup(kind, KINDS).alias("dirt"))
    first = orders(shop, people(shop, numbers)).where("order_no = 0")
    own_no = F.when(F.col("dirt") == COPY, F.col("order_no")).otherwise(F.lit(BROKEN_NO).cast("bigint"))
    return itemised(first).where("position = 0").withColumn("order_no", own_no)


def made_giant(shop: Shop, items: DataFrame) -> DataFrame:
    """`items` with `sign`: giant orders are larger, earlier, and there twice, as they are undone."""
    low, high = MINUTES
    is_giant, is_undone = F.col("dirt") == GIANT, F.col("sign") < 0
    undone_after = (shop.dice.below(high - low + 1, "cancelled after", "order_key") + low) * 60
    at = F.col("at") - HOURS_BEFORE * HOUR + F.when(is_undone, undone_after).otherwise(0)
    pieces = shop.dice.below(4 * FEWEST_PIECES, "giant", "order_key") + FEWEST_PIECES
    signs = F.when(is_giant, F.array(F.lit(1), F.lit(-1))).otherwise(F.array(F.lit(1)))
    return items.withColumn("sign", F.explode(signs)).withColumns(
        {
            "at": F.when(is_giant, at).otherwise(F.col("at")),
            "pieces_factor": F.when(is_giant, pieces.cast("double")).otherwise(F.col("pieces_factor")),
            "is_poor": F.col("is_poor") & ~is_giant,
        }
    )


def broken() -> dict[str, Column]:
    """The columns of order_lines as they are where they are wrong, by `dirt`."""
    kind, cents = F.col("dirt"), "decimal(18,2)"
    when = F.when(F.right("customer_id", F.lit(1)) < "5", F.lit(LONG_AGO)).otherwise(F.lit(FAR_AHEAD))
    impossible = F.when(kind == IMPOSSIBLE_TIME, F.timestamp_seconds(when)).otherwise(F.col("ordered_at"))
    amount = F.when(kind == NO_PRICE, F.lit(0).cast(cents)).when(kind == NEGATIVE_PRICE, (-F.col("amount")).cast(cents))
    return {
        "order_id": F.when(kind != NO_ORDER, F.col("order_id")),
        "product_id": F.when(kind != NO_PRODUCT, F.col("product_id")),
        "ordered_at": F.when(kind != NO_TIME, impossible),
        "amount": amount.otherwise(F.col("amount")),
    }
