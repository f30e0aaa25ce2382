"""From files of events and customers to the list, by the command line: odd texts, and forgetting."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hostile import Hostile
from shop import SHOP

from vitalfew.engines.engine import Engine

EVENTS = {
    "at": "in/events",
    "columns": {
        "customer_id": "wer",
        "happened_at": "cast(wann as timestamp)",
        "kind": "was",
        "product_id": "ding",
        "channel": "wo",
    },
    "types": {"wann": "string"},
}
CUSTOMERS = {
    "at": "in/customers",
    "columns": {"customer_id": "wer", "region": "ort", "joined_on": "seit"},
    "types": {"seit": "date"},
}
REFERRALS = {
    "at": "in/referrals",
    "columns": {"referrer_id": "durch", "customer_id": "wer", "referred_at": "cast(wann as timestamp)"},
    "types": {"wann": "string"},
}
PRODUCTS = {"at": "in/products", "columns": {"product_id": "id", "name": "id", "category": "gruppe"}}
FILES = {"order_lines": SHOP, "events": EVENTS, "customers": CUSTOMERS, "referrals": REFERRALS, "products": PRODUCTS}
JOBS = ("ingest", "orders", "prospects")
ODD = ("<script>alert(1)</script>", "'; drop table events; --", "北京", "{people:count}", "a'b\\")
LAST = date(2025, 2, 20)


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    """120 customers with one order each, of whom some were here before; 30 people who only looked."""
    made = Hostile(tmp_path, running, monkeypatch)
    made.drop(*[f"o{n},c{n},tea,{LAST - timedelta(days=n % 60)} 09:00:00,1,{10 + n}" for n in range(120)])
    made.write("in/products/a.csv", "id,gruppe\ntea,<i>Tea</i>\ncup,\n")
    events = [f"v{n},{LAST - timedelta(days=n)} 10:00:00,{ODD[n % 5]},tea,{ODD[(n + 1) % 5]}" for n in range(30)]
    events += [f"c{n},{LAST - timedelta(days=n % 60 + 3)} 10:00:00,view,tea,web" for n in range(120)]
    made.write("in/events/a.csv", "\n".join(["wer,wann,was,ding,wo", *events, ",2025-01-01 10:00:00,view,,"]) + "\n")
    known = [f"{who}{n},{ODD[n % 2]},2024-01-01" for who, size in (("c", 120), ("v", 30)) for n in range(size)]
    made.write("in/customers/a.csv", "\n".join(["wer,ort,seit", *known]) + "\n")
    made.write("in/referrals/a.csv", f"durch,wer,wann\nc1,v1,{LAST} 08:00:00\nv1,w2,{LAST} 08:00:00\n")
    made.target(extra={"files": FILES})
    return made


def test_odd_texts_reach_the_tables_unharmed_and_who_is_forgotten_stays_away(shop: Hostile) -> None:
    lenient = ("--set", "ingest.max_quarantined_share=1.0", "--set", "prospects.min_customers=20")
    assert "prospects" in shop.answers(*lenient, jobs=JOBS)
    people = {row[0] for row in shop.rows("prospects", "customer_id")}
    assert people == {*(f"v{n}" for n in range(30)), "w2"}
    traits = {row[0] for row in shop.rows("prospect_profile", "value")}
    assert {ODD[0], ODD[1], "<i>Tea</i>"} & traits == {ODD[0], ODD[1]}, "all bought tea first, which says nothing"
    forgot = shop.run("forget", "v1")
    assert forgot.code == 0, forgot.text
    for table in ("prospects", "events", "customers", "referrals"):
        assert all("v1" not in row for row in shop.rows(table)), table
    more = [f"{who},{LAST} 11:00:00,view,tea,web" for who in ("v1", "v99")]
    shop.write("in/events/b.csv", "\n".join(["wer,wann,was,ding,wo", *more]) + "\n")
    shop.write("in/customers/b.csv", "wer,ort,seit\nv1,x,2024-01-01\n")
    shop.write("in/referrals/b.csv", f"durch,wer,wann\nc2,v1,{LAST} 08:00:00\n")
    assert "prospects" in shop.answers(*lenient, "--force", jobs=("ingest", "prospects"))
    late = {row[0] for row in shop.rows("prospects", "customer_id")}
    assert "v99" in late
    assert "v1" not in late
