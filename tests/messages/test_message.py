"""A message on the driver: what it keeps, what it refuses, and how a row of the summary says it in each language."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql import Row, SparkSession
from pyspark.sql import functions as F

from vitalfew import suite
from vitalfew.jobs.alerts.tables import ALERT_TOTALS, ALERTS
from vitalfew.jobs.summary.tables import SUMMARY
from vitalfew.messages import spoken
from vitalfew.messages.catalogue import EVERY
from vitalfew.messages.message import Message, by_key, message, of_row
from vitalfew.messages.sentences import closed_values, row_in_words
from vitalfew.messages.spoken import column_of, spoken_column, text_of, values_of
from vitalfew.messages.template import parse
from vitalfew.messages.words import ENGLISH, Words

SILENT = message("alerts.evidence.inactive", silent=1234, usual=1)


def test_a_message_keeps_plain_values_under_its_whole_key() -> None:
    assert Message("alerts.evidence.inactive", {"silent": "1234", "usual": "1"}) == SILENT
    assert by_key("text", SILENT, ENGLISH) == {
        "text": "No order for 1,234 days; the usual interval is 1 day.",
        "text_code": "alerts.evidence.inactive",
        "text_values": {"silent": "1234", "usual": "1"},
    }
    assert by_key("action", None, ENGLISH) == {"action": None, "action_code": None, "action_values": None}


def test_a_message_is_put_into_another_with_its_values() -> None:
    closed = message("alerts.ended.closed", was=SILENT)
    assert closed.values == {"was": "inactive", "silent": "1234", "usual": "1"}
    assert closed.text(ENGLISH).endswith("Before: No order for 1,234 days; the usual interval is 1 day.")
    with pytest.raises(ValueError, match=r"was is alerts\.action\.none, which is not of its group"):
        message("alerts.ended.closed", was=message("alerts.action.none"))


@pytest.mark.parametrize(
    ("values", "why"),
    [({"silent": 1}, "lacks a value for usual"), ({"silent": 1, "usual": 2, "odd": 3}, "has no placeholder odd")],
)
def test_a_message_with_other_values_than_it_names_is_refused(values: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        message("alerts.evidence.inactive", **values)


def test_a_row_gives_the_message_that_it_keeps() -> None:
    row = Row(action_code="wait", action_values={"from_day": "2025-03-01"}, evidence_code=None, evidence_values=None)
    assert of_row(row, "action", ALERTS) == Message("next_purchase.action.wait", {"from_day": "2025-03-01"})
    assert of_row(row, "evidence", ALERTS) is None


def test_a_row_of_the_summary_is_said_in_another_language() -> None:
    row: dict[str, Any] = {}
    for name, said in (("section", None), ("label", message("summary.label.name", name="Ann")), ("text", SILENT)):
        row |= by_key(name, said, ENGLISH)
    row |= by_key("action", None, ENGLISH)
    row |= {"section_code": "section", "section_values": {"number": "02", "question": "value"}}
    found = row_in_words(Row(**row), SUMMARY, Words("zh"))
    assert (found["section"], found["label"]) == ("02. 谁贡献了主要价值？", "Ann")
    assert found["text"] == "已 1,234 天未下单；平时的购买周期为 1 天。"
    assert found["action"] is None


def test_whole_keys_are_no_closed_set_and_codes_are() -> None:
    assert SUMMARY.texts["text"] == (EVERY,)
    assert set(closed_values(SUMMARY)) == {"unit", "question", "section_code"}
    assert "action_code" in closed_values(ALERT_TOTALS)
    assert SUMMARY.name in suite.TABLES


@pytest.mark.both_engines
@pytest.mark.parametrize(("language", "said"), [("en", "complaints, returns and odd"), ("zh", "投诉、退货和odd")])
def test_a_list_of_codes_reads_the_same_on_the_driver_and_in_a_column(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    called = {"en": {"complaints": "complaints", "returns": "returns"}, "zh": {"complaints": "投诉", "returns": "退货"}}
    groups = {code: parse(f"a.b.{code}", text, 1) for code, text in called[language].items()}
    monkeypatch.setattr(spoken, "group", lambda *_: groups)
    template = parse("a.b.c", "{kinds:list:a.b}", 1)
    words, kept = Words(language), {"kinds": '["complaints","returns","odd"]'}
    assert text_of(template, kept, words) == said
    values = F.create_map(F.lit("kinds"), F.lit(kept["kinds"]))
    parts = {value: spoken_column(part, values, words) for value, part in values_of([template], language).items()}
    found = spark.range(1).select(column_of(template, values, words, parts).alias("text")).collect()
    assert [row["text"] for row in found] == [said]
