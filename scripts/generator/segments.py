"""What becomes of customers: when they come, how often they order, and when they stop."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from generator.world import WEEKS


@dataclass(frozen=True)
class Again:
    """A second spell of orders: from `start` (week) to the end, with the gap of the first divided by `faster`."""

    start: int
    faster: float


@dataclass(frozen=True)
class Segment:
    """One fate. Weeks count from the first; `stop` is the first week without an order; a range is inclusive.

    `gap` is the mean time between orders, in weeks: most customers of a segment are near its lower end.
    """

    name: str
    share: float
    stop: tuple[int, int]
    length: tuple[int, int]
    gap: tuple[float, float]
    again: Again | None = None

    @property
    def is_silent(self) -> bool:
        """Whether its customers have stopped before the end, for good."""
        return self.again is None and self.stop[1] < WEEKS


SEGMENTS = (
    Segment("champion", 0.024, stop=(104, 104), length=(60, 104), gap=(0.4, 1.6)),
    Segment("loyal", 0.078, stop=(104, 104), length=(50, 104), gap=(2.5, 6.0)),
    Segment("new", 0.100, stop=(104, 104), length=(2, 8), gap=(2.0, 4.0)),
    Segment("casual", 0.300, stop=(104, 104), length=(60, 104), gap=(14.0, 40.0)),
    Segment("slipping", 0.071, stop=(79, 99), length=(30, 60), gap=(2.0, 5.0)),  # silent for 35 to 175 days
    Segment("lost", 0.396, stop=(20, 78), length=(4, 50), gap=(4.0, 20.0)),  # silent for 182 days or more
    Segment("returned", 0.006, stop=(70, 80), length=(60, 70), gap=(0.5, 1.2), again=Again(102, 1.0)),
    Segment("rising", 0.014, stop=(104, 104), length=(60, 104), gap=(3.0, 6.0), again=Again(92, 4.0)),
    Segment("dropping", 0.011, stop=(104, 104), length=(60, 104), gap=(1.0, 2.0)),  # one cheap piece an order at last
)

NAMES = tuple(segment.name for segment in SEGMENTS)
CHAMPION, LOYAL, CASUAL, DROPPING = (NAMES.index(name) for name in ("champion", "loyal", "casual", "dropping"))

DROP_WEEK = 98
"""From this week on, those who are dropping spend little."""

JITTER = 0.5
"""An order falls anywhere in this part of its gap."""


def table(spark: SparkSession) -> DataFrame:
    """The segments by number; who has no second spell has one that begins when all is over."""
    rows = [
        (
            number,
            s.name,
            s.is_silent,
            *s.stop,
            *s.length,
            *s.gap,
            *((s.again.start, s.again.faster) if s.again else (WEEKS, 1.0)),
        )
        for number, s in enumerate(SEGMENTS)
    ]
    return spark.createDataFrame(
        rows,
        "segment int, segment_name string, is_silent boolean, stop_low bigint, stop_high bigint, length_low bigint, "
        "length_high bigint, gap_low double, gap_high double, again_week bigint, faster double",
    )
