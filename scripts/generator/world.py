"""How large the shop is, and when it is open: what every other module is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from generator.dice import Dice

FIRST_DAY = date(2023, 1, 2)
"""A Monday, so that the weeks of the shop are those of the calendar."""

WEEKS = 104
AS_OF = FIRST_DAY + timedelta(weeks=WEEKS)
"""The day after the last order."""

LAST_DAY = AS_OF - timedelta(days=1)

LINES_PER_CUSTOMER = 48.0
"""Lines of order_lines for one known customer, returns and purchases of unknown customers included; measured."""

WALK_INS = 0.3
"""Purchases of unknown customers, one each, for one known customer."""


MOST_DIRTY = 0.015
"""No customer has more than one broken line."""


@dataclass(frozen=True)
class World:
    """One generated shop: its scale, its seed, and how much of its data is broken.

    `dirty` is the number of broken lines for each line asked for. Where it `is_seasonal`, the year has a season, the
    shop grows, and who comes often buys more at a time. Where it `has_decisions`, people, goods and tables are added
    from which the jobs of decisions learn; the rows of the shop itself stay as they are.
    """

    lines: int
    seed: int = 1
    dirty: float = 0.001
    is_seasonal: bool = False
    has_decisions: bool = False
    customers: int = field(init=False)
    products: int = field(init=False)
    dice: Dice = field(init=False)

    def __post_init__(self) -> None:
        if self.lines < 1_000:
            raise ValueError(f"--lines {self.lines}: a shop with planted habits needs at least 1,000 lines.")
        if not 0 <= self.dirty <= MOST_DIRTY:
            raise ValueError(f"--dirty {self.dirty}: the share of broken lines is from 0 to {MOST_DIRTY}.")
        object.__setattr__(self, "customers", round(self.lines / LINES_PER_CUSTOMER))
        object.__setattr__(self, "products", min(5_000, max(240, self.lines // 400)))
        object.__setattr__(self, "dice", Dice(self.seed))

    @property
    def buyers(self) -> int:
        """Known customers, then those who are never asked who they are; numbered in this order from 0."""
        return self.customers + round(self.customers * WALK_INS)
