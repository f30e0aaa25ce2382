"""The day of observation, where nobody says it."""

from __future__ import annotations

from datetime import date

import pytest
from shop import Shop

from conftest import Frame
from vitalfew.runs.published import Published
from vitalfew.tables.facts import ORDERS

TODAY = date(2025, 3, 1)


@pytest.mark.parametrize(
    ("days", "day", "later"),
    [
        (["2025-01-05", "2025-02-20"], date(2025, 2, 21), None),
        (["2025-02-20", "2025-03-02"], date(2025, 3, 3), None),  # tomorrow has begun somewhere
        (["2025-02-20", "2025-03-03"], date(2025, 2, 21), "2025-03-03"),
        (["2025-02-20", "2099-12-31"], date(2025, 2, 21), "2099-12-31"),
        (["2026-01-01", "2026-02-01"], date(2026, 2, 2), None),  # the clock of this machine is wrong
    ],
)
def test_the_latest_day_follows_the_last_order_up_to_today(
    shop: Shop, frame: Frame, monkeypatch: pytest.MonkeyPatch, days: list[str], day: date, later: str | None
) -> None:
    rows = "\n".join(f"o{number} | {each}" for number, each in enumerate(days))
    drawn = frame(ORDERS, f"order_id | ordered_on\n{rows}")
    monkeypatch.setattr(Published, "read", lambda *_: drawn)
    found = Published(shop.storage, today=TODAY)
    assert found.day() == day
    assert (later in found.note) if later else not found.note
