"""One line for a whole basket: cells that hold several items become a row each. Runs on executors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from vitalfew.procedures.ingest.readers.parts import Layout, Part, Refused
from vitalfew.white_space import trimmed

NOTHING = "holds no item in"


def itemised(part: Part, layout: Layout) -> Part:
    """`part` with a row for each item of the columns `layout.split`; their cells hold as many items as each other.

    Blank items at the end are none. The items of a line keep its number, and count from 1.
    """
    if not part.lines:
        return part
    columns = [name for name in layout.split if name in part.cells]
    texts = [[items(cell, layout.split_by) for cell in part.cells[name].to_pylist()] for name in columns]
    sizes = [max((len(of[i]) for of in texts), default=0) for i in range(len(part.lines))]
    wrong = {i: why for i in range(len(part.lines)) if (why := disagreement(columns, [of[i] for of in texts]))}
    kept = [i for i in range(len(part.lines)) if i not in wrong]
    where = np.repeat(kept, [sizes[i] for i in kept]).astype(np.int64)
    rows = pa.array(where)
    lines = [part.lines[i] for i in kept for _ in range(sizes[i])]
    heights = [part.heights[i] if part.heights else 1 for i in kept]
    cells = {name: cell.take(rows) for name, cell in part.cells.items() if name not in columns}
    for name, of in zip(columns, texts, strict=True):
        cells[name] = pa.array([item for i in kept for item in of[i]], pa.string())
    return replace(
        part,
        lines=lines,
        cells=cells,
        refused=[*part.refused, *[Refused(part.lines[i], row_text(part, i), why) for i, why in wrong.items()]],
        heights=[h if number == 0 else 0 for h, i in zip(heights, kept, strict=True) for number in range(sizes[i])],
        items=[number for i in kept for number in range(1, sizes[i] + 1)],
        counts=[sizes[i] for i in kept for _ in range(sizes[i])],
    )


def items(cell: str | None, mark: str) -> list[str]:
    """The items of a cell."""
    found = [trimmed(item) for item in (cell or "").split(mark)]
    while found and not found[-1]:
        found.pop()
    return found


def disagreement(columns: list[str], found: list[list[str]]) -> str:
    """Why a line is no basket; empty where it is one."""
    sizes = [len(each) for each in found]
    if not any(sizes):
        return f"{NOTHING} {', '.join(columns)}"
    if len({*sizes}) == 1:
        return ""
    return "has " + " and ".join(f"{n} items in {c}" for n, c in zip(sizes, columns, strict=True))


def row_text(part: Part, at: int) -> bytes:
    """The cells of a row, as they are kept in quarantine."""
    return ",".join(str(cell[at].as_py() or "") for cell in part.cells.values()).encode()
