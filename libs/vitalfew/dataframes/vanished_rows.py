"""What an update of some customers takes away."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame


def vanished(old: DataFrame, customers: DataFrame, new: DataFrame, key: Sequence[str]) -> DataFrame:
    """Keys of `old` that belong to `customers` and are no longer in `new`."""
    theirs = old.select(*key).join(customers, on="customer_id", how="left_semi")
    return theirs.join(new.select(*key), on=list(key), how="left_anti")
