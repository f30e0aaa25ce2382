"""Two days of observation as a page: orders, segments, value, the forecast and what came, and alerts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyspark.sql import Row

from vitalfew.cli.compare.known import NOBODY, Known, Moves
from vitalfew.domain.segment_names import segment_name
from vitalfew.messages.message import Message, message
from vitalfew.report.answers import Said
from vitalfew.report.columns import column
from vitalfew.report.page import Figure, Page, PageSection, Titles
from vitalfew.report.sections import Chart

NEAR = 0.02
"""Shares of less than this apart are called the same, where no interval says it better."""


def story(known: Known) -> Page:
    """The page of two days."""
    days = known.days
    titles = Titles(
        message("compare.heading", first=days.first, last=days.last),
        message("compare.kind"),
        message("customer.skip"),
        message("page.foot"),
    )
    sections = [orders(known), segments(known), value(known), forecast(known), alerts(known)]
    return Page(days.last, figures(known), (), None, sections, titles)


def section(code: str, answer: Message, charts: Sequence[Chart] = ()) -> PageSection:
    return PageSection(code, message(f"compare.question.{code}"), answer, None, charts, ())


def figures(known: Known) -> list[Figure]:
    """What came between the two days."""
    row = known.periods[0]
    days = message("page.first_screen.days", from_day=known.days.first, to_day=known.days.last)
    return [
        Figure(message("page.first_screen.period"), days, message("compare.fact.days", days=known.days.between)),
        *(
            Figure(message(f"compare.label.{name}"), message("page.first_screen.number", number=row[name]))
            for name in ("orders", "customers", "newcomers")
        ),
        Figure(message("page.first_screen.revenue"), message("page.first_screen.amount", amount=row["amount"])),
    ]


def orders(known: Known) -> PageSection:
    """What came between the two days, beside as many days before."""
    now, before = known.periods
    if not now["orders"] and not before["orders"]:
        return section("orders", message("compare.nothing.orders"))
    shown = [
        {"period": message(f"compare.period.{name}", days=known.days.between), **row.asDict()}
        for name, row in (("between", now), ("before", before))
    ]
    fields = (
        column("period", "period"),
        column("orders", "orders", "count"),
        column("customers", "customers", "count"),
        column("newcomers", "newcomers", "count"),
        column("amount", "revenue", "money"),
    )
    chart = Chart(
        "periods", "rows", shown, "orders", message("compare.title.periods"), message("compare.note.periods"), fields
    )
    return section("orders", change(known), [chart])


def change(known: Known) -> Message:
    """More, less or as much money as in as many days before; where those are no measure, why."""
    days, (now, before) = known.days, known.periods
    facts = {"days": days.between, "amount": now["amount"], "orders": now["orders"]}
    if not before["orders"] and not before["amount"]:
        return message("compare.answer.first", **facts)
    if before["amount"] <= 0:
        return message("compare.answer.without_money", **facts, before=before["amount"], others=before["orders"])
    if known.began and (known.began - days.start).days > NEAR * days.between:
        return message("compare.answer.young", **facts, began=known.began)
    ratio = float(now["amount"]) / float(before["amount"]) - 1
    code = "same" if abs(ratio) < NEAR else "more" if ratio > 0 else "less"
    return message(f"compare.answer.{code}", **facts, **({} if code == "same" else {"change": abs(ratio)}))


def not_alike(job: str, known: Known) -> Message:
    """That the two days cannot be compared, and what to run."""
    return message("compare.nothing.other_settings", job=job, day=str(known.days.first))


def segments(known: Known) -> PageSection:
    """How many stayed where they were, the segments on both days, and the flows between."""
    if "rfm" in known.other_settings:
        return section("segments", not_alike("rfm", known))
    moves = known.moves
    if moves is None or not moves.customers:
        return section("segments", message("compare.nothing.segments"))
    share = moves.stayed / moves.customers
    answer = message("compare.answer.stayed", stayed=moves.stayed, customers=moves.customers, share=share)
    return section("segments", answer, [sizes(moves), flows(moves)])


def sizes(moves: Moves) -> Chart:
    rows = [
        {"segment": segment_name(one.segment), "before": one.before, "now": one.now, "change": one.now - one.before}
        for one in moves.sizes
    ]
    fields = (
        column("segment", "segment"),
        column("before", "before", "count"),
        column("now", "now", "count"),
        column("change", "difference", "count"),
    )
    title, note = message("compare.title.segments"), message("compare.note.segments", groups=moves.hidden_sizes)
    return Chart("sizes", "rows", rows, "rfm", title, note, fields)


def flows(moves: Moves) -> Chart:
    """Who went from where to where, the largest flow first."""
    rows = [
        {**row.asDict(), "from_segment": called(row["from_segment"]), "to_segment": called(row["to_segment"])}
        for row in moves.flows
        if row["from_segment"] != row["to_segment"]
    ]
    fields = (
        column("from_segment", "from"),
        column("to_segment", "to"),
        column("customers", "customers", "count"),
        column("amount", "spend", "money"),
    )
    title, note = message("compare.title.flows"), message("compare.note.flows", groups=moves.hidden_flows)
    return Chart("moves", "bars", rows, "rfm", title, note, fields, y="customers")


def called(segment: str) -> Said:
    return message("compare.label.nobody") if segment == NOBODY else segment_name(segment)


def value(known: Known) -> PageSection:
    """Whether the value lies in fewer hands: beyond chance, where the intervals of the Gini coefficients are apart."""
    if "contribution" in known.other_settings:
        return section("value", not_alike("contribution", known))
    if known.concentration is None:
        return section("value", message("compare.nothing.value"))
    before, now = known.concentration
    rows = [
        {
            "day": day,
            **{name: row[name] for name in ("subjects", "subjects_for_target", "gini", "gini_low", "gini_high")},
        }
        for day, row in ((known.days.first, before), (known.days.last, now))
    ]
    fields = (
        column("day", "day", "date"),
        column("subjects", "customers", "count"),
        column("subjects_for_target", "for_target", "count"),
        column("gini", "gini", "score"),
        column("gini_low", "gini_low", "score", is_minor=True),
        column("gini_high", "gini_high", "score", is_minor=True),
    )
    title, note = message("compare.title.value"), message("compare.note.value")
    chart = Chart("concentration", "rows", rows, "concentration", title, note, fields)
    return section("value", message(f"compare.answer.{hands(before, now)}"), [chart])


def hands(before: Row, now: Row) -> str:
    """fewer_hands, more_hands, same_hands where the intervals overlap, or unknown_hands where one is not there."""
    ends: list[Any] = [before["gini_low"], before["gini_high"], now["gini_low"], now["gini_high"]]
    if None in ends:
        return "unknown_hands"
    low, high, now_low, now_high = ends
    return "fewer_hands" if now_low > high else "more_hands" if now_high < low else "same_hands"


def forecast(known: Known) -> PageSection:
    """What was predicted on the first day, and what came."""
    found = known.prediction
    if found is None:
        return section("forecast", message("compare.nothing.forecast", days=known.days.between))
    code = "inside" if found.low <= found.came <= found.high else "above" if found.came > found.high else "below"
    facts = {"days": found.days, "expected": found.expected, "low": found.low, "high": found.high, "came": found.came}
    return section("forecast", message(f"compare.answer.{code}", **facts))


def alerts(known: Known) -> PageSection:
    """Alerts of each kind on both days: which are new, and which are over."""
    if "alerts" in known.other_settings:
        return section("alerts", not_alike("alerts", known))
    if not known.alerts:
        return section("alerts", message("compare.nothing.alerts"))
    rows = [
        {
            "kind": message(f"alerts.kind.{row['kind']}"),
            "before": row["before"],
            "over": row["before"] - row["kept"],
            "new": row["now"] - row["kept"],
            "now": row["now"],
        }
        for row in known.alerts
    ]
    fields = (
        column("kind", "kind"),
        column("before", "before", "count"),
        column("over", "over", "count"),
        column("new", "new", "count"),
        column("now", "now", "count"),
    )
    sums = {name: sum(row[name] for row in rows) for name in ("over", "new", "now")}
    chart = Chart(
        "kinds", "rows", rows, "alerts", message("compare.title.alerts"), message("compare.note.alerts"), fields
    )
    return section("alerts", message("compare.answer.alerts", **sums), [chart])
