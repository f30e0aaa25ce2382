"""The Lagrangian dual of an allocation: prices of the limits, and a bound that no allocation can exceed.

With a price on each limit every taker chooses alone. L(prices) = sum of prices x limits + sum over takers of what their
choice is worth when its use is paid for: for any prices that are not negative, at least the best value there is. It is
convex and piecewise linear; its slope in a price is the limit less what is used (Geoffrion, 1974).

It is minimised by cutting planes in a trust region: each point that was looked at gives a plane below L; the least
point of all planes, near the best point so far, is looked at next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from vitalfew.algorithms.allocation.options import Options
from vitalfew.dataframes.arrays import Floats

SHRINK, GROW, ENOUGH = 0.35, 2.5, 0.3
"""By how much the region changes after a step that did not keep its promise, or did; and what share of it is enough."""


@dataclass(frozen=True)
class Point:
    """The dual at some prices: the bound, and what is used of each limit there."""

    prices: Floats
    bound: float
    used: Floats


@dataclass(frozen=True)
class Solved:
    """All points that were looked at, in order, and the one with the least bound."""

    points: Sequence[Point]

    @property
    def best(self) -> Point:
        return min(self.points, key=lambda point: point.bound)


Evaluate = Callable[[Floats], Point]


def evaluate(options: Options, limits: Floats, prices: Floats) -> Point:
    """The dual of `options`; followers have no part in it."""
    reduced = options.reduced(prices)
    chosen = options.best(reduced) & ~options.followers
    used = options.uses[:, chosen].sum(axis=1)
    return Point(prices, float(prices @ limits + reduced[chosen].sum()), used)


def minimise(
    evaluated: Evaluate, limits: Floats, start: Floats, region: Floats, passes: int, tolerance: float
) -> Solved:
    """At most `passes` points, the first at `start`, until no point in the region promises more than `tolerance`.

    `region`: how far from the best point each price may be looked for at first. `tolerance`: a share of the bound.
    """
    points = [evaluated(start)]
    best = points[0]
    width, scale = 1.0, np.where(region > 0, region, 1.0)
    while len(points) < passes:
        prices, promised = least(points, best.prices, limits, scale, width)
        promise = best.bound - promised
        if promise <= tolerance * max(abs(best.bound), 1e-9):
            is_inside = bool((np.abs(prices - best.prices) < 0.99 * width * scale).all())
            if is_inside or width > 1e3:
                break
            width *= GROW * GROW
            continue
        points.append(point := evaluated(prices))
        gain = best.bound - point.bound
        width *= GROW if gain >= ENOUGH * promise else SHRINK if gain <= 0 else 1.0
        best = point if gain > 0 else best
    return Solved(points)


def least(points: Sequence[Point], centre: Floats, limits: Floats, scale: Floats, width: float) -> tuple[Floats, float]:
    """The prices at which the highest of all planes is least, within `width` x `scale` of `centre`; and its value."""
    slopes = np.array([limits - point.used for point in points]) * scale
    heights = np.array([point.bound - (limits - point.used) @ point.prices for point in points])
    unit = max(1.0, float(np.abs(heights).max()))
    sizes = np.maximum(np.abs(slopes).max(axis=1), unit)
    rows = np.column_stack([slopes / sizes[:, None], -(unit / sizes)])
    at = centre / scale
    bounds = [(max(0.0, each - width), each + width) for each in at]
    found = scipy.optimize.linprog(
        np.append(np.zeros(limits.size), 1.0),
        A_ub=rows,
        b_ub=-heights / sizes,
        bounds=[*bounds, (None, None)],
        method="highs",
    )
    if found.x is None:
        return centre, float("inf")
    return found.x[:-1] * scale, float(found.x[-1] * unit)


def usual_prices(options: Options) -> Floats:
    """Of each limit, what options with a worth bring for what they use of it: a price that the limit may have."""
    found = np.zeros(len(options.uses))
    for number, use in enumerate(options.uses):
        is_used = (use > 0) & (options.values > 0) & ~options.followers
        if is_used.any():
            found[number] = np.quantile(options.values[is_used] / use[is_used], 0.9)
    return found
