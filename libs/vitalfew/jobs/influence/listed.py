"""One row per customer of the graph: score, whom they brought, and what that is worth."""

from __future__ import annotations

from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.graphs.pagerank import Ranking, page_rank
from vitalfew.algorithms.graphs.passed_on import Passed, passed_on
from vitalfew.dataframes.distributed_rank import ranked
from vitalfew.dataframes.staging import Stage
from vitalfew.domain.order_windows import days_after, in_window, is_sale
from vitalfew.jobs.influence.params import InfluenceParams
from vitalfew.jobs.influence.tables import CUSTOMER_INFLUENCE, MONEY, REFERRAL
from vitalfew.messages.sentences import Sentence, choose, say, with_texts
from vitalfew.messages.words import Words

UNITS = 10**15
"""A score as a whole number of these, for its rank."""
DIGITS = 12


def values(orders: DataFrame, as_of: date) -> DataFrame:
    """customer_id, own_value, first_order_on and last_order_on (days of sales) of each known customer."""
    day = F.when(is_sale(), F.col("ordered_on"))
    return (
        in_window(orders, as_of, None)
        .where("customer_id is not null")
        .groupBy("customer_id")
        .agg(
            F.sum("net_amount").cast(MONEY).alias("own_value"),
            F.min(day).alias("first_order_on"),
            F.max(day).alias("last_order_on"),
        )
    )


def passed(edges: DataFrame, known: DataFrame, params: InfluenceParams, stage: Stage) -> Passed:
    """What is passed on along referrals; along co-adoption nothing is: it moves a purchase, and brings no customer."""
    links = edges.where(F.col("source") == REFERRAL).select(
        F.col("customer_id").alias("node"), F.col("influencer_id").alias("heir")
    )
    own = known.select(F.col("customer_id").alias("node"), F.col("own_value").alias("amount"))
    nodes = links.select("node").unionByName(links.select(F.col("heir").alias("node"))).distinct()
    return passed_on(links, own.join(nodes, on="node", how="left_semi"), params.exact_share, stage)


def listed(edges: DataFrame, known: DataFrame, amounts: DataFrame, params: InfluenceParams, stage: Stage) -> DataFrame:
    """CUSTOMER_INFLUENCE without its texts, staged: of staged edges, values and what was passed on."""
    links = edges.select(F.col("customer_id").alias("a"), F.col("influencer_id").alias("b"), "weight")
    scores = page_rank(links, stage, Ranking(damping=params.damping))
    whole = scores.select(
        F.col("node").alias("customer_id"),
        F.round("score", DIGITS).alias("score"),
        F.round(F.col("score") * UNITS).cast("bigint").alias("units"),
        F.lit(0).alias("graph"),
    )
    in_order = ranked(stage(whole), ["graph"], "units", "customer_id")
    return stage(
        in_order.join(of_followers(edges, known), on="customer_id", how="left")
        .join(known, on="customer_id", how="left")
        .join(amounts.withColumnRenamed("node", "customer_id"), on="customer_id", how="left")
        .join(brought_by(edges), on="customer_id", how="left")
        .select(
            "customer_id",
            F.col("rank").cast("bigint").alias("rank"),
            "score",
            F.round(F.col("score") * F.col("size"), 9).alias("times_average"),
            "referrer_id",
            *[
                F.coalesce(name, F.lit(0)).cast("bigint").alias(name)
                for name in ("brought_customers", "brought_buyers")
            ],
            F.coalesce("followed_purchases", F.lit(0.0)).alias("followed_purchases"),
            *[money(name) for name in ("own_value", "brought_value")],
            money("received").alias("received_value"),
            money("passed").alias("passed_value"),
            (money("own_value") + money("received") - money("passed")).cast(MONEY).alias("network_value"),
            "last_order_on",
        )
    )


def money(name: str) -> Column:
    return F.coalesce(name, F.lit(0)).cast(MONEY).alias(name)


def of_followers(edges: DataFrame, known: DataFrame) -> DataFrame:
    """Of each influencer: brought_customers, brought_buyers, brought_value and followed_purchases."""
    is_brought = F.col("source") == REFERRAL
    with_values = edges.join(known, on="customer_id", how="left")
    return with_values.groupBy(F.col("influencer_id").alias("customer_id")).agg(
        F.count_if(is_brought).alias("brought_customers"),
        F.count_if(is_brought & F.col("first_order_on").isNotNull()).alias("brought_buyers"),
        F.sum(F.when(is_brought, F.col("own_value"))).cast(MONEY).alias("brought_value"),
        F.round(F.sum(F.when(~is_brought, F.col("weight")).otherwise(0.0)), 9).alias("followed_purchases"),
    )


def brought_by(edges: DataFrame) -> DataFrame:
    return edges.where(F.col("source") == REFERRAL).select("customer_id", F.col("influencer_id").alias("referrer_id"))


def with_findings(rows: DataFrame, as_of: date, params: InfluenceParams, words: Words) -> DataFrame:
    """CUSTOMER_INFLUENCE."""
    told = with_texts(rows.select("*", *finding(as_of, params).named("finding")), CUSTOMER_INFLUENCE, words)
    return told.select(*[name for name in CUSTOMER_INFLUENCE.columns if name != CUSTOMER_INFLUENCE.slice])


def finding(as_of: date, params: InfluenceParams) -> Sentence:
    """What a customer brings, and what to do next: it depends on whether they still buy."""
    is_active = F.coalesce(F.col("last_order_on") >= F.lit(days_after(as_of, -params.active_days)), F.lit(False))
    brings = {"customers": F.col("brought_customers"), "value": F.col("brought_value")}
    follows = {"purchases": F.col("followed_purchases")}
    brought, followed = F.col("brought_customers") > 0, F.col("followed_purchases") > 0
    return choose(
        (
            brought & (F.col("brought_buyers") == 0),
            say("influence.finding.no_buyers", customers=F.col("brought_customers")),
        ),
        (brought & is_active, say("influence.finding.brings", **brings)),
        (brought & F.col("last_order_on").isNotNull(), say("influence.finding.asleep", **brings)),
        (brought, say("influence.finding.outside", **brings)),
        (followed & is_active, say("influence.finding.followed", **follows)),
        (followed, say("influence.finding.followed_asleep", **follows)),
        otherwise=say("influence.finding.follower"),
    )
