"""The story of a customer of whom the data say little or odd things."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hostile import Hostile, copied, week
from pyspark.sql import Row
from shop import SHOP

from vitalfew.cli.customer.known import Known
from vitalfew.cli.customer.story import repeats
from vitalfew.cli.page_text import MOST_ROWS, in_words
from vitalfew.domain.product_names import Product
from vitalfew.engines.engine import Engine
from vitalfew.messages.message import message
from vitalfew.messages.words import LANGUAGES, Words
from vitalfew.report.columns import column
from vitalfew.report.page import Page, PageSection, Titles
from vitalfew.report.sections import Chart

CUSTOMERS = {"at": "who", "columns": {"customer_id": "cid"}}


@pytest.fixture(scope="module")
def made(running: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as monkeypatch:
        shop = opened(root, running, monkeypatch)
        shop.write("who/a.csv", "cid\nsilent\n")
        many = [f"o{day},ann,tea,2025-01-{day:02} 09:00:00,1,2" for day in range(1, 10)]
        shop.drop(*many, "r1,back,tea,2025-01-05 09:00:00,-2,3")
        shop.answers(jobs=("ingest", "orders", "rfm"))
    return root


@pytest.fixture
def shop(made: Path, running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    copied(made, tmp_path)
    return opened(tmp_path, running, monkeypatch)


def opened(root: Path, running: Engine, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    shop = Hostile(root, running, monkeypatch)
    shop.target(extra={"files": {"order_lines": SHOP, "customers": CUSTOMERS}})
    return shop


def test_a_customer_who_only_brought_things_back_bought_nothing(shop: Hostile) -> None:
    said = " ".join(shop.run("customer", "back").text.split())
    assert said.count("They bought nothing before 10 Jan 2025; there are only returns") == 2
    assert "of -6.00 in all, the last on 5 Jan 2025" in said
    assert "They have no order" not in said
    assert "The last order was on" not in said
    assert "They bought nothing" not in shop.run("customer", "silent").text
    assert "There is only" not in shop.run("customer", "back", "--language", "zh").text


def test_what_a_terminal_leaves_out_is_said(shop: Hostile) -> None:
    said = " ".join(shop.run("customer", "ann").text.split())
    assert "… and 3 more rows: --page FILE writes a page with all of them. The newest first; at most 20" in said
    refused = shop.refused(3, "customer", "y" * 5000)
    assert len(refused) < 400
    assert len(shop.refused(3, "explain", "rfm.segment", "--customer", "y" * 5000)) < 400
    assert "--target demo -- -12" in " ".join(shop.command("customer", "--help").stdout.split())
    there = ("--conf", str(shop.root / "conf"), "--target", "here")
    assert "names '-12'" in shop.command("customer", *there, "--", "-12").stderr


def test_a_day_of_which_nothing_is_published_is_refused_at_an_empty_target(shop: Hostile) -> None:
    empty = ("explain", "rfm.segment", "--root", str(shop.root / "elsewhere"))
    assert "nothing yet" in shop.run(*empty).text
    assert "rfm has no slice as of 2025-01-10; it has: none yet." in shop.refused(3, *empty, "--as-of", "2025-01-10")


def test_a_page_that_cannot_be_written_names_the_option_that_chose_its_place(shop: Hostile) -> None:
    (shop.root / "folder.html").mkdir()
    said = shop.refused(2, "customer", "ann", "--page", str(shop.root / "folder.html"))
    assert "The page cannot be written" in said
    assert "Choose another place by --page." in said
    written = shop.run("customer", "ann", "--page", str(shop.root / "new" / "\x1b[31m.html"))
    assert "\\x1b[31m.html is written, for you only." in written.text


def test_in_a_shop_without_money_nobody_has_a_place_by_value(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Hostile(tmp_path, running, monkeypatch)
    made.drop(*week(customers=6, amount="0"))
    made.answers(jobs=("ingest", "orders", "customer_products", "rfm", "contribution"))
    said = " ".join(made.run("customer", "c1").text.split())
    assert "0.00 in 7 orders since 1 Jan 2025. segment" in said
    assert "by value" not in said
    assert "an order is worth" not in said


def known(**given: Any) -> Known:
    return Known(**{**dict.fromkeys(Known.__dataclass_fields__), **given})


def test_a_product_that_is_due_again_is_called_by_its_name() -> None:
    row = {"due_on": date(2025, 2, 1), "gap_days": 7.0, "last_on": date(2025, 1, 25)}
    rows = [Row(level="product", item="p1", **row), Row(level="category", item="p1", **row)]
    products = {"p1": Product("Green tea", "tea"), "p2": Product("Green tea", "tea")}
    chart = repeats(known(repeats=rows, products=products))
    assert [each["item"] for each in chart.rows] == ["Green tea [p1]", "p1"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_table_without_rows_is_none(language: str) -> None:
    fields = (column("month", "month"),)
    charts = [
        Chart("x", "rows", rows, "orders", message("customer.title.bought"), message("customer.note.bought"), fields)
        for rows in ([], [{"month": "2025-01"}] * MOST_ROWS)
    ]
    section = PageSection("x", message("customer.question.do"), message("customer.nothing.next"), None, charts, ())
    titles = Titles(*[message("customer.kind")] * 4)
    said = in_words(Page(date(2025, 1, 1), [], (), None, [section], titles), Words(language, None), None)
    assert said.count("---\n  2025-01") == 1
    assert said.count({"en": "(none)", "zh": "（无）"}[language]) == 1
    assert "--page" not in said
