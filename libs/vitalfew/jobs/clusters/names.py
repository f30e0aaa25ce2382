"""What to call a cluster: words for what sets it apart from all customers, made from its features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

MARKED = 0.5
"""Deviations from the mean of all from which a feature counts as high or low."""
WORDS = 3
AVERAGE = "near the average"
ALONE = "all customers"


@dataclass(frozen=True)
class Trait:
    """How a feature is spoken of. A name has one of each kind: "frequent, short gaps" would say one thing twice."""

    kind: str
    high: str
    low: str = ""


@dataclass(frozen=True)
class Shape:
    """One cluster: its centre in deviations from the mean of all, and its means in the unit of each feature."""

    centre: Mapping[str, float]
    mean: Mapping[str, float]


TRAITS: Mapping[str, Trait] = {
    "frequency": Trait("rhythm", "frequent", "infrequent"),
    "mean_gap_days": Trait("rhythm", "long gaps", "short gaps"),
    "recency_days": Trait("recency", "long silent", "seen lately"),
    "monetary": Trait("spend", "high spend", "low spend"),
    "average_basket_value": Trait("basket", "large baskets", "small baskets"),
    "pieces_per_order": Trait("basket", "many pieces", "few pieces"),
    "distinct_products": Trait("range", "broad choice", "narrow choice"),
    "weekend_share": Trait("days", "weekends", "weekdays"),
    "evening_share": Trait("hours", "evenings", "daytime"),
    "returns_share": Trait("returns", "many returns", "few returns"),
}


def names(shapes: Sequence[Shape], traits: Mapping[str, Trait]) -> list[str]:
    """A name for each cluster, all different; `traits` say how its features are called, in the order of telling.

    The most marked traits make the name. Where two names are alike both get more words; where all words are alike, a
    figure.
    """
    if len(shapes) == 1:
        return [ALONE]
    found = [phrase(shape, traits, WORDS) for shape in shapes]
    for words in range(WORDS + 1, len(traits) + 1):
        found = [phrase(shapes[i], traits, words) if is_taken(name, found) else name for i, name in enumerate(found)]
    for _ in shapes[0].centre:  # each round splits every group of clusters that still share a name
        for name in dict.fromkeys(name for name in found if is_taken(name, found)):
            alike = [i for i, other in enumerate(found) if other == name]
            for i, figure in zip(alike, figures([shapes[i] for i in alike]), strict=True):
                found[i] = f"{name}, {figure}"
    return found


def is_taken(name: str, found: Sequence[str]) -> bool:
    return found.count(name) > 1


def phrase(shape: Shape, traits: Mapping[str, Trait], words: int) -> str:
    """Up to so many traits, the most marked ones; those that are not marked only when more words than usual are due.

    Deviations are compared to one decimal: what hardly differs should not change a name from run to run.
    """
    spoken = {f: trait.high if shape.centre[f] > 0 else trait.low for f, trait in traits.items() if f in shape.centre}
    chosen: dict[str, str] = {}
    for feature in sorted(spoken, key=lambda f: -round(abs(shape.centre[f]), 1)):
        is_told = abs(shape.centre[feature]) >= MARKED or (words > WORDS and shape.centre[feature] != 0)
        if len(chosen) < words and is_told and spoken[feature]:
            chosen.setdefault(traits[feature].kind, feature)
    return ", ".join(text for feature, text in spoken.items() if feature in chosen.values()) or AVERAGE


def figures(shapes: Sequence[Shape]) -> list[str]:
    """What tells these clusters apart by number: their means of the feature in which their centres differ most."""
    spread = {f: np.ptp([shape.centre[f] for shape in shapes]) for f in shapes[0].centre}
    feature = max(spread, key=lambda f: (len({shape.mean[f] for shape in shapes}) > 1, spread[f]))
    means = [shape.mean[feature] for shape in shapes]
    digits = next((d for d in range(2, 17) if len({f"{x:.{d}g}" for x in means}) == len(set(means))), 17)
    return [f"{feature.replace('_', ' ')} {x:.{digits}g}" for x in means]
