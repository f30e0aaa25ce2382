"""The search finds what is there in whichever form, and takes no neighbour for the person."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vitalfew.procedures.forget import scan as scanning
from vitalfew.procedures.forget.scan import Wanted, scan

WANTED = Wanted(("c12", "Ann B."), ("Twelve@secret.example",), ("ab" * 32,), frozenset({"product_id", "n"}))


def parquet(root: Path, **columns: object) -> None:
    pq.write_table(pa.table(columns), root / "a.parquet", compression="zstd")


@pytest.mark.parametrize(
    "columns",
    [
        {"customer_id": ["c1", "c12"]},
        {"customer_id": pa.array(["c1", "c12"]).dictionary_encode()},
        {"ids": [["c1"], ["c2", "c12"]]},
        {"text": [{"who": {"is": "TWELVE@SECRET.EXAMPLE"}}]},
        {"values": pa.array([[("id", "c12")]], pa.map_(pa.string(), pa.string()))},
        {"content": [json.dumps({"who": "Ann B.", "n": "1"})]},
        {"content": [json.dumps({"inner": json.dumps({"who": "c12"})})]},
        {"content": ["4711;c12;tea"]},
        {"raw": [b"by c12, once"]},
        {"evidence": ["ab" * 32]},
    ],
)
def test_a_person_in_pages_is_found(columns: dict[str, object], tmp_path: Path) -> None:
    parquet(tmp_path, **columns)
    assert not scan(tmp_path, WANTED).is_clean


@pytest.mark.parametrize(
    "columns",
    [
        {"customer_id": ["c1", "c123", "xc12", "c12-a", "12", "c12@x.example"]},
        {"product_id": ["c12"]},
        {"content": [json.dumps({"who": "c1", "n": "c12"})]},
        {"text": ["notTwelve@secretXexample", "Annabel B."]},
        {"number": [12, 1212]},
    ],
)
def test_neighbours_and_other_codes_are_not(columns: dict[str, object], tmp_path: Path) -> None:
    parquet(tmp_path, **columns)
    assert scan(tmp_path, WANTED).places == {}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("0.json", '{"add":{"stats":"{\\"minValues\\":{\\"customer_id\\":\\"c12\\"}}"}}'),
        ("0.json", '{"commitInfo":{"predicate":"customer_id = \'c12\'"}}'),
        ("0.json", "cut off, c12"),
        ("run.log", "for twelve@secret.example"),
        ("c12.csv", ""),
    ],
)
def test_a_person_in_logs_and_names_is_found(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert not scan(tmp_path, WANTED).is_clean


def test_what_is_skipped_is_not_searched(tmp_path: Path) -> None:
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "a.csv").write_text("c12", encoding="utf-8")
    assert scan(tmp_path, WANTED, [tmp_path / "drops"]).is_clean


@pytest.mark.parametrize("least_bytes", [0, 6])
def test_the_greatest_text_that_a_writer_cut_names_nobody(
    least_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cut text ends with its last character raised by one: after c11 comes c12, who is not in the file."""
    monkeypatch.setattr(scanning, "LEAST_BYTES", least_bytes)
    text = json.dumps({"numRecords": 1, "minValues": {"customer_id": "c11", "product_id": "p"}})
    cut = text[: text.index("c11")] + "c12"
    parquet(tmp_path, stats=[text])
    wanted = Wanted(("c12",), (), (), frozenset())
    monkeypatch.setattr(scanning, "statistics", lambda *_: [(cut, "stats")])
    assert scan(tmp_path, wanted).places == {}
    for whole in (text.replace("c11", "c12"), "c12", f"somebody else: {cut}"):
        monkeypatch.setattr(scanning, "statistics", lambda *_, whole=whole: [(whole, "stats")])
        assert scan(tmp_path, wanted).places == {"a.parquet": "the statistics of stats"}


ODD = Wanted(("Müller & Söhne <K-77>",), ("zwölf@secret.example",), ())


def packed(files: Mapping[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


PLAIN = "id,why\nMüller & Söhne <K-77>,late\n"
SHEET = '<c r="A1" t="s"><is><t>Müller &amp; Söhne &lt;K-77&gt;</t></is></c>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", "<td>Müller &amp; Söhne &lt;K-77&gt;</td>".encode()),
        ("page.html", b"<td>M&uuml;ller &#38; S&#xf6;hne &lt;K-77&gt;</td>"),
        ("rows.csv", PLAIN.encode("cp1252")),
        ("rows.csv", PLAIN.encode("utf-16")),
        ("rows.csv", PLAIN.encode("utf-16-le")),
        ("rows.csv", b"\xfe\xff" + PLAIN.encode("utf-16-be")),
        ("rows.csv.gz", gzip.compress(PLAIN.encode())),
        ("rows.xlsx", packed({"xl/sharedStrings.xml": SHEET.encode()})),
        ("rows.zip", packed({"a/rows.csv": PLAIN.encode()})),
        ("rows.zip", packed({"inner.zip": packed({"rows.csv.gz": gzip.compress(PLAIN.encode("cp1252"))})})),
        ("rows.zip", packed({"zwölf@secret.example": b""})),
        ("run.jsonl", json.dumps({"message": "for ZWÖLF@secret.example"}).encode() + b"\n{}\n"),
        ("run.log", json.dumps("Müller & Söhne <K-77>").encode()),
        ("notes.txt", "客户“Müller & Söhne <K-77>”，已流失。".encode()),
    ],
)
def test_a_person_is_found_however_a_file_is_written(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert [*scan(tmp_path, ODD).places] == [name]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rows.xlsx", packed({"xl/worksheets/sheet1.xml": b'<c r="c12" t="s"><v>0</v></c>'})),
        ("rows.zip", b"PK\x03\x04 cut off"),
        ("rows.gz", b"\x1f\x8b cut off"),
    ],
)
def test_the_name_of_a_cell_is_no_person_and_what_is_damaged_no_error(
    name: str, content: bytes, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    assert scan(tmp_path, WANTED).is_clean
