"""Files to source tables: each file once, each line once, and nothing lost without a reason.

A run that is stopped anywhere can be repeated: lines are merged by their identity, the quarantine of a file is replaced
as a whole, and the ledger, which says that a file is done, is written last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property, reduce

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew import confidential
from vitalfew.config.expressions import literal
from vitalfew.config.files import Files, FileSource
from vitalfew.config.target import refuse_stray
from vitalfew.errors import ConfigError, TableError
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.ingest import accounts, duplicates, new_files, refusals, rows
from vitalfew.procedures.ingest.accounts import Ingested
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.storage.contracts import Reconciliation, without_contacts
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES
from vitalfew.tables import Table
from vitalfew.tables.logs import FILES, QUARANTINE


@dataclass(frozen=True)
class Batch:
    """New files of one source, read and judged: all their rows, and those of the sound ones that are not to be used."""

    intake: Intake
    known: DataFrame
    again: DataFrame

    @property
    def table(self) -> Table:
        return self.intake.table

    @cached_property
    def rows(self) -> DataFrame:
        """All rows, each with its `__outcome`; a duplicate that is kept apart has `__is_new_copy`."""
        outcome = (
            F.when(F.col("__reason").isNotNull(), "quarantined")
            .when(F.col("__is_new_copy").isNotNull(), "duplicate")
            .otherwise("used")
        )
        return self.known.join(self.again, on=list(rows.WHERE), how="left").withColumn("__outcome", outcome)


Accounts = Mapping[str, Sequence[Reconciliation]]
"""By source, what became of each new file."""


def ingest(storage: Storage, files: Files, params: IngestParams, now: datetime) -> Ingested:
    """Takes what is new in `files`, by the name of the source table; everything is checked before the first write."""
    problems = [f"files.{name}.{why}" for name, source in files.items() for why in source.problems(TABLES[name])]
    if problems:
        raise ConfigError("\n".join(problems))
    clock = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
    sources = at_place(storage, files)
    new = {name: found for name, found in new_files.new_files(storage, sources, params).items() if found}
    if not new:
        return Ingested()
    batches = [judged(storage, Intake(TABLES[name], sources[name], new[name], params, clock)) for name in new]
    with confidential.about(*[batch.table for batch in batches]):
        known = accounts_of(batches)
        for batch in batches:
            total = accounts.total(known[batch.table.name])
            proposals = refusals.proposals(batch.known, batch.intake, total)
            accounts.refuse_too_many(batch.known, batch.table, total, params, proposals)
            refusals.refuse_currencies(batch.known, batch.intake)
            refusals.refuse_patterns(batch.known, batch.intake, total)
        new_files.unchanged(storage.spark, {name: sources[name] for name in new}, new)
        write(storage, batches, known)
    totals = {name: accounts.total(found) for name, found in known.items()}
    return Ingested(
        **asdict(accounts.total(totals.values())), sources=totals, files=sum(len(found) for found in new.values())
    )


def at_place(storage: Storage, files: Files) -> dict[str, FileSource]:
    """The sources, whose files stand in full; ConfigError where a link leads out of the roots."""
    found = {name: storage.place.resolve(source.at).at for name, source in files.items()}
    for at in found.values():
        refuse_stray(storage.place, at)
    return {name: source.model_copy(update={"at": found[name]}) for name, source in files.items()}


def judged(storage: Storage, intake: Intake) -> Batch:
    """The rows of the files, and what is to become of them."""
    with confidential.about(intake.table):
        try:
            known = storage.stage(rows.judged(storage, intake))
            return Batch(intake, known, storage.stage(duplicates.duplicates(storage, intake.table, known)))
        except PySparkException as error:
            name = intake.table.name
            raise TableError(
                f"files.{name} could not be read; nothing was written: {new_files.cause(error)}"
            ) from error


def accounts_of(batches: Sequence[Batch]) -> Accounts:
    """The accounts of all files, counted at once."""
    counted = [accounts.counted(batch.known, batch.again, batch.table) for batch in batches]
    return accounts.per_file(counted, {batch.table.name: len(batch.intake.files) for batch in batches})


def write(storage: Storage, batches: Sequence[Batch], known: Accounts) -> None:
    """The effects of all batches, in the order in which they may be stopped; few commits, as each takes seconds."""
    where = " or ".join(f"(source = {literal(batch.table.name)} and digest in ({digests(batch)}))" for batch in batches)
    apart = reduce(DataFrame.unionByName, map(refused, batches))
    storage.replace(QUARANTINE, apart, f"job = 'ingest' and ({where})")
    for batch in batches:
        table, used = batch.table, batch.rows.where("__outcome = 'used'")
        if table.key:
            had = storage.exists(table)  # else nothing is there to be updated
            storage.merge(table, duplicates.winners(storage, table, used), table.key, update=had)
        else:
            storage.merge(table, used.select(*table.columns), ("line_id",), update=False)
    taken = [
        accounts.ledger(storage.spark, batch.table, batch.intake.files, known[batch.table.name], batch.intake.now)
        for batch in batches
    ]
    storage.merge(FILES, reduce(DataFrame.unionByName, taken), FILES.key, update=False)


def digests(batch: Batch) -> str:
    return ", ".join(literal(file.digest) for file in batch.intake.files)


def refused(batch: Batch) -> DataFrame:
    """The rows of a batch that are kept apart, as rows of the quarantine."""
    shape = {
        "source": F.lit(batch.table.name),
        "job": F.lit("ingest"),
        "file": F.col("__name"),
        "digest": F.col("__digest"),
        "line": F.col("__line"),
        "reason": F.coalesce(F.col("__reason"), F.lit("exact copy")),
        "amount": F.col("amount") if "amount" in batch.table.columns else F.lit(None),
        "content": rows.content(batch.intake),
    }
    kept = batch.rows.where("__outcome = 'quarantined' or __is_new_copy")
    typed = kept.select(*[shape[c.name].cast(c.type).alias(c.name) for c in QUARANTINE.declared])
    return without_contacts(typed, batch.intake.codes)
