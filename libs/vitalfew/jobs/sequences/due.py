"""What is due next for each customer by the rules, and what the obvious would say instead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.sequences.following import Following
from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.top_n import best
from vitalfew.domain.order_windows import days_after
from vitalfew.jobs.sequences.params import SequencesParams

RULE = "antecedent string, consequent string, from_days int, to_days int, confidence double, lift double"
DECIMALS = 9
POPULAR_DAYS = 60
"""Popular is what most customers bought in these days."""


def speaking_rules(rules: Following, names: Sequence[str], params: SequencesParams, beside: DataFrame) -> DataFrame:
    """Rows of RULE of what was found, as `speaking` has them."""
    rows: list[tuple[Any, ...]] = [
        (
            names[rules.antecedents[place]],
            names[rules.consequents[place]],
            *params.windows[rules.windows[place]],
            float(rules.n[place] / rules.n_antecedent[place]),
            float(rules.n[place] / rules.expected[place]),
        )
        for place in range(rules.n.size)
    ]
    return speaking(beside.sparkSession.createDataFrame(rows, RULE), params)


def speaking(rules: DataFrame, params: SequencesParams) -> DataFrame:
    """Rows of RULE, the antecedent as `item`, from those of SEQUENCE_RULES: of each the rules with most confidence."""
    order = [F.desc("confidence"), F.asc("consequent"), F.asc("from_days")]
    kept = best(rules, params.rules_per_item, ["antecedent"], order)
    return kept.select(F.col("antecedent").alias("item"), "consequent", "from_days", "to_days", "confidence", "lift")


def due(days: DataFrame, rules: DataFrame, on: date, params: SequencesParams) -> DataFrame:
    """owner, rank, item, because, bought_on, due_from, due_to, confidence, lift: what is due in `horizon_days` from
    `on`, from owner, day, item.

    A rule speaks of the last time that its antecedent was bought, and not if its consequent was bought after that. Of
    several for one item the one with most confidence for the days that are left of its window counts.
    """
    end = days_after(on, params.horizon_days - 1)
    is_recent = (F.col("day") < F.lit(on)) & (F.col("day") >= F.lit(days_after(on, -params.longest_days)))
    last = days.where(is_recent & F.col("item").isNotNull()).groupBy("owner", "item").agg(F.max("day").alias("day"))
    followed = last.join(F.broadcast(rules), on="item", how="inner").select(
        "owner",
        F.col("item").alias("because"),
        F.col("day").alias("bought_on"),
        F.col("consequent").alias("item"),
        F.date_add("day", F.col("from_days")).alias("due_from"),
        F.date_add("day", F.col("to_days")).alias("due_to"),
        "from_days",
        "confidence",
        "lift",
    )
    open_ = followed.where((F.col("due_from") <= F.lit(end)) & (F.col("due_to") >= F.lit(on)))
    again = last.withColumnRenamed("day", "again_on")
    waiting = open_.join(again, on=["owner", "item"], how="left").where(
        F.col("again_on").isNull() | (F.col("again_on") <= F.col("bought_on"))
    )
    left = F.datediff(F.least("due_to", F.lit(end)), F.greatest("due_from", F.lit(on))) + 1
    whole = F.datediff("due_to", "due_from") + 1
    scored = waiting.withColumn("score", F.round(F.col("confidence") * ratio(left, whole), DECIMALS))
    order = [F.desc("score"), F.desc("confidence"), F.asc("because"), F.asc("from_days")]
    single = best(scored, 1, ["owner", "item"], order).drop("rank")
    ranked = best(single, params.k, ["owner"], [F.desc("score"), F.desc("lift"), F.asc("item")])
    return ranked.select("owner", "rank", "item", "because", "bought_on", "due_from", "due_to", "confidence", "lift")


def popular(days: DataFrame, on: date, n: int) -> DataFrame:
    """item, rank: what most customers bought in the days before `on`."""
    recent = (F.col("day") < F.lit(on)) & (F.col("day") >= F.lit(days_after(on, -POPULAR_DAYS)))
    counted = days.where(recent & F.col("item").isNotNull()).groupBy("item")
    buyers = counted.agg(F.count_distinct("owner").alias("buyers")).orderBy(F.desc("buyers"), "item").limit(n)
    return best(buyers.withColumn("one", F.lit(1)), n, ["one"], [F.desc("buyers"), F.asc("item")]).select(
        "item", "rank"
    )


def bought_most(days: DataFrame, on: date, n: int) -> DataFrame:
    """owner, item, rank: what each customer bought on most days before `on`; of equals the latest."""
    own = days.where((F.col("day") < F.lit(on)) & F.col("item").isNotNull()).groupBy("owner", "item")
    counted = own.agg(F.count(F.lit(1)).alias("n"), F.max("day").alias("last"))
    return best(counted, n, ["owner"], [F.desc("n"), F.desc("last"), F.asc("item")]).select("owner", "item", "rank")
