"""Segment maps: every cell has one name, and a map that breaks this is refused with the cells listed."""

from __future__ import annotations

import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from vitalfew.domain.segment_map import Segment, all_cells, expand, segment_map
from vitalfew.domain.segment_presets import PRESETS
from vitalfew.messages.catalogue import group
from vitalfew.messages.words import LANGUAGES

# The published list, spelled out once more: a slip in the preset cannot hide in its own copy.
PUBLISHED = """
Champions 555 554 544 545 454 455 445
Loyal 543 444 435 355 354 345 344 335
Potential Loyalist 553 551 552 541 542 533 532 531 452 451 442 441 431 453 433 432 423 353 352 351 342 341 333 323
New Customers 512 511 422 421 412 411 311
Promising 525 524 523 522 521 515 514 513 425 424 413 414 415 315 314 313
Need Attention 535 534 443 434 343 334 325 324
About To Sleep 331 321 312 221 213 231 241 251
At Risk 255 254 245 244 253 252 243 242 235 234 225 224 153 152 145 143 142 135 134 133 125 124
Cannot Lose Them 155 154 144 214 215 115 114 113
Hibernating 332 322 233 232 223 222 132 123 122 212 211
Lost 111 112 121 131 141 151
"""


def published() -> list[tuple[str, str]]:
    pairs = []
    for line in PUBLISHED.strip().splitlines():
        words = line.split()
        name = " ".join(word for word in words if not word.isdigit())
        pairs += [(cell, name) for cell in words if cell.isdigit()]
    return pairs


def whole(*segments: tuple[str, str]) -> dict[str, str]:
    return dict(segment_map([Segment(name, cells.split()) for name, cells in segments], 2).names)


def refusal(*segments: tuple[str, str]) -> str:
    with pytest.raises(ValueError, match="must give each cell one name") as error:
        whole(*segments)
    return str(error.value)


def test_the_published_list_names_each_of_125_cells_once() -> None:
    cells = [cell for cell, _ in published()]
    assert sorted(cells) == all_cells(5)
    assert len(cells) == 125


@pytest.mark.parametrize(("cell", "name"), published())
def test_the_eleven_segments_are_as_published(cell: str, name: str) -> None:
    assert PRESETS["eleven"].names[cell] == name


def test_the_grid_of_ten_looks_at_recency_and_frequency_alone() -> None:
    grid = PRESETS["rf_grid"].names
    by_f = {
        "1": ["Hibernating", "Hibernating", "At Risk", "At Risk", "Cannot Lose Them"],
        "2": ["Hibernating", "Hibernating", "At Risk", "At Risk", "Cannot Lose Them"],
        "3": ["About To Sleep", "About To Sleep", "Need Attention", "Loyal", "Loyal"],
        "4": ["Promising", "Potential Loyalist", "Potential Loyalist", "Loyal", "Loyal"],
        "5": ["New Customers", "Potential Loyalist", "Potential Loyalist", "Champions", "Champions"],
    }
    assert grid == {f"{r}{f}{m}": name for r, names in by_f.items() for f, name in enumerate(names, 1) for m in "12345"}


def test_the_small_cube_names_27_cells_and_the_best_is_never_lost() -> None:
    cube = PRESETS["three_by_three"].names
    assert sorted(cube) == all_cells(3)
    assert (cube["333"], cube["311"], cube["133"], cube["111"]) == ("Best", "New", "Win Back", "Lost")


@pytest.mark.parametrize("name", PRESETS)
def test_each_segment_of_a_preset_says_what_to_do(name: str) -> None:
    for language in LANGUAGES:
        actions, names = group("rfm_segments.action", language), group("segments", language)
        assert all(s.action in actions and s.name in names and s.advice is None for s in PRESETS[name].segments)


def test_a_pattern_stands_for_its_cells() -> None:
    assert expand("[1-2]3[24]", 5) == ["132", "134", "232", "234"]
    assert expand("[1-2]5", 2) == ["151", "152", "251", "252"]
    assert expand("[1-23]11", 3) == ["111", "211", "311"]


@pytest.mark.parametrize("pattern", ["", "5", "5555", "5*5", "[1-]55", "[]55", "[2-1]55", "abc", "5 5"])
def test_what_is_no_pattern_stands_for_nothing(pattern: str) -> None:
    assert expand(pattern, 5) == []


def test_a_map_of_cells_and_patterns_names_each_cell() -> None:
    assert whole(("Good", "2[1-2]"), ("Bad", "11[1-2] 121 122")) == {
        **dict.fromkeys(("211", "212", "221", "222"), "Good"),
        **dict.fromkeys(("111", "112", "121", "122"), "Bad"),
    }


def test_a_map_that_leaves_cells_out_is_refused_with_the_cells_listed() -> None:
    assert refusal(("Good", "2[1-2]"), ("Bad", "11")).endswith("left out: 121, 122")


def test_a_map_that_names_cells_twice_is_refused_with_the_cells_and_segments_listed() -> None:
    message = refusal(("Good", "2[1-2]"), ("Bad", "1[1-2] 222"), ("Best", "222 [2]22"))
    assert message.endswith("named more than once: 222 (Good, Bad, Best, Best)")


def test_a_segment_that_can_never_occur_is_refused() -> None:
    message = refusal(("All", "[1-2][1-2]"), ("Ghost", "333 [3-4]11"), ("Empty", ""))
    assert "Ghost: 333 can never occur, scores run from 1 to 2" in message
    assert "Ghost: 311, 411 can never occur, scores run from 1 to 2" in message
    assert "Ghost: no customer can ever be in it, it has no cell" in message
    assert "Empty: no customer can ever be in it, it has no cell" in message


def test_a_segment_that_stands_twice_or_has_no_pattern_is_refused() -> None:
    message = refusal(("All", "[1-2][1-2]"), ("All", "best"))
    assert "the segment All stands twice" in message
    assert "All: 'best' is neither a cell such as 555 nor a pattern such as [1-2]5" in message


@pytest.mark.parametrize("name", [pytest.param("eleven", marks=pytest.mark.both_engines), "rf_grid", "three_by_three"])
def test_every_cell_gets_its_name_in_the_engine(spark: SparkSession, name: str) -> None:
    chosen = PRESETS[name]
    rows = [(cell, *map(int, cell)) for cell in all_cells(chosen.bands)]
    cells = spark.createDataFrame(rows, "cell string, r int, f int, m int")
    named = cells.select("cell", chosen.name_of(F.col("r"), F.col("f"), F.col("m")).alias("segment"))
    assert {row.cell: row.segment for row in named.collect()} == dict(chosen.names)
