"""Times as they are written over the world, in the one spelling that every engine reads: halves of the day, offsets."""

from __future__ import annotations

import re

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.config.time_formats import is_letter, tokens
from vitalfew.white_space import BLANKS, WHITE

MORNING = (
    "\u4e0a\u5348",
    "\u5348\u524d",
    "\uc624\uc804",
    "\u03c0.\u03bc.",
    "\u03c0\u03bc",
    "\u00d6\u00d6",
    "vorm.",
    "\u0635",
)
EVENING = (
    "\u4e0b\u5348",
    "\u5348\u5f8c",
    "\uc624\ud6c4",
    "\u03bc.\u03bc.",
    "\u03bc\u03bc",
    "\u00d6S",
    "nachm.",
    "\u0645",
)
"""Before noon and after it, in Chinese, Japanese, Korean, Greek, Turkish, German and Arabic."""
LATIN = "(?i)(^|[^a-z])%s[.]?[{b}]?m[.]?($|[^a-z])".replace("{b}", BLANKS)
AROUND = f"[{BLANKS}]*(AM|PM)[{BLANKS}]*"
OFFSET = re.compile(r"(X{1,5}|x{1,5}|Z{1,5})$")
AT_END = re.compile(r":\d{2}(?:[.]\d+)? ?(Z|[+-]\d{2}(?::?\d{2})?)$")
"""The offset with which a time ends."""
END_OF_DAY = "(^|[^0-9:])24:00(:00([.]0+)?)?($|[^0-9:.])"


def in_halves(cell: Column) -> Column:
    """The cell with ` AM ` or ` PM ` for what says the half of the day."""
    for mark, others in (("AM", MORNING), ("PM", EVENING)):
        words = "|".join(map(re.escape, others))
        cell = F.regexp_replace(F.regexp_replace(cell, LATIN % mark[0], f"$1 {mark} $2"), words, mark)
    return F.btrim(F.regexp_replace(cell, AROUND, " $1 "), F.lit(WHITE))


def has_halves(form: str) -> bool:
    """Whether a format says the half of the day."""
    return any(token in ("a", "aa") for token in tokens(form))


def with_halves(form: str) -> str:
    """A format that fits a cell `in_halves`."""
    found = tokens(form)
    at = next(i for i, token in enumerate(found) if token in ("a", "aa"))
    return f"{''.join(found[:at]).rstrip()} a {''.join(found[at + 1 :]).lstrip()}".strip()


def with_offset(cell: Column) -> Column:
    """The cell with its offset as +02:00, and no space before it."""
    short = F.regexp_replace(cell, "(:[0-9]{2}([.][0-9]+)?) ?([+-][0-9]{2})$", "$1$3:00")
    long = F.regexp_replace(short, "(:[0-9]{2}([.][0-9]+)?) ?([+-][0-9]{2}):?([0-9]{2})$", "$1$3:$4")
    return F.regexp_replace(long, " ?(Z|z|UTC|GMT)$", "Z")


def has_offset(form: str) -> bool:
    """Whether a format ends with an offset in digits."""
    found = tokens(form)
    return is_letter(found[-1]) and OFFSET.fullmatch(found[-1]) is not None


def with_our_offset(form: str) -> str:
    """A format that fits a cell `with_offset`."""
    return "".join(tokens(form)[:-1]).rstrip() + "XXX"


def ends_day(cell: Column) -> Column:
    """Whether a time is 24:00, the end of its day."""
    return F.when(cell.contains("24:00"), cell.rlike(END_OF_DAY)).otherwise(F.lit(False))


def begun(cell: Column) -> Column:
    """The cell with the beginning of its day, where it is the end."""
    return F.when(ends_day(cell), F.replace(cell, F.lit("24:00"), F.lit("00:00"))).otherwise(cell)


def after(cell: Column, found: Column) -> Column:
    """`found`, a time read of the `begun` cell, a day later where the cell says the end of the day."""
    return F.when(ends_day(cell), found + F.expr("interval 1 day")).otherwise(found)
