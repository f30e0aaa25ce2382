"""What two products are called where both are told at once: pairs, bundles and pages call them alike."""

from __future__ import annotations

from collections.abc import Mapping


def apart(item: str, other: str, names: Mapping[str, str]) -> tuple[str, str]:
    """What people call the two; with their ids where they are called the same."""
    one, two = names.get(item, item), names.get(other, other)
    return (one, two) if one != two else (f"{one} [{item}]", f"{two} [{other}]")
