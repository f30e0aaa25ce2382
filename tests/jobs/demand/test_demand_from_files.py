"""From a file of stock to a list of orders, by the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile import Hostile
from shop import SHOP

from vitalfew.engines.engine import Engine

STOCK = {
    "at": "in/stock",
    "columns": {
        "product_id": "artikel",
        "day": "am",
        "on_hand": "bestand",
        "lead_time_days": "cast(tage as int)",
        "pack_size": "cast(nullif(gebinde, '') as decimal(18,3))",
    },
    "types": {"am": "date", "bestand": "decimal(18,3)"},
}


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    """20 weeks in which two of tea and one cup went over the counter each day, and a file of stock with bad rows."""
    made = Hostile(tmp_path, running, monkeypatch)
    made.target(extra={"files": {"order_lines": SHOP, "stock": STOCK}})
    days = [f"2025-{month:02}-{day:02}" for month in range(1, 6) for day in range(1, 29)]
    lines = [f"o{n},c{n % 9},{what},{day} 09:00:00,{units},2" for n, day in enumerate(days) for what, units in BOUGHT]
    made.drop(*lines)
    stock = ["tea,2025-05-27,30,5,12", "tea,2025-05-20,99,5,12", "tea,soon,1,5,", ",2025-05-27,1,5,"]
    made.write("in/stock/a.csv", "\n".join(["artikel,am,bestand,tage,gebinde", *stock]) + "\n")
    return made


BOUGHT = (("tea", 2), ("cup", 1))


def test_a_file_of_stock_becomes_a_list_of_orders_in_both_languages(shop: Hostile) -> None:
    lenient = ("--set", "ingest.max_quarantined_share=1.0")
    assert "demand" in shop.answers(*lenient, jobs=("ingest", "orders", "demand", "summary"))
    columns = ("product_id", "why", "counted_on", "on_hand", "quantity", "order_up_to", "lead_time_days")
    plan = {row[0]: row[1:] for row in shop.rows("purchase_plan", *columns)}
    why, counted_on, on_hand, quantity, target, lead = plan["tea"]
    assert (why, str(counted_on), on_hand, lead) == ("order", "2025-05-27", 30.0, 5)
    assert quantity == -(-(target - 30) // 12) * 12 > 0
    assert plan["cup"][0] == "not_counted"
    reasons = " ".join(row[0] for row in shop.rows("quarantine", "reason", "source") if row[1] == "stock")
    assert "product_id is missing" in reasons
    assert "am is not a date" in reasons
    facts = " ".join(row[0] for row in shop.rows("summary", "text", "label"))
    assert "known for 1 of 2 products, last counted on" in facts
    page = shop.report()
    assert "to order" in page
    chinese = next((shop.root / "pages").glob("*-zh.html")).read_text(encoding="utf-8")
    assert "到下次到货前需要" in chinese
