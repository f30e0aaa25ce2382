"""How good lists of recommendations are, measured on orders they were made without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2, sqrt

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from vitalfew.algorithms.statistics.normal_quantiles import one_sided
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.ratios import ratio

METRICS = ("hit_rate", "precision", "recall", "ndcg", "map")
DECIMALS = 9


@dataclass(frozen=True)
class Edge:
    """By how much one method's metric is above another's, customer by customer."""

    mean: float
    standard_error: float


@dataclass(frozen=True)
class Measurement:
    """How many customers, each method's mean metrics, and the edges of (method, rival) in the metric that decides."""

    customers: int
    means: Mapping[str, Mapping[str, float]]
    edges: Mapping[tuple[str, str], Edge]


def of_one_list(lists: DataFrame, wanted: DataFrame, lengths: Sequence[int]) -> DataFrame:
    """One row per method, customer and length with a hit: the metrics of that list's first `length` products.

    A list without a hit scores 0 throughout. lists: method, customer_id, product_id, rank from 1; wanted: customer_id,
    product_id. DCG is discounted by log2(rank + 1) and divided by that of the best list possible; average precision by
    the hits that were possible.
    """
    counts = wanted.groupBy("customer_id").agg(F.count(F.lit(1)).alias("n_wanted"))
    hits = lists.join(wanted, on=["customer_id", "product_id"], how="inner").join(counts, on="customer_id", how="inner")
    so_far = Window.partitionBy("method", "customer_id").orderBy("rank").rowsBetween(Window.unboundedPreceding, 0)
    counted = hits.withColumn("hits_so_far", F.count(F.lit(1)).over(so_far))
    ideal = F.array(*[F.lit(sum(1 / log2(rank + 1) for rank in range(1, n + 1))) for n in range(1, max(lengths) + 1)])
    possible = F.least(F.max("n_wanted"), F.col("length")).cast("int")
    n = F.count(F.lit(1))
    return (
        cut(counted, lengths)
        .groupBy("method", "customer_id", "length")
        .agg(
            F.lit(1.0).alias("hit_rate"),
            ratio(n, F.col("length")).alias("precision"),
            ratio(n, F.max("n_wanted")).alias("recall"),
            ratio(F.sum(ratio(F.lit(1.0), F.log2(F.col("rank") + F.lit(1.0)))), F.element_at(ideal, possible)).alias(
                "ndcg"
            ),
            ratio(F.sum(ratio(F.col("hits_so_far"), F.col("rank"))), possible).alias("map"),
        )
    )


def each(lengths: Sequence[int]) -> Column:
    return F.explode(F.array(*[F.lit(n) for n in lengths]))


def cut(lists: DataFrame, lengths: Sequence[int]) -> DataFrame:
    """One copy of the lists for each `length`, which holds only their first `length` products."""
    return lists.withColumn("length", each(lengths)).where("rank <= length")


def measure(
    lists: DataFrame,
    wanted: DataFrame,
    lengths: Sequence[int],
    methods: Sequence[str],
    rivals: Sequence[str],
    metric: str,
) -> dict[int, Measurement]:
    """By length of the lists: the methods and the rivals over all customers in `wanted`, and how far each method is
    above each rival."""
    everyone = [*methods, *rivals]
    values = {(m, name): f"m{at}_{name}" for at, m in enumerate(everyone) for name in METRICS}
    one = of_one_list(lists, wanted, lengths).groupBy("customer_id", "length")
    found = one.agg(*[F.sum(F.when(F.col("method") == m, F.col(n))).alias(v) for (m, n), v in values.items()])
    customers = wanted.select("customer_id").distinct().withColumn("length", each(lengths))
    wide = customers.join(found, on=["customer_id", "length"], how="left").fillna(0.0)
    above = {(m, r): F.col(values[m, metric]) - F.col(values[r, metric]) for m in methods for r in rivals}
    rows = collect_rows(
        wide.groupBy("length").agg(
            F.count(F.lit(1)).alias("customers"),
            *[or_zero(F.mean(column)).alias(column) for column in values.values()],
            *[or_zero(F.mean(edge)).alias(f"mean{at}") for at, edge in enumerate(above.values())],
            *[or_zero(F.stddev_samp(edge)).alias(f"deviation{at}") for at, edge in enumerate(above.values())],
        ),
        "the metrics of the methods",
    )
    nobody = Measurement(
        0, {m: dict.fromkeys(METRICS, 0.0) for m in everyone}, {pair: Edge(0.0, 0.0) for pair in above}
    )
    return dict.fromkeys(lengths, nobody) | {
        row["length"]: Measurement(
            customers=row["customers"],
            means={m: {name: row[values[m, name]] for name in METRICS} for m in everyone},
            edges={
                pair: Edge(row[f"mean{at}"], row[f"deviation{at}"] / sqrt(row["customers"]))
                for at, pair in enumerate(above)
            },
        )
        for row in rows
    }


def or_zero(column: Column) -> Column:
    return F.round(F.coalesce(column, F.lit(0.0)), DECIMALS)


def winner(
    measured: Mapping[int, Measurement], metric: str, confidence: float, preferred: Sequence[str] = ()
) -> str | None:
    """The method to publish: the first `preferred` that beats every rival, else the best that does, else None.

    A method beats a rival if its mean in the longest lists is higher, and its mean in the shorter ones is no lower. The
    gain must be beyond chance at that confidence: one-sided, paired by customer, Bonferroni over the methods.
    """
    longest = measured[max(measured)]
    methods = list(dict.fromkeys(method for method, _ in longest.edges))
    z = one_sided(1 - (1 - confidence) / len(methods))
    beaten = {
        m: [e.mean > max(0.0, z * e.standard_error) for (of, _), e in longest.edges.items() if of == m]
        + [e.mean >= 0 for found in measured.values() for (of, _), e in found.edges.items() if of == m]
        for m in methods
    }
    able = [method for method in methods if all(beaten[method])]
    first = [method for method in preferred if method in able]
    return first[0] if first else max(able, key=lambda method: (longest.means[method][metric], method), default=None)


@dataclass(frozen=True)
class Variety:
    """How much of the catalogue a method's lists hold, and how rarely bought it is, in bits."""

    coverage: float
    novelty: float | None


def variety(
    lists: DataFrame, lengths: Sequence[int], habits: DataFrame, bought: DataFrame
) -> dict[tuple[str, int], Variety]:
    """By method and length, the variety of the first `length` products that a method lists.

    Coverage: the share of all products `bought` before that it lists to anyone. Novelty: the mean of -log2 of the share
    of customers who have bought what it lists (Zhou et al. 2010).
    """
    buyers = habits.select("product_id", "buyers").distinct()
    known = habits.agg(F.count_distinct("customer_id").alias("customers"))
    catalogue = bought.agg(F.count_distinct("product_id").alias("products"))
    rarity = F.log2(ratio(F.col("customers"), F.coalesce("buyers", F.lit(1))))
    counted = (
        cut(lists, lengths)
        .join(buyers, on="product_id", how="left")
        .crossJoin(known)
        .groupBy("method", "length")
        .agg(F.count_distinct("product_id").alias("recommended"), F.round(F.mean(rarity), DECIMALS).alias("novelty"))
        .crossJoin(catalogue)
        .select(
            "method",
            "length",
            F.round(ratio(F.col("recommended"), F.col("products")), DECIMALS).alias("coverage"),
            "novelty",
        )
    )
    return {
        (row["method"], row["length"]): Variety(row["coverage"], row["novelty"])
        for row in collect_rows(counted, "methods")
    }
