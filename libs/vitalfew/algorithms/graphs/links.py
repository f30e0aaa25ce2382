"""The links of a graph on the driver, as numbers of nodes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from vitalfew.dataframes.arrays import Ints
from vitalfew.dataframes.arrow_columns import ranked, whole
from vitalfew.dataframes.collect import collect_table

LINKS_ON_DRIVER = 4_000_000


@dataclass(frozen=True)
class Nodes:
    """Texts in the order of their bytes; a node is a place in them."""

    texts: pa.Array

    def __len__(self) -> int:
        return len(self.texts)

    def places(self, names: pa.Array) -> Ints:
        """The node of each of `names`, -1 of one that is none."""
        found = pc.index_in(names, value_set=self.texts)
        places: Ints = found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        return places


def fitting(links: DataFrame, what: str, at_most: int) -> pa.Table | None:
    """All of `links`; None where there are more than `at_most`: then the work is the engine's."""
    found = collect_table(links.limit(at_most + 1), what, at_most + 1)
    return None if found.num_rows > at_most else found


def ends(links: pa.Table, names: tuple[str, str]) -> tuple[Nodes, Ints, Ints]:
    """The nodes of links, and the node at each end of each link."""
    columns = [whole(links.column(name)).cast(pa.string()) for name in names]
    both = ranked(pa.concat_arrays(columns))
    return Nodes(both.texts), both.ranks[: links.num_rows], both.ranks[links.num_rows :]
