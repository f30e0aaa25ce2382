"""Who is to be forgotten: customers as they were named, or to whom a contact belongs; never in a message or a plan."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from vitalfew import confidential
from vitalfew.config.target import refuse_stray
from vitalfew.dataframes.collect import collect_rows
from vitalfew.errors import ConfigError, TableError
from vitalfew.storage import suppression
from vitalfew.storage.delta import Storage
from vitalfew.tables import Table
from vitalfew.tables.logs import SUPPRESSED
from vitalfew.tables.people import IDS
from vitalfew.tables.sources import CONTACTS

SHORTEST_PHONE = 7
NAMED_BY = ("customer_id", "contact")
"""Columns by which a file or a table names persons."""


@dataclass(frozen=True)
class Named:
    """What the user named: customers, contacts, and a file or table with one column of either."""

    customers: tuple[str, ...] = field(default=(), repr=False)
    contacts: tuple[str, ...] = field(default=(), repr=False)
    source: str | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.customers or self.contacts or self.source)


@dataclass(frozen=True)
class Persons:
    """Customers to be forgotten; their contacts and keyed hashes, for which files are searched; and notes.

    `joined`: persons of whom one of the customers is an account, and who are called as another account, which stays.
    """

    customers: tuple[str, ...] = field(default=(), repr=False)
    contacts: tuple[str, ...] = field(default=(), repr=False)
    hashes: tuple[str, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()
    joined: tuple[str, ...] = field(default=(), repr=False)

    def frame(self, spark: SparkSession, with_joined: bool = False) -> DataFrame:
        """`customer_id`, as data and not as literals: no plan and no log shows them."""
        ids = (*self.customers, *self.joined) if with_joined else self.customers
        return spark.createDataFrame([(one,) for one in ids], "customer_id string")


def from_source(storage: Storage, at: str, option: str = "--from", needs_column: bool = False) -> Named:
    """Customers and contacts in a file (one a line, or CSV with a column `customer_id` or `contact`) or a table.

    `option`: the option or the setting that names it, for messages. `needs_column`: no file without such a column.
    """
    path = Path(at)
    if path.is_file():
        return from_file(path, option, needs_column)
    try:
        where = storage.target.resolve(at)
    except ValueError as error:
        raise ConfigError(f"{option} {at}: there is no such file, and as a table: {error}") from None
    refuse_stray(storage.target, where.at)
    try:
        frame = storage.load(where, None)
        names = frame.columns
    except Exception:
        raise TableError(f"{option} {at}: there is no such file, and no Delta table at {where.at}.") from None
    columns = [name for name in NAMED_BY if name in names]
    if not columns:
        raise TableError(f"{option} {at}: the table has no column customer_id or contact.")
    found = collect_rows(frame.select(*[F.col(name).cast("string").alias(name) for name in columns]), "persons")
    return named({name: [row[name] for row in found if row[name] is not None] for name in columns})


def from_file(path: Path, option: str, needs_column: bool = False) -> Named:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error):
        raise ConfigError(f"{option} {path.name}: it cannot be read as CSV in UTF-8; save it as such.") from None
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    places = {name: header.index(name) for name in NAMED_BY if name in header}
    if places:
        return named({name: [row[at] for row in rows[1:] if len(row) > at] for name, at in places.items()})
    if needs_column or any(len(row) > 1 for row in rows):
        raise ConfigError(
            f"{option} {path.name}: no column (they are told apart by commas) is called customer_id or contact."
        )
    return named({"customer_id": [row[0] for row in rows]})


def named(columns: Mapping[str, Iterable[str]]) -> Named:
    """Whoever is named by any of the columns: one row may have either."""
    found = {
        name: tuple(dict.fromkeys(text for v in values if (text := v.strip()))) for name, values in columns.items()
    }
    return Named(customers=found.get("customer_id", ()), contacts=found.get("contact", ()))


def resolved(storage: Storage, asked: Named, tables: Sequence[Table]) -> Persons:
    """The persons that are named, or, where none is, those who were forgotten and are in `tables` all the same."""
    more = from_source(storage, asked.source) if asked.source else Named()
    customers = {one.strip() for one in (*asked.customers, *more.customers)} - {""}
    contacts = tuple(dict.fromkeys((*asked.contacts, *more.contacts)))
    notes = []
    with confidential.about(CONTACTS):
        if contacts:
            owners, nobodys = owners_of(storage, contacts)
            customers |= owners
            if nobodys:
                notes.append(f"{nobodys} of {len(contacts)} contacts belong to no customer (any more)")
        if asked.is_empty:
            customers = come_back(storage, tables)
        elif strangers := customers - found_in(storage, Persons(tuple(customers)), tables):
            notes.append(
                f"{len(strangers)} of {len(customers)} customers in no table (any more): ids are as in your data, and "
                "an e-mail address or a phone number is named by --contact"
            )
        found = Persons(tuple(sorted(customers)))
        theirs, shared = contacts_of(storage, found)
        if shared:
            notes.append(f"{shared} of their contacts belong to other customers too, and stay with those")
        if not asked.is_empty and not customers and not notes:
            raise ConfigError("Nobody is named: the file or table after --from is empty.")
        return Persons(found.customers, theirs, hashes_of(storage, found), tuple(notes), joined_with(storage, found))


def owners_of(storage: Storage, contacts: Sequence[str]) -> tuple[set[str], int]:
    """The customers who have one of `contacts`, however it is written; and how many contacts nobody has."""
    wanted = {plain(value) for value in contacts}
    if not storage.exists(CONTACTS):
        return set(), len(wanted)
    value = F.lower(F.trim("value"))
    digits = F.regexp_replace(F.regexp_replace("value", r"\(0\)", ""), r"[^0-9]", "")
    form = F.when(value.contains("@") | (F.length(digits) < SHORTEST_PHONE), value).otherwise(
        F.regexp_replace(digits, "^00", "")
    )
    asked = storage.spark.createDataFrame([(text,) for text in wanted], "form string")
    mine = storage.read(CONTACTS).select("customer_id", form.alias("form")).join(asked, on="form", how="inner")
    found = collect_rows(mine.distinct(), "owners of contacts")
    return {row["customer_id"] for row in found}, len(wanted - {row["form"] for row in found})


def plain(value: str) -> str:
    """An address in lower case; a number without signs, and without 00 before it."""
    text = value.strip().lower()
    digits = re.sub(r"[^0-9]", "", text.replace("(0)", ""))
    return text if "@" in text or len(digits) < SHORTEST_PHONE else digits.removeprefix("00")


def contacts_of(storage: Storage, persons: Persons) -> tuple[tuple[str, ...], int]:
    """The contacts that `persons` alone have; and how many others they have."""
    if not storage.exists(CONTACTS) or not persons.customers:
        return (), 0
    every = storage.read(CONTACTS)
    gone = persons.frame(storage.spark)
    mine = every.join(gone, on="customer_id", how="left_semi").select("value").distinct()
    others = every.join(gone, on="customer_id", how="left_anti").select("value", F.lit(True).alias("is_shared"))
    rows = collect_rows(mine.join(others.distinct(), on="value", how="left"), "contacts")
    own = tuple(sorted(row["value"] for row in rows if not row["is_shared"]))
    return own, len(rows) - len(own)


def hashes_of(storage: Storage, persons: Persons) -> tuple[str, ...]:
    """Keyed hashes of contacts of `persons` alone, as customer360 keeps them."""
    from vitalfew.suite import TABLES

    table = TABLES["identities"]
    if not storage.exists(table) or not persons.customers:
        return ()
    every = storage.read(table).where("length(evidence) = 64")
    gone = persons.frame(storage.spark)
    mine = every.join(gone, on="customer_id", how="left_semi").select("evidence")
    others = every.join(gone, on="customer_id", how="left_anti").select("evidence")
    rows = collect_rows(mine.distinct().join(others.distinct(), on="evidence", how="left_anti"), "hashes of contacts")
    return tuple(sorted(row["evidence"] for row in rows))


def joined_with(storage: Storage, persons: Persons) -> tuple[str, ...]:
    """The persons, called as others, of whom one of `persons` is an account on some day."""
    from vitalfew.suite import TABLES

    table = TABLES["identities"]
    if not storage.exists(table) or not persons.customers:
        return ()
    gone = persons.frame(storage.spark)
    mine = storage.read(table).join(gone, on="customer_id", how="left_semi").select("person_id").distinct()
    return tuple(sorted({row["person_id"] for row in collect_rows(mine, "joined persons")} - {*persons.customers}))


def found_in(storage: Storage, persons: Persons, tables: Sequence[Table]) -> set[str]:
    """Those of `persons` who are in a table by a column of ids."""
    gone = persons.frame(storage.spark)
    parts = [
        storage.read(table).select(F.col(name).alias("customer_id"))
        for table in tables
        for name in IDS
        if name in table.columns and storage.exists(table)
    ]
    if not parts or not persons.customers:
        return set()
    every = reduce(DataFrame.unionByName, parts).join(gone, on="customer_id", how="left_semi").distinct()
    return {row["customer_id"] for row in collect_rows(every, "customers")}


def come_back(storage: Storage, tables: Sequence[Table]) -> set[str]:
    """Customers in `tables` who were forgotten: a stopped erasure, or a restored backup, has left them."""
    if not storage.exists(SUPPRESSED):
        return set()
    gone = storage.read(SUPPRESSED).select("customer_hash")
    found: set[str] = set()
    for table in tables:
        names = [name for name in IDS if name in table.columns]
        for name in names if storage.exists(table) else ():
            ids = storage.read(table).select(F.col(name).alias("customer_id")).where(f"{name} is not null").distinct()
            known = suppression.hashed(storage, ids).join(gone, on="customer_hash", how="left_semi")
            found |= {row["customer_id"] for row in collect_rows(known, "forgotten customers")}
    return found
