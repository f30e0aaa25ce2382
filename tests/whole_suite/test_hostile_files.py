"""What bad files, folders and configurations get: a clear error and nothing written, or the right rows and an account.

With test_hostile_values.py and test_hostile_shapes.py this is one list: everything that really arrives, by the command
line, as a user meets it. How single cells, encodings and formats are read is in test_ingest_text.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from hostile import Hostile, lines, week
from pyspark.sql import DataFrameWriter
from shop import CUP, HEADER, POT, SHOP, TEA, Crash

from vitalfew.engines.engine import Engine
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table

FEW = ("ingest", "orders", "rfm")


@pytest.fixture
def shop(
    running: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Hostile]:
    yield Hostile(tmp_path, running, monkeypatch)
    assert "Traceback" not in capfd.readouterr().err, "nor does the engine say more, past our messages"


def test_no_file(shop: Hostile) -> None:
    told = shop.refused(3, "run", "all")
    assert f"ingest: failed files.order_lines: there is no file at {shop.root}/drops. Check `at`" in told
    assert "orders: blocked not run: ingest did not finish" in told
    assert shop.tables() == set()


def test_an_empty_file(shop: Hostile) -> None:
    shop.drop(TEA)
    shop.write("drops/b.csv", "")
    told = shop.refused(3, "run", "all")
    assert "1 of 2 new files" in told
    assert "b.csv is empty." in told
    assert "Mend these files or take them away" in told
    assert shop.tables() == set()


def test_a_file_with_a_header_and_no_line_is_no_mistake_but_there_is_no_day_to_look_at(shop: Hostile) -> None:
    shop.drop()
    told = shop.refused(6, "run", "all")
    assert "ingest: published" in told
    assert "rfm: failed There are no orders, so there is no latest day; load order_lines, or set --as-of." in told


def test_a_wrong_separator(shop: Hostile) -> None:
    shop.drop(TEA.replace(",", ";"), header=HEADER.replace(",", ";"))
    told = shop.refused(3, "run", "all")
    assert "a.csv has one column, 'id;who;what;at;n;price': `separator` is ',', and it looks like ';'." in told
    assert "say under files.order_lines in the target's file how they are written" in told
    assert shop.tables() == set()


def test_a_header_that_changed_between_drops_leaves_everything_as_it_was(shop: Hostile) -> None:
    shop.drop(TEA, CUP)
    shop.answers(jobs=FEW)
    before = {name: shop.rows(name) for name in ("order_lines", "orders", "rfm", "ingested_files")}
    for header, said in {
        "id,whom,what,at,n,price": "b.csv has no column who (did you mean whom?). It has: id, whom, what,",
        "id,what,at,n,price": "b.csv has no column who. It has: id, what, at, n, price.",
        "id,who,what,at,n,price,who": (
            "b.csv has the column who more than once: write who__1 for the first, who__2 for the second."
        ),
        "ID,WHO,WHAT,AT,N,PRICE": "b.csv has no column at, id, n, price, what, who. It has: ID, WHO,",
        "": "b.csv has no column at, id, n, price, what, who. It has: 2, bob, pot,",
    }.items():
        shop.drop(POT, name="b.csv", header=header)
        assert said in shop.refused(3, "run", "all"), header
        assert {name: shop.rows(name) for name in before} == before, header


def test_columns_in_another_order_a_byte_order_mark_and_windows_lines_are_no_mistake(shop: Hostile) -> None:
    shop.drop(TEA, CUP)
    shop.drop("9.99,1,2025-01-03 10:00:00,pot,bob,2", name="b.csv", header="\ufeffprice,n,at,what,who,id", end="\r\n")
    shop.answers(jobs=FEW)
    assert shop.rows("orders", "order_id", "net_amount") == [("1", Decimal("7.00")), ("2", Decimal("9.99"))]


def test_a_file_that_breaks_off_or_is_something_else_in_disguise(shop: Hostile) -> None:
    shop.drop(TEA)
    shop.write("drops/b.csv", b"PK\x03\x04\x14\x00\x06\x00" + bytes(range(256)))
    told = shop.refused(3, "run", "ingest")
    assert "b.csv " in told
    assert shop.tables() == set()


def test_a_file_that_vanishes_after_it_was_taken_is_still_counted_and_one_that_changed_is_taken(shop: Hostile) -> None:
    first = shop.drop(TEA)
    shop.answers(jobs=FEW)
    first.unlink()
    shop.answers(jobs=FEW)
    shop.drop(TEA, POT)
    shop.answers(jobs=FEW)
    assert shop.accounted() == (3, 2), "tea came twice, and was used once"


def test_a_folder_in_the_way_of_the_tables_or_none_that_may_be_written(shop: Hostile) -> None:
    shop.drop(TEA)
    drops = str(shop.root / "drops")
    shop.write("taken", "a file")
    for root in (shop.root / "taken", Path("/proc/nowhere")):
        shop.target(extra={"root": str(root), "roots": [str(shop.root)]}, at=drops)
        said = shop.run("run", "ingest")
        assert said.code in (3, 5), said.text
        assert str(root) in said.text
    assert shop.tables() == set()


def test_a_drop_folder_outside_of_what_the_target_allows(shop: Hostile) -> None:
    shop.target(at="/etc")
    assert f"/etc does not lie below {shop.root}: put it there, or allow its folder, roots: [/etc]." in shop.refused(
        2, "run", "all"
    )
    shop.target(at="../../other")
    assert "does not lie below" in shop.refused(2, "run", "all")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("engine: sail\n  root: x\n", "line 2 is not YAML as we read it: mapping values are not allowed here."),
        ("engine:\tsail\n", "line 1 is not YAML as we read it: found character '\\t' that cannot start any token."),
        ("- a\n", "holds list; it must be a mapping of settings."),
        ("root: a\n---\nroot: b\n", "line 2 is not YAML as we read it: but found another document."),
        ("root: a\x00b\n", "is not YAML as we read it: unacceptable character #x0000"),
        ('root: "/tmp/a\\0b"\n', "holds a character that no path may hold."),
        ("root: " + "[" * 5000, "line 1 is not YAML as we read it: it is nested more than 40 deep."),
        ("root: &r [*r]\n", "line 1 is not YAML as we read it: the anchor &r is not allowed."),
        ("root: " + "9" * 5000, "line 1 is not YAML as we read it: a number of 5,000 digits is no setting."),
        ("", "root is missing."),
    ],
    ids=["indented", "tab", "list", "two documents", "nul", "nul in a path", "deep", "endless", "number", "empty"],
)
def test_a_target_that_is_no_yaml_is_told_in_one_line(shop: Hostile, text: str, said: str) -> None:
    shop.target(text)
    told = shop.refused(2, "run", "all")
    assert told.startswith("vitalfew: The configuration has 1 problem:\n")
    assert f"{shop.root}/conf/targets/here.yml: " in told
    assert said in told


def test_parameters_that_no_calendar_or_memory_can_hold(shop: Hostile) -> None:
    shop.drop(*week(customers=3))
    shop.job("ingest", "max_quarantined_share: .inf\nlongest_value: 99999999999999999999\ndays_ahead: 99999999999\n")
    shop.job("baskets", "min_support: .nan\n")
    shop.job("clusters", "fewest_clusters: 10\nmost_clusters: 2\n")
    told = shop.refused(2, "run", "all")
    assert "The configuration has 5 problems:" in told
    assert "min_support is nan; it should be a finite number." in told
    for name in ("ingest", "baskets", "clusters"):
        shop.job(name, "")
    shop.job("rfm", "window_days: 999999999\n")
    shop.job("recommendations", "holdout_days: 999999999\nhistory_days: 9999999999\n")
    shop.answers(jobs=(*FEW, "recommendations"))
    assert len(shop.rows("rfm")) == 3, "a window larger than the calendar holds everything"
    shop.answers("--as-of", "0001-01-01", jobs=("rfm", "recommendations"))
    assert len(shop.rows("rfm")) == 3, "and before all orders there is nobody"


def test_settings_of_the_command_line_that_contradict_each_other(shop: Hostile) -> None:
    told = shop.refused(2, "run", "rfm", "--set", "window_days=1", "--set", "window_days.x=2")
    assert "--set window_days.x=…: contradicts another --set, by which window_days is a mere value." in told
    told = shop.refused(2, "run", "rfm", "--set", "window_days=" + "[" * 5000)
    assert "--set window_days=…: its value is not a YAML value." in told
    assert "[[" not in told, "a value may be a secret"


def test_a_mapping_that_changed_after_files_were_taken_is_a_warning_until_they_are_read_again(shop: Hostile) -> None:
    said = (
        "; WARNING: files.order_lines changed in the target's file, and files taken before stay as they were read; to "
        "read them again: vitalfew run ingest --reread order_lines"
    )
    shop.drop(TEA)
    assert said not in shop.answers(jobs=["ingest"])
    assert said not in shop.answers(jobs=["ingest"])
    shop.target(columns={**SHOP["columns"], "amount": "price"})
    assert said in shop.answers(jobs=["ingest"])
    shop.target()
    assert said not in shop.answers(jobs=["ingest"]), "what was read is as the settings say"
    shop.target(columns={**SHOP["columns"], "amount": "price"})
    shop.drop(POT, name="b.csv")
    assert said in shop.answers(jobs=["ingest"])
    assert said in shop.answers(jobs=["ingest"])
    shop.target(columns={**SHOP["columns"], "amount": "price"}, at="drops/*.csv")
    assert said in shop.answers("--force", jobs=["ingest"])
    assert shop.rows("order_lines", "product_id", "amount") == [("pot", Decimal("9.99")), ("tea", Decimal("3.00"))]
    assert said not in shop.answers("--reread", "order_lines", jobs=["ingest"])
    assert shop.rows("order_lines", "product_id", "amount") == [("pot", Decimal("9.99")), ("tea", Decimal("1.50"))]
    assert said not in shop.answers(jobs=["ingest"])
    assert len(shop.rows("ingested_files")) == 2


def test_a_day_with_one_product_is_no_shop_with_one_product(shop: Hostile) -> None:
    shop.drop(TEA, POT)
    shop.answers(jobs=("ingest", "orders"))
    shop.drop("7,dan,tea,2025-01-05 09:00:00,1,1.50", name="b.csv")
    assert "name one product" not in shop.answers(jobs=("ingest", "orders"))
    assert len(shop.rows("orders")) == 3


def test_a_mapping_that_changed_back_does_not_hide_that_files_were_read_otherwise(shop: Hostile) -> None:
    shop.drop(TEA)
    shop.answers(jobs=["ingest"])
    shop.target(columns={**SHOP["columns"], "amount": "price"})
    shop.drop(POT, name="b.csv")
    shop.answers(jobs=["ingest"])
    shop.target()
    assert "WARNING: files.order_lines changed" in shop.answers(jobs=["ingest"])
    assert "WARNING" not in shop.answers("--reread", jobs=["ingest"])


def test_files_that_are_read_again_are_seen_when_all_are_written(
    shop: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.drop(TEA, POT.replace("pot", ""))
    shop.answers("--set", "max_quarantined_share=1.0", jobs=["ingest"])
    before = {name: shop.rows(name) for name in ("order_lines", "ingested_files", "quarantine")}
    shop.target(columns={**SHOP["columns"], "amount": "price", "product_id": "coalesce(what, 'unnamed')"})
    write = Storage.save
    for doomed in ("order_lines", "ingested_files", "quarantine"):

        def dying(self: Storage, writer: DataFrameWriter, table: Table, dies_at: str = doomed) -> None:
            if table.name == dies_at:
                raise Crash
            write(self, writer, table)

        with monkeypatch.context() as patch:
            patch.setattr(Storage, "save", dying)
            with pytest.raises(Crash):
                shop.run("run", "ingest", "--reread", "order_lines")
        shop.answers(jobs=["orders"])
        assert [row[0] for row in shop.rows("orders", "net_amount")] == [Decimal("3.00")], "as before, until it is done"
        assert "WARNING" in shop.answers(jobs=["ingest"])
        assert {name: shop.rows(name) for name in before} == before
    shop.answers("--reread", "order_lines", jobs=["ingest"])
    assert shop.rows("order_lines", "product_id", "amount") == [("tea", Decimal("1.50")), ("unnamed", Decimal("9.99"))]
    assert shop.rows("quarantine", "source", "job") == []


def test_what_cannot_be_read_again_is_an_error_and_nothing_changes(shop: Hostile) -> None:
    gone = shop.drop(TEA)
    shop.answers(jobs=["ingest"])
    gone.unlink()
    shop.drop(POT, name="b.csv")
    said = shop.refused(3, "run", "ingest", "--reread")
    assert "of the files that were taken before, 1 cannot be found at" in said
    assert "a.csv" in said
    assert shop.rows("order_lines", "product_id") == [("tea",)]
    assert "has no files.orders; did you mean order_lines?" in shop.refused(2, "run", "ingest", "--reread", "orders")
    assert "--reread is for the job ingest" in shop.refused(2, "run", "rfm", "--reread", "order_lines")


def test_tables_that_somebody_took_away_are_made_again_whole(shop: Hostile) -> None:
    shop.drop(*week(customers=4))
    shop.answers(jobs=FEW)
    before = {name: shop.rows(name) for name in ("order_lines", "orders", "order_days", "customer_profile")}
    for name in ("orders", "customer_profile", "rfm_cuts"):
        shutil.rmtree(shop.root / name)
    shop.answers(jobs=FEW)
    shutil.rmtree(shop.root / "order_lines")
    shop.answers(jobs=FEW)
    assert {name: shop.rows(name) for name in before} == before
    assert shop.rows("rfm_cuts")


@pytest.mark.parametrize("damage", ["no log", "no data"])
def test_a_table_that_is_damaged_is_named_and_its_results_stay(shop: Hostile, damage: str) -> None:
    shop.drop(*week(customers=3))
    shop.answers(jobs=FEW)
    before = shop.rows("rfm")
    if damage == "no log":
        shop.write("orders/_delta_log/00000000000000000000.json", "{}")
    else:
        for path in (shop.root / "orders").glob("_[my]*/*.parquet"):  # its slices of time
            path.unlink()
    said = shop.run("run", "rfm", "--force")
    assert said.code in (3, 5), said.text
    assert "orders" in said.text
    assert shop.rows("rfm") == before
    assert shop.run("show", "orders").code in (3, 5)


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_damaged_file_of_a_table_is_named_with_its_job_and_doctor_finds_it(shop: Hostile, damage: str) -> None:
    shop.drop(*week(customers=3))
    shop.answers(jobs=FEW)
    before = shop.rows("orders")
    [file] = (shop.root / "orders").glob("_year=*/*.parquet")
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:200])
    else:
        file.unlink()
    state = "is cut off or overwritten (200 bytes)" if damage == "cut" else "is gone"
    again = f"move {shop.root}/orders away and run the job that makes it again: vitalfew run orders --target here"
    for asked in (("run", "rfm", "--force"), ("show", "orders")):
        told = shop.refused(3, *asked)
        assert "orders cannot be read: its file " in told
        assert f"{file.name} {state}. Restore it, or {again}" in told
    found = shop.refused(3, "doctor")
    assert f"{file.name} {'is gone' if damage == 'gone' else 'has 200 of its '}" in " ".join(found.split())
    assert again in " ".join(found.split())
    shutil.rmtree(shop.root / "orders")
    shop.answers(jobs=["orders"])
    assert shop.rows("orders") == before
    assert "the files of" in shop.run("doctor").text


def test_a_result_over_a_damaged_file_of_its_own_says_so_and_is_made_again(shop: Hostile) -> None:
    shop.drop(*week(customers=3))
    shop.answers(jobs=FEW)
    before = shop.rows("rfm")
    [file] = (shop.root / "rfm").glob("*.parquet")
    file.write_bytes(file.read_bytes()[:200])
    told = shop.refused(3, "run", "rfm", "--force")
    assert f"{file.name} is cut off or overwritten (200 bytes)." in told
    assert "the job that makes it again: vitalfew run rfm --target here (with --as-of" in told
    shutil.rmtree(shop.root / "rfm")
    shop.answers(jobs=["rfm"])
    assert shop.rows("rfm") == before


def test_mixed_decimal_marks_are_refused_line_by_line_and_too_many_stop_everything(shop: Hostile) -> None:
    good = lines((f"o{i}", "ann", "tea", "2025-01-02", 1, "1.50") for i in range(9))
    shop.drop(*good, 'o9,bob,tea,2025-01-02,1,"1.234,50"')
    shop.answers(jobs=FEW)
    assert shop.rows("quarantine", "reason", "file", "line") == [("price is not a decimal(18,4)", "a.csv", 10)]
    shop.drop(*[line.replace("1.50", '"1,50"') for line in good], name="b.csv")
    told = shop.refused(4, "run", "all")
    assert "9 of 9 new rows would be refused, more than the share of 0.2 in max_quarantined_share" in told
    assert (
        "9 rows: price is not a decimal(18,4) (such as b.csv, row 1: '1,50'): if its decimals stand after ','" in told
    )
    assert shop.accounted() == (10, 9)
