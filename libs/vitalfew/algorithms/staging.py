"""How an algorithm asks that a frame it will read several times be computed once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


@dataclass(frozen=True)
class Stage:
    """Computes frames now, one after the other, and gives back their rows as one frame that is cheap to read again.

    Whoever made it also releases what it holds. `rows_at_once`: how many rows fit the memory in which the engine
    groups them; None where it needs no telling, because it moves to disk what does not fit.
    """

    compute: Callable[[tuple[DataFrame, ...]], DataFrame]
    rows_at_once: int | None = None

    def __call__(self, *frames: DataFrame) -> DataFrame:
        return self.compute(frames)

    def parts(self, rows: int) -> int:
        """In how many parts to work on so many rows."""
        return 1 if self.rows_at_once is None else max(1, -(-rows // self.rows_at_once))

    def in_parts(self, frame: DataFrame, key: str, rows: int, work: Callable[[DataFrame], DataFrame]) -> DataFrame:
        """`work` on the about so many `rows` of `frame`, staged; it must not look beyond one value of `key`."""
        parts = self.parts(rows)
        if parts == 1:
            return self(work(frame))
        part = F.pmod(F.xxhash64(key), F.lit(parts))
        return self(*[work(frame.where(part == number)) for number in range(parts)])


def together(frames: tuple[DataFrame, ...]) -> DataFrame:
    """The rows of all frames."""
    return reduce(DataFrame.unionByName, frames)


recompute = Stage(together)
"""The stage that does nothing: the frame is computed at each use. For data small enough not to mind."""
