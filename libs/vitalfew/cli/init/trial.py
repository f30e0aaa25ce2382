"""A proposal, tried: the files are ingested into a folder that is removed again, and what came of them is told."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pyspark.sql import functions as F

from vitalfew.config.files import FileSource
from vitalfew.config.loading import Config
from vitalfew.config.target import Target
from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.ingest.params import IngestParams
from vitalfew.procedures.ingest.load import ingest
from vitalfew.storage import opening
from vitalfew.tables.logs import FILES, QUARANTINE
from vitalfew.tables.sources import ORDER_LINES

ROWS = 10
SHOWN = ("order_id", "customer_id", "product_id", "ordered_at", "quantity", "amount")
LARGEST = 512 << 20
"""Bytes of files, above which they are not tried."""


@dataclass(frozen=True)
class Trial:
    """What became of the rows of the files: mapped ones to look at, sums, and why some are refused."""

    rows: Sequence[Sequence[str]]
    used: int
    money: Decimal
    copies: int
    refused: Mapping[str, int]
    first: str
    last: str
    told: Sequence[str]


def tried(source: Mapping[str, Any], roots: Sequence[str], shared_machine: str) -> Trial:
    """`source` taken in on the embedded engine; what `ingest` raises, where it would refuse the files."""
    with tempfile.TemporaryDirectory(prefix="vitalfew_init_") as folder:
        target = Target.model_validate_json(
            json.dumps({"root": folder, "roots": [*roots], "shared_machine": shared_machine})
        )
        with opening.opened(Config("init", target, {}, {})) as storage:
            settings = {"order_lines": FileSource.model_validate_json(json.dumps(source))}
            result = ingest(storage, settings, IngestParams(), datetime.now(UTC))
            lines = storage.read(ORDER_LINES)
            firsts = collect_rows(lines.orderBy("ordered_at", "order_id", "line_id").select(*SHOWN).limit(ROWS), "rows")
            sums = lines.agg(
                F.count("*").alias("used"), F.sum("amount").alias("money"), F.min("ordered_at"), F.max("ordered_at")
            )
            total = collect_rows(sums, "sums")[0]
            copies = collect_rows(storage.read(FILES).agg(F.sum("rows_duplicate").alias("copies")), "copies")[0][
                "copies"
            ]
            why = storage.read(QUARANTINE).groupBy("reason").count().orderBy(F.desc("count"), "reason").limit(ROWS)
            refused = {row["reason"]: row["count"] for row in collect_rows(why, "reasons")}
    rows = [["-" if value is None else str(value) for value in row] for row in firsts]
    told = [sentence.removeprefix("order_lines: ") for sentence in result.told]
    return Trial(rows, total[0], total[1] or Decimal(0), copies or 0, refused, str(total[2]), str(total[3]), told)
