"""From files of orders and consents to a list, by the command line, in both languages; and whom it must forget."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile import Hostile
from shop import SHOP

from vitalfew.engines.engine import Engine

CONSENTS = {
    "at": "in/consents",
    "columns": {"customer_id": "kunde", "channel": "kanal", "state": "stand", "since": "cast(seit as timestamp)"},
    "types": {"seit": "date"},
}
PLAN = """
budget: 3.0
hold_out: 0.0
explore: 0.0
least_gain: 0.0
channels: {email: {cost: 1.0, capacity: null}, phone: {cost: 2.0, capacity: 1}}
actions:
  second_order: {uplift: 0.5, channels: [email, phone], channel_uplift: {phone: 0.9}}
"""


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    """Ten customers with one order each, and three with more; the even ones of the ten agreed to e-mails, or to calls."""
    made = Hostile(tmp_path, running, monkeypatch)
    made.target(extra={"files": {"order_lines": SHOP, "consents": CONSENTS}})
    said = [
        f"c{n},{'email' if n < 8 else 'phone'},{'granted' if n % 2 == 0 else 'denied'},2025-02-01" for n in range(10)
    ]
    odd = [
        ",email,granted,2025-02-01",
        "c1,,granted,2025-02-01",
        "c1,email,granted,soon",
        "c1,email,granted,2099-01-01",
        "c6,email,withdrawn,2099-01-01",
    ]
    made.write(
        "in/consents/a.csv", "\n".join(["kunde,kanal,stand,seit", *said, *odd, "c2,email,withdrawn,2025-02-02"]) + "\n"
    )
    made.drop(*[f"o{n},c{n},tea,2025-02-{1 + n:02} 09:00:00,1,{20 + 10 * n}" for n in range(10)])
    often = [f"r{n}{day},r{n},tea,2025-01-{day:02} 09:00:00,1,{30 + n}" for n in range(3) for day in (2, 9, 17)]
    made.drop(*often, name="b.csv")
    made.job("actions", PLAN)
    return made


def test_a_file_of_consents_decides_who_is_on_the_list(shop: Hostile) -> None:
    lenient = ("--set", "ingest.max_quarantined_share=1.0")
    shop.answers(*lenient, jobs=("ingest", "orders", "next_purchase", "actions", "summary"))
    listed = shop.rows("customer_actions", "customer_id", "channel", "action", "arm")
    mailed = "c4"  # what c6 took back has a date to come, and counts; what c1 granted has one, and does not
    assert sorted(listed) == [(mailed, "email", "second_order", "plan"), ("c8", "phone", "second_order", "plan")]
    reasons = " ".join(row[0] for row in shop.rows("quarantine", "reason", "source") if row[1] == "consents")
    assert all(each in reasons for each in ("customer_id is missing", "channel is missing", "seit")), reasons
    assert "future" not in reasons
    ((planned, refused, possible),) = shop.rows("plan_totals", "planned", "without_consent", "possible")
    assert (planned, refused, possible) == (2, 6, 2), "the first has lapsed meanwhile"
    shown = shop.run("show", "customer_actions", "--language", "zh", "--columns", "reason,promise", "--format", "csv")
    assert "促成第二单：首单在" in shown.text
    assert "the plan" in " ".join(row[0] for row in shop.rows("summary", "label"))
    again = shop.run("run", "actions", "--no-report")
    assert "unchanged" in again.text
    assert shop.run("forget", "c8").code == 0
    assert {row[0] for row in shop.rows("customer_actions", "customer_id")} == {mailed}
    assert ("c8",) not in shop.rows("consents", "customer_id")
    assert ("c8",) not in shop.rows("planned_contacts", "customer_id")
