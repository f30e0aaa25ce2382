"""Whether the data can be trusted, and how it all was computed: what came in, what was refused, and the runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.summary.meanings import meanings
from vitalfew.messages.message import Message, message
from vitalfew.report.page import PageSection
from vitalfew.report.sections import Asked, Chart, Field
from vitalfew.tables import Table
from vitalfew.tables.logs import FILES, QUARANTINE, RUNS
from vitalfew.tables.sources import ORDER_LINES

ORIGIN: tuple[Table, ...] = (FILES, QUARANTINE, RUNS)
"""What it is made of."""
MOST_REASONS, MOST_RUNS, MOST_LETTERS = 30, 200, 400
OF_LINES = "orders"
"""The job that reads order lines."""
COUNTS = ("rows_in", "rows_used", "rows_duplicate", "rows_quarantined")


def column(name: str) -> Message:
    return message(f"page.column.{name}")


def origin(known: Mapping[str, DataFrame], asked: Asked) -> list[PageSection]:
    """Two sections: the quality of the data, and how it was computed."""
    runs = published(known["runs"], asked)
    return [quality(known, runs), computed(runs)]


def published(runs: DataFrame, asked: Asked) -> list[Row]:
    """The last published run of each job, of the day of observation or of none, in the order in which they began."""
    of_day = (F.col("as_of") == F.lit(asked.as_of)) | F.col("as_of").isNull()
    found = collect_rows(runs.where((F.col("outcome") == "PUBLISHED") & of_day).orderBy("started_at"), "runs")
    last = {row["job"]: row for row in found}
    return sorted(last.values(), key=lambda row: row["started_at"])[:MOST_RUNS]


def quality(known: Mapping[str, DataFrame], runs: list[Row]) -> PageSection:
    """Rows and money in, used, copied and refused."""
    sums = [F.sum(name).alias(name) for name in (*COUNTS, "money_in", "money_used")]
    files = known["ingested_files"].groupBy("source").agg(*sums).orderBy(F.desc("rows_in"), "source")
    rows = [row.asDict() for row in collect_rows(files, "files")]
    if not rows:
        rows = [of_order_lines(row) for row in runs if row["job"] == OF_LINES and row["rows_in"] is not None]
    question = message("page.question.quality")
    if not rows:
        return PageSection("quality", question, message("page.nothing.quality"), None, (), ())
    total = {name: sum(row[name] for row in rows) for name in COUNTS}
    charts = [sources(rows), *reasons(known["quarantine"])]
    action = message("ingest.advice.refused") if total["rows_quarantined"] else None
    answer = message(
        "page.quality.answer",
        used=total["rows_used"],
        rows=total["rows_in"],
        copies=total["rows_duplicate"],
        refused=total["rows_quarantined"],
    )
    return PageSection("quality", question, answer, action, charts, ())


def of_order_lines(row: Row) -> dict[str, Any]:
    """What the run that makes orders reconciles, where nothing was ingested: other tables are read by several jobs."""
    return {"source": ORDER_LINES.name, **{name: row[name] or 0 for name in (*COUNTS,)}} | {
        name: row[name] for name in ("money_in", "money_used")
    }


def sources(rows: list[dict[str, Any]]) -> Chart:
    clean = [row for row in rows if not row["rows_duplicate"] and not row["rows_quarantined"]]
    title = (
        message("page.quality.all_used")
        if len(clean) == len(rows)
        else message("page.quality.not_all_used", some=len(rows) - len(clean), sources=len(rows))
    )
    fields = (
        Field("source", column("source")),
        Field("rows_in", column("rows_in"), "count"),
        Field("rows_used", column("rows_used"), "count", is_minor=True),
        Field("rows_duplicate", column("rows_copies"), "count"),
        Field("rows_quarantined", column("rows_refused"), "count"),
        Field("money_in", column("money_in"), "money", is_minor=True),
        Field("money_used", column("money_used"), "money", is_minor=True),
    )
    return Chart("sources", "rows", rows, "ingested_files", title, message("page.quality.note"), fields)


def reasons(quarantine: DataFrame) -> list[Chart]:
    """Why rows were refused, the commonest reason first; nothing where none was."""
    counted = quarantine.groupBy("source", "reason").agg(F.count(F.lit(1)).alias("rows"))
    found = collect_rows(counted.orderBy(F.desc("rows"), "source", "reason").limit(MOST_REASONS), "reasons")
    if not found:
        return []
    rows = [row.asDict() for row in found]
    title = message("page.quality.commonest", reason=found[0]["reason"], rows=found[0]["rows"])
    fields = (
        Field("source", column("source")),
        Field("reason", column("reason")),
        Field("rows", column("rows"), "count"),
    )
    note = message("page.quality.reasons_note")
    return [Chart("reasons", "bars", rows, "quarantine", title, note, fields, y="rows")]


def computed(runs: list[Row]) -> PageSection:
    """Which run made what, with which settings: each number can be traced."""
    question = message("page.question.computed")
    if not runs:
        return PageSection("computed", question, message("page.nothing.computed"), None, (), ())
    rows = [
        {
            "job": row["job"],
            "run": row["run_id"],
            "seconds": row["seconds"],
            "settings": settings(row["config"]),
        }
        for row in runs
    ]
    changed = sum(bool(overrides(row["config"])) for row in runs)
    fields = (
        Field("job", column("job")),
        Field("run", column("run"), is_minor=True),
        Field("seconds", column("seconds"), "number"),
        Field("settings", column("settings")),
    )
    last = runs[-1]
    answer = message("page.computed.answer", jobs=len(runs), version=last["version"], engine=last["engine"])
    title = message("page.computed.overrides", jobs=changed) if changed else message("page.computed.no_overrides")
    chart = Chart("runs", "rows", rows, "runs", title, message("page.computed.note"), fields, is_detail=True)
    words = meanings({row["job"]: parsed(row["config"]) for row in runs})
    return PageSection("computed", question, answer, None, [*words, chart], ())


def overrides(config: str) -> list[str]:
    """The settings of a run that differ from the definitions of the business."""
    found = parsed(config).get("overrides") or []
    return [str(each) for each in found]


def settings(config: str) -> str:
    """The settings of a run, those that differ from the definitions of the business first."""
    values = parsed(config)
    first = overrides(config)
    plain = {name: value for name, value in values.items() if name != "overrides" and value is not None}
    ordered = sorted(plain.items(), key=lambda item: (item[0] not in first, item[0]))
    text = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in ordered)
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"


def parsed(config: str) -> dict[str, Any]:
    try:
        found = json.loads(config)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
