"""How an algorithm asks that a frame it will read several times be computed once."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import DataFrame

Stage = Callable[[DataFrame], DataFrame]
"""Computes a frame now and gives back one that is cheap to read again; whoever made it also releases it."""


def recompute(frame: DataFrame) -> DataFrame:
    """The stage that does nothing: the frame is computed at each use. For data small enough not to mind."""
    return frame
