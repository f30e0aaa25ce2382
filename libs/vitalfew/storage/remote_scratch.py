"""A folder for what a run stages that only Spark sees: in object storage, or in another file system of Hadoop."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import uuid4

from pyspark.sql import DataFrame, SparkSession

COMPRESSION = "lz4"
"""Staged rows are read at once."""
SHOWN_OF_DIGEST = 12


@dataclass
class RemoteScratch:
    """The staged frames of one run below a URI.

    above: the folder of all runs of one target, from its URI and the root of the target.
    """

    spark: SparkSession
    above: str
    run: str = field(default_factory=lambda: uuid4().hex)
    frames: int = 0

    @staticmethod
    def of(spark: SparkSession, uri: str, root: str) -> RemoteScratch:
        """Below `uri`, for the target whose tables are at `root`."""
        return RemoteScratch(spark, f"{uri.rstrip('/')}/vitalfew-{sha256(root.encode()).hexdigest()[:SHOWN_OF_DIGEST]}")

    def staged(self, frames: tuple[DataFrame, ...]) -> DataFrame:
        """The rows of all `frames`, written once and read back."""
        self.frames += 1
        place = f"{self.above}/{self.run}/{self.frames}"
        for frame in frames:
            frame.write.mode("append").parquet(place, compression=COMPRESSION)
        return self.spark.read.schema(frames[0].schema).parquet(place)

    def release(self) -> None:
        """Remove what this run has staged."""
        if self.frames:
            self.remove(f"{self.above}/{self.run}")
            self.frames = 0

    def clear(self) -> None:
        """Remove what any run of the target has staged here: for when no other run lives."""
        self.remove(self.above)

    def remove(self, place: str) -> None:
        session: Any = self.spark
        path = session._jvm.org.apache.hadoop.fs.Path(place)
        path.getFileSystem(session._jsc.hadoopConfiguration()).delete(path, True)
