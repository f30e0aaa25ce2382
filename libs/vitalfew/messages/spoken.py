"""A template filled with kept values: as a text on the driver by Babel, and as a column by SQL; both the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from pyspark.sql import Column
from pyspark.sql import functions as F

from vitalfew.messages.catalogue import group
from vitalfew.messages.locale_formats import Affixes, Formats, formats
from vitalfew.messages.template import Placeholder, Template
from vitalfew.messages.words import Words

Value = tuple[str, str, int, str]
"""Name, kind, digits and group of what is put into templates."""


def text_of(template: Template, values: Mapping[str, str], words: Words) -> str:
    """`template` with its values, as they are kept, in the words of a language."""
    return "".join(
        part if isinstance(part, str) else spoken_text(part, values[part.name], values, words)
        for part in template.parts
    )


def spoken_text(part: Placeholder, kept: str, values: Mapping[str, str], words: Words) -> str:
    """One value in words."""
    form = formats(words.locale, words.currency)
    match part.kind:
        case "integer" | "decimal":
            return form.decimal_text(Decimal(kept), part.digits)
        case "count":
            return part.forms[form.plural(int(kept))].replace("#", form.decimal_text(Decimal(kept), 0))
        case "percent":
            return form.percent_text(Decimal(kept), part.digits)
        case "money":
            amount = Decimal(kept).quantize(Decimal(1).scaleb(-form.money_digits), ROUND_HALF_UP)
            return form.money_text(amount or abs(amount))
        case "date":
            return form.date_text(date.fromisoformat(kept))
        case "list":
            return form.list_text([spoken_code(each, part.group, words) for each in json.loads(kept)])
        case "message":
            return spoken_code(kept, part.group, words, values)
        case "product" | "text":
            return kept


def spoken_code(code: str, name: str, words: Words, values: Mapping[str, str] | None = None) -> str:
    """The message `code` of the group `name`; a code without a message, or of no group, stays as it is."""
    inner = group(name, words.language).get(code) if name else None
    return code if inner is None else text_of(inner, values or {}, words)


def values_of(templates: Iterable[Template], language: str) -> dict[Value, Placeholder]:
    """What columns are made of, each once, however many templates say it; with the messages that are put into them."""
    found: dict[Value, Placeholder] = {}
    for template in templates:
        for part in template.placeholders.values():
            if part.kind == "message":
                found |= values_of(group(part.group, language).values(), language)
            else:
                found[value_of(part)] = part
    return found


def value_of(part: Placeholder) -> Value:
    """Name, kind, digits and group: two placeholders of the same read the same, plural forms apart."""
    return part.name, "integer" if part.kind == "count" else part.kind, part.digits, part.group


def column_of(template: Template, values: Column, words: Words, spoken: Mapping[Value, Column]) -> Column:
    """The same of a column of kept values, map<string,string>, spoken beforehand; NULL where a value is."""
    parts = [F.lit(p) if isinstance(p, str) else part_column(p, values, words, spoken) for p in template.parts]
    return (parts or [F.lit("")])[0] if len(parts) < 2 else F.concat(*parts)


def part_column(part: Placeholder, values: Column, words: Words, spoken: Mapping[Value, Column]) -> Column:
    """A placeholder filled."""
    if part.kind == "message":
        return looked_up(values[part.name], group(part.group, words.language), values, words, spoken)
    if part.kind == "count":
        return counted(values[part.name], part.forms, spoken[value_of(part)])
    return spoken[value_of(part)]


def looked_up(
    code: Column, templates: Mapping[str, Template], values: Column, words: Words, spoken: Mapping[Value, Column]
) -> Column:
    """The message of each code; a code without a message is a name of the user's own, and stays as it is."""
    found = F.when(F.lit(False), code)
    for name, template in templates.items():
        found = found.when(code == name, column_of(template, values, words, spoken))
    return found.otherwise(code)


def looked_up_each(codes: Column, name: str, values: Column, words: Words) -> Column:
    """The messages of several codes; they have no values of their own."""
    return F.transform(codes, lambda code: looked_up(code, group(name, words.language), values, words, {}))


def spoken_column(part: Placeholder, values: Column, words: Words) -> Column:
    """One value in words, as a column; of a count, its number."""
    form, kept = formats(words.locale, words.currency), values[part.name]
    match part.kind:
        case "integer" | "decimal" | "count":
            return number(kept, part.digits, form, form.number)
        case "percent":
            hundreds = kept.cast(f"decimal(30,{part.digits + 2})") * F.lit(Decimal(100))
            return number(hundreds.cast(f"decimal(30,{part.digits})").cast("string"), part.digits, form, form.percent)
        case "money":
            amount = kept.cast(f"decimal(38,{form.money_digits})").cast("string")
            return number(amount, form.money_digits, form, form.money)
        case "date":
            return day(kept.cast("date"), form)
        case "list":
            things = F.from_json(kept, "array<string>")
            return listed(looked_up_each(things, part.group, values, words) if part.group else things, form)
        case "product" | "text":
            return kept
        case "message":
            raise ValueError(f"{part.name} is a message, which has no words of its own")


def number(kept: Column, digits: int, form: Formats, around: Affixes) -> Column:
    """A plain decimal with the separators of the locale and what stands around it."""
    bare, is_negative = F.regexp_replace(kept, "^-", ""), kept.startswith("-")
    parts = [grouped(F.substring_index(bare, ".", 1), form.separator)]
    if digits:
        parts += [F.lit(form.point), F.substring_index(bare, ".", -1)]
    before = F.when(is_negative, around.before_negative).otherwise(around.before)
    after = F.when(is_negative, around.after_negative).otherwise(around.after)
    return F.concat(before, *parts, *[after] * bool(around.after or around.after_negative))


def grouped(whole: Column, separator: str) -> Column:
    """Digits with a separator after every three from the right: the first stays apart, so that none comes before it."""
    rest = F.reverse(F.regexp_replace(whole, "^.", ""))
    return F.reverse(F.concat(F.regexp_replace(rest, r"(\d{3})", f"$1{separator[::-1]}"), F.substring(whole, 1, 1)))


def counted(kept: Column, forms: tuple[str, ...], spoken: Column) -> Column:
    """A number in the plural form that goes with it."""
    filled = [filled_form(text, spoken) for text in forms]
    return filled[0] if len(filled) == 1 else F.when(kept == "1", filled[0]).otherwise(filled[1])


def filled_form(text: str, spoken: Column) -> Column:
    words = text.split("#")
    parts = [F.lit(words[0])]
    for word in words[1:]:
        parts += [spoken, F.lit(word)]
    return F.concat(*parts)


def day(date_column: Column, form: Formats) -> Column:
    """A date in the pattern of the locale."""
    fields = {
        "d": F.dayofmonth(date_column).cast("string"),
        "M": F.month(date_column).cast("string"),
        "MMM": F.element_at(F.array(*[F.lit(name) for name in form.months]), F.month(date_column)),
        "y": F.year(date_column).cast("string"),
    }
    return F.concat(*[fields[part] if part in fields else F.lit(part) for part in form.date_parts])


def listed(things: Column, form: Formats) -> Column:
    """A, B and C."""
    size = F.size(things)
    begin = F.concat_ws(form.between, F.slice(things, 1, F.greatest(size - 1, F.lit(0))))
    last = F.element_at(things, -1)
    return F.when(size == 0, "").when(size == 1, last).otherwise(F.concat(begin, F.lit(form.before_last), last))
