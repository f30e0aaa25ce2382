"""What segments are called where people read it."""

from __future__ import annotations

from vitalfew.messages.catalogue import group
from vitalfew.messages.message import Message, message

NAMES = "segments"


def segment_name(name: str) -> Message | str:
    """The message for a segment of a preset; the name of a user's own segment as it is."""
    return message(f"{NAMES}.{name}") if name in group(NAMES) else name
