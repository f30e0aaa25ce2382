"""Online Retail, drop by drop in any order, with a crash in the middle, comes to the same as all at once.

The published figures (320,705 lines, 16,459 invoices, 3,360 customers, net 5,761,931.38) are those of the lines as they
come: exact copies, book-keeping and lines without a price included, each line's money rounded to the cent.
"""

from __future__ import annotations

import random
import shutil
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from pyspark.sql import functions as F
from retail import daily_files
from shop import Crash, CrashingStorage

from vitalfew.config import strict_yaml
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.ingest.accounts import Ingested
from vitalfew.procedures.ingest.load import ingest
from vitalfew.storage.contracts import Reconciliation
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table
from vitalfew.tables.logs import FILES, QUARANTINE
from vitalfew.tables.sources import ORDER_LINES, PRODUCTS

TARGET = Path(__file__).parents[3] / "conf" / "targets" / "online_retail.yml"


def storage(running: Engine, root: Path) -> Storage:
    """The target of Online Retail, moved to `root`."""
    given = strict_yaml.load(TARGET.read_text(encoding="utf-8")) | {"root": str(root), "engine": running.name}
    return Storage(running, Target.model_validate(given))


def take(store: Storage) -> Ingested:
    try:
        return ingest(store, store.target.files, IngestParams(), datetime(2025, 1, 1, tzinfo=UTC))
    finally:
        store.release()


def same(one: Storage, other: Storage, table: Table) -> bool:
    """Whether the rows of a table are the same at two targets, the time of the run apart."""
    rows, others = (store.read(table).drop("ingested_at") for store in (one, other))
    return rows.count() == others.count() > 0 and not rows.exceptAll(others).limit(1).collect()


@pytest.fixture(scope="module")
def drops(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The 219 files."""
    return daily_files(shared, tmp_path_factory.mktemp("online_retail"))


@pytest.fixture(scope="module")
def all_at_once(
    running: Engine, drops: list[Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Storage, Ingested]:
    """All drops in one run."""
    root = tmp_path_factory.mktemp("all_at_once")
    shutil.copytree(drops[0].parent, root / "drops")
    store = storage(running, root)
    return store, take(store)


def test_every_line_and_every_penny_is_accounted_for(all_at_once: tuple[Storage, Ingested]) -> None:
    store, account = all_at_once
    lines = account.sources["order_lines"]
    assert lines == Reconciliation(
        rows_in=320_705,
        rows_used=316_448,
        rows_duplicate=2_478,
        rows_quarantined=1_779,
        money_in=Decimal("5761931.38"),
        money_used=Decimal("5761257.24"),
        money_duplicate=Decimal("11736.20"),
        money_quarantined=Decimal("-11062.06"),
        money_rounded=Decimal("0.002"),  # prices of three decimals, rounded by the line
    )
    assert lines.rows_in == lines.rows_used + lines.rows_duplicate + lines.rows_quarantined
    assert lines.money_in == lines.money_used + lines.money_duplicate + lines.money_quarantined
    assert account.files == 2 * 219
    kept, apart = store.read(ORDER_LINES), store.read(QUARANTINE).where("source = 'order_lines'")
    assert (kept.count(), kept.agg(F.sum("amount")).collect()[0][0]) == (lines.rows_used, lines.money_used)
    refused = {
        row["reason"]: (row["n"], row["money"])
        for row in apart.groupBy("reason").agg(F.count("*").alias("n"), F.sum("amount").alias("money")).collect()
    }
    assert refused == {
        "exact copy": (2_478, Decimal("11736.20")),
        "no price and no customer": (1_776, Decimal("0.00")),
        "bad debt, not trade": (1, Decimal("11062.06")),
        "bad debt, not trade; price below zero": (2, Decimal("-22124.12")),
    }
    assert take(store) == Ingested()


def test_the_published_figures_are_those_of_all_lines_as_they_come(all_at_once: tuple[Storage, Ingested]) -> None:
    store, _ = all_at_once
    came = (
        store.read(QUARANTINE)
        .where("source = 'order_lines'")
        .select(
            F.get_json_object("content", "$.InvoiceNo").alias("order_id"),
            F.regexp_replace(F.get_json_object("content", "$.CustomerID"), "[.]0$", "").alias("customer_id"),
            "amount",
        )
    )
    every = store.read(ORDER_LINES).select("order_id", "customer_id", "amount").unionByName(came)
    found = every.agg(
        F.count("*"), F.countDistinct("order_id"), F.countDistinct("customer_id"), F.sum("amount")
    ).collect()[0]
    assert tuple(found) == (320_705, 16_459, 3_360, Decimal("5761931.38"))


def test_returns_charges_codes_and_names_are_as_configured(all_at_once: tuple[Storage, Ingested]) -> None:
    store, _ = all_at_once
    lines = store.read(ORDER_LINES)
    kinds = {row["kind"]: row["count"] for row in lines.groupBy("kind").count().collect()}
    assert kinds == {None: 309_104, "return": 5_432, "charge": 1_912}
    assert lines.where("kind is null and (quantity <= 0 or amount < 0 or order_id like 'C%')").count() == 0
    assert lines.where("product_id <> upper(trim(product_id))").count() == 0
    products = store.read(PRODUCTS)
    assert products.count() == products.select("product_id").distinct().count() == 3_550
    names = {row["product_id"]: row["name"] for row in products.collect()}
    assert names["85123A"] == "WHITE HANGING HEART T-LIGHT HOLDER"
    assert names["22423"] == "REGENCY CAKESTAND 3 TIER"
    assert names["POST"] == "POSTAGE"


def test_drop_by_drop_in_any_order_and_after_crashes_the_tables_are_the_same(
    running: Engine, drops: list[Path], tmp_path: Path
) -> None:
    """On every fourth drop: as many rows again show no more."""
    some_days = drops[::4]
    at_once, store = (storage(running, tmp_path / name) for name in ("at_once", "by_drop"))
    for name in ("at_once", "by_drop"):
        (tmp_path / name / "drops").mkdir(parents=True)
    for path in some_days:
        shutil.copy2(path, tmp_path / "at_once" / "drops")
    take(at_once)
    dying = CrashingStorage(running, store.target)
    chance = random.Random(1)
    left = chance.sample(some_days, len(some_days))
    for writes in (0, 3, 1, 2, None):
        some = len(left) if writes is None else chance.randrange(3, 15)
        for path in left[:some]:
            shutil.copy2(path, tmp_path / "by_drop" / "drops")
        del left[:some]
        if writes is not None:
            dying.writes_left = writes
            with pytest.raises(Crash):
                take(dying)
        if writes != 3:  # once, the next drops come before the run is repeated
            take(store)
    for table in (ORDER_LINES, PRODUCTS, QUARANTINE, FILES):
        assert same(store, at_once, table), table.name
