"""Refusals that are no accident: all returns, all large amounts, one file, one month; and how the numbers look instead.

Cells that cannot be read by accident are few and anywhere. Where they are those of one sign, one size, one file or one
month, a sum of what is left is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import scipy
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.number_styles import PROPOSED, matches, unified
from vitalfew.errors import QualityError
from vitalfew.procedures.ingest import examples
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.procedures.ingest.readers import cells
from vitalfew.storage.contracts import Reconciliation

CHANCE = 1e-6
LEAST_SHARE = 0.5  # of the cells of a class that are refused
TIMES_OTHERS = 5.0


@dataclass(frozen=True)
class Group:
    """Cells of one kind: how many there are and were refused; and how many of all cells."""

    name: str
    rows: int
    refused: int
    all_rows: int
    all_refused: int

    def is_pattern(self, least: int) -> bool:
        """Whether these cells, and hardly others, are refused, beyond chance."""
        others, others_refused = self.all_rows - self.rows, self.all_refused - self.refused
        if self.refused < least or self.refused < LEAST_SHARE * self.rows or others <= 0:
            return False
        if self.refused * others < TIMES_OTHERS * others_refused * self.rows:
            return False
        return bool(scipy.stats.hypergeom.sf(self.refused - 1, self.all_rows, self.all_refused, self.rows) <= CHANCE)

    @property
    def text(self) -> str:
        others, refused = self.all_rows - self.rows, self.all_refused - self.refused
        return f"{self.refused:,} of {self.rows:,} {self.name} are refused, and {refused:,} of the {others:,} others"


def refuse_patterns(rows: DataFrame, intake: Intake, account: Reconciliation) -> None:
    """QualityError where the money of refused rows is too much, or what is refused has a sign, size, file or month."""
    if not account.rows_quarantined:
        return
    refuse_money(rows, intake)
    if intake.params.least_pattern is None:
        return
    found = [group for group in groups(rows, intake) if group.is_pattern(intake.params.least_pattern)]
    if found:
        told = [group.text for group in found[:5]] + first_cells(rows, intake) + proposals(rows, intake, account)
        raise QualityError(
            f"files.{intake.table.name}: what would be refused is no accident; nothing was written.\n  "
            + "\n  ".join(told)
            + "\nSay how these cells are written, or, where they are to be left out, refuse them by a `reject`."
        )


def first_cells(rows: DataFrame, intake: Intake) -> list[str]:
    """For the most frequent reasons, the first cell that is refused for it."""
    refused = rows.where("__reason is not null").groupBy("__reason")
    most = refused.agg(F.count(F.lit(1)).alias("n"), examples.example(intake)).orderBy(F.desc("n"), "__reason").limit(3)
    found = collect_rows(most, "refused cells")
    return [f"{row['__reason']} {examples.told(row['__reason'], row['example'], intake)}" for row in found]


def refuse_money(rows: DataFrame, intake: Intake) -> None:
    """QualityError where refused rows hold more of the money than the parameters allow.

    Rows that a `reject` names are left out on purpose: a total below the goods has as much money as they have.
    """
    if "amount" not in intake.table.columns:
        return
    size, share = F.abs("amount").cast("decimal(28,2)"), intake.params.max_quarantined_share
    is_meant = F.coalesce(F.col("__reason").isin(*intake.source.reject), F.lit(False))
    sums = rows.where(~is_meant).agg(F.sum(size), F.sum(F.when(F.col("__reason").isNotNull(), size)))
    whole, refused = (value or Decimal(0) for value in collect_rows(sums, "refused money")[0])
    if refused > Decimal(str(share)) * whole:
        raise QualityError(
            f"files.{intake.table.name}: {refused:,.2f} of {whole:,.2f} in new rows, signs apart, would be refused, "
            f"more than the share of {share} in max_quarantined_share; nothing was written. "
            "Read the cells of these rows against the target's file."
        )


def unreadable(name: str, type_: str) -> Column:
    """Whether the row is refused as its cell of the column `name` cannot be read."""
    return F.coalesce(F.col("__reason").contains(f"{name} is not a {type_}"), F.lit(False))


def checked(intake: Intake) -> dict[str, str]:
    """The columns of numbers and times that the settings use, and their types."""
    return {n: t for n, t in intake.types.items() if cells.is_number(t) or t in ("timestamp", "date")}


def groups(rows: DataFrame, intake: Intake) -> list[Group]:
    """Cells by what may set the refused ones apart."""
    columns = checked(intake)
    if not columns:
        return []
    asked = [(n, label, where) for n, type_ in columns.items() for label, where in classes(n, type_, intake).items()]
    counts = [F.count_if(unreadable(n, type_)).alias(f"a{i}") for i, (n, type_) in enumerate(columns.items())]
    for i, (name, _, where) in enumerate(asked):
        counts += [F.count_if(where).alias(f"n{i}"), F.count_if(where & unreadable(name, columns[name])).alias(f"r{i}")]
    row = collect_rows(rows.agg(F.count(F.lit(1)).alias("rows"), *counts), "refused cells")[0]
    refused = {name: row[f"a{i}"] for i, name in enumerate(columns)}
    found = [
        Group(f"cells of {name} {label}", row[f"n{i}"], row[f"r{i}"], row["rows"], refused[name])
        for i, (name, label, _) in enumerate(asked)
    ]
    if not any(refused.values()):
        return []
    return found + of_files(rows, intake, columns) + of_months(rows, intake, columns)


def classes(name: str, type_: str, intake: Intake) -> dict[str, Column]:
    """By its words, what a cell of numbers or times may have and others not."""
    cell = unified(F.col(intake.cells[name]))
    if not cells.is_number(type_):
        return {
            "whose first number is more than 12": F.coalesce(cell.rlike("^(1[3-9]|2[0-9]|3[01])[^0-9]"), F.lit(False)),
            "whose second number is more than 12": F.coalesce(
                cell.rlike("^[0-9]+[^0-9](1[3-9]|2[0-9]|3[01])([^0-9]|$)"), F.lit(False)
            ),
        }
    whole = F.regexp_replace(cell, "[.,][0-9]{0,2}[^0-9]*$", "")
    return {
        "with a minus or in brackets": F.coalesce(cell.rlike("[-(]"), F.lit(False)),
        "without a minus or brackets": ~F.coalesce(cell.rlike("[-(]"), F.lit(True)),
        "of a thousand and more": F.coalesce(F.length(F.regexp_replace(whole, "[^0-9]", "")) > 3, F.lit(False)),
        "with decimals": F.coalesce(cell.rlike("[0-9][.,][0-9]{1,2}[^0-9]*$"), F.lit(False)),
    }


def any_unreadable(columns: dict[str, str]) -> Column:
    return F.greatest(F.lit(False), *[unreadable(name, type_) for name, type_ in columns.items()])


def of_files(rows: DataFrame, intake: Intake, columns: dict[str, str]) -> list[Group]:
    """The rows of each file."""
    is_refused = any_unreadable(columns) | F.col("__content").isNotNull()
    counted = rows.groupBy("__file").agg(F.count(F.lit(1)), F.count_if(is_refused))
    names = [file.drop.name for file in intake.files]
    return each([(f"rows of {names[r[0]]}", r[1], r[2]) for r in collect_rows(counted, "refused rows of files")])


def of_months(rows: DataFrame, intake: Intake, columns: dict[str, str]) -> list[Group]:
    """The rows of each month, where their time can be read."""
    if intake.table.happened is None:
        return []
    month = F.date_format(intake.table.happened, "yyyy-MM")
    known = rows.where(F.col(intake.table.happened).isNotNull())
    counted = known.groupBy(month.alias("month")).agg(F.count(F.lit(1)), F.count_if(any_unreadable(columns)))
    return each([(f"rows of {r[0]}", r[1], r[2]) for r in collect_rows(counted, "refused rows of months")])


def each(counted: Sequence[tuple[str, int, int]]) -> list[Group]:
    """A group for each of `counted`: name, rows and refused rows."""
    rows, refused = sum(c[1] for c in counted), sum(c[2] for c in counted)
    return [Group(*c, rows, refused) for c in sorted(counted)]


def proposals(rows: DataFrame, intake: Intake, account: Reconciliation) -> list[str]:
    """What to write for each column of numbers of which cells cannot be read, by a look at all of its cells."""
    numbers = [n for n, t in intake.types.items() if cells.is_number(t)]
    if not account.rows_quarantined or not numbers:
        return []
    wanted: list[Column] = []
    for i, name in enumerate(numbers):
        cell = unified(F.col(intake.cells[name]))
        wanted += [F.count_if(unreadable(name, intake.types[name])).alias(f"u{i}"), F.count(cell).alias(f"n{i}")]
        wanted += [F.count_if(matches(cell, locale)).alias(f"{locale}{i}") for locale in PROPOSED]
    row = collect_rows(rows.agg(*wanted), "how numbers look")[0]
    return [text for i, name in enumerate(numbers) if row[f"u{i}"] and (text := proposal(name, i, row))]


def proposal(name: str, number: int, row: Any) -> str:
    """A sentence on the locales that fit all cells of a column; empty where none does."""
    cells_ = row[f"n{number}"]
    fit = [locale for locale in PROPOSED if row[f"{locale}{number}"] == cells_]
    if len(fit) == 1:
        return f"all {cells_:,} values of {name} look like {fit[0]}: write `numbers: {fit[0]}`"
    if fit:
        choice = " or ".join(f"`numbers: {locale}`" for locale in fit)
        return f"all {cells_:,} values of {name} may be {' or '.join(fit)}, and mean other numbers then: write {choice}"
    return ""
