"""The readers alone, in this process: what the engine's workers do with a file."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from vitalfew.procedures.ingest.readers import columnar, delimited, drops, jsonlines, lines, reading
from vitalfew.procedures.ingest.readers.drops import Drop
from vitalfew.procedures.ingest.readers.parts import REST, Layout, Part, Refused

AB = Layout("csv", ("a", "b"))


def chopped(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def read(
    data: bytes, layout: Layout = AB, size: int = 1 << 20
) -> tuple[list[tuple[object, ...]], list[tuple[int, str]]]:
    """Rows with their numbers, and refused lines, of a CSV that comes in blocks of `size` bytes."""
    good: list[tuple[object, ...]] = []
    bad: list[tuple[int, str]] = []
    for part in delimited.parts(chopped(data, size), layout):
        cells = [cells.to_pylist() for cells in part.cells.values()]
        good += list(zip(part.lines, *cells, strict=True))
        bad += [(refused.line, refused.why) for refused in part.refused]
    return sorted(good), sorted(bad)


@pytest.mark.parametrize("size", [1, 3, 7, 1 << 20])
def test_blocks_may_end_anywhere(size: int) -> None:
    data = '\ufeffa,b\r\n1,é\r\n\r\n2,"x, ""y"""\n3\n4,4'.encode()
    assert read(data, size=size) == (
        [(1, "1", "é"), (2, "2", 'x, "y"'), (4, "4", "4")],
        [(3, "has 1 cells where there are 2 columns")],
    )


def test_a_file_of_a_header_alone_has_no_rows() -> None:
    assert read(b"a,b\n") == ([], [])
    assert read(b"a,b") == ([], [])
    assert read(b"") == ([], [])


def test_a_single_column_is_read_too() -> None:
    assert read(b'a\n1\n\n"2"\n', Layout("csv", ("a",))) == ([(1, "1"), (2, "2")], [])


def test_without_a_quote_character_quotes_are_text() -> None:
    layout = Layout("csv", ("a",), separator="|", quote="")
    assert read(b'a|"b\n"1|2"\n', layout) == ([(1, '"1', '2"')], [])


@given(
    st.lists(
        st.tuples(*[st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]), max_size=8)] * 2),
        max_size=20,
    ),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_what_the_csv_module_writes_is_read_back(rows: list[tuple[str, str]], all_quoted: bool) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL, lineterminator="\n")
    writer.writerows([("a", "b"), *rows])
    good, bad = read(text.getvalue().encode(), size=64)
    assert bad == []
    assert [row[1:] for row in good] == rows


@pytest.mark.parametrize("seed", range(5))
def test_whatever_the_damage_no_line_is_lost_and_the_others_are_read(seed: int) -> None:
    chance = random.Random(seed)
    whole = [f'{i},"value, {i}"' if chance.random() < 0.5 else f"{i},value {i}" for i in range(200)]
    hurt = {
        i: chance.choice([f'{i},"open', f"{i}", f"{i},2,3", f'"{i},x', f"{i},\xff"])
        for i in range(200)
        if chance.random() < 0.1
    }
    data = b"a,b\n" + b"\n".join(hurt.get(i, line).encode("latin-1") for i, line in enumerate(whole)) + b"\n"
    good, bad = read(data, size=chance.choice([50, 500, 5000]))
    assert [line for line, _ in bad] == sorted(i + 1 for i in hurt)
    assert len(good) + len(bad) == 200
    assert all(b in (f"value, {a}", f"value {a}") for _, a, b in good)


def test_a_carriage_return_in_a_line_makes_no_second_row_and_hides_no_open_quote() -> None:
    why = "cannot be split into cells: a quote is not closed, or it holds a line break"
    data = b'a,b\r\n1,x\r2,y\r\n3,"open\r\n4,z\r\n5,x\r6\r\n7,"in\rside"\r\n'
    assert read(data) == ([(3, "4", "z"), (5, "7", "in\rside")], [(1, why), (2, why), (4, why)])
    assert read(b"a,b\n1,x\r2,y\n") == ([], [(1, why)])


def test_a_line_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LONGEST", 100)
    with pytest.raises(ValueError, match="holds a line of more than 0 MB"):
        read(b"a,b\n" + b"x" * 300, size=50)
    assert read(b"a,b\n1,2\n", size=50) == ([(1, "1", "2")], [])


def test_quoted_lines_are_joined_across_blocks() -> None:
    layout = Layout("csv", ("a", "b"), multiline=True)
    data = b'a,b\n1,"two\nlines"\n2,"and\n\nthree"\n3,4\n5,"open\n6,7\n'
    for size in (1, 10, 1000):
        good, bad = read(data, layout, size)
        assert good == [(1, "1", "two\nlines"), (2, "2", "and\n\nthree"), (3, "3", "4"), (5, "6", "7")]
        assert bad == [(4, "opens a quote that is closed nowhere in the file")]


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "cp1252", "utf-16-le"])
def test_other_encodings_are_recoded_block_by_block(encoding: str) -> None:
    layout = Layout("csv", ("a", "b"), encoding=encoding)
    assert read("a,b\n1,Zoë\n".encode(encoding), layout, size=3) == ([(1, "1", "Zoë")], [])
    assert delimited.header(chopped("a,ë\n".encode(encoding), 3), layout) == ("a", "ë")


def test_bytes_that_are_no_text_cost_their_line_alone() -> None:
    assert read(b"a,b\n1,\xe9\n2,x\n") == ([(2, "2", "x")], [(1, "holds bytes that are not utf-8")])
    layout = Layout("csv", ("a", "b"), encoding="cp1252")
    assert read(b"a,b\n1,\x81\n2,\xe9\n", layout) == ([(2, "2", "é")], [(1, "holds bytes that are not cp1252")])
    assert read(b"a,b\n1,\xe9\n") == ([], [(1, "holds bytes that are not utf-8")])


def test_a_header_is_trimmed_and_must_not_end_in_a_carriage_return_alone() -> None:
    assert delimited.header([b' a ,"b, c"\r\n1,2\n'], AB) == ("a", "b, c")
    assert delimited.header([b"\n \n"], AB) == ()
    assert delimited.header([b'"a|b\n'], Layout("csv", ("a",), separator="|", quote="")) == ('"a', "b")
    with pytest.raises(ValueError, match="carriage return alone"):
        delimited.header([b"a,b\r1,2\r"], AB)


def test_the_text_of_a_refused_line_is_kept_unless_something_is_to_be_hidden() -> None:
    public = next(iter(delimited.parts([b"a,b\n1\n"], AB)))
    assert public.refused[0].shown(public.is_public) == '{"text": "1"}'
    for header, hide in ((b"a,e-mail", ()), (b"a,b", ("b",))):
        private = next(iter(delimited.parts([header + b"\n1\n"], Layout("csv", ("a",), hide=hide))))
        assert private.refused[0].shown(private.is_public) == '{"bytes": 1}'
    assert Refused(1, b"\xff" + b"x" * 2000, "no text").shown(True) == '{"text": "\\\\xff' + "x" * 999 + '"}'


def test_a_part_becomes_a_batch_with_the_columns_that_are_asked_for() -> None:
    part = Part([1, 3], {"a": pa.array(["x", "y"])}, [Refused(2, b"z", "bad")], is_public=True)
    batch = part.batch(7, ["b", "a"])
    assert batch.schema.names == ["file", "line", "item", "items", "height", "malformed", "content", "c0", "c1"]
    assert batch.to_pylist() == [
        {
            "file": 7,
            "line": 1,
            "item": 1,
            "items": 1,
            "height": 1,
            "malformed": None,
            "content": None,
            "c0": None,
            "c1": "x",
        },
        {
            "file": 7,
            "line": 3,
            "item": 1,
            "items": 1,
            "height": 1,
            "malformed": None,
            "content": None,
            "c0": None,
            "c1": "y",
        },
        {
            "file": 7,
            "line": 2,
            "item": 1,
            "items": 1,
            "height": 1,
            "malformed": "bad",
            "content": '{"text": "z"}',
            "c0": None,
            "c1": None,
        },
    ]
    assert Part().batch(0, ["a"]).num_rows == 0


def test_json_values_are_kept_as_they_are_written() -> None:
    layout = Layout("jsonl", ("a", "b"))
    data = [
        b'{"a": 1.10, "b": "x"}\n{"a": true, "b": false}\n{"a": {"y": 1, "x": null}, "b": [1, "\xc3\xa9"]}\n',
        b'\n{"c": 1, "b": null}\nnull\n{"a": 1, "a": 2}\n{"a": "\\ud800"}\n{"a": NaN}\n{"a": "\xff"}\n',
    ]
    (first, second) = list(jsonlines.parts(data, layout))
    assert first.lines == [1, 2, 3]
    assert [cells.to_pylist() for cells in first.cells.values()] == [
        ["1.10", "true", '{"x": null, "y": "1"}'],
        ["x", "false", '["1", "é"]'],
        [None, None, None],
    ]
    assert (second.lines, second.cells["a"].to_pylist()) == ([4, 8], [None, "NaN"])
    assert second.cells[REST].to_pylist() == ['{"c": "1"}', None]
    assert [(refused.line, refused.why[:40]) for refused in second.refused] == [
        (9, "holds bytes that are not utf-8"),
        (5, "is no JSON object: the line holds anothe"),
        (6, "is no JSON object: a key stands twice"),
        (7, "is no JSON object: 'utf-8' codec can't e"),
    ]
    assert next(iter(jsonlines.parts([b"[1]\n"], layout))).cells["a"].to_pylist() == []
    assert len(next(iter(jsonlines.parts([b"[" * 200_000 + b"\n"], layout))).refused) == 1


def test_parquet_columns_become_the_text_of_a_csv() -> None:
    when = datetime.fromisoformat("2025-01-02 09:00")
    texts = {
        "2025-01-02 09:00:00.000000": pa.array([when], pa.timestamp("ns")),
        "2025-01-02 09:00:00.000000Z": pa.array([when], pa.timestamp("s", "Europe/Berlin")),
        "2025-01-02": pa.array([when.date()]),
        "17850": pa.array([17850.0]),
        "1.50": pa.array([Decimal("1.50")]),
        "true": pa.array([True]),
        "x": pa.array(["x"], pa.large_string()),
        "y": pa.array(["y"]).dictionary_encode(),
        "\\xff": pa.array([b"\xff"]),
        '{"a": 1}': pa.array([{"a": 1}]),
    }
    for text, column in texts.items():
        with_null = (
            pa.concat_arrays([column, pa.nulls(1, column.type)]) if not pa.types.is_dictionary(column.type) else column
        )
        assert columnar.as_text(with_null).to_pylist()[0] == text
        assert columnar.as_text(with_null).type == pa.string()


def test_parquet_is_read_by_the_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnar, "ROWS", 2)
    path = str(tmp_path / "a.parquet")
    parquet.write_table(pa.table({"a": [1, 2, 3]}), path)
    with drops.whole(path) as file:
        assert columnar.header(file) == ("a",)
    with drops.whole(path) as file:
        assert [list(part.lines) for part in columnar.parts(file)] == [[1, 2], [3]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.csv", "b.csv.gz", "c.txt", "2025/01/d.csv", "2025/e.csv", "_delta_log/f.csv", ".hidden.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(b"a,b\n1,2\n") if name.endswith("gz") else b"a,b\n1,2\n")
    return tmp_path


@pytest.mark.parametrize(
    ("at", "names"),
    [
        ("", ["2025/01/d.csv", "2025/e.csv", "a.csv", "b.csv.gz", "c.txt"]),
        ("/", ["2025/01/d.csv", "2025/e.csv", "a.csv", "b.csv.gz", "c.txt"]),
        ("/*.csv", ["a.csv"]),
        ("/*.csv*", ["a.csv", "b.csv.gz"]),
        ("/?.txt", ["c.txt"]),
        ("/**/*.csv", ["2025/01/d.csv", "2025/e.csv", "a.csv"]),
        ("/2025/**", ["01/d.csv", "e.csv"]),
        ("/*/e.csv", ["2025/e.csv"]),
        ("/a.csv", ["a.csv"]),
        ("/no.csv", []),
        ("/no/*.csv", []),
    ],
)
def test_files_are_found_by_folder_and_pattern(folder: Path, at: str, names: list[str]) -> None:
    found = drops.find(str(folder) + at)
    assert [drop.name for drop in found] == names
    for drop in found:
        assert Path(drop.path).stat().st_size == drop.size
        assert Path(drop.path).stat().st_mtime_ns // 1000 == drop.changed_us


def test_files_are_found_by_uri(folder: Path) -> None:
    found = drops.find(f"file://{folder}/*.csv")
    assert [drop.path for drop in found] == [f"file://{folder}/a.csv"]
    assert b"".join(drops.blocks(found[0].path)) == b"a,b\n1,2\n"
    assert b"".join(drops.blocks(f"{folder}/b.csv.gz")) == b"a,b\n1,2\n"


def test_the_names_that_spark_has_for_s3_are_understood() -> None:
    assert [drops.uri(at) for at in ("s3a://b/x", "s3n://b/x", "gs://b/x")] == ["s3://b/x", "s3://b/x", "gs://b/x"]


def test_a_file_is_looked_at_for_its_digest_and_its_columns(folder: Path) -> None:
    names = ("a.csv", "b.csv.gz", "empty.csv")
    (folder / "empty.csv").touch()
    files = [(i, Drop(str(folder / name), name, (folder / name).stat().st_size, 0)) for i, name in enumerate(names)]
    found = next(reading.look(files, AB)).to_pylist()
    assert [(row["file"], row["header"], row["trouble"]) for row in found] == [
        (0, '["a", "b"]', None),
        (1, '["a", "b"]', None),
        (2, None, "is empty"),
    ]
    assert found[0]["digest"] == sha256(b"a,b\n1,2\n").hexdigest()
    assert found[1]["digest"] == sha256((folder / "b.csv.gz").read_bytes()).hexdigest()


def test_headers_of_all_formats_are_looked_at(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"x": [1]}), tmp_path / "a")
    (tmp_path / "b").write_text(json.dumps({"x": 1}))
    (tmp_path / "c").write_text("\n\n")
    drop = Drop(str(tmp_path / "a"), "a", 1, 0)
    assert reading.header(drop, Layout("parquet", ())) == ("x",)
    assert reading.header(Drop(str(tmp_path / "b"), "b", 1, 0), Layout("jsonl", ())) == ()
    with pytest.raises(ValueError, match="has no line"):
        reading.header(Drop(str(tmp_path / "c"), "c", 1, 0), AB)


def test_rows_of_all_formats_are_read(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"a": [1], "b": ["x"]}), tmp_path / "parquet")
    (tmp_path / "jsonl").write_text('{"a": 1, "b": "x"}\n')
    (tmp_path / "csv").write_text("a,b\n1,x\n")
    for layout in (Layout("parquet", ("a", "b")), Layout("jsonl", ("a", "b")), AB):
        drop = Drop(str(tmp_path / layout.format), layout.format, 1, 0)
        batches = list(reading.read([(5, drop)], layout, ("a", "b")))
        assert [row for batch in batches for row in batch.to_pylist()] == [
            {
                "file": 5,
                "line": 1,
                "item": 1,
                "items": 1,
                "height": 1,
                "malformed": None,
                "content": None,
                "c0": "1",
                "c1": "x",
            }
        ]
    with pytest.raises(ValueError, match=r"^cannot read gone\.csv "):
        list(reading.read([(0, Drop(str(tmp_path / "gone"), "gone.csv", 1, 0))], AB, ("a",)))


def test_files_are_found_as_a_batch(folder: Path) -> None:
    found = next(reading.find(7, f"{folder}/a.csv")).to_pylist()
    assert [(row["source"], row["name"], row["trouble"]) for row in found] == [(7, "a.csv", None)]
    assert next(reading.find(7, f"{folder}/none")).num_rows == 0


def test_a_folder_that_cannot_be_listed_gives_the_reason() -> None:
    [row] = next(reading.find(7, "nowhere://shop")).to_pylist()
    assert (row["source"], row["path"]) == (7, None)
    assert "nowhere" in row["trouble"]


def test_work_is_shared_by_size() -> None:
    sizes = [100 << 20, 1, 2, 3, 40 << 20, 0]
    groups = reading.shares([Drop(str(i), str(i), size, 0) for i, size in enumerate(sizes)])
    assert sorted(number for group in groups for number, _ in group) == list(range(6))
    assert len(groups) == 6
    assert len(reading.shares([Drop(str(i), str(i), 10, 0) for i in range(100)])) == 4
