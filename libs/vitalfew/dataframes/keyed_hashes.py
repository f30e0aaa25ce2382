"""HMAC-SHA-256 of texts, computed by the engine itself; the key is data of one row, and no literal of a plan."""

from __future__ import annotations

from hashlib import sha256

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

BLOCK = 64  # bytes, of SHA-256
INNER, OUTER = 0x36, 0x5C


def with_hash(frame: DataFrame, text: str, key: bytes, name: str) -> DataFrame:
    """`frame` with one column more: HMAC-SHA-256 of the column `text` in lower-case hex; NULL where that is NULL.

    RFC 2104: SHA-256(outer pad + SHA-256(inner pad + text)). What `explain` and
    the event log of Spark print of a plan are expressions, with their literals, and the columns of local rows, without
    their values: so the pads, which would tell the key, come as a row that is joined to every other.
    """
    padded = (key if len(key) <= BLOCK else sha256(key).digest()).ljust(BLOCK, b"\0")
    pads = bytes(byte ^ INNER for byte in padded), bytes(byte ^ OUTER for byte in padded)
    row = frame.sparkSession.createDataFrame([pads], "_inner binary, _outer binary")
    inner = F.unhex(F.sha2(F.concat("_inner", F.encode(F.col(text), "utf-8")), 256))
    hashed = F.sha2(F.concat("_outer", inner), 256)
    return frame.crossJoin(F.broadcast(row)).select(*frame.columns, hashed.alias(name))
