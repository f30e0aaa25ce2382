"""What to do next with a cluster: a sentence chosen by what marks it, with its own figures and no others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vitalfew.jobs.clusters.features import SHARES
from vitalfew.jobs.clusters.names import MARKED, Shape


@dataclass(frozen=True)
class Advice:
    """A sentence for clusters in which all these features are marked; it may quote them and no others."""

    when: tuple[tuple[str, Literal["high", "low"]], ...]
    text: str


ADVICE = (
    Advice(
        (("recency_days", "high"), ("monetary", "high")),
        "Win them back in person: each has spent {monetary}, and they have been silent for {recency_days} days.",
    ),
    Advice(
        (("recency_days", "high"),),
        "Make one inexpensive offer to return and leave it at that: they have been silent for {recency_days} days.",
    ),
    Advice(
        (("returns_share", "high"),),
        "Find out what they send back, and why, before selling them more: {returns_share} of their orders are returns.",
    ),
    Advice(
        (("frequency", "high"), ("average_basket_value", "low")),
        "Make the basket larger, by bundles or a threshold above {average_basket_value}: "
        "they come often ({frequency} orders) and take little.",
    ),
    Advice(
        (("monetary", "high"),),
        "Keep them, by first access and thanks rather than discounts: each has spent {monetary}.",
    ),
    Advice(
        (("frequency", "low"), ("average_basket_value", "high")),
        "Bring them back sooner: baskets of {average_basket_value}, but only {frequency} orders each.",
    ),
    Advice(
        (("frequency", "low"),),
        "Lead them to the next order while they remember the last: {frequency} orders each so far.",
    ),
    Advice(
        (("distinct_products", "low"),),
        "Show them more of the range: {distinct_products} products each so far.",
    ),
    Advice((), "Keep the regular programme, and try one offer on half of them, so that its effect can be measured."),
)
TIMES = (
    Advice((("evening_share", "high"),), " Write to them in the evening: {evening_share} of their orders fall there."),
    Advice((("weekend_share", "high"),), " Write to them at the weekend: {weekend_share} of their orders fall there."),
)


def action(shape: Shape) -> str:
    """The first advice that fits, and when to write where the cluster has a time of its own."""
    first = next(advice for advice in ADVICE if fits(advice, shape))
    return "".join(told(advice, shape) for advice in (first, *(time for time in TIMES if fits(time, shape))))


def fits(advice: Advice, shape: Shape) -> bool:
    signs = {"high": 1, "low": -1}
    return all(shape.centre.get(feature, 0.0) * signs[side] >= MARKED for feature, side in advice.when)


def told(advice: Advice, shape: Shape) -> str:
    return advice.text.format(**{feature: figure(feature, shape.mean[feature]) for feature, _ in advice.when})


def figure(feature: str, mean: float) -> str:
    """A mean as people say it: shares in per cent, amounts to three digits."""
    if feature in SHARES:
        return f"{mean:.0%}"
    return f"{mean:,.0f}" if abs(mean) >= 100 else f"{mean:.3g}"
