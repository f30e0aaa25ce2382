"""A shop whose customers write: everyday texts drawn by chance, and on request a crisis that is planted among them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

AS_OF = date(2025, 7, 1)
REGIONS = ("north", "south", "east", "west")
CHANNELS = ("web", "app", "store")
PRODUCTS = tuple(f"p{number}" for number in range(12))
ENGLISH = {
    "good": ["works great", "smells lovely", "very happy", "excellent quality", "fast delivery"],
    "bad": ["arrived late", "broke quickly", "poor quality", "waste of money", "very disappointed"],
    "any": ["the bottle", "my kitchen", "this soap", "for my mother", "second order", "nice colour", "big box"],
}
CHINESE = {
    "good": ["质量很好", "物流快", "非常满意", "值得购买", "味道清香"],
    "bad": ["质量差", "物流慢", "非常失望", "浪费钱", "客服不理人"],
    "any": ["给妈妈买的", "厨房用", "第二次下单", "颜色好看", "瓶子大", "包装简单"],
}


@dataclass
class Voices:
    """Events as rows of EVENTS, and the customers who wrote them."""

    seed: int
    language: dict[str, list[str]] = field(default_factory=lambda: ENGLISH)
    joint: str = ", "
    customers: int = 400
    texts: int = 1200
    weeks: int = 30
    events: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        for _ in range(self.texts):
            self.everyday()

    @property
    def profiles(self) -> list[tuple[str, str]]:
        """customer_id and region."""
        return [(f"c{n}", REGIONS[n % len(REGIONS)]) for n in range(self.customers)]

    def everyday(self) -> None:
        is_bad = self.dice.random() < 0.3
        kind = self.dice.choice(["review", "complaint"])
        mood = self.dice.choice(self.language["bad" if is_bad or kind == "complaint" else "good"])
        parts = [mood, *self.dice.sample(self.language["any"], 2)]
        self.dice.shuffle(parts)
        self.say(
            kind,
            self.joint.join(parts),
            self.dice.randrange(self.weeks * 7) + 1,
            value=self.dice.choice([1, 2] if is_bad else [3, 4, 5]) if kind == "review" else None,
        )

    def say(self, kind: str, text: str | None, days_ago: int, **other: Any) -> None:
        """One event; what is not said is drawn."""
        drawn = {
            "customer_id": f"c{self.dice.randrange(self.customers)}",
            "product_id": self.dice.choice(PRODUCTS),
            "channel": self.dice.choice(CHANNELS),
            "value": None,
        }
        happened = datetime.combine(AS_OF - timedelta(days=days_ago), datetime.min.time()) + timedelta(hours=9)
        self.events.append({**drawn, "kind": kind, "detail": text, "happened_at": happened, **other})

    def crisis(self, words: tuple[str, str], product: str = "p3", region: int = 0, channel: str = "app") -> None:
        """40 complaints about one product in the last week: most name one batch and a leak, and come from one region."""
        for number in range(40):
            is_batch = number % 10 < 8
            words_ = [
                words[0] if is_batch else self.dice.choice(self.language["bad"]),
                *self.dice.sample(self.language["any"], 1),
            ]
            text = self.joint.join([*words_, *([f"{words[1]} L2231"] if is_batch else [])])
            is_there = self.dice.random() < (0.9 if is_batch else 0.25)
            who = self.dice.randrange(self.customers // 4) * 4 + (region if is_there else self.dice.randrange(4))
            where = channel if is_batch and number % 10 < 7 else self.dice.choice(CHANNELS)
            self.say("complaint", text, number % 7 + 1, customer_id=f"c{who}", product_id=product, channel=where)
