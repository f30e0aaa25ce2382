"""The months since a milestone that nobody has named, from what each customer bought. Runs on executors.

Of each purchase the logarithm of how much likelier its category is in a month than on average; these summed per
customer, each shifted by the months to the last purchase; and the months of all purchases as prior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vitalfew.algorithms.milestones.distributions import DAYS_PER_MONTH, METHODS, Fit
from vitalfew.dataframes.arrays import Bools, Floats, Ints, Matrix

MEANT = 0.8
"""Share of milestones that the interval is to hold."""
LEVELS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
"""How much of the posterior the interval may hold for that: as wide as known milestones ask for."""
MIDDLE = 0.5
DAMPINGS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""n purchases speak as n ** (1 - damping) of them: what one customer buys is alike, and no independent evidence."""
AT_ONCE = 20_000
"""Purchases whose months are held in memory at a time."""
BINS = 10
MICRO, FINE = 1e6, 1e4
"""Sums over customers are of whole numbers: they do not depend on the order of rows."""
NEVER = 1e-9
SCORED = (
    "customer_id string, last_day int, stage int, probability double, information double, "
    "low double, middle double, high double"
)
JUDGED = (
    "fold int, method int, damping int, bin int, is_clear boolean, n bigint, loss bigint, better bigint, "
    "squares bigint, hits bigint, certainty bigint, "
    + ", ".join(f"covered_{place} bigint" for place in range(len(LEVELS)))
)


@dataclass(frozen=True)
class Bought:
    """Purchases of customers, in their order: `owners` (places of customers), `codes`, and months before the last one.

    last_days: of each customer the day of the last purchase, from 1970-01-01.
    """

    owners: Ints
    codes: Ints
    backs: Ints
    last_days: Ints

    @property
    def counts(self) -> Ints:
        return np.bincount(self.owners, minlength=self.last_days.size)

    def of(self, chosen: Bools) -> Bought:
        """Those of the chosen customers."""
        theirs, place = chosen[self.owners], np.cumsum(chosen) - 1
        return Bought(place[self.owners[theirs]], self.codes[theirs], self.backs[theirs], self.last_days[chosen])


@dataclass(frozen=True)
class Clear:
    """When a posterior says something: the probability of its stage, and the bits by which it is narrower."""

    probability: float
    information: float


def bought(rows: pa.Table) -> Bought:
    """Of columns `codes` and `days`, lists of one length, neither empty."""
    codes, days = (rows[name].combine_chunks() for name in ("codes", "days"))
    codes, days = (
        column if isinstance(column, pa.Array) else pa.concat_arrays(column.chunks) for column in (codes, days)
    )
    lengths = np.asarray(codes.value_lengths().to_numpy(zero_copy_only=False), dtype=np.int64)
    owners = np.repeat(np.arange(lengths.size), lengths)
    each = [np.asarray(column.flatten().to_numpy(zero_copy_only=False), dtype=np.int64) for column in (codes, days)]
    order = np.lexsort((each[1], each[0], owners))
    last = np.full(lengths.size, np.iinfo(np.int64).min)
    np.maximum.at(last, owners, each[1])
    return Bought(owners, each[0][order], months_before(each[1][order], last[owners]), last)


def months_before(days: Ints, last: Ints) -> Ints:
    return np.asarray(np.floor((last - days) / DAYS_PER_MONTH), dtype=np.int64)


def log_likelihoods(found: Bought, ratios: Matrix) -> Matrix:
    """One row per customer: of each month of the last purchase, the sum over all of them."""
    sums = np.zeros((found.last_days.size, ratios.shape[1]))
    places = np.arange(ratios.shape[1])
    for start in range(0, found.codes.size, AT_ONCE):
        part = slice(start, start + AT_ONCE)
        months = np.maximum(places[None, :] - found.backs[part, None], 0)  # before the first month as in it
        np.add.at(sums, found.owners[part], ratios[found.codes[part, None], months])
    return sums


def posterior(prior: Floats, sums: Matrix, counts: Ints, damping: float) -> Matrix:
    """Shares of the months of the last purchase; each row adds up to 1."""
    logs = np.log(prior) + sums * (np.maximum(counts, 1)[:, None].astype(np.float64) ** -damping)
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def information(shares: Matrix, prior: Floats) -> Floats:
    """By how many bits the shares differ from the prior."""
    known = np.where(shares > 0, shares, 1.0)
    return np.asarray(np.sum(np.where(shares > 0, shares * np.log2(known / prior), 0.0), axis=1))


def quantile(shares: Matrix, share: float) -> Floats:
    """Months after the first one, up to which this share lies: within a month, days are alike."""
    sums = np.cumsum(shares, axis=1)
    month = (sums < share).sum(axis=1).clip(max=shares.shape[1] - 1)
    each = np.arange(len(shares))
    own = shares[each, month]
    return np.asarray(month + np.clip(1 - (sums[each, month] - share) / np.maximum(own, NEVER), 0.0, 1.0))


def up_to(shares: Matrix, places: Floats) -> Floats:
    """The share before each place."""
    month = places.astype(np.int64)
    each = np.arange(len(shares))
    own = shares[each, month]
    return np.asarray(np.cumsum(shares, axis=1)[each, month] - own * (1 - (places - month)))


def stages_after(fit: Fit, shares: Matrix, shifts: Ints) -> Matrix:
    """Shares of the stages this many months after the last purchase; what is past the last stage is in none."""
    sums = np.hstack([np.zeros((len(shares), 1)), np.cumsum(shares, axis=1)])
    places = np.clip(fit.edges[None, :] - shifts[:, None], 0, fit.months)
    return np.diff(np.take_along_axis(sums, places, axis=1), axis=1)


def scored(rows: pa.Table, fit: Fit, method: str, damping: float, level: float, today: int) -> pa.Table:
    """SCORED: of each customer the stage `today` (days from 1970-01-01), and places of the last purchase."""
    found = bought(rows)
    sums = log_likelihoods(found, fit.log_ratios(method))
    shares = posterior(fit.of_all, sums, found.counts, damping)
    now = stages_after(fit, shares, months_before(found.last_days, np.full(found.last_days.size, today)))
    stage = now.argmax(axis=1)
    columns = [
        rows["customer_id"],
        pa.array(found.last_days.astype(np.int32)),
        pa.array(stage.astype(np.int32)),
        pa.array(np.round(now[np.arange(len(now)), stage], 6)),
        pa.array(np.round(information(shares, fit.of_all), 6)),
        *[pa.array(np.round(quantile(shares, share), 6)) for share in (0.5 - level / 2, MIDDLE, 0.5 + level / 2)],
    ]
    return pa.table(columns, names=[each.split()[0] for each in SCORED.split(", ")])


def judged(rows: pa.Table, fits: Sequence[Fit], clear: Clear) -> pa.Table:
    """JUDGED: sums over customers whose milestone is known, by a fit that has not seen them.

    `rows` has besides `codes` and `days` the `fold`, and the true `place` of the last purchase: months after the first.
    """
    found = bought(rows)
    folds, places = rows["fold"].to_numpy(), rows["place"].to_numpy()
    parts = []
    for fold in np.unique(folds):
        fit, chosen = fits[fold], folds == fold
        theirs = found.of(chosen)
        for number, method in enumerate(METHODS):
            sums = log_likelihoods(theirs, fit.log_ratios(method))
            for place, damping in enumerate(DAMPINGS):
                shares = posterior(fit.of_all, sums, theirs.counts, damping)
                parts.append(tallied(fit, shares, places[chosen], (int(fold), number, place), clear))
    return pa.concat_tables(parts)


def tallied(fit: Fit, shares: Matrix, places: Floats, key: tuple[int, int, int], clear: Clear) -> pa.Table:
    """JUDGED of one fold, method and damping."""
    stages, true = fit.stages(shares), fit.stage_of(places)
    top, each = stages.argmax(axis=1), np.arange(true.size)
    certainty = stages[each, top]
    loss = -np.log(np.maximum(stages[each, true], NEVER))
    of_prior = -np.log(np.maximum(fit.stages(fit.of_all[None, :])[0, true], NEVER))
    better = np.round((of_prior - loss) * FINE)
    needed = np.abs(2 * up_to(shares, places) - 1)
    is_clear = (certainty >= clear.probability) & (information(shares, fit.of_all) >= clear.information)
    bins = np.minimum((certainty * BINS).astype(np.int64), BINS - 1)
    groups, which = np.unique(2 * bins + is_clear, return_inverse=True)
    counted = [np.ones(true.size), np.round(loss * MICRO), better, better**2, top == true, np.round(certainty * MICRO)]
    counted += [needed <= level for level in LEVELS]
    sums = [summed(which, column, groups.size) for column in counted]
    ints = [np.full(groups.size, number, dtype=np.int32) for number in key]
    columns = [*ints, (groups // 2).astype(np.int32), groups % 2 == 1, *sums]
    return pa.table(dict(zip([each.split()[0] for each in JUDGED.split(", ")], columns, strict=True)))


def summed(which: Ints, values: Floats | Bools, size: int) -> Ints:
    """Sums of whole numbers by group."""
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, which, values.astype(np.int64))
    return sums
