"""What a file is by its first bytes, where that is not what the settings say. Runs on executors."""

from __future__ import annotations

from vitalfew.procedures.ingest.readers.parts import UnreadableError

ZIPPED, PARQUET = b"PK\x03\x04", b"PAR1"
SIGNS = {
    ZIPPED: ("a workbook or a zip archive", "`format: excel`, or name it .zip"),
    b"\xd0\xcf\x11\xe0": ("an old workbook", "`format: excel`"),
    PARQUET: ("Parquet", "`format: parquet`"),
    b"\x1f\x8b": ("compressed by gzip", "so by its name, .gz"),
    b"\x28\xb5\x2f\xfd": ("compressed by zstd", "so by its name, .zst"),
    b"%PDF": ("a PDF", ""),
    b"SQLite format": ("a database of SQLite", ""),
}
MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<table")
LONGEST_SIGN = 16
OF_TEXT = ("csv", "jsonl", "json")
WIDE = {
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
"""Encodings with several bytes for each letter, by the mark they begin with."""
OF_FORMAT = {"excel": (ZIPPED, b"\xd0\xcf\x11\xe0"), "parquet": (PARQUET,)}


def refuse_other(start: bytes, format_: str, encoding: str = "utf-8") -> None:
    """UnreadableError where the first bytes of a file show that it is not written in a format, or an encoding."""
    if format_ in OF_TEXT and encoding == "utf-8" and (wide := next(filter(start.startswith, WIDE), None)):
        raise UnreadableError(f"is written in {WIDE[wide]}: say `encoding: {WIDE[wide]}`")
    if start.startswith(OF_FORMAT.get(format_, ())) or not start:
        return
    for sign, (what, say) in SIGNS.items():
        if start.startswith(sign):
            raise UnreadableError(f"is {what}: " + (f"say {say}" if say else "export the table as CSV"))
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(MARKUP):
        raise UnreadableError("is HTML or XML: export the table as CSV, or open it and save it as .xlsx")
    if format_ == "excel":
        raise UnreadableError("is no workbook: is it CSV? Then say `format: csv`")
    if format_ == "parquet":
        raise UnreadableError("is no Parquet: it does not begin as one; say its `format`")
    if format_ == "csv" and start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b'{"', b'[{"', b"[\n", b"[\r\n", b"{\n")):
        raise UnreadableError("is JSON: say `format: jsonl`, or `format: json` where an object has several lines")
