"""What is bought together: the rules that are planted, with their probabilities."""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from generator.catalogue import Catalogue

THEME_SLOTS = 10_000
"""An order draws one slot; a slot stands for one set of planted products, or none."""

CONFIDENCES = (0.5, 0.6, 0.7, 0.8, 0.9)
TOGETHER = (80, 60, 40, 30)
"""Slots in which both sides of a pair are bought: 0.8 % to 0.3 % of the orders."""

TRIPLE = (
    (("a", "b", "c"), 40),
    (("a", "b"), 10),
    (("a", "c"), 10),
    (("b", "c"), 10),
    (("a",), 20),
    (("b",), 20),
    (("c",), 20),
)
"""A and B together lead to C (0.8) more than either alone (0.625)."""


@dataclass(frozen=True)
class Rule:
    """One planted rule; its products are in no order but by the slots of `ways`: products and slots."""

    antecedent: tuple[int, ...]
    consequent: int
    ways: tuple[tuple[tuple[int, ...], int], ...]

    def slots_with(self, *products: int) -> int:
        """Slots whose products include all of these."""
        return sum(count for bought, count in self.ways if set(products) <= set(bought))

    def probability(self, *products: int) -> float:
        """Share of the orders with all of these products."""
        return self.slots_with(*products) / THEME_SLOTS

    @property
    def confidence(self) -> float:
        return self.slots_with(*self.antecedent, self.consequent) / self.slots_with(*self.antecedent)

    @property
    def lift(self) -> float:
        return self.confidence / self.probability(self.consequent)


def rules(goods: Catalogue) -> list[Rule]:
    """All planted rules: pairs with confidences from 0.5 to 0.9, then triples."""
    pairs = [pair(i, 2 * i, 2 * i + 1) for i in range(goods.pairs)]
    return pairs + [triple(goods.first_triple + 3 * i) for i in range(goods.triples)]


def pair(index: int, left: int, right: int) -> Rule:
    both = TOGETHER[index % len(TOGETHER)]
    alone = round(both * (1 / CONFIDENCES[index % len(CONFIDENCES)] - 1))
    return Rule((left,), right, (((left, right), both), ((left,), alone), ((right,), both)))


def triple(first: int) -> Rule:
    numbers = dict(zip("abc", range(first, first + 3), strict=True))
    ways = tuple((tuple(numbers[letter] for letter in letters), count) for letters, count in TRIPLE)
    return Rule((first, first + 1), first + 2, ways)


def themes(spark: SparkSession, goods: Catalogue) -> DataFrame:
    """`theme` (a slot) to `planted`, the product numbers bought in it; slots without any are not there."""
    planted = [bought for rule in rules(goods) for bought, count in rule.ways for _ in range(count)]
    return spark.createDataFrame(
        [(slot, list(bought)) for slot, bought in enumerate(planted)], "theme bigint, planted array<bigint>"
    )
