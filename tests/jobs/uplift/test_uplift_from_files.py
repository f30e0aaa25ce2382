"""From a file of assignments to a verdict, by the command line; without that file the job is skipped by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile import Hostile
from shop import SHOP

from vitalfew import suite
from vitalfew.config import loading
from vitalfew.engines.engine import Engine
from vitalfew.runs.pipeline import Runner
from vitalfew.storage.delta import Storage

TREATMENTS = {
    "at": "in/treatments",
    "columns": {
        "customer_id": "kunde",
        "action": "aktion",
        "arm": "gruppe",
        "assigned_at": "cast(am as timestamp)",
        "reached_at": "cast(erreicht as timestamp)",
    },
    "types": {"am": "date", "erreicht": "date"},
}
HEADER = "kunde,aktion,gruppe,am,erreicht"


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    """60 customers of whom every second got a gift; of these, 25 came back, of the others 5; orders go on for a month."""
    made = Hostile(tmp_path, running, monkeypatch)
    made.target(extra={"files": {"order_lines": SHOP, "treatments": TREATMENTS}})
    assigned = [
        f"c{n},gift,{'Gift' if n % 2 else 'Control'},2025-02-01,{'2025-02-02' if n % 2 else ''}" for n in range(60)
    ]
    odd = [
        "c0,gift,,2025-02-01,",
        ",gift,Gift,2025-02-01,",
        "c1,gift,Gift,2099-01-01,",
        assigned[3],
        "c5,gift,Gift,soon,",
    ]
    made.write("in/treatments/a.csv", "\n".join([HEADER, *assigned, *odd]) + "\n")
    bought = [n for n in range(60) if n < (50 if n % 2 else 10)]
    first = [f"f{n},c{n},tea,2025-01-10 09:00:00,1,{1 + n % 3}" for n in range(60)]
    again = [f"o{n},c{n},tea,2025-02-{1 + n % 20:02} 09:00:00,1,{20 + n % 7}" for n in bought]
    made.drop(*first, *again, "last,c0,tea,2025-03-20 09:00:00,1,1")
    made.job("uplift", "min_customers: 20\n")
    return made


def test_a_file_of_assignments_becomes_a_verdict_in_both_languages_and_forgets_whom_it_must(shop: Hostile) -> None:
    lenient = ("--set", "ingest.max_quarantined_share=1.0")
    said = shop.answers(*lenient, jobs=("ingest", "orders", "uplift", "summary"))
    assert "uplift" in said
    columns = ("arm", "customers", "control_customers", "verdict", "finding")
    ordered = [row for row in shop.rows("uplift", *columns, "outcome", "dimension") if row[5:] == ("ordered", "all")]
    finding = "Do it again: 83.3% ordered within 30 days, in the control arm 16.7%."
    assert ordered == [("Gift", 30, 30, "worked", finding, "ordered", "all")]
    arms = shop.rows("uplift_arms", "arm", "customers", "reached_customers", "reassigned_customers")
    assert arms == [("Gift", 30, 30, 0), ("control", 30, 0, 0)]
    reasons = " ".join(row[0] for row in shop.rows("quarantine", "reason", "source") if row[1] == "treatments")
    assert all(each in reasons for each in ("arm is missing", "customer_id is missing", "in the future", "assigned_at"))
    shown = shop.run("show", "uplift", "--language", "zh", "--columns", "finding", "--format", "csv")
    assert "再做一次：30天内有 83.3% 下单" in shown.text.replace("30 天", "30天")
    assert "Gift (gift)" in " ".join(row[0] for row in shop.rows("summary", "label"))
    hidden = shop.run("show", "uplift", "--min-group", "31", "--columns", "arm", "--format", "csv")
    assert "Gift" not in hidden.text
    known = shop.rows("treatments", "customer_id")
    assert shop.run("forget", "c7").code == 0
    assert shop.rows("treatments", "customer_id") == [row for row in known if row != ("c7",)] != known


def test_a_table_of_the_company_may_hold_anything(shop: Hostile, running: Engine) -> None:
    """NULL arms, nobody, the future, names that are SQL, and all customers twice."""
    query = """
        select customer_id, "it's; --" as action, arm, cast(at as timestamp) as assigned_at from (
            select concat('c', id) customer_id, if(id % 2 = 0, ' HOLDOUT ', "'x' | y") arm, '2025-02-01' at
            from range(60) cross join (values (1), (2)) as twice(n)
            union all values ('c1', null, '2025-02-01'), (null, 'control', '2025-02-01'), ('c2', 'x', '2999-01-01')
        )
    """
    running.spark.sql(query).write.format("delta").save(str(shop.root / "theirs" / "treatments"))
    source = {"treatments": {"at": "theirs/treatments"}}
    shop.target(extra={"files": {"order_lines": SHOP}, "sources": source})
    shop.answers(jobs=("ingest", "orders", "uplift", "summary"))
    arms = shop.rows("uplift_arms", "action", "arm", "customers", "reassigned_customers", "conflicting_customers")
    assert sorted(arms) == [("it's; --", "'x' | y", 30, 0, 0), ("it's; --", "control", 30, 0, 0)]
    verdicts = shop.rows("uplift", "outcome", "dimension", "verdict")
    assert [row[2] for row in verdicts if row[:2] == ("ordered", "all")] == ["worked"]
    refused = [row[0] for row in shop.rows("quarantine", "reason", "job") if row[1] == "uplift"]
    assert sorted(refused) == ["arm is missing", "customer_id is missing"]
    assert "it&#39;s; --" in shop.report()


def test_without_its_table_the_job_is_skipped_and_says_which(shop: Hostile, running: Engine) -> None:
    shop.target()
    loaded = loading.load(str(shop.root / "conf"), "here", suite.chosen(["uplift"]))
    storage = Storage(running, loaded.target)
    (skipped,) = Runner(storage, loaded).run(suite.chosen(["uplift"]), lenient=True)
    assert skipped.state == "skipped"
    assert "treatments" in skipped.message
