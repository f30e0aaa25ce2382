"""Numbers of files that know numbers from texts: written so that no style takes their point for another mark.

15.125 of a sheet or of JSON is a number; the text 15.125 may be fifteen thousand. Runs on executors.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import pyarrow as pa

POINTED = re.compile(r"(-?[0-9]+)[.]([0-9]+)(?:[eE]([+-]?[0-9]+))?")
BETWEEN_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}[.][0-9]{3}")


def unmistakable(text: str, decimal: str) -> str:
    """A number in digits, where a style with the mark `decimal` is meant: 15.125 as 15125e-3, 15.5 as it is."""
    found = POINTED.fullmatch(text)
    if found is None or (decimal == "." and not BETWEEN_THOUSANDS.fullmatch(text)):
        return text
    whole, part, exponent = found.groups()
    return f"{whole}{part}e{int(exponent or 0) - len(part)}"


def all_unmistakable(numbers: pa.Array, name: str, decimals: Mapping[str, str]) -> pa.Array:
    """The texts of a column of numbers, unmistakable where `decimals` says the mark of the column `name`."""
    if name not in decimals:
        return numbers
    mark = decimals[name]
    return pa.array([text and unmistakable(text, mark) for text in numbers.to_pylist()], pa.string())
