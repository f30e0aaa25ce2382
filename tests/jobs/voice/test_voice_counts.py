"""What is counted of texts, against a naive second implementation; what is kept and learnt in large shops; sources."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from staged import staged

from vitalfew.jobs.voice.counts import by_theme, by_week
from vitalfew.jobs.voice.kept_themes import kept_themes
from vitalfew.jobs.voice.params import VoiceParams
from vitalfew.jobs.voice.sources import sources
from vitalfew.jobs.voice.subjects import Subject
from vitalfew.jobs.voice.transform import sample

PARAMS = VoiceParams()
SAID = "kind string, week int, customer_id string, mood int, is_text boolean, themes array<string>"
SIGNALS = (
    "customer_id string, week int, period int, kind string, is_complaint boolean, is_return boolean, "
    "is_bad boolean, is_text boolean, pairs array<string>, themes array<string>"
)


def written(seed: int, texts: int = 600) -> list[tuple[Any, ...]]:
    """Texts of 60 weeks by chance, some of people whom nobody knows, some of people who write every day."""
    dice = random.Random(seed)
    return [
        (
            dice.choice(["review", "support"]),
            dice.randrange(56),
            dice.choice([None, f"c{int(40 * dice.random() ** 2)}"]),
            dice.choice([None, 0, 1]),
            True,
            dice.sample(["tea", "cup", "late", "box"], 2),
        )
        for _ in range(texts)
    ]


def naive(rows: list[tuple[Any, ...]]) -> dict[tuple[str, str], dict[str, Any]]:
    """By definition, row by row."""
    all_texts, said = defaultdict(set), defaultdict(set)
    for number, (kind, week, who, mood, _, themes) in enumerate(rows):
        text = who or f"unknown {number}"
        all_texts[kind].add((week, text))
        for theme in themes:
            said[kind, theme].add((week, text, who, mood))
    found = {}
    for (kind, theme), hits in said.items():
        inside = [each for each in hits if each[0] < 52]
        texts = {each[:2] for each in inside}
        figures: dict[str, Any] = {
            "people": len({who for _, _, who, _ in inside}),
            "recent_people": len({who for week, _, who, _ in inside if week < 4}),
            "recent": sum(week < 4 for week, _ in texts),
            "before": sum(week >= 4 for week, _ in texts),
            "year_ago": len({each[:2] for each in hits if each[0] >= 52}),
            "bad": len({text for _, text, _, mood in inside if mood == 1}),
            "good": len({text for _, text, _, mood in inside if mood == 0}),
        }
        for name, weeks in (("squares", 1), ("span_squares", 4)):
            parts = range(4 // weeks, 52 // weeks)
            n = [sum(week // weeks == part for week, _ in texts) for part in parts]
            of = [sum(week // weeks == part for week, _ in all_texts[kind]) for part in parts]
            figures[name] = sum(a * a / b for a, b in zip(n, of, strict=True) if b)
        found[kind, theme] = figures
    return found


def test_figures_of_themes_are_those_of_a_naive_second_implementation(spark: SparkSession) -> None:
    rows = written(1)
    themed = spark.createDataFrame(rows, SAID)
    weeks = by_week(themed, PARAMS)
    said = themed.select("kind", "week", "customer_id", "mood", F.explode("themes").alias("theme"))
    found = {(row["kind"], row["theme"]): row.asDict() for row in by_theme(said, weeks, PARAMS).collect()}
    expected = naive(rows)
    assert found.keys() == expected.keys()
    for key, figures in expected.items():
        assert {name: found[key][name] for name in figures} == pytest.approx(figures), key
    assert weeks.year_ago("review") == len(
        {(row[1], row[2] or n) for n, row in enumerate(rows) if row[0] == "review" and row[1] >= 52}
    )


def test_what_is_new_is_kept_however_few_its_texts_and_the_others_count_as_tried(spark: SparkSession) -> None:
    """20 everyday words of 100 texts each, and one of 12, all of them recent."""
    usual = [("review", n % 52, f"c{n}", None, True, [f"w{n % 20}"]) for n in range(2000)]
    new = [("review", n % 4, f"n{n}", None, True, ["leak"]) for n in range(12)]
    params = VoiceParams(most_themes=10)
    themed = spark.createDataFrame([*usual, *new], SAID)
    kept, others = kept_themes(themed, by_week(themed, params), params, staged)
    assert "leak" in {row["theme"] for row in kept}
    assert len(kept) + others == 21
    assert others > 0


def test_of_recent_texts_more_are_learnt_from(spark: SparkSession) -> None:
    rows = [(f"text {n}", True, 1 if n < 400 else 30) for n in range(9000)]
    frame = spark.createDataFrame(rows, "text string, is_text boolean, week int")
    texts = [int(row["text"].split()[1]) for row in sample(frame, VoiceParams(learning_texts=1000)).collect()]
    assert sum(n < 400 for n in texts) == 400
    assert 400 < sum(n >= 400 for n in texts) < 600


def complaint(who: str, week: int, *pairs: str) -> tuple[Any, ...]:
    return who, week, week, "complaint", True, False, False, True, list(pairs), []


def test_few_customers_who_complain_each_week_are_not_what_is_usual(spark: SparkSession) -> None:
    """Half of all customers are of the north, whoever complains. Five of the south complain each week."""
    regions = ("region:north", "region:south")
    rows = [complaint(f"c{n}", n % 50 + 1, regions[n % 2]) for n in range(100)]
    rows += [complaint(f"s{n}", week, "region:south") for n in range(5) for week in range(1, 50)]
    rows += [complaint(f"b{n}", 0, regions[n % 2], "product:p1") for n in range(40)]
    assert sources(spark.createDataFrame(rows, SIGNALS), [Subject("complaints", "p1")], PARAMS) == []


def test_two_bursts_of_one_cause_do_not_hide_each_other(spark: SparkSession) -> None:
    rows = [complaint(f"c{n}", n % 50 + 1, "channel:web") for n in range(25)]
    for product in ("p1", "p2"):
        rows += [complaint(f"{product}{n}", 0, f"product:{product}", "channel:web", "code:l22") for n in range(40)]
    found = sources(spark.createDataFrame(rows, SIGNALS), [Subject("complaints", p) for p in ("p1", "p2")], PARAMS)
    assert [(each.part.subject.subject_id, each.pair, each.expected_share) for each in found] == [
        ("p1", "code:l22", 0.0),
        ("p2", "code:l22", 0.0),
    ]
