"""How numbers are written: the style of a source or of a column, by its marks or by a locale; and numbers in digits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from babel import Locale, UnknownLocaleError
from babel.numbers import get_decimal_symbol, get_group_symbol
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.white_space import BLANKS, UNSEEN, WHITE

APOSTROPHES = "'\u2019\u02bc\uff07"
MINUSES = "-\u2212\u2010\u2011\u2012\u2013\ufe63\uff0d"
ZEROS = "\uff10\u0660\u06f0\u0966"  # full width, Arabic, Persian, Devanagari
PROPOSED = ("en_US", "de_DE", "fr_FR", "de_CH")
"""A locale of each kind, to be proposed."""

UNIFIED = {
    **dict.fromkeys(BLANKS, " "),
    **dict.fromkeys(APOSTROPHES, "'"),
    **dict.fromkeys(MINUSES, "-"),
    **{chr(ord(zero) + digit): str(digit) for zero in ZEROS for digit in range(10)},
    "\uff0e": ".",
    "\uff0c": ",",
    "\u066b": ".",
    "\uff0b": "+",
    "\uff05": "%",
}
DASHES = "-\u2014\u2015"
"""What stands for no decimals, as in 5.- or 5,\u2014 (other dashes are unified before)."""
PER_CENT = "%"
EXPONENT = "([eE][+-]?[0-9]{1,3})?"
CODES = (
    "AED AUD BRL CAD CHF CLP CNY COP CZK DKK EUR GBP HKD HUF IDR ILS INR JPY KRW MXN "
    "MYR NOK NZD PHP PLN RMB RON RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR"
)
WORDS = "TL Rp[.]? RM z\u0142 K\u010d Ft Fr[.] \u0440\u0443\u0431[.]? \u0433\u0440\u043d[.]? \u5143 \u5186 \uc6d0"
IN_ANY_CASE = "(?i:" + "|".join(["Euros?", "Rs[.]?", "kr[.]?", *CODES.split()]) + ")"
CURRENCY = "(" + "|".join([r"[A-Z]{0,3}\p{Sc}", IN_ANY_CASE, *WORDS.split()]) + ")"
"""A sign of a currency, or one of the codes that shops write most, as a regular expression."""
SIGNS = {"\u20ac": "EUR", "\u00a3": "GBP", "\u20b9": "INR", "\u20a9": "KRW", "\u20ba": "TRY", "\u20bd": "RUB"}
SIGNS |= {"\u20ab": "VND", "\u20aa": "ILS", "\u20b1": "PHP", "\u0e3f": "THB", "\u20b4": "UAH"}
SIGNS |= {"US$": "USD", "CA$": "CAD", "AU$": "AUD", "NZ$": "NZD", "HK$": "HKD", "NT$": "TWD", "MX$": "MXN"}
SIGNS |= {"R$": "BRL", "C$": "CAD", "A$": "AUD", "S$": "SGD", "CN\u00a5": "CNY", "JP\u00a5": "JPY"}
SIGNS |= {
    "Euro": "EUR",
    "Euros": "EUR",
    "Rs.": "INR",
    "Rs": "INR",
    "TL": "TRY",
    "Rp.": "IDR",
    "Rp": "IDR",
    "RM": "MYR",
    "z\u0142": "PLN",
    "K\u010d": "CZK",
    "Ft": "HUF",
    "Fr.": "CHF",
    "\u0440\u0443\u0431.": "RUB",
    "\u0440\u0443\u0431": "RUB",
    "\u0433\u0440\u043d.": "UAH",
    "\u0433\u0440\u043d": "UAH",
    "\u5143": "CNY",
    "RMB": "CNY",
    "\u5186": "JPY",
    "\uc6d0": "KRW",
}
SEVERAL = {
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "\u00a5": ("JPY", "CNY"),
    "$": ("USD", "CAD", "AUD"),
}
"""Signs that several currencies share, with those that shops mean most."""
SAME_SIGN = {"kr.": "kr", "\uffe5": "\u00a5", "\uff04": "$", "\uffe1": "\u00a3", "\uffe6": "\u20a9"}


@dataclass(frozen=True)
class NumberStyle:
    """The mark before the decimals, and the one between groups of digits; by default spaces and apostrophes group.

    `units`: what may stand after a number and says nothing more; where it is %, each number has one, and 10% is 0.10.
    """

    decimal: str = "."
    group: str | None = None
    units: tuple[str, ...] = ()

    @property
    def whole(self) -> str:
        """The whole part, as a regular expression; groups of three, or of two and a last one of three (lakh).

        Thousands begin with no zero: 0.500 is half of one, whatever the mark between groups.
        """
        groups = {None: " '", " ": " ", "": ""}.get(self.group, self.group or "")
        grouped = [f"[1-9][0-9]{{0,2}}([{mark}][0-9]{{2,3}})*[{mark}][0-9]{{3}}" for mark in groups]
        return "|".join(["[0-9]+", *grouped])

    def form(self, is_whole: bool) -> str:
        """A number without its sign, as a regular expression."""
        if is_whole:
            return f"({self.whole})"
        return f"((({self.whole})([{self.decimal}][0-9]*)?|[{self.decimal}][0-9]+){EXPONENT})"


PLAIN = NumberStyle()


def of_locale(name: str) -> NumberStyle:
    """The style of a locale such as de_DE; ValueError where there is none of that name."""
    try:
        locale = Locale.parse(name.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        raise ValueError(f"{name} is not a locale; de_DE, fr_FR, en_US, de_CH and en_IN are") from None
    decimal, group = get_decimal_symbol(locale), get_group_symbol(locale)
    return NumberStyle(UNIFIED.get(decimal, decimal), UNIFIED.get(group, group))


@cache
def decorated(form: str) -> str:
    """A number with its sign, brackets and currency on either side, as a regular expression; its group 6 is `form`."""
    return f"^{CURRENCY}? ?([(]?) ?([-+]?) ?{CURRENCY}? ?([-+]?) ?{form} ?{CURRENCY}? ?([-+]?) ?([)]?) ?{CURRENCY}?$"


def in_digits(frame: DataFrame, wanted: Mapping[str, tuple[Column, NumberStyle, bool]]) -> DataFrame:
    """`frame` with columns of numbers in digits, a point and a minus; NULL where a text is no number.

    `wanted`: by name, the text, its style, and whether only whole numbers are meant. It goes step by step: an
    expression in which another one occurs several times would be planned and computed several times.
    """
    if not wanted:
        return frame
    kept = [name for name in frame.columns if name not in wanted]
    unified_ = frame.select(*kept, *[number_of(cell, style).alias(name) for name, (cell, style, _) in wanted.items()])
    apart = unified_.select(
        *kept, *[signs_apart(name, style, is_whole).alias(name) for name, (_, style, is_whole) in wanted.items()]
    )
    return apart.select(*kept, *[signed_digits(name, style).alias(name) for name, (_, style, _) in wanted.items()])


def unified(cell: Column, style: NumberStyle = PLAIN) -> Column:
    """The cell with one minus, one space, one apostrophe and the digits 0 to 9, for all that there are."""
    bare = F.btrim(cell, F.lit(WHITE))
    one = F.translate(bare, "".join(UNIFIED) + UNSEEN, "".join(UNIFIED.values()))
    spaced = F.trim(F.regexp_replace(one, " +", " "))
    return F.when(bare.rlike(f"^[0-9{style.decimal}]+$"), bare).otherwise(
        F.regexp_replace(spaced, no_decimals(style.decimal), "$1$2")
    )


def no_decimals(decimal: str) -> str:
    """Dashes that stand for no decimals, and are no minus: 5.- is five; between what stands before and after them."""
    return f"([0-9])[{decimal}][{DASHES}]{{1,2}}( |[^{DASHES}0-9]|$)"


def number_of(cell: Column, style: NumberStyle) -> Column:
    """The unified cell without its unit; hundredths where it is of a hundred."""
    one = unified(cell, style)
    if not style.units:
        return one
    units = "|".join(re.escape(unit) for unit in sorted(style.units, key=len, reverse=True) if unit != PER_CENT)
    if PER_CENT in style.units:
        return F.when(one.endswith(PER_CENT), F.concat(F.regexp_replace(one, f" ?{PER_CENT}$", ""), F.lit("e-2")))
    return F.regexp_replace(one, f"(?i)([0-9]) ?({units})$", "$1")


def signs_apart(name: str, style: NumberStyle, is_whole: bool) -> Column:
    """Of a unified cell its signs and brackets, a bar, and the number without them; NULL where it is no number."""
    form, cell = style.form(is_whole), F.col(name)
    last = 5 + form.count("(")
    shape = decorated(form)
    simple = NumberStyle(style.decimal, "").form(is_whole)
    marked = F.regexp_replace(cell, shape, f"$2$3$5${last + 2}${last + 3}|$6")
    return F.when(cell.rlike(f"^{simple}$"), F.concat(F.lit("|"), cell)).when(cell.rlike(shape), marked)


def signed_digits(name: str, style: NumberStyle) -> Column:
    """The number that `signs_apart` has left; NULL where its signs contradict each other."""
    marks, number = (F.split_part(name, F.lit("|"), F.lit(part)) for part in (1, 2))
    group = style.group if style.group is not None else " '"
    sign = F.when(marks.isin("-", "()"), "-").when(marks.isin("", "+"), "")
    return F.concat(sign, F.translate(number, style.decimal + group, "."))


def currency_of(cell: Column, signs: Mapping[str, str] = MappingProxyType({})) -> Column:
    """The currency in a cell that holds a number, by its code where its sign is that of one; NULL if there is none.

    `signs`: what signs mean here, before what they mean everywhere.
    """
    found = F.regexp_extract(unified(cell), CURRENCY, 0)
    return F.when(cell.rlike("[^0-9.,+-]") & (found != ""), F.upper(code_of(found, signs)))


def code_of(text: Column, signs: Mapping[str, str] = MappingProxyType({})) -> Column:
    """The code of the currency whose sign the whole text is; the text itself where it is none."""
    known = {sign.lower(): code for sign, code in {**SAME_SIGN, **SIGNS}.items()}
    known |= {sign.lower().removesuffix("."): code for sign, code in signs.items()}
    known |= {f"{sign.lower().removesuffix('.')}.": code for sign, code in signs.items()}
    known |= {other: signs[sign] for other, sign in SAME_SIGN.items() if sign in signs}
    table = F.lit("".join(f"|{sign}={code}" for sign, code in known.items()) + "|")
    asked = F.concat(F.lit("|"), F.lower(F.btrim(text, F.lit(WHITE))), F.lit("="))
    code = F.split_part(F.split_part(table, asked, F.lit(2)), F.lit("|"), F.lit(1))
    return F.when(code != "", code).otherwise(text)


def matches(cell: Column, name: str) -> Column:
    """Whether a unified cell is a number of the locale `name`."""
    return cell.rlike(decorated(of_locale(name).form(False)))
