"""One customer's story as a page: what to do, worth, history, what comes next, what to offer, changes, the person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from pyspark.sql import Row

from vitalfew.cli.customer.known import Known, as_dict, name_here
from vitalfew.domain.segment_names import segment_code, segment_name
from vitalfew.jobs.alerts.tables import ALERTS
from vitalfew.jobs.customer360.tables import CUSTOMER360, UNMET_DEMAND
from vitalfew.jobs.next_purchase.tables import NEXT_PURCHASE
from vitalfew.jobs.recommendations.tables import RECOMMENDATIONS
from vitalfew.messages.message import Message, message, of_row
from vitalfew.report.answers import Line, Said, named
from vitalfew.report.columns import column
from vitalfew.report.page import Figure, Page, PageSection, Titles
from vitalfew.report.sections import Chart

HORIZONS = (30, 90, 365)
NAMED_PRODUCTS = 2
"""How many products of an order are named."""


def story(known: Known) -> Page:
    """The page of one customer."""
    titles = Titles(
        message("customer.heading", customer=known.customer_id, as_of=known.as_of),
        message("customer.kind"),
        message("customer.skip"),
        message("customer.foot"),
    )
    sections = [to_do(known), worth(known), history(known), to_come(known), offer(known), changes(known), person(known)]
    return Page(known.as_of, figures(known), (), None, sections, titles)


def section(code: str, answer: Message | Line, facts: Sequence[Line], charts: Sequence[Chart] = ()) -> PageSection:
    return PageSection(code, message(f"customer.question.{code}"), answer, None, charts, facts)


def label(code: str) -> Message:
    return message(f"customer.label.{code}")


def figures(known: Known) -> list[Figure]:
    """Four figures: orders, what they brought, the segment, and the chance of another order."""
    totals, scored, later = known.totals, known.rfm, known.next_purchase
    found = [
        Figure(message("page.first_screen.orders"), message("page.first_screen.number", number=totals["orders"])),
        Figure(message("page.first_screen.revenue"), message("page.first_screen.amount", amount=totals["amount"])),
    ]
    if scored is not None:
        found.append(Figure(message("customer.figure.segment"), named(segment_name(scored["segment"]))))
    for days in reversed(HORIZONS):
        if later is not None and later[f"p_return_{days}"] is not None:
            found.append(Figure(message("customer.figure.returns", days=days), chance(later[f"p_return_{days}"])))
            break
    return found


def chance(p: float) -> Message:
    return message("customer.fact.share", share=p)


def to_do(known: Known) -> PageSection:
    """The action of the gravest alert, else the next step of the purchases to come; and every open alert."""
    lines = [alert(row) for row in known.alerts]
    later = known.next_purchase
    if later is not None and (action := of_row(later, "action", NEXT_PURCHASE)) is not None:
        lines.append(Line(label("next_step"), status(later["status"]), action, "next_step"))
    if not lines:
        return section("do", message("customer.nothing.do"), ())
    first = lines[0]
    return section("do", Line(first.label, first.action or first.text), lines)


def alert(row: Row) -> Line:
    """An open alert, with its evidence and what to do."""
    evidence, action = of_row(row, "evidence", ALERTS), of_row(row, "action", ALERTS)
    return Line(message(f"alerts.kind.{row['kind']}"), evidence or "", action, row["kind"])


def status(value: str) -> Message:
    return message(f"page.status.{value.replace(' ', '_')}")


def worth(known: Known) -> PageSection:
    """What they brought, and their place among all."""
    totals, value, scored = known.totals, known.value, known.rfm
    if not totals["orders"]:
        return section("worth", without_sales(known), ())
    facts = {"amount": totals["amount"], "orders": totals["orders"], "first": totals["first_on"]}
    lines = []
    if scored is not None:
        lines.append(Line(label("segment"), segment_name(scored["segment"]), None, "segment"))
        lines.append(Line(label("scores"), scores(scored), None, "scores"))
    if has_money(known) and scored is not None:
        lines.append(Line(label("average_order"), money(scored["average_order_value"]), None, "average_order"))
    if value is None or not has_money(known):
        return section("worth", message("customer.answer.worth", **facts), lines)
    placed = {"rank": value["rank"], "customers": known.valued}
    lines.append(Line(label("decile"), message("customer.fact.decile", decile=value["decile"]), None, "decile"))
    lines.append(Line(label("share"), message("customer.fact.small_share", share=value["share"]), None, "share"))
    return section("worth", message("customer.answer.placed", **facts, **placed), lines)


def has_money(known: Known) -> bool:
    """Whether any order of the shop has an amount, without which nobody has a place by value."""
    return known.rfm is None or known.rfm["m"] is not None


def scores(row: Row) -> Message:
    """The scores with the numbers that led to them."""
    said = {"r": row["r"], "f": row["f"], "silent": row["recency_days"], "orders": row["frequency"]}
    if row["m"] is None:
        return message("customer.fact.scores_without_money", **said)
    return message("customer.fact.scores", **said, m=row["m"], spend=row["monetary"])


def money(amount: Decimal) -> Message:
    return message("page.first_screen.amount", amount=amount)


def history(known: Known) -> PageSection:
    """Money by month, the latest orders, and what was bought most."""
    last = known.totals["last_on"]
    if last is None:
        return section("history", without_sales(known), (), [orders(known)] if known.orders else [])
    answer = message("customer.answer.history", last=last, silent=(known.as_of - last).days)
    return section("history", answer, (), [by_month(known), orders(known), bought(known)])


def without_sales(known: Known) -> Message:
    """What is said of a customer who bought nothing: whether there is anything else, such as a return."""
    if not known.orders:
        return message("customer.nothing.orders", as_of=known.as_of)
    last = known.orders[0]["ordered_on"]
    return message("customer.nothing.sales", as_of=known.as_of, last=last, amount=known.totals["amount"])


def by_month(known: Known) -> Chart:
    rows = [as_dict(row) for row in known.months]
    fields = (
        column("month", "month"),
        column("amount", "spend", "money"),
        column("orders", "orders", "count"),
    )
    title = message("customer.title.months", months=len(rows))
    return Chart("months", "bars", rows, "orders", title, message("customer.note.months"), fields, y="amount")


def orders(known: Known) -> Chart:
    kinds = {row["kind"]: message(f"customer.kind_of.{row['kind']}") for row in known.orders}
    rows = [as_dict(row, products=products(row, known), kind=kinds[row["kind"]]) for row in known.orders]
    fields = (
        column("ordered_on", "day", "date"),
        column("order_id", "order", is_minor=True),
        column("kind", "kind", is_minor=True),
        column("products", "product"),
        column("pieces", "pieces", "number", is_minor=True),
        column("net_amount", "spend", "money"),
    )
    title = message("customer.title.orders", orders=len(rows))
    return Chart("orders", "rows", rows, "orders", title, message("customer.note.orders"), fields)


def products(order: Row, known: Known) -> Message:
    """The products of an order, some of them by name."""
    ids = list(order["product_ids"])
    names = ", ".join(name_here(each, known.products) for each in ids[:NAMED_PRODUCTS])
    more = len(ids) - NAMED_PRODUCTS
    return message("customer.fact.products_more", names=names, more=more) if more > 0 else named(names)


def bought(known: Known) -> Chart:
    rows = [as_dict(row, product=name_here(row["product_id"], known.products)) for row in known.bought]
    fields = (
        column("product", "product"),
        column("orders", "orders", "count"),
        column("last_on", "last", "date"),
        column("amount", "spend", "money"),
    )
    title = message("customer.title.bought")
    return Chart("bought", "bars", rows, "orders", title, message("customer.note.bought"), fields, y="orders")


def to_come(known: Known) -> PageSection:
    """The window of the next order, the chances of one, what is at stake, and what is due."""
    row = known.next_purchase
    if row is None:
        return section("next", message("customer.nothing.next"), ())
    lines = [Line(label("status"), status(row["status"]), None, "status")]
    if row["gap_days"] is not None:
        lines.append(Line(label("gap"), message("customer.fact.gap", gap=round(row["gap_days"])), None, "gap"))
    for days in HORIZONS:
        if row[f"p_return_{days}"] is not None:
            lines.append(Line(message("customer.label.returns", days=days), chance(row[f"p_return_{days}"])))
    lines.append(Line(label("expected_order"), money(row["expected_amount"])))
    lines.append(Line(label("stake"), money(row["value_at_stake"])))
    charts = [repeats(known)] if known.repeats else []
    if row["due_50_from"] is None:
        return section("next", message("customer.answer.no_window"), lines, charts)
    window = {"from_day": row["due_50_from"], "to_day": row["due_50_to"]}
    return section("next", message("customer.answer.window", **window), lines, charts)


def repeats(known: Known) -> Chart:
    """What they buy again and again, what is due first on top."""
    fields = (
        column("item", "product"),
        column("due_on", "due", "date"),
        column("gap_days", "usual_gap", "days"),
        column("last_on", "last", "date"),
    )
    rows = [as_dict(row, item=what(row, known)) for row in known.repeats]
    title, note = message("customer.title.repeats"), message("customer.note.repeats")
    return Chart("repeats", "rows", rows, "repeat_purchases", title, note, fields)


def what(row: Row, known: Known) -> str:
    """A product by its name, or a level of the hierarchy."""
    item = str(row["item"])
    return name_here(item, known.products) if row["level"] == "product" else item


def offer(known: Known) -> PageSection:
    """What is recommended and why, and what they looked for in vain."""
    wishes = [
        Line(label("wish"), name_here(row["product_id"], known.products), of_row(row, "action", UNMET_DEMAND), "wish")
        for row in known.wishes
    ]
    rows = [
        {"product": name_here(row["product_id"], known.products), "reason": of_row(row, "reason", RECOMMENDATIONS)}
        for row in known.recommendations
    ]
    if not rows:
        return section("offer", wishes[0] if wishes else message("customer.nothing.offer"), wishes)
    fields = (column("product", "product"), column("reason", "reason"))
    title, note = message("customer.title.offers", products=len(rows)), message("customer.note.offers")
    first = message("customer.answer.offer", product=rows[0]["product"])
    return section("offer", first, wishes, [Chart("offers", "rows", rows, "recommendations", title, note, fields)])


def changes(known: Known) -> PageSection:
    """Their segment on the latest days of observation."""
    rows = known.groups
    if len(rows) < 2:
        return section("changed", message("customer.nothing.changed"), ())
    now, before = rows[0], next((row for row in rows if row["segment"] != rows[0]["segment"]), None)
    code = segment_code(now["segment"])
    if before is None:
        answer = message("customer.answer.same", now=code, days=len(rows), since=rows[-1]["as_of"])
    else:
        answer = message(
            "customer.answer.changed", now=code, before=segment_code(before["segment"]), day=before["as_of"]
        )
    shown = [as_dict(row, segment=segment_name(row["segment"])) for row in rows]
    fields = (
        column("as_of", "day", "date"),
        column("segment", "segment"),
        column("recency_days", "days_silent", "count"),
        column("frequency", "orders", "count"),
        column("monetary", "spend", "money"),
    )
    title, note = message("customer.title.groups"), message("customer.note.groups")
    return section("changed", answer, (), [Chart("groups", "rows", shown, "rfm", title, note, fields)])


def person(known: Known) -> PageSection:
    """What customer360 knows of the person whose account this is."""
    row = known.person
    if row is None:
        return section("person", message("customer.nothing.person"), ())
    lines = [Line(label(name), said, None, name) for name, said in traits(row)]
    priced = message(f"customer360.price_type.{row['price_type']}")
    evidence = of_row(row, "price_evidence", CUSTOMER360) or ""
    lines.append(Line(label("price_type"), evidence, of_row(row, "action", CUSTOMER360), "price_type"))
    return section("person", Line(label("price_type"), priced), lines)


def traits(row: Row) -> Iterator[tuple[str, Said]]:
    """What is known, with the names of the messages that call it."""
    if row["joined_on"] is not None:
        yield "joined", message("customer.fact.day", day=row["joined_on"])
    if row["age_years"] is not None:
        yield "age", message("page.first_screen.number", number=row["age_years"])
    for name in ("favourite_channel", "favourite_category", "favourite_brand"):
        if row[name] is not None:
            yield name, row[name]
    if row["accounts"] > 1:
        yield "accounts", message("page.first_screen.number", number=row["accounts"])
    if row["first_touch_at"] is not None:
        first, last = row["first_touch_at"].date(), row["last_touch_at"].date()
        yield "touches", message("page.first_screen.days", from_day=first, to_day=last)
