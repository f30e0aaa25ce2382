"""From the columns of files to those of a source table, and what the settings and its contract say of a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.config.expressions import checked, sql_of
from vitalfew.config.files import MONEY
from vitalfew.config.sql_names import is_column
from vitalfew.dataframes.exact_decimals import exact, fitted, rounded, shifted
from vitalfew.dataframes.identifiers import SAID, exact_rules, identifiers, is_placeholder, named
from vitalfew.dataframes.number_styles import code_of, currency_of
from vitalfew.dataframes.ratios import ratio
from vitalfew.dataframes.sql_text import quoted
from vitalfew.domain.product_levels import groupings
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.tables.sources import RETURNS_ARE_NEGATIVE
from vitalfew.white_space import BLANKS, UNSEEN, WHITE

DISCOUNT = "__discount"  # on the order of a row, as far as the settings name one
FILE_OF_ORDER = "__file_of_order"  # the digest of the file of a row, where orders are made of rows
LOST = "__lost"  # what the rounding of a cell has taken from the amount
REASONS = {
    RETURNS_ARE_NEGATIVE: "a return whose quantity or amount is positive; if they are so in the file, set "
    "returns: {when: ..., sign: positive_in_file}"
}


def with_our_columns(known: DataFrame, intake: Intake, carried: Sequence[str]) -> DataFrame:
    """`carried`, the columns of the table, and in `__rejected` what the settings hold against the row."""
    source, table = intake.source, intake.table
    theirs = [F.col(quoted(name)) for name in source.used if name.lower() not in source.columns]
    seen = with_exact_money(known, intake).select(
        *carried,
        F.concat_ws("; ", *unfit(intake)).alias("__unfit"),
        lost_by_rounding(intake).alias("__rounded"),
        *[our_column(name, intake).alias(name) for name in source.columns],
        *theirs,
    )
    seen = in_one_currency(without_placeholders(seen, intake), intake)
    ours = {
        name: F.col(name) if name in source.columns else F.lit(None).cast(table.type_of(name)) for name in intake.ours
    }
    if table.name == "order_lines":
        kind = F.when(holds(source.charges), "charge").when(holds(source.returned), "return")
        ours["kind"] = kind.otherwise(ours["kind"])
        if source.order_is:
            ours["order_id"] = made_order(ours, intake)
        if "currency" not in source.columns:
            ours["currency"] = sign_of_money(intake)
        ours |= {name: of_item(ours[name]) for name in MONEY if source.is_spread(name)}
        if source.turns_returns:
            ours |= {name: turned(ours[name], ours["kind"]) for name in ("quantity", "amount", "cost")}
    lost = F.when(F.col("__item") == 1, F.col("__rounded")) if source.is_spread("amount") else F.col("__rounded")
    if source.turns_returns:
        lost = F.when((ours["kind"] == "return") & (F.col("amount") > 0), -lost).otherwise(lost)
    rejected = [F.when(holds(condition), reason) for reason, condition in source.reject.items()]
    is_rejected = F.coalesce(*rejected, F.lit("")) != ""
    return seen.select(
        *carried,
        F.concat_ws("; ", *rejected, said(F.col("__unfit")), no_rate(intake)).alias("__rejected"),
        (is_rejected & (F.col("__unfit") == "")).alias("__is_rejected"),
        lost.alias("__rounded"),
        "__placeholder",
        *[column.alias(name) for name, column in ours.items()],
    )


def computed_money(intake: Intake) -> list[str]:
    """Our columns of money that an expression gives."""
    return [name for name in MONEY if name in intake.source.columns and name not in plainly_mapped(intake)]


def plainly_mapped(intake: Intake) -> set[str]:
    """Our columns that are theirs as they are."""
    return {
        name
        for name, text in intake.source.columns.items()
        if is_column(text) and intake.types[text.strip("`")] == intake.table.type_of(name)
    }


def exact_name(name: str) -> str:
    return f"__exact_{name}"


def with_exact_money(known: DataFrame, intake: Intake) -> DataFrame:
    """`known`, and each computed money to the last digit, before it is rounded: `__exact_amount`, `__exact_cost`."""
    names = computed_money(intake)
    if not names:
        return known
    texts = [F.expr(f"cast(({sql_of(intake.source.columns[n])}) as string)").alias(exact_name(n)) for n in names]
    columns = [F.col(quoted(name)) for name in known.columns]
    digits = known.select(*columns, *texts).select(
        *columns, *[shifted(F.col(exact_name(n))).alias(exact_name(n)) for n in names]
    )
    return digits.select(*columns, *[exact(exact_name(n)).alias(exact_name(n)) for n in names])


def lost_by_rounding(intake: Intake) -> Column:
    """By how much the amount of a row was more, before it was rounded to cents."""
    how, money = intake.source.rounding or "half_up", "decimal(28,8)"
    if "amount" not in computed_money(intake):
        return F.col(LOST).cast(money)
    whole = F.col(exact_name("amount"))
    return (whole - rounded(whole, 2, how)).cast(money)


def of_orders(intake: Intake) -> list[str]:
    """The columns that orders are made of where the files have no order id."""
    return [FILE_OF_ORDER] if intake.source.order_is else []


def made_order(ours: dict[str, Column], intake: Intake) -> Column:
    """An order id where the files have none: of the row of the file, or of a customer at a moment."""
    of_row = F.concat(F.left(F.col(FILE_OF_ORDER), F.lit(16)), F.lit("-"), F.col("__line").cast("string"))
    if intake.source.order_is == "row":
        return of_row
    moment = F.date_format(ours["ordered_at"], "yyyy-MM-dd HH:mm:ss")
    return F.when(ours["customer_id"].isNull(), of_row).otherwise(F.concat_ws(" ", ours["customer_id"], moment))


def of_item(value: Column) -> Column:
    """The part of a basket's money that is an item's: equal parts, and a cent more for the first, if some are left."""
    cents, count = (F.abs(value) * 100).cast("decimal(18,0)"), F.col("__items").cast("decimal(10,0)")
    left = cents % count
    whole = ratio(cents - left, count).cast("decimal(18,0)")
    share = whole + F.when(F.col("__item") <= left, 1).otherwise(0).cast("decimal(1,0)")
    money = (share / 100).cast("decimal(18,2)")
    return F.when(value < 0, -money).otherwise(money).cast("decimal(18,2)")


def turned(value: Column, kind: Column) -> Column:
    """The value of a line, negative where the line is a return."""
    return F.when(kind == "return", -F.abs(value)).otherwise(value)


def our_column(name: str, intake: Intake) -> Column:
    """One of our columns, in its type; NULL where its value does not fit."""
    if name in computed_money(intake):
        return fitted(F.col(exact_name(name)), intake.table.type_of(name), intake.source.rounding or "half_up")
    column = F.expr(f"try_cast(({sql_of(intake.source.columns[name])}) as {intake.table.type_of(name)})")
    edits = intake.source.normalise.get(name, ())
    for edit in edits:
        column = edited(column, edit)
    if name == "currency":
        column = code_of(column, intake.source.currency_signs)
    return said(column) if edits else column


def sign_of_money(intake: Intake) -> Column:
    """The currency that stands in the cells of money, so that a later file in another one is known."""
    cells = [F.col(intake.cells[name]) for name in intake.columns if name in intake.source.money_cells]
    signs = intake.source.currency_signs
    return F.coalesce(*[currency_of(cell, signs) for cell in cells], F.lit(None).cast("string"))


def currency_code() -> Column:
    return F.upper(F.trim("currency"))


def no_rate(intake: Intake) -> Column:
    """A sentence where the currency of a row is neither the one that is wanted nor one that has a rate."""
    if not intake.source.rates:
        return F.lit(None).cast("string")
    known = F.coalesce(currency_code(), F.lit("")).isin(intake.source.currency, *intake.source.rates)
    return F.when(~known, F.concat(F.lit("no rate for the currency "), F.coalesce("currency", F.lit("(none)"))))


def in_one_currency(seen: DataFrame, intake: Intake) -> DataFrame:
    """`seen`, its money converted by the rates of the source; the currency stays where there is no rate."""
    source = intake.source
    if not source.rates:
        return seen
    how = source.rounding or "half_up"
    rate = F.coalesce(*[F.when(currency_code() == code, F.lit(text)) for code, text in source.rates.items()])
    wide = seen.withColumn("__rate", rate.cast("decimal(19,10)"))
    changed = {
        name: F.when(
            F.col("__rate").isNotNull(),
            fitted((F.col(name) * F.col("__rate")).cast("decimal(38,10)"), intake.table.type_of(name), how),
        ).otherwise(F.col(name))
        for name in MONEY
        if name in source.columns
    }
    if source.of_order:
        off = (F.col(DISCOUNT) * F.col("__rate")).cast("decimal(38,10)")
        changed[DISCOUNT] = F.when(F.col("__rate").isNotNull(), fitted(off, "decimal(18,2)", how)).otherwise(
            F.col(DISCOUNT)
        )
    changed["currency"] = F.when(F.col("__rate").isNotNull(), source.currency).otherwise(F.col("currency"))
    return wide.select(*[changed.get(n, F.col(quoted(n))).alias(n) for n in seen.columns])


def without_placeholders(seen: DataFrame, intake: Intake) -> DataFrame:
    """`seen` with NULL for texts that stand where nothing is known; `__placeholder`: whether an identifier was one."""
    identifying = named(intake.table)
    columns = [name for name in (*identifying, *groupings(intake.table)) if name in intake.source.columns]
    found = {name: is_placeholder(F.col(name), intake.source.placeholders) for name in columns}
    flags = reduce(or_, (found[name] for name in columns if name in identifying), F.lit(False))
    others = [F.when(~found[n], F.col(n)).alias(n) if n in found else F.col(quoted(n)) for n in seen.columns]
    return seen.select(*others, flags.alias("__placeholder"))


def unfit(intake: Intake) -> list[Column]:
    """A sentence for every value that its column cannot hold."""
    found = []
    for name, text in intake.source.columns.items():
        type_ = intake.table.type_of(name)
        if name in computed_money(intake):
            is_lost = F.expr(f"({sql_of(text)}) is not null") & our_column(name, intake).isNull()
            found.append(F.when(is_lost, f"{name} does not fit {type_}"))
        elif not is_column(text) or intake.types[text.strip("`")] != type_:
            sql = sql_of(text)
            is_lost = F.expr(f"({sql}) is not null and try_cast(({sql}) as {type_}) is null")
            found.append(F.when(is_lost, f"{name} does not fit {type_}"))
    return found


def edited(column: Column, edit: str) -> Column:
    if edit == "trim":
        return F.btrim(column, F.lit(WHITE))
    if edit == "unwrap":
        return F.regexp_replace(column, """^(?:="(.*)"|'([0-9].*))$""", "$1$2")
    if edit == "whole":
        return F.regexp_replace(column, "^([0-9]+)[.]0+$", "$1")
    if edit == "squeeze":
        return F.regexp_replace(F.regexp_replace(column, f"[{UNSEEN}]+", ""), f"[{BLANKS}]+", " ")
    return F.upper(column) if edit == "upper" else F.lower(column)


def breaches(intake: Intake) -> Column:
    """How a row breaks the contract of the table, in words; empty where it does not."""
    columns = [column for column in intake.table.declared if column.name in intake.ours]
    times = [c for c in columns if c.type in ("timestamp", "date")]
    dated = [] if intake.table.counts_early else times
    ids = identifiers(intake.table)
    earliest = intake.params.earliest
    first = F.lit(str(earliest)).cast("timestamp")
    last = F.lit(str(intake.now + timedelta(days=intake.params.days_ahead)))
    return F.concat_ws(
        "; ",
        *[F.when(F.col(c.name).isNull(), f"{c.name} is missing") for c in columns if c.required],
        *[F.when(~F.expr(rule), f"{n} {SAID}") for n, rule in zip(ids, exact_rules(intake.table), strict=True)],
        *[F.when(F.col(c.name) > last.cast(c.type), f"{c.name} is in the future") for c in dated],
        *[F.when(F.col(c.name) < first, f"{c.name} is before {earliest}") for c in times if c.type == "timestamp"],
        *[
            F.when(~F.coalesce(F.expr(rule), F.lit(False)), REASONS.get(rule, f"not: {rule}"))
            for rule in intake.table.always
        ],
    )


def holds(condition: str | None) -> Column:
    """Whether a condition of the settings holds; one that is NULL does not."""
    return F.coalesce(F.expr(checked(condition)), F.lit(False)) if condition else F.lit(False)


def said(text: Column) -> Column:
    """`text`, or NULL where it says nothing."""
    return F.when(text != "", text)
