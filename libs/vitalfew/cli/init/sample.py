"""The first rows of the files of a company, read by the readers of `ingest`, and how these files are written."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from vitalfew.cli.init.vocabulary import count_known
from vitalfew.config.files import USUAL_ENCODINGS
from vitalfew.errors import TableError
from vitalfew.procedures.ingest.new_files import SEPARATORS
from vitalfew.procedures.ingest.readers import delimited, drops, json_records, kinds, preamble, reading, workbooks
from vitalfew.procedures.ingest.readers.drops import Drop
from vitalfew.procedures.ingest.readers.parts import Layout, UnreadableError
from vitalfew.visible_text import visible

MOST_ROWS = 50_000
MOST_FILES = 40
MOST_SHEETS = 12
HEAD = 1 << 20
DEEPEST = 4
NUMBER = re.compile(r"[-+(]?[\d.,' ]*\d[\d.,' ]*\)?")
ENCODINGS = (
    *("gb18030", "shift_jis", "big5", "euc_kr", "cp1252", "cp1250", "cp1251", "cp1254"),
    *[name for name in USUAL_ENCODINGS if name in ("iso8859-15", "koi8-r")],
)
TEXT = ("csv", "txt", "tsv", "tab", "dat")
SETTINGS = ("format", "separator", "encoding", "sheet", "multiline")
OTHER = ("md", "log", "yml", "yaml", "pdf", "html", "htm", "xml", "doc", "docx", "png", "jpg", "py", "sql")


@dataclass(frozen=True)
class Sample:
    """Files that are written alike: the settings that read them, and their first rows by column, "" where missing."""

    settings: Mapping[str, Any]
    files: tuple[Drop, ...]
    columns: Mapping[str, Sequence[str]] = field(repr=False)
    per_file: Sequence[int] = ()
    """Rows that were read of each file."""

    @property
    def rows(self) -> int:
        return sum(self.per_file)

    @property
    def header(self) -> tuple[str, ...]:
        return tuple(self.columns)

    def cells(self, name: str) -> list[str]:
        """The cells of a column that say something."""
        return [cell for cell in self.columns[name] if cell]


def samples(found: Sequence[Drop]) -> tuple[list[Sample], list[str]]:
    """Files by their settings and columns, those with most rows first, and a sentence on each other one."""
    groups: dict[tuple[str, tuple[str, ...]], list[Sample]] = {}
    told = []
    for drop in found[:MOST_FILES]:
        if drop.name.rpartition(".")[2].lower() in OTHER:
            continue
        try:
            one = sample(drop)
        except (UnreadableError, OSError, ValueError) as error:
            told.append(f"{visible(drop.name)} {visible(str(error))}")
            continue
        groups.setdefault((json.dumps(one.settings, sort_keys=True), one.header), []).append(one)
    if len(found) > MOST_FILES:
        told.append(f"the first {MOST_FILES} of {len(found)} files were looked at")
    return sorted(map(together, groups.values()), key=lambda one: -one.rows), told


def together(alike: Sequence[Sample]) -> Sample:
    """Several samples of the same columns as one."""
    columns = {name: [cell for one in alike for cell in one.columns[name]] for name in alike[0].columns}
    files = tuple(drop for one in alike for drop in one.files)
    return Sample(alike[0].settings, files, columns, [one.rows for one in alike])


def sample(drop: Drop) -> Sample:
    """The first rows of a file; UnreadableError, or what its reader raises, where it is no table."""
    start = drops.start(drop.path, drop.member, HEAD)
    if not start.strip():
        raise UnreadableError("is empty")
    if start.startswith(kinds.PARQUET):
        return rows_of(drop, {"format": "parquet"}, names=parquet_names(drop))
    if start.startswith(kinds.OF_FORMAT["excel"]):
        return of_workbook(drop)
    if start.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"{", b"["):
        return of_json(drop)
    kinds.refuse_other(start[: kinds.LONGEST_SIGN], "csv")
    return of_text(drop, start)


def parquet_names(drop: Drop) -> tuple[str, ...]:
    import pyarrow.parquet as pq

    with drops.whole(drop.path, drop.member) as file:
        return tuple(pq.read_schema(file).names)


def rows_of(drop: Drop, settings: Mapping[str, Any], names: Sequence[str] = (), header_at: int | None = None) -> Sample:
    """Up to MOST_ROWS rows by `settings`; `names`: the columns to ask for, where a reader gives those alone."""
    folders = tuple(drop.folders)
    layout = Layout(settings["format"], (*names, *folders), header_at=header_at, **layout_of(settings))
    columns: dict[str, list[str]] = {}
    count = 0
    for part in reading.parts(drop, layout):
        rows = min(len(part.lines), MOST_ROWS - count)
        for name, cells in part.cells.items():
            if name != "(rest)":
                columns.setdefault(name, []).extend((cell or "").strip() for cell in cells.to_pylist()[:rows])
        count += rows
        if count >= MOST_ROWS:
            break
    if not count:
        raise UnreadableError("has no row below its header")
    return Sample(settings, (drop,), columns, (count,))


def layout_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a source as its readers take them."""
    found = {key: value for key, value in settings.items() if key in SETTINGS and key != "format"}
    paths = {key: tuple(settings[key].split(".")) for key in ("records", "explode") if settings.get(key)}
    return {**found, **paths}


def of_text(drop: Drop, start: bytes) -> Sample:
    """A file of lines: its encoding, its separator, and where its header is."""
    found = max((with_separator(start, encoding) for encoding in encodings(start)), key=lambda one: one[0])
    _, settings, header_at = found
    if header_at is None:
        raise UnreadableError("has no line with several cells that could be a header")
    own = rows_of(drop, settings, header_at=header_at)
    if all(NUMBER.fullmatch(name) for name in own.header if name and "column_" not in name):
        raise UnreadableError("has no header: its first line holds numbers. Add a line with the names of its columns")
    if settings.get("quote", True) and any('"' in cell for cells in own.columns.values() for cell in cells[:1000]):
        return own
    return fuller(drop, own, header_at)


def fuller(drop: Drop, own: Sample, header_at: int) -> Sample:
    """The sample that keeps line breaks in cells, where that makes sense of lines that could not be split."""
    layout = Layout("csv", (), header_at=header_at, **layout_of(own.settings))
    refused = sum(len(part.refused) for part in islice(reading.parts(drop, layout), 20))
    if not refused:
        return own
    wide = {**own.settings, "multiline": True}
    layout = replace(layout, multiline=True)
    left = sum(len(part.refused) for part in islice(reading.parts(drop, layout), 20))
    return rows_of(drop, wide, header_at=header_at) if left < refused else own


def encodings(start: bytes) -> list[str]:
    """In which a text may be written: UTF-8 or UTF-16 where its bytes say so, else those that can read it."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ["utf-16"]
    whole = start[: start.rfind(b"\n") + 1] or start
    if readable(whole, "utf-8"):
        return ["utf-8"]
    return [name for name in ENCODINGS if readable(whole, name)] or ["latin-1"]


def readable(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def with_separator(start: bytes, encoding: str) -> tuple[tuple[int, int], dict[str, Any], int | None]:
    """Known names and cells of the best header, the settings, and its line; the better, the higher."""
    text = start.decode(encoding, errors="ignore").removeprefix("\ufeff")
    lines = text.encode().split(b"\n")[: preamble.MOST_LINES]
    best: tuple[tuple[int, int], dict[str, Any], int | None] = ((-1, 0), {"format": "csv"}, None)
    for mark in SEPARATORS:
        layout = Layout("csv", (), separator=mark)
        rows = [preamble.split(line, layout, delimited.cells) for line in lines]
        at = header_line(rows)
        if at is not None:
            filled = [cell for cell in rows[at] if cell]
            settings: dict[str, Any] = {"format": "csv"}
            settings |= {"separator": mark} if mark != "," and not named(lines, mark) else {}
            settings |= {"encoding": encoding} if encoding != "utf-8" else {}
            best = max(best, ((count_known(filled), len(filled)), settings, at + 1), key=lambda one: one[0])
    return best


def named(lines: Sequence[bytes], mark: str) -> bool:
    """Whether the first line is `sep=;`, which the reader follows by itself."""
    found = preamble.NAMED.fullmatch(lines[0]) if lines else None
    return found is not None and found["mark"].decode() == mark


def header_line(rows: Sequence[Sequence[str]]) -> int | None:
    """Which row names the columns: of those as wide as most rows, the one with most names that are known."""
    widths = Counter(len(row) for row in rows if len(row) > 1)
    if not widths:
        return None
    usual = max(widths, key=lambda width: (widths[width], width))
    wide = [at for at, row in enumerate(rows) if len(row) == usual and sum(map(bool, row)) > 1]
    if not wide:
        return None
    return max(wide[:20], key=lambda at: (count_known(rows[at]), -at))


def of_workbook(drop: Drop) -> Sample:
    """The sheet whose header has most names that are known; the only one with rows needs no name."""
    found: list[tuple[int, Sample]] = []
    for sheet in (None, *range(1, MOST_SHEETS + 1)):
        try:
            settings = {"format": "excel", **({} if sheet is None else {"sheet": sheet})}
            at = row_of_header(drop, sheet)
            one = rows_of(drop, settings, header_at=at)
        except UnreadableError as error:
            if "sheets where" in str(error):
                break
            if sheet is None and "sheets with rows" not in str(error):
                raise
            continue
        if sheet is None:
            return one
        found.append((count_known(one.header), one))
    if not found:
        raise UnreadableError("has no sheet with a table")
    return max(found, key=lambda pair: pair[0])[1]


def row_of_header(drop: Drop, sheet: int | None) -> int:
    """The row, of those that are not blank, that names the columns, from 1."""
    layout = Layout("excel", (), sheet=sheet)
    with drops.whole(drop.path, drop.member) as file, workbooks.rows_of(file, layout) as batches:
        for batch in batches:
            rows = [[cell or "" for cell in row.values()] for row in batch.slice(0, preamble.MOST_LINES).to_pylist()]
            at = max(range(len(rows)), key=lambda i: (count_known(rows[i]), -i), default=0)
            return at + 1
    raise UnreadableError("has no row in its sheet")


def of_json(drop: Drop) -> Sample:
    """Objects in lines, in an array or below a key; an array of objects in them becomes rows."""
    settings, objects = objects_of(drop)
    array = max(arrays(objects), key=lambda path: count_known(list(paths_in(objects, path))), default="")
    if array:
        settings["explode"] = array
    names = tuple(dict.fromkeys(name for one in objects for name in names_of(one, array)))
    return rows_of(drop, settings, names=names)


def objects_of(drop: Drop) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """How the objects of a file are found, and the first of them."""
    head = drops.start(drop.path, drop.member, HEAD).removeprefix(b"\xef\xbb\xbf")
    line = head.strip().split(b"\n", 1)[0].strip()
    first = loaded(line)
    if isinstance(first, dict) and b"\n" in head.strip():
        found = [loaded(line) for line in head.split(b"\n")[:200]]
        return {"format": "jsonl"}, [one for one in found if isinstance(one, dict)]
    path = ""
    if head.strip()[:1] == b"{":
        whole = loaded(b"".join(drops.blocks(drop.path, drop.member)))
        if not isinstance(whole, dict):
            return {"format": "json"}, records(drop, "")
        lists = [
            key for key, value in whole.items() if isinstance(value, list) and any(isinstance(v, dict) for v in value)
        ]
        path = max(lists, key=lambda key: len(whole[key]), default="")
    return {"format": "json", **({"records": path} if path else {})}, records(drop, path)


def records(drop: Drop, path: str) -> list[dict[str, Any]]:
    batches = json_records.records(drops.blocks(drop.path, drop.member), path.split(".") if path else ())
    found = (loaded(text) for batch in batches for _, text in batch)
    return list(islice((one for one in found if isinstance(one, dict)), 200))


def loaded(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def arrays(objects: Sequence[Mapping[str, Any]]) -> list[str]:
    """The keys of the objects that hold arrays of objects."""
    found: Counter[str] = Counter()
    for one in objects:
        found.update(
            key for key, value in one.items() if isinstance(value, list) and value and isinstance(value[0], dict)
        )
    return list(found)


def paths_in(objects: Sequence[Mapping[str, Any]], array: str) -> Iterator[str]:
    for one in objects[:20]:
        yield from (name for name in names_of(one, array) if name.startswith(f"{array}."))


def names_of(value: Any, array: str, prefix: str = "", depth: int = 0) -> Iterator[str]:
    """The paths of the values in an object, with dots; of the array that becomes rows, those in its elements."""
    if isinstance(value, list):
        if prefix == f"{array}." and value:
            for one in value:
                yield from names_of(one, array, prefix, depth + 1)
        return
    if not isinstance(value, dict) or depth > DEEPEST:
        if prefix:
            yield prefix[:-1]
        return
    for key, inner in value.items():
        yield from names_of(inner, array, f"{prefix}{key}.", depth + 1)


def listed(places: Sequence[str]) -> list[Drop]:
    """The files at some places, archives opened; TableError where there is none."""
    found: list[Drop] = []
    for place in places:
        try:
            found += drops.find(place)
        except (OSError, ValueError, NotImplementedError) as error:
            raise TableError(f"{visible(place)} cannot be listed: {visible(str(error))}") from error
    if not found:
        raise TableError(
            f"There is no file at {visible(', '.join(places))}. Name a folder or files: vitalfew init FILES."
        )
    return found
