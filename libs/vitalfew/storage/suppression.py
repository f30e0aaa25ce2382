"""Customers who were forgotten: known again by a keyed hash, so that no file and no table brings them back."""

from __future__ import annotations

from functools import reduce
from pathlib import Path

from pydantic import SecretStr
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.keyed_hashes import with_hash
from vitalfew.errors import ConfigError
from vitalfew.storage import contact_key
from vitalfew.storage.delta import Storage, is_local
from vitalfew.tables.logs import SUPPRESSED
from vitalfew.tables.people import SOURCE_IDS

FILE = "suppression"
ADVICE = "Or set `suppression_key: ${VITALFEW_SUPPRESSION_KEY}` in the target's file; it must stay the same for ever."


def key_of(storage: Storage) -> SecretStr:
    """The key of the target; ConfigError where there is none and none can be kept."""
    if storage.target.suppression_key is not None:
        return storage.target.suppression_key
    folder = storage.target.resolve(contact_key.FOLDER)
    if not is_local(folder):
        raise ConfigError(
            f"Customers can be forgotten, and have pseudonyms, only with a key, and at {folder.at} none can be kept in "
            f"private, as that is no local folder. Set{ADVICE.removeprefix('Or set')}"
        )
    path = Path(folder.at) / FILE
    if not path.exists() and storage.exists(SUPPRESSED):
        raise ConfigError(
            f"{path}, by which forgotten customers are known again, is gone: they would come back. Restore it. {ADVICE}"
        )
    return contact_key.in_file(path, ADVICE)


def hashed(storage: Storage, frame: DataFrame, name: str = "customer_hash") -> DataFrame:
    """`frame`, which has a `customer_id`, with its hash; NULL where that is NULL."""
    said = frame.withColumn("_said", F.concat(F.lit("customer:"), F.trim("customer_id")))
    return with_hash(said, "_said", key_of(storage).get_secret_value().encode(), name).drop("_said")


def apart(storage: Storage, frame: DataFrame) -> tuple[DataFrame, DataFrame | None]:
    """`frame` without the rows of forgotten customers, and those rows; `frame` itself, where nobody was forgotten."""
    names = [name for name in SOURCE_IDS if name in frame.columns]
    if not names or not storage.exists(SUPPRESSED):
        return frame, None
    gone = storage.read(SUPPRESSED).select(F.col("customer_hash").alias("_hash"))
    every = reduce(DataFrame.unionByName, [frame.select(F.col(name).alias("customer_id")) for name in names])
    ids = storage.stage(hashed(storage, every.distinct(), "_hash"))
    theirs = storage.small(storage.stage(ids.join(gone, on="_hash", how="inner").select("customer_id")))
    kept, parts = frame, []
    for name in names:
        of_name = theirs.withColumnRenamed("customer_id", name)
        parts.append(kept.join(of_name, on=name, how="left_semi").select(*frame.columns))
        kept = kept.join(of_name, on=name, how="left_anti").select(*frame.columns)
    return storage.stage(kept), reduce(DataFrame.unionByName, parts)
