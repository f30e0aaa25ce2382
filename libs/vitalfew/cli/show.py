"""Rows of a table on a terminal or in a pipe."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import click
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew import confidential, suite
from vitalfew.cli import layouts
from vitalfew.cli.layouts import screen_width
from vitalfew.cli.no_rows import no_row
from vitalfew.config.expressions import checked, columns_of, problem
from vitalfew.config.loading import Config
from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.small_groups import BASKETS, OF_PEOPLE, without_small_groups
from vitalfew.engines.engine import first_line
from vitalfew.errors import ConfigError, TableError, hint
from vitalfew.jobs.summary.tables import SUMMARY
from vitalfew.messages.sentences import row_in_words, with_texts
from vitalfew.messages.words import Words
from vitalfew.report.text import as_text
from vitalfew.runs.published import Published
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table
from vitalfew.visible_text import visible, visible_lines


@dataclass(frozen=True)
class View:
    """Which rows are shown: of one slice, those for which `where` holds, by their key or the highest of `by` first."""

    as_of: date | None
    limit: int | None
    where: str | None = None
    by: str | None = None
    language: str | None = None
    min_group: int | None = None
    columns: tuple[str, ...] = ()
    """All, if none is named."""
    contacts: bool = False
    """Whether contact details are shown as they are."""

    def check(self, table: Table) -> None:
        """ConfigError, if what is asked for cannot be."""
        if self.min_group is not None and table.name not in OF_PEOPLE:
            raise ConfigError(
                f"--min-group is for tables that count people, and {table.name} is none; "
                f"they are: {', '.join(OF_PEOPLE)}."
            )
        wrong = problem(self.where) if self.where is not None else None
        if wrong:
            raise ConfigError(f"--where is {self.where!r}: {wrong.removesuffix('.')}.")
        unknown = sorted(columns_of(self.where or "null") - set(table.columns))
        if unknown:
            raise ConfigError(
                f"--where is {self.where!r}, and {unknown[0]} is no column of {table.name}; "
                f"{hint(unknown[0], table.columns)} (vitalfew tables {table.name} prints its columns)"
            )
        if self.by is not None and self.by not in table.columns:
            raise ConfigError(f"--by is {self.by!r}, no column of {table.name}; {hint(self.by, table.columns)}")
        for name in self.columns:
            if name not in table.columns:
                raise ConfigError(f"--columns names {name!r}, no column of {table.name}; {hint(name, table.columns)}")
        self.refuse_guesses(table)

    def refuse_guesses(self, table: Table) -> None:
        """ConfigError where the rows that are shown, or their order, would tell a contact detail that is masked."""
        if self.contacts:
            return
        asked = {"--where": columns_of(self.where or "null"), "--by": {self.by or ""}}
        for option, names in asked.items():
            for name in sorted(names & {*table.contact_details}):
                raise ConfigError(f"{option} asks for {name}, a contact detail of {table.name}: add --contacts.")

    def told(self, table: Table) -> tuple[str, ...]:
        """The columns that are asked for; of all, those for people."""
        return self.columns or told(table)

    def masked(self, table: Table) -> tuple[str, ...]:
        """The columns of which only the lengths of the values are shown."""
        return () if self.contacts else tuple(name for name in self.told(table) if name in table.contact_details)

    def words(self, config: Config) -> Words | None:
        """Those of the language that is asked for; None where the sentences stay as they are."""
        return None if self.language is None else Words(self.language, config.target.currency)

    def chosen(self, frame: DataFrame, table: Table) -> DataFrame:
        """The rows that are asked for, in order."""
        chosen = frame.where(checked(self.where)) if self.where is not None else frame
        key = table.key or tuple(table.columns)
        ordered = chosen.orderBy(*([F.desc_nulls_last(self.by)] if self.by else []), *key)
        return ordered if self.limit is None else ordered.limit(self.limit)


@contextmanager
def asking(table: Table, view: View) -> Iterator[None]:
    """ConfigError where a condition that could be read cannot be asked."""
    try:
        yield
    except PySparkException as error:
        if view.where is None:
            raise
        with confidential.about(table):
            reason = first_line(error)
        raise ConfigError(
            f"--where is {view.where!r}, which cannot be asked of {table.name}: {reason} "
            f"(vitalfew tables {table.name} prints its columns)"
        ) from error


def on_standard_error(sentence: str) -> None:
    """Tell it beside the answer."""
    click.echo(sentence, err=True)


def viewed(
    storage: Storage, config: Config, table: Table, view: View, tell: Callable[[str], None] = on_standard_error
) -> DataFrame:
    """Published rows of `table`: of the slice that is asked for, without small groups, in the language asked for."""
    if not storage.exists(table):
        writer = suite.owner(table)
        advice = f"run it first: vitalfew run {writer.name}" if writer else "check `sources` of the target"
        raise TableError(f"There is no table {table.name} at {storage.target.location(table.name).at}; {advice}.")
    frame = Published(storage, config.target.files).read(table)
    if table.slice == "as_of":
        frame = one_slice(frame, table, view.as_of)
    if view.min_group is not None:
        frame, gone, groups = without_small_groups(frame, table, view.min_group)
        if gone:
            few = (
                "rows are hidden, as few baskets are behind"
                if table.name in BASKETS
                else "groups are hidden, as few people are in"
            )
            tell(f"{gone} of {groups} {few} them.")
    words = view.words(config)
    return with_texts(frame, table, words) if words and table.texts and table is not SUMMARY else frame


def display(storage: Storage, config: Config, table: Table, view: View, form: str = "table") -> None:
    """Print published rows of `table`, in one of `layouts.FORMATS`."""
    frame = viewed(storage, config, table, view)
    if table is SUMMARY and form == "table" and not view.columns:
        words = view.words(config)
        lines = collect_rows(frame, "the summary")
        page = as_text([row_in_words(line, SUMMARY, words) for line in lines] if words else lines)
        click.echo(visible_lines(page))
        return
    columns, masked = view.told(table), view.masked(table)
    with asking(table, view):
        rows = collect_rows(without_details(view.chosen(frame, table), masked), table.name)
    if masked and rows:
        click.echo(f"Contact details are masked ({', '.join(masked)}); --contacts shows them.", err=True)
    if not rows:
        on_standard_error(no_row(frame, table, view.where))
    click.echo(laid_out(list(columns), [[row[name] for name in columns] for row in rows], form))


def without_details(frame: DataFrame, masked: Collection[str]) -> DataFrame:
    """`frame`, of whose columns `masked` only the lengths are shown."""
    lengths = {name: F.concat(F.lit("["), F.length(name), F.lit(" characters]")).alias(name) for name in masked}
    return frame.select(*[lengths.get(name, F.col(name)) for name in frame.columns]) if lengths else frame


def laid_out(header: list[str], rows: list[list[Any]], form: str) -> str:
    """Rows as text in one of `layouts.FORMATS`; a table stands upright where a row is wider than the terminal."""
    if form == "csv":
        return layouts.as_csv(header, rows)
    if form == "json":
        return layouts.as_json(header, rows)
    cells = [[shown(value) for value in row] for row in rows]
    return layouts.as_markdown(header, cells) if form == "markdown" else layouts.drawn(header, cells, screen_width())


def told(table: Table) -> tuple[str, ...]:
    """The columns for people: without the values of sentences, which are in these."""
    return tuple(name for name in table.columns if name not in {f"{text}_values" for text in table.texts})


def one_slice(frame: DataFrame, table: Table, as_of: date | None) -> DataFrame:
    """The slice of `as_of`, or the newest; TableError, naming those there are, where it is not there."""
    days = sorted(row["as_of"] for row in collect_rows(frame.select("as_of").distinct(), "days"))
    if not days:
        raise TableError(f"{table.name} holds no rows: its job has run, and there was nothing to tell on any day yet.")
    day = as_of or days[-1]
    if day not in days:
        raise TableError(f"{table.name} has no slice as of {day}; it has: {', '.join(map(str, days[-10:]))}.")
    return frame.where(F.col("as_of") == F.lit(day))


def shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 100_000 else f"{value:.2f}".removesuffix(".00")
    if isinstance(value, list):
        return visible(", ".join(map(str, value)))
    return visible(str(value))
