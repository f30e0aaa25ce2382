"""What may mean two things, and only the shop knows: several currencies, thousands or decimals, keys nobody wrote.

All is counted in one pass over the rows.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.config.json_names import JSON
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.number_styles import SEVERAL, decorated, unified
from vitalfew.errors import QualityError
from vitalfew.procedures.ingest import clock_changes, suspicions
from vitalfew.procedures.ingest.examples import decimal_setting, shown
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.procedures.ingest.readers import cells
from vitalfew.procedures.ingest.readers.parts import REST

THOUSANDS = "([1-9][0-9]{0,2}[.][0-9]{3})"
POINTED = "((0|[0-9]{4,})?[.][0-9]+|[0-9]+[.]([0-9]{1,2}|[0-9]{4,}))"
"""Numbers whose point cannot stand between thousands."""
GROUP_OR_DECIMAL = ".,"
FEWEST_DECIMALS = 0.01
"""Of the cells with one mark: with fewer before decimals it is they that were written wrongly, and are refused."""
RECORDS_LOOKED_AT = 50


def refuse(rows: DataFrame, intake: Intake, is_first: bool) -> list[str]:
    """Sentences on what is to be known; QualityError where a sum would be wrong.

    `is_first`: nothing of the source was taken before, so that a key that no record has is most likely misspelt.
    """
    has_money = "amount" in intake.table.columns
    is_sound = F.col("__reason").isNull()
    currency = F.when(is_sound, F.upper(F.trim("currency"))) if has_money else F.lit(None).cast("string")
    money = F.col("amount") if has_money else F.lit(None).cast("decimal(18,2)")
    points, keys = with_points(intake), asked_keys(intake)
    counts = [F.count_if(is_sound).alias("rows"), F.sum(F.when(is_sound, money)).alias("money")]
    if is_sold := has_money and "quantity" in intake.table.columns:
        is_odd = F.coalesce(is_sound & (F.col("quantity") < 0) & (money > 0), F.lit(False))
        counts += [F.count_if(is_odd).alias("odd"), F.sum(F.when(is_odd, money)).alias("odd_money")]
    counts += suspicions.counts(intake, is_sound, money) + clock_changes.counts(intake, is_sound)
    for i, name in enumerate(points):
        cell = F.col(intake.cells[name])
        one = unified(cell)
        where = F.struct("__name", "__line", cell.alias("cell"))
        is_grouped = F.coalesce(one.rlike(decorated(THOUSANDS)), F.lit(False))
        counts += [F.count_if(is_grouped).alias(f"g{i}"), F.min(F.when(is_grouped, where)).alias(f"e{i}")]
        counts.append(F.count_if(F.coalesce(one.rlike(decorated(POINTED)), F.lit(False))).alias(f"p{i}"))
    grouped = with_groups(intake)
    counts += [count for i, name in enumerate(grouped) for count in marks_of(i, name, intake)]
    counts += [F.count(intake.cells[name]).alias(f"k{i}") for i, name in enumerate(keys)]
    counts.append(F.count_if(F.col("__content").isNull()).alias("split"))
    found = collect_rows(rows.groupBy(currency.alias("currency")).agg(*counts), "what rows may mean")
    refuse_currencies(found, intake)
    refuse_points(found, points, intake)
    refuse_both_marks(found, grouped, intake)
    suspicions.refuse(found, intake)
    is_split = any(row["split"] for row in found)  # else it is no key that lacks, but each record is broken
    lacking = [name for i, name in enumerate(keys) if is_split and not sum(row[f"k{i}"] for row in found)]
    odd = told_of_signs(found) if is_sold else []
    odd += (
        suspicions.told(found, intake)
        + suspicions.told_of_zeros(rows, found, intake)
        + clock_changes.told(found, intake)
    )
    return odd + told_of_keys(rows, lacking, intake, is_first)


def told_of_signs(found: Sequence[Row]) -> list[str]:
    """A sentence on rows whose quantity is negative and whose money is not: returns, most likely, that add money."""
    if not (count := sum(row["odd"] for row in found)):
        return []
    money = sum((row["odd_money"] or Decimal(0) for row in found), Decimal(0))
    return [
        f"{count:,} rows have a negative quantity and a positive amount ({money:,.2f}), which is added to the money. "
        "If they are returns, set returns: {when: quantity < 0, sign: positive_in_file}"
    ]


def refuse_currencies(found: Sequence[Row], intake: Intake) -> None:
    """QualityError where sound rows are in several currencies, by the column of it or by the signs in their cells."""
    named = sorted((row for row in found if row["currency"] is not None), key=lambda row: str(row["currency"]))
    if len(named) < 2:
        return
    told = ", ".join(f"{r['currency']} ({r['rows']:,} rows, {r['money'] or Decimal(0):,.2f})" for r in named)
    raise QualityError(
        f"files.{intake.table.name} is in several currencies: {told}. Sums of them mean nothing; nothing was written. "
        f"{of_signs([str(row['currency']) for row in named])}Say `currency` and `rates`, or refuse the others by a "
        "`reject`."
    )


def of_signs(found: Sequence[str]) -> str:
    """A sentence on the signs among currencies that several of these share."""
    shared = [sign for sign in SEVERAL if sign.upper() in found]
    if not shared:
        return ""
    may = " and ".join(f"{sign} may be {' or '.join(SEVERAL[sign])}" for sign in shared)
    likely = ", ".join(f"{sign}: {next((c for c in SEVERAL[sign] if c in found), SEVERAL[sign][0])}" for sign in shared)
    return f"{may}: say what it is, `currency_signs: {{{likely}}}`. "


def with_points(intake: Intake) -> list[str]:
    """Columns of numbers in text whose style nobody has said."""
    source = intake.source
    if source.numbers is not None:
        return []
    return [
        name
        for name, type_ in intake.types.items()
        if cells.has_decimals(type_)
        and name not in source.column_numbers
        and not (source.rounding and name in source.money_cells)
    ]


def refuse_points(found: Sequence[Row], names: Sequence[str], intake: Intake) -> None:
    """QualityError where all points stand before three digits: 15.000 is fifteen, or fifteen thousand."""
    if any(row[f"p{i}"] for row in found for i in range(len(names))):
        return
    told = []
    for i, name in enumerate(names):
        if count := sum(row[f"g{i}"] for row in found):
            first: Any = min(row[f"e{i}"] for row in found if row[f"e{i}"] is not None)
            value = f": {first['cell'].strip()!r}" if name in shown(intake) else ""
            told.append(f"{count:,} cells of {name} (such as {first['__name']}, row {first['__line']}{value})")
    if told:
        raise QualityError(
            f"files.{intake.table.name}: a point stands before three digits, and no cell tells whether decimals or "
            f"thousands are meant; nothing was written.\n  "
            + "\n  ".join(told)
            + "\nWrite `numbers: {decimal: '.'}` if they are decimals, `numbers: de_DE` if they are thousands."
        )


def with_groups(intake: Intake) -> list[str]:
    """Columns of numbers with decimals in whose style a point or a comma stands between thousands."""
    source = intake.source
    return [
        name
        for name, type_ in intake.types.items()
        if cells.has_decimals(type_) and (source.numbers_of(name).group or " ") in GROUP_OR_DECIMAL
    ]


def marks_of(number: int, name: str, intake: Intake) -> list[Column]:
    """How many cells hold the mark of thousands where only decimals can follow, how many hold it alone; and the first.

    1,5 and 0,500 show what 1,250 means: it is the same mark.
    """
    style, cell = intake.source.numbers_of(name), F.col(intake.cells[name])
    one = unified(cell, style)
    shapes = {
        "d": f"(0?[{style.group}][0-9]+|[0-9]+[{style.group}]([0-9]{{1,2}}|[0-9]{{4,}}))",
        "t": f"([1-9][0-9]{{0,2}}[{style.group}][0-9]{{3}})",
    }
    found = []
    for key, shape in shapes.items():
        has_it = F.coalesce(one.rlike(decorated(shape)), F.lit(False))
        where = F.struct("__name", "__line", cell.alias("cell"))
        found += [F.count_if(has_it).alias(f"m{key}{number}"), F.min(F.when(has_it, where)).alias(f"f{key}{number}")]
    return found


def refuse_both_marks(found: Sequence[Row], names: Sequence[str], intake: Intake) -> None:
    """QualityError where a column has the mark of thousands before decimals too: 1,250 may be one and a quarter."""
    told = []
    for i, name in enumerate(names):
        decimals, thousands = (sum(row[f"m{key}{i}"] for row in found) for key in "dt")
        if thousands and decimals and decimals >= FEWEST_DECIMALS * (decimals + thousands):
            mark = intake.source.numbers_of(name).group
            told.append(
                f"{decimals:,} cells of {name} ({first_of(found, f'fd{i}', name, intake)}) have {mark!r} before "
                f"decimals, and {thousands:,} ({first_of(found, f'ft{i}', name, intake)}) would be read as thousands. "
                f"If they are decimals all, say {decimal_setting(name, mark or '')}"
            )
    if told:
        raise QualityError(
            f"files.{intake.table.name}: one mark has two meanings; nothing was written.\n  "
            + "\n  ".join(told)
            + "\nElse fix the cells that `numbers` does not fit."
        )


def first_of(found: Sequence[Row], key: str, name: str, intake: Intake) -> str:
    """Where the first cell of a kind stands, and what it says if a message may show it."""
    row = suspicions.least(found, key)
    return suspicions.placed(row, row["cell"].strip(), name, intake)


def asked_keys(intake: Intake) -> list[str]:
    """The keys that the settings use, and that records of JSON must have somewhere."""
    return [
        name for name in intake.source.own_used if intake.source.format in JSON and name not in intake.source.absent
    ]


def told_of_keys(rows: DataFrame, lacking: Sequence[str], intake: Intake, is_first: bool) -> list[str]:
    """A sentence on keys without a value in any new record; QualityError where nobody can have seen one before."""
    if not lacking:
        return []
    known = keys_of(rows, intake)
    names = [f"{name}{near(name, known)}" for name in lacking]
    what = f"no new record has a value at {', '.join(names)}"
    if not is_first or intake.source.preset:
        return [what]
    raise QualityError(
        f"files.{intake.table.name}: {what}; nothing was written. Write it as the files have it, or, where records may "
        f"do without, say absent: [{', '.join(lacking)}]."
    )


def keys_of(rows: DataFrame, intake: Intake) -> set[str]:
    """Keys of the first records that no setting uses; of private records none, and none where arrays become rows."""
    if intake.table.is_private or intake.source.explode:
        return set()
    rest: Column = F.col(intake.cells[REST])
    found = collect_rows(rows.where(rest.isNotNull()).select(rest.alias("rest")).limit(RECORDS_LOOKED_AT), "keys")
    return {key for row in found for key in json.loads(row["rest"])}


def near(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
