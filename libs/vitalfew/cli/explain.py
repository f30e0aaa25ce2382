"""What a column of a table is, how it came to be, and what it says of a customer: as lines of text."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew import __version__, confidential, suite
from vitalfew.cli import layouts
from vitalfew.cli.runs_command import text
from vitalfew.cli.show import View, shown, viewed
from vitalfew.config.expressions import columns_of
from vitalfew.config.loading import Config
from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.free_text import without_contacts
from vitalfew.errors import ConfigError, TableError
from vitalfew.job import Read, Step
from vitalfew.jobs.customer360.tables import IDENTITIES
from vitalfew.messages.sentences import closed_values, row_in_words
from vitalfew.runs.run_log import PUBLISHED
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table
from vitalfew.tables.logs import RUNS
from vitalfew.visible_text import quoted

MOST_ROWS = 10
WIDTH = 100
"""Columns of a text that does not go to a terminal."""
LABEL = 12
PARTS = {"same": "", "previous": " (of an earlier day)", "fit": " (its last fit)"}
ENDS = (".", "?", "!", "…")


@dataclass(frozen=True)
class Question:
    """Which column is asked about; on which day, None for the newest; and of which customer, if of one."""

    table: Table
    column: str
    as_of: date | None = None
    customer: str | None = None

    def check(self) -> None:
        """ConfigError, if what is asked for cannot be."""
        name = self.table.name
        if self.as_of is not None and self.table.slice != "as_of":
            raise ConfigError(f"--as-of is for tables that are kept by day, and {name} is none.")
        if self.customer is None:
            return
        if self.table.is_private:
            raise ConfigError(f"{name} holds contact details, of which explain shows none.")
        if not of_customers(self.table):
            raise ConfigError(f"--customer is for tables with rows of one customer each, and {name} is none.")


def of_customers(table: Table) -> bool:
    """Whether it can be said which of its rows are of a customer."""
    names = {*table.columns}
    is_of_subjects = {"subject", "subject_id"} <= names and "customer" in table.values.get("subject", ("customer",))
    return bool({"customer_id", "person_id"} & names) or is_of_subjects


def writer(table: Table) -> Step | None:
    """The job or procedure that writes `table`; of a source `ingest`, which fills it where files are its origin."""
    if table.kind == "source":
        return suite.JOBS["ingest"]
    return next((job for job in suite.JOBS.values() if table in job.writes), None)


def columns_listed(table: Table) -> list[str]:
    """A table in a line, and each of its columns in one."""
    width = max(map(len, table.columns)) + 2
    job = writer(table)
    written = f" Written by the job {job.name}." if job and table.kind != "source" else ""
    lines = [*wrapped(f"{table.name} ({table.kind}): {sentence('one row is ' + table.row)}{written}", 0), ""]
    for column in table.declared:
        lines += wrapped(f"  {column.name:<{width}}{column.comment}", width + 2)
    return [*lines, "", f"More of one: vitalfew explain {table.name}.{[*table.columns][-1]}"]


def answer(storage: Storage, config: Config, question: Question) -> list[str]:
    """All that can be said of the column; TableError where the day, or the customer on it, is not there."""
    table = question.table
    job = writer(table) if table.kind != "source" or table.name in config.target.files else None
    run = published(storage, table, job, question.as_of) if job else None
    lines = [f"{table.name}.{question.column}", ""]
    for label, words in [*definition(config, question), *origin(table, job, run)]:
        lines += labelled(label, words)
    if job is not None:
        lines += ["", *settings(config, job, run)]
    if question.customer is not None:
        lines += ["", *of_customer(storage, config, question)]
    return lines


def definition(config: Config, question: Question) -> Iterator[tuple[str, str]]:
    """What the column means, its type and unit, and what it can hold: labels and what is of them."""
    table, name = question.table, question.column
    column = next(each for each in table.declared if each.name == name)
    yield ("meaning", column.comment)
    yield ("type", f"{column.type}, {'never NULL' if column.required else 'or NULL'}")
    if unit := unit_of(column.name, column.type, column.comment, config.target.currency):
        yield ("unit", unit)
    if values := closed_values(table).get(name):
        yield ("one of", ", ".join(values))
    if name in table.texts:
        yield ("sentence", f"made of {name}_code and {name}_values, in the language of the target")
    for rule in table.always:
        if name in columns_of(rule):
            yield ("always", rule)
    key = f" Key: {', '.join(table.key)}." if table.key else ""
    yield ("table", f"{table.name}. {sentence('one row is ' + table.row)}{key}")


def unit_of(name: str, kind: str, comment: str, currency: str | None) -> str | None:
    """In what a number is counted, as its name and type say; None where they do not."""
    if "unit of" in comment:
        return None
    if re.fullmatch(r"decimal\(\d+,2\)", kind):
        return f"money, {currency}" if currency else "money, in the currency of the order lines"
    parts = name.split("_")
    if kind == "double" and ("share" in parts or parts[-1] == "rate"):
        return "a part of 1: 0.25 is 25 %"
    number = kind in ("int", "bigint", "double")
    return parts[-1] if number and parts[-1] in ("days", "weeks", "months", "years") else None


def origin(table: Table, job: Step | None, run: Row | None) -> Iterator[tuple[str, str]]:
    """Which job writes the table, from what, and when it did: labels and what is of them."""
    if job is None:
        place = (
            "your table: `sources` of the target says where" if table.kind == "source" else "every run adds its rows"
        )
        yield ("written by", place)
        return
    yield ("written by", f"the job {job.name}: {job.question}")
    if job.reads:
        yield ("made from", ", ".join(map(named, job.reads.values())))
    if run is None:
        yield ("published", f"nothing yet at this target; to run it: vitalfew run {job.name}")
        return
    day = f"as of {run['as_of']}, " if run["as_of"] is not None else ""
    by = f", by version {run['version']}" if run["version"] != __version__ else ""
    yield ("published", f"{day}by the run {run['run_id']} of {text(run['started_at'])} UTC{by}")
    if run["fitted_on"] is not None:
        yield ("fit", f"of {run['fitted_on']}: the models were fitted to the orders before that day")


def named(read: Read) -> str:
    part = " (the run before)" if read.table.slice is None and read.part != "same" else PARTS[read.part]
    return f"{read.table.name}{part}{' (if there)' if read.optional and not part else ''}"


def published(storage: Storage, table: Table, job: Step, day: date | None) -> Row | None:
    """The newest run that published the table, of `day` if one is given; TableError where there is none of it."""
    if not storage.exists(RUNS) and day is None:
        return None
    found = storage.read_or_empty(RUNS).where((F.col("job") == job.name) & (F.col("outcome") == PUBLISHED))
    of_day = found.where(F.col("as_of") == F.lit(day)) if day is not None else found
    newest = of_day.orderBy(F.desc_nulls_last("as_of"), F.desc("started_at")).limit(1)
    rows = collect_rows(newest.select("as_of", "started_at", "run_id", "config", "version", "fitted_on"), "runs")
    if not rows and day is not None:
        days = sorted(row["as_of"] for row in collect_rows(found.select("as_of").distinct(), "days"))
        raise TableError(
            f"{table.name} has no slice as of {day}; it has: {', '.join(map(str, days[-10:])) or 'none yet'}."
        )
    return rows[0] if rows else None


def settings(config: Config, job: Step, run: Row | None) -> Iterator[str]:
    """The settings of a job as they are now; beside each, with what else the published day was made."""
    now = flat(json.loads(config.described(job.name)))
    then = flat(json.loads(run["config"])) if run is not None else now
    names = [name for name in {**now, **then} if name.split(".")[0] != "overrides"]
    if not names:
        yield f"The job {job.name} has no settings."
        return
    differs = [name for name in names if now.get(name) != then.get(name)]
    yield f"Settings of the job {job.name}, as they are now:"
    width = max(map(len, names)) + 4
    for name in names:
        was = f" (published with {as_text(then.get(name))})" if name in differs else ""
        yield from wrapped(f"  {name:<{width - 2}}{as_text(now.get(name))}{was}", width)
    if differs:
        many = "1 setting has" if len(differs) == 1 else f"{len(differs)} settings have"
        yield from wrapped(
            f"{many} changed since the published day was made: vitalfew run {job.name} makes it again.", 0
        )
    for line in config.overrides.get(job.name, []):
        yield from wrapped(f"{line}.", 0)


def flat(values: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Settings by their dotted names, those inside others too."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            found |= flat(value, f"{above}{name}.")
        else:
            found[f"{above}{name}"] = value
    return found


def as_text(value: Any) -> str:
    """A setting as its file has it."""
    if value is None:
        return "not set"
    return value if isinstance(value, str) and value.strip() else json.dumps(value, ensure_ascii=False)


def of_customer(storage: Storage, config: Config, question: Question) -> list[str]:
    """The rows of a customer, a line for each column, sentences in the language of the target."""
    table = question.table
    rows, day = customer_rows(storage, config, question)
    columns = columns_shown(question)
    cells = [[shown(row[name]) for name in columns] for row in rows[:MOST_ROWS]]
    lines = [f"{table.name} says of the customer {question.customer}{day}:", layouts.upright(columns, cells)]
    if len(rows) > MOST_ROWS:
        lines.append(f"These are the first {MOST_ROWS} rows, by their key; vitalfew show {table.name} shows more.")
    return lines


def customer_rows(
    storage: Storage,
    config: Config,
    question: Question,
    as_shown: Callable[[DataFrame, Table], DataFrame] = lambda frame, _: frame,
) -> tuple[list[Mapping[str, Any]], str]:
    """The rows of a customer, one more than are shown, and of which day they are, in words; TableError for none."""
    table = question.table
    with confidential.about(table):
        frame = without_contacts(viewed(storage, config, table, View(question.as_of, None)), table)
        rows = collect_rows(as_shown(rows_of(storage, frame, question), table), table.name)
    day = f" as of {rows[0]['as_of']}" if rows and table.slice == "as_of" else looked_at(frame, table)
    if not rows:
        raise TableError(f"{table.name} has no row of the customer {quoted(str(question.customer))}{day}.")
    ordered = sorted(rows, key=lambda row: [(row[name] is None, row[name]) for name in table.key])
    return [row_in_words(row, table, config.target.words) for row in ordered], day


def looked_at(frame: DataFrame, table: Table) -> str:
    """Of which day a slice is, in words."""
    if table.slice != "as_of":
        return ""
    return f" as of {collect_rows(frame.select('as_of').limit(1), 'the day')[0]['as_of']}"


def rows_of(storage: Storage, frame: DataFrame, question: Question) -> DataFrame:
    """The rows of the customer, one more than are shown, by their key."""
    table, customer = question.table, F.lit(question.customer)
    if "customer_id" in table.columns:
        is_own = F.col("customer_id") == customer
    elif "person_id" in table.columns:
        is_own = F.col("person_id").isin(person_of(storage, frame, str(question.customer)))
    else:
        is_own = (F.col("subject") == "customer") & (F.col("subject_id") == customer)
    ordered = frame.where(is_own).orderBy(*(table.key or tuple(table.columns)))
    return ordered.limit(MOST_ROWS + 1)


def person_of(storage: Storage, frame: DataFrame, customer: str) -> str:
    """The person to whom a customer id belongs on the day of `frame`; the id itself where it was joined with none."""
    if not storage.exists(IDENTITIES):
        return customer
    day = frame.select(F.max("as_of").alias("as_of"))
    known = (
        storage.read(IDENTITIES).where(F.col("customer_id") == F.lit(customer)).join(day, on="as_of", how="left_semi")
    )
    found = collect_rows(known.select("person_id").limit(1), "persons")
    return str(found[0]["person_id"]) if found else customer


def columns_shown(question: Question) -> list[str]:
    """The key, the column that is asked about, then the others, without what sentences are made of."""
    table = question.table
    parts = {f"{name}{end}" for name in table.texts for end in ("_code", "_values")}
    first = [*table.key, question.column]
    return [*dict.fromkeys([*first, *[name for name in table.columns if name not in parts]])]


def sentence(words: str) -> str:
    """`words` with a capital letter and an end."""
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith(ENDS) else '.'}"


def labelled(label: str, words: str) -> list[str]:
    """A label and what it is of, below each other where that is long."""
    return wrapped(f"  {label:<{LABEL}}{words}", LABEL + 2)


def wrapped(words: str, indent: int) -> list[str]:
    """Lines that fit the terminal, all but the first moved to the right; no word is cut."""
    width = layouts.screen_width() or WIDTH
    return textwrap.wrap(
        words,
        max(width, indent + 20),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
        replace_whitespace=False,
    )
