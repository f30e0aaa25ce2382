"""Who would have been named on earlier days, and what they did afterwards: what alerts are tested by.

Each earlier day (origin) is `evaluation_days` before the next, the last as many before `as_of`. Every customer known on
an origin is made a customer of their own, with their orders up to it moved forward so that the origin falls on `as_of`:
so the rules that raise alerts are the very same functions, run once for all origins.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import reduce

import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows, collect_table
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.staging import Stage
from vitalfew.domain.customer_history import histories
from vitalfew.domain.order_windows import in_window, is_sale
from vitalfew.domain.purchase_gaps import rhythms_of
from vitalfew.jobs.alerts.histories import Known, judged, whole, with_forecast
from vitalfew.jobs.alerts.inactivity import churned, overdue, silent, vip_returned
from vitalfew.jobs.alerts.kinds import STANDARD, STRICT
from vitalfew.jobs.alerts.params import AlertParams
from vitalfew.jobs.alerts.spending import rising, spend_drop
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE

PARTS = 1_000_000
WARM_UP = 90
"""Days of the shop that must be known before the first origin."""
MEASURED = (
    ("vip_returned", STANDARD),
    ("spend_drop", STANDARD),
    ("overdue", STANDARD),
    ("overdue", STRICT),
    ("frequency_up", STANDARD),
    ("inactive", STANDARD),
    ("churned", STANDARD),
)
"""What is tested: kinds of customers that need no model, with the rules by which they name them."""


def flag(kind: str, rule: str) -> str:
    """The column that says whether a rule names a customer."""
    return f"is_{kind}_{rule}"


def observed(orders: DataFrame, params: AlertParams, as_of: date, stage: Stage) -> tuple[int, pa.Table | None]:
    """How many origins there are, and one row per origin (1 is the last) and customer known then; None without origins.

    customer_id, origin, silent_days; cents and sale_days so far, age_days since the first order;
    after_cents and after_days (with a sale) of the `evaluation_days` from the origin on; and `flag` for each of
    MEASURED.
    """
    seen = in_window(orders, as_of, None).where("customer_id is not null")
    origins, share = extent(seen, params, as_of)
    if not origins:
        return 0, None
    if share < 1:
        seen = seen.where(F.pmod(F.crc32(F.col("customer_id")), F.lit(PARTS)) < int(share * PARTS))
    days_ago = F.datediff(F.lit(as_of), F.col("ordered_on"))
    window = F.ceil(ratio(days_ago, F.lit(params.evaluation_days))).cast("int")
    dated = seen.select("customer_id", "ordered_on", "kind", "net_amount", "pieces", window.alias("window"))
    past = known_on_origins(dated, origins, params, as_of, stage)
    found = with_flags(past.customers, named(past, params, as_of, stage), dated, origins)
    return origins, collect_table(found, "customers on earlier days")


def extent(seen: DataFrame, params: AlertParams, as_of: date) -> tuple[int, float]:
    """How many origins the history allows, and the share of the customers that is looked at."""
    row = collect_rows(
        seen.agg(
            F.min(F.when(is_sale(), F.col("ordered_on"))).alias("first_on"),
            F.count_distinct("customer_id").alias("customers"),
        ),
        "orders to test alerts on",
    )[0]
    if row["first_on"] is None:
        return 0, 1.0
    room = ((as_of - row["first_on"]).days - WARM_UP) // params.evaluation_days
    return min(params.evaluation_origins, max(room, 0)), min(1.0, params.evaluation_customers / row["customers"])


def known_on_origins(dated: DataFrame, origins: int, params: AlertParams, as_of: date, stage: Stage) -> Known:
    """What was known on each origin, as if it were known on `as_of`; customers are called `origin:customer_id`."""
    before = dated.where("window > 1").select(
        "*", F.explode(F.sequence(F.lit(1), F.least(F.lit(origins), F.col("window") - 1))).alias("origin")
    )
    moved = stage(
        before.select(
            F.concat_ws(":", F.col("origin").cast("string"), "customer_id").alias("customer_id"),
            F.date_add("ordered_on", F.col("origin") * params.evaluation_days).alias("ordered_on"),
            "kind",
            "net_amount",
            "pieces",
        )
    )
    number = F.substring_index("customer_id", ":", 1).cast("int")
    rhythm = stage(rhythms_of(histories(moved), params, as_of).withColumn("origin", number))
    unknown = local_table(NEXT_PURCHASE, [], beside=dated)
    return Known(moved, stage(with_forecast(judged(rhythm, params, ["origin"]), unknown)))


def named(past: Known, params: AlertParams, as_of: date, stage: Stage) -> Mapping[tuple[str, str], DataFrame]:
    """The alerts that each of MEASURED would have raised."""
    return {
        ("vip_returned", STANDARD): vip_returned(past, params, as_of),
        ("spend_drop", STANDARD): spend_drop(past, params, as_of, stage),
        ("overdue", STANDARD): overdue(past, params, STANDARD),
        ("overdue", STRICT): overdue(past, params, STRICT),
        ("frequency_up", STANDARD): rising(past, params, as_of),
        ("inactive", STANDARD): silent(past, params, None),
        ("churned", STANDARD): churned(past, params),
    }


def with_flags(
    customers: DataFrame, alerts: Mapping[tuple[str, str], DataFrame], dated: DataFrame, origins: int
) -> DataFrame:
    """The rows of `observed`."""
    each = [frame.select("subject_id", F.lit(flag(*of)).alias("flag")) for of, frame in alerts.items()]
    flagged = (
        reduce(DataFrame.unionByName, each)
        .groupBy("subject_id")
        .agg(*[F.max((F.col("flag") == flag(*of)).cast("int")).alias(flag(*of)) for of in alerts])
        .withColumnRenamed("subject_id", "customer_id")
    )
    after = (
        dated.where(F.col("window") <= origins)
        .groupBy(F.concat_ws(":", F.col("window").cast("string"), "customer_id").alias("customer_id"))
        .agg(
            F.sum("net_amount").cast("decimal(28,2)").alias("after_amount"),
            F.count_distinct(F.when(is_sale(), F.col("ordered_on"))).alias("sold_days"),
        )
    )
    joined = customers.join(flagged, on="customer_id", how="left").join(after, on="customer_id", how="left")
    return joined.select(
        F.expr("substring(customer_id, instr(customer_id, ':') + 1)").alias("customer_id"),
        "origin",
        "silent_days",
        cents("value").alias("cents"),
        (F.col("gaps") + 1).alias("sale_days"),
        (F.col("silent_days") + F.datediff("last_on", "first_on")).alias("age_days"),
        cents("after_amount").alias("after_cents"),
        F.coalesce("sold_days", F.lit(0)).cast("bigint").alias("after_days"),
        *[(F.coalesce(flag(*of), F.lit(0)) == 1).alias(flag(*of)) for of in alerts],
    )


def cents(amount: str) -> Column:
    """An amount in cents; 0 where there is none."""
    return F.coalesce(whole(F.col(amount)).cast("bigint"), F.lit(0).cast("bigint"))
