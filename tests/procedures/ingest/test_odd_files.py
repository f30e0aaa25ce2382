"""Files as they come to be by accident: joined, damaged, pretty-printed, growing or replaced while they are read."""

from __future__ import annotations

import gzip
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shop import CUP, HEADER, POT, TEA, Shop

from vitalfew.errors import TableError
from vitalfew.procedures.ingest import load
from vitalfew.procedures.ingest.readers.parts import HEADER_AGAIN
from vitalfew.tables.sources import PRODUCTS


def test_a_header_that_stands_again_is_no_row(shop: Shop) -> None:
    again = [HEADER, ' "id" , who,"what",at,n,price', "\ufeff" + HEADER, "id,who,what,at,n,prices"]
    shop.drop("a.csv", TEA, again[0], CUP, *again[1:], POT)
    names = {"product_id": "what", "name": "what"}
    account = shop.take(source="products", at="drops", columns=names)
    assert (account.rows_in, account.rows_quarantined) == (7, 3)
    assert shop.refused() == [(HEADER_AGAIN, "a.csv", line) for line in (2, 4, 5)]
    assert [row["product_id"] for row in shop.rows(PRODUCTS)] == ["cup", "pot", "tea", "what"], "one name is another"


def test_json_lines_may_begin_with_a_mark_or_be_objects_over_several_lines(shop: Shop) -> None:
    record = {"id": "1", "who": "ann", "what": "tea", "at": "2025-01-02", "n": 1, "price": 1.5}
    shop.bytes("a.jsonl", b"\xef\xbb\xbf" + json.dumps(record).encode())
    shop.bytes("b.jsonl", b"\xef\xbb\xbf" + json.dumps(record | {"id": "2"}, indent=2).encode())
    both = [json.dumps(record | {"id": number}, indent=4).replace("\n", "\r\n") for number in "34"]
    shop.bytes("c.jsonl", "\n".join(both).encode())
    account = shop.take(format="jsonl")
    assert (account.rows_in, account.rows_used) == (4, 4), shop.reasons()


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (lambda packed: packed[:-9], r"a\.csv\.gz is cut off: its gzip content does not come to an end"),
        (lambda packed: packed + b"<html>", r"a\.csv\.gz is no whole gzip file: .* something else follows its content"),
        (lambda packed: packed + b"\0" * 512, "something else follows its content"),
    ],
)
def test_a_compressed_file_that_is_not_whole_is_refused_in_words(
    shop: Shop, broken: Callable[[bytes], bytes], why: str
) -> None:
    content = "\n".join([HEADER, TEA, ""]).encode()
    shop.bytes("a.csv.gz", broken(gzip.compress(content)))
    with pytest.raises(TableError, match=why):
        shop.take()


def test_a_compressed_file_of_several_members_is_read_whole(shop: Shop) -> None:
    content = "\n".join([HEADER, TEA, CUP, ""]).encode()
    shop.bytes("a.csv.gz", gzip.compress(content[:45]) + gzip.compress(content[45:]))
    assert shop.take().rows_used == 2


def replaced(path: Path) -> None:
    """Another file of the same size and time in its place."""
    before = path.stat()
    other = path.with_name(".other")
    other.write_bytes(path.read_bytes().replace(b"1.50", b"9.50"))
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def rewritten(path: Path) -> None:
    """Another content of the same size and time in the same file."""
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"1.50", b"9.50"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def grown(path: Path) -> None:
    with path.open("a") as file:
        file.write(POT + "\n")


@pytest.mark.parametrize("change", [replaced, rewritten, grown])
def test_a_file_that_changes_between_two_looks_is_not_taken(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    path = shop.drop("a.csv", TEA)
    judged: Any = load.judged

    def late(*args: Any) -> Any:
        change(path)
        return judged(*args)

    monkeypatch.setattr(load, "judged", late)
    with pytest.raises(TableError, match=r"a\.csv\. Changed while being read; nothing was written"):
        shop.take()
    assert shop.rows() == []


def test_a_file_that_grows_all_the_time_is_taken_whole_or_not_at_all(shop: Shop) -> None:
    path = shop.drop("a.csv", TEA)
    stop = threading.Event()

    def write() -> None:
        with path.open("a", buffering=1) as file:
            for number in range(1_000_000):
                if stop.wait(0.002):
                    return
                file.write(f"{number + 2},bob,pot,2025-01-03 10:00:00,1,9.99\n")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        with pytest.raises(TableError, match="Changed while being read"):
            shop.take()
    finally:
        stop.set()
        writer.join()
    assert shop.rows() == []
    assert shop.take().rows_used == len(path.read_text().splitlines()) - 1
