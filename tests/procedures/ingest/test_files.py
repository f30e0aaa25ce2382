"""Each file once, each line once, whatever dies; and files that are not what was said stop everything."""

from __future__ import annotations

import gzip
import os
import random
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from shop import BOTH, CUP, HEADER, LENIENT, NOW, POT, SHOP, TEA, Crash, CrashingStorage, Row, Shop

from vitalfew.config.files import FileSource
from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.errors import BusyError, ConfigError, TableError
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.ingest.accounts import Ingested
from vitalfew.procedures.ingest.load import ingest
from vitalfew.storage.delta import Storage
from vitalfew.tables.logs import FILES, QUARANTINE
from vitalfew.tables.sources import ORDER_LINES, PRODUCTS


def test_a_file_is_taken_once_whatever_it_is_called(shop: Shop) -> None:
    shop.drop("a.csv", TEA, CUP)
    shop.drop("b.csv", TEA, CUP)
    assert shop.take().rows_in == 2
    assert shop.take() == Ingested()
    shop.drop("c/d.csv", TEA, CUP)
    assert shop.take(IngestParams(trust_file_times=False)) == Ingested()
    assert [row["path"] for row in shop.rows(FILES)] == ["a.csv"]
    assert shop.products() == ["cup", "tea"]
    assert shop.reasons() == []


def test_exact_copies_within_and_across_files_are_used_once_and_counted_where_it_is_said(shop: Shop) -> None:
    shop.drop("b.csv", TEA, CUP, TEA, TEA)
    shop.drop("a.csv", POT, TEA)
    first = shop.take(copies="exact")
    assert (first.rows_in, first.rows_used, first.rows_duplicate) == (6, 3, 3)
    assert (first.money_in, first.money_used, first.money_duplicate) == (
        Decimal("25.99"),
        Decimal("16.99"),
        Decimal("9.00"),
    )
    assert shop.refused() == [("exact copy", "b.csv", line) for line in (1, 3, 4)]
    assert first.unused == ("order_lines: b.csv: 3 rows not used, as copies or older versions (9.00)",)
    shop.drop("c.csv", CUP, "9,ann,cup,2025-01-02,1,4.00")
    second = shop.take(copies="exact")
    assert (second.rows_used, second.rows_duplicate) == (1, 1)
    assert shop.refused()[-1] == ("exact copy", "c.csv", 1)
    assert shop.products() == ["cup", "cup", "pot", "tea"]
    assert sum(row["rows_used"] for row in shop.rows(FILES)) == 4


def test_rows_that_differ_only_in_a_column_that_is_not_used_are_no_copies_unless_it_is_said(shop: Shop) -> None:
    shop.drop("a.csv", TEA + ",1", TEA + ",2", header=HEADER + ",line")
    assert shop.take().rows_used == 2
    shop.drop("b.csv", POT + ",1", POT + ",2", header=HEADER + ",line")
    assert shop.take(copies={"by": ["id", "what"]}).rows_used == 1


def test_columns_may_change_their_order_and_empty_ones_may_come(shop: Shop) -> None:
    shop.drop("a.csv", TEA)
    shop.drop("b.csv", "1.50,2,2025-01-02 09:00:00,tea,ann,1,", header="price,n,at,what,who,id,new")
    account = shop.take()
    assert (account.rows_used, account.rows_duplicate) == (1, 1)


def test_a_file_that_grew_adds_its_new_lines(shop: Shop) -> None:
    shop.drop("a.csv", TEA, CUP)
    shop.take()
    shop.drop("a.csv", TEA, CUP, POT)
    account = shop.take()
    assert (account.rows_in, account.rows_used, account.rows_duplicate) == (3, 1, 2)
    assert shop.products() == ["cup", "pot", "tea"]
    assert shop.reasons() == [], "a file that grows every day would fill the quarantine with itself"
    assert [row["path"] for row in shop.rows(FILES)] == ["a.csv", "a.csv"]


def test_known_files_are_looked_at_again_where_their_times_are_not_trusted(shop: Shop) -> None:
    path = shop.drop("a.csv", TEA)
    shop.take()
    before = path.stat().st_mtime_ns
    path.write_text(f"{HEADER}\n{CUP}\n".replace("4.00", "4.01")[: len(path.read_text())])
    path.write_text(path.read_text().ljust(len(f"{HEADER}\n{TEA}\n")))
    os.utime(path, ns=(before, before))
    assert shop.take().files == 0
    assert shop.take(IngestParams(trust_file_times=False)).files == 1


@pytest.fixture(scope="module")
def first_day(running: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop that has taken one file, and found two more."""
    shop = Shop(running, tmp_path_factory.mktemp("first"))
    shop.drop("1.csv", TEA, TEA, "1,ann,tea,2025-01-02,x,1")
    shop.take_both()
    shop.drop("2.csv", CUP, TEA, CUP, "2,bob,tea,2025-01-02,y,1")
    shop.drop("3.csv", POT, CUP)
    return shop.root


@pytest.fixture(scope="module")
def calm_day(running: Engine, first_day: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Ingested, Any]:
    """What comes of `first_day` where nothing dies."""
    shop = Shop(running, shutil.copytree(first_day, tmp_path_factory.mktemp("calm") / "day"))
    return shop.take_both(), state(shop)


def die(shop: Shop, writes: int) -> None:
    """Ingest, and die after so many writes."""
    dying = CrashingStorage(shop.storage.engine, shop.storage.target)
    dying.writes_left = writes
    with pytest.raises(Crash):
        ingest(dying, BOTH, LENIENT, NOW)
    dying.release()


def test_a_run_that_was_taken_over_while_it_read_writes_nothing(
    running: Engine, first_day: Path, tmp_path: Path
) -> None:
    shop = Shop(running, shutil.copytree(first_day, tmp_path / "day"))
    before = state(shop)

    def hold() -> None:
        raise BusyError("ingest: another run came first.")

    with pytest.raises(BusyError):
        ingest(shop.storage, BOTH, LENIENT, NOW, hold=hold)
    shop.storage.release()
    assert state(shop) == before


def state(shop: Shop) -> dict[str, list[Row]]:
    """The rows of all tables, without the time of the run."""
    return {
        table.name: [{**row, "ingested_at": None} for row in shop.rows(table)]
        for table in (ORDER_LINES, PRODUCTS, QUARANTINE, FILES)
    }


def test_a_run_that_dies_before_any_of_its_writes_can_be_repeated(
    running: Engine, first_day: Path, calm_day: tuple[Ingested, Any], tmp_path: Path
) -> None:
    """Before each of them, one time after the other: each begins with what the one before left."""
    shop = Shop(running, shutil.copytree(first_day, tmp_path / "day"))
    for writes in range(4):
        die(shop, writes)
    again = shop.take_both()
    assert state(shop) == calm_day[1]
    assert again.sources.get("order_lines", calm_day[0].sources["order_lines"]) == calm_day[0].sources["order_lines"]
    assert again.sources["products"] == calm_day[0].sources["products"]
    assert shop.take_both() == Ingested()


@pytest.mark.parametrize("writes", [1, 2, 3])
def test_after_a_run_that_died_new_and_changed_files_are_accounted_for(
    running: Engine, first_day: Path, tmp_path: Path, writes: int
) -> None:
    shop = Shop(running, shutil.copytree(first_day, tmp_path / "day"))
    die(shop, writes)
    shop.drop("0.csv", POT, TEA)  # stands before those that were being read, and holds the same lines
    shop.drop("3.csv", POT, CUP, "7,bob,mug,2025-01-03,1,1.00")  # was being read, and has grown since
    shop.take_both()
    files = [row for row in shop.rows(FILES) if row["source"] == "order_lines"]
    assert shop.products() == ["cup", "cup", "mug", "pot", "tea", "tea"]
    assert sum(row["rows_used"] for row in files) == 6
    assert sum(row["money_used"] for row in files) == Decimal("24.99")
    assert all(row["rows_in"] == row["rows_used"] + row["rows_duplicate"] + row["rows_quarantined"] for row in files)
    assert [row["product_id"] for row in shop.rows(PRODUCTS)] == ["cup", "mug", "pot", "tea"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("b.csv", b"", "is empty."),
        ("b.csv", b"\n\n", "has no line."),
        (
            "b.csv",
            HEADER.replace(",", ";").encode(),
            "has one column, 'id;who;what;at;n;price': `separator` is ',', and it looks like ';'.",
        ),
        (
            "b.csv",
            b"id,who,what,n,Price,id\n",
            "has no column at (did you mean what?), price (did you mean Price?). It has: id, who, what, n, Price, id__2. "
            "And has the column id more than once: write id__1 for the first, id__2 for the second.",
        ),
        ("b.csv", b"id,who\rann,tea\r", "ends its lines with a carriage return alone; convert them to line feeds."),
        ("b.csv", b"\xff,a\n", "has a first line that is not utf-8: say `encoding`, such as cp1252 or gb18030."),
        ("b.csv.gz", b"no gzip", "is no whole gzip file: it is damaged"),
    ],
)
def test_a_file_that_is_not_what_was_said_stops_everything(shop: Shop, name: str, content: bytes, message: str) -> None:
    shop.drop("a.csv", TEA)
    shop.bytes(name, content)
    with pytest.raises(TableError) as error:
        shop.take()
    told = str(error.value)
    start = f"files.order_lines: 1 of 2 new files at {shop.root}/drops cannot be taken; nothing was written.\n  {name} "
    advice = "\nMend these files or take them away, or say under files.order_lines in the target's file how they are written."
    assert told.startswith(start + message)
    assert told.endswith(advice)
    assert told == start + message + advice or name.endswith("gz")
    assert not any(map(shop.storage.exists, (ORDER_LINES, QUARANTINE, FILES)))


def test_what_is_wrong_with_the_files_of_all_sources_is_told_at_once(shop: Shop) -> None:
    shop.drop("a.csv", TEA)
    shop.bytes("b.csv", b"")
    with pytest.raises(TableError) as error:
        shop.take_both()
    told = [line for line in str(error.value).splitlines() if line.startswith("files.")]
    assert told == [
        f"files.{source}: 1 of 2 new files at {shop.root}/drops cannot be taken; nothing was written."
        for source in ("order_lines", "products")
    ]


def test_sources_that_read_the_same_files_have_accounts_of_their_own(shop: Shop) -> None:
    shop.drop("a.csv", TEA, CUP, TEA, "3,bob,,2025-01-02,1,4")
    found = shop.take_both().sources
    assert [(name, a.rows_in, a.rows_used, a.rows_duplicate, a.rows_quarantined) for name, a in found.items()] == [
        ("order_lines", 4, 3, 0, 1),
        ("products", 4, 2, 1, 1),
    ]
    assert found["products"].money_in == 0
    ledger = {(row["source"], row["rows_used"], row["money_used"]) for row in shop.rows(FILES)}
    assert ledger == {("order_lines", 3, found["order_lines"].money_used), ("products", 2, None)}


def test_of_many_bad_files_the_first_few_are_named(shop: Shop) -> None:
    for i in range(7):
        shop.bytes(f"{i}.csv", b"")
    with pytest.raises(
        TableError,
        match=r"7 of 7 .*\n  0\.csv is empty\.\n(.*\n)*  4\.csv is empty\.\n  And 2 more\.\nMend these files",
    ):
        shop.take()


def test_a_file_that_breaks_off_stops_everything(shop: Shop) -> None:
    shop.drop("a.csv", TEA)
    whole = gzip.compress(
        "".join(f"{HEADER}\n" + f"{random.random()},ann,tea,2025-01-02,1,1\n" for _ in range(400_000)).encode()
    )
    shop.bytes("b.csv.gz", whole[: len(whole) // 2])
    with pytest.raises(
        TableError, match=r"files.order_lines could not be read; nothing was written: b.csv.gz is cut off"
    ):
        shop.take()
    assert not any(map(shop.storage.exists, (ORDER_LINES, QUARANTINE, FILES)))


def test_no_file_is_an_error_until_there_was_one(shop: Shop) -> None:
    with pytest.raises(TableError, match=r"files.order_lines: there is no file at .*/drops. Check `at`"):
        shop.take()
    (shop.root / "drops").mkdir()
    with pytest.raises(TableError, match="there is no file at"):
        shop.take()
    path = shop.drop("a.csv", TEA)
    shop.take()
    path.unlink()
    assert shop.take() == Ingested()


def test_files_are_taken_again_where_their_table_was_taken_away(shop: Shop) -> None:
    shop.drop("a.csv", TEA, CUP)
    shop.take()
    shutil.rmtree(shop.root / "order_lines")
    assert shop.take().rows_used == 2
    assert shop.products() == ["cup", "tea"]
    assert [row["path"] for row in shop.rows(FILES)] == ["a.csv"]


def test_a_folder_that_cannot_be_listed_is_an_error(shop: Shop) -> None:
    target = Target.model_validate({"root": str(shop.root), "roots": ("nowhere://shop",)})
    source = FileSource(**{**SHOP, "at": "nowhere://shop/drops"})
    with pytest.raises(TableError, match=r"^files.order_lines: nowhere://shop/drops cannot be listed: .*nowhere"):
        ingest(Storage(shop.storage.engine, target), {"order_lines": source}, LENIENT, NOW)


def test_a_file_that_changes_while_it_is_read_stops_everything(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shop.drop("a.csv", TEA)
    stage = shop.storage.stage

    def stage_and_write(frame: Any) -> Any:
        path.write_text(f"{HEADER}\n{TEA}\n{CUP}\n")
        return stage(frame)

    monkeypatch.setattr(shop.storage, "stage", stage_and_write)
    with pytest.raises(TableError, match=r"files.order_lines: a.csv. Changed while being read; nothing was written."):
        shop.take()
    assert not shop.storage.exists(ORDER_LINES)


def test_an_expression_that_fails_on_the_data_is_an_error_that_says_so(shop: Shop) -> None:
    shop.drop("a.csv", TEA, "1,ann,tea,2025-01-02,0,1")
    with pytest.raises(TableError, match=r"files.order_lines could not be read; nothing was written: .*(?i:zero)"):
        shop.take(columns={**SHOP["columns"], "amount": "price / n"})


def test_settings_that_do_not_fit_the_table_are_an_error_before_any_file_is_read(shop: Shop) -> None:
    with pytest.raises(ConfigError) as error:
        shop.take(
            columns={"order_id": "id", "curency": "id", "quantity": "n"},
            types={"n": "string"},
            normalise={"quantity": ["trim"]},
        )
    assert str(error.value).splitlines() == [
        "files.order_lines.columns.curency is not a column of order_lines; did you mean currency?",
        "files.order_lines.columns.product_id is missing, and order_lines needs it. If the files have none, write "
        "product_id: \"'any'\": what is bought together has no answer then.",
        "files.order_lines.columns.ordered_at is missing, and order_lines needs it.",
        "files.order_lines.columns.amount is missing, and order_lines needs it. If the files have none, write "
        'amount: "0": what asks for money has no answer then.',
        "files.order_lines.normalise.quantity is not a text column; "
        "known are: channel, currency, customer_id, kind, order_id, product_id.",
        "files.order_lines.types.n must be said: columns.quantity needs a decimal(18,3).",
    ]
