"""Who changed segment, cluster or ABC class since the last look, what that is worth, and which flows are abnormal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import reduce

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.local_tables import local_table
from vitalfew.dataframes.staging import UNSTAGED, Stage
from vitalfew.jobs.segment_moves.flow_rows import flow_rows, total_row
from vitalfew.jobs.segment_moves.flows import GONE, NEW, Comparison, Flow, History
from vitalfew.jobs.segment_moves.params import MoveParams, Scheme
from vitalfew.jobs.segment_moves.tables import SEGMENT_MOVE_MATRIX, SEGMENT_MOVE_TOTALS
from vitalfew.messages.words import ENGLISH, Words

__all__ = ["MoveParams", "segment_moves"]

CLASSES = ("none", "C", "B", "A")


def segment_moves(
    rfm: DataFrame,
    rfm_before: DataFrame,
    clusters: DataFrame,
    clusters_before: DataFrame,
    contribution: DataFrame,
    contribution_before: DataFrame,
    matrix_before: DataFrame,
    *,
    params: MoveParams,
    as_of: date,
    stage: Stage = UNSTAGED,
    other_settings: Mapping[str, date] | None = None,
    words: Words = ENGLISH,
) -> tuple[DataFrame, DataFrame, DataFrame]:
    """SEGMENT_MOVES, its matrix and its totals; without a slice before, the totals say so and the others are empty.

    `other_settings`: by table, the day of its slice before where that was made with other settings, and is not given.
    """
    slices: dict[Scheme, tuple[DataFrame, DataFrame]] = {
        "rfm": (segments(rfm), segments(rfm_before)),
        "clusters": cluster_groups(clusters, clusters_before, rfm, rfm_before),
        "contribution": (classes(contribution), classes(contribution_before)),
    }
    befores = {"rfm": rfm_before, "clusters": clusters_before, "contribution": contribution_before}
    both = [ledger(scheme, *slices[scheme], befores[scheme]) for scheme in params.schemes]
    everyone = stage(reduce(DataFrame.unionByName, both))
    found = comparisons(everyone, params, as_of)
    for scheme, comparison in found.items():
        comparison.other_settings_on = (other_settings or {}).get(scheme)
    last = history(matrix_before)
    tested = {scheme: flow_rows(seen, last.get(scheme), params, words) for scheme, seen in found.items()}
    totals = [total_row(found[scheme], tested[scheme], words) for scheme in params.schemes]
    return (
        moved(everyone, [scheme for scheme in params.schemes if found[scheme].is_possible]),
        local_table(SEGMENT_MOVE_MATRIX, [row for scheme in params.schemes for row in tested[scheme]], beside=rfm),
        local_table(SEGMENT_MOVE_TOTALS, totals, beside=rfm),
    )


def segments(rfm: DataFrame) -> DataFrame:
    """customer_id, group, points, value: each customer's segment."""
    points = (F.col("r") + F.col("f") + F.coalesce("m", F.lit(0))).cast("int")
    return rfm.select("customer_id", F.col("segment").alias("group"), points.alias("points"), money("monetary"))


def classes(contribution: DataFrame) -> DataFrame:
    """customer_id, group, points, value: each customer's ABC class."""
    points = F.call_function("array_position", F.array(*[F.lit(name) for name in CLASSES]), F.col("abc")).cast("int")
    customers = contribution.where("subject = 'customer'")
    return customers.select(
        F.col("subject_id").alias("customer_id"), F.col("abc").alias("group"), points.alias("points"), money("value")
    )


def cluster_groups(
    now: DataFrame, before: DataFrame, rfm: DataFrame, rfm_before: DataFrame
) -> tuple[DataFrame, DataFrame]:
    """customer_id, group, points (unknown) and value, now and before: a cluster has one name, that of now if any."""
    names = now.select("cluster", F.col("name").alias("name_now")).distinct()
    renamed = before.join(names, on="cluster", how="left")
    renamed = renamed.withColumn("name", F.coalesce("name_now", "name"))
    return with_value(now, rfm), with_value(renamed, rfm_before)


def with_value(clusters: DataFrame, rfm: DataFrame) -> DataFrame:
    group = F.concat(F.col("cluster").cast("string"), F.lit(": "), F.col("name"))
    values = rfm.select("customer_id", money("monetary"))
    return clusters.join(values, on="customer_id", how="left").select(
        "customer_id", group.alias("group"), F.lit(None).cast("int").alias("points"), "value"
    )


def money(column: str) -> Column:
    return F.col(column).cast("decimal(28,2)").alias("value")


def ledger(scheme: Scheme, now: DataFrame, before: DataFrame, raw_before: DataFrame) -> DataFrame:
    """One row per customer of either slice: groups, points and value before and now; `previous_on` in every row."""
    on = raw_before.agg(F.max("as_of").alias("previous_on"))
    then = before.select("customer_id", *[F.col(c).alias(f"{c}_before") for c in ("group", "points", "value")])
    today = now.select("customer_id", *[F.col(c).alias(f"{c}_now") for c in ("group", "points", "value")])
    together = today.join(then, on="customer_id", how="full").crossJoin(on)
    kind = (
        F.when(F.col("group_before").isNull(), "entered")
        .when(F.col("group_now").isNull(), "left")
        .when(F.col("group_now") == F.col("group_before"), "stayed")
        .otherwise("moved")
    )
    return together.select(
        F.lit(scheme).alias("scheme"),
        "customer_id",
        "previous_on",
        kind.alias("kind"),
        F.coalesce("group_before", F.lit(NEW)).alias("from_group"),
        F.coalesce("group_now", F.lit(GONE)).alias("to_group"),
        (F.col("points_now") - F.col("points_before")).alias("change"),
        "value_before",
        "value_now",
    )


def direction() -> Column:
    change = F.col("change")
    return F.when(change > 0, "up").when(change < 0, "down").when(change == 0, "level")


def moved(everyone: DataFrame, schemes: list[Scheme]) -> DataFrame:
    """SEGMENT_MOVES."""
    is_told = F.col("scheme").isin(*schemes) if schemes else F.lit(False)
    changed = everyone.where(is_told & (F.col("kind") != "stayed"))
    return changed.select(
        "scheme",
        "customer_id",
        "previous_on",
        "kind",
        "from_group",
        "to_group",
        direction().alias("direction"),
        "value_before",
        "value_now",
    )


def comparisons(everyone: DataFrame, params: MoveParams, as_of: date) -> dict[Scheme, Comparison]:
    """All flows of each scheme."""
    counted = everyone.groupBy("scheme", "previous_on", "kind", "from_group", "to_group").agg(
        F.count(F.lit(1)).alias("customers"),
        F.count_if(F.col("change") > 0).alias("up"),
        F.count_if(F.col("change") < 0).alias("down"),
        F.sum("change").alias("change"),
        total("value_before").alias("value_before"),
        total("value_now").alias("value_now"),
        total("value_before", F.col("change") > 0).alias("value_up"),
        total("value_before", F.col("change") < 0).alias("value_down"),
    )
    found = {scheme: Comparison(scheme, as_of) for scheme in params.schemes}
    for row in collect_rows(counted, "flows between groups"):
        known = row.asDict()
        comparison = found[known.pop("scheme")]
        comparison.previous_on = known.pop("previous_on")
        comparison.flows.append(Flow(**known))
    for comparison in found.values():
        comparison.flows.sort(key=lambda flow: (flow.from_group, flow.to_group))
    return found


def total(column: str, where: Column | None = None) -> Column:
    value = F.col(column) if where is None else F.when(where, F.col(column))
    return F.coalesce(F.sum(value), F.lit(0)).cast("decimal(28,2)")


def history(matrix_before: DataFrame) -> dict[str, History]:
    """The flows of the last comparison, by scheme."""
    found: dict[str, History] = {}
    columns = ("scheme", "days", "from_group", "to_group", "customers")
    for row in collect_rows(matrix_before.select(*columns), "flows of the last comparison"):
        known = found.setdefault(row["scheme"], History(row["days"]))
        known.customers[row["from_group"], row["to_group"]] = row["customers"]
    return found
