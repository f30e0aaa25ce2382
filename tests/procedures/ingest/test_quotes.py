"""Quotes in a CSV: what is one record, what only looks like one, and no line that is swallowed."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from vitalfew.procedures.ingest.readers import delimited, jsonlines
from vitalfew.procedures.ingest.readers.parts import Layout

ABC = Layout("csv", ("a", "b", "c"), multiline=True)
Rows = list[tuple[object, ...]]


def chopped(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def read(data: bytes, layout: Layout = ABC, size: int = 1 << 20) -> tuple[Rows, list[tuple[int, str]], int]:
    """Rows with their numbers, refused records, and how many lines, blank ones apart, both have together."""
    good: Rows = []
    bad: list[tuple[int, str]] = []
    lines = 0
    for part in delimited.parts(chopped(data, size), layout):
        good += list(zip(part.lines, *[cells.to_pylist() for cells in part.cells.values()], strict=True))
        bad += [(refused.line, refused.why) for refused in part.refused]
        lines += sum(part.batch(0, ()).column("height").to_pylist())
        lines -= sum(refused.text.count(b"\n\n") for refused in part.refused)
    lines -= sum(str(cell).count("\n\n") for row in good for cell in row)
    return sorted(good), sorted(bad), lines


def test_a_quote_within_an_unquoted_cell_is_a_character_like_others() -> None:
    shelf = [f'{i},shelf {i}" wide,x' if i % 40 == 7 else f"{i},board,x" for i in range(200)]
    for multiline in (True, False):
        good, bad, _ = read(b"a,b,c\n" + "\n".join(shelf).encode(), Layout("csv", ("a",), multiline=multiline))
        assert (len(good), bad) == (200, [])
        assert good[7] == (8, "7", 'shelf 7" wide', "x")


@pytest.mark.parametrize("size", [1, 13, 1 << 20])
@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (
            ['1,"oops,x', "2,b,y", '3,"b",z'],
            "opens a quote, and the next one, on a later line, is in the middle of a cell",
        ),
        (
            ['1,"oops,x', "2,b,y", '3,tv 40",z'],
            "opens a quote, and the text up to the next one holds the separators of whole lines",
        ),
    ],
)
def test_a_stray_quote_at_the_start_of_a_cell_costs_its_line_alone(lines: list[str], why: str, size: int) -> None:
    good, bad, count = read("\n".join(["a,b,c", *lines, '4,"two\nlines",z', "5,,"]).encode(), size=size)
    assert bad == [(1, why)]
    assert [row[1] for row in good] == ["2", "3", "4", "5"]
    assert count == 6


def test_a_record_has_no_more_lines_than_the_limit() -> None:
    def with_lines(n: int) -> bytes:
        return b'a,b,c\n1,"' + b"\n".join([b"note"] * n) + b'",x\n2,b,y\n'

    layout = Layout("csv", ("a",), multiline=True, max_lines_of_record=5)
    assert read(with_lines(5), layout)[:2] == ([(1, "1", "\n".join(["note"] * 5), "x"), (2, "2", "b", "y")], [])
    good, bad, lines = read(with_lines(6), layout)
    assert bad[0] == (1, "opens a quote that is not closed within 5 lines (max_lines_of_record)")
    assert good == [(7, "2", "b", "y")]
    assert lines == 7


def test_an_address_with_commas_in_each_line_is_one_cell() -> None:
    good, bad, _ = read(b'a,b,c,d\n1,"Mill Lane 3, Bath\nUK, GB",x,\n"two\nlines",b,"and\r\ntwo",y\r\n')
    assert (good, bad) == (
        [(1, "1", "Mill Lane 3, Bath\nUK, GB", "x", ""), (2, "two\nlines", "b", "and\r\ntwo", "y")],
        [],
    )


def test_quotes_that_a_backslash_escapes_are_read_as_spark_writes_them() -> None:
    layout = Layout("csv", ("a",), escape="\\", multiline=True)
    data = rb"""a,b,c
1,"a 5\" disk, \"new\"",C:\dir
2,"ends in \\","b\n\"
more"
"""
    assert read(data, layout)[:2] == (
        [(1, "1", 'a 5" disk, "new"', "C:\\dir"), (2, "2", "ends in \\", 'b\\n"\nmore')],
        [],
    )
    assert read(data.replace(b"\nmore", b""), Layout("csv", ("a",), escape="\\"))[0][1][3] == 'b\\n"'


@pytest.mark.parametrize("seed", range(20))
def test_whatever_the_damage_every_line_is_in_one_record(seed: int) -> None:
    chance = random.Random(seed)
    cells = ["x", '"y"', '"a\nb"', '"open', 'close"', 'in"side', '""', '"""', "", 'q"",', '"z\n\n1,2,3"']
    lines = "\n".join(",".join(chance.choices(cells, k=chance.choice([3, 3, 3, 2]))) or "x" for _ in range(100))
    physical = [line for line in lines.split("\n") if line.strip()]
    layout = Layout("csv", ("a",), multiline=True, max_lines_of_record=chance.choice([2, 4, 100]))
    results = [read(b"a,b,c\n" + lines.encode(), layout, size) for size in (1, 50, 1 << 20)]
    assert results[0] == results[1] == results[2]
    assert results[0][2] == len(physical)


def seconds(data: bytes, layout: Layout) -> float:
    """How long it takes to read `data`, in CPU time of this process."""
    start = time.process_time()
    for _ in delimited.parts(chopped(data, 8 << 20), layout):
        pass
    return time.process_time() - start


def test_an_open_quote_before_many_lines_takes_as_long_as_none() -> None:
    rows = b"".join(b"%d,board,x\n" % i for i in range(200_000))
    plain, hurt = seconds(b"a,b,c\n" + rows, ABC), seconds(b'a,b,c\n1,"open,x\n' + rows, ABC)
    assert hurt < 10 * plain + 5  # where the rest was split again and again, a hundred times


def test_blank_lines_cost_next_to_nothing() -> None:
    for end in (b"\n", b"\r\n", b" \n"):
        blank = end * (20_000_000 // len(end))
        assert seconds(b"a,b,c\n1,2,3\n\n" + blank, ABC) < 30  # where each block was split again, minutes
    start = time.process_time()
    assert [len(part.lines) for part in jsonlines.parts(chopped(b"\n" * 20_000_000 + b"{}", 8 << 20), ABC)] == [1]
    assert time.process_time() - start < 30
