"""How numbers read."""

from __future__ import annotations

from decimal import Decimal

from pyspark.sql import Row


def size(row: Row) -> str:
    """How many customers, and what they spend."""
    share = "" if row["share_of_monetary"] is None else f" ({percent(row['share_of_monetary'])} of all spend)"
    people = f"{how_many(row['customers'], 'customer')} ({percent(row['share_of_customers'])})"
    return f"{people}, {money(row['monetary'])}{share}"


def money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def how_many(n: int, what: str) -> str:
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def sentence(words: str) -> str:
    """`words` with a capital at the beginning, names in it left as they are."""
    return words[:1].upper() + words[1:]
