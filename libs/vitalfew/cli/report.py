"""The report of one day, written as HTML files from what is published."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew.cli.whole_file import whole_file
from vitalfew.config.loading import Config
from vitalfew.config.target import is_absolute, is_path
from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.small_groups import OF_PEOPLE, SUMMED_ON_PAGES, without_small_groups
from vitalfew.errors import ConfigError, TableError
from vitalfew.jobs.summary.page import PAGE_TABLES, page
from vitalfew.messages.words import Words
from vitalfew.params import Params
from vitalfew.report.beside_tables import FOLDER, page_name
from vitalfew.report.html.render import html
from vitalfew.report.sections import Asked
from vitalfew.runs.published import Published
from vitalfew.storage import pseudonyms
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table
from vitalfew.tables.logs import RUNS

LATEST_DAYS = 10


@dataclass(frozen=True)
class Order:
    """Which report: the day (None for the latest), the languages, the folder, and how small groups may be."""

    as_of: date | None
    languages: Sequence[str]
    folder: Path
    min_group: int


def written(storage: Storage, config: Config, order: Order) -> list[Path]:
    """The files that were written, one a language; TableError where nothing is published of the day."""
    published = Published(storage, config.target.files)
    day = observed_day(published, order.as_of)
    ids, params = config.target.customer_ids, config.params["summary"]
    known = {table.name: frame(published, table, day, order.min_group) for table in PAGE_TABLES}
    if ids == "pseudonyms":
        known = {table.name: pseudonyms.hidden(storage, known[table.name], table) for table in PAGE_TABLES}
        params = under_pseudonym(storage, params)
    found = page(known, Asked(params, day, config.target.words, order.min_group, ids))
    names = {language: page_name(day, language) for language in order.languages}
    paths = []
    for language, name in names.items():
        other = next((names[each] for each in names if each != language), None)
        text = html(found, Words(language, config.target.currency), other)
        paths.append(saved(order.folder / name, config.redact(text)))
    return paths


def under_pseudonym(storage: Storage, params: Params) -> Params:
    """The parameters of the page, in which the customer of the example has a pseudonym."""
    chosen = getattr(params, "customer_id", None)
    found = pseudonyms.of_ids(storage, [chosen] if chosen else [])
    return params.model_copy(update={"customer_id": found[chosen]}) if chosen else params


def beside_tables(root: str) -> Path | None:
    """Where the report of a run lies: below the folder of the tables; None where these are not on this machine."""
    is_here = is_path(root) and (not is_absolute(root) or root.startswith("/"))
    return Path(root) / FOLDER if is_here else None


def observed_day(published: Published, as_of: date | None) -> date:
    """The day that was asked for, or the latest of which a run is published."""
    if not published.storage.exists(RUNS):
        raise TableError(
            f"Nothing is published at {published.storage.target.root}; run the jobs first: vitalfew run all."
        )
    runs = published.storage.read(RUNS).where("outcome = 'PUBLISHED' and as_of is not null")
    days = sorted(row["as_of"] for row in collect_rows(runs.select("as_of").distinct(), "days of runs"))
    if not days:
        raise TableError("No job has been published for any day yet; run the jobs first: vitalfew run all.")
    if as_of is not None:
        refuse_unpublished(as_of, days)
    return as_of or days[-1]


def refuse_unpublished(day: date, days: Collection[date], advice: str = "") -> None:
    """TableError, with the latest days there are, where nothing is published of this one; and what to do then."""
    if day not in days:
        there = ", ".join(map(str, sorted(days)[-LATEST_DAYS:])) or "none"
        raise TableError(f"Nothing is published as of {day}; there is: {there}. {advice}".rstrip())


def frame(published: Published, table: Table, day: date, min_group: int) -> DataFrame:
    """What the page may know of a table: of a result the slice of the day, without small groups that it would show."""
    found = published.read_or_empty(table)
    if table.slice != "as_of":
        return found
    found = found.where(F.col("as_of") == F.lit(day))
    if table.name not in OF_PEOPLE or table.name in SUMMED_ON_PAGES:
        return found
    return without_small_groups(found, table, min_group)[0]


def saved(path: Path, text: str, option: str = "--out") -> Path:
    """The file, whole or not at all, readable by its owner alone: it names customers. `option` chooses where it is."""
    try:
        with whole_file(path) as file:
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"The page cannot be written to {path}: {error.strerror}. Choose another place by {option}."
        ) from None
    return path
