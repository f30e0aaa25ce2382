"""The tools at work: each answers from what is published, read-only, within the limits of the server."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pyspark.sql import functions as F

from vitalfew import __version__, suite
from vitalfew.cli import explain as explaining
from vitalfew.cli import options, report, runs_command, sql
from vitalfew.cli.customer.pseudonym import meant_by
from vitalfew.cli.explain_command import asked as named
from vitalfew.cli.mcp_server import answers
from vitalfew.cli.mcp_server.asked import Nothing, OfColumn, OfFindings, OfQuery, OfRuns, OfTable
from vitalfew.cli.mcp_server.guard import Access, cell, is_of_persons, names_hidden, sentence, why_not
from vitalfew.config.loading import Config
from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.small_groups import BASKETS, OF_PEOPLE
from vitalfew.errors import ConfigError, OutOfTimeError, hint
from vitalfew.jobs.summary.page import PAGE_TABLES, every_question
from vitalfew.messages.message import Message
from vitalfew.messages.sentences import closed_values
from vitalfew.report.html.voice import Voice
from vitalfew.report.page import PageSection
from vitalfew.report.sections import Asked as AskedOfPage
from vitalfew.runs import manifest
from vitalfew.runs.published import Published
from vitalfew.storage import pseudonyms
from vitalfew.storage.delta import Storage
from vitalfew.suite import JOBS, TABLES
from vitalfew.tables import Table

MOST_CHARACTERS = 100_000
"""Of the rows of an answer, as JSON: more would fill the memory of an assistant."""
LATE = "This took longer than {} seconds, the limit of the server: ask for less, or start it with more --seconds."
NAMING = ("customer_id", "customers")
"""Settings of jobs that name customers."""


@dataclass
class Desk:
    """The target that is asked, and what may be read of it. The engine is started when the first question needs it."""

    config: Config
    access: Access
    is_spent: bool = False
    """Whether the engine may still be at work on a question that was given up: the embedded one goes on."""
    _open: ExitStack = field(default_factory=ExitStack)
    _storage: Storage | None = None

    @property
    def storage(self) -> Storage:
        if self._storage is None:
            self._storage = self._open.enter_context(options.opened(self.config))
        return self._storage

    @property
    def published(self) -> Published:
        return Published(self.storage, self.config.target.files)

    def close(self) -> None:
        self._storage = None
        self._open.close()

    def timed(self, tool: Callable[[Any], answers.Answer], asked: Any) -> answers.Answer:
        """The answer of a tool; after one that took too long the engine stops working on it, or the desk is spent."""
        try:
            with sql.within(self.access.seconds, LATE):
                return tool(asked)
        except OutOfTimeError:
            if self._storage is not None:
                self._storage.spark.interruptAll()
                self.is_spent = self._storage.engine.name == "sail"
            raise
        finally:
            if self._storage is not None:
                self._storage.release()

    def why_not(self, table: Table) -> str | None:
        return why_not(table, self.access, self.config)

    def list_tables(self, _: Nothing) -> answers.Tables:
        there = {one.table.name: one for one in manifest.listed(self.published)}
        known = []
        for table in TABLES.values():
            one, job, reason = there.get(table.name), explaining.writer(table), self.why_not(table)
            known.append(
                answers.Known(
                    name=table.name,
                    kind=table.kind,
                    row=table.row,
                    job=job.name if job else None,
                    can_be_queried=reason is None,
                    why_not=reason,
                    published=one is not None,
                    as_of=one.slices[-1].isoformat() if one and one.slices else None,
                )
            )
        return answers.Tables(version=__version__, tables=known)

    def describe_table(self, asked: OfTable) -> answers.Described:
        table = options.known_table(asked.table)
        job, reason, sets = explaining.writer(table), self.why_not(table), closed_values(table)
        return answers.Described(
            version=__version__,
            name=table.name,
            kind=table.kind,
            row=table.row,
            key=list(table.key),
            columns=[
                answers.Column(
                    name=column.name,
                    type=column.type,
                    nullable=not column.required,
                    meaning=column.comment,
                    unit=explaining.unit_of(column.name, column.type, column.comment, self.config.target.currency),
                    one_of=list(sets[column.name]) if column.name in sets else None,
                )
                for column in table.declared
            ],
            always=list(table.always),
            job=job.name if job else None,
            question=job.question if job else None,
            can_be_queried=reason is None,
            why_not=reason,
            small_groups=self.left_out(table),
            published=self.state(table, None) if reason is None and self.storage.exists(table) else None,
        )

    def left_out(self, table: Table) -> str | None:
        """What of a table is in no answer, in a sentence."""
        if table.name not in OF_PEOPLE:
            return None
        least = self.access.min_group
        if table.name in BASKETS:
            return f"Rows of fewer than {least} baskets are left out."
        return f"Groups of fewer than {least} people are left out, and others from which they would follow."

    def query(self, asked: OfQuery) -> answers.Rows:
        query = sql.readable(asked.sql, self.why_not)
        day, most = options.observed(asked.as_of), min(asked.limit, self.access.rows)
        limits = sql.Limits(day, most, self.access.min_group, self.access.seconds)
        told: list[str] = []
        reader = sql.Reader(names_hidden(self.storage, self.config), told.append)
        found = sql.answered(self.storage, self.config, query, limits, reader)
        rows, is_cut = fitting(found.rows)
        why = f"There are more than the {most} rows that were asked for or are allowed." if found.has_more else None
        if is_cut:
            why = f"An answer holds at most {MOST_CHARACTERS:,} characters: ask for fewer columns or rows."
        read = [TABLES[name] for name in sorted(query.read)]
        return answers.Rows(
            version=__version__,
            columns=[cell(name) for name in found.header],
            rows=rows,
            incomplete=why,
            small_groups=told,
            meanings={c.name: c.comment for table in read for c in table.declared if c.name in found.header},
            read=[self.state(table, day) for table in read],
        )

    def state(self, table: Table, day: date | None) -> answers.PublishedAs:
        """Which state of a table is read: of one that is kept by day, the slice of `day` or the newest."""
        published = self.published
        if table.slice == "as_of" and day is None:
            last = published.read(table).agg(F.max("as_of").alias("as_of"))
            day = collect_rows(last, table.name)[0]["as_of"]
        job = explaining.writer(table)
        run = explaining.published(self.storage, table, job, day if table.slice == "as_of" else None) if job else None
        snapshot = published.snapshot(table)
        return answers.PublishedAs(
            table=table.name,
            as_of=day.isoformat() if day and table.slice == "as_of" else None,
            job=job.name if job else None,
            run_id=run["run_id"] if run else None,
            started_at=runs_command.text(run["started_at"]) if run else None,
            version=run["version"] if run else None,
            table_version=snapshot.version if snapshot else None,
        )

    def explain(self, asked: OfColumn) -> answers.Explained:
        table, column = named(f"{asked.table}.{asked.column}")
        if column is None:
            raise ConfigError(f"Name a column of {table.name}.")
        question = explaining.Question(table, column, options.observed(asked.as_of), self.meant(table, asked.customer))
        question.check()
        job = explaining.writer(table) if table.kind != "source" else None
        run = explaining.published(self.storage, table, job, question.as_of) if job else None
        facts: dict[str, str] = {}
        for label, words in [*explaining.definition(self.config, question), *explaining.origin(table, job, run)]:
            facts[label] = f"{facts[label]}; {words}" if label in facts else words
        rows = self.of_customer(question) if question.customer is not None else []
        return answers.Explained(
            version=__version__,
            column=f"{table.name}.{column}",
            facts={label: sentence(words, self.config) for label, words in facts.items()},
            settings=[
                sentence(line, self.config)
                for line in (explaining.settings(self.config, job, run) if job else ())
                if line.split()[:1] and line.split()[0].split(".")[-1] not in NAMING
            ],
            customer=cell(asked.customer),
            rows=rows,
            read=self.state(table, question.as_of) if self.why_not(table) is None and run else None,
        )

    def meant(self, table: Table, customer: str | None) -> str | None:
        """The id of the customer who is asked about; ConfigError where rows of single customers are not shown."""
        if customer is None:
            return None
        if (reason := self.why_not(table)) is not None:
            raise ConfigError(f"{table.name} is not shown by customer: {reason}.")
        if not is_of_persons(table):
            raise ConfigError(f"{table.name} has no rows of single customers.")
        return meant_by(self.published, customer) if self.config.target.customer_ids == "pseudonyms" else customer

    def of_customer(self, question: explaining.Question) -> list[dict[str, Any]]:
        as_shown = names_hidden(self.storage, self.config)
        rows, _ = explaining.customer_rows(self.storage, self.config, question, as_shown)
        columns = explaining.columns_shown(question)
        return [{name: cell(row[name]) for name in columns} for row in rows[: explaining.MOST_ROWS]]

    def list_runs(self, asked: OfRuns) -> answers.Runs:
        if asked.job is not None and asked.job not in JOBS:
            raise ConfigError(f"There is no job {asked.job!r}; {hint(asked.job, JOBS)}")
        found = runs_command.listed(self.storage, asked.job, asked.failed, asked.limit)
        for run in found:
            run["reason"] = sentence(run["reason"], self.config) if run["reason"] else None
        return answers.Runs(version=__version__, runs=[answers.Ran(**run) for run in found])

    def findings(self, asked: OfFindings) -> answers.Findings:
        """The report of the day in words, made as `vitalfew report` makes it, and so without small groups."""
        published, storage = self.published, self.storage
        day = report.observed_day(published, options.observed(asked.as_of))
        known = {table.name: report.frame(published, table, day, self.access.min_group) for table in PAGE_TABLES}
        is_hidden = self.config.target.customer_ids == "pseudonyms" or not self.access.customers
        params = self.config.params["summary"]
        if is_hidden:
            known = {table.name: pseudonyms.hidden(storage, known[table.name], table) for table in PAGE_TABLES}
            params = report.under_pseudonym(storage, params)
        words = self.config.target.words
        asked_of_page = AskedOfPage(params, day, words, self.access.min_group, "pseudonyms" if is_hidden else "shown")
        found = every_question(known, asked_of_page)
        codes = [section.code for section in found]
        if asked.question is not None and asked.question not in codes:
            raise ConfigError(f"No finding answers {asked.question!r}; {hint(asked.question, codes)}")
        voice = Voice(words)
        return answers.Findings(
            version=__version__,
            as_of=day.isoformat(),
            names="pseudonyms" if is_hidden else "ids",
            findings=[self.in_words(each, voice) for each in found if asked.question in (None, each.code)],
        )

    def in_words(self, section: PageSection, voice: Voice) -> answers.Finding:
        def said(text: Any) -> str:
            return sentence(voice.text(text), self.config)

        answer = section.answer
        return answers.Finding(
            question_code=section.code,
            question=said(section.question),
            answer=said(answer if isinstance(answer, Message) else answer.text),
            action=said(section.action) or None,
            facts=[
                answers.Fact(label=said(line.label), text=said(line.text), action=said(line.action) or None)
                for line in section.facts
            ],
        )


def fitting(rows: list[list[Any]]) -> tuple[list[list[Any]], bool]:
    """The first rows, as they leave, that fit into an answer; and whether some do not."""
    shown: list[list[Any]] = []
    left = MOST_CHARACTERS
    for row in rows:
        shown.append([cell(value) for value in row])
        left -= len(json.dumps(shown[-1], ensure_ascii=False))
        if left < 0:
            return shown[:-1], True
    return shown, False


def opened(conf: str, target: str, engine: str | None, root: str | None, access: Access) -> Desk:
    """The desk at a target."""
    return Desk(configured(conf, target, engine, root), access)


def configured(conf: str, target: str, engine: str | None, root: str | None) -> Config:
    """The configuration of a target with that of every job, as `explain` and `findings` tell of them."""
    from vitalfew.config import loading

    return loading.load(conf, target, suite.chosen(JOBS), (), engine=engine, root=root)
