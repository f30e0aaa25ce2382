"""A few rows added to a Delta table in a folder that this process sees, without a query: the log of runs, and results.

An engine takes tens of milliseconds for it, Spark more than a second, and a run writes more than a hundred times. This
is what Delta's protocol asks of a writer that only adds rows: the file first, then the commit with the next number,
which is never written over; where another writer had that number, the one after it (Armbrust et al. 2020, "Delta Lake:
High-performance ACID table storage over cloud object stores", PVLDB 13(12)).
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vitalfew import __version__
from vitalfew.dataframes.schemas import arrow_schema, schema
from vitalfew.storage import delta_log, first_commit
from vitalfew.tables import Table

CHECKPOINT_EVERY = 10
"""Commits. The engine writes each tenth, as it also writes the checkpoint that is due then."""

INDEXED = 32
"""Columns of which Delta keeps statistics, as far as nobody has said otherwise."""


def append(folder: Path, table: Table, rows: Sequence[Mapping[str, Any]]) -> bool:
    """As `append_table`, `rows` with a value for each column that is never NULL; moments are in UTC."""
    held = pa.Table.from_pylist([dict(row) for row in rows], schema=arrow_schema(schema(table.types)))
    return append_table(folder, table, held)


def in_form(held: pa.Table, table: Table) -> pa.Table | None:
    """`held` in the declared columns and types; None where Arrow cannot, or a NULL is where none may be."""
    try:
        known = held.select(table.columns).cast(arrow_schema(schema(table.types)))
    except (KeyError, pa.ArrowException):
        return None
    return None if any(known[name].null_count for name in table.required) else known


def append_table(folder: Path, table: Table, held: pa.Table) -> bool:
    """Add the rows of `held`, which are in the declared form, to the table in `folder`.

    False, and nothing is done, where the engine has to do it. OSError where the folder cannot be written.
    """
    log = folder / "_delta_log"
    name = f"part-00000-{uuid.uuid4()}-c000.snappy.parquet"
    is_written = False
    try:
        while may_follow(log, version := (delta_log.newest_commit(log) or 0), table):
            if not (folder / name).exists():
                pq.write_table(held, folder / name)
            is_written = first_commit.appeared(log / f"{version + 1:020}.json", commit(folder / name, held))
            if is_written:
                break
    finally:
        if not is_written:
            (folder / name).unlink(missing_ok=True)
    return is_written


def may_follow(log: Path, version: int, table: Table) -> bool:
    """Whether the commit after `version` may be ours: not one with a checkpoint, and to a plain table as declared."""
    if (version + 1) % CHECKPOINT_EVERY == 0:
        return False
    said = delta_log.newest_actions(log, version, ("protocol", "metaData"))
    protocol, what = said.get("protocol"), said.get("metaData")
    if protocol is None or what is None:
        return False
    if {name: value for name, value in protocol.items() if value} != first_commit.PROTOCOL:
        return False
    names = [field["name"] for field in json.loads(what["schemaString"])["fields"]]
    return names == list(table.columns) and not what["partitionColumns"] and not dict(what["configuration"] or {})


def commit(file: Path, held: pa.Table) -> str:
    """The commit that adds `file`, in which the rows of `held` are."""
    now = time.time_ns() // 1_000_000
    told = {
        "timestamp": now,
        "operation": "WRITE",
        "operationParameters": {"mode": "Append", "partitionBy": "[]"},
        "isBlindAppend": True,
        "engineInfo": f"vitalfew/{__version__}",
        "operationMetrics": {"numFiles": "1", "numOutputRows": str(held.num_rows)},
    }
    added = {
        "path": file.name,
        "partitionValues": {},
        "size": file.stat().st_size,
        "modificationTime": now,
        "dataChange": True,
        "stats": json.dumps(statistics(held)),
    }
    return "".join(json.dumps(action) + "\n" for action in ({"commitInfo": told}, {"add": added}))


def statistics(held: pa.Table) -> dict[str, Any]:
    """What lets readers pass over a file: the least and the greatest of its days and whole numbers."""
    plain = [name for name in held.column_names[:INDEXED] if is_plain(held.schema.field(name).type)]
    found = {name: pc.min_max(held[name]).as_py() for name in plain}
    ends = {name: ends for name, ends in found.items() if ends["min"] is not None}
    return {
        "numRecords": held.num_rows,
        "minValues": {name: said(each["min"]) for name, each in ends.items()},
        "maxValues": {name: said(each["max"]) for name, each in ends.items()},
        "nullCount": {name: held[name].null_count for name in plain},
    }


def is_plain(type_: pa.DataType) -> bool:
    return bool(pa.types.is_date32(type_) or pa.types.is_integer(type_))


def said(value: int | date) -> int | str:
    return value.isoformat() if isinstance(value, date) else value
