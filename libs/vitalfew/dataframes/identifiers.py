"""Identifiers: exact or refused, whatever type they come in; and texts that stand where an identifier is not known."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.tables.table import Table

INEXACT = " (inexact)"
SHORTENED = "^-?[0-9]([.,][0-9]+)?[eE][+][0-9]{1,3}$|^-?[0-9][.][0-9]+E[0-9]{1,3}$"
"""With a plus, or as Java writes it; 2E4 may be a code."""
SAID = "was shortened by a spreadsheet, or came as a number too large to be exact: export it as text"
WHOLE_BELOW = {"double": 2**53, "float": 2**24}
"""Up to here a floating number tells every whole number from its neighbours."""

PLACEHOLDERS = (
    *("null", "none", "nil", "nan", "n/a", "#n/a", "undefined", "unknown", "anonymous", "guest"),
    *("unbekannt", "inconnu", "desconocido", "desconhecido", "sconosciuto", "onbekend", "未知", "不明"),
    *("#ref!", "#name?", "#value!", "#div/0!", "#null!", "#num!"),
    *("-", "--", "?"),
    *("none@none.com", "test@test.com", "no@email.com", "noemail@noemail.com", "n/a@n/a.com"),
    *("0" * digits for digits in range(4, 17)),
)
"""What is written for customers, products and contacts that are not known, in lower case."""


def identifiers(table: Table) -> list[str]:
    """The columns of `table` that identify something the company knows."""
    known = [name for name in ("order_id", "customer_id", "product_id") if name in table.columns]
    return known if table.kind == "source" else []


def named(table: Table) -> list[str]:
    """The columns of `table` in which a placeholder may stand."""
    return [*identifiers(table), *(["value"] if table.is_private and "value" in table.columns else [])]


def exact_rules(table: Table) -> list[str]:
    """What must hold of the identifiers of `table`, as SQL conditions; a cheap test goes before the pattern."""
    return [
        f"{n} is null or not ({n} like '%{INEXACT}' or "
        f"(({n} like '%E%' or {n} like '%e+%') and {n} rlike '{SHORTENED}'))"
        for n in identifiers(table)
    ]


def exact_text(number: Column, type_: str) -> Column:
    """A floating number as the text of an identifier: without a point where it is whole, marked where it is inexact."""
    text = number.cast("string")
    most = F.lit(WHOLE_BELOW[type_])
    is_whole = (number == F.floor(number)) & (F.abs(number) < most)
    inexact = F.when(F.abs(number) >= most, F.concat(text, F.lit(INEXACT))).otherwise(text)
    return F.when(is_whole, F.when(is_whole, number).cast("bigint").cast("string")).otherwise(inexact)


def is_placeholder(column: Column, texts: Sequence[str]) -> Column:
    """Whether `column` holds one of `texts`, whatever its case; false where it is NULL."""
    spelt = sorted({form for text in texts for form in (text, text.lower(), text.upper(), text.capitalize())})
    return F.coalesce(column.isin(*spelt), F.lit(False)) if spelt else F.lit(False)
