"""What groups are called."""

from __future__ import annotations

from collections.abc import Mapping

from vitalfew.messages.canonical import Item
from vitalfew.messages.catalogue import group
from vitalfew.messages.message import Message, message

WORDS = {"segment": "segments", "status": "micro_segments.status"}
"""Attributes whose values have words of their own, and where these are."""
YES_OR_NO = {"true": "yes", "false": "no"}
DAYS = ("rhythm", "tenure")


def name_of(conditions: Mapping[str, str | None]) -> Message:
    """A group by its conditions, in the order of their attributes."""
    items = [item(attribute, value) for attribute, value in conditions.items()]
    return message("micro_segments.group.name", conditions=items)


def item(attribute: str, value: str | None) -> Item:
    if value is None:
        return Item("unknown", {"attribute": attribute})
    if attribute == "is_member" and value in YES_OR_NO:
        return Item(YES_OR_NO[value], {"attribute": attribute})
    ladder, _, stage = value.partition(": ")
    if attribute == "stage" and ladder in group("lifecycle.ladder") and stage in group("lifecycle.stage"):
        return Item("stage", {"attribute": attribute, "ladder": ladder, "stage": stage})
    code = "days" if attribute in DAYS else "value"
    if attribute in WORDS and value in group(WORDS[attribute]):
        code = attribute
    return Item(code, {"attribute": attribute, "value": value})
