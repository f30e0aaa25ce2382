"""How tests stage what an analysis reads several times: as the product does, in files."""

from __future__ import annotations

from itertools import count
from tempfile import TemporaryDirectory

from pyspark.sql import DataFrame

from vitalfew.dataframes.staging import Stage

FOLDER = TemporaryDirectory(prefix="vitalfew-staged-")  # until the tests end
NUMBERS = count()


def kept(frames: tuple[DataFrame, ...]) -> DataFrame:
    path = f"{FOLDER.name}/{next(NUMBERS)}"
    for frame in frames:
        frame.write.mode("append").parquet(path, compression="lz4")
    return frames[0].sparkSession.read.schema(frames[0].schema).parquet(path)


staged = Stage(kept)
