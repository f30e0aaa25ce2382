"""The procedure `campaigns`: files of the published plan, what they hold, and who was left out and why.

Contact values are in the files alone, and in `campaign_contacts` where a file has the form delta.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import reduce
from itertools import chain
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew import __version__, confidential
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.from_arrow import large_frame
from vitalfew.dataframes.local_tables import local_table
from vitalfew.errors import ConfigError, InternalError, hint
from vitalfew.jobs.campaigns.normal_forms import composed, known_countries
from vitalfew.jobs.campaigns.params import CUSTOMER_ID, CampaignFile, CampaignsParams
from vitalfew.jobs.campaigns.platforms import ADDRESS, EMAIL, KEYS, PHONE
from vitalfew.jobs.campaigns.tables import (
    CAMPAIGN_CONTACTS,
    CAMPAIGN_CUSTOMERS,
    CAMPAIGN_FILES,
    CAMPAIGN_OUTCOMES,
    FORGOTTEN,
    OUTCOMES,
    WRITTEN,
)
from vitalfew.messages.catalogue import group
from vitalfew.messages.sentences import VALUES, said, text, with_texts
from vitalfew.messages.words import Words
from vitalfew.procedures.campaigns import folder, sources
from vitalfew.procedures.campaigns.audience import Audience, audience, of_channel, rows, values
from vitalfew.procedures.campaigns.choice import Chooser, Keys, key_of, keys_of
from vitalfew.procedures.campaigns.sinks import Written, closed, new
from vitalfew.procedures.campaigns.sources import Day, Sources
from vitalfew.procedures.campaigns.writer import FileWriter, TableRows, batches
from vitalfew.procedures.context import Context, Performed, Plan, Reader
from vitalfew.procedures.forget.persons import Named, from_source
from vitalfew.storage.delta import Storage
from vitalfew.storage.snapshots import Versions
from vitalfew.storage.writing import checked
from vitalfew.tables.sources import CONTACTS

TABLES = (CAMPAIGN_FILES, CAMPAIGN_OUTCOMES, CAMPAIGN_CUSTOMERS, CAMPAIGN_CONTACTS)


def planned(context: Context) -> Plan:
    """ConfigError or TableError where what is asked for cannot be written; nothing is written before that is known."""
    params, storage = cast(CampaignsParams, context.params), context.storage
    published = context.published
    if published is None:
        raise InternalError("campaigns was given no tables to read.")
    if not params.files:
        raise ConfigError("campaigns has no `files` to write: name them in conf/jobs/campaigns.yml.")
    refuse_unknown_country(storage.target.country)
    for name, file in params.files.items():
        if file.form != "delta":
            folder.required(storage.target, name)
    sources.refuse_missing(storage, params)
    day = sources.day_of(published)
    sources.refuse_unknown_channels(published, params, day)
    inputs = {table.name: published.snapshot(table) for table in sources.READ if storage.exists(table)}
    return Plan(lambda: performed(context, params, published, day, inputs), inputs, TABLES)


def refuse_unknown_country(country: str | None) -> None:
    if country is not None and country not in (known := known_countries()):
        raise ConfigError(f"country is {country!r}, which has no telephone numbers; {hint(country, known)}")


def performed(context: Context, params: CampaignsParams, published: Reader, day: Day, inputs: Versions) -> Performed:
    """Rows of each table; what was written of each file, and who was left out, in the notes."""
    with confidential.about(CONTACTS):
        storage = context.storage
        listed, listed_contacts, unread = left_alone_by_request(storage, params)
        opened = sources.opened(storage, published, day, context.now)
        making = Making(storage, params, opened, day, listed, listed_contacts)
        above = folder.of_target(storage.target)
        if above is None:  # then all are rows of a table
            making.make(Path())
            counts = making.tables()
        else:
            with folder.written(above, day.as_of) as at:
                making.make(at)
                making.manifest(at)
                counts = making.tables()
        return Performed(counts, inputs, notes=(*unread, *sources.stale(day, context.now), *making.notes))


def left_alone_by_request(
    storage: Storage, params: CampaignsParams
) -> tuple[DataFrame, list[tuple[str, str]], list[str]]:
    """Who is on the list `do_not_contact`: customers, and contacts, by whatever column they may be.

    Last a warning, where a contact is no address and no number: nobody is left alone by it, but for a postal address.
    """
    at = params.do_not_contact
    asked = from_source(storage, at, "do_not_contact", needs_column=True) if at else Named()
    drawn = storage.spark.createDataFrame([(one,) for one in asked.customers], f"{CUSTOMER_ID} string").distinct()
    found = [(EMAIL if "@" in composed(one) else PHONE, one) for one in asked.contacts]
    country = storage.target.country
    others = [one for column, one in found if key_of(column, one, country) is None]
    why = "" if country else "; numbers without a country code need `country` in the target's file"
    told = f"WARNING: of {len(found)} contacts in do_not_contact {len(others)} are no address and no number{why}"
    return drawn, [*found, *[(ADDRESS, one) for one in others]], [told] if others else []


@dataclass
class Making:
    """The files of one day, one after the other, and what is kept of them."""

    storage: Storage
    params: CampaignsParams
    sources: Sources
    day: Day
    listed: DataFrame
    listed_contacts: list[tuple[str, str]]
    written: list[dict[str, Any]] = field(default_factory=list)
    outcomes: list[dict[str, Any]] = field(default_factory=list)
    customers: list[DataFrame] = field(default_factory=list)
    contacts: list[DataFrame] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def words(self) -> Words:
        return self.storage.target.words

    def make(self, at: Path) -> None:
        """All files into the folder `at`."""
        for name, file in self.params.files.items():
            found = audience(self.sources, file, self.params, self.listed)
            staged = Audience(file, self.storage.stage(found.members), found.left_alone)
            table_rows = TableRows(self.storage, name)
            chooser = Chooser(file, self.storage.target.country, self.keys(staged))
            writer = FileWriter(name, file, chooser, at, table_rows)
            written = writer.write(rows(self.sources, self.params, file, staged.members))
            self.contacts += table_rows.frames
            self.written += [file_row(name, file, consents, one) for consents, one in written]
            self.count(name, file, self.known(name, staged.members, writer.left_out))

    def keys(self, found: Audience) -> Keys:
        """Of the contacts of all who are left alone."""
        by = tuple(name for name in found.file.contact_columns if name in KEYS)
        if not by:
            return keys_of((), None)
        theirs = values(self.sources, self.params, by).join(found.left_alone, on=CUSTOMER_ID, how="left_semi")
        coming = ((row["column"], row["value"]) for some in batches(theirs) for row in some)
        asked = [(column, value) for column, value in self.listed_contacts if column in by]
        return keys_of(chain(asked, coming), self.storage.target.country)

    def known(self, name: str, members: DataFrame, left_out: dict[str, list[str]]) -> DataFrame:
        """CAMPAIGN_CUSTOMERS of one file, staged."""
        names = [one for each in left_out.values() for one in each]
        codes = [code for code, each in left_out.items() for _ in each]
        ddl = f"{CUSTOMER_ID} string, found string"
        found = pa.table({CUSTOMER_ID: pa.array(names, pa.string()), "found": pa.array(codes, pa.string())})
        drawn = large_frame(self.storage.spark, found, ddl, self.storage.stage)
        whole = members.join(drawn, on=CUSTOMER_ID, how="left").select(
            F.lit(name).alias("campaign"),
            CUSTOMER_ID,
            F.coalesce("found", "outcome", F.lit(WRITTEN)).alias("outcome_code"),
            F.create_map().cast(VALUES).alias("outcome_values"),
        )
        return self.storage.stage(with_texts(whole, CAMPAIGN_CUSTOMERS, self.words))

    def count(self, name: str, file: CampaignFile, known: DataFrame) -> None:
        """How many have each outcome, for the table, the manifest and the user."""
        self.customers.append(known)
        counted = collect_rows(known.groupBy("outcome_code").count(), "outcomes")
        found = {WRITTEN: 0} | {row["outcome_code"]: row["count"] for row in counted}
        if self.sources.forgotten is not None:
            gone = of_channel(self.sources.forgotten, file).select(CUSTOMER_ID).distinct().count()
            found |= {FORGOTTEN: gone} if gone else {}
        ordered = [code for code in group(OUTCOMES[0]) if code in found]
        self.outcomes += [
            {"campaign": name, "platform": file.platform, "customers": found[code]}
            | said("outcome", f"{OUTCOMES[0]}.{code}", self.words)
            for code in ordered
        ]
        rest = "; ".join(f"{text(f'{OUTCOMES[0]}.{code}', self.words)}: {found[code]:,}" for code in ordered[1:])
        rows = sum(one["rows"] for one in self.written if one["campaign"] == name)
        where = ", ".join(dict.fromkeys(one["file"] for one in self.written if one["campaign"] == name))
        self.notes.append(f"{name}: {rows:,} rows in {where}" + (f" ({rest})" if rest else ""))

    def tables(self) -> dict[str, int]:
        """The rows of each table, written; of contacts, only where rows of them were asked for, or are there."""
        drawn = [
            (CAMPAIGN_FILES, local_table(CAMPAIGN_FILES, self.written, self.sources.plan)),
            (CAMPAIGN_OUTCOMES, local_table(CAMPAIGN_OUTCOMES, self.outcomes, self.sources.plan)),
            (CAMPAIGN_CUSTOMERS, reduce(DataFrame.unionByName, self.customers)),
        ]
        if self.contacts or self.storage.exists(CAMPAIGN_CONTACTS):
            nobody = self.storage.empty(CAMPAIGN_CONTACTS).drop("as_of")
            drawn.append((CAMPAIGN_CONTACTS, reduce(DataFrame.unionByName, self.contacts or [nobody])))
        ready = [checked(frame, table, self.storage, self.day.as_of) for table, frame in drawn]
        for change in ready:
            if change.write:
                change.write()
        return {change.table.name: change.rows for change in ready}

    def manifest(self, at: Path) -> None:
        """What is in the folder, beside the files: no customer, no contact, and nothing that changes on a re-run."""
        told = {
            "as_of": str(self.day.as_of),
            "send_until": str(self.day.until),
            "version": __version__,
            "files": self.written,
            "outcomes": {
                name: {one["outcome_code"]: one["customers"] for one in self.outcomes if one["campaign"] == name}
                for name in self.params.files
            },
        }
        file = new(at / folder.MANIFEST)
        file.write((json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode())
        closed(file)


def file_row(name: str, file: CampaignFile, consents: tuple[str, ...], one: Written) -> dict[str, Any]:
    """CAMPAIGN_FILES of one file."""
    return {
        "campaign": name,
        "file": one.file,
        "platform": file.platform,
        "channel": file.channel,
        "content": file.content,
        "form": file.form,
        "hash": file.hash_used,
        "columns": list(file.columns),
        "consents": list(consents),
        "rows": one.rows,
        "customers": one.customers,
        "bytes": one.bytes,
        "digest": one.digest,
    }
