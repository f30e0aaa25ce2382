"""Which themes are kept: those of most texts, and those that come more often than before, however few."""

from __future__ import annotations

from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.staging import Stage
from vitalfew.jobs.voice.counts import Weeks, by_theme
from vitalfew.jobs.voice.params import VoiceParams


def kept_themes(themed: DataFrame, weeks: Weeks, params: VoiceParams, stage: Stage) -> tuple[list[dict[str, Any]], int]:
    """Rows of `by_theme`, and how many of the others could rise as well: chance had as many tries more.

    In a large shop what is new has few texts: by their number alone it would not be among the first.
    """
    said = themed.where("is_text").select("kind", "week", "customer_id", "mood", F.explode("themes").alias("theme"))
    sums = stage(by_theme(stage(said), weeks, params))
    most = sums.orderBy(F.desc(F.col("recent") + F.col("before")), "kind", "theme").limit(params.most_themes)
    excess, can_rise = excess_of(sums, weeks), may_rise(params)
    newest = excess.where(can_rise).orderBy(F.desc("excess"), "kind", "theme").limit(params.most_themes)
    found = {
        (row["kind"], row["theme"]): row.asDict()
        for row in collect_rows(most.unionByName(newest.drop("excess")), "themes")
    }
    rising = collect_rows(sums.agg(F.count_if(can_rise).alias("n")), "themes")[0]["n"]
    kept = [row for _, row in sorted(found.items())]
    return kept, rising - sum(is_enough(row, params) for row in kept)


def excess_of(sums: DataFrame, weeks: Weeks) -> DataFrame:
    """`sums` with `excess`: recent texts less those at the rate before, by the square root of these and one."""
    rates = [(kind, weeks.recent(kind) / max(1, weeks.before(kind))) for kind in weeks.texts]
    rate = sums.sparkSession.createDataFrame(rates, "kind string, rate double")
    expected = F.col("before") * F.col("rate")
    joined = sums.join(F.broadcast(rate), on="kind", how="inner")
    return joined.select(*sums.columns, ratio(F.col("recent") - expected, F.sqrt(expected + 1)).alias("excess"))


def may_rise(params: VoiceParams) -> Column:
    """Whether enough different customers said a theme lately."""
    return (F.col("recent") >= params.rising_texts) & (F.col("recent_people") >= params.rising_texts)


def is_enough(row: dict[str, Any], params: VoiceParams) -> bool:
    """As `may_rise`, of a row."""
    return bool(min(row["recent"], row["recent_people"]) >= params.rising_texts)
