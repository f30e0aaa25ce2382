"""Files to source tables: each file once, each line once, and nothing lost without a reason.

A run that is stopped anywhere can be repeated: lines are merged by their identity, the quarantine of a file is replaced
as a whole, and the ledger, which says that a file is done, is written last.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property, reduce

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew import confidential
from vitalfew.config.files import Files, FileSource
from vitalfew.config.sql_names import literal
from vitalfew.config.target import refuse_stray
from vitalfew.errors import ConfigError, TableError
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.ingest import (
    accounts,
    cut_files,
    doubts,
    duplicates,
    joined,
    new_files,
    refusals,
    rows,
    shapes,
    versions,
)
from vitalfew.procedures.ingest.accounts import FileAccount, Ingested
from vitalfew.procedures.ingest.intake import Intake
from vitalfew.procedures.ingest.versions import Versions
from vitalfew.storage import suppression
from vitalfew.storage.contracts import Reconciliation, without_contacts
from vitalfew.storage.delta import Storage
from vitalfew.suite import TABLES
from vitalfew.tables import Table
from vitalfew.tables.logs import FILES, QUARANTINE, REPLACED_ROWS, ROW_VERSIONS


@dataclass(frozen=True)
class Batch:
    """New files of one source, read and judged: all their rows, and what is to be said of some of the sound ones.

    `versions`: where later files replace rows of earlier ones, which stand.
    """

    intake: Intake
    known: DataFrame
    marks: DataFrame
    versions: Versions | None = None
    dropped: DataFrame | None = None
    """Rows of customers who were forgotten."""
    told: Sequence[str] = ()

    @property
    def table(self) -> Table:
        return self.intake.table

    @cached_property
    def rows(self) -> DataFrame:
        """All rows, each with its `__outcome` and its `line_id`; of a duplicate, `__is_new_copy`: it is kept apart."""
        outcome = (
            F.when(F.col("__reason").isNotNull(), "quarantined")
            .when(~F.coalesce(F.col("__is_used"), F.lit(True)), "duplicate")
            .otherwise("used")
        )
        marks = self.marks.select(*rows.WHERE, "__line_id", "__is_used", "__is_new_copy")
        found = self.known.join(marks, on=list(rows.WHERE), how="left").withColumn("__outcome", outcome)
        if "line_id" not in self.table.columns:
            return found
        return found.withColumn("line_id", F.coalesce("__line_id", "line_id"))


Accounts = Mapping[str, Sequence[FileAccount]]
"""By source, what became of each new file."""


def ingest(
    storage: Storage,
    files: Files,
    params: IngestParams,
    now: datetime,
    reread: Collection[str] = (),
    hold: Callable[[], None] = lambda: None,
) -> Ingested:
    """Takes what is new in `files`, by the name of the source table; everything is checked before the first write.

    Of the sources `reread`, all files are read again, and what is in the tables of them is replaced. `hold` is asked
    before the first write whether this run may still write.
    """
    problems = [f"files.{name}.{why}" for name, source in files.items() for why in source.problems(TABLES[name])]
    if problems:
        raise ConfigError("\n".join(problems))
    clock = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
    sources = at_target(storage, files)
    seen, passed = new_files.new_files(storage, sources, params, reread)
    new = {name: found for name, found in seen.items() if found}
    if not new:
        return Ingested()
    batches = [
        judged(storage, Intake(TABLES[name], sources[name], new[name], params, clock, name in reread)) for name in new
    ]
    with confidential.about(*[batch.table for batch in batches]):
        known = accounts_of(batches)
        of_rows = {name: accounts.total(account.rows for account in found) for name, found in known.items()}
        doubtful = [
            f"{batch.table.name}: {sentence}"
            for batch in batches
            for sentence in refuse(batch, of_rows[batch.table.name], not storage.exists(batch.table))
        ]
        new_files.unchanged(storage.spark, {name: sources[name] for name in new}, new)
        hold()
        write(storage, batches, known)
    replaced = {name: accounts.sum_of(account.replaced for account in found) for name, found in known.items()}
    return Ingested(
        **asdict(accounts.total(of_rows.values())),
        sources=of_rows,
        files=sum(len(found) for found in new.values()),
        replaced={name: found for name, found in replaced.items() if found[0]},
        unused=accounts.unused(new, known),
        told=(
            *[f"{name}: {sentence}" for name, sentence in passed.items()],
            *[f"{name}: {sentence}" for name in new for sentence in shapes.told(sources[name])],
            *[f"{batch.table.name}: {sentence}" for batch in batches for sentence in batch.told],
            *doubtful,
        ),
    )


def at_target(storage: Storage, files: Files) -> dict[str, FileSource]:
    """The sources, whose files stand in full; ConfigError where a link leads out of the roots."""
    found = {}
    for name, source in files.items():
        places = [storage.target.resolve(at).at for at in source.places]
        for at in places:
            refuse_stray(storage.target, at)
        join = source.join.model_copy(update={"at": places[1]}) if source.join else None
        found[name] = source.model_copy(update={"at": places[0], "join": join})
    return found


def judged(storage: Storage, intake: Intake) -> Batch:
    """The rows of the files, and what is to become of them."""
    with confidential.about(intake.table):
        try:
            others = joined.files_of(storage, intake)
            side = joined.side_of(storage, intake, others)
            judged_rows = storage.stage(rows.judged(storage, intake, side))
            cut = [*cut_files.told(intake.files), *cut_files.told(others)]
            told = [*cut, *joined.told(storage, intake, side, judged_rows)]
            known, dropped = suppression.apart(storage, judged_rows)
            if intake.table.key or intake.rule == "nothing":
                versions.refuse_other_rule(storage, intake)
                marks = storage.stage(duplicates.marks(storage, intake, known))
                told += duplicates.told_of_others(storage, intake, known, marks)
                return Batch(intake, known, marks, None, dropped, told)
            found = versions.decided(storage, intake, known)
            return Batch(intake, known, found.marks, found, dropped, told)
        except PySparkException as error:
            name = intake.table.name
            raise TableError(
                f"files.{name} could not be read; nothing was written: {new_files.cause(error)}"
            ) from error


def refuse(batch: Batch, total: Reconciliation, is_first: bool) -> list[str]:
    """QualityError where too many of the rows are refused, or where these are no accident; sentences on the others."""
    told = doubts.refuse(batch.known, batch.intake, is_first or batch.intake.is_fresh)
    proposals = refusals.proposals(batch.known, batch.intake, total)
    accounts.refuse_too_many(batch.known, batch.intake, total, proposals)
    refusals.refuse_patterns(batch.known, batch.intake, total)
    return told


def accounts_of(batches: Sequence[Batch]) -> Accounts:
    """The accounts of all files, counted at once."""
    counted = [accounts.counted(batch.known, batch.marks, batch.table) for batch in batches]
    counted += [accounts.suppressed(batch.dropped, batch.table) for batch in batches if batch.dropped is not None]
    counted += [accounts.replacing(batch.versions.changed, batch.table) for batch in batches if batch.versions]
    return accounts.per_file(counted, {batch.table.name: len(batch.intake.files) for batch in batches})


def write(storage: Storage, batches: Sequence[Batch], known: Accounts) -> None:
    """The effects of all batches, in the order in which they may be stopped; few commits, as each takes seconds."""
    taken_now = [batch for batch in batches if not batch.intake.is_fresh]
    write_quarantine(storage, taken_now)
    write_history(storage, batches)
    for batch in batches:
        write_source(storage, batch)
    write_versions(storage, batches)
    taken = [
        accounts.ledger(storage.spark, batch.table, batch.intake.files, known[batch.table.name], batch.intake.now)
        for batch in batches
    ]
    rows_of_files = reduce(DataFrame.unionByName, taken)
    if storage.exists(FILES):
        storage.widen(FILES)
    for batch in batches:
        if batch.intake.is_fresh and storage.exists(FILES):
            storage.clear(FILES, f"source = {literal(batch.table.name)}")
    storage.merge(FILES, rows_of_files, FILES.key, update=False)
    write_quarantine(storage, [batch for batch in batches if batch.intake.is_fresh])  # other jobs write there too


def write_quarantine(storage: Storage, batches: Sequence[Batch]) -> None:
    """The rows that are kept apart, in place of those of the same files, or of all files of a source read again."""
    if batches:
        apart = reduce(DataFrame.unionByName, map(refused, batches))
        storage.replace(QUARANTINE, apart, f"job = 'ingest' and ({' or '.join(map(of_files, batches))})")


def of_files(batch: Batch) -> str:
    """A condition on rows of a log: those of the files of a batch, or of all files of its source."""
    source = f"source = {literal(batch.table.name)}"
    return f"({source})" if batch.intake.is_fresh else f"({source} and digest in ({digests(batch)}))"


def write_source(storage: Storage, batch: Batch) -> None:
    """The rows that are used, into their table."""
    table, used = batch.table, batch.rows.where("__outcome = 'used'")
    if table.key:
        used = duplicates.winners(storage, batch.intake, used)
    if batch.intake.is_fresh:
        storage.replace(table, storage.stage(used.select(*table.columns)))  # Sail checks rows that are filtered out
    elif table.key:
        had = storage.exists(table)  # else nothing is there to be updated
        storage.merge(table, used, table.key, update=had)
    elif batch.versions:
        storage.merge(table, used.select(*table.columns), ("line_id",), removed=batch.versions.removed())
    else:
        storage.merge(table, used.select(*table.columns), ("line_id",), update=False)


def write_history(storage: Storage, batches: Sequence[Batch]) -> None:
    """The rows that are replaced; once, also where a run is repeated."""
    for batch in batches:
        if batch.intake.is_fresh and storage.exists(REPLACED_ROWS):
            storage.clear(REPLACED_ROWS, f"source = {literal(batch.table.name)}")
    found = [
        versions.history(storage, batch.intake, batch.versions, batch.known, batch.intake.now)
        for batch in batches
        if batch.versions
    ]
    if found:
        storage.merge(REPLACED_ROWS, storage.stage(reduce(DataFrame.unionByName, found)), update=False)


def write_versions(storage: Storage, batches: Sequence[Batch]) -> None:
    """Which versions are in the tables now."""
    for batch in batches:
        if batch.intake.is_fresh and storage.exists(ROW_VERSIONS):
            storage.clear(ROW_VERSIONS, f"source = {literal(batch.table.name)}")
    found = [versions.state(batch.intake, batch.versions) for batch in batches if batch.versions]
    if found:
        storage.merge(ROW_VERSIONS, reduce(DataFrame.unionByName, found))


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
