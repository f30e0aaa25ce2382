"""Paths of files that readers of Parquet take as they are: these read some characters as wildcards.

Of a folder `shop [1]` they would find nothing, and say nothing; of `shop*` also the files of its neighbours.
"""

from __future__ import annotations

import re

WILD = re.compile(r"[*?\[{}]")


def literal_path(path: str) -> str:
    """`path` as a pattern that matches it alone.

    >>> literal_path("/data/shop [1]/orders")
    '/data/shop [[]1]/orders'
    """
    return WILD.sub(lambda found: f"[{found[0]}]", path)
