"""A query of a user over what is published: checked, bound to views of one slice of each table, and answered."""

from __future__ import annotations

import re
import secrets
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from types import FrameType
from typing import Any

import click
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

from vitalfew.cli.show import View, laid_out, on_standard_error, told, viewed
from vitalfew.config.loading import Config
from vitalfew.config.queries import Query
from vitalfew.config.sql_names import NotAllowedError
from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.free_text import under_cover
from vitalfew.domain.small_groups import OF_PEOPLE
from vitalfew.engines.engine import first_line
from vitalfew.errors import ConfigError, OutOfTimeError
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES
from vitalfew.tables import Table

UNNAMED = re.compile(r'"#\d+"|does not support logical expression Aggregate')
"""How the embedded engine names a column or an aggregate that it cannot find: nothing that helps a reader."""


@dataclass(frozen=True)
class Limits:
    """Which slice is read, how many rows are shown, of how few people no group is, and how long it may take."""

    as_of: date | None
    rows: int
    min_group: int
    seconds: int


def why_not(table: Table) -> str | None:
    """Why no query may read `table`; None where it may."""
    if table.is_private:
        return "it holds contact details, which no query reads"
    if table.is_restricted:
        return "it may describe persons by what they typed or share; vitalfew show prints it to its owner"
    if table.kind not in ("result", "fact"):
        return f"it is a {table.kind}, and sql reads results and facts; vitalfew show prints it"
    return None


@dataclass(frozen=True)
class Reader:
    """What else decides how tables are read: as they are, and what is hidden is reported on the standard error."""

    as_shown: Callable[[DataFrame, Table], DataFrame] = lambda frame, _: frame
    tell: Callable[[str], None] = on_standard_error


@dataclass(frozen=True)
class Answer:
    """The rows of a query, and whether there are more than were asked for."""

    header: list[str]
    rows: list[list[Any]]
    has_more: bool


def readable(text: str, refused: Callable[[Table], str | None] = why_not) -> Query:
    """The query, which reads tables that it may; ConfigError where it says anything else."""
    prefix = f"vitalfew_{secrets.token_hex(8)}_"
    reasons = {name: refused(table) for name, table in TABLES.items()}
    columns = {name: told(TABLES[name]) for name, why in reasons.items() if why is None}
    others = {name: why for name, why in reasons.items() if why is not None}
    query = Query(text, columns, others, lambda name: prefix + name)
    try:
        query.sql()
    except NotAllowedError as error:
        reason = str(error).removesuffix(".")
        raise ConfigError(f"The query is refused: {reason}{'' if reason.endswith('?') else '.'}") from None
    return query


def answer(storage: Storage, config: Config, query: Query, limits: Limits, form: str) -> str:
    """The rows of the query as text; ConfigError where it cannot be run, OutOfTimeError where it takes too long."""
    with within(limits.seconds, "The query took longer than --seconds {}: narrow it, or give it more."):
        found = answered(storage, config, query, limits)
    twice = [name for name, times in Counter(found.header).items() if times > 1]
    if twice and form == "json":
        raise ConfigError(f"Two columns are called {twice[0]}, of which JSON keeps one: name them with `as`.")
    if found.has_more:
        click.echo(f"There are more rows than --limit {limits.rows} shows.", err=True)
    return laid_out(found.header, found.rows, form)


def answered(storage: Storage, config: Config, query: Query, limits: Limits, reader: Reader | None = None) -> Answer:
    """The rows of the query, as many as `limits` allows; ConfigError where it cannot be run."""
    sql = query.sql()
    with views(storage, config, query, limits, reader or Reader()):
        try:
            frame = storage.spark.sql(sql).limit(limits.rows + 1)
            header, rows = frame.columns, [list(row) for row in collect_rows(frame, "the answer")]
        except PySparkException as error:
            reason = first_line(error).replace(query.seen_as(""), "")
            if UNNAMED.search(reason):
                reason = "of groups, `having` and `order by` need what is selected too: select it, with a name."
            raise ConfigError(f"The query cannot be run: {reason}") from error
    return Answer(header, rows[: limits.rows], len(rows) > limits.rows)


@contextmanager
def views(storage: Storage, config: Config, query: Query, limits: Limits, reader: Reader) -> Iterator[None]:
    """While it lasts, a view for each table that the query reads: one slice, no small groups, no contact details.

    These are gone before anything is asked of them: an answer could hold a part of one, or tell it letter by letter.
    """
    names: list[str] = []
    secret = secrets.token_hex(16)
    try:
        for name in sorted(query.read):
            table = TABLES[name]
            least = limits.min_group if name in OF_PEOPLE else None
            day = limits.as_of if table.slice == "as_of" else None
            frame = viewed(storage, config, table, View(day, None, min_group=least), reader.tell)
            frame = under_cover(reader.as_shown(frame, table), table, secret)
            frame.select(*told(table)).createOrReplaceTempView(query.seen_as(name))
            names.append(query.seen_as(name))
        yield
    finally:
        for name in names:
            storage.spark.catalog.dropTempView(name)


@contextmanager
def within(seconds: int, sentence: str) -> Iterator[None]:
    """OutOfTimeError where what is inside takes longer; in the main thread, where alone Python can be interrupted.

    `sentence` says so; `{}` in it stands for the seconds.
    """
    late = OutOfTimeError(sentence.format(seconds))
    stopped = threading.Event()

    def stop(_: int, __: FrameType | None) -> None:
        stopped.set()
        raise late

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    except Exception as error:
        if stopped.is_set() and error is not late:  # the library between us and Spark makes another error of it
            raise late from error
        raise
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
