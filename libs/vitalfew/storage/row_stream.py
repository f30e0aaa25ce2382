"""The rows that come to a table, by Structured Streaming: Spark keeps in its checkpoint what was handled."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from vitalfew.engines.engine import first_line
from vitalfew.errors import TableError, VitalFewError
from vitalfew.storage import source_mapping
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table

LOOK = 1  # second
GONE = ("FAILED_READ_FILE", "FileNotFoundException", "does not exist")


class Stop(Protocol):
    """Whether somebody has asked for the end."""

    def is_set(self) -> bool: ...


def can_stream(storage: Storage) -> bool:
    """Whether the engine can call a function of this process for each batch."""
    return storage.engine.name == "spark"


def is_gone(error: BaseException) -> bool:
    """Whether a file was removed before its rows were read."""
    return not isinstance(error, VitalFewError) and any(words in str(error) for words in GONE)


@dataclass
class RowStream:
    """The rows of `table` from a version on, or from where the checkpoint is; `handle` is called for each batch."""

    storage: Storage
    table: Table
    version: int
    checkpoint: str
    handle: Callable[[DataFrame], None]
    failed: list[BaseException] = field(default_factory=list)
    busy: Lock = field(default_factory=Lock)

    def frame(self) -> DataFrame:
        """Every row of each commit; of an update or an overwrite all rows of the files that it wrote."""
        at = self.storage.target.location(self.table.name)
        options = {"ignoreChanges": "true", "startingVersion": str(self.version)}
        reader = self.storage.spark.readStream.format("delta").options(**options)
        return reader.load(at.at) if at.is_path else reader.table(at.at)

    def batch(self, rows: DataFrame, number: int) -> None:
        """One batch, as Spark hands it over; its rows are ours from here on."""
        del number
        with self.busy:
            try:
                at, source = (self.storage.target.location(self.table.name), self.storage.target.sources)
                ours = source_mapping.mapped(self.table, rows, source.get(self.table.name), at, self.storage.called)
                self.handle(ours.select(*self.table.columns))
            except BaseException as error:
                self.failed.append(error)
                raise

    def run(self, seconds: float, poll: float, stop: Stop) -> None:
        """All that is there; with `seconds`, for so long, or until `stop` is set. TableError where rows are gone."""
        writer = self.frame().writeStream.foreachBatch(self.batch).option("checkpointLocation", self.checkpoint)
        trigger = writer.trigger(processingTime=f"{max(1, round(poll * 1000))} milliseconds")
        query = (trigger if seconds else writer.trigger(availableNow=True)).start()
        until = time.monotonic() + seconds
        try:
            while query.isActive and not stop.is_set() and (not seconds or time.monotonic() < until):
                query.awaitTermination(LOOK)
            with self.busy:  # a batch that has begun comes to its end
                query.stop()
            query.awaitTermination()
        except PySparkException as error:
            own = self.failed[0] if self.failed else error
            if own is not error and not is_gone(own):
                raise own from error
            raise TableError(
                f"{self.table.name}: the stream of its rows stopped: {first_line(own).rstrip('.')}. Where files or "
                "versions of it are gone before they were read, what came with them is not known. To answer what the "
                "table has now, all of it, which makes no offer twice: vitalfew run offers --set reread=true"
            ) from error
