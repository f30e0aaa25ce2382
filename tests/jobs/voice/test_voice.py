"""What customers talk about: planted crises in two languages, shops without one, and hostile texts."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from pyspark.sql import DataFrame, SparkSession
from staged import staged
from voices import AS_OF, CHINESE, ENGLISH, Voices

from vitalfew.jobs.alerts.tables import ALERTS
from vitalfew.jobs.voice.params import VoiceParams
from vitalfew.jobs.voice.report import REPORT
from vitalfew.jobs.voice.tables import VOICE_SOURCES, VOICE_THEMES, VOICE_TOTALS
from vitalfew.jobs.voice.transform import voice
from vitalfew.messages.words import Words
from vitalfew.report.sections import Asked
from vitalfew.tables import Table
from vitalfew.tables.facts import CUSTOMER_PROFILE, ORDERS
from vitalfew.tables.sources import EVENTS, PRODUCTS

WRITES = (VOICE_THEMES, VOICE_SOURCES, VOICE_TOTALS)
WORDS = Words("en", "EUR")
Row = dict[str, Any]


def table(spark: SparkSession, declared: Table, rows: list[Row]) -> DataFrame:
    ddl = ", ".join(f"{column.name} {column.type}" for column in declared.declared)
    names = list(declared.columns)
    made = [tuple(float(v) if isinstance(v := row.get(n), int) and n == "value" else v for n in names) for row in rows]
    return spark.createDataFrame(made, ddl)


def day(year: int, month: int, of_month: int) -> datetime:
    return datetime.combine(date(year, month, of_month), datetime.min.time())


def open_burst(kind: str, product: str) -> Row:
    return {"kind": kind, "subject": "product", "subject_id": product, "status": "open", "value_at_stake": None}


def heard(
    spark: SparkSession,
    events: list[Row],
    profiles: list[tuple[str, str]] = (),  # type: ignore[assignment]
    bursts: list[Row] = (),  # type: ignore[assignment]
    orders: list[Row] = (),  # type: ignore[assignment]
    as_of: date = AS_OF,
    words: Words = WORDS,
    **params: Any,
) -> dict[str, DataFrame]:
    """The tables of the job."""
    found = voice(
        table(spark, ORDERS, list(orders)),
        table(spark, EVENTS, events),
        table(spark, ALERTS, list(bursts)),
        table(spark, CUSTOMER_PROFILE, [{"customer_id": who, "region": where} for who, where in profiles]),
        params=VoiceParams(**params),
        as_of=as_of,
        stage=staged,
        words=words,
    )
    return {declared.name: frame for declared, frame in zip(WRITES, found, strict=True)}


def rows_of(found: dict[str, DataFrame], name: str) -> list[Row]:
    return [row.asDict() for row in found[name].collect()]


EVERYDAY = [*ENGLISH["bad"], *ENGLISH["any"]]
CRISIS = {"en": (ENGLISH, ", ", ("the cap is leaking", "batch")), "zh": (CHINESE, "，", ("盖子漏水", "批号"))}


@pytest.fixture(scope="module", params=["en", pytest.param("zh", marks=pytest.mark.both_engines)])
def crisis(spark: SparkSession, request: pytest.FixtureRequest) -> tuple[str, Voices, dict[str, DataFrame]]:
    """A burst of complaints about p3: 8 of 10 say that it leaks and name batch L2231, most of these in the north."""
    language, joint, words = CRISIS[request.param]
    made = Voices(1, language, joint)
    made.crisis(words)
    currency = Words(request.param, "EUR")
    found = heard(spark, made.events, made.profiles, [open_burst("complaints", "p3")], words=currency)
    return request.param, made, found


def test_a_planted_crisis_is_found_with_its_source_two_levels_deep(
    crisis: tuple[str, Voices, dict[str, DataFrame]],
) -> None:
    language, _, found = crisis
    rows = [row for row in rows_of(found, "voice_sources") if row["subject"] == "complaints"]
    first = {(row["attribute"], row["value"]): row for row in rows if row["level"] == 1}
    leak = "leaking" if language == "en" else "盖子漏水"
    assert {("code", "l2231"), ("region", "north"), ("channel", "app"), ("theme", leak)} <= set(first)
    assert {row["about"] for row in rows} == {"p3"}
    batch = first["code", "l2231"]
    assert (batch["rank"], batch["expected_share"], batch["q_value"] < 1e-9) == (1, 0.0, True)
    assert batch["share"] == pytest.approx(0.8, abs=0.12)
    assert all(part in batch["finding"] for part in ("l2231", "supplier" if language == "en" else "供应商"))
    deeper = {(row["attribute"], row["value"]) for row in rows if row["level"] == 2}
    assert {("region", "north"), ("channel", "app")} <= deeper
    assert {(row["within_attribute"], row["within_value"]) for row in rows if row["level"] == 2} == {("code", "l2231")}
    wrong = {(row["attribute"], row["value"]) for row in rows} & {("region", "south"), ("channel", "web")}
    assert wrong == set()


def test_what_the_crisis_says_rises_and_what_ratings_speak_of_has_a_mood(
    crisis: tuple[str, Voices, dict[str, DataFrame]],
) -> None:
    language, _, found = crisis
    rows = rows_of(found, "voice_themes")
    rising = {row["theme"] for row in rows if row["is_rising"]}
    expected = {"leaking", "batch", "l2231"} if language == "en" else {"盖子漏水", "批号", "l2231"}
    assert expected <= rising
    assert all(set(theme.split()) & {*expected, "cap"} for theme in rising)
    moods = {row["theme"]: row["mood"] for row in rows}
    bad, good, neither = (
        ("poor quality", "smells lovely", "kitchen") if language == "en" else ("质量差", "质量很好", "颜色好看")
    )
    assert [moods[theme] for theme in (bad, good, neither)] == ["dissatisfaction", "satisfaction", "neither"]
    assert rows_of(found, "voice_totals")[0]["reason"] == "reported"


def test_counts_are_those_of_a_naive_second_implementation(
    crisis: tuple[str, Voices, dict[str, DataFrame]],
) -> None:
    language, made, found = crisis
    word = "quality" if language == "en" else "厨房用"
    said = [row for row in made.events if word in row["detail"]]
    ages = {id(row): (AS_OF - row["happened_at"].date()).days - 1 for row in said}
    for kind in ("review", "complaint"):
        mine = [row for row in said if row["kind"] == kind]
        texts = {(row["customer_id"], ages[id(row)] // 7) for row in mine}
        rows = [row for row in rows_of(found, "voice_themes") if (row["kind"], row["theme"]) == (kind, word)]
        figures = [(row["texts"], row["people"], row["recent_texts"]) for row in rows]
        people = {row["customer_id"] for row in mine}
        assert figures == [(len(texts), len(people), sum(week < 4 for _, week in texts))]
    rated = {(row["customer_id"], row["value"] <= 2) for row in said if row["value"] is not None}
    bad = {row["bad_texts"] for row in rows_of(found, "voice_themes") if row["theme"] == word}
    assert bad == {sum(is_bad for *_, is_bad in rated)}


def test_no_table_names_a_customer_and_all_rows_keep_their_contracts(
    crisis: tuple[str, Voices, dict[str, DataFrame]],
) -> None:
    _, made, found = crisis
    customers = {row["customer_id"] for row in made.events}
    for declared in WRITES:
        frame = found[declared.name]
        cells = {str(value) for row in rows_of(found, declared.name) for value in row.values()}
        assert not cells & customers
        keys = [name for name in declared.key if name != "as_of"]
        rows = frame.select(*(keys or ["reason"])).collect()
        assert len({tuple(row) for row in rows}) == len(rows)
        for rule in declared.always:
            assert frame.where(f"not coalesce({rule}, false)").count() == 0, rule


def test_the_report_says_it_in_both_languages(crisis: tuple[str, Voices, dict[str, DataFrame]]) -> None:
    language, _, found = crisis
    frames = {**found, "products": found["voice_totals"].sparkSession.createDataFrame([], PRODUCTS.types)}
    asked = Asked({}, AS_OF, Words(language, "EUR"))
    lines = [line for section in REPORT.sections(frames, asked) for line in section.facts]
    assert [line.code for line in lines][-4:] == ["rising", "dissatisfaction", "satisfaction", "texts"]
    assert lines[0].code == "source"
    shown = REPORT.evidence(frames, asked)[0]
    assert shown.answer.key == "page.voice.crisis"
    assert [chart.code for chart in shown.charts] == ["voice_sources", "voice_rising", "voice_upsets"]
    few = Asked({}, AS_OF, Words(language, "EUR"), min_group=10_000)
    assert REPORT.evidence(frames, few) == []


def test_a_shop_where_nothing_happens_has_no_rising_theme_and_no_source(spark: SparkSession) -> None:
    made = Voices(5)
    for number in range(30):
        made.say("complaint", ", ".join(made.dice.sample(EVERYDAY, 2)), number % 7 + 1, product_id="p4")
    ids = [made.dice.randrange(400) for _ in range(40)]
    orders = [
        {
            "order_id": f"o{number}",
            "customer_id": f"c{who}",
            "ordered_on": AS_OF - timedelta(days=number % 7 + 1 if number < 20 else number),
            "kind": "return",
            "channel": made.dice.choice(["web", "app"]),
            "product_ids": ["p4" if number < 20 else "p5"],
        }
        for number, who in enumerate(ids)
    ]
    bursts = [open_burst("complaints", "p4"), open_burst("returns", "p4")]
    found = heard(spark, made.events, made.profiles, bursts, orders)
    assert not [row["theme"] for row in rows_of(found, "voice_themes") if row["is_rising"]]
    assert rows_of(found, "voice_sources") == []
    assert rows_of(found, "voice_totals")[0]["bursts"] == 2
    frames = {**found, "products": spark.createDataFrame([], PRODUCTS.types)}
    codes = [line.code for line in REPORT.sections(frames, Asked({}, AS_OF, WORDS))[0].facts]
    assert "no_source" in codes


def test_returns_of_one_channel_are_told_without_any_text(spark: SparkSession) -> None:
    orders = [
        {
            "order_id": f"o{number}",
            "customer_id": f"c{number}",
            "ordered_on": AS_OF - timedelta(days=number % 7 + 1 if number < 30 else number % 200 + 8),
            "kind": "sale" if number % 2 else "return",
            "channel": "app" if number < 28 else ("web", "store", "app")[number % 3],
            "product_ids": ["p9" if number % 2 else "p1" if number < 30 else "p2"],
            "returned_ids": ["p1" if number < 30 else "p2"] if number % 2 else None,
        }
        for number in range(300)
    ]
    found = heard(spark, [], [], [open_burst("returns", "p1")], orders)
    told = [
        (row["attribute"], row["value"], row["cases"], row["cases_with"]) for row in rows_of(found, "voice_sources")
    ]
    assert told == [("channel", "app", 30, 29)]
    assert rows_of(found, "voice_totals")[0]["reason"] == "no_texts"


MAIL, PHONE = "ann.smith@mail.example", "+49 170 1234567"


def hostile() -> list[Row]:
    """40 customers who write what no job likes."""
    texts = [
        f"call me {PHONE} or {MAIL} or 13800138000 card 4111 1111 1111 1111",
        "",
        "   ",
        None,
        "🎉🎉 😀" * 30,
        "مرحبا بالعالم \u202e reversed \u200b",
        "cheap cheap cheap",
        "word " * 200_000,
        "https://example.com/?user=annsmith&mail=ann%40mail.example",
        "DROP TABLE x; -- '\" <script>alert(1)</script> {theme}",
        "包装漏水" * 1000,
        "\x00\n\t1234567890123 ID 123-45-6789",
    ]
    at = day(2025, 6, 20)
    return [
        {"customer_id": f"c{who}", "kind": "Review ", "detail": text, "happened_at": at, "value": value}
        for who in range(40)
        for number, text in enumerate(texts)
        for value in [float("nan") if number == 0 else None]
    ]


def test_hostile_texts_say_no_contact_and_break_nothing(spark: SparkSession) -> None:
    late = [
        {"customer_id": f"f{n}", "kind": "review", "detail": "future", "happened_at": day(2026, 1, 1)} for n in range(9)
    ]
    lonely = [{"customer_id": None, "kind": "review", "detail": "anonymous", "happened_at": day(2025, 6, 1)}] * 30
    found = heard(spark, [*hostile(), *late, *lonely])
    rows = rows_of(found, "voice_themes")
    themes = {row["theme"] for row in rows}
    assert {"cheap", "word", "reversed", "مرحبا"} <= themes
    assert not themes & {"future", "anonymous"}
    everything = " ".join(str(value) for row in rows for value in row.values())
    secrets = ["smith", "mail.example", "1234567", "138001", "4111", "@", "annsmith", "6789", "\u202e", "<"]
    assert [each for each in secrets if each in everything] == []
    assert {row["mood"] for row in rows} == {"no_ratings"}
    assert {row["kind"] for row in rows} == {"review"}
    assert not any(row["is_rising"] for row in rows)  # no week before has a text


@pytest.mark.parametrize("as_of", [date.max, date(1, 1, 3)])
def test_at_the_ends_of_the_calendar_nothing_breaks(spark: SparkSession, as_of: date) -> None:
    event = {
        "kind": "search",
        "detail": "red shoes",
        "happened_at": datetime.combine(as_of, datetime.min.time()) - timedelta(days=1),
    }
    found = heard(spark, [{**event, "customer_id": f"c{n}"} for n in range(6)], as_of=as_of)
    assert {row["theme"] for row in rows_of(found, "voice_themes")} == {"red", "shoes"}


def test_without_texts_it_looks_once_and_says_so(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []

    def look(frame: DataFrame, what: str) -> list[Any]:
        looks.append(what)
        return frame.collect()

    monkeypatch.setattr("vitalfew.jobs.voice.transform.collect_rows", look)
    coupon = {"customer_id": "a", "kind": "coupon", "detail": "SUMMER", "happened_at": day(2025, 6, 1)}
    found = heard(spark, [coupon, {**coupon, "kind": "review", "detail": None}])
    assert looks == ["bursts"]
    assert [found[name].count() for name in ("voice_themes", "voice_sources")] == [0, 0]
    assert rows_of(found, "voice_totals")[0]["reason"] == "no_texts"
    frames = {**found, "products": spark.createDataFrame([], PRODUCTS.types)}
    [line] = REPORT.sections(frames, Asked({}, AS_OF, WORDS))[0].facts
    assert line.text.key == "voice.fact.no_texts"  # type: ignore[union-attr]
    assert REPORT.evidence(frames, Asked({}, AS_OF, WORDS)) == []


def test_settings_that_leave_nothing_to_compare_with_are_refused_at_once() -> None:
    with pytest.raises(ValidationError, match="more than window_weeks; a kind of events in text_kinds has no name"):
        VoiceParams(window_weeks=10, recent_weeks=4, min_weeks=8, text_kinds=("review", " "))
