"""Workbooks in the three formats, made of rows of cells."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from html import escape
from typing import Any

import xlsxwriter
import xlwt

Sheets = Mapping[str, Sequence[Any]]
"""By the name of a sheet, its rows of cells."""
MANIFEST = """<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"""
CONTENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>"""


def xlsx(sheets: Sheets) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        days, times = (book.add_format({"num_format": form}) for form in ("dd/mm/yyyy", "yyyy-mm-dd hh:mm:ss"))
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, value in enumerate(row):
                    if isinstance(value, date):
                        sheet.write_datetime(r, c, value, times if isinstance(value, datetime) else days)
                    else:
                        sheet.write(r, c, value)
    return out.getvalue()


def xls(sheets: Sheets) -> bytes:
    out, book = io.BytesIO(), xlwt.Workbook()
    times = xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM:SS")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for r, row in enumerate(rows):
            for c, value in enumerate(row):
                sheet.write(r, c, value, *([times] if isinstance(value, date) else []))
    book.save(out)
    return out.getvalue()


def ods(sheets: Sheets) -> bytes:
    tables = "".join(
        f'<table:table table:name="{name}">'
        + "".join(f"<table:table-row>{''.join(map(ods_cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", MANIFEST)
        archive.writestr("content.xml", CONTENT.format(tables))
    return out.getvalue()


def ods_cell(value: Any) -> str:
    kind, name = ("string", "string-value") if isinstance(value, str) else ("float", "value")
    if isinstance(value, date):
        kind, name, value = "date", "date-value", value.isoformat()
    if value is None:
        return "<table:table-cell/>"
    text = escape(str(value))
    return f'<table:table-cell office:value-type="{kind}" office:{name}="{text}"><text:p>{text}</text:p></table:table-cell>'


WRITERS = {"xlsx": xlsx, "xls": xls, "ods": ods}
