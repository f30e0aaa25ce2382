"""`explain` says what a column means, how it was made, and what it says of a customer; never a secret or a contact."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hostile import Hostile, copied, week
from pyspark.sql import Row
from shop import SHOP

from vitalfew import suite
from vitalfew.cli import commands, explain
from vitalfew.engines.engine import Engine
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.suite import TABLES

KEY = "a-secret-key-of-32-characters-ok"
MAIL = "ann@planted.example"
CONTACTS = {"at": "in/contacts", "columns": {"customer_id": "who", "kind": "what", "value": "reach"}}
EVENTS = {"at": "in/events", "columns": {"customer_id": "who", "kind": "kind", "happened_at": "at", "detail": "text"}}


@pytest.fixture(scope="module")
def made(running: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a shop with customers c0 to c2, of whom c0 and c1 are one person by their e-mail."""
    root = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as monkeypatch:
        shop = opened(root, running, monkeypatch)
        shop.job("customer360", "hash_key: ${CONTACT_KEY}\n")
        shop.drop(*week(customers=3))
        shop.write("in/contacts/a.csv", f"who,what,reach\nc0,email,{MAIL}\nc1,email,{MAIL}\n")
        shop.write("in/events/a.csv", f"who,kind,at,text\nc0,search,2025-01-05 10:00:00,write to {MAIL}\n")
        shop.answers(jobs=("ingest", "orders", "customer_products", "rfm", "customer360"))
    return root


@pytest.fixture
def shop(made: Path, running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    copied(made, tmp_path)
    return opened(tmp_path, running, monkeypatch)


def opened(root: Path, running: Engine, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    shop = Hostile(root, running, monkeypatch)
    monkeypatch.setenv("CONTACT_KEY", KEY)
    in_words(shop, "en")
    return shop


def in_words(shop: Hostile, language: str) -> None:
    files = {"order_lines": SHOP, "contacts": CONTACTS, "events": EVENTS}
    shop.target(extra={"files": files, "language": language, "currency": "EUR"})


def answered(shop: Hostile, *arguments: str) -> str:
    said = shop.run("explain", *arguments)
    assert said.code == 0, said.text
    assert KEY not in said.text
    assert "planted.example" not in said.text
    return said.text


def cells(text: str) -> dict[str, str]:
    """What stands in the blocks of rows, by column."""
    rows = [line.partition("|") for line in text.splitlines() if " | " in line]
    return {name.strip(): value.strip() for name, _, value in rows}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_alone_is_answered_with_a_line_for_each_of_its_columns(name: str) -> None:
    said = CliRunner().invoke(commands.cli, ["explain", name], catch_exceptions=False)
    words = [line.split()[0] for line in said.output.splitlines() if line.startswith("  ") and line[2] != " "]
    assert words == [*TABLES[name].columns]


def test_a_column_is_explained_by_what_is_declared_what_is_set_and_what_was_run(shop: Hostile) -> None:
    text = answered(shop, "rfm.recency_days")
    for said in (
        "Days from the last order to as_of.",
        "int, never NULL",
        "unit        days",
        "always      recency_days > 0",
        "Key: as_of, customer_id.",
        f"the job rfm: {suite.JOBS['rfm'].question[:40]}",
        "orders, customer_history (if there)",
        "as of 2025-01-20, by the run",
        "  window_days        not set",
    ):
        assert said in text, text
    assert "published with" not in text
    shop.job("rfm", "window_days: 10\n")
    text = answered(shop, "rfm.monetary")
    assert "unit        money, EUR" in text
    assert "  window_days        10 (published with not set)" in text
    assert "1 setting has changed since the published day was made" in text
    assert re.search(r"hash_key +\$\{CONTACT_KEY\}\n", answered(shop, "customer360.orders"))
    shop.job("customer360", f"hash_key: {KEY}\n")
    assert re.search(r"hash_key +\*+ \(published with \$\{CONTACT_KEY\}\)\n", answered(shop, "customer360.orders"))
    assert "nothing yet at this target; to run it: vitalfew run clusters" in answered(shop, "clusters.cluster")
    assert "one of      open, " in answered(shop, "alerts.status")


def test_a_customer_is_answered_with_the_row_of_the_day(shop: Hostile) -> None:
    text = answered(shop, "rfm.segment", "--customer", "c1", "--as-of", "2025-01-20")
    assert "rfm says of the customer c1 as of 2025-01-20:" in text
    row = next(each for each in shop.rows("rfm", "customer_id", "frequency", "monetary", "segment") if each[0] == "c1")
    found = cells(text)
    assert [found[name] for name in ("customer_id", "frequency", "monetary", "segment")] == [str(v) for v in row]
    assert [*found] == ["as_of", "customer_id", "segment", *[n for n in RFM.columns if n not in (*RFM.key, "segment")]]
    absent = shop.refused(3, "explain", "rfm.segment", "--customer", "C1")
    assert "rfm has no row of the customer 'C1' as of 2025-01-20." in absent
    missing = shop.refused(3, "explain", "rfm.segment", "--as-of", "2024-01-01")
    assert "rfm has no slice as of 2024-01-01; it has: 2025-01-20." in missing


def test_a_customer_who_was_joined_with_another_is_answered_with_the_person_in_the_language_of_the_target(
    shop: Hostile,
) -> None:
    english = cells(answered(shop, "customer360.action", "--customer", "c1"))
    assert english["person_id"] == "c0"
    assert "action_code" not in english
    in_words(shop, "zh")
    chinese = cells(answered(shop, "customer360.action", "--customer", "c1"))
    assert chinese["action"] != english["action"]
    assert not chinese["action"].isascii()
    assert {**chinese, "action": "", "price_evidence": ""} == {**english, "action": "", "price_evidence": ""}


def test_no_contact_is_shown_wherever_people_have_typed_it(shop: Hostile) -> None:
    refused = shop.refused(2, "explain", "contacts.value", "--customer", "c0")
    assert "contacts holds contact details, of which explain shows none." in refused
    assert "here and in no other table" in answered(shop, "contacts.value")
    found = cells(answered(shop, "events.detail", "--customer", "c0"))
    assert (found["kind"], found["detail"]) == ("search", "-")


def test_a_contact_in_a_table_of_the_company_is_not_shown(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Hostile(tmp_path, running, monkeypatch)
    query = "select 'c0' as customer_id, 'search' as kind, timestamp'2025-01-05 10:00:00' as happened_at"
    shop.table("events", f"{query}, 'write to {MAIL}' as detail union all {query}, 'green tea' as detail")
    text = answered(shop, "events.detail", "--customer", "c0")
    assert sorted(line.partition("| ")[2] for line in text.splitlines() if line.startswith("detail")) == [
        "-",
        "green tea",
    ]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["rmf.segment"], "There is no table 'rmf'; did you mean rfm?"),
        (["rfm.segmet"], "There is no column 'segmet' in rfm; did you mean segment?"),
        (["recency_days"], "recency_days is a column, of rfm.recency_days"),
        (["rfm.segment.x"], "There is no column 'segment.x' in rfm"),
        (["rfm."], "There is no column '' in rfm"),
        (["rfm", "--customer", "c0"], "--customer is for one column: vitalfew explain rfm.COLUMN --customer ID"),
        (["rfm_segments.customers", "--customer", "c0"], "--customer is for tables with rows of one customer each"),
        (["identity_review.accounts", "--customer", "c0"], "--customer is for tables with rows of one customer each"),
        (["orders.kind", "--as-of", "2025-01-01"], "--as-of is for tables that are kept by day, and orders is none."),
        (["rfm.segment", "--as-of", "soon"], "--as-of is 'soon'; it must be a day"),
    ],
)
def test_what_cannot_be_answered_is_refused_before_an_engine_starts(
    asked: list[str], said: str, running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said in Hostile(tmp_path, running, monkeypatch).refused(2, "explain", *asked)


def test_the_day_of_the_fit_and_an_earlier_version_are_said() -> None:
    row = {
        "as_of": date(2025, 2, 1),
        "run_id": "ab",
        "started_at": datetime.fromisoformat("2025-02-01 03:00"),
        "version": "0.0.1",
    }
    run = Row(**row, fitted_on=date(2025, 1, 28))
    text = "; ".join(map(" ".join, explain.origin(TABLES["clusters"], suite.JOBS["clusters"], run)))
    assert "as of 2025-02-01, by the run ab of 2025-02-01 03:00:00 UTC, by version 0.0.1" in text
    assert "fit of 2025-01-28" in text
    assert "cluster_fit (its last fit)" in text


@pytest.mark.parametrize(
    ("name", "kind", "comment", "unit"),
    [
        ("monetary", "decimal(28,2)", "", "money, in the currency of the order lines"),
        ("cut", "decimal(28,2)", "in the unit of the axis", None),
        ("share_of_value", "double", "", "a part of 1: 0.25 is 25 %"),
        ("recency_days", "int", "", "days"),
        ("gap_days", "array<int>", "", None),
        ("pieces", "decimal(28,3)", "", None),
    ],
)
def test_a_unit_is_said_where_name_and_type_say_it(name: str, kind: str, comment: str, unit: str | None) -> None:
    assert explain.unit_of(name, kind, comment, None) == unit


def test_a_setting_without_a_letter_is_seen() -> None:
    assert [explain.as_text(value) for value in ("", " ", "EUR", None, False)] == [
        '""',
        '" "',
        "EUR",
        "not set",
        "false",
    ]
