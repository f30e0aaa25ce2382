"""What a page shows of alerts: the lists behind what there is to do."""

from __future__ import annotations

from pyspark.sql import Window
from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.alerts.kinds import KINDS
from vitalfew.jobs.alerts.product_bursts import CALLED
from vitalfew.messages.message import Message, message
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

MOST = 5
"""Rows of each list that are shown; the table has all."""


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """How many customers have an alert, and the first of each list; nothing without open alerts."""
    del asked  # alerts are of one customer each, who is named by id alone
    still = known["alerts"].where("status = 'open'")
    subjects = still.where("subject = 'customer'").select("subject_id").distinct()
    counted = collect_rows(subjects.agg(F.count(F.lit(1)).alias("n")), "customers with alerts")[0]["n"]
    order = Window.partitionBy("kind").orderBy(F.col("value_at_stake").desc(), F.col("subject_id"))
    first = still.withColumn("place", F.row_number().over(order)).where(F.col("place") <= F.lit(MOST))
    found = collect_rows(first.orderBy("kind", "place"), "the first of each list")
    if not found:
        return []
    rows = [
        {
            "list": message(f"alerts.kind.{row['kind']}"),
            "who": row["subject_id"],
            "evidence": Message(f"alerts.evidence.{row['evidence_code']}", row["evidence_values"]).as_group(
                "alerts.brief"
            ),
            "stake": row["value_at_stake"],
        }
        for row in sorted(found, key=lambda row: (KINDS.index(row["kind"]), row["place"]))
    ]
    fields = (
        column("list", "list"),
        column("who", "customer_or_product"),
        column("evidence", "evidence"),
        column("stake", "at_stake", "money"),
    )
    kinds = len({row["kind"] for row in found})
    title = message("page.attention.lists", lists=kinds)
    chart = Chart("lists", "rows", rows, "alerts", title, message("page.attention.note", rows=MOST), fields)
    products = sum(row["kind"] in CALLED for row in found)
    answer = (
        message("page.attention.answer", customers=counted)
        if counted or not products
        else message("page.attention.products", products=products)
    )
    return [Evidence("attention", answer, message("page.attention.action"), [chart])]
