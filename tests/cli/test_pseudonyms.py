"""Pages name customers by pseudonyms where the target says so: stable, keyed, and the numbers are the same."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from command_line import CommandLine
from pydantic import SecretStr
from pyspark.sql import functions as F

from journey import ROOT
from vitalfew import suite
from vitalfew.cli.report import Order, written
from vitalfew.config import loading
from vitalfew.engines.engine import Engine
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE
from vitalfew.storage import pseudonyms
from vitalfew.storage.delta import Storage
from vitalfew.tables.facts import ORDERS
from vitalfew.tables.logs import RUNS

KEY, OTHER = "a-key-of-this-test-alone-0123456789", "another-key-of-this-test-9876543210"
DAY = date(2018, 1, 1)
Paged = Callable[..., str]


def naive(text: str, key: str = KEY) -> str:
    return "p" + hmac.new(key.encode(), f"page:customer:{text}".encode(), hashlib.sha256).hexdigest()[:14]


@pytest.fixture
def paged(running: Engine, embedded: Path, tmp_path: Path) -> Paged:
    """What writes the English page of a target with these settings."""

    def write(chosen: str | None = None, **settings: object) -> str:
        given = [f"summary.customer_id='{chosen}'"] if chosen else []
        loaded = loading.load(
            ROOT / "conf", "demo", suite.chosen(["summary"]), given, root=str(embedded), engine="sail"
        )
        target = loaded.target.model_copy(update=settings)
        config = loading.Config(**{**vars(loaded), "target": target})
        storage = Storage(running, target)
        (path,) = written(storage, config, Order(DAY, ["en"], tmp_path, 5))
        storage.release()
        return path.read_text(encoding="utf-8")

    return write


def rows_of(page: str, table: str) -> list[list[str]]:
    found = re.search(rf'id="{table}">(.*?)</table>', page, re.DOTALL)
    assert found
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall("<tr>(.*?)</tr>", found[1])][1:]


def test_the_page_has_the_same_numbers_under_other_names(paged: Paged, storage_of_embedded: Storage) -> None:
    shown = paged()
    hidden = paged(customer_ids="pseudonyms", suppression_key=SecretStr(KEY))
    ids = {row["customer_id"] for row in storage_of_embedded.read(NEXT_PURCHASE).select("customer_id").collect()}
    by_name = {naive(each): each for each in ids}
    before, after = rows_of(shown, "t-stake"), rows_of(hidden, "t-stake")
    assert len(before) > 3
    assert [[by_name[row[0]], *row[1:]] for row in after] == before
    lists = [(row[0], row[1], row[3]) for row in rows_of(shown, "t-lists")]
    customers = [(kind, by_name.get(who, who), stake) for kind, who, _, stake in rows_of(hidden, "t-lists")]
    assert sorted(lists) == sorted(customers)
    for each in (ids & {row[1] for row in rows_of(shown, "t-lists")}) - {"", None}:
        assert not re.search(rf">{re.escape(each)}</th>|customer {re.escape(each)}\b", hidden), each
    assert "Customers have pseudonyms" in hidden
    assert "Ids as they are in your data" not in hidden


def test_the_example_is_the_customer_who_was_chosen(paged: Paged, storage_of_embedded: Storage) -> None:
    chosen = storage_of_embedded.read(NEXT_PURCHASE).agg(F.max("customer_id").alias("id")).collect()[0]["id"]
    page = paged(chosen, customer_ids="pseudonyms", suppression_key=SecretStr(KEY))
    assert naive(chosen) in page
    assert naive(chosen, OTHER) not in page


def test_a_setting_of_a_run_names_nobody(storage_of_embedded: Storage) -> None:
    frame = storage_of_embedded.read(RUNS).limit(1)
    config = '{"customer_id": "a\\"b", "customers": ["x", "y"], "rules": 5}'
    hidden = pseudonyms.hidden(storage_of_embedded, frame.withColumn("config", F.lit(config)), RUNS)
    assert hidden.collect()[0]["config"] == '{"customer_id": "…", "customers": "…", "rules": 5}'


def test_a_customer_is_found_and_told_by_a_pseudonym(
    running: Engine, monkeypatch: pytest.MonkeyPatch, embedded: Path, tmp_path: Path, storage_of_embedded: Storage
) -> None:
    sales = storage_of_embedded.read(ORDERS).where("kind = 'sale'").agg(F.max("customer_id").alias("id"))
    who = sales.collect()[0]["id"]
    conf = tmp_path / "conf"
    (conf / "targets").mkdir(parents=True)
    text = (ROOT / "conf/targets/demo.yml").read_text(encoding="utf-8")
    text += "customer_ids: pseudonyms\nsuppression_key: ${KEY_OF_THIS_TEST}\n"
    (conf / "targets/demo.yml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("KEY_OF_THIS_TEST", KEY)
    vitalfew, page = CommandLine(running, monkeypatch), tmp_path / "one.html"
    there = ("--target", "demo", "--root", str(embedded), "--conf", str(conf))
    for given in (who, naive(who)):
        done = vitalfew("customer", given, *there)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"Customer {naive(who)} as of 1 Jan 2018\n")
    assert vitalfew("customer", naive(who), *there, "--page", str(page)).returncode == 0
    orders = storage_of_embedded.read(ORDERS).where(F.col("customer_id") == F.lit(who)).select("order_id").collect()
    assert orders
    assert not [row for row in orders if row["order_id"] in page.read_text(encoding="utf-8")]
    refused = vitalfew("customer", naive("nobody"), *there)
    assert refused.returncode != 0
    assert "names" in refused.stderr


def test_pseudonyms_are_those_of_the_literature_and_leave_what_is_no_customer(storage_of_embedded: Storage) -> None:
    target = storage_of_embedded.target.model_copy(update={"suppression_key": SecretStr(KEY)})
    storage = Storage(storage_of_embedded.engine, target)
    assert pseudonyms.of_ids(storage, ["1", "会员 2", ""]) == {each: naive(each) for each in ("1", "会员 2", "")}
    frame = storage.spark.createDataFrame([("1",), (None,)], "customer_id string")
    assert [row[0] for row in pseudonyms.named(storage, frame, "customer_id").collect()] == [naive("1"), None]
    assert pseudonyms.meant(storage, naive("1"), frame) == "1"
    assert pseudonyms.meant(storage, naive("2"), frame) == naive("2")
