"""What the page says, in one language: messages, and values by their units."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.dates import format_date
from babel.numbers import format_compact_decimal
from markupsafe import Markup, escape

from vitalfew.messages.catalogue import template_of
from vitalfew.messages.locale_formats import formats
from vitalfew.messages.message import Message, message
from vitalfew.messages.spoken import spoken_text
from vitalfew.messages.template import Placeholder
from vitalfew.messages.words import Words
from vitalfew.report.answers import Said
from vitalfew.visible_text import visible

STRONG = "**"
LEAST_SHARE = 0.001
WHOLE_MONEY = 1000
"""From this amount on, nobody reads the cents."""


class Voice:
    """The words of one language and currency."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.form = formats(words.locale, words.currency)

    def say(self, key: str, **values: Any) -> str:
        return self.text(message(key, **values))

    def text(self, said: Said | None) -> str:
        """A message in words without the marks of what is strong; a name as it is, what hides in it made visible."""
        if not isinstance(said, Message):
            return "" if said is None else visible(said)
        parts = template_of(said.key, self.words.language).parts
        return "".join(part.replace(STRONG, "") if isinstance(part, str) else self.filled(part, said) for part in parts)

    def filled(self, part: Placeholder, said: Message) -> str:
        """A value of a message in words; of much money, without cents."""
        if part.kind == "money":
            return self.money(Decimal(said.values[part.name]))
        return visible(spoken_text(part, said.values[part.name], said.values, self.words))

    def strong(self, said: Message) -> Markup:
        """A message, escaped, with what its template marks as strong: a name in it cannot mark anything."""
        out, is_open = Markup(""), False
        for part in template_of(said.key, self.words.language).parts:
            if not isinstance(part, str):
                out += escape(self.filled(part, said))
                continue
            first, *others = part.split(STRONG)
            out += escape(first)
            for piece in others:
                is_open = not is_open
                out += (Markup("<strong>") if is_open else Markup("</strong>")) + escape(piece)
        return out + Markup("</strong>") if is_open else out

    def value(self, value: Any, unit: str) -> str:
        """A value by its unit; a dash where there is none."""
        if value is None:
            return "–"
        if isinstance(value, Message):
            return self.text(value)
        match unit:
            case "count" | "days":
                return self.number(value, 0)
            case "number":
                return self.number(value, 1)
            case "times":
                return self.number(value, 1) + "×"
            case "score":
                return self.number(value, 3)
            case "percent":
                return self.share(value)
            case "share":
                return "< " + self.share(LEAST_SHARE, 1) if 0 < value < LEAST_SHARE / 2 else self.share(value, 1)
            case "money":
                return self.money(value)
            case "date":
                return self.form.date_text(value)
        return visible(str(value))

    def number(self, value: Any, digits: int) -> str:
        return self.form.decimal_text(rounded(value, digits), digits)

    def share(self, value: Any, digits: int = 0) -> str:
        return self.form.percent_text(rounded(value, digits + 2), digits)

    def money(self, value: Any) -> str:
        digits = 0 if abs(value) >= WHOLE_MONEY else self.form.money_digits
        return self.form.number_text(rounded(value, digits), digits, self.form.money)

    def short_money(self, value: float) -> str:
        """A round amount for an axis: 1.2M, 120万."""
        around = self.form.money
        compact = format_compact_decimal(value, locale=self.words.locale, fraction_digits=1 if value < 1e9 else 0)
        return f"{around.before}{compact}{around.after}"

    def signed(self, value: float, digits: int = 0) -> str:
        sign = "+" if value > 0 else "−" if value < 0 else "±"
        return sign + self.number(abs(value), digits)

    def month(self, day: date) -> str:
        return str(format_date(day, "LLL", locale=self.words.locale))

    def month_and_year(self, day: date) -> str:
        return self.text(message("page.month", month=self.month(day), year=str(day.year)))

    def weekday(self, code: str) -> str:
        return self.text(message(f"page.weekday.{code}"))


def rounded(value: Any, digits: int) -> Decimal:
    number = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return number or abs(number)


def raw(value: Any) -> str | None:
    """A number as a machine reads it, for sorting and CSV; None of what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    return f"{round(value, 6):.6f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
