"""Parts of sentences that several reports say."""

from __future__ import annotations

from pyspark.sql import Row

from vitalfew.messages.message import Message, message


def known_or_none(group: str, **value: float | None) -> Message:
    """A part of a sentence that speaks of one value; nothing where it is not known."""
    return message(f"{group}.none") if None in value.values() else message(f"{group}.known", **value)


def spend_share(row: Row) -> Message:
    """Which part of all spend it is; nothing where there is none."""
    return known_or_none("spend_share", of_spend=row["share_of_monetary"])
