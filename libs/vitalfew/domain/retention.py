"""How long slices of a result are kept: days before the newest one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta


def kept(days: Iterable[date], most: int | None) -> list[date]:
    """The days of observation that lie at most `most` days before the newest, sorted; None keeps all."""
    found = sorted(days)
    if most is None or not found:
        return found
    first = found[-1] - timedelta(days=min(most, (found[-1] - date.min).days))
    return [day for day in found if day >= first]
