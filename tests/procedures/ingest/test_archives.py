"""Zip archives, compressed files, and what lies among drops and is none."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from shop import CUP, HEADER, POT, TEA, Shop

from vitalfew.errors import TableError
from vitalfew.procedures.ingest.readers import archives, drops
from vitalfew.procedures.ingest.readers.parts import UnreadableError
from vitalfew.tables.logs import FILES


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def table(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines, ""]).encode()


def test_each_file_of_an_archive_is_counted_under_its_own_name(shop: Shop) -> None:
    shop.bytes(
        "a.zip",
        zipped({"b.csv": table(TEA, "x"), "deep/c.csv.gz": gzip.compress(table(CUP)), "__MACOSX/._b.csv": b"\0"}),
    )
    shop.bytes("old/D.ZIP", zipped({"d.csv": table(POT)}, zipfile.ZIP_STORED))
    shop.drop("e.csv", TEA, end="\n")
    account = shop.take()
    assert (account.files, account.rows_in, account.rows_used, account.rows_duplicate) == (4, 5, 3, 1)
    assert account.money_used == Decimal("16.99")
    taken = sorted((row["path"], row["rows_in"], row["rows_quarantined"]) for row in shop.rows(FILES))
    assert taken == [("a.zip/b.csv", 2, 1), ("a.zip/deep/c.csv.gz", 1, 0), ("e.csv", 1, 0), ("old/D.ZIP/d.csv", 1, 0)]
    assert [(file, line) for _, file, line in shop.refused()] == [("e.csv", 1), ("a.zip/b.csv", 2)]
    assert account.told == (
        "order_lines: 1 file that is hidden, a lock, or not yet whole passed over: a.zip/__MACOSX/._b.csv",
    )
    shop.bytes("unpacked/b.csv", table(TEA, "x"))
    assert shop.take().files == 0, "the content was taken, however it was packed"


def test_of_an_archive_those_are_taken_that_are_asked_for(shop: Shop) -> None:
    shop.bytes("a.zip", zipped({"orders.csv": table(TEA), "read.me": b"hello", "sub/orders.csv": table(CUP)}))
    with pytest.raises(TableError, match=r"a\.zip/read\.me has no column"):
        shop.take()
    assert shop.take(members="*.csv").rows_used == 1
    assert shop.take(members="**/*.csv").rows_used == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"PK\x03\x04 no archive", "a.zip cannot be unpacked: "),
        (zipped({"b.csv": table(TEA)})[:-30], "a.zip cannot be unpacked"),
        (zipped({"inner.zip": zipped({"b.csv": table(TEA)})}), "a.zip/inner.zip is an archive within an archive"),
        (zipped({"b.csv": b""}), "a.zip/b.csv is empty"),
    ],
)
def test_an_archive_that_cannot_be_read_is_named(shop: Shop, content: bytes, why: str) -> None:
    shop.bytes("a.zip", content)
    with pytest.raises(TableError, match=why):
        shop.take()


def test_a_member_that_is_broken_inside_is_named(shop: Shop) -> None:
    content = bytearray(zipped({"b.csv": table(*[TEA] * 50)}, zipfile.ZIP_STORED))
    content[200] ^= 1
    shop.bytes("a.zip", bytes(content))
    with pytest.raises(TableError, match=r"a\.zip/b\.csv cannot be unpacked: Bad CRC-32"):
        shop.take()


def test_what_unpacks_to_far_too_much_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(archives, "SMALL", 1 << 20)
    monkeypatch.setattr(drops, "BLOCK", 1 << 20)
    for name, content in {
        "a.zip": zipped({"b.csv": b"1\n" * (4 << 20)}),
        "a.csv.gz": gzip.compress(b"1\n" * (4 << 20)),
    }.items():
        (tmp_path / name).write_bytes(content)
        [found] = drops.find(str(tmp_path / name))
        with pytest.raises(UnreadableError, match="unpacks to more than 200 times its size"):
            list(drops.blocks(found.path, found.member))
    (tmp_path / "fair.csv.gz").write_bytes(gzip.compress(os.urandom(3 << 20)))
    assert sum(map(len, drops.blocks(str(tmp_path / "fair.csv.gz")))) == 3 << 20


def test_hidden_lock_and_unfinished_files_are_passed_over_counted_and_said_once(shop: Shop) -> None:
    shop.drop("a.csv", TEA)
    odd = ["Thumbs.db", "~$a.xlsx", ".DS_Store", "._x.csv", "b.csv.crdownload", ".~lock.a.csv#", "_SUCCESS"]
    odd += ["desktop.ini", "c.csv.part", "a.csv~", "sub/.git/config", "d.filepart", "~WRL0003.tmp"]
    for name in odd:
        shop.bytes(name, b"\0\xff")
    told = "13 files that are hidden, a lock, or not yet whole passed over: .DS_Store, ._x.csv, .~lock.a.csv#, …"
    assert shop.take().told == (f"order_lines: {told}",)
    assert shop.take().told == ()
    assert not any(
        drops.is_hidden(name) for name in ("a.csv", "partial.csv", "x.parts", "tmp/a.csv", "lock.csv", "a~b")
    )


def test_only_hidden_files_are_no_files_and_it_is_said(shop: Shop) -> None:
    shop.bytes("orders.csv.part", table(TEA))
    with pytest.raises(TableError, match=r"there is no file at .*drops \(1 file .* passed over: orders.csv.part\)"):
        shop.take()


def test_a_name_that_is_no_text_is_told_with_its_bytes(shop: Shop) -> None:
    shop.drop("a.csv", TEA)
    (shop.root / "drops" / os.fsdecode(b"caf\xe9.csv")).write_bytes(table(CUP))
    with pytest.raises(TableError, match=r"the name of 'caf\\xe9\.csv' is not UTF-8: rename it"):
        shop.take()


@pytest.mark.parametrize(
    ("content", "settings", "why"),
    [
        (zipped({"x": b"y"}), {}, "is a workbook or a zip archive: say `format: excel`, or name it .zip"),
        (gzip.compress(table(TEA)), {}, "is compressed by gzip: say so by its name, .gz"),
        (b"PAR1" + b"x" * 50, {}, "is Parquet: say `format: parquet`"),
        (b"PAR1" + b"x" * 50, {"format": "parquet"}, "is no Parquet that can be read"),
        (table(TEA), {"format": "parquet"}, "is no Parquet: it does not begin as one"),
        (table(TEA), {"format": "excel"}, "is no workbook: is it CSV"),
        (b"<html><table>", {"format": "excel"}, "is HTML or XML"),
        (b'[\n  {"id": 1}\n]', {}, "is JSON: say `format: jsonl`, or `format: json`"),
    ],
)
def test_a_file_of_another_format_is_told_what_it_is(
    shop: Shop, content: bytes, settings: dict[str, Any], why: str
) -> None:
    shop.bytes("a.bin", content)
    with pytest.raises(TableError, match=f"a.bin {why}"):
        shop.take(**settings)
