"""What a locale writes around numbers, between things and in dates, as Babel knows it: the source of both ways."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent, get_currency_precision

ZEROS = "0" * 6
GROUPED = 1234


@dataclass(frozen=True)
class Affixes:
    """What stands before and after a number, if it is not negative, and if it is."""

    before: str
    after: str
    before_negative: str
    after_negative: str


@dataclass(frozen=True)
class Formats:
    """How one locale, with one currency, writes."""

    locale: str
    currency: str | None
    point: str
    separator: str
    number: Affixes
    percent: Affixes
    money: Affixes
    money_digits: int
    months: tuple[str, ...]
    date_parts: tuple[str, ...]
    between: str
    before_last: str
    plural_forms: int

    def decimal_text(self, value: Decimal, digits: int) -> str:
        return self.number_text(value, digits, self.number)

    def percent_text(self, share: Decimal, digits: int) -> str:
        return self.number_text(share * 100, digits, self.percent)

    def money_text(self, amount: Decimal) -> str:
        return self.number_text(amount, self.money_digits, self.money)

    def number_text(self, value: Decimal, digits: int, around: Affixes) -> str:
        """A value that has so many digits already, as Babel would write it, in a hundredth of its time."""
        plain = f"{abs(value):,.{digits}f}".translate({ord(","): self.separator, ord("."): self.point})
        if value < 0:
            return around.before_negative + plain + around.after_negative
        return around.before + plain + around.after

    def date_text(self, day: date) -> str:
        return date_text(day, self.locale)

    def list_text(self, things: list[str]) -> str:
        return str(format_list(things, locale=self.locale))

    def plural(self, n: int) -> int:
        """Which of the plural forms goes with `n`."""
        return 0 if n == 1 or self.plural_forms == 1 else 1


@cache
def date_text(day: date, locale: str) -> str:
    return str(format_date(day, format="medium", locale=locale))


def pattern(digits: int) -> str:
    return "#,##0" + ("." + ZEROS[:digits] if digits else "")


def percent_pattern(locale: str, digits: int) -> str:
    standard = str(Locale.parse(locale).percent_formats[None].pattern)
    return standard.replace("#,##0", pattern(digits))


@cache
def formats(locale: str, currency: str | None) -> Formats:
    """The formats of a locale; ValueError where a column cannot write as Babel does."""
    known = Locale.parse(locale)
    thousand = str(format_decimal(GROUPED, locale=locale))
    half = str(format_decimal(Decimal("0.5"), locale=locale))
    numbers = [str(format_decimal(n, format=pattern(0), locale=locale)) for n in (1, -1)]
    percents = [str(format_percent(n, format=percent_pattern(locale, 0), locale=locale)) for n in (1, -1)]
    digits = 2 if currency is None else get_currency_precision(currency)
    amount = str(format_decimal(1, format=pattern(digits), locale=locale))
    amounts = (
        [str(format_decimal(n, format=pattern(digits), locale=locale)) for n in (1, -1)]
        if currency is None
        else [str(format_currency(n, currency, locale=locale)) for n in (1, -1)]
    )
    months = tuple(str(known.months["format"]["abbreviated"][month]) for month in range(1, 13))
    two, three = (str(format_list(list("abc"[:n]), locale=locale)) for n in (2, 3))
    if two[1:-1] != three[three.index("b") + 1 : three.index("c")]:
        raise ValueError(f"locale {locale} joins two things otherwise than the last two of three")
    return Formats(
        locale=locale,
        currency=currency,
        point=half[1:-1],
        separator=thousand[1:-3],
        number=affixes(numbers, "1"),
        percent=affixes(percents, "100"),
        money=affixes(amounts, amount),
        money_digits=digits,
        months=months,
        date_parts=date_parts(str(known.date_formats["medium"].pattern)),
        between=three[1 : three.index("b")],
        before_last=two[1:-1],
        plural_forms=plural_forms(known),
    )


def affixes(texts: list[str], number: str) -> Affixes:
    """What stands around `number` in its positive and negative text."""
    (before, after), (before_negative, after_negative) = (text.split(number) for text in texts)
    return Affixes(before, after, before_negative, after_negative)


def date_parts(pattern: str) -> tuple[str, ...]:
    """The pattern of a date in fields (d, M, MMM, y) and the words between them."""
    parts: list[str] = []
    for letter in pattern:
        if letter.isalpha() and letter.isascii() and parts and set(parts[-1]) == {letter}:
            parts[-1] += letter
        else:
            parts.append(letter)
    fields = [part for part in parts if part[0].isalpha() and part[0].isascii()]
    if not set(fields) <= {"d", "M", "MMM", "y"}:
        raise ValueError(f"dates of the pattern {pattern!r} cannot be written by a column")
    return tuple(parts)


def plural_forms(locale: Locale) -> int:
    """1, or 2 where one thing is called otherwise than several; ValueError for richer languages."""
    forms = [locale.plural_form(n) for n in range(1000)]
    if set(forms) == {"other"}:
        return 1
    if all(form == ("one" if n == 1 else "other") for n, form in enumerate(forms)):
        return 2
    raise ValueError(f"locale {locale} has plural forms that a column cannot choose")
