"""What segments are called where people read it."""

from __future__ import annotations

from vitalfew.messages.catalogue import group
from vitalfew.messages.message import Message, message

NAMES = "segments"


def segment_name(name: str) -> Message | str:
    """The message for a segment of a preset; the name of a user's own segment as it is."""
    return message(f"{NAMES}.{name}") if name in group(NAMES) else name


def segment_code(name: str) -> str:
    """The code of a segment of a preset, as messages put it into others; the name of a user's own."""
    said = segment_name(name)
    return said.code if isinstance(said, Message) else said
