"""What a user would pick instead, on the same data: DuckDB, Polars, MLlib, scikit-learn, and FP-Growth in C."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import deltalake
import pyarrow.parquet as pq
from generator.world import AS_OF

from benchmarks.data import DIMENSIONS, fresh, lines_of
from benchmarks.ours import CLUSTERS, SUPPORT, Timed
from vitalfew.dataframes.exact_shares import least_count
from vitalfew.engines import engine

LINES = f"""
    select order_id, customer_id, product_id, ordered_at, quantity, amount from lines
    where ordered_at < date '{AS_OF}'
"""
CUSTOMERS = f"""
    select customer_id, date_diff('day', max(ordered_at) filter (quantity > 0), timestamp '{AS_OF}') recency_days,
        count(distinct order_id) filter (quantity > 0) frequency, sum(amount) monetary,
        min(ordered_at) filter (quantity > 0) first_order_on, sum(quantity) pieces
    from ({LINES}) where customer_id is not null group by customer_id having frequency > 0
"""
MOST_BOUGHT = f"""
    select customer_id, product_id most_bought_product_id from (
        select customer_id, product_id, count(distinct order_id) n, sum(quantity) pieces
        from ({LINES}) where quantity > 0 and customer_id is not null group by all)
    qualify row_number() over (partition by customer_id order by n desc, pieces desc, product_id) = 1
"""
RFM = """
    with cuts as (select quantile_disc(recency_days, [0.2, 0.4, 0.6, 0.8]) r, quantile_disc(frequency, [0.2, 0.4, 0.6, 0.8]) f,
        quantile_disc(monetary, [0.2, 0.4, 0.6, 0.8]) m from customers)
    select c.*, monetary / frequency average_order_value, b.most_bought_product_id,
        5 - len(list_filter(r, lambda x: recency_days > x)) r, 1 + len(list_filter(f, lambda x: frequency > x)) f,
        1 + len(list_filter(m, lambda x: monetary > x)) m
    from customers c left join most_bought b using (customer_id), cuts
"""
CONTRIBUTION = """
    select *, case when value <= 0 then 'none' when above < 0.8 * total then 'A' when above < 0.95 * total then 'B' else 'C' end abc
    from (select subject, subject_id, value, value / total share, rank, decile, total,
        coalesce(sum(greatest(value, 0)) over (partition by subject order by rank rows between unbounded preceding and 1 preceding), 0) above,
        value >= 3 * (total - value) / nullif(n - 1, 0) is_super
        from (select *, row_number() over (partition by subject order by value desc, subject_id) rank,
            ntile(10) over (partition by subject order by value desc, subject_id) decile,
            sum(greatest(value, 0)) over (partition by subject) total, count(*) over (partition by subject) n from worth))
"""


def duckdb_value(root: Path) -> Timed:
    """RFM and contribution of customers and products, as SQL, to Delta tables; other columns of ours left out."""
    import duckdb

    out = fresh(root / "duckdb")
    connection = duckdb.connect()
    started = time.monotonic()
    connection.execute(f"create view lines as select * from read_parquet({lines_of(root)})")
    connection.execute(f"create table customers as {CUSTOMERS}")
    connection.execute(f"create table most_bought as {MOST_BOUGHT}")
    connection.execute(
        f"""create table worth as select 'customer' subject, customer_id subject_id, sum(amount) as value from ({LINES})
        where customer_id is not null group by all
        union all select 'product', product_id, sum(amount) from ({LINES}) group by all"""
    )
    deltalake.write_deltalake(str(out / "rfm"), connection.sql(RFM).to_arrow_table())
    deltalake.write_deltalake(str(out / "contribution"), connection.sql(CONTRIBUTION).to_arrow_table())
    seconds = time.monotonic() - started
    told = connection.execute("select count(*), sum(monetary) from customers").fetchall()[0]
    return seconds, {"customers": told[0], "money": str(told[1])}


def polars_value(root: Path) -> Timed:
    """The same by Polars' lazy frames, with less of it: no average order value, share, decile, ABC class or super."""
    import polars as pl

    out = fresh(root / "polars")
    started = time.monotonic()
    lines = pl.scan_parquet(lines_of(root)).filter(pl.col("ordered_at").dt.date() < AS_OF)
    sold = pl.col("quantity") > 0
    known = lines.filter(pl.col("customer_id").is_not_null())
    when = pl.col("ordered_at").filter(sold)
    customers = known.group_by("customer_id").agg(
        when.max().alias("last"),
        when.min().alias("first_order_on"),
        pl.col("order_id").filter(sold).n_unique().alias("frequency"),
        pl.col("amount").sum().alias("monetary"),
        pl.col("quantity").sum().alias("pieces"),
    )
    bought = (
        known.filter(sold)
        .group_by("customer_id", "product_id")
        .agg(pl.col("order_id").n_unique().alias("n"), pl.col("quantity").sum().alias("pieces"))
        .sort("n", "pieces", "product_id", descending=[True, True, False])
        .group_by("customer_id")
        .agg(pl.col("product_id").first().alias("most_bought_product_id"))
    )
    found = customers.filter(pl.col("frequency") > 0).join(bought, on="customer_id", how="left").collect()
    scored = found.with_columns(
        pl.col("last").cast(pl.Float64).qcut(5, labels=list("12345"), allow_duplicates=True).alias("r"),
        pl.col("frequency").cast(pl.Float64).qcut(5, labels=list("12345"), allow_duplicates=True).alias("f"),
        pl.col("monetary").cast(pl.Float64).qcut(5, labels=list("12345"), allow_duplicates=True).alias("m"),
    ).with_columns(pl.col("r", "f", "m").cast(pl.String))
    scored.write_delta(str(out / "rfm"))
    products = lines.group_by("product_id").agg(pl.col("amount").sum().alias("value")).collect()
    worth = pl.concat(
        [
            found.select(
                pl.lit("customer").alias("subject"), pl.col("customer_id").alias("id"), value=pl.col("monetary")
            ),
            products.select(pl.lit("product").alias("subject"), pl.col("product_id").alias("id"), "value"),
        ]
    ).sort("subject", "value", "id", descending=[False, True, False])
    positive = pl.col("value").clip(lower_bound=0)
    ranked = worth.with_columns(
        (positive.cum_sum().over("subject") - positive).alias("above"),
        positive.sum().over("subject").alias("total"),
        pl.int_range(1, pl.len() + 1).over("subject").alias("rank"),
    )
    ranked.write_delta(str(out / "contribution"))
    seconds = time.monotonic() - started
    return seconds, {"customers": found.height, "money": str(found["monetary"].sum())}


def c_itemsets(root: Path) -> Timed:
    """Borgelt's FP-Growth in C, from Parquet."""
    import fim

    started = time.monotonic()
    table = pq.read_table(root / "baskets", columns=["items"])
    baskets = [tuple(basket) for chunk in table["items"].chunks for basket in chunk.to_pylist()]
    loaded = time.monotonic() - started
    found = fim.fpgrowth(baskets, target="s", supp=-float(least_count(SUPPORT, len(baskets))), zmin=1, report="a")
    seconds = time.monotonic() - started
    told = {"sets": len(found), "occurrences": sum(count for _, count in found)}
    return seconds, {**told, "loading": round(loaded, 1)}


def sklearn_clusters(root: Path) -> Timed:
    """scikit-learn's K-means, from Parquet."""
    import numpy as np
    from sklearn.cluster import KMeans

    started = time.monotonic()
    table = pq.read_table(root / "points")
    points = np.column_stack([table[f"x{i}"].to_numpy() for i in range(DIMENSIONS)])
    loaded = time.monotonic() - started
    fitted = KMeans(CLUSTERS, random_state=1).fit(points)
    seconds = time.monotonic() - started
    return seconds, {"cost": round(fitted.inertia_), "points": len(fitted.labels_), "loading": round(loaded, 1)}


KRYO = {
    "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
    "spark.kryoserializer.buffer.max": "512m",
    "spark.driver.memory": "8g",
}


def mllib_itemsets(root: Path) -> Timed:
    """MLlib's FP-Growth with Kryo and room; caching the baskets is not counted."""
    from pyspark.ml.fpm import FPGrowth
    from pyspark.sql import functions as F

    running = engine.start("spark", remote=None, master=None, options=KRYO)
    baskets = running.spark.read.parquet(str(root / "baskets")).cache()
    count = baskets.count()
    started = time.monotonic()
    support = (least_count(SUPPORT, count) - 0.1) / count
    model = FPGrowth(itemsCol="items", minSupport=support, minConfidence=0.5).fit(baskets)
    row = model.freqItemsets.agg(F.count("*").alias("n"), F.sum("freq").alias("total")).collect()[0]
    seconds = time.monotonic() - started
    answer: dict[str, Any] = {"sets": row["n"], "occurrences": row["total"]}
    running.close()
    return seconds, answer


def mllib_clusters(root: Path) -> Timed:
    """MLlib's K-means on a cached frame of vectors; reading and caching are told apart, and not counted."""
    from pyspark.ml.clustering import KMeans
    from pyspark.ml.feature import VectorAssembler

    running = engine.start("spark", remote=None, master=None, options=KRYO)
    running.spark.sql("select 1").collect()
    started = time.monotonic()
    frame = running.spark.read.parquet(str(root / "points"))
    columns = [f"x{i}" for i in range(DIMENSIONS)]
    vectors = VectorAssembler(inputCols=columns, outputCol="features").transform(frame).select("features").cache()
    vectors.count()
    loaded = time.monotonic() - started
    started = time.monotonic()
    model = KMeans(k=CLUSTERS, seed=1).fit(vectors)
    sizes = model.summary.clusterSizes
    seconds = time.monotonic() - started
    answer: dict[str, Any] = {"cost": round(model.summary.trainingCost), "points": sum(sizes)}
    answer["loading"] = round(loaded, 1)
    started = time.monotonic()
    _ = KMeans(k=CLUSTERS, seed=1).fit(vectors).summary.clusterSizes
    answer["again"] = round(time.monotonic() - started, 1)
    running.close()
    return seconds, answer
