"""Customers under pseudonyms: the same on every page, and nobody comes from them to an id without the key.

They are made with the key by which forgotten customers are known again (see `suppression`), of another text: a page
and the table `suppressed` cannot be laid beside each other.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.keyed_hashes import with_hash
from vitalfew.storage.delta import Storage
from vitalfew.storage.suppression import key_of
from vitalfew.tables import Table
from vitalfew.tables.logs import RUNS
from vitalfew.tables.people import CUSTOMER_IDS

START, DIGITS = "p", 14
"""56 bits: among a million customers, two have the same pseudonym in 7 of a million cases."""
FORM = re.compile(rf"{START}[0-9a-f]{{{DIGITS}}}")
CHOSEN = r'"(customer_id|customers)": *("(?:[^"\\]|\\.)*"|\[[^\]]*\])'
"""A setting of a run that names customers, as JSON."""


def named(storage: Storage, frame: DataFrame, name: str, what: str = "customer") -> DataFrame:
    """`frame` with pseudonyms instead of the ids in its column `name`; NULL stays NULL."""
    return replaced(storage, frame, name, F.lit(True), what)


def replaced(storage: Storage, frame: DataFrame, name: str, condition: Column, what: str = "customer") -> DataFrame:
    """The same in the rows for which `condition` holds."""
    said = frame.withColumn("_said", F.when(condition, F.concat(F.lit(f"page:{what}:"), F.col(name))))
    hashed = with_hash(said, "_said", key_of(storage).get_secret_value().encode(), "_hash")
    made = F.concat(F.lit(START), F.substring("_hash", 1, DIGITS))
    shown = [F.coalesce(made, F.col(name)).alias(name) if each == name else F.col(each) for each in frame.columns]
    return hashed.select(*shown)


def hidden(storage: Storage, frame: DataFrame, table: Table) -> DataFrame:
    """Rows of `table` that name nobody by an id: neither in a column of theirs nor in the settings of a run."""
    if table.name == RUNS.name:
        return frame.withColumn("config", F.regexp_replace("config", CHOSEN, r'"$1": "…"'))
    for name in CUSTOMER_IDS:
        if name in table.columns:
            frame = named(storage, frame, name)
    if "subject_id" in table.columns:
        frame = replaced(storage, frame, "subject_id", F.col("subject") == F.lit("customer"))
    return frame


def of_ids(storage: Storage, ids: Collection[str], what: str = "customer") -> Mapping[str, str]:
    """By id, its pseudonym."""
    if not ids:
        return {}
    frame = storage.spark.createDataFrame([(each, each) for each in ids], "id string, pseudonym string")
    return {row["id"]: row["pseudonym"] for row in collect_rows(named(storage, frame, "pseudonym", what), "pseudonyms")}


def meant(storage: Storage, given: str, customers: DataFrame) -> str:
    """The id that is meant: of whom, among `customers`, it is the pseudonym; or itself. Column: `customer_id`."""
    if not FORM.fullmatch(given):
        return given
    ids = customers.select("customer_id", F.col("customer_id").alias("pseudonym")).where("customer_id is not null")
    found = named(storage, ids.distinct(), "pseudonym").where(F.col("pseudonym") == F.lit(given))
    return next((row["customer_id"] for row in collect_rows(found, "the customer meant")), given)
