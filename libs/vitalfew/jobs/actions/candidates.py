"""What could be done for whom: each action has its own condition, and who does not meet it is never asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.staging import together
from vitalfew.dataframes.top_n import best
from vitalfew.domain.order_windows import days_after
from vitalfew.domain.product_names import with_names
from vitalfew.jobs.actions.available import available, within_stock
from vitalfew.jobs.actions.customers import PROSPECT
from vitalfew.jobs.actions.params import ActionsParams
from vitalfew.jobs.actions.tables import KEY

BROUGHT = ("brought_customers", "brought_value", "next_value")
COLUMNS = ("customer_id", "action", "item", "why", "due_on", "gap_amount", *BROUGHT)
"""`why`: what `reason_of` says of it; `due_on`: not before this day, NULL: at once; `gap_amount`: what like customers
spend more in a year; BROUGHT: what those whom they brought were worth."""


def candidates(customers: DataFrame, known: Mapping[str, DataFrame], params: ActionsParams, as_of: date) -> DataFrame:
    """COLUMNS: one row for each action that makes sense for a customer."""
    last = days_after(as_of, params.period_days - 1)
    found = (
        simple(customers.where(F.col("status") == "lapsed"), "win_back"),
        simple(customers.where(F.col("next_step") == "second order"), "second_order"),
        due_again(known["repeat_purchases"], last),
        next_products(customers, known, params, as_of),
        first_orders(customers, known["prospects"], known["products"]),
        needs_of_stages(known["customer_stages"]),
        small_here(customers, known),
        referring(customers, known),
        slipping(customers, known["alerts"], params),
        simple(customers.where(F.col("silent_days") <= params.review_days), "review"),
    )
    return together(found)


def simple(customers: DataFrame, action: str) -> DataFrame:
    """An action of which the customer alone decides."""
    return customers.select(*named(action, F.lit(None).cast("string"), F.lit(action), F.lit(None).cast("date")))


def named(
    action: str, item: Column, why: Column, due_on: Column, gap: Column | None = None, brought: Sequence[Column] = ()
) -> list[Column]:
    return [
        F.col("customer_id"),
        F.lit(action).alias("action"),
        item.alias("item"),
        why.alias("why"),
        due_on.alias("due_on"),
        (F.lit(None) if gap is None else gap).cast("double").alias("gap_amount"),
        *[
            column.cast("double").alias(name)
            for name, column in zip(BROUGHT, brought or [F.lit(None) for _ in BROUGHT], strict=True)
        ],
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


def next_products(
    customers: DataFrame, known: Mapping[str, DataFrame], params: ActionsParams, as_of: date
) -> DataFrame:
    """What is recommended first to customers who are there, for what they buy; what is popular is no reason.

    Of products that are counted, only what will be there in the period, and no more of it than there is.
    """
    fitting = known["recommendations"].where("method in ('rules', 'similar')")
    ranked = fitting.select("customer_id", "product_id", F.col("rank").alias("of_all"))
    units = available(known["stock"], params.period_days, as_of)
    offered = ranked.join(units, on="product_id", how="left").where("units is null or units > 0")
    first = best(offered, 1, ["customer_id"], [F.asc("of_all"), F.asc("product_id")])
    reachable = known["reachable"].select("customer_id", F.lit(True).alias("is_reachable"))
    people = there(customers).join(reachable, on="customer_id", how="left")
    enough = within_stock(first.join(people, on="customer_id", how="inner"), params)
    whole = with_names(enough, known["products"])
    return whole.select(*named("next_product", F.col("item"), F.lit("next_product"), F.lit(None).cast("date")))


def first_orders(customers: DataFrame, prospects: DataFrame, products: DataFrame) -> DataFrame:
    """People without an order, with what prospects suggests for the first."""
    offers = prospects.select("customer_id", F.col("first_offer_product_id").alias("product_id"))
    people = customers.where(F.col("status") == PROSPECT).select("customer_id")
    whole = with_names(people.join(offers, on="customer_id", how="inner"), products)
    return whole.select(*named("first_order", F.col("item"), F.lit("first_order"), F.lit(None).cast("date")))


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


def there(customers: DataFrame) -> DataFrame:
    """customer_id of those who have not lapsed, with what an order of theirs brings and how probable it is."""
    here = customers.where(F.col("status").isin("on schedule", "overdue", "first order"))
    return here.select("customer_id", "order_amount", "p_return")


def small_here(customers: DataFrame, known: Mapping[str, DataFrame]) -> DataFrame:
    """Customers who are there, and listed as small ones here and large ones elsewhere, with the category that comes
    first; nobody where the potentials did not hold on customers who were held out."""
    held = known["wallet_evaluation"].where("scope = 'total' and method = 'likeness' and is_calibrated")
    listed = known["customer_wallet"].where("standing = 'listed'").select("customer_id", "gap_per_year")
    first = known["wallet_categories"].where("rank = 1").select("customer_id", "category")
    whole = (
        listed.join(there(customers), on="customer_id", how="left_semi")
        .crossJoin(held.select(F.lit(True).alias("holds")))
        .join(first, on="customer_id", how="left")
    )
    nothing = F.lit(None).cast("date")
    return whole.select(*named("win_share", F.col("category"), F.lit("win_share"), nothing, F.col("gap_per_year")))


def referring(customers: DataFrame, known: Mapping[str, DataFrame]) -> DataFrame:
    """Customers who are there and brought others who bought, where referrals are known.

    `next_value`: what the next one may spend: the mean of those whom they brought, and of one like all others brought.
    """
    mean = ratio(F.col("brought_value").cast("double"), F.col("brought_customers").cast("double"))
    whole = known["influence_totals"].where("source = 'referral' and brought_customers > 0")
    brought = known["customer_influence"].where("brought_buyers > 0 and received_value > 0")
    own = brought.join(there(customers), on="customer_id", how="left_semi").crossJoin(
        whole.select(F.greatest(mean, F.lit(0.0)).alias("of_all"))
    )
    value = F.col("brought_value").cast("double")
    after = ratio(value + F.col("of_all"), F.col("brought_customers").cast("double") + 1)
    nothing = F.lit(None)
    return own.select(
        *named(
            "refer",
            nothing.cast("string"),
            F.lit("refer"),
            nothing.cast("date"),
            brought=(F.col("brought_customers"), value, after),
        )
    )


def slipping(customers: DataFrame, alerts: DataFrame, params: ActionsParams) -> DataFrame:
    """Key customers of whom an alert is open; the first by name of its kind, where there are several."""
    is_meant = F.col("kind").isin(*params.slipping) if params.slipping else F.lit(False)
    opened = alerts.where((F.col("subject") == "customer") & (F.col("status") == "open") & is_meant)
    why = opened.groupBy(F.col("subject_id").alias("customer_id")).agg(F.min("kind").alias("kind"))
    key = customers.where(F.col("tier") == KEY).select("customer_id")
    whole = why.join(key, on="customer_id", how="left_semi")
    return whole.select(*named("call", F.lit(None).cast("string"), F.lit("call"), F.lit(None).cast("date")))
