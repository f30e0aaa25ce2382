"""What to do about customers: causes of what upsets them, and whom to contact."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.top_n import best
from vitalfew.domain.product_names import with_names
from vitalfew.jobs.company_plan.params import CompanyPlanParams
from vitalfew.jobs.company_plan.tables import ASSUMED, CONTACT, ESTIMATED, FIND_CAUSE, MEASURED
from vitalfew.jobs.company_plan.things import thing
from vitalfew.jobs.voice.tables import BURSTS
from vitalfew.messages.sentences import choose, say


def causes(alerts: DataFrame, sources: DataFrame, products: DataFrame) -> DataFrame:
    """Products with an open burst, with what stands out most in it."""
    bursts = alerts.where("subject = 'product' and status = 'open'").where(F.col("kind").isin(*BURSTS))
    order = [F.asc("level"), F.asc("rank_within"), F.asc("attribute"), F.asc("value")]
    of_bursts = sources.where(F.col("subject").isin(*BURSTS) & (F.col("level") < 2)).withColumnRenamed(
        "rank", "rank_within"
    )
    first = best(of_bursts, 1, ["subject", "about"], order).select(
        F.col("subject").alias("kind"), F.col("about").alias("product_id"), "attribute", "value", "cases", "cases_with"
    )
    found = bursts.withColumn("product_id", F.col("subject_id")).select(
        "product_id", "kind", "measure", "reference", "value_at_stake"
    )
    whole = with_names(found.join(first, on=["kind", "product_id"], how="left"), products)
    about = {"what": F.col("kind"), "item": F.col("item")}
    counts = {"found": F.round("measure").cast("bigint"), "expected": F.col("reference")}
    trait = {"attribute": F.coalesce("attribute", F.lit("product")), "value": F.coalesce("value", F.lit(""))}
    cases = {"n": F.coalesce("cases_with", F.lit(0)), "of": F.coalesce("cases", F.lit(0))}
    reason = choose(
        (F.col("value").isNotNull(), say("company_plan.reason.cause_from", **about, **counts, **trait, **cases)),
        otherwise=say("company_plan.reason.cause", **about, **counts),
    )
    action = say("company_plan.action.find_cause", **about)
    return whole.select(
        *thing(FIND_CAUSE, "product_id", action, reason, ESTIMATED, F.col("kind"), at_stake=F.col("value_at_stake"))
    )


def contacts(plan: DataFrame, params: CompanyPlanParams) -> DataFrame:
    """The actions of the plan for customers, over all tiers; not those for a few customers."""
    sums = [F.sum(name).alias(name) for name in ("customers", "cost", "expected_gain", "measured_gain", "least_gain")]
    measured = F.count_if(F.col("least_gain").isNotNull()) == F.count(F.lit(1))
    given = plan.where("action <> 'nothing' and customers > 0").groupBy("action", "channel")
    every = given.agg(*sums, measured.alias("all_measured"))
    whole = every.where(F.col("customers") >= F.lit(params.min_group))
    is_measured = F.col("all_measured") & (F.col("measured_gain") == F.col("expected_gain"))
    cost, gain = F.col("cost").cast("double"), F.col("expected_gain").cast("double")
    least = F.when(is_measured, F.col("least_gain").cast("double") - cost)
    figures = {"gain": gain, "cost": cost}
    about = {"what": F.col("action"), "channel": F.col("channel"), "customers": F.col("customers")}
    return whole.select(
        *thing(
            CONTACT,
            "action",
            say("company_plan.action.contact", **about),
            choose(
                (is_measured, say("company_plan.reason.contact_measured", **figures)),
                otherwise=say("company_plan.reason.contact", **figures),
            ),
            F.when(is_measured, MEASURED).otherwise(ASSUMED),
            F.col("channel"),
            value=gain - cost,
            value_low=least,
            cost=cost,
        )
    )
