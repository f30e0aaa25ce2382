"""What is told of files that may be cut off within their last line."""

from __future__ import annotations

from collections.abc import Sequence

from vitalfew.procedures.ingest.new_files import NewFile
from vitalfew.procedures.ingest.readers import endings

WHY = {
    endings.BLANK: "its last cell is blank, and no other is",
    endings.SHORTER: "its last cell is shorter than all others",
    endings.DECIMALS_LACK: "its last number has fewer decimals than all others",
    endings.CELLS_LACK: "it has fewer cells than the others",
    endings.INCOMPLETE: "it is no whole JSON",
    endings.SIZE: "the file has a size at which copies break off",
}
LONGEST = 60
LEAST_WHOLE = 3
"""One file without an end is odd beside at least this many files of its source that end their last line."""


def told(files: Sequence[NewFile]) -> list[str]:
    """A sentence on the files of a source whose last line has no end, and most likely is not whole."""
    asked = [(file.drop.name, file.ending, reason(file, files)) for file in files if file.ending]
    suspected = [each for each in asked if each[2]]
    if not suspected:
        return []
    name, ending, why = suspected[0]
    cell = f": {ending.cell[:LONGEST]!r}" if ending.cell else ""
    what = "1 file may be" if len(suspected) == 1 else f"{len(suspected):,} files may be"
    return [
        f"{what} cut off (such as {name}, row {ending.row}{cell}): the last line has no end, and {why}. Compare it "
        "with its origin. If it was cut, put the whole file in its place, and read the source again, --reread"
    ]


def reason(file: NewFile, files: Sequence[NewFile]) -> str:
    """Why a file is likely cut off; empty where it is not."""
    if file.ending is None:
        return ""
    if file.ending.sign:
        return WHY[file.ending.sign]
    whole = sum(1 for other in files if other.ending is None)
    return f"the other {whole:,} files have one" if whole >= LEAST_WHOLE and whole == len(files) - 1 else ""
