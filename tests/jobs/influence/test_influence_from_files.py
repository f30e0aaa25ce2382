"""From a file of referrals to who brings most, by the command line; and what is said without such a file."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hostile import Hostile
from shop import SHOP

from vitalfew.engines.engine import Engine

REFERRALS = {
    "at": "in/referrals",
    "columns": {"referrer_id": "von", "customer_id": "wen", "referred_at": "cast(am as timestamp)"},
    "types": {"am": "date"},
}
HEADER = "von,wen,am"
JOBS = ("ingest", "orders", "influence", "summary")


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    """40 customers with two orders each; the first four brought five others each."""
    made = Hostile(tmp_path, running, monkeypatch)
    made.drop(
        *[f"o{n}-{m},c{n},tea,2025-0{2 + m}-{1 + n % 20:02} 09:00:00,1,{10 + n}" for n in range(40) for m in (0, 1)]
    )
    return made


def test_a_file_of_referrals_becomes_a_list_of_influencers_in_both_languages_and_forgets_whom_it_must(
    shop: Hostile,
) -> None:
    shop.target(extra={"files": {"order_lines": SHOP, "referrals": REFERRALS}})
    brought = [f"c{n % 4},c{n},2025-01-10" for n in range(4, 24)]
    odd = [
        "c1,c1,2025-01-10",
        "c2,c4,2025-01-11",
        "c1,,2025-01-10",
        ",c30,2025-01-10",
        "c1,c31,soon",
        "c3,c0,2025-02-20",
    ]
    shop.write("in/referrals/a.csv", "\n".join([HEADER, *brought, *odd]) + "\n")
    lenient = ("--set", "ingest.max_quarantined_share=1.0")
    assert "influence" in shop.answers(*lenient, jobs=JOBS)
    counted = ("edges", "self_referrals", "repeated_referrals", "late_referrals", "brought_customers")
    assert shop.rows("influence_totals", *counted) == [(20, 1, 1, 1, 20)]
    people = shop.rows("customer_influence", "customer_id", "brought_customers", "own_value", "network_value")
    assert len(people) == 24
    assert sum(row[2] for row in people) == sum(row[3] for row in people)
    assert [row[1] for row in people if row[0] in ("c0", "c1", "c2", "c3")] == [5, 5, 5, 5]
    reasons = [row[0] for row in shop.rows("quarantine", "reason", "source") if row[1] == "referrals"]
    assert len(reasons) == 3
    facts = " ".join(row[0] for row in shop.rows("summary", "text"))
    assert "20 customers were brought by 4 others" in facts
    assert "1 of customers who had ordered before, 1 of customers who had been referred, 1 of themselves" in facts
    page = shop.report()
    assert "Who brings most" in page
    chinese = next((shop.root / "pages").glob("*-zh.html")).read_text(encoding="utf-8")
    assert "4 位推荐人带来" in chinese.replace("4位", "4 位")
    shutil.rmtree(shop.root / "pages")  # a page of our own choosing is ours to remove
    forgot = shop.run("forget", "c1")
    assert forgot.code == 0, forgot.text
    assert [row for row in shop.rows("referrals", "referrer_id", "customer_id") if "c1" in row] == []
    shop.write("in/referrals/b.csv", "\n".join([HEADER, "c1,c35,2025-01-10", "c0,c36,2025-01-10"]) + "\n")
    shop.answers(*lenient, jobs=("ingest",))
    late = [row for row in shop.rows("referrals", "referrer_id", "customer_id") if row[1] in ("c35", "c36")]
    assert late == [("c0", "c36")]


def test_without_referrals_and_ties_one_line_says_what_is_missing(shop: Hostile) -> None:
    assert "influence" in shop.answers(jobs=JOBS)
    assert shop.rows("influence_totals", "source", "edges", "missing") == [
        ("none", 0, ["referrals", "contacts", "events"])
    ]
    said = [row for row in shop.rows("summary", "text", "action", "section") if "referrals" in row[0]]
    assert len(said) == 1
    assert said[0][0].startswith("The table referrals is missing or has nothing before")
    assert said[0][1].startswith("Fill the table referrals")
    assert "<td>The table referrals is missing" in shop.report(), "in the list of what has no answer"
