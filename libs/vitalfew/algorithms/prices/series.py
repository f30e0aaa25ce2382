"""Weeks of products as rows that follow each other: weeks without a sale filled in, prices carried forward."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vitalfew.dataframes.arrays import Bools, Floats, Ints

GONE = 4
"""This many weeks without a sale, one after the other: the product was not on offer, and nobody could buy it."""
LAGS = 4
"""Weeks before a week in which customers may have stocked up."""
ANOTHER = 4.0
"""Times the price of the week before, up or down: another currency, pack or product, or a slip."""
REST = -1
"""The product number of all products without a regression of their own, together."""


@dataclass(frozen=True)
class Series:
    """One row per product and week on offer, sorted by both, as arrays of one length.

    product: a number from 0, the rest of the group the last one; block: of weeks, 0 the newest; cell: of product,
    block, and prices of one kind; week: from 0, weeks in which nothing was sold left out.
    log_price: 0 of the rest; before: its mean over the weeks before; after: that of the next week; NaN where there is
    none. spell: rows of one price that follow each other. `names` are the products by their number, the rest left out.
    """

    names: list[str]
    product: Ints
    block: Ints
    cell: Ints
    week: Ints
    units: Floats
    log_price: Floats
    before: Floats
    after: Floats
    spell: Ints

    @property
    def products(self) -> int:
        """How many there are, the rest among them."""
        return len(self.names) + 1

    def where(self, kept: Bools) -> Series:
        """Some of the rows, without cells and weeks in which nothing was sold: they say nothing of any effect."""
        rows = np.flatnonzero(kept)
        while True:
            cells = np.unique(self.cell[rows], return_inverse=True)[1]
            weeks = np.unique(self.week[rows], return_inverse=True)[1]
            units = self.units[rows]
            is_empty = (np.bincount(cells, units)[cells] <= 0) | (np.bincount(weeks, units)[weeks] <= 0)
            if not is_empty.any():
                break
            rows = rows[~is_empty]
        return Series(
            self.names,
            self.product[rows],
            self.block[rows],
            cells,
            weeks,
            self.units[rows],
            self.log_price[rows],
            self.before[rows],
            self.after[rows],
            self.spell[rows],
        )


def series(rows: pa.Table, weeks: int, block_weeks: int, least_change: float) -> Series:
    """The series of `rows`: product_id (NULL: the rest), week (from 1), units, price; one row per product and week.

    Weeks are parted into blocks of `block_weeks`, the last of which ends with the last of `weeks`. A price is another
    one if it differs by the share `least_change` or more from that of the week before.
    """
    is_rest = rows["product_id"].is_null().to_numpy()
    names = sorted(set(rows["product_id"].drop_null().to_pylist()))
    number = {name: place for place, name in enumerate(names)}
    product = np.array([number.get(name, len(names)) for name in rows["product_id"].to_pylist()], np.int64)
    week = rows["week"].to_numpy().astype(np.int64) - 1
    price = np.where(is_rest, 1.0, rows["price"].to_numpy(zero_copy_only=False).astype(float))
    dense = filled(product, week, rows["units"].to_numpy().astype(float), np.log(price))
    product, week, units, log_price, is_gone = dense
    begins = np.concatenate([[True], product[1:] != product[:-1]])
    step = np.abs(np.diff(log_price, prepend=log_price[:1]))
    spell = np.cumsum(begins | (step >= np.log1p(least_change)))
    level = levels(product, log_price)
    before, after = neighbours(level, log_price)
    block = (weeks - 1 - week) // block_weeks
    cell = np.unique(np.stack([level, block]), axis=1, return_inverse=True)[1].reshape(-1)
    found = Series(names, product, block, cell, week, units, log_price, before, after, spell)
    return found.where(~is_gone)


def levels(product: Ints, log_price: Floats) -> Ints:
    """A number for each run of prices of one product that are of one kind; the rows are in order of both."""
    is_new = np.diff(product, prepend=product[:1] - 1) != 0
    is_new |= np.abs(np.diff(log_price, prepend=log_price[:1])) >= np.log(ANOTHER)
    return np.cumsum(is_new) - 1


def filled(product: Ints, week: Ints, units: Floats, log_price: Floats) -> tuple[Ints, Ints, Floats, Floats, Bools]:
    """The same from the first to the last week of each product, in order; and which weeks it was not on offer."""
    order = np.lexsort((week, product))
    product, week, units, log_price = product[order], week[order], units[order], log_price[order]
    gap = np.where(product[1:] == product[:-1], week[1:] - week[:-1], 1) if product.size else np.empty(0, np.int64)
    copies = np.append(gap, 1)
    row = np.repeat(np.arange(product.size), copies)
    offset = np.arange(row.size) - np.repeat(np.cumsum(copies) - copies, copies)
    is_gone = (offset > 0) & (copies[row] - 1 >= GONE)
    return product[row], week[row] + offset, np.where(offset == 0, units[row], 0.0), log_price[row], is_gone


def neighbours(level: Ints, log_price: Floats) -> tuple[Floats, Floats]:
    """The mean of the weeks before, and the value of the next; NaN where prices of a kind have none."""
    total, count = np.zeros(level.size), np.zeros(level.size)
    for lag in range(1, LAGS + 1):
        is_same = level[lag:] == level[:-lag]
        total[lag:] += np.where(is_same, log_price[:-lag], 0.0)
        count[lag:] += is_same
    before = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    after = np.full(level.size, np.nan)
    after[:-1] = np.where(level[1:] == level[:-1], log_price[1:], np.nan)
    return before, after
