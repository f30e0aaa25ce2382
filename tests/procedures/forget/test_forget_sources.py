"""Who is named how, and what of tables of the company, of mappings that compute the customer, and of lost keys."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import pytest
from hostile import Hostile
from shop import SHOP

from vitalfew.engines.engine import Engine

LINES = (
    "1,7,tea,2025-01-02 09:00:00,2,1.50",
    "2,70,cup,2025-01-03 09:00:00,1,4.00",
    "3,8,pot,2025-01-03 10:00:00,1,9.99",
)
REFUSED = ("4,7,tea,never,7,70", "5,70,tea,never,1,7", "6,7,tea", "7,8,tea,never,1,1.50")
LENIENT = ("--set", "ingest.max_quarantined_share=1.0")


@pytest.fixture
def shop(running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    return Hostile(tmp_path, running, monkeypatch)


def test_a_customer_that_the_mapping_computes_is_known_in_refused_rows_too(
    shop: Hostile, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Numbers, orders and products of others that are spelt as the customer stay."""
    shop.target(columns={**SHOP["columns"], "customer_id": "concat('c', who)"})
    shop.drop(*LINES, *REFUSED)
    shop.answers(*LENIENT, jobs=("ingest", "orders"))
    who = tmp_path_factory.mktemp("asked") / "who.csv"
    who.write_text("customer_id,why\nc7,asked\n\n", encoding="utf-8")
    below = shop.write("who.csv", who.read_text(encoding="utf-8"))
    assert "something IS LEFT in 1: who.csv" in shop.refused(4, "forget", "--from", str(below))
    below.unlink()
    said = shop.run("forget", "--from", str(who))
    assert said.code == 0, said.text
    assert {row[0] for row in shop.rows("order_lines", "order_id")} == {"2", "3"}
    assert {row[0] for row in shop.rows("orders", "customer_id")} == {"c70", "c8"}
    left = [row[0] for row in shop.rows("quarantine", "content")]
    assert len(left) == 2 + ("6,7,tea" in str(left)), left
    assert not any('"who":"7"' in content for content in left)
    key = shop.root / "_keys" / "suppression"
    key.rename(key.with_name("elsewhere"))
    shop.drop(LINES[0].replace("1,7", "9,7", 1), name="b.csv")
    assert "by which forgotten customers are known again, is gone" in shop.refused(2, "run", "ingest")
    key.with_name("elsewhere").rename(key)
    shop.answers(*LENIENT, jobs=("ingest", "orders"))
    assert {row[0] for row in shop.rows("orders", "customer_id")} == {"c70", "c8"}


def test_rows_of_the_company_are_not_touched_and_not_read(shop: Hostile) -> None:
    values = ", ".join(
        f"('o{n}', '{who}', timestamp'2025-01-0{n} 09:00:00')" for n, who in enumerate(("7", "70", "8"), 1)
    )
    shop.table(
        "order_lines",
        f"select order_id, customer_id, 'tea' product_id, ordered_at, 1 quantity, 2.50 amount from (values {values}) "
        "as t(order_id, customer_id, ordered_at)",
    )
    shop.answers(jobs=("orders",))
    assert "Who is to be forgotten?" in shop.refused(2, "forget")
    assert "no Delta table" in shop.refused(3, "forget", "--from", "nothing")
    said = shop.run("forget", "7")
    assert said.code == 0, said.text
    assert "your table order_lines" in said.text
    assert {row[0] for row in shop.rows("orders", "customer_id")} == {"70", "8"}
    shop.answers("--force", jobs=("orders",))
    assert {row[0] for row in shop.rows("orders", "customer_id")} == {"70", "8"}
    assert {row[0] for row in shop.rows("customer_profile", "customer_id")} == {"70", "8"}
    kept = shop.running.spark.read.format("delta").load(str(shop.root / "theirs" / "order_lines"))
    assert kept.count() == 3
    assert "nobody is to be forgotten" in shop.answers(jobs=("forget",))


def test_a_dry_run_counts_what_would_go_and_who_is_unknown_is_said(shop: Hostile) -> None:
    shop.drop(*LINES)
    shop.answers(jobs=("ingest", "orders"))
    said = shop.run("forget", "7", "somebody@shop.example", "--dry-run")
    assert said.code == 0, said.text
    assert "order_lines: 1 of 3 rows" in said.text
    assert "1 of 2 customers in no table (any more)" in said.text
    assert "is named by --contact" in said.text
    assert "in no table" not in shop.run("forget", "7", "--dry-run").text
    assert "1 of 1 customers in no table" in shop.run("forget", "somebody@shop.example").text


@pytest.mark.parametrize("content", ["customer_id\nMüller\n".encode("cp1252"), "7\n".encode("utf-16")])
def test_a_list_of_persons_in_another_encoding_is_refused_without_quoting_it(
    shop: Hostile, content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    who = tmp_path_factory.mktemp("asked") / "who.csv"
    who.write_bytes(content)
    said = shop.refused(2, "forget", "--from", str(who), "--dry-run")
    assert "cannot be read as CSV in UTF-8" in said
    assert "Müller" not in said


def test_pages_of_the_report_that_name_a_person_go_and_others_stay(shop: Hostile) -> None:
    shop.drop(*LINES)
    shop.answers(jobs=("ingest", "orders"))
    shop.write("report/vitalfew-2025-01-04-en.html", "<p>Call <b>70</b> today.</p>")
    shop.write("report/vitalfew-2025-01-04-zh.html", "<p>…</p>")
    key = "ab" * 32
    shop.write("_keys/suppression", key)
    (shop.root / "_keys/suppression").chmod(0o600)
    (shop.root / "_keys").chmod(0o700)
    called = hmac.new(key.encode(), b"page:customer:70", hashlib.sha256).hexdigest()[:14]
    shop.write("report/vitalfew-2025-01-05-en.html", f"<p>Call <b>p{called}</b> today.</p>")
    said = shop.run("forget", "70")
    assert said.code == 0, said.text
    assert "2 pages of the report named them and are removed" in said.text
    assert [path.name for path in (shop.root / "report").iterdir()] == ["vitalfew-2025-01-04-zh.html"]
