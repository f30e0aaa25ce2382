"""How much to order when demand is not known: the quantile at which one more piece costs as much as it brings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

Quantity = TypeVar("Quantity")


class Number(Protocol):
    """A number, or a column of numbers."""

    def __add__(self, other: Any, /) -> Any: ...
    def __truediv__(self, other: Any, /) -> Any: ...


def critical_ratio(too_few: Number, too_many: Number) -> Any:
    """The share of cases in which demand is to be met: cost of a piece too few, over that plus one of a piece too many.

    Edgeworth (1888); Arrow, Harris and Marschak (1951). Costs are of one piece, in money, and not both 0.
    """
    return too_few / (too_few + too_many)


def best_quantity(quantile: Callable[[Any], Quantity], too_few: Number, too_many: Number) -> Quantity:
    """The quantity with the least expected cost, by the quantile function of demand."""
    return quantile(critical_ratio(too_few, too_many))


def expected_cost(mean: Any, shortage: Any, quantity: Any, too_few: Any, too_many: Any) -> Any:
    """What it costs on average to be wrong, in money: pieces too few and pieces too many of `quantity`.

    `shortage` is E[max(demand - quantity, 0)]; what is left over is quantity - mean + shortage.
    """
    return too_few * shortage + too_many * (quantity - mean + shortage)
