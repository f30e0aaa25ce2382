"""Values that are likely not what they seem: ids in wrappings, totals among the goods, times at the start of 1970."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.config.json_names import JSON
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.identifiers import identifiers
from vitalfew.errors import QualityError
from vitalfew.procedures.ingest.examples import shown
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.white_space import WHITE

WRAPPED = r"""^(=".*"|'[0-9].*)$"""
"""What makes a spreadsheet take digits for text."""
POINT_ZERO, NESTED, PADDED, WITHIN, COUNTED = "point_zero", "nested", "padded", "within", "counted"
UNLIKE_SPACE = WHITE.translate(dict.fromkeys(map(ord, " \t\n\v\f\r")))
"""White space and unseen marks that nobody types."""
FORMS = {
    POINT_ZERO: "^[0-9]+[.]0$",
    NESTED: r"^([\[].*[\]]|[{].*[}])$",
    PADDED: "^0+[1-9][0-9]*$",
    WITHIN: f"[^{WHITE}][{UNLIKE_SPACE}]+ *[^{WHITE}]",
    COUNTED: "^[1-9][0-9]{0,2} ?[xX×] .|. [xX×] ?[1-9][0-9]{0,2}$",
}
"""Forms of ids that tell of what a program has done to them."""
TOTALS = (
    *("total", "totals", "subtotal", "sub total", "sub-total", "grand total", "sum", "summe", "gesamt", "gesamtsumme"),
    *("zwischensumme", "somme", "sous-total", "total général", "suma", "totale", "subtotale", "soma", "totaal"),
    *("subtotaal", "toplam", "ara toplam", "genel toplam", "razem", "celkem", "summa", "yhteensä", "итого", "всего"),
    *("合计", "合計", "总计", "總計", "小计", "小計", "累計", "합계", "소계", "총계"),
)
MOST_OF_TOTALS = 3
"""Totals are refused where their money is at least a third of all: a product may be called Total."""
NEAR_1970 = date(1970, 3, 1)
"""Seconds of any year up to 2130, read as milliseconds, lie before it."""


def counts(intake: Intake, is_sound: Column, money: Column) -> list[Column]:
    """What `told` and `refuse` need to know, of rows that are used."""
    found = [F.max(F.when(is_sound, F.col(intake.time))).alias("last_time")] if has_times(intake) else []
    for i, name in enumerate(ids(intake)):
        where = F.struct("__name", "__line", F.col(name).alias("value"))
        is_odd = F.coalesce(is_sound & is_wrapped(F.col(name)), F.lit(False))
        found += [F.count_if(is_odd).alias(f"w{i}"), F.min(F.when(is_odd, where)).alias(f"we{i}")]
        for key, likely in asked_forms(F.col(name), intake).items():
            has_it = F.coalesce(F.when(is_sound & likely, F.col(name).rlike(FORMS[key])), F.lit(False))
            found += [F.count_if(has_it).alias(f"{key}{i}"), F.min(F.when(has_it, where)).alias(f"{key}e{i}")]
    if goods(intake):
        called = [is_called_total(name) for name in ids(intake)]
        is_total = F.coalesce(is_sound & reduce(or_, called), F.lit(False))
        where = F.coalesce(*[F.when(c, total_of(name)) for c, name in zip(called, ids(intake), strict=True)])
        found += [
            F.count_if(is_total).alias("totals"),
            F.sum(F.when(is_total, F.abs(money))).alias("totals_money"),
            F.sum(F.when(is_sound, F.abs(money))).alias("gross_money"),
            F.min(F.when(is_total, where)).alias("totals_first"),
        ]
    return found


def ids(intake: Intake) -> list[str]:
    """Our columns of ids that the source fills."""
    return [name for name in identifiers(intake.table) if name in intake.source.columns]


def asked_forms(value: Column, intake: Intake) -> dict[str, Column]:
    """The forms that ids of a source may have, each with a test that is cheaper than its pattern."""
    asked = {
        POINT_ZERO: F.endswith(value, F.lit(".0")),
        PADDED: F.startswith(value, F.lit("0")),
        WITHIN: F.octet_length(value) > F.length(value),
    }
    if intake.source.format in (*JSON, "parquet"):
        asked[NESTED] = F.left(value, F.lit(1)).isin("[", "{")
    if intake.source.items:
        asked[COUNTED] = value.contains(" ")
    return asked


def is_called_total(name: str) -> Column:
    """Whether one of our columns says that its row is a sum of others: most have the word in their first column."""
    return F.coalesce(F.lower(F.btrim(F.col(name), F.lit(WHITE + ":"))).isin(*TOTALS), F.lit(False))


def total_of(name: str) -> Column:
    """Where a total stands, and by which of our columns it is one."""
    return F.struct("__name", "__line", F.lit(name).alias("column"), F.col(name).alias("value"))


def goods(intake: Intake) -> bool:
    """Whether rows say which product brought which money."""
    return {"product_id", "amount"} <= {*intake.table.columns} and "product_id" in intake.source.columns


def has_times(intake: Intake) -> bool:
    """Whether each row has its time."""
    return bool(intake.times)


def is_wrapped(value: Column) -> Column:
    """Whether there is something around an id that is no part of it."""
    return (F.btrim(value, F.lit(WHITE)) != value) | value.rlike(WRAPPED)


def refuse(found: Sequence[Row], intake: Intake) -> None:
    """QualityError where all times are those of the first weeks of 1970, or totals are counted as goods."""
    last = max((row["last_time"] for row in found if has_times(intake) and row["last_time"]), default=None)
    if last is not None and last.date() < NEAR_1970:
        raise QualityError(
            f"files.{intake.table.name}: all {intake.time} lie at the start of 1970 (the last is {last}), as seconds "
            "do that are read as milliseconds; nothing was written. Write timestamp_seconds(…) for seconds since 1970."
        )
    if goods(intake) and summed(found, "totals"):
        money, all_ = summed(found, "totals_money"), summed(found, "gross_money")
        if MOST_OF_TOTALS * money >= all_ > 0:
            raise QualityError(
                f"files.{intake.table.name}: {total_lines(found, intake)}, of {all_:,.2f} in all, so that goods would "
                f"count twice; nothing was written. {cure(found, intake)}"
            )


def told(found: Sequence[Row], intake: Intake) -> list[str]:
    """Sentences on what may be meant, and may be a mistake."""
    said = []
    for i, name in enumerate(ids(intake)):
        if count := summed(found, f"w{i}"):
            said.append(
                f"{count:,} values of {name} ({first(found, f'we{i}', name, intake)}) have white space or a "
                f"spreadsheet's marks around them, and are other ids than those without; to take them off: "
                f"normalise: {{{name}: [trim, unwrap]}}"
            )
        said += told_of_forms(found, i, name, intake)
    if goods(intake) and summed(found, "totals"):
        said.append(f"{total_lines(found, intake)}. {cure(found, intake)}")
    return said


def told_of_forms(found: Sequence[Row], number: int, name: str, intake: Intake) -> list[str]:
    """Sentences on ids that went through a program for numbers, or are no single values."""
    said = []
    if count := summed(found, f"{POINT_ZERO}{number}"):
        said.append(
            f"{count:,} values of {name} ({first(found, f'{POINT_ZERO}e{number}', name, intake)}) end in .0, as where "
            "a program took them for numbers, and are other ids than those without; to take it off: "
            f"normalise: {{{name}: [whole]}}"
        )
    if count := summed(found, f"{WITHIN}{number}"):
        said.append(
            f"{count:,} values of {name} ({first(found, f'{WITHIN}e{number}', name, intake)}) have characters within "
            "that look like a space or like nothing, and are other ids than those without; to make one space of them: "
            f"normalise: {{{name}: [squeeze]}}"
        )
    if intake.source.items and (count := summed(found, f"{COUNTED}{number}")):
        said.append(
            f"{count:,} values of {name} ({first(found, f'{COUNTED}e{number}', name, intake)}) hold a quantity: map "
            f"{name} and quantity by regexp_replace(…) and regexp_extract(…) of the item, or each count is an id"
        )
    if NESTED in asked_forms(F.col(name), intake) and (count := summed(found, f"{NESTED}{number}")):
        said.append(
            f"{count:,} values of {name} ({first(found, f'{NESTED}e{number}', name, intake)}) are lists or objects: "
            "name the key within them, as in items.sku, and the array that becomes rows, explode"
        )
    return said


def told_of_zeros(rows: DataFrame, found: Sequence[Row], intake: Intake) -> list[str]:
    """Sentences on ids that stand with zeros before them and without, as after a spreadsheet: 0012 and 12 are two."""
    said = []
    for i, name in enumerate(ids(intake)):
        if not summed(found, f"{PADDED}{i}"):
            continue
        digits = rows.where(F.col("__reason").isNull() & F.col(name).rlike("^[0-9]*[1-9][0-9]*$"))
        forms = digits.groupBy(F.regexp_replace(name, "^0+", "").alias("bare")).agg(
            F.count_distinct(name).alias("forms"), F.min(name).alias("one"), F.max(name).alias("other")
        )
        several = forms.where("forms > 1").agg(F.count("*").alias("ids"), F.min(F.struct("one", "other")).alias("e"))
        row = collect_rows(several, "ids with zeros before them and without")[0]
        if row["ids"]:
            is_shown = intake.source.columns[name].strip("`") in shown(intake)
            such = f" (such as {row['e']['one']!r} and {row['e']['other']!r})" if is_shown else ""
            said.append(
                f"{row['ids']:,} values of {name} stand with zeros before them and without{such}, and are two ids "
                "each. If a program took the zeros off some files, export these as text; else write an expression "
                f"under columns.{name}, such as lpad(…)"
            )
    return said


def summed(found: Sequence[Row], name: str) -> Decimal:
    """Of all currencies together."""
    return sum((Decimal(row[name] or 0) for row in found), Decimal(0))


def total_lines(found: Sequence[Row], intake: Intake) -> str:
    """How many rows are called a total, where the first of them stands, and what they bring."""
    where = first(found, "totals_first", str(least(found, "totals_first")["column"]), intake)
    count, money = summed(found, "totals"), summed(found, "totals_money")
    return f"{count:,} rows are called a total ({where}) and bring {money:,.2f}"


def cure(found: Sequence[Row], intake: Intake) -> str:
    """The setting that leaves totals out, ready to paste."""
    row = least(found, "totals_first")
    value, column = str(row["value"]).replace("'", "''"), intake.source.columns[row["column"]]
    return f"""If they are no goods: reject: {{a total: "{column} = '{value}'"}}"""


def first(found: Sequence[Row], key: str, name: str, intake: Intake) -> str:
    """Where the first such row stands, and what our column `name` says there if a message may show it."""
    row = least(found, key)
    return placed(row, row["value"], intake.source.columns[name].strip("`"), intake)


def placed(row: Row, value: str, column: str, intake: Intake) -> str:
    """Where a row stands, and the value there if a message may show the column of the file."""
    said = f": {value!r}" if column in shown(intake) else ""
    return f"such as {row['__name']}, row {row['__line']}{said}"


def least(found: Sequence[Row], name: str) -> Any:
    return min(row[name] for row in found if row[name] is not None)
