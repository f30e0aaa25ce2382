"""Cells of a sheet that hold no value: errors, and formulas that nobody has computed; and merged cells of an .ods.

Calamine gives both as blank cells, so that a customer is lost in silence. Runs in the process that reads a workbook.
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from html import unescape
from xml.parsers.expat import ExpatError

from vitalfew.procedures.ingest.readers import ods_faults, xls_faults
from vitalfew.procedures.ingest.readers.ods_faults import NO_VALUE, Faults, Spans

ERRORS = ("#N/A", "#DIV/0!", "#REF!", "#NAME?", "#NULL!", "#NUM!", "#VALUE!", "#SPILL!", "#CALC!", "#GETTING_DATA")
LARGEST = 512 << 20
ERROR = re.compile(rb'<c\b([^>]*\bt="e"[^>]*)>(?:(?!</c>).)*?<v>([^<]*)</v>', re.DOTALL)
FORMULA = re.compile(rb"<c\b([^>]*)>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
PLACE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
SHEET, LINK = re.compile(r"<(?:x:)?sheet\s[^>]*>"), re.compile(r"<Relationship\s[^>]*>")
ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')

ODS = "content.xml"
OLD = b"\xd0\xcf\x11\xe0"


def faults(content: bytes, sheet: str) -> tuple[Faults, Spans]:
    """By row and column from 0, the error or NO_VALUE; and the merged ranges of an .ods; nothing of too large ones."""
    try:
        if content.startswith(OLD):
            return xls_faults.faults(content, sheet), []
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if ODS in archive.namelist():
                return ods_faults.read(archive, sheet) if archive.getinfo(ODS).file_size <= LARGEST else ({}, [])
            name = part_of(archive, sheet)
            if name is None or archive.getinfo(name).file_size > LARGEST:
                return {}, []
            text = archive.read(name)
    except (
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        NotImplementedError,
        RuntimeError,
        OSError,
        MemoryError,
        ExpatError,
        ValueError,
        IndexError,
        struct.error,
        StopIteration,
    ):
        return {}, []
    found: Faults = {}
    if b't="e"' in text:
        found |= {at: match[2].decode() for match in ERROR.finditer(text) if (at := place(match[1]))}
    if b"<f" in text:
        bare = (match[1] for match in FORMULA.finditer(text) if b't="str"' not in match[1])
        found |= {at: NO_VALUE for attributes in bare if (at := place(attributes))}
    return found, []


def part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The name of the part that holds a sheet."""
    tags = SHEET.findall(archive.read("xl/workbook.xml").decode())
    wanted = next((tag.get("r:id") for tag in map(attributes_of, tags) if tag.get("name") == sheet), None)
    for tag in map(attributes_of, LINK.findall(archive.read("xl/_rels/workbook.xml.rels").decode())):
        if wanted and tag.get("Id") == wanted:
            return posixpath.normpath(posixpath.join("/xl", tag.get("Target", ""))).lstrip("/")
    return None


def attributes_of(tag: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in ATTRIBUTE.findall(tag)}


def place(attributes: bytes) -> tuple[int, int] | None:
    """Where a cell stands, by its attributes."""
    if (found := PLACE.search(attributes)) is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + letter - ord("A") + 1
    return int(found[2]) - 1, column - 1
