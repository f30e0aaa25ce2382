"""The cells that are refused, each with its file, its row, its value and the setting that may mend it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from pyspark.sql import Column, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.number_styles import PER_CENT
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.procedures.ingest.readers import cells
from vitalfew.procedures.ingest.readers.clock_texts import AT_END, EVENING, MORNING
from vitalfew.procedures.ingest.readers.lines import NOT_TEXT, SUCH_AS

LONGEST = 60
FORMS: Mapping[str, tuple[str, ...]] = {
    r"\d{1,2}\.\d{1,2}\.\d{4}": ("d.M.yyyy",),
    r"\d{1,2}/\d{1,2}/\d{4}": ("d/M/yyyy", "M/d/yyyy"),
    r"\d{1,2}-\d{1,2}-\d{4}": ("d-M-yyyy", "M-d-yyyy"),
    r"\d{1,2}\.\d{1,2}\.\d{2}": ("d.M.yy",),
    r"\d{1,2}/\d{1,2}/\d{2}": ("d/M/yy", "M/d/yy"),
    r"\d{4}/\d{1,2}/\d{1,2}": ("yyyy/M/d",),
    r"\d{4}\.\d{1,2}\.\d{1,2}": ("yyyy.M.d",),
    r"\d{8}": ("yyyyMMdd",),
    r"\d{4}年\d{1,2}月\d{1,2}日": ("yyyy年M月d日",),
    r"\d{4}-\d{1,2}-\d{1,2}": ("yyyy-M-d",),
}
CLOCKS = {
    r"[ T]\d{1,2}:\d{2}:\d{2} [AP]M": "h:mm:ss a",
    r"[ T]\d{1,2}:\d{2} [AP]M": "h:mm a",
    r"[ T]\d{1,2}:\d{2}:\d{2}": "H:mm:ss",
    r"[ T]\d{1,2}:\d{2}": "H:mm",
    "": "",
}
HALF = re.compile(
    r"(?i)[\s\u202f\xa0]*\b[ap][.]?[\s\u202f\xa0]?m[.]?$|[\s\u202f\xa0]*(?<=\d)[\s\u202f\xa0]*[ap][.]?m[.]?$"
)
WITH_OFFSET = re.compile(r"(?P<time>.*:\d{2})(?P<space> ?)(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)")
WITH_WORD = re.compile(rf"(?P<day>.*\S)\s*(?:{'|'.join(map(re.escape, (*MORNING, *EVENING)))})\s*(?P<clock>\d.*)")
WITH_UNIT = re.compile(r"(?P<number>[-+]?\d[\d.,' ]*?)\s*(?P<unit>%|[^\W\d_]{1,12}[.]?)")


def example(intake: Intake) -> Column:
    """Of refused rows the first: `__name, __line`, and the cells that may be shown."""
    return F.min(F.struct("__name", "__line", *[F.col(intake.cells[name]) for name in shown(intake)])).alias("example")


def shown(intake: Intake) -> list[str]:
    """The columns whose cells a message may show."""
    return [] if intake.table.is_private else [name for name in intake.types if not intake.layout.is_hidden(name)]


def told(reason: str, found: Row, intake: Intake) -> str:
    """Where the first row stands that is refused for a reason, what its cell says, and what may mend it."""
    where = f"such as {found['__name']}, row {found['__line']}"
    named = [name for name in intake.types if any(reason.startswith(f"{name} {verb}") for verb in ("is ", "has "))]
    column = max(named, key=len, default=None)
    if column is None:
        return f"({where})" + (f": say `encoding`{SUCH_AS}" if reason.startswith(NOT_TEXT) else "")
    if column not in shown(intake):
        return f"({where}){advice('', column, reason, intake)}"
    cell = found[intake.cells[column]] or ""
    value = cell if len(cell) <= LONGEST else cell[:LONGEST] + "…"
    return f"({where}: {value!r}){advice(cell, column, reason, intake)}"


def advice(cell: str, column: str, reason: str, intake: Intake) -> str:
    """The setting that may mend a cell that is not of its type; nothing where none would."""
    type_ = intake.types[column]
    if " is not a " not in reason:
        return ""
    if type_ in ("timestamp", "date"):
        if AT_END.search(cell.strip()) and not intake.source.time_zone:
            return ": say the zone of the shop, `time_zone`, as the time has an offset"
        forms = formats(cell.strip())
        asked = " or ".join(f"`timestamp_formats: [{form}]`" for form in forms)
        return f": say {asked or '`timestamp_formats`'}"
    if cells.is_number(type_) and (found := WITH_UNIT.fullmatch(cell.strip())):
        return of_unit(column, found["number"], found["unit"], intake)
    if cells.is_number(type_) and (other := other_mark(cell.strip(), column, intake)):
        return other
    if cells.is_number(type_):
        return ": say how numbers are written, `numbers`, or what means nothing, `missing`"
    return ": write true or false, yes or no, 1 or 0, or map an expression"


def other_mark(cell: str, column: str, intake: Intake) -> str:
    """The setting that reads a number whose decimals stand after another mark than its style says; "" if none does."""
    found = re.fullmatch(r"[-+]?\d*([.,])\d+", cell)
    if found is None or found[1] == intake.source.numbers_of(column).decimal:
        return ""
    return f": if its decimals stand after {found[1]!r}, say {decimal_setting(column, found[1])}"


def decimal_setting(column: str, mark: str) -> str:
    """The setting by which the decimals of a column stand after a mark, ready to paste."""
    return f"`column_numbers: {{{named(column)}: {{decimal: '{mark}'}}}}`"


def named(column: str) -> str:
    """The name of a column as a key of YAML."""
    return column if re.fullmatch(r"\w+", column) else json.dumps(column, ensure_ascii=False)


def of_unit(column: str, number: str, unit: str, intake: Intake) -> str:
    """The setting that reads numbers with a unit."""
    style = intake.source.numbers_of(column)
    decimal = "," if "," in number and style.group != "," else style.decimal
    marks = {"decimal": decimal, **({"group": style.group} if style.group else {})} if decimal != "." else {}
    said = ", ".join([*(f"{name}: '{mark}'" for name, mark in marks.items()), f"units: ['{unit}']"])
    name = named(column)
    what = "10% is to be 0.10 and all have this sign" if unit == PER_CENT else "all of them are in this unit"
    return f": if {what}, say `column_numbers: {{{name}: {{{said}}}}}`"


def formats(cell: str) -> list[str]:
    """Formats that fit a time; of days that may be months, both."""
    if (found := WITH_OFFSET.fullmatch(cell)) is not None:
        return [f"{form}{found['space']}XXX" for form in formats(found["time"])]
    if (found := WITH_WORD.fullmatch(cell)) is not None:
        return [re.sub("(h:mm(?::ss)?) a", r"a \1", form) for form in formats(f"{found['day']} {found['clock']} PM")]
    cell = HALF.sub(" PM", cell)
    for day, forms in FORMS.items():
        for clock, form in CLOCKS.items():
            if re.fullmatch(day + clock, cell):
                mark = "'T'" if "T" in cell else " "
                return [f"{one}{mark}{form}" if form else one for one in forms]
    return []
