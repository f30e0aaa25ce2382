"""What is due next for each customer, with the reason: made each day, with the rules of the last fit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import Stage
from vitalfew.domain.basket_items import PRODUCT
from vitalfew.domain.fits import Fit
from vitalfew.domain.order_windows import in_window, is_sale
from vitalfew.jobs.sequences.due import due, speaking
from vitalfew.jobs.sequences.item_days import at_level, product_days
from vitalfew.jobs.sequences.params import SequencesParams
from vitalfew.jobs.sequences.tables import NEXT_IN_SEQUENCE
from vitalfew.messages.sentences import say, with_texts
from vitalfew.messages.words import Words

PUBLISHED = "published"
"""The part of a fit whose names are the levels at which rules predict better than the obvious."""


def recent_days(
    orders: DataFrame, products: DataFrame, fit: Fit, as_of: date, params: SequencesParams, stage: Stage
) -> dict[str, DataFrame]:
    """By published level, owner, day, item of the days of which a rule can speak."""
    levels = fit.names(PUBLISHED)
    if not levels:
        return {}
    window = min(params.window_days or params.longest_days, params.longest_days)
    days = stage(product_days(in_window(orders, as_of, window).where(is_sale()), products, params))
    return {level: at_level(days, level) for level in levels}


def next_in_sequence(
    days: Mapping[str, DataFrame],
    rules: DataFrame,
    products: DataFrame,
    as_of: date,
    params: SequencesParams,
    words: Words,
) -> DataFrame:
    """NEXT_IN_SEQUENCE of the levels in `days`, by rows of SEQUENCE_RULES."""
    parts = []
    for level, of_level in days.items():
        spoken = speaking(rules.where(F.col("level") == level), params)
        parts.append(with_reasons(level, due(of_level, spoken, as_of, params), products, words))
    return reduce(DataFrame.unionByName, parts) if parts else local_table(NEXT_IN_SEQUENCE, [], beside=products)


def with_reasons(level: str, coming: DataFrame, products: DataFrame, words: Words) -> DataFrame:
    """NEXT_IN_SEQUENCE of one level."""
    catalogue = products.where("trim(name) != ''").select(
        F.col("product_id").alias("because"), F.trim(F.regexp_replace("name", r"\s+", " ")).alias("name")
    )
    named = (
        coming.join(catalogue, on="because", how="left").withColumn("name", F.coalesce("name", "because"))
        if level == PRODUCT
        else coming.withColumn("name", F.col("because"))
    )
    reason = say(
        "sequences.reason.after",
        item=F.col("name"),
        bought=F.col("bought_on"),
        confidence=F.col("confidence"),
        first=F.datediff("due_from", "bought_on"),
        last=F.datediff("due_to", "bought_on"),
    )
    rows = named.withColumnRenamed("owner", "customer_id").select(
        "*", F.lit(level).alias("level"), *reason.named("reason")
    )
    return with_texts(rows, NEXT_IN_SEQUENCE, words).select(
        *[name for name in NEXT_IN_SEQUENCE.columns if name != NEXT_IN_SEQUENCE.slice]
    )
