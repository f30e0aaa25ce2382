"""Several messages in one, each with its own values: kept as JSON, and the same from a column as on the driver."""

from __future__ import annotations

from typing import Any

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from vitalfew.jobs.clusters.tables import CLUSTERS
from vitalfew.messages.canonical import Item
from vitalfew.messages.sentences import VALUES, said, say, with_texts
from vitalfew.messages.words import ENGLISH, LANGUAGES, Words

NAMES = (
    [Item("frequency_high")],
    [Item("monetary_low"), Item("value", {"attribute": "region", "value": "north, east"})],
    [Item("is_not", {"attribute": "is_member"}), Item("figure", {"feature": "age_band=45-54", "mean": "0.3"})],
    [Item("a trait of tomorrow")],
)


def kept(name: list[Item], words: Words = ENGLISH) -> dict[str, Any]:
    return said("name", "clusters.name.traits", words, traits=name)


def test_items_are_kept_with_their_codes_and_values() -> None:
    assert kept(NAMES[1]) == {
        "name": "low spend, region north, east",
        "name_code": "traits",
        "name_values": {
            "traits": '[{"code":"monetary_low"},{"code":"value","values":{"attribute":"region","value":"north, east"}}]'
        },
    }
    assert kept(NAMES[2])["name"] == "not member, age_band=45-54 0.3"
    assert kept(NAMES[3])["name"] == "a trait of tomorrow", "a code without a message stays as it is"


def test_an_item_without_a_value_that_its_message_needs_is_refused() -> None:
    with pytest.raises(KeyError, match="value"):
        kept([Item("value", {"attribute": "region"})])


@pytest.mark.both_engines
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_column_says_the_same_as_the_driver(spark: SparkSession, language: str) -> None:
    words = Words(language)
    rows = [(n, kept(name)["name_code"], kept(name)["name_values"]) for n, name in enumerate(NAMES)]
    frame = spark.createDataFrame(rows, f"n int, name_code string, name_values {VALUES}")
    found = [row["name"] for row in with_texts(frame, CLUSTERS, words).orderBy("n").collect()]
    assert found == [kept(name, words)["name"] for name in NAMES]


@pytest.mark.both_engines
def test_items_of_a_column_are_kept_as_those_of_the_driver(spark: SparkSession) -> None:
    items = F.array(F.struct(F.lit("frequency_high").alias("code")), F.struct(F.lit("returns_share_low").alias("code")))
    row = spark.range(1).select(*say("clusters.name.traits", traits=items).named("name")).collect()[0]
    expected = kept([Item("frequency_high"), Item("returns_share_low")])
    assert (row["name_code"], row["name_values"]) == (expected["name_code"], expected["name_values"])
