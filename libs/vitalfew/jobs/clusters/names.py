"""What to call a cluster: the traits that set it apart from all customers, made from its features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vitalfew.messages.canonical import Item
from vitalfew.messages.sentences import said
from vitalfew.messages.words import Words

MARKED = 0.5
"""Deviations from the mean of all from which a feature counts as high or low."""
WORDS = 3
AVERAGE = Item("average")


@dataclass(frozen=True)
class Trait:
    """What is said of a feature that is high, or low. A name has one of each kind: "frequent, short gaps" would say
    one thing twice."""

    kind: str
    high: Item
    low: Item | None = None


@dataclass(frozen=True)
class Shape:
    """One cluster: its centre in deviations from the mean of all, and its means in the unit of each feature."""

    centre: Mapping[str, float]
    mean: Mapping[str, float]


Name = tuple[Item, ...]
"""The messages `clusters.trait` that a name is made of; none where there is one cluster only."""

KINDS = {
    "frequency": "rhythm",
    "mean_gap_days": "rhythm",
    "recency_days": "recency",
    "monetary": "spend",
    "average_basket_value": "basket",
    "pieces_per_order": "basket",
    "distinct_products": "range",
    "weekend_share": "days",
    "evening_share": "hours",
    "returns_share": "returns",
}
TRAITS: Mapping[str, Trait] = {
    feature: Trait(kind, Item(f"{feature}_high"), Item(f"{feature}_low")) for feature, kind in KINDS.items()
}


def name_columns(name: Name, words: Words) -> dict[str, Any]:
    """`name`, its code and values."""
    if not name:
        return said("name", "clusters.name.all", words)
    return said("name", "clusters.name.traits", words, traits=name)


def names(shapes: Sequence[Shape], traits: Mapping[str, Trait]) -> list[Name]:
    """A name for each cluster, all different; `traits` say how its features are called, in the order of telling.

    The most marked traits make the name. Where two names are alike both get more words; where all words are alike, a
    figure.
    """
    if len(shapes) == 1:
        return [()]
    found = [phrase(shape, traits, WORDS) for shape in shapes]
    for words in range(WORDS + 1, len(traits) + 1):
        found = [phrase(shapes[i], traits, words) if is_taken(name, found) else name for i, name in enumerate(found)]
    for _ in shapes[0].centre:  # each round splits every group of clusters that still share a name
        for name in [name for i, name in enumerate(found) if is_taken(name, found) and name not in found[:i]]:
            alike = [i for i, other in enumerate(found) if other == name]
            for i, figure in zip(alike, figures([shapes[i] for i in alike]), strict=True):
                found[i] = (*name, figure)
    return found


def is_taken(name: Name, found: Sequence[Name]) -> bool:
    return found.count(name) > 1


def phrase(shape: Shape, traits: Mapping[str, Trait], words: int) -> Name:
    """Up to so many traits, the most marked ones; those that are not marked only when more words than usual are due.

    Deviations are compared to one decimal: what hardly differs should not change a name from run to run.
    """
    spoken = {f: trait.high if shape.centre[f] > 0 else trait.low for f, trait in traits.items() if f in shape.centre}
    chosen: dict[str, str] = {}
    for feature in sorted(spoken, key=lambda f: -round(abs(shape.centre[f]), 1)):
        is_told = abs(shape.centre[feature]) >= MARKED or (words > WORDS and shape.centre[feature] != 0)
        if len(chosen) < words and is_told and spoken[feature]:
            chosen.setdefault(traits[feature].kind, feature)
    return tuple(item for feature, item in spoken.items() if item and feature in chosen.values()) or (AVERAGE,)


def figures(shapes: Sequence[Shape]) -> list[Item]:
    """What tells these clusters apart by number: their means of the feature in which their centres differ most."""
    spread = {f: np.ptp([shape.centre[f] for shape in shapes]) for f in shapes[0].centre}
    feature = max(spread, key=lambda f: (len({shape.mean[f] for shape in shapes}) > 1, spread[f]))
    means = [shape.mean[feature] for shape in shapes]
    digits = next((d for d in range(2, 17) if len({f"{x:.{d}g}" for x in means}) == len(set(means))), 17)
    return [Item("figure", {"feature": feature, "mean": f"{x:.{digits}g}"}) for x in means]
