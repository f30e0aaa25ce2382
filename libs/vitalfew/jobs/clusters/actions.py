"""What to do next with a cluster: a message chosen by what marks it, with its own figures and no others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from vitalfew.jobs.clusters.names import MARKED, Shape
from vitalfew.messages.sentences import said
from vitalfew.messages.words import Words

Side = Literal["high", "low"]


@dataclass(frozen=True)
class Advice:
    """The message for clusters in which all these features are marked; it may quote them and no others."""

    code: str
    when: tuple[tuple[str, Side], ...] = ()


ADVICE = (
    Advice("win_back", (("recency_days", "high"), ("monetary", "high"))),
    Advice("one_offer", (("recency_days", "high"),)),
    Advice("returns", (("returns_share", "high"),)),
    Advice("larger_baskets", (("frequency", "high"), ("average_basket_value", "low"))),
    Advice("keep", (("monetary", "high"),)),
    Advice("sooner", (("frequency", "low"), ("average_basket_value", "high"))),
    Advice("next_order", (("frequency", "low"),)),
    Advice("wider_range", (("distinct_products", "low"),)),
    Advice("regular"),
)
TIMES = (
    Advice("both", (("evening_share", "high"), ("weekend_share", "high"))),
    Advice("evening", (("evening_share", "high"),)),
    Advice("weekend", (("weekend_share", "high"),)),
    Advice("none"),
)


def action(shape: Shape, words: Words) -> dict[str, Any]:
    """The columns of the first advice that fits, and of when to write where the cluster has a time of its own."""
    first, time = (next(advice for advice in those if fits(advice, shape)) for those in (ADVICE, TIMES))
    figures = {feature: shape.mean[feature] for feature, _ in (*first.when, *time.when)}
    return said("action", f"clusters.action.{first.code}", words, time=time.code, **figures)


def fits(advice: Advice, shape: Shape) -> bool:
    signs = {"high": 1, "low": -1}
    return all(shape.centre.get(feature, 0.0) * signs[side] >= MARKED for feature, side in advice.when)
