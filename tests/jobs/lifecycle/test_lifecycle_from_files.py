"""From a file of milestones to the page, by the command line; forgetting; and what is said without such a file."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hostile import Hostile
from shop import SHOP

from vitalfew.engines.engine import Engine

MILESTONES = {
    "at": "in/milestones",
    "columns": {
        "customer_id": "wer",
        "kind": "was",
        "day": "wann",
        "is_none": "keins = 'x'",
        "subject": "wen",
        "recorded_at": "cast(seit as timestamp)",
    },
    "types": {"wann": "date", "seit": "date"},
}
PRODUCTS = {"at": "in/products", "columns": {"product_id": "id", "name": "id", "category": "gruppe"}}
FILES = {"order_lines": SHOP, "milestones": MILESTONES, "products": PRODUCTS}
JOBS = ("ingest", "orders", "lifecycle", "summary")


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    """40 customers with two orders each, the last on 2025-02-20."""
    made = Hostile(tmp_path, running, monkeypatch)
    made.drop(
        *[
            f"o{n}-{m},c{n},{'nappy' if n % 3 else 'tea'},2025-0{1 + m}-{1 + n % 20:02} 09:00:00,1,{10 + n}"
            for n in range(40)
            for m in (0, 1)
        ]
    )
    made.write("in/products/a.csv", "id,gruppe\nnappy,Diapers\ntea,Tea\n")
    return made


def test_a_file_of_milestones_becomes_stages_in_both_languages_and_forgets_whom_it_must(shop: Hostile) -> None:
    shop.target(extra={"files": FILES})
    births = [f"c{n},birth,{date(2025, 1, 20) - timedelta(days=30 * (n % 12))},,2025-01-22," for n in range(24)]
    odd = [
        "c1,birth,2022-05-05,product,2025-01-01,",  # of this subject, not of a product
        "c1,birth,2023-05-05,ann@example.org,2025-01-01,",
        "c2,birth,2025-02-02,,2025-03-01,",
        "c30,birth,,,2025-01-01,x",
        "c31,birth,soon,,2025-01-01,",
        "c32,birth,,,2025-01-01,",
        ",birth,2025-01-01,,2025-01-01,",
    ]
    shop.write("in/milestones/a.csv", "\n".join(["wer,was,wann,wen,seit,keins", *births, *odd]) + "\n")
    lenient = ("--set", "ingest.max_quarantined_share=1.0")
    assert "lifecycle" in shop.answers(*lenient, jobs=JOBS)
    counted = ("milestone_rows", "known_customers", "denying_customers", "inference")
    ladders = {row[0]: row[1:] for row in shop.rows("lifecycle_ladders", "ladder", *counted)}
    assert ladders["mother_and_baby"] == (28, 24, 1, "too_few")
    people = shop.rows("customer_stages", "customer_id", "subject", "stage", "missing_needs")
    assert len(people) == 25
    assert ("c1", "product", "two_years_old", []) in people
    assert "ann@example.org" not in repr(shop.rows("milestones"))
    assert ("c3", "", "newborn", ["diapers"]) in people, "bought tea"
    facts = " ".join(row[0] for row in shop.rows("summary", "text"))
    assert "are in a stage" in facts
    page = shop.report()
    assert "Customers by stage: mother and baby" in page
    chinese = next((shop.root / "pages").glob("*-zh.html")).read_text(encoding="utf-8")
    assert "各阶段的会员：母婴" in chinese
    for path in (shop.root / "pages").iterdir():
        path.unlink()
    (shop.root / "pages").rmdir()
    forgot = shop.run("forget", "c1")
    assert forgot.code == 0, forgot.text
    for table in ("milestones", "customer_stages"):
        assert [row for row in shop.rows(table, "customer_id") if row[0] == "c1"] == []
    shop.write(
        "in/milestones/b.csv",
        "wer,was,wann,wen,seit,keins\nc1,birth,2024-01-01,,2025-01-01,\nc36,birth,2024-01-01,,2025-01-01,\n",
    )
    shop.answers(*lenient, jobs=("ingest",))
    late = {row[0] for row in shop.rows("milestones", "customer_id")}
    assert "c36" in late
    assert "c1" not in late


def test_without_milestones_one_line_says_what_would_change_it(shop: Hostile) -> None:
    assert "lifecycle" in shop.answers(jobs=JOBS)
    assert shop.rows("customer_stages") == []
    said = [row for row in shop.rows("summary", "text", "action") if "milestone" in row[0]]
    assert len(said) == 1
    assert said[0][0].startswith("No customer has a known milestone, and nobody bought what starts a ladder")
    assert said[0][1].startswith("Fill the table milestones")


def test_a_ladder_of_ones_own_with_odd_names_is_written_as_it_is(shop: Hostile) -> None:
    shop.target(extra={"files": FILES})
    shop.job(
        "lifecycle",
        "ladders:\n  '<b>house</b> & \"home\"':\n    milestone: Move\n    needs: {'a/b ü': [tea]}\n"
        "    stages:\n      '50 % <i>in</i>': {from_month: -1, to_month: 240, needs: ['a/b ü']}\n",
    )
    moved = [f"c{n},move,2024-12-01,,2025-01-01," for n in range(12)]
    shop.write("in/milestones/a.csv", "\n".join(["wer,was,wann,wen,seit,keins", *moved]) + "\n")
    assert "lifecycle" in shop.answers("--set", "ingest.max_quarantined_share=1.0", jobs=JOBS)
    people = shop.rows("customer_stages", "customer_id", "stage", "missing_needs")
    assert len(people) == 12
    assert ("c1", "50 % <i>in</i>", ["a/b ü"]) in people
    page = shop.report()
    assert "50 % &lt;i&gt;in&lt;/i&gt;" in page
    assert "<i>in</i>" not in page
