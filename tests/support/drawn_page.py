"""A page with every kind of chart, of a few rows, in which names are as hostile as names can be."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, cast

from vitalfew.jobs.summary.page import of_all
from vitalfew.messages.message import message
from vitalfew.report.answers import Line
from vitalfew.report.columns import column
from vitalfew.report.page import Figure, Page, PageSection, ToDo
from vitalfew.report.sections import Chart, ChartKind

HOSTILE = "<script>alert('1')</script> & \"双引号\" \u202eright to left ** bold **"
DAY = date(2025, 3, 1)
NOTE = message("page.curve.x")


def drawn(kind: str, rows: list[dict[str, Any]], fields: str, **more: Any) -> Chart:
    """A chart of `kind` whose title has the hostile name."""
    title = message("page.rules.hub", product=HOSTILE, others=sum(map(ord, kind)))  # no two alike
    named = tuple(column(name, "value", cast(Any, unit)) for name, unit in (each.split(":") for each in fields.split()))
    return Chart(kind, cast(ChartKind, kind), rows, "rules", title, NOTE, named, **more)


def charts() -> list[Chart]:
    """One of each kind."""
    names = {"a_name": HOSTILE, "b_name": "茶壶"}
    weeks = [{"week": DAY - timedelta(days=7 * back), "revenue": Decimal(900 + back)} for back in range(20, 0, -1)]
    marks = {"weeks": 12, "level": 900.0, "low": 700.0, "high": 1200.0}
    test = {"test_from": DAY - timedelta(days=70), "test_to": DAY - timedelta(days=28), "test_level": 950.0}
    labels = {name: message("page.coming.band") for name in ("today", "ahead", "ahead_value", "ahead_band")}
    tested = {name: message("page.coming.test") for name in ("test", "test_value", "test_actual")}
    return [
        drawn(
            "curve",
            [{"best": tenth / 10, "held": (tenth / 10) ** 0.5} for tenth in range(11)],
            "best:percent held:share",
            x="best",
            y="held",
            marks={"x": 0.64, "y": 0.8},
            labels={"few": HOSTILE, "share": NOTE},
        ),
        drawn(
            "cells",
            [
                {"r": r, "f": f, "customers": 10 * r * f, "share": r * f / 225, "segment": HOSTILE if r > 2 else "Lost"}
                for r in range(1, 6)
                for f in range(1, 6)
            ],
            "r:count f:count customers:count share:share segment:name",
            x="f",
            y="share",
            series="r",
        ),
        drawn(
            "flow",
            [{"before": "a", "now": "b", "customers": 9}, {"before": "b", "now": "b", "customers": 90}],
            "before:name now:name customers:count",
            x="before",
            y="customers",
            series="now",
            marks={"groups": ["a", "b"]},
            labels={"a": HOSTILE, "b": "茶", "before": NOTE, "now": NOTE},
        ),
        drawn(
            "week",
            [{"weekday": d, "hour": h, "times": d * h / 80} for d in range(1, 8) for h in range(24)],
            "weekday:count hour:count times:times",
            x="hour",
            y="times",
            series="weekday",
            marks={
                "peaks": [{"weekday": 7, "from_hour": 20, "until_hour": 24, "best_hour": 23, "best_times_average": 2.0}]
            },
        ),
        drawn(
            "triangle",
            [
                {"cohort": cohort, "customers": 40, "months": m, "share": 0.5 / m, "is_doubtful": m == 3}
                for cohort in ("2025-01", HOSTILE)
                for m in (1, 2, 3)
            ],
            "cohort:name customers:count months:count share:share",
            x="months",
            y="share",
            series="cohort",
        ),
        drawn(
            "profiles",
            [
                {"cluster": c, "name": HOSTILE, "size": NOTE, "feature": f, "deviations": c - 1.5, "shown": "1"}
                for c in (1, 2)
                for f in ("frequency", HOSTILE)
            ],
            "cluster:count feature:name deviations:number",
            x="feature",
            y="deviations",
            series="cluster",
        ),
        drawn(
            "parts",
            [
                {"class": HOSTILE, "customers": 60, "late": 9, "stake": Decimal("9.50")},
                {"class": "C", "customers": 90, "late": 80, "stake": None},
            ],
            "class:name customers:count late:count stake:money",
            x="class",
            y="late",
            series="customers",
            marks={"hot": 0},
            labels={"late": HOSTILE, "others": NOTE},
        ),
        drawn(
            "network",
            [{"a": "1", "b": other, **names, "lift": 5.0} for other in ("2", "3", "4")],
            "a_name:name b_name:name lift:times",
            x="a",
            y="lift",
            series="b",
            marks={"sizes": {"1": 90, "2": 20}},
        ),
        drawn(
            "forecast",
            weeks,
            "week:date revenue:money",
            x="week",
            y="revenue",
            marks={**marks, **test},
            labels={**labels, **tested},
        ),
        drawn("bars", [{"who": HOSTILE, "n": n} for n in (3, 1, None)], "who:name n:count", y="n", marks={"hot": 0}),
        drawn("rows", [{"who": HOSTILE, "n": n} for n in range(20)], "who:name n:count"),
    ]


def page(sections: list[PageSection] | None = None) -> Page:
    """All charts in one section, and things to do."""
    facts = (Line(HOSTILE, HOSTILE, HOSTILE), Line(NOTE, NOTE))
    thing = ToDo(
        "overdue",
        message("page.to_do_what.overdue", n=2),
        HOSTILE,
        Decimal("1234567.89"),
        message("page.to_do_amount.lost"),
        2,
        message("page.to_do.because_seen"),
        "rules",
    )
    figures = [Figure(message("page.first_screen.orders"), message("page.first_screen.number", number=12345))]
    section = PageSection("rules", message("questions.rules"), facts[0], HOSTILE, charts(), facts)
    return Page(
        DAY,
        figures,
        [thing],
        (message("page.to_do.nothing"), message("page.to_do.no_alerts")),
        [section] if sections is None else sections,
        of_all(DAY),
    )
