"""What could be done for whom: each action has its own condition, and who does not meet it is never asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.staging import together
from vitalfew.dataframes.top_n import best
from vitalfew.domain.order_windows import days_after
from vitalfew.jobs.actions.params import ActionsParams
from vitalfew.jobs.actions.tables import KEY

COLUMNS = ("customer_id", "action", "item", "why", "due_on")
"""`why`: what `reason_of` says of it; `due_on`: not before this day, NULL: at once."""


def candidates(customers: DataFrame, known: Mapping[str, DataFrame], params: ActionsParams, as_of: date) -> DataFrame:
    """COLUMNS: one row for each action that makes sense for a customer."""
    last = days_after(as_of, params.period_days - 1)
    found = (
        simple(customers.where(F.col("status") == "lapsed"), "win_back"),
        simple(customers.where(F.col("next_step") == "second order"), "second_order"),
        due_again(known["repeat_purchases"], last),
        next_products(customers, known["recommendations"], known["products"]),
        needs_of_stages(known["customer_stages"]),
        slipping(customers, known["alerts"], params),
        simple(customers.where(F.col("silent_days") <= params.review_days), "review"),
    )
    return together(found)


def simple(customers: DataFrame, action: str) -> DataFrame:
    """An action of which the customer alone decides."""
    return customers.select(*named(action, F.lit(None).cast("string"), F.lit(action), F.lit(None).cast("date")))


def named(action: str, item: Column, why: Column, due_on: Column) -> list[Column]:
    return [
        F.col("customer_id"),
        F.lit(action).alias("action"),
        item.alias("item"),
        why.alias("why"),
        due_on.alias("due_on"),
    ]


def due_again(repeats: DataFrame, last: date) -> DataFrame:
    """The thing that each customer buys again and again and that is due first in the period; ties by its name."""
    due = (
        repeats.where(F.col("due_from") <= F.lit(last))
        .groupBy("customer_id")
        .agg(F.min(F.concat(F.col("due_from").cast("string"), F.col("item"))).alias("first"))
    )
    length = len("2025-01-01")
    day = F.substring("first", 1, length).cast("date")
    return due.select(*named("restock", F.expr(f"substring(first, {length + 1})"), F.lit("restock"), day))


def next_products(customers: DataFrame, recommendations: DataFrame, products: DataFrame) -> DataFrame:
    """What is recommended first to customers who are there, for what they buy; what is popular is no reason."""
    there = customers.where(F.col("status").isin("on schedule", "overdue", "first order")).select("customer_id")
    fitting = recommendations.where("method in ('rules', 'similar')")
    ranked = fitting.select("customer_id", "product_id", F.col("rank").alias("of_all"))
    first = best(ranked, 1, ["customer_id"], [F.asc("of_all"), F.asc("product_id")])
    names = products.where("trim(name) <> ''").select("product_id", "name")
    whole = first.join(there, on="customer_id", how="left_semi").join(names, on="product_id", how="left")
    item = F.coalesce("name", "product_id")
    return whole.select(*named("next_product", item, F.lit("next_product"), F.lit(None).cast("date")))


def needs_of_stages(stages: DataFrame) -> DataFrame:
    """The first need of a stage of life that was not bought here; of several, that of the stage that began last."""
    lacking = stages.where("size(missing_needs) > 0").select(
        "customer_id",
        *["stage_from_on", "ladder", "subject"],
        F.element_at("missing_needs", 1).alias("need"),
    )
    order = [F.desc("stage_from_on"), F.asc("ladder"), F.asc("subject")]
    first = best(lacking, 1, ["customer_id"], order)
    return first.select(*named("next_stage", F.col("need"), F.lit("next_stage"), F.lit(None).cast("date")))


def slipping(customers: DataFrame, alerts: DataFrame, params: ActionsParams) -> DataFrame:
    """Key customers of whom an alert is open; the first by name of its kind, where there are several."""
    is_meant = F.col("kind").isin(*params.slipping) if params.slipping else F.lit(False)
    opened = alerts.where((F.col("subject") == "customer") & (F.col("status") == "open") & is_meant)
    why = opened.groupBy(F.col("subject_id").alias("customer_id")).agg(F.min("kind").alias("kind"))
    key = customers.where(F.col("tier") == KEY).select("customer_id")
    whole = why.join(key, on="customer_id", how="left_semi")
    return whole.select(*named("call", F.lit(None).cast("string"), F.lit("call"), F.lit(None).cast("date")))
