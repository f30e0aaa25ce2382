"""How the cells of a column can be read: as numbers of which style, as times of which form, in which currency.

The forms are those of `ingest`: what is proposed here is what it reads.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from zoneinfo import ZoneInfo

import pyarrow as pa
from pyarrow import compute

from vitalfew.dataframes.number_styles import (
    CODES,
    PLAIN,
    PROPOSED,
    SIGNS,
    UNIFIED,
    NumberStyle,
    decorated,
    no_decimals,
    of_locale,
)
from vitalfew.procedures.ingest import examples
from vitalfew.procedures.ingest.readers import cells
from vitalfew.procedures.ingest.readers.clock_texts import AT_END

STYLES: dict[str, NumberStyle] = {"": PLAIN, **{name: of_locale(name) for name in PROPOSED}}
MISSING = re.compile(r"(?i)n/?a|null|none|nan|-+|\?|\.|#n/?a|k\.?a\.?|s/d|nil|нет|无|なし")
LEAST_SHARE = 0.98
ISO = re.compile(cells.ISO + "(Z|[+-][0-9]{2}:[0-9]{2})?$")
DAY_FIRST, MONTH_FIRST = "day first", "month first"
ZONES = {
    "de": ("Europe/Berlin", "Europe/Zurich"), "fr": ("Europe/Paris",), "es": ("Europe/Madrid", "America/Mexico_City"),
    "pt": ("America/Sao_Paulo", "Europe/Lisbon"), "it": ("Europe/Rome",), "nl": ("Europe/Amsterdam",),
    "tr": ("Europe/Istanbul",), "pl": ("Europe/Warsaw",), "ja": ("Asia/Tokyo",), "zh": ("Asia/Shanghai", "Asia/Taipei"),
    "ru": ("Europe/Moscow",), "ko": ("Asia/Seoul",),
}  # fmt: skip


def unified(cell: str, style: NumberStyle) -> str:
    """A cell with one minus, one space, one apostrophe and the digits 0 to 9, as `ingest` has it."""
    one = " ".join("".join(UNIFIED.get(c, c) for c in cell).split(" ")).strip()
    return re.sub(no_decimals(style.decimal), r"\1\2", one)


def distinct(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found))


def missing_in(found: Sequence[str]) -> list[str]:
    """Texts among the cells that stand for a missing value."""
    return [cell for cell in distinct(found) if MISSING.fullmatch(cell)]


def are_numbers(found: Sequence[str], style: str) -> bool:
    """Whether nearly all of the cells that say something are numbers of a style."""
    said = [unified(cell, STYLES[style]) for cell in found if not MISSING.fullmatch(cell)]
    if not said:
        return False
    fits = compute.match_substring_regex(pa.array(said), decorated(STYLES[style].form(False)))
    return bool(compute.sum(fits).as_py() >= LEAST_SHARE * len(said))


def styles(found: Sequence[str]) -> list[str]:
    """The styles of which the cells can be, by locale; "" is that with a point."""
    if not any(c.isdigit() for c in "".join(found[:50])):
        return []
    return [name for name in STYLES if are_numbers(found, name)]


def number(cell: str, style: str) -> Decimal | None:
    """What a cell is worth in a style; None where it is no number."""
    how = STYLES[style]
    text = unified(cell, how)
    groups = " '" if how.group is None else how.group
    for mark in groups:
        text = text.replace(mark, "")
    plain = text.replace(how.decimal, ".") if how.decimal != "." else text
    digits = re.search(r"[0-9]*[.]?[0-9]+|[0-9]+[.]", plain)
    if digits is None:
        return None
    try:
        value = Decimal(digits[0])
    except InvalidOperation:
        return None
    is_negative = "-" in plain.replace(digits[0], "", 1) or plain.startswith("(")
    return -value if is_negative else value


def money_signs(found: Sequence[str]) -> list[str]:
    """The currencies that stand in the cells, by their codes where a sign has but one, the most frequent first."""
    counts: Counter[str] = Counter()
    for cell in found:
        if match := currency_pattern().search(cell):
            counts[SIGNS.get(match[0], match[0])] += 1
    return [sign for sign, _ in counts.most_common()]


def currency_in_name(name: str) -> str | None:
    """The currency that the name of a column says, as in `Betrag (EUR)` or `金额（元）`."""
    codes = [match[0] for match in re.finditer(r"[A-Z]{3}", name) if match[0] in CODES.split()]
    if codes:
        return codes[0]
    return next((code for sign, code in SIGNS.items() if sign in name and not sign.isalpha()), None) or (
        "CNY" if "元" in name else None
    )


@cache
def currency_pattern() -> re.Pattern[str]:
    signs = "".join(chr(code) for code in range(0x2100) if unicodedata.category(chr(code)) == "Sc") + "￥￡￦"
    words = sorted((word for word in [*SIGNS, *CODES.split()] if word.isalpha()), key=len, reverse=True)
    dollars = "|".join(re.escape(sign) for sign in SIGNS if sign.endswith("$"))
    return re.compile(f"(?:{dollars})|[{signs}]|(?<![A-Za-z])(?:{'|'.join(map(re.escape, words))})(?![A-Za-z])")


def times(found: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """By which part comes first, or "" where nothing is in doubt, the forms that read all cells; none: ISO 8601."""
    said = distinct(cell for cell in found if not MISSING.fullmatch(cell))
    if not said:
        return {}
    if sum(1 for cell in said if ISO.fullmatch(cell)) >= LEAST_SHARE * len(said):
        return {"": ()}
    readings: dict[str, tuple[str, ...]] = {}
    for first in (DAY_FIRST, MONTH_FIRST):
        forms = [form_of(cell, first) for cell in said]
        known = [form for form in forms if form is not None]
        if len(known) >= LEAST_SHARE * len(said):
            readings[first] = tuple(form for form, _ in Counter(known).most_common() if form)
    if len(set(readings.values())) == 1:
        return {"": next(iter(readings.values()))}
    return {"": next(iter(readings.values()))} if len(readings) == 1 else readings


def form_of(cell: str, first: str) -> str | None:
    """The form of one time, where the day or the month comes first; None where there is none."""
    if ISO.fullmatch(cell):
        return ""
    forms = examples.formats(cell)
    wanted = [form for form in forms if len(forms) == 1 or form.startswith("d") == (first == DAY_FIRST)]
    return next((form for form in wanted if is_possible(cell, form)), None)


def is_possible(cell: str, form: str) -> bool:
    """Whether month and day of a time are such."""
    order = [match[0][0] for match in re.finditer(r"y+|M+|d+", form)]
    digits = [match[0] for match in re.finditer(r"\d+", cell)]
    parts = [cell[:4], cell[4:6], cell[6:8]] if "yyyyMMdd" in form else digits[:3]
    values: dict[str, int] = dict(zip(order, map(int, parts), strict=False))
    return 1 <= values.get("M", 0) <= 12 and 1 <= values.get("d", 0) <= 31


def offsets(found: Sequence[str]) -> list[str]:
    """The offsets that times carry, such as +02:00 or Z."""
    return distinct(match[1] for cell in distinct(found) if (match := AT_END.search(cell)))


def zone_of(found: Sequence[str], language: str) -> str | None:
    """A zone where the language is spoken, on whose clock every time has the offset that it carries; None: none."""
    return next((zone for zone in ZONES.get(language, ()) if all(fits(cell, zone) for cell in distinct(found))), None)


def fits(cell: str, zone: str) -> bool:
    try:
        moment = datetime.fromisoformat(cell.replace("Z", "+00:00"))
    except ValueError:
        return False
    offset = moment.utcoffset()
    return offset is not None and offset != timedelta(0) and moment.astimezone(ZoneInfo(zone)).utcoffset() == offset
