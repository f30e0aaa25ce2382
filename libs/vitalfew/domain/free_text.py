"""Contact details that people typed where a product, a channel or a region belongs: never read nor published."""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.tables import Table

EMAIL = r"(?i)[^\s@]\s?(@|%40|&#0*64;|&#x0*40;|&commat;|[\[(]at[\])])\s?[^\s@]"
CARD = r"[0-9]{4}[ .-][0-9]{4}[ .-][0-9]{4}[ .-][0-9]{2,7}|[0-9]{4}[ .-][0-9]{6}[ .-][0-9]{5}"
DIALLED = r"\+[0-9]([ ()./-]{0,3}[0-9]){6}|\([0-9]{2,5}\) ?[0-9]{3}|(^|[^0-9A-Za-z])0[0-9]+[ /]+[0-9]([ ./-]?[0-9]){4}"
PLAIN = (
    r"(^|[^0-9A-Za-z])0[0-9]{6}|[0-9]{3}[ .-][0-9]{3}[ .-][0-9]{4}|(^|[^0-9A-Za-z])[0-9]{9}"
    r"|(^|[^0-9A-Za-z])0[0-9]{1,5}[./-][0-9]([ ./-]?[0-9]){6}"
)
DAY = r"(^|[^0-9./-])[0-9]{1,2}[./-][0-9]{1,2}[./-]([0-9]{4}|[0-9]{2})($|[^0-9./-])"
"""No number that is dialled, though it may begin with a zero."""

ISO_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

SPACES = "\t\r\n\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u3000"
HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u30fb\ufe58\ufe63\uff0d\u00b7\u2022"
SIGNS = {"\uff0b": "+", "\uff08": "(", "\uff09": ")", "\uff0f": "/", "\uff0e": ".", "\uff20": "@"}  # of full width
ZEROS = "\u0660\u06f0\u0966\uff10"  # Arabic, Persian, Devanagari, of full width
UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff\u00ad"
"""Characters of no width, which pages and messengers put in."""
PLAINER = {
    **dict.fromkeys(SPACES, " "),
    **dict.fromkeys(HYPHENS, "-"),
    **SIGNS,
    **{chr(ord(zero) + digit): str(digit) for zero in ZEROS for digit in range(10)},
}
CODES = ("product_id", "campaign", "action", "arm")  # a code may be a long number, or begin with zeros
BANDS = ("age_band", "income_band", "company_size", "household_size", "household")  # so may an amount or a number
OTHER = "other"


def without_contacts(frame: DataFrame, table: Table) -> DataFrame:
    """`frame`, in whose free text what has the form of a contact detail is NULL, or `other` where it must be there."""
    if not table.free_text:
        return frame
    return frame.withColumns(
        {
            name: F.when(has_contact(name), OTHER if name in table.required else None).otherwise(F.col(name))
            for name in table.free_text
        }
    )


def form(name: str) -> str:
    """What a contact detail looks like in a column."""
    return "|".join((EMAIL, CARD, DIALLED) if name in (*CODES, *BANDS) else (EMAIL, CARD, DIALLED, PLAIN))


def has_contact(column: str) -> Column:
    """Whether a column of free text holds what has the form of a contact detail."""
    return holds(F.col(column), form(column))


def holds(text: Column, form: str) -> Column:
    """Whether a text holds a part of this form, however its signs are written; dates apart."""
    plain = F.translate(text, "".join(PLAINER) + UNSEEN, "".join(PLAINER.values()))
    return F.coalesce(F.regexp_replace(plain, DAY, "~").rlike(form), F.lit(False))


def under_cover(frame: DataFrame, table: Table, secret: str) -> DataFrame:
    """`frame`, in which a text that holds a contact detail is a name for it, whatever is asked of it then.

    Equal texts have equal names as long as the `secret` is the same, so that rows are joined and counted as before. Who
    has no secret cannot tell what it was, nor take it apart.
    """

    def covered(text: Column) -> Column:
        code = F.substring(F.sha2(F.concat(F.lit(secret), text), 256), 1, 12)  # Sail has no text of `left` in lists
        is_contact = holds(F.regexp_replace(text, ISO_DAY, "~"), f"{EMAIL}|{CARD}|{DIALLED}")
        return F.when(is_contact, F.concat(F.lit("[contact detail "), code, F.lit("]"))).otherwise(text)

    by_type: dict[str, Callable[[Column], Column]] = {
        "string": covered,
        "array<string>": lambda texts: F.transform(texts, covered),
        "map<string,string>": lambda texts: F.map_from_arrays(
            F.map_keys(texts), F.transform(F.map_values(texts), covered)
        ),
    }
    kinds = {column.name: by_type[column.type] for column in table.declared if column.type in by_type}
    return frame.select(
        *[kinds[name](F.col(name)).alias(name) if name in kinds else F.col(name) for name in frame.columns]
    )
