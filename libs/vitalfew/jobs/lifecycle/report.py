"""What the summary says of stages of life."""

from __future__ import annotations

from collections.abc import Mapping

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.algorithms.milestones.distributions import PRIOR
from vitalfew.dataframes.collect import collect_rows
from vitalfew.jobs.lifecycle.figures import OnLadder, evidence, is_published, ladders, needs_of, peopled
from vitalfew.jobs.lifecycle.tables import (
    BUYERS,
    CUSTOMER_STAGES,
    LIFECYCLE_EVALUATION,
    LIFECYCLE_EXISTENCE,
    LIFECYCLE_LADDERS,
    LIFECYCLE_NEEDS,
    LIFECYCLE_RELIABILITY,
    LIFECYCLE_STAGES,
)
from vitalfew.messages.message import Message, message
from vitalfew.report.answers import Line, missing
from vitalfew.report.sections import Asked, Report, Section

MOST_LINES = 3


def lines(known: Mapping[str, DataFrame], asked: Asked) -> list[Line]:
    """Who is in a stage, what they do not buy here, who comes into the next one; and what is inferred, or why not."""
    every = ladders(known)
    if not every:
        return missing("lifecycle")
    found = peopled(known)
    judged = {row["ladder"] for row in every if row["known_customers"] or row["milestone_rows"]}
    if not found and not judged:
        label, advice = message("lifecycle.label.nobody"), message("lifecycle.advice.nobody")
        return [Line(label, message("lifecycle.fact.nobody"), advice, "nobody", 0.0, "customers", is_open=True)]
    told: list[Line] = []
    for each in found:
        told += ladder_lines(each, known, asked)
    for row in every:
        if row["ladder"] in judged:
            told += [*inference_lines(row, known), *doubts(row)]
    return told


def ladder_lines(each: OnLadder, known: Mapping[str, DataFrame], asked: Asked) -> list[Line]:
    label = message("lifecycle.label.ladder", ladder=each.name)
    if each.is_small(asked):
        text = message("lifecycle.fact.few", least=asked.min_group)
        return [Line(label, text, message("lifecycle.advice.ladder"), "few")]
    figures = {
        "customers": each.customers,
        "known": each.known,
        "inferred": each.ladder["inferred_customers"],
        "stage": each.largest["stage"],
        "most": each.largest["customers"],
    }
    text, advice = message("lifecycle.fact.ladder", **figures), message("lifecycle.advice.ladder")
    count = float(each.customers)
    return [
        Line(label, text, advice, "stages", count, "customers"),
        *need_lines(each, known, asked),
        *entering_lines(each, asked),
    ]


def need_lines(each: OnLadder, known: Mapping[str, DataFrame], asked: Asked) -> list[Line]:
    """The needs that most customers of a stage do not buy here."""
    rows = [row for row in needs_of(known, each.name) if row["customers"] >= asked.min_group]
    rows.sort(key=lambda row: (row["buyers"] - row["customers"], row["position"]))
    return [
        Line(
            message("lifecycle.label.need", need=row["need"]),
            message(
                "lifecycle.fact.need",
                **{name: row[name] for name in ("buyers", "customers", "stage")},
                share=row["buyers"] / row["customers"],
            ),
            message("lifecycle.advice.need"),
            "need",
            float(row["customers"] - row["buyers"]),
            "customers",
        )
        for row in rows[:MOST_LINES]
        if row["buyers"] < row["customers"]
    ]


def entering_lines(each: OnLadder, asked: Asked) -> list[Line]:
    """The stages into which most customers come soon."""
    rows = sorted(each.stages, key=lambda row: (-row["entering_customers"], row["position"]))
    return [
        Line(
            message("lifecycle.label.entering", stage=row["stage"]),
            message("lifecycle.fact.entering", customers=row["entering_customers"]),
            message("lifecycle.advice.entering"),
            "entering",
            float(row["entering_customers"]),
            "customers",
        )
        for row in rows[:MOST_LINES]
        if row["entering_customers"] >= asked.min_group
    ]


def inference_lines(row: Row, known: Mapping[str, DataFrame]) -> list[Line]:
    """Whether unknown milestones are inferred, how well, or why not."""
    if row["inference"] == "by_purchase":
        return []
    label = message("lifecycle.label.inference", ladder=row["ladder"])
    bought = known["lifecycle_existence"].where(F.col("ladder") == row["ladder"])
    existence = collect_rows(bought, "customers by needs bought")
    text, advice = inference(row, known, existence)
    told = [Line(label, text, advice, row["inference"], float(row["inferred_customers"]), "customers")]
    if is_published(row) and row["exists_for"] == BUYERS:
        told.append(Line(label, message("lifecycle.fact.assumed"), None, "assumed"))
    return told


def inference(row: Row, known: Mapping[str, DataFrame], existence: list[Row]) -> tuple[Message, Message | None]:
    """What is said of inference, and what to do."""
    reason = row["inference"]
    table = known["lifecycle_evaluation"].where(F.col("ladder") == row["ladder"])
    judged = {each["method"]: each for each in collect_rows(table, "evaluation of inferred stages")}
    if reason == "no_milestones":
        return message("lifecycle.fact.no_milestones"), message("lifecycle.advice.ask")
    if reason == "no_categories":
        return message("lifecycle.fact.no_categories"), message("lifecycle.advice.unmet")
    best = judged.get(row["method"]) or min(judged.values(), key=lambda each: each["log_loss"], default=None)
    if reason == "too_few" or best is None or PRIOR not in judged:
        return message("lifecycle.fact.too_few", customers=row["known_customers"]), message("lifecycle.advice.too_few")
    prior = judged[PRIOR]
    losses = {"loss": best["log_loss"], "prior": prior["log_loss"]}
    if reason == "not_better":
        return message("lifecycle.fact.not_better", **losses, customers=best["customers"]), None
    if is_published(row):
        shown = {name: best[name] for name in ("customers", "coverage")}
        guessed = {"inferred": row["inferred_customers"], "candidates": row["candidates"]}
        clear = {"clear": best["clear_accuracy"] or 0.0, "promised": best["clear_probability"] or 0.0}
        return message("lifecycle.fact.published", **shown, **guessed, **clear, **losses), message(
            "lifecycle.advice.published"
        )
    rates = {"accuracy": best["accuracy"], "usual": prior["accuracy"]}
    if reason == "nobody_asked":
        return message("lifecycle.fact.nobody_asked", **rates), message("lifecycle.advice.ask")
    answered, confirmed = (sum(each[name] for each in existence) for name in ("answered", "confirmed"))
    share = confirmed / answered if answered else 0.0
    return message("lifecycle.fact.not_supported", **rates, share=share), message("lifecycle.advice.ask")


def doubts(row: Row) -> list[Line]:
    """Milestones and purchases off the ladder, and needs without a product."""
    told = []
    left_out = row["purchases_before"] + row["purchases_after"]
    if row["milestones_after"] or row["milestones_before"] or left_out:
        text = message(
            "lifecycle.fact.off_ladder",
            after=row["milestones_after"],
            before=row["milestones_before"],
            left_out=left_out,
        )
        label, advice = (
            message("lifecycle.label.off_ladder", ladder=row["ladder"]),
            message("lifecycle.advice.off_ladder"),
        )
        told.append(
            Line(label, text, advice, "off_ladder", float(row["milestones_after"] + row["milestones_before"]), "rows")
        )
    if row["unmet_needs"]:
        text, label = (
            message("lifecycle.fact.unmet", needs=row["unmet_needs"]),
            message("lifecycle.label.unmet", ladder=row["ladder"]),
        )
        told.append(Line(label, text, message("lifecycle.advice.unmet"), "unmet"))
    return told


def sections(known: Mapping[str, DataFrame], asked: Asked) -> list[Section]:
    """What the report says of this job."""
    return [Section("lifecycle", lines(known, asked))]


REPORT = Report(
    "lifecycle",
    (
        CUSTOMER_STAGES,
        LIFECYCLE_STAGES,
        LIFECYCLE_NEEDS,
        LIFECYCLE_LADDERS,
        LIFECYCLE_EXISTENCE,
        LIFECYCLE_EVALUATION,
        LIFECYCLE_RELIABILITY,
    ),
    sections,
    evidence=evidence,
)
