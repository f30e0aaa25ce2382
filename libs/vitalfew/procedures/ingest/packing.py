"""Files of very many columns: all of a row as one text beside the cells that are used. Runs on executors."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
from pyarrow import compute as pc

from vitalfew.procedures.ingest.readers.parts import REST, Layout, Part
from vitalfew.white_space import WHITE


def packed(part: Part, layout: Layout) -> Part:
    """`part` with the text that identifies each row as the column REST: as `cells.identity` makes it of all cells."""
    if not part.cells:
        return part
    texts = [cell_text(name, part.cells[name], layout) for name in sorted(part.cells)]
    return replace(part, cells={**part.cells, REST: pc.binary_join_element_wise(*texts, "")})


def cell_text(name: str, cell: pa.Array, layout: Layout) -> pa.Array:
    """The name and the value of a cell, each with its length; nothing where the cell is missing."""
    is_known = pc.invert(
        pc.is_in(pc.utf8_trim(cell, characters=WHITE), pa.array(["", *layout.missing, None], pa.string()))
    )
    length = pc.cast(pc.utf8_length(cell), pa.string())
    text = pc.binary_join_element_wise(f"{len(name)}:{name}=", length, ":", cell, "")
    return pc.if_else(is_known, text, "")
