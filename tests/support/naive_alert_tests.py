"""Tests of alerts on earlier days once more, slowly: one origin, one customer at a time, in plain Python."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from statistics import fmean
from typing import Any

from random_orders import Order
from scipy.stats import binom, false_discovery_control

from vitalfew.jobs.alerts.params import AlertParams

Row = dict[str, Any]
Z = 1.959963984540054


def naive(orders: Sequence[Order], params: AlertParams, as_of: date) -> dict[tuple[str, str], Row]:
    """By kind and rule: named, customers, compared, precision, lift, lift_low, lift_high, money of the named."""
    known = [o for o in orders if o.customer_id is not None and o.ordered_on < as_of]
    first = min(o.ordered_on for o in known if o.kind == "sale")
    days = params.evaluation_days
    origins = min(params.evaluation_origins, ((as_of - first).days - 90) // days)
    rows: list[Row] = []
    for number in range(1, origins + 1):
        day = as_of - timedelta(days=number * days)
        rows += [{**row, "origin": number} for row in customers(known, day, params)]
    rising(rows, params)
    dropping(rows, params)
    for row in rows:
        row["worth"] = tenth(row, [other["before"] for other in rows if other["origin"] == row["origin"]])
    return {
        ("inactive", "standard"): measured(rows, "inactive", "away", by_silence=False),
        ("churned", "standard"): measured(rows, "churned", "away", by_silence=False),
        ("overdue", "standard"): measured(rows, "overdue", "less"),
        ("overdue", "strict"): measured(rows, "strict", "less"),
        ("vip_returned", "standard"): measured(rows, "back", "away"),
        ("frequency_up", "standard"): measured(rows, "rising", "more"),
        ("spend_drop", "standard"): measured(rows, "dropped", "less"),
    }


def customers(orders: Iterable[Order], day: date, params: AlertParams) -> list[Row]:
    """Who was known on a day, who had an alert then, and what they did afterwards."""
    mine: dict[str, list[Order]] = defaultdict(list)
    later: dict[str, list[Order]] = defaultdict(list)
    for order in orders:
        if order.ordered_on < day:
            mine[str(order.customer_id)].append(order)
        elif order.ordered_on < day + timedelta(days=params.evaluation_days):
            later[str(order.customer_id)].append(order)
    rows = [facts(who, own, later[who], day, params) for who, own in mine.items() if sold(own)]
    limits(rows, params)
    usual(rows, params.evaluation_days)
    together = sum(row["value"] for row in rows)
    for row in rows:
        row["back"] = is_back(row, mine[row["who"]], together, len(rows), day, params)
    return rows


def sold(orders: Iterable[Order]) -> list[date]:
    return sorted({o.ordered_on for o in orders if o.kind == "sale"})


def cents(orders: Iterable[Order]) -> int:
    return sum(int(o.net_amount * 100) for o in orders)


def facts(who: str, own: list[Order], later: list[Order], day: date, params: AlertParams) -> Row:
    on = sold(own)
    silent, age, value = (day - on[-1]).days, (day - on[0]).days, cents(own)
    recent = day - timedelta(days=7 * params.rising_weeks)
    weeks = (recent - on[0]).days // 7
    drop = day - timedelta(days=params.drop_days)
    logs = [(o.ordered_on, math.log(o.net_amount)) for o in own if o.kind == "sale" and o.net_amount > 0]
    return {
        "who": who,
        "days": on,
        "silent": silent,
        "value": value,
        "age": age,
        "gaps": [(b - a).days for a, b in pairwise(on)],
        "inactive": min(params.silent_days) <= silent < params.churned_days,
        "churned": params.churned_days <= silent < params.forgotten_days,
        "weeks": weeks,
        "n": sum(each >= recent for each in on),
        "logs": ([log for on, log in logs if on >= drop], [log for on, log in logs if on < drop]),
        "away": not sold(later),
        "after": cents(later),
        "after_days": len(sold(later)),
    }


def usual(rows: list[Row], days: int) -> None:
    """What each brings usually, and who brought less than half of it, or came more often."""
    if not rows:
        return
    rate = Fraction(sum(len(row["gaps"]) for row in rows), sum(row["age"] for row in rows))
    beyond = sum((len(row["gaps"]) - rate * row["age"]) ** 2 - rate * row["age"] for row in rows)
    spread = max(beyond, Fraction(0)) / sum(row["age"] ** 2 for row in rows)
    for row in rows:
        own = (rate**2 + spread * len(row["gaps"])) / (rate + spread * row["age"]) if spread else rate
        row["before"] = own * days * row["value"] / len(row["days"])
        row["less"], row["more"] = 2 * row["after"] < row["before"], row["after_days"] > own * days


def limits(rows: list[Row], params: AlertParams) -> None:
    """Who is overdue, by the own share of gaps and by their spread."""
    steady = [row for row in rows if len(row["gaps"]) >= params.min_gaps]
    share = {row["who"]: at_share(row["gaps"], params.overdue_percentile) for row in rows if row["gaps"]}
    logs = {row["who"]: [math.log(gap) for gap in row["gaps"]] for row in rows}
    spread = {row["who"]: variance(logs[row["who"]]) for row in steady}
    for row in rows:
        row["overdue"] = row["strict"] = False
        n, least = len(row["gaps"]), params.min_gaps
        if not n or not steady:
            continue
        every = fmean(share[each["who"]] for each in steady)
        limit = (n * share[row["who"]] + least * every) / (n + least) if n >= least else max(*row["gaps"], every)
        is_late = row["silent"] > limit
        row["overdue"] = is_late and row["silent"] < params.churned_days
        if row["who"] in spread:
            drawn = (n * spread[row["who"]] + least * fmean(spread.values())) / (n + least)
            far = math.exp(fmean(logs[row["who"]]) + params.overdue_spreads * math.sqrt(drawn))
            row["strict"] = row["overdue"] and row["silent"] > far
        row["late"] = is_late


def at_share(gaps: list[int], share: float) -> int:
    return sorted(gaps)[math.ceil(len(gaps) * Fraction(str(share))) - 1]


def variance(values: list[float]) -> float:
    return fmean(value * value for value in values) - fmean(values) ** 2


def is_back(row: Row, own: list[Order], together: int, size: int, day: date, params: AlertParams) -> bool:
    """Whether a super customer who had lapsed has come back lately: by the last such return."""
    returns = [
        (after, before)
        for before, after in pairwise(row["days"])
        if (after - before).days >= params.lapsed_days and (day - after).days <= params.back_days
    ]
    if not returns or size < 2:
        return False
    old = cents(o for o in own if o.ordered_on < returns[-1][0])
    return old > 0 and old >= params.super_factor * Fraction(together - row["value"], size - 1)


def rising(rows: list[Row], params: AlertParams) -> None:
    """Who buys more often: the false discovery rate is of all that were looked at on any origin."""
    asked = [row for row in rows if row["weeks"] >= params.min_weeks]
    for row in rows:
        row["rising"] = False
    if not asked:
        return
    tails = []
    for row in asked:
        before = len(row["gaps"]) - row["n"]
        tails.append(
            binom.sf(row["n"] - 1, row["n"] + before, params.rising_weeks / (params.rising_weeks + row["weeks"]))
        )
    for row, q in zip(asked, false_discovery_control(tails), strict=True):
        expected = (len(row["gaps"]) - row["n"]) * params.rising_weeks / row["weeks"]
        is_more = row["n"] >= params.rising_factor * expected
        row["rising"] = bool(q <= params.significance and is_more and not row.get("late", False))


def dropping(rows: list[Row], params: AlertParams) -> None:
    """Whose orders are worth less: the spread of all is of all origins."""
    enough = [
        row
        for row in rows
        if len(row["logs"][0]) >= params.drop_orders and len(row["logs"][1]) >= params.drop_orders_before
    ]
    scatter = {id(row): variance(row["logs"][1]) * len(row["logs"][1]) for row in enough}
    freedom = sum(len(row["logs"][1]) - 1 for row in enough)
    for row in rows:
        row["dropped"] = False
    for row in enough:
        now, before = row["logs"]
        pooled = sum(scatter.values()) / freedom
        own = max((scatter[id(row)] + 5 * pooled) / (len(before) - 1 + 5), 0.01)
        z = (fmean(before) - fmean(now)) / math.sqrt(own * (1 / len(now) + 1 / len(before)))
        is_less = math.exp(fmean(now)) <= params.drop_ratio * math.exp(fmean(before))
        row["dropped"] = z >= params.drop_z and is_less


def tenth(row: Row, values: list[Fraction]) -> int:
    ordered = sorted(values)
    cuts = [ordered[math.ceil(Fraction(n, 10) * len(ordered)) - 1] for n in range(1, 10)]
    return sum(cut < row["before"] for cut in cuts)


def step(silent: int) -> int:
    at, number = 1, 0
    while at <= silent:
        at, number = max(at + 1, int(at * 1.15)), number + 1
    return number


def measured(rows: list[Row], named: str, claim: str, *, by_silence: bool = True) -> Row:
    mine = [row for row in rows if row[named]]
    counts: Row = {"named": len(mine), "customers": len({row["who"] for row in mine})}
    if not mine:
        return counts
    least = min(row["silent"] for row in mine)
    cells: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        if by_silence or row[named] or row["silent"] < least:
            cells[row["origin"], row["worth"], step(row["silent"]) if by_silence else 0].append(row)
    split = [([r for r in each if r[named]], [r for r in each if not r[named]]) for each in cells.values()]
    split = [(one, other) for one, other in split if one and other]
    counts |= {"precision": sum(row[claim] for row in mine) / len(mine), "compared": sum(len(one) for one, _ in split)}
    if not split:
        return counts
    weights = [Fraction(len(one) * len(other), len(one) + len(other)) for one, other in split]

    def of(get: Callable[[Row], Any], side: int) -> Any:
        means = [sum(get(row) for row in pair[side]) / Fraction(len(pair[side])) for pair in split]
        return sum(w * mean for w, mean in zip(weights, means, strict=True)) / sum(weights)

    lift = of(lambda row: int(row[claim]), 0) - of(lambda row: int(row[claim]), 1)
    pulls: dict[str, Fraction] = defaultdict(Fraction)
    for w, pair in zip(weights, split, strict=True):
        for side, sign in ((0, 1), (1, -1)):
            rate = Fraction(sum(row[claim] for row in pair[side]), len(pair[side]))
            for row in pair[side]:
                pulls[row["who"]] += sign * w / sum(weights) * (int(row[claim]) - rate) / len(pair[side])
    error = math.sqrt(sum(pull**2 for pull in pulls.values()))
    return counts | {
        "lift": float(lift),
        "lift_low": float(lift) - Z * error,
        "lift_high": float(lift) + Z * error,
        "named_before": float(of(lambda row: row["before"], 0)) / 100,
        "named_after": float(of(lambda row: row["after"], 0)) / 100,
        "matched_after": float(of(lambda row: row["after"], 1)) / 100,
    }
