"""Contact details that people typed where a product, a channel or a search belongs: never read nor published."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.tables import Table

EMAIL = r"[^\s@＠]\s?[@＠]\s?[^\s@＠]"
CARD = r"[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{2,7}"
DIALLED = r"\+[0-9]([ ()./-]{0,3}[0-9]){6}|\([0-9]{2,5}\) ?[0-9]{3}|(^|[^0-9A-Za-z])0[0-9]+[ /]+[0-9]([ ./-]?[0-9]){4}"
PLAIN = r"(^|[^0-9A-Za-z])0[0-9]{6}|[0-9]{3}[ .-][0-9]{3}[ .-][0-9]{4}|(^|[^0-9A-Za-z])[0-9]{9}"
CODES = ("product_id", "campaign", "action", "arm")  # a code may be a long number, or begin with zeros
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
    return "|".join((EMAIL, CARD, DIALLED) if name in CODES else (EMAIL, CARD, DIALLED, PLAIN))


def has_contact(column: str) -> Column:
    """Whether a column of free text holds what has the form of a contact detail."""
    return F.coalesce(F.col(column).rlike(form(column)), F.lit(False))
