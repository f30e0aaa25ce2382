"""The story of one customer: its numbers are those of the tables, and of who is not known it says so."""

from __future__ import annotations

import random
import stat
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from command_line import CommandLine
from pyspark.sql import functions as F

from vitalfew.cli.customer.known import MONTHS, known
from vitalfew.cli.customer.story import story
from vitalfew.cli.page_text import in_words
from vitalfew.engines.engine import Engine
from vitalfew.jobs.contribution.tables import CONTRIBUTION
from vitalfew.messages.words import LANGUAGES, Words
from vitalfew.report.html.render import html
from vitalfew.report.widths import width_of, wrapped
from vitalfew.runs.published import Published
from vitalfew.storage.delta import Storage
from vitalfew.tables.facts import ORDERS

DAY = date(2018, 1, 1)


@pytest.fixture
def best(storage_of_embedded: Storage) -> str:
    """The customer of the highest value."""
    found = storage_of_embedded.read(CONTRIBUTION).where("subject = 'customer' and rank = 1").collect()
    return str(found[0]["subject_id"])


@pytest.mark.parametrize("as_of", [DAY, date(2017, 7, 1)])
def test_orders_are_those_before_the_day(storage_of_embedded: Storage, best: str, as_of: date) -> None:
    storage = storage_of_embedded
    found = known(Published(storage), best, as_of)
    orders = storage.read(ORDERS).where(F.col("customer_id") == F.lit(best)).collect()
    orders = [order for order in orders if order["ordered_on"] < as_of]
    sales = [order for order in orders if order["kind"] == "sale"]
    assert len(sales) > 0
    assert found.totals["orders"] == len(sales)
    assert found.totals["amount"] == sum(order["net_amount"] for order in orders)
    assert (found.totals["first_on"], found.totals["last_on"]) == (
        min(order["ordered_on"] for order in sales),
        max(order["ordered_on"] for order in sales),
    )
    months: dict[str, Decimal] = {}
    for order in orders:
        month = f"{order['ordered_on']:%Y-%m}"
        months[month] = months.get(month, Decimal(0)) + order["net_amount"]
    assert [(row["month"], row["amount"]) for row in found.months] == sorted(months.items(), reverse=True)[:MONTHS]
    bought = Counter(product for order in sales for product in order["product_ids"])
    assert [row["orders"] for row in found.bought] == [n for _, n in bought.most_common(len(found.bought))]
    assert all(row["orders"] == bought[row["product_id"]] for row in found.bought)


def test_a_story_answers_each_question_in_both_languages(storage_of_embedded: Storage, best: str) -> None:
    page = story(known(Published(storage_of_embedded), best, DAY))
    english, chinese = (in_words(page, Words(language, "USD"), 80) for language in LANGUAGES)
    assert [line for line in english.splitlines() if line[:2].rstrip(".").isdigit()] == [
        "1. What to do with this customer?",
        "2. What have they brought?",
        "3. What have they bought, and when?",
        "4. What comes next, and when?",
        "5. What to offer them?",
        "6. How have they changed?",
        "7. What else is known of them?",
    ]
    customers = storage_of_embedded.read(CONTRIBUTION).where("subject = 'customer'").count()
    assert f"number 1 of {customers} customers" in " ".join(english.split())
    assert f"{customers} 位会员中价值排名第 1" in "".join(chinese.split("\n"))
    assert english.count("\n") == pytest.approx(chinese.count("\n"), rel=0.3)
    assert max(width_of(line) for line in chinese.splitlines() if " | " not in line) <= 80


def test_a_customer_of_whom_no_job_has_spoken_is_told_so(storage_of_embedded: Storage, best: str) -> None:
    page = story(known(Published(storage_of_embedded), best, date(2017, 7, 1)))
    said = " ".join(in_words(page, Words("en", None), 100).split())
    for job in ("alerts next_purchase", "next_purchase", "recommendations", "customer360"):
        assert f"vitalfew run {job}" in said
    assert "There is no earlier day of observation" in said


def test_a_name_from_the_data_is_no_markup(storage_of_embedded: Storage, best: str) -> None:
    found = known(Published(storage_of_embedded), best, DAY)
    product = found.bought[0]["product_id"]
    named = {**found.products, product: type(found.products[product])("<script>\x1b[31m‮", "x")}
    page = story(type(found)(**{**vars(found), "products": named}))
    assert "<script>\x1b" not in html(page, Words("en", None))
    assert "&lt;script&gt;\\x1b[31m\\u202e" in html(page, Words("en", None))
    assert "\x1b" not in in_words(page, Words("en", None), 80)


def test_the_command_prints_a_story_or_writes_a_page(
    running: Engine, monkeypatch: pytest.MonkeyPatch, embedded: Path, best: str, tmp_path: Path
) -> None:
    vitalfew = CommandLine(running, monkeypatch)
    there = ("--target", "demo", "--root", str(embedded))
    printed = vitalfew("customer", best, *there)
    assert printed.returncode == 0, printed.stderr
    assert printed.stdout.startswith(f"Customer {best} as of 1 Jan 2018\n====")
    page = tmp_path / "customer.html"
    assert vitalfew("customer", best, *there, "--page", str(page), "--language", "zh").returncode == 0
    assert stat.S_IMODE(page.stat().st_mode) == 0o600
    assert f"<h1>截至 2018年1月1日的会员 {best}</h1>" in page.read_text(encoding="utf-8")
    for arguments, code, text in (
        (("customer", "' or '1'='1", *there), 3, "names \"' or '1'='1\"."),
        (("customer", best, *there, "--page", "page.pdf"), 2, "give it a name that ends in .html"),
        (("customer", best, *there, "--as-of", "2001-01-01"), 3, "Nothing is published as of 2001-01-01"),
    ):
        refused = vitalfew(*arguments)
        assert (refused.returncode, text in refused.stderr) == (code, True), refused.stderr


def test_lines_hold_every_word_and_no_more_columns_than_there_are() -> None:
    chance = random.Random(7)
    words = ["a", "of", "customers", "会员", "，", "“好”。", "（3.5）", "2018年1月1日", "x" * 12, "y" * 70, "é" * 61]
    for _ in range(300):
        text = " ".join(chance.choices(words, k=chance.randrange(1, 40)))
        lines = wrapped(text, 30, "* ", "  ")
        assert all(width_of(line) <= 30 for line in lines), lines
        assert "".join("".join(line[2:] for line in lines).split()) == "".join(text.split())
    assert wrapped("好" * 15 + "，好", 30) == ["好" * 14, "好，好"], "no line begins with what ends a clause"
    for inside in ("（5 单）", "（好）", "「x」"):
        assert wrapped("好" * 14 + inside, 30) == ["好" * 14, inside], "no line ends with what opens one"
