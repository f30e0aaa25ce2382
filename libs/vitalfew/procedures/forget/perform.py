"""The procedure `forget`: a customer is suppressed, erased from every table of ours, and searched for.

First the suppression is written, so that a run that is stopped anywhere can be repeated: nobody comes back meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew import confidential
from vitalfew.config.expressions import columns_of
from vitalfew.dataframes.collect import collect_rows
from vitalfew.engines import scratch
from vitalfew.errors import ConfigError, QualityError
from vitalfew.procedures.context import Context, Performed, Plan
from vitalfew.procedures.forget import campaign_files, certificate, persons, rows, scan
from vitalfew.procedures.forget.certificate import Certificate, TableErased
from vitalfew.procedures.forget.persons import Named, Persons
from vitalfew.procedures.forget.rows import Erasure
from vitalfew.procedures.forget.scan import Found, Wanted
from vitalfew.report.beside_tables import pages_below
from vitalfew.storage import pseudonyms, purging, suppression
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES
from vitalfew.tables import Table
from vitalfew.tables.logs import ERASURES, RUNS, SUPPRESSED
from vitalfew.tables.people import SOURCE_IDS
from vitalfew.tables.sources import CONTACTS, ORDER_LINES

SHOWN_OF_DIGEST = 16


def planned(context: Context) -> Plan:
    """Forget those whom the context names; nobody named: those who were forgotten, and have come back."""
    if not purging.can_purge(context.storage):
        raise ConfigError(
            "To forget customers on engine sail, install the package deltalake (pip install vitalfew[sail])."
        )
    suppression.key_of(context.storage)
    return Plan(lambda: performed(context))


def performed(context: Context) -> Performed:
    """The certificate, printed by whoever asked; QualityError where something is left."""
    with confidential.about(CONTACTS):
        storage = context.storage
        tables = rows.ours(storage)
        who = persons.resolved(storage, context.erase, tables)
        if not who.customers:
            return Performed({"customers": 0}, notes=(*who.notes, "nobody is to be forgotten"))
        found = Forgetting(storage, who, tables, context.now, is_repair=context.erase.is_empty).certified()
    where = ""
    if storage.local_root is not None:
        where = f"Written to {certificate.written(found, storage.local_root)}"
    removed = sum(table.rows_removed for table in found.tables)
    if found.found:
        raise QualityError(f"Something is left of whom was forgotten.\n{found.text()}")
    counts = {"customers": found.customers, "rows removed": removed}
    return Performed(counts, notes=who.notes, report="\n".join(filter(None, (found.text(), where))))


def expected(storage: Storage, asked: Named) -> str:
    """What a run would erase, in words."""
    with confidential.about(CONTACTS):
        tables = rows.ours(storage)
        who = persons.resolved(storage, asked, tables)
        erasure = Erasure(storage, who)
        lines = [f"{certificate.people(len(who.customers))} would be forgotten:", *[f"  {note}" for note in who.notes]]
        for table in tables if who.customers else ():
            before, going, _ = count(erasure, table)
            lines.append(f"  {table.name}: {going:,} of {before:,} rows")
        return "\n".join([*lines, "Not reached:", *[f"  {one}" for one in not_reached(storage)]])


@dataclass(frozen=True)
class Forgetting:
    """One erasure of some persons; `is_repair`: the history of all tables ends, as nobody knows what is in it."""

    storage: Storage
    who: Persons
    tables: list[Table]
    now: datetime
    is_repair: bool = False

    def certified(self) -> Certificate:
        """Suppressed, erased, searched for; in that order."""
        hashes = self.suppress()
        given = campaign_files.holding(self.storage, self.who)
        untold = campaign_files.untold(self.storage)
        given |= (removed := campaign_files.removed(self.storage, self.who, given))  # while tables still say which
        erasure_id = sha256("".join(hashes).encode()).hexdigest()[:SHOWN_OF_DIGEST]
        erasure = Erasure(self.storage, self.who)
        counted = {table.name: count(erasure, table) for table in self.tables}
        self.log(erasure_id, counted)
        done = [self.erased(erasure, table, counted[table.name]) for table in self.tables]
        self.storage.release()
        self.clear_scratch()
        pages = self.remove_pages()
        found, not_searched = self.search()
        return Certificate(
            erasure_id,
            certificate.called(self.now),
            len(self.who.customers),
            done,
            not_searched,
            found.files,
            found.bytes,
            certificate.shortened(found.places),
            [*not_reached(self.storage), *untold],
            "at once" if not any(t.still_kept for t in done) else "as said for each table",
            pages_removed=pages,
            campaign_files_removed=len(removed),
            campaign_files_given=sorted(given),
        )

    def suppress(self) -> list[str]:
        """The hashes of the customers, sorted; known from now on."""
        hashed = suppression.hashed(self.storage, self.who.frame(self.storage.spark))
        found = sorted(row["customer_hash"] for row in collect_rows(hashed, "hashes"))
        when = F.lit(self.now.strftime("%Y-%m-%d %H:%M:%S.%f")).cast("timestamp").alias("suppressed_at")
        drawn = self.storage.spark.createDataFrame([(one,) for one in found], "customer_hash string")
        self.add(SUPPRESSED, drawn.select("customer_hash", when))
        return found

    def log(self, erasure_id: str, counted: dict[str, tuple[int, int, object]]) -> None:
        """What goes, before it goes; an erasure that is repeated was counted by the first."""
        values = [
            (erasure_id, name, before, removed, money)
            for name, (before, removed, money) in counted.items()
            if removed and name != RUNS.name
        ]
        if not values:
            return
        types = (
            "erasure_id string, table_name string, rows_before bigint, rows_removed bigint, money_removed decimal(28,2)"
        )
        when = F.lit(self.now.strftime("%Y-%m-%d %H:%M:%S.%f")).cast("timestamp").alias("erased_at")
        drawn = self.storage.spark.createDataFrame(values, types).select("*", when)
        self.add(ERASURES, drawn)

    def add(self, log: Table, drawn: DataFrame) -> None:
        """The rows of `drawn` whose keys `log` does not have; no commit if there are none."""
        known = self.storage.read_or_empty(log).select(*log.key)
        staged = self.storage.stage(drawn.join(known, on=list(log.key), how="left_anti"))
        if staged.limit(1).collect():
            self.storage.merge(log, staged, update=False)

    def erased(self, erasure: Erasure, table: Table, counted: tuple[int, int, object]) -> TableErased:
        """One table without the persons, and without its history where that may hold them."""
        before, removed, _ = counted
        version = self.storage.version(table)
        if removed:
            erasure.remove(table)
        is_purged = bool(removed) or self.is_repair or self.may_hold(table)
        kept = purging.purge(self.storage, table) if is_purged else None
        if is_purged:
            self.storage.close_files(table)
        after = before if table == RUNS else before - removed
        return TableErased(table.name, before, after, removed, version, self.storage.version(table), is_purged, kept)

    def may_hold(self, table: Table) -> bool:
        """Whether files of `table`, of whichever version, hold one of the persons, or cannot be searched."""
        folder = self.folder(table)
        return folder is None or not scan.scan(folder, self.wanted()).is_clean

    def folder(self, table: Table) -> Path | None:
        return self.storage.local_folder(self.storage.target.location(table.name))

    def wanted(self) -> Wanted:
        return Wanted(self.who.customers, self.who.contacts, self.hashes, other_codes(self.storage))

    @cached_property
    def hashes(self) -> tuple[str, ...]:
        """Of their contacts: keyed ones, and those that campaign files hold, if there are such files."""
        return *self.who.hashes, *campaign_files.hashes(self.storage, self.who)

    def clear_scratch(self) -> None:
        """What killed runs have staged; that of living ones is theirs, and no other run lives now."""
        above = scratch.above_embedded() if self.storage.engine.name == "sail" else self.storage.scratch_root
        if above is not None and above.is_dir():
            scratch.remove_abandoned(above)
        if self.storage.staged.remote is not None:
            self.storage.staged.remote.clear()

    def remove_pages(self) -> int:
        """How many pages of the report, beside the tables, named a person, by id or pseudonym; they are gone."""
        root, wanted = self.storage.local_root, self.wanted()
        called = pseudonyms.of_ids(self.storage, self.who.customers).values()
        wanted = replace(wanted, customers=(*wanted.customers, *called))
        naming = [page for page in pages_below(root) if scan.place(page, wanted)] if root else []
        for page in naming:
            page.unlink()
        return len(naming)

    def search(self) -> tuple[Found, list[str]]:
        """All files below the root, but those of the company and the keys, and of tables elsewhere; those not seen."""
        root, folders = self.storage.local_root, {table.name: self.folder(table) for table in self.tables}
        places = [*folders.values(), campaign_files.folder_of(self.storage)]
        seen = {place for place in places if place and not (root and place.is_relative_to(root))}
        found = Found()
        for at in [*([root] if root else []), *sorted(seen)]:
            found.add(scan.scan(at, self.wanted(), foreign(self.storage)), at if at != root else None)
        return found, sorted(name for name, folder in folders.items() if folder is None)


def count(erasure: Erasure, table: Table) -> tuple[int, int, object]:
    """Rows of `table`, those that go, and their money, of order lines."""
    before = erasure.storage.read(table).count()
    if table == RUNS:
        return before, changed_runs(erasure), None
    going = erasure.of(table)
    money = F.sum("amount").cast("decimal(28,2)") if table == ORDER_LINES else F.lit(None).cast("decimal(28,2)")
    row = going.agg(F.count(F.lit(1)).alias("n"), money.alias("money")).collect()[0]
    return before, int(row["n"]), row["money"]


def changed_runs(erasure: Erasure) -> int:
    """Rows of the log of runs that name one of the persons."""
    texts = F.concat_ws("\x1f", *[F.coalesce(name, F.lit("")) for name in ("config", "noticed", "rows_out", "error")])
    now: DataFrame = erasure.storage.read(RUNS).select("run_id", "outcome", texts.alias("now"))
    then = erasure.without_names().select("run_id", "outcome", texts.alias("then"))
    return now.join(then, on=["run_id", "outcome"], how="inner").where("now <> then").count()


def other_codes(storage: Storage) -> frozenset[str]:
    """Columns of ours, and of files, that hold codes of other things than customers, or numbers."""
    theirs: set[str] = set()
    customers: set[str] = set()
    for source in storage.target.files.values():
        for name, text in source.columns.items():
            (customers if name in (*SOURCE_IDS, "value", "detail") else theirs).update(columns_of(text))
    return frozenset({*scan.OTHER_CODES, *(theirs - customers)})


def foreign(storage: Storage) -> list[Path]:
    """Folders below the root that are the company's: files that were taken, and its own tables."""
    at = [storage.target.resolve(source.at).at for source in storage.target.files.values()]
    at += [storage.target.location(name).at for name in storage.target.sources]
    return [Path(one.partition("*")[0]) for one in at if one.startswith("/")]


def not_reached(storage: Storage) -> list[str]:
    """What no run of ours can erase, for whom it is to be listed."""
    found = [
        f"the files of {name} at {storage.target.resolve(source.at).at}: what comes from them again is dropped"
        for name, source in storage.target.files.items()
    ]
    found += [
        f"your table {name} at {storage.target.location(name).at}: rows of it are dropped when it is read"
        for name in storage.target.sources
        if "customer_id" in TABLES[name].columns
    ]
    return [*found, "backups and copies of the tables, and files that were already exported", "logs of the engine"]
