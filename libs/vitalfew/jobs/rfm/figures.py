"""What a page shows of segments: how lately and how often customers buy, and what each segment spends."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pyspark.sql import DataFrame, Row, Window
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.domain.segment_names import segment_code, segment_name
from vitalfew.domain.small_groups import Group, hidden
from vitalfew.messages.message import message
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """The answer and two pictures; nothing without segments."""
    order = [F.desc("monetary"), F.desc("customers"), F.asc("segment")]
    segments = collect_rows(known["rfm_segments"].orderBy(*order), "segments")
    if not segments:
        return []
    first = segments[0]
    figures = {"customers": first["customers"], "share": first["share_of_customers"]}
    held = first["share_of_monetary"] if first["monetary"] > 0 else None
    answer = (
        message("page.segments.answer", segment=segment_code(first["segment"]), held=held, **figures)
        if held is not None
        else message("page.segments.answer_without_value", segment=segment_code(first["segment"]), **figures)
    )
    charts = [*grid(cells(known["rfm"], asked.min_group)), *spend(segments)]
    return [Evidence("segments", answer, None, charts)]


def cells(rfm: DataFrame, least: int) -> list[dict[str, Any]]:
    """One row per cell of recency and frequency with its commonest segment; cells of few customers are left out."""
    by_segment = rfm.groupBy("r", "f", "segment").agg(F.count(F.lit(1)).alias("n"), F.sum("monetary").alias("money"))
    order = Window.partitionBy("r", "f").orderBy(F.desc("n"), "segment")
    ranked = by_segment.withColumn("place", F.row_number().over(order))
    found = ranked.groupBy("r", "f").agg(
        F.sum("n").alias("customers"),
        F.sum("money").alias("money"),
        F.max(F.when(F.col("place") == 1, F.col("segment"))).alias("segment"),
    )
    rows = collect_rows(found.orderBy(F.desc("r"), "f"), "cells of recency and frequency")
    gone = hidden([Group((row["r"], row["f"]), row["customers"], ("all",)) for row in rows], least)
    total = sum(row["money"] for row in rows)
    return [cell(row, total) for row in rows if (row["r"], row["f"]) not in gone]


def cell(row: Row, total: Decimal) -> dict[str, Any]:
    """A cell with its share of all money, None where there is none."""
    return {
        "r": row["r"],
        "f": row["f"],
        "customers": row["customers"],
        "share": float(row["money"] / total) if total > 0 else None,
        "segment": segment_name(row["segment"]),
    }


def grid(rows: list[dict[str, Any]]) -> list[Chart]:
    """The picture; nothing where all cells are small, or nobody spends."""
    if not rows or any(row["share"] is None for row in rows):
        return []
    high = max(max(row["r"], row["f"]) for row in rows)
    corner = [row for row in rows if row["r"] >= high - 1 and row["f"] >= high - 1]
    people, held = sum(row["customers"] for row in corner), sum(row["share"] for row in corner)
    everybody = sum(row["customers"] for row in rows)
    code = "corner" if held > people / everybody else "no_corner"
    title = message(f"page.segments_grid.{code}", share=people / everybody, held=held)
    return [
        Chart(
            "cells",
            "cells",
            rows,
            "rfm",
            title,
            message("page.segments.grid_note"),
            (
                column("r", "recency", "count"),
                column("f", "frequency", "count"),
                column("customers", "customers", "count"),
                column("share", "share_of_spend", "share"),
                column("segment", "segment"),
            ),
            x="f",
            y="share",
            series="r",
        )
    ]


def spend(segments: list[Row]) -> list[Chart]:
    rows = [{**row.asDict(), "segment": segment_name(row["segment"])} for row in segments]
    top = segments[0]
    two = segments[:2]
    held = sum(row["share_of_monetary"] or 0 for row in two)
    names = [segment_code(row["segment"]) for row in two]
    if top["monetary"] <= 0:
        title = message("page.segments.by_size", first=names[0], share=top["share_of_customers"])
    elif len(two) > 1:
        title = message("page.segments.two", first=names[0], second=names[1], held=held)
    else:
        title = message("page.segments.one", first=names[0])
    fields = (
        column("segment", "segment"),
        column("customers", "customers", "count"),
        column("share_of_customers", "share_of_customers", "share", is_minor=True),
        column("monetary", "spend", "money"),
        column("share_of_monetary", "share_of_spend", "share", is_minor=True),
        column("mean_frequency", "orders_each", "number", is_minor=True),
        column("mean_recency_days", "days_silent", "days", is_minor=True),
    )
    note = message("page.segments.note")
    return [Chart("segments", "bars", rows, "rfm_segments", title, note, fields, y="monetary", marks={"hot": 0})]
