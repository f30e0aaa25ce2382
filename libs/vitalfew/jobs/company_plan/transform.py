"""What the company should do next, and what each thing is worth."""

from __future__ import annotations

from datetime import date

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.dataframes.staging import UNSTAGED, Stage, together
from vitalfew.dataframes.top_n import best
from vitalfew.jobs.company_plan.goods import discounts, pairs, stock, with_profit
from vitalfew.jobs.company_plan.params import CompanyPlanParams
from vitalfew.jobs.company_plan.people import causes, contacts
from vitalfew.jobs.company_plan.tables import COMPANY_PLAN, FIND_CAUSE
from vitalfew.messages.sentences import with_texts
from vitalfew.messages.words import ENGLISH, Words

KEY = ("kind", "subject", "other")


def company_plan(
    orders: DataFrame,
    alerts: DataFrame,
    voice_sources: DataFrame,
    purchase_plan: DataFrame,
    discount_cost: DataFrame,
    product_elasticity: DataFrame,
    bundles: DataFrame,
    action_plan: DataFrame,
    products: DataFrame,
    *,
    params: CompanyPlanParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    words: Words = ENGLISH,
) -> tuple[DataFrame]:
    """COMPANY_PLAN: of each kind the things with most value, ranked over all kinds."""
    found = together(
        (
            causes(alerts, voice_sources, products),
            stock(purchase_plan, products),
            discounts(with_profit(discount_cost, product_elasticity, purchase_plan, products, params), params),
            pairs(bundles, orders, products, params, as_of),
            contacts(action_plan, params),
        )
    )
    worth = found.where(F.col("at_stake").isNotNull() | (F.col("value") >= F.lit(params.least_value)))
    ties = [F.asc(name) for name in KEY]
    amount = F.desc(F.coalesce("at_stake", "value"))
    listed = stage(best(worth, params.most, ["kind"], [amount, *ties]).drop("rank"))
    of_all = Window.partitionBy(F.lit(0)).orderBy(F.desc(F.col("kind") == FIND_CAUSE), amount, *ties)
    ranked = listed.withColumn("rank", F.row_number().over(of_all))
    names = [name for name in COMPANY_PLAN.columns if name != COMPANY_PLAN.slice]
    return (with_texts(ranked, COMPANY_PLAN, words).select(*names),)
