"""What a page shows of whether recommendations can be trusted: one sentence, and the scores behind it."""

from __future__ import annotations

from pyspark.sql import functions as F

from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.recommendations.tables import AFTER
from vitalfew.messages.message import message
from vitalfew.report.columns import column
from vitalfew.report.sections import Asked, Chart, Evidence, Known

CLEARLY = 0.1
"""A gain in nDCG over the better baseline from which the recommendations are called clearly better."""


def evidence(known: Known, asked: Asked) -> list[Evidence]:
    """Nothing where nothing was measured."""
    del asked  # nothing of it is needed
    order = [F.desc("ndcg"), F.asc("method")]
    lists = known["recommendation_evaluation"].where(~F.col("method").isin(*AFTER))
    rows = collect_rows(lists.orderBy(F.desc("k"), *order), "methods")
    found = [row for row in rows if row["k"] == rows[0]["k"]]
    ours = [row for row in found if not row["is_baseline"]]
    baselines = [row for row in found if row["is_baseline"]]
    if not ours or not baselines:
        return []
    mine = next((row for row in ours if row["is_published"]), ours[0])
    best = baselines[0]
    code = verdict(mine["ndcg"], best["ndcg"]) if mine["is_published"] else "no_better"
    figures = {"hits": mine["hit_rate"], "usual": best["hit_rate"], "k": mine["k"]}
    action = message("recommendations.advice.send" if mine["is_published"] else "recommendations.advice.baselines")
    shown = [
        {
            **row.asDict(),
            "method": message(
                f"recommendations.label.{'baseline' if row['is_baseline'] else 'method'}", method=row["method"]
            ),
        }
        for row in found
    ]
    fields = (
        column("method", "method"),
        column("ndcg", "ndcg", "score"),
        column("hit_rate", "hit_rate", "share"),
    )
    title = message("page.trust.title", methods=len(ours), baselines=len(baselines))
    note = message("page.trust.note", customers=mine["customers"], split=mine["split_on"])
    hot = next(place for place, row in enumerate(found) if row is mine)
    chart = Chart(
        "methods", "bars", shown, "recommendation_evaluation", title, note, fields, y="ndcg", marks={"hot": hot}
    )
    return [Evidence("trust", message(f"page.trust_answer.{code}", **figures), action, [chart])]


def verdict(ours: float, baseline: float) -> str:
    """Whether the score of what is recommended is no better than that of the better baseline, a little, or clearly."""
    gain = ours / baseline - 1 if baseline else float(ours > 0)
    return "no_better" if gain <= 0 else "little" if gain < CLEARLY else "clearly"
