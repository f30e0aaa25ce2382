"""`export` writes what is published to a file that a spreadsheet or a program reads, all of it and no formula."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hostile import Hostile
from python_calamine import CalamineWorkbook

from vitalfew.config.target import Target
from vitalfew.engines.engine import Engine
from vitalfew.jobs.rfm.tables import RFM
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES
from vitalfew.tables.sources import PRODUCTS

NAMES = ["=1+1", "+49 30", "-5", "@sum", "\ttab", "tea, green", 'said "hi"', "two\nlines", "日本茶", "", " "]
MANY = 30_000


@pytest.fixture(scope="module")
def root(running: Engine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("export")
    storage = Storage(running, Target(root=str(root), engine=running.name))
    rows = [(f"p{number}", name) for number, name in enumerate(NAMES)]
    drawn = storage.spark.createDataFrame(rows, "product_id string, name string")
    others = [f"cast(null as {c.type}) {c.name}" for c in PRODUCTS.declared if c.name not in ("product_id", "name")]
    storage.replace(PRODUCTS, drawn.selectExpr("product_id", "name", *others))
    empty = {column.name: f"cast(null as {column.type})" for column in RFM.declared}
    known = {"customer_id": "concat('c', id)", "r": "cast(id % 5 + 1 as int)", "monetary": "cast(id as decimal(28,2))"}
    for name in RFM.required:
        kind = RFM.type_of(name)
        empty[name] = "'x'" if kind == "string" else "0"
    known["as_of"] = "date'2025-02-01'"
    drawn_as = {**empty, **known}
    columns = [f"cast({drawn_as[name]} as {RFM.type_of(name)}) {name}" for name in RFM.columns]
    storage.replace(RFM, storage.spark.range(MANY).selectExpr(*columns))
    return root


@pytest.fixture
def shop(root: Path, tmp_path: Path, running: Engine, monkeypatch: pytest.MonkeyPatch) -> Hostile:
    made = Hostile(tmp_path, running, monkeypatch)
    made.target(extra={"root": str(root), "files": {}})
    return made


def told_by(shop: Hostile, *arguments: str) -> str:
    said = shop.run(*arguments)
    assert said.code == 0, said.text
    return said.text


def read(path: Path) -> list[list[str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_workbook_has_every_row_in_the_order_of_the_key(shop: Hostile) -> None:
    file = shop.root / "out" / "rfm.xlsx"
    said = shop.run("export", "rfm", "--columns", "customer_id,r,monetary,as_of", "--to", str(file))
    assert (said.code, said.text) == (0, f"{MANY:,} rows of rfm are in {file}.\n")
    header, *rows = CalamineWorkbook.from_path(str(file)).get_sheet_by_name("rows").to_python()
    assert header == ["customer_id", "r", "monetary", "as_of"]
    ids = [f"c{number}" for number in range(MANY)]
    assert [row[0] for row in rows] == sorted(ids)
    assert all(row[2:] == [float(str(row[0])[1:]), date(2025, 2, 1)] for row in rows)


def test_where_no_row_is_found_the_values_that_there_are_are_named(shop: Hostile) -> None:
    file = shop.root / "out" / "none.csv"
    why = "No row of rfm meets --where; segment is one of: x.\n"
    asked = ("--where", "segment = 'at risk'")
    said = shop.run("export", "rfm", *asked, "--columns", "r", "--to", str(file))
    assert (said.code, said.text) == (0, f"0 rows of rfm are in {file}.\n{why}")
    assert why in told_by(shop, "show", "rfm", *asked, "--columns", "r")
    many = told_by(shop, "show", "rfm", "--where", "customer_id = 'nobody'", "--columns", "r")
    assert "No row of rfm meets --where.\n" in many, "thousands of values are of no help"
    assert "No row of rfm meets --where.\n" in told_by(shop, "show", "rfm", "--where", "r = 9", "--columns", "r")


def test_texts_that_a_spreadsheet_would_compute_are_texts(shop: Hostile) -> None:
    file = shop.root / "out" / "products.csv"
    said = shop.run("export", "products", "--columns", "product_id,name", "--to", str(file))
    assert (said.code, said.text) == (0, f"{len(NAMES)} rows of products are in {file}.\n")
    header, *rows = read(file)
    assert header == ["product_id", "name"]
    told = dict(rows)
    assert [told[f"p{n}"] for n in range(len(NAMES))] == [
        "'=1+1", "'+49 30", "'-5", "'@sum", "'\ttab", "tea, green", 'said "hi"', "two\nlines", "日本茶", "", " ",
    ]  # fmt: skip
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_no_limit_of_rows(shop: Hostile, ending: str) -> None:
    file = shop.root / f"rfm.{ending}"
    assert f"{MANY:,} rows of rfm are in" in told_by(shop, "export", "rfm", "--to", str(file))
    if ending == "csv":
        header, *rows = read(file)
        assert (header, len(rows)) == (list(RFM.columns), MANY)
        return
    found = pq.read_table(file)
    assert (found.column_names, found.num_rows) == (list(RFM.columns), MANY)
    assert str(found.schema.field("monetary").type) == "decimal128(28, 2)"


def test_what_is_asked_for_and_nothing_else(shop: Hostile) -> None:
    file = shop.root / "some.csv"
    asked = ("--where", "r = 5", "--by", "monetary", "--columns", "customer_id, monetary", "--limit", "2")
    told_by(shop, "export", "rfm", *asked, "--to", str(file))
    assert read(file) == [["customer_id", "monetary"], ["c29999", "29999.00"], ["c29994", "29994.00"]]
    shown = told_by(shop, "show", "rfm", *asked)
    assert next(line.split(" | ") for line in shown.splitlines()) == ["customer_id", "monetary"]
    assert "1 row of rfm is in" in told_by(shop, "export", "rfm", *asked[:-1], "1", "--to", str(file))
    assert len(read(file)) == 2, "the file is replaced"


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("rfm", "--to", "rfm.doc"), "its ending says the form, which is one of .csv, .parquet"),
        (("rfm", "--to", "rfm"), "its ending says the form"),
        (("rfn", "--to", "a.csv"), "There is no table 'rfn'"),
        (("rfm", "--columns", "moneta", "--to", "a.csv"), "did you mean monetary"),
        (("rfm", "--where", "segmant = 'x'", "--to", "a.csv"), "segmant is no column of rfm"),
        (("rfm", "--to", "/proc/no/a.csv"), "cannot be written"),
        (("rules", "--to", "a.csv"), "There is no table rules"),
    ],
)
def test_what_cannot_be_exported_is_told_and_leaves_no_file(shop: Hostile, asked: tuple[str, ...], told: str) -> None:
    said = shop.run("export", *asked)
    assert said.code in (2, 3), said.text
    assert told in said.text
    assert not Path("a.csv").exists()


def test_every_table_that_is_shown_has_columns_to_export() -> None:
    from vitalfew.cli.show import told

    assert all(told(table) for table in TABLES.values())
