"""Values as machines read them: plain decimals, ISO dates; what is kept beside a code, from which any language is made.

Numbers are rounded half up, from the shortest decimal of a double, to the digits that the sentence says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.messages.catalogue import group
from vitalfew.messages.template import Placeholder

MONEY_DIGITS = 2
PRECISION = 38


@dataclass(frozen=True)
class Item:
    """One of the `messages` of a placeholder: its code and its own values."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


NUMBERS = ("integer", "decimal", "percent", "money", "count")


def kept_digits(placeholder: Placeholder) -> int:
    """Decimal places of what is kept: a percentage is kept as the share that it is of 1."""
    if placeholder.kind == "money":
        return MONEY_DIGITS
    return placeholder.digits + 2 if placeholder.kind == "percent" else placeholder.digits


def canonical_text(placeholder: Placeholder, value: Any) -> str:
    """A value of the driver as it is kept; ValueError where there is none."""
    if value is None:
        raise ValueError(f"{placeholder.name} has no value")
    if placeholder.kind in NUMBERS:
        return plain(Decimal(str(value)), kept_digits(placeholder))
    if placeholder.kind == "date":
        return date.fromisoformat(str(value)).isoformat()
    if placeholder.kind == "list":
        return as_json([tidy(str(each)) for each in value])
    if placeholder.kind == "messages":
        return as_json([canonical_item(placeholder, each) for each in value])
    return tidy(str(value)) if placeholder.kind == "product" else str(value)


def canonical_item(placeholder: Placeholder, item: Item) -> dict[str, Any]:
    """One of several messages as it is kept: its code, and its values where it has any."""
    template = group(placeholder.group).get(item.code)
    parts = template.placeholders if template else {}
    values = {name: canonical_text(part, item.values[name]) for name, part in parts.items()}
    return {"code": item.code, "values": values} if values else {"code": item.code}


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def plain(number: Decimal, digits: int) -> str:
    """`number` rounded half up, without an exponent and without a negative zero."""
    rounded = number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{rounded or abs(rounded):f}"


def tidy(name: str) -> str:
    return " ".join(name.split())


def canonical_column(placeholder: Placeholder, value: Column) -> Column:
    """A column as it is kept; of messages, an array of structs of `code` and, if they have any, `values`."""
    if placeholder.kind in NUMBERS:
        return half_up(value, kept_digits(placeholder)).cast("string")
    if placeholder.kind == "date":
        return value.cast("date").cast("string")
    if placeholder.kind == "list":
        return F.to_json(F.transform(value, tidy_column))
    if placeholder.kind == "messages":
        return F.to_json(value)
    return tidy_column(value) if placeholder.kind == "product" else value.cast("string")


def half_up(value: Column, digits: int) -> Column:
    """A number to `digits` places; by its text, as one engine rounds doubles from their binary value.

    Texts with an exponent are of doubles so small that they are nothing, or so large that they are whole.
    """
    text, type_ = value.cast("string"), f"decimal({PRECISION},{digits})"
    has_exponent = text.rlike("[eE]")
    return F.when(has_exponent, value.cast(type_)).otherwise(F.when(has_exponent, "0").otherwise(text).cast(type_))


def tidy_column(name: Column) -> Column:
    return F.trim(F.regexp_replace(name, r"\s+", " "))
