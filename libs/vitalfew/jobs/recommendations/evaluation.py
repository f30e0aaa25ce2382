"""How good lists of recommendations are, measured on orders they were made without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2, sqrt
from statistics import NormalDist

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

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


def of_one_list(lists: DataFrame, wanted: DataFrame, k: int) -> DataFrame:
    """One row per method and customer with a hit: the metrics of that list; a list without a hit scores 0 throughout.

    lists: method, customer_id, product_id, rank (1 to k); wanted: customer_id, product_id. DCG is discounted by
    log2(rank + 1) and divided by that of the best list possible; average precision by the hits that were possible.
    """
    counts = wanted.groupBy("customer_id").agg(F.count(F.lit(1)).alias("n_wanted"))
    hits = lists.join(wanted, on=["customer_id", "product_id"], how="inner").join(counts, on="customer_id", how="inner")
    so_far = Window.partitionBy("method", "customer_id").orderBy("rank").rowsBetween(Window.unboundedPreceding, 0)
    counted = hits.withColumn("hits_so_far", F.count(F.lit(1)).over(so_far))
    ideal = F.array(*[F.lit(sum(1 / log2(rank + 1) for rank in range(1, n + 1))) for n in range(1, k + 1)])
    possible = F.least(F.max("n_wanted"), F.lit(k)).cast("int")
    n = F.count(F.lit(1))
    return counted.groupBy("method", "customer_id").agg(
        F.lit(1.0).alias("hit_rate"),
        (n / F.lit(k)).alias("precision"),
        ratio(n, F.max("n_wanted")).alias("recall"),
        ratio(F.sum(ratio(F.lit(1.0), F.log2(F.col("rank") + F.lit(1.0)))), F.element_at(ideal, possible)).alias(
            "ndcg"
        ),
        ratio(F.sum(ratio(F.col("hits_so_far"), F.col("rank"))), possible).alias("map"),
    )


def measure(
    lists: DataFrame, wanted: DataFrame, k: int, methods: Sequence[str], rivals: Sequence[str], metric: str
) -> Measurement:
    """The methods and the rivals over all customers in `wanted`, and how far each method is above each rival."""
    everyone = [*methods, *rivals]
    values = {(m, name): f"m{at}_{name}" for at, m in enumerate(everyone) for name in METRICS}
    one = of_one_list(lists, wanted, k).groupBy("customer_id")
    found = one.agg(*[F.sum(F.when(F.col("method") == m, F.col(n))).alias(v) for (m, n), v in values.items()])
    wide = wanted.select("customer_id").distinct().join(found, on="customer_id", how="left").fillna(0.0)
    above = {(m, r): F.col(values[m, metric]) - F.col(values[r, metric]) for m in methods for r in rivals}
    row = collect_rows(
        wide.agg(
            F.count(F.lit(1)).alias("customers"),
            *[or_zero(F.mean(column)).alias(column) for column in values.values()],
            *[or_zero(F.mean(edge)).alias(f"mean{at}") for at, edge in enumerate(above.values())],
            *[or_zero(F.stddev_samp(edge)).alias(f"deviation{at}") for at, edge in enumerate(above.values())],
        ),
        "the metrics of the methods",
    )[0]
    root = sqrt(max(row["customers"], 1))
    return Measurement(
        customers=row["customers"],
        means={m: {name: row[values[m, name]] for name in METRICS} for m in everyone},
        edges={pair: Edge(row[f"mean{at}"], row[f"deviation{at}"] / root) for at, pair in enumerate(above)},
    )


def or_zero(column: Column) -> Column:
    return F.round(F.coalesce(column, F.lit(0.0)), DECIMALS)


def winner(measured: Measurement, metric: str, confidence: float, preferred: Sequence[str]) -> str | None:
    """The method to publish: the first `preferred` that beats every rival, else the best that does, else None.

    To beat is to have a higher mean, by more than chance gives the best of so many methods at that confidence
    (one-sided, paired by customer, Bonferroni).
    """
    methods = list(dict.fromkeys(method for method, _ in measured.edges))
    z = NormalDist().inv_cdf(1 - (1 - confidence) / len(methods))
    beaten = {
        m: [e.mean > max(0.0, z * e.standard_error) for (of, _), e in measured.edges.items() if of == m]
        for m in methods
    }
    able = [method for method in methods if all(beaten[method])]
    first = [method for method in preferred if method in able]
    return first[0] if first else max(able, key=lambda method: (measured.means[method][metric], method), default=None)


@dataclass(frozen=True)
class Variety:
    """How much of the catalogue a method's lists hold, and how rarely bought it is, in bits."""

    coverage: float
    novelty: float


def variety(lists: DataFrame, habits: DataFrame, bought: DataFrame) -> dict[str, Variety]:
    """The variety of each method that lists anything.

    Coverage: the share of all products `bought` before that it lists to anyone. Novelty: the mean of -log2 of the share
    of customers who have bought what it lists (Zhou et al. 2010).
    """
    buyers = habits.select("product_id", "buyers").distinct()
    known = habits.agg(F.count_distinct("customer_id").alias("customers"))
    catalogue = bought.agg(F.count_distinct("product_id").alias("products"))
    rarity = F.log2(ratio(F.col("customers"), F.coalesce("buyers", F.lit(1))))
    counted = (
        lists.join(buyers, on="product_id", how="left")
        .crossJoin(known)
        .groupBy("method")
        .agg(F.count_distinct("product_id").alias("recommended"), F.round(F.mean(rarity), DECIMALS).alias("novelty"))
        .crossJoin(catalogue)
        .select(
            "method", F.round(ratio(F.col("recommended"), F.col("products")), DECIMALS).alias("coverage"), "novelty"
        )
    )
    return {row["method"]: Variety(row["coverage"], row["novelty"]) for row in collect_rows(counted, "methods")}
