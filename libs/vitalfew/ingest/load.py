"""Files to source tables: each file once, each line once, and nothing lost without a reason.

A run that is stopped anywhere can be repeated: lines are merged by their identity, the quarantine of a file is replaced
as a whole, and the ledger, which says that a file is done, is written last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import reduce

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from vitalfew import tables
from vitalfew.errors import ConfigError, TableError
from vitalfew.expressions import literal
from vitalfew.ingest import accounts, copies, rows, survey
from vitalfew.ingest.accounts import Ingested
from vitalfew.ingest.intake import Intake
from vitalfew.ingest.settings import FileSource, IngestParams
from vitalfew.quality import Reconciliation
from vitalfew.storage import Storage
from vitalfew.tables import Table
from vitalfew.tables.logs import FILES, QUARANTINE


@dataclass(frozen=True)
class Batch:
    """New files, read and judged: their rows with `__outcome` and `__reason`, and an account of each file."""

    intake: Intake
    rows: DataFrame
    accounts: list[Reconciliation]

    @property
    def table(self) -> Table:
        return self.intake.table

    @property
    def account(self) -> Reconciliation:
        return accounts.total(self.accounts)


def ingest(storage: Storage, files: Mapping[str, FileSource], params: IngestParams, now: datetime) -> Ingested:
    """Takes what is new in `files`, by the name of the source table; everything is checked before the first write."""
    problems = [f"files.{name}.{why}" for name, source in files.items() for why in source.problems(tables.ALL[name])]
    if problems:
        raise ConfigError("\n".join(problems))
    clock = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
    batches = [
        judged(storage, Intake(table, source, new, params, clock))
        for table, source in at_place(storage, files)
        if (new := survey.new_files(storage, table, source, params))
    ]
    for batch in batches:
        survey.unchanged(storage.spark, batch.table, batch.intake.source, batch.intake.files)
    if batches:
        write(storage, batches)
    return Ingested(
        **asdict(accounts.total(batch.account for batch in batches)),
        sources={batch.table.name: batch.account for batch in batches},
        files=sum(len(batch.accounts) for batch in batches),
    )


def at_place(storage: Storage, files: Mapping[str, FileSource]) -> Iterator[tuple[Table, FileSource]]:
    """The tables to fill, each with its source, whose files stand in full."""
    for name, source in files.items():
        yield tables.ALL[name], source.model_copy(update={"at": storage.place.resolve(source.at).at})


def judged(storage: Storage, intake: Intake) -> Batch:
    """What is to become of every row of the files; QualityError where too many would be refused."""
    try:
        batch = read(storage, intake)
    except PySparkException as error:
        name = intake.table.name
        raise TableError(f"files.{name} could not be read; nothing was written: {survey.cause(error)}") from error
    accounts.refuse_too_many(batch.rows, batch.table, batch.account, intake.params)
    return batch


def read(storage: Storage, intake: Intake) -> Batch:
    """The rows of the files, each with its outcome, and their account."""
    known = storage.stage(rows.judged(storage, intake))
    again = storage.stage(copies.duplicates(storage, intake.table, known))
    outcome = (
        F.when(F.col("__reason").isNotNull(), "quarantined")
        .when(F.col("__is_new_copy").isNotNull(), "duplicate")
        .otherwise("used")
    )
    found = known.join(again, on=list(rows.WHERE), how="left").withColumn("__outcome", outcome)
    return Batch(intake, found, accounts.per_file(found, intake.table, len(intake.files)))


def write(storage: Storage, batches: Sequence[Batch]) -> None:
    """The effects of all batches, in the order in which they may be stopped; few commits, as each takes seconds."""
    where = " or ".join(f"(source = {literal(batch.table.name)} and digest in ({digests(batch)}))" for batch in batches)
    apart = reduce(DataFrame.unionByName, map(refused, batches))
    storage.replace(QUARANTINE, apart, f"job = 'ingest' and ({where})")
    for batch in batches:
        table, used = batch.table, batch.rows.where("__outcome = 'used'")
        if table.key:
            storage.merge(table, copies.winners(storage, table, used), table.key)
        else:
            storage.merge(table, used.select(*table.columns), ("line_id",), update=False)
    taken = [
        accounts.ledger(storage.spark, batch.table, batch.intake.files, batch.accounts, batch.intake.now)
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
    return kept.select(*[shape[c.name].cast(c.type).alias(c.name) for c in QUARANTINE.declared])
