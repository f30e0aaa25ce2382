"""Values that belong to an order, and stand on one of its lines."""

from __future__ import annotations

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.config.expressions import sql_of
from vitalfew.dataframes.exact_decimals import exact, fitted, shifted
from vitalfew.dataframes.sql_text import quoted
from vitalfew.procedures.ingest import mapping
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.procedures.ingest.mapping import DISCOUNT

BEYOND = (
    "order_discount is negative; it is taken off: turn its sign",
    "order_discount is more than the sales of its order",
)
BEYOND_AMOUNT = ("order_amount is more than the sales of its order", "order_amount is negative")
CENTS = "decimal(18,0)"


def filled(known: DataFrame, intake: Intake) -> DataFrame:
    """`known`, where all lines of an order have the first value of each `order_level` column; and DISCOUNT.

    An order is what one file says of it.
    """
    source = intake.source
    if not source.order_level and not source.of_order:
        return known.withColumn(DISCOUNT, F.lit(None).cast("decimal(18,2)"))
    order = F.coalesce(mapping.our_column("order_id", intake), F.concat(F.lit("line "), F.col("__line").cast("string")))
    of_order = (
        Window.partitionBy("__file", "__order")
        .orderBy("__line", "__item")
        .rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    )
    columns = {name: F.col(quoted(name)) for name in known.columns}
    full = {name: F.coalesce(columns[name], F.first(columns[name], True).over(of_order)) for name in source.order_level}
    found = known.withColumn("__order", order).select(
        "__order", *[full.get(name, column).alias(name) for name, column in columns.items()]
    )
    if not source.of_order:
        return found.withColumn(DISCOUNT, F.lit(None).cast("decimal(18,2)")).drop("__order")
    text = shifted(F.expr(f"cast(({sql_of(source.of_order)}) as string)"))
    amount = fitted(exact("__text"), "decimal(18,2)", source.rounding or "half_up")
    stated = found.withColumn("__text", text).withColumn("__stated", amount)
    return stated.withColumn(DISCOUNT, F.first("__stated", True).over(of_order)).drop("__order", "__text", "__stated")


def spread(found: DataFrame, intake: Intake) -> DataFrame:
    """`found`, each order's DISCOUNT taken off the amounts of its sales in proportion: largest remainders first.

    Only sound lines take part. Rows of an order whose discount is negative, or more than its sales, are refused.
    """
    if not intake.source.of_order:
        return found.drop(DISCOUNT)
    of_order = Window.partitionBy("__file", "order_id")
    is_sale = F.col("__reason").isNull() & (F.col("amount") > 0) & (F.coalesce("kind", F.lit("sale")) == "sale")
    cents = F.when(is_sale, (F.col("amount") * 100).cast(CENTS)).otherwise(F.lit(0).cast(CENTS))
    stated = (F.max(DISCOUNT).over(of_order) * 100).cast(CENTS)
    known = found.select("*", cents.alias("__cents"), stated.alias("__stated")).withColumn(
        "__total", F.sum("__cents").over(of_order).cast("decimal(28,0)")
    )
    off = F.col("__stated") if intake.source.order_discount else F.col("__total") - F.col("__stated")
    known = known.withColumn("__off", F.coalesce(off.cast(CENTS), F.lit(0).cast(CENTS)))
    negative, too_much = BEYOND if intake.source.order_discount else BEYOND_AMOUNT
    is_wrong = F.when(F.col("__off") < 0, negative).when(F.col("__off") > F.col("__total"), too_much)
    known = known.withColumn("__reason", F.coalesce("__reason", is_wrong))
    product = F.col("__cents") * F.col("__off")
    can = (F.col("__off") > 0) & (F.col("__off") <= F.col("__total"))
    known = known.withColumn(
        "__left", F.when(can, product % F.col("__total")).otherwise(F.lit(0)).cast("decimal(38,0)")
    )
    whole = F.when(can, ((product - F.col("__left")) / F.col("__total")).cast(CENTS)).otherwise(F.lit(0).cast(CENTS))
    known = known.withColumn("__share", whole)
    missing = F.when(can, F.col("__off") - F.sum("__share").over(of_order)).otherwise(F.lit(0))
    rank = F.row_number().over(of_order.orderBy(F.col("__left").desc(), F.col("__line"), F.col("__item")))
    extra = F.when(rank <= F.col("__missing"), F.lit(1)).otherwise(F.lit(0))
    known = known.withColumn("__missing", missing).withColumn("__extra", extra)
    share = ((F.col("__share") + F.col("__extra")) / 100).cast("decimal(18,2)")
    amount = (F.col("amount") - share).cast("decimal(18,2)")
    return known.select(*[amount.alias(n) if n == "amount" else F.col(n) for n in found.columns if n != DISCOUNT])
