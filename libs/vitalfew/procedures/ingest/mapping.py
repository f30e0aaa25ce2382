"""From the columns of files to those of a source table, and what the settings and its contract say of a row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.config.expressions import checked, is_column, sql_of
from vitalfew.dataframes.sql_text import quoted
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.procedures.ingest.readers import cells


def with_our_columns(known: DataFrame, intake: Intake, carried: Sequence[str]) -> DataFrame:
    """`carried`, the columns of the table, and in `__rejected` what the settings hold against the row."""
    source, table = intake.source, intake.table
    theirs = [F.col(quoted(name)) for name in source.used if name.lower() not in source.columns]
    seen = known.select(
        *carried,
        F.concat_ws("; ", *unfit(intake)).alias("__unfit"),
        *[our_column(name, intake).alias(name) for name in source.columns],
        *theirs,
    )
    ours = {
        name: F.col(name) if name in source.columns else F.lit(None).cast(table.type_of(name)) for name in intake.ours
    }
    if table.name == "order_lines":
        kind = F.when(holds(source.charges), "charge").when(holds(source.returns), "return")
        ours["kind"] = kind.otherwise(ours["kind"])
    rejected = [F.when(holds(condition), reason) for reason, condition in source.reject.items()]
    return seen.select(
        *carried,
        F.concat_ws("; ", *rejected, said(F.col("__unfit"))).alias("__rejected"),
        *[column.alias(name) for name, column in ours.items()],
    )


def our_column(name: str, intake: Intake) -> Column:
    """One of our columns, in its type; NULL where its value does not fit."""
    column = F.expr(f"try_cast(({sql_of(intake.source.columns[name])}) as {intake.table.type_of(name)})")
    edits = intake.source.normalise.get(name, ())
    for edit in edits:
        column = edited(column, edit)
    return said(column) if edits else column


def unfit(intake: Intake) -> list[Column]:
    """A sentence for every value that its column cannot hold."""
    found = []
    for name, text in intake.source.columns.items():
        type_ = intake.table.type_of(name)
        if not is_column(text) or intake.types[text.strip("`")] != type_:
            sql = sql_of(text)
            is_lost = F.expr(f"({sql}) is not null and try_cast(({sql}) as {type_}) is null")
            found.append(F.when(is_lost, f"{name} does not fit {type_}"))
    return found


def edited(column: Column, edit: str) -> Column:
    if edit == "trim":
        return F.btrim(column, F.lit(cells.WHITE))
    if edit == "squeeze":
        return F.regexp_replace(column, f"[{cells.WHITE}]+", " ")
    return F.upper(column) if edit == "upper" else F.lower(column)


def breaches(intake: Intake) -> Column:
    """How a row breaks the contract of the table, in words; empty where it does not."""
    columns = [column for column in intake.table.declared if column.name in intake.ours]
    times = [c for c in columns if c.type in ("timestamp", "date")]
    earliest = intake.params.earliest
    first = F.lit(str(earliest)).cast("timestamp")
    last = F.lit(str(intake.now + timedelta(days=intake.params.days_ahead)))
    return F.concat_ws(
        "; ",
        *[F.when(F.col(c.name).isNull(), f"{c.name} is missing") for c in columns if c.required],
        *[F.when(F.col(c.name) > last.cast(c.type), f"{c.name} is in the future") for c in times],
        *[F.when(F.col(c.name) < first, f"{c.name} is before {earliest}") for c in times if c.type == "timestamp"],
        *[F.when(~F.coalesce(F.expr(rule), F.lit(False)), f"not: {rule}") for rule in intake.table.always],
    )


def holds(condition: str | None) -> Column:
    """Whether a condition of the settings holds; one that is NULL does not."""
    return F.coalesce(F.expr(checked(condition)), F.lit(False)) if condition else F.lit(False)


def said(text: Column) -> Column:
    """`text`, or NULL where it says nothing."""
    return F.when(text != "", text)
