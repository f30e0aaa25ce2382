"""How numbers read."""

from __future__ import annotations

from decimal import Decimal


def money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def how_many(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def sentence(words: str) -> str:
    """`words` with a capital at the beginning, names in it left as they are."""
    return words[:1].upper() + words[1:]
