"""Cells of an .ods sheet that hold no value, and those that are merged over several rows.

Calamine gives an error as a blank cell, or as the 0 that some programs write beside it. Runs in the process that reads
a workbook.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from xml.parsers import expat

NO_VALUE = "\x1d"
"""For a formula without a value; no cell of a sheet holds it."""
OTHER = "#VALUE!"
TABLE, OFFICE = (f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0 " for name in ("table", "office"))
KIND = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0 value-type"
CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
ERROR = re.compile(r"#(N/A|DIV/0!|REF!|NAME\?|NULL!|NUM!|VALUE!)|Err:[0-9]{3}")
MOST_REPEATED = 10_000

Faults = dict[tuple[int, int], str]
Spans = list[tuple[tuple[int, int], tuple[int, int]]]


def read(archive: zipfile.ZipFile, sheet: str) -> tuple[Faults, Spans]:
    """By row and column from 0, the error or NO_VALUE; and the first and last cell of each merged range."""
    found = Reader(sheet)
    found.parser.Parse(archive.read("content.xml"), True)
    return found.faults, found.spans


class Reader:
    """What the tags of a document say of one sheet."""

    def __init__(self, sheet: str) -> None:
        self.sheet = sheet
        self.faults: Faults = {}
        self.spans: Spans = []
        self.table = ""
        self.row = self.column = 0
        self.rows = 1
        self.cell: Mapping[str, str] = {}
        self.shown: list[str] = []
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self.started
        self.parser.EndElementHandler = self.ended
        self.parser.CharacterDataHandler = self.shown.append
        self.parser.EntityDeclHandler = refuse_entity

    def started(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == f"{TABLE}table":
            self.table, self.row = attributes.get(f"{TABLE}name", ""), 0
        elif tag == f"{TABLE}table-row":
            self.column, self.rows = 0, times(attributes, "number-rows-repeated")
        elif tag in CELLS:
            self.cell = attributes
            self.shown.clear()

    def ended(self, tag: str) -> None:
        if tag == f"{TABLE}table-row":
            self.row += self.rows
        elif tag in CELLS:
            repeated = times(self.cell, "number-columns-repeated")
            if self.table == self.sheet:
                self.judge(repeated)
            self.column += repeated

    def judge(self, repeated: int) -> None:
        at = (self.row, self.column)
        if said := fault(self.cell, "".join(self.shown).strip()):
            self.faults |= {(self.row, self.column + i): said for i in range(min(repeated, MOST_REPEATED))}
        if below := times(self.cell, "number-rows-spanned") - 1:
            beside = times(self.cell, "number-columns-spanned") - 1
            self.spans.append((at, (self.row + below, self.column + beside)))


def refuse_entity(*_: object) -> None:
    """ValueError: a sheet declares no entities, which can grow without end."""
    raise ValueError("entities in a sheet")


def times(attributes: Mapping[str, str], name: str) -> int:
    return max(1, int(attributes.get(f"{TABLE}{name}", "1")))


def fault(attributes: Mapping[str, str], shown: str) -> str:
    """What is wrong with a cell; nothing where it holds a value or is blank."""
    if f"{TABLE}formula" not in attributes:
        return ""
    if found := ERROR.fullmatch(shown):
        return shown if found[1] else OTHER
    if attributes.get(KIND) == "error":
        return OTHER
    return "" if f"{OFFICE}value-type" in attributes else NO_VALUE
