"""Parts of sentences that several reports say."""

from __future__ import annotations

from pyspark.sql import Row

from vitalfew.messages.message import Message, message


def spend_share(row: Row) -> Message:
    """Which part of all spend it is; nothing where there is none."""
    if row["share_of_monetary"] is None:
        return message("spend_share.none")
    return message("spend_share.known", of_spend=row["share_of_monetary"])
