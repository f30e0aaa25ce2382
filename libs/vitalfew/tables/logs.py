"""What the suite remembers of itself: files taken, rows refused, runs made."""

from __future__ import annotations

from vitalfew.tables.table import Table

FILES = Table(
    name="ingested_files",
    row="one file that was ingested",
    key=("source", "digest"),
    kind="log",
    columns={
        "source": "string not null comment 'The source table it went into.'",
        "path": "string not null comment 'Its path below the drop folder.'",
        "bytes": "bigint not null comment 'Its size.'",
        "modified_at": "timestamp not null comment 'When it was last changed, as its file system says.'",
        "digest": "string not null comment 'SHA-256 of its content: the same content is taken once.'",
        "rows_in": "bigint not null comment 'Rows read.'",
        "rows_used": "bigint not null comment 'Rows that reached the source table.'",
        "rows_duplicate": "bigint not null comment 'Rows not used: copies of others, or older versions of what was there or came with them.'",
        "rows_quarantined": "bigint not null comment 'Rows refused.'",
        "money_in": "decimal(28,2) comment 'Money of the rows read, where it can be read.'",
        "money_used": "decimal(28,2) comment 'Money of the rows used.'",
        "money_duplicate": "decimal(28,2) comment 'Money of rows_duplicate.'",
        "money_quarantined": "decimal(28,2) comment 'Money of the rows refused, where it can be read.'",
        "lines_in": "bigint comment 'Lines of the rows read: more than rows where cells hold line breaks; blank lines between rows do not count.'",
        "rows_replaced": "bigint comment 'Rows of earlier files that rows of this one replaced.'",
        "money_replaced": "decimal(28,2) comment 'Money of rows_replaced.'",
        "ingested_at": "timestamp not null comment 'When.'",
        "rows_suppressed": "bigint comment 'Rows dropped, as they are of customers who were forgotten.'",
        "money_suppressed": "decimal(28,2) comment 'Money of rows_suppressed, where it can be read.'",
    },
    always=("rows_in = rows_used + rows_duplicate + rows_quarantined + coalesce(rows_suppressed, 0)",),
)

QUARANTINE = Table(
    name="quarantine",
    row="one input row that was refused, or set aside as an exact copy",
    key=(),
    kind="log",
    columns={
        "source": "string not null comment 'The table it was meant for.'",
        "job": "string not null comment 'The job that refused it.'",
        "file": "string comment 'The file it came in.'",
        "digest": "string comment 'SHA-256 of that file.'",
        "line": "bigint comment 'Its number in the file, the first row of data being 1.'",
        "reason": "string not null comment 'Why.'",
        "amount": "decimal(28,2) comment 'Its money, where it can be read.'",
        "content": "string not null comment 'The columns that the mapping uses, as JSON; what has the form of a contact detail is masked.'",
    },
    is_restricted=True,
)

VERSION = {
    "rows": "bigint{} comment '{}its rows in the source table; 0 where its newest version was refused.'",
    "money": "decimal(28,2) comment '{}their money.'",
    "fingerprint": "decimal(38,0){} comment '{}a number that changes with its content.'",
    "newest": "decimal(38,6){} comment '{}its value of newest_by, a time in seconds.'",
    "file_at": "timestamp{} comment '{}the date in the name of the newest file with it, else when that was changed.'",
    "changed_us": "bigint{} comment '{}when that file was changed, in microseconds.'",
    "path": "string{} comment '{}that file.'",
    "file_digest": "string{} comment '{}SHA-256 of that file.'",
    "digest": "string{} comment '{}SHA-256 of the file that its rows came in.'",
}

ROW_VERSIONS = Table(
    name="row_versions",
    row="one order, day or key of a source with `replaces`: its version now, and the one before",
    key=("source", "group_id"),
    kind="log",
    columns={
        "source": "string not null comment 'The source table.'",
        "group_id": "string not null comment 'Which order, day or key, as a hash.'",
        "rule": "string not null comment 'The setting replaces, by which its rows came.'",
        **{name: text.format(*[" not null", "Now: "][-text.count("{}") :]) for name, text in VERSION.items()},
        **{f"before_{name}": text.format(*["", "Before: "][-text.count("{}") :]) for name, text in VERSION.items()},
    },
)

REPLACED_ROWS = Table(
    name="replaced_rows",
    row="one row that a newer version replaced, or that came after a newer one",
    key=("row_id",),
    kind="log",
    columns={
        "row_id": "string not null comment 'Which row of which file, as a hash.'",
        "source": "string not null comment 'The source table.'",
        "digest": "string not null comment 'SHA-256 of the file it came in.'",
        "replaced_by": "string not null comment 'SHA-256 of the file with the newer version; the same file where newest_by decided.'",
        "amount": "decimal(28,2) comment 'Its money.'",
        "content": "string not null comment 'Its columns in the source table, as JSON.'",
        "replaced_at": "timestamp not null comment 'When.'",
    },
)

SUPPRESSED = Table(
    name="suppressed",
    row="one customer who was forgotten, and does not come back",
    key=("customer_hash",),
    kind="log",
    columns={
        "customer_hash": "string not null comment 'HMAC-SHA-256 of the customer, by the suppression key of the target.'",
        "suppressed_at": "timestamp not null comment 'When the customer was first forgotten, UTC.'",
    },
    is_restricted=True,
)

ERASURES = Table(
    name="erasures",
    row="one table from which rows of forgotten customers were taken",
    key=("erasure_id", "table_name"),
    kind="log",
    columns={
        "erasure_id": "string not null comment 'Which erasure: a digest of the hashes of its customers.'",
        "table_name": "string not null comment 'The table.'",
        "rows_before": "bigint not null comment 'Its rows before.'",
        "rows_removed": "bigint not null comment 'The rows that were taken away.'",
        "money_removed": "decimal(28,2) comment 'Their money, of order lines.'",
        "erased_at": "timestamp not null comment 'When, UTC.'",
    },
)

RUNS = Table(
    name="runs",
    row="the beginning or the end of one run of one job; a run that failed before it knew what to read has an end only",
    key=("run_id", "outcome"),
    kind="log",
    columns={
        "run_id": "string not null comment 'The run.'",
        "job": "string not null comment 'The job.'",
        "as_of": "date comment 'Its day of observation; NULL for jobs that have none.'",
        "outcome": "string not null comment 'STARTED, PUBLISHED, FAILED, or WITHDRAWN: another run of the job was first.'",
        "started_at": "timestamp not null comment 'When it began, UTC.'",
        "seconds": "double not null comment 'How long it took.'",
        "config_hash": "string not null comment 'Slow digest (PBKDF2) of the parameters with their secrets, the declared tables and the version.'",
        "config": "string not null comment 'The parameters, as JSON; secrets are masked, and ${NAME} is kept as written.'",
        "engine": "string not null comment 'Engine and its version.'",
        "version": "string not null comment 'Version of Vital Few.'",
        "inputs": "string not null comment 'Id and version of every table read, as JSON, earlier the version alone; of ingest, a number for the settings of its files.'",
        "outputs": "string not null comment 'Ids and versions, as JSON: PUBLISHED, of every table written; else of what readers see of the same tables; none for ingest, which needs none undone.'",
        "rows_in": "bigint comment 'Input rows, where the job reconciles rows and money.'",
        "rows_used": "bigint comment 'Of these, used.'",
        "rows_duplicate": "bigint comment 'Of these, exact copies.'",
        "rows_quarantined": "bigint comment 'Of these, refused.'",
        "money_in": "decimal(28,2) comment 'Money of the input rows.'",
        "money_used": "decimal(28,2) comment 'Money of the rows used.'",
        "money_duplicate": "decimal(28,2) comment 'Money of the exact copies.'",
        "money_quarantined": "decimal(28,2) comment 'Money of the rows refused.'",
        "rows_placeholder": "bigint comment 'Input rows with a placeholder, such as unknown, for a customer, product or contact.'",
        "money_rounded": "decimal(28,8) comment 'How much more the money was, before each row was rounded to cents.'",
        "rows_suppressed": "bigint comment 'Input rows dropped, as they are of customers who were forgotten.'",
        "money_suppressed": "decimal(28,2) comment 'Money of rows_suppressed.'",
        "noticed": "string comment 'What a person should look at, such as identifiers that meet nothing: rows by name, as JSON.'",
        "rows_out": "string not null comment 'Rows written, by table, as JSON.'",
        "error": "string comment 'What went wrong.'",
        "process": "string comment 'Who runs it, as JSON: host, process, and its lease with the seconds that it lasts; NULL in runs of earlier versions.'",
        "settings": "string comment 'SHA-256 of the settings that decide what its results mean, those of the jobs it reads from among them: slices of equal ones can be compared; NULL in runs of earlier versions.'",
        "fitted_on": "date comment 'Of a job that fits models: the day of the fit that its results are made with.'",
    },
    always=("outcome in ('STARTED', 'PUBLISHED', 'FAILED', 'WITHDRAWN')",),
)

LEASES = Table(
    name="leases",
    row="one renewal of the lease of a run that is under way, where no folder is seen in which a file could be renewed",
    key=("lease_id", "renewals"),
    kind="log",
    columns={
        "lease_id": "string not null comment 'The lease: that of a run has the run_id of it.'",
        "renewals": "bigint not null comment 'How often it was renewed.'",
        "renewed_at": "timestamp not null comment 'When, UTC, by the clock of its host.'",
    },
)
