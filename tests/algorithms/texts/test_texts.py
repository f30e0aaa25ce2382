"""Words and phrases of any script, learnt without a dictionary, and nothing of contacts."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from math import log
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import Row

from vitalfew.algorithms.texts.grams import grams_of, of_han, of_words
from vitalfew.algorithms.texts.lexicon import cohesion, lexicon, likelihood_ratio
from vitalfew.algorithms.texts.runs import MOST_CHARACTERS, is_code, plain, runs
from vitalfew.algorithms.texts.themes import segmented, themes_of


def words(text: str) -> list[str]:
    return [word for _, units in runs(plain(text)) for word in units]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The BOTTLE leaked!", ["the", "bottle", "leaked"]),
        ("it’s ＢＲＯＫＥＮ", ["it's", "broken"]),
        ("दिल्ली का खाना", ["दिल्ली", "का", "खाना"]),
        ("مرحبا بالعالم", ["مرحبا", "بالعالم"]),
        ("batch L2231 of 12345 boxes", ["batch", "l2231", "of", "boxes"]),
        ("漏水 again", ["漏", "水", "again"]),
        ("🎉 --- 42 _ ", []),
        ("mail ann.smith@mail.example now", ["mail", "now"]),
        ("call +49 170 1234567 please", ["call", "please"]),
        ("card 4111 1111 1111 1111 charged", ["card", "charged"]),
        ("see https://x.example/ann?p=1 there", ["see", "there"]),
        ("a\u200bnn＠mail.example", []),
        ("<p class='x'>good&nbsp;<b>tea</b><br/>5 &lt; 6 ann&#64;mail.example", ["good", "tea"]),
        ("ann at mail dot example or ann (at) mail (dot) example, fine", ["or", "fine"]),
        ("パッケージ・ミス", ["パッケージ", "ミス"]),
    ],
)
def test_a_text_is_cut_into_words_without_contacts(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_a_contact_that_a_long_text_is_cut_in_is_not_read() -> None:
    filler = "tea " * ((MOST_CHARACTERS - 12) // 4)
    assert set(words(f"{filler}ann.smith.of.nowhere@mail.example")) == {"tea"}


def test_phrases_do_not_go_over_signs_and_codes_are_single_words() -> None:
    assert [units for _, units in runs(plain("poor quality. late box"))] == [["poor", "quality"], ["late", "box"]]
    assert [is_code(word) for word in ("l2231", "batch l2231", "r2d", "box")] == [True, False, False, False]


def test_the_likelihood_ratio_is_that_of_a_table_by_hand() -> None:
    """110 of Dunning's own tables: 'the swiss' 110, 2442, 111, 29114 gives 270.72."""
    assert likelihood_ratio(110, 110 + 2442, 110 + 111, 110 + 2442 + 111 + 29114) == pytest.approx(270.72, abs=0.01)
    assert likelihood_ratio(1, 100, 100, 1000) == 0.0


WORDS_OF_SHOP = ["包装", "漏水", "质量", "客服", "物流", "颜色", "瓶子", "味道"]
ENDS = "好差慢快新旧大小"


def texts_of_shop(seed: int) -> list[str]:
    """Texts without any blank, of words and single characters by chance."""
    dice = random.Random(seed)
    return [
        "".join(dice.choice(WORDS_OF_SHOP) + dice.choice(ENDS) * dice.randrange(2) for _ in range(4))
        for _ in range(600)
    ]


def learnt_from(texts: list[str]) -> Any:
    """As `learnt`, without an engine: by the definition of entropy, neighbour by neighbour."""
    beside: dict[tuple[str, bool, int, str], Counter[str]] = defaultdict(Counter)
    for text in texts:
        for is_han, units in runs(plain(text)):
            for gram, han, size, side, other in of_han("".join(units)) if is_han else of_words(units):
                beside[gram, han, size, side][other] += 1
    rows: dict[tuple[str, bool, int], list[tuple[int, float]]] = defaultdict(list)
    for (gram, han, size, _), counts in beside.items():
        n = sum(counts.values())
        alone = {**{k: [v] for k, v in counts.items() if k}, "": [1] * counts[""]}
        freedom = -sum(v / n * log(v / n) for each in alone.values() for v in each)
        rows[gram, han, size].append((n, freedom))
    return lexicon(
        Row(gram=gram, is_han=han, units=size, n=max(n for n, _ in sides), freedom=min(f for _, f in sides))
        for (gram, han, size), sides in rows.items()
        if max(n for n, _ in sides) >= 5
    )


def test_words_of_a_script_without_blanks_are_found_without_a_dictionary() -> None:
    found = learnt_from(texts_of_shop(1))
    assert set(WORDS_OF_SHOP) == {word for word in found.words if len(word) == 2}
    assert segmented("包装漏水慢", found.words) == ["包装", "漏水", "慢"]
    assert themes_of("客服慢，包装漏水！", found.words, found.phrases) == ["包装", "客服", "漏水"]


def test_cohesion_is_that_of_the_weakest_cut() -> None:
    counts = {"包": 10, "装": 10, "盒": 50, "包装": 8, "装盒": 2, "包装盒": 2}
    assert cohesion("包装盒", counts, 1000) == pytest.approx(log(2 * 1000 / (8 * 50)))


def test_phrases_are_what_stands_together_more_than_by_chance() -> None:
    dice = random.Random(2)
    other = ["box", "tea", "cup", "mug", "pan", "pot"]
    texts = [" ".join(dice.choices(other, k=4)) for _ in range(300)]
    texts += [f"{dice.choice(other)} customer service not good {dice.choice(other)}" for _ in range(30)]
    found = learnt_from(texts)
    assert {"customer service", "not good"} <= found.phrases
    assert not any(set(phrase.split()) <= set(other) for phrase in found.phrases)
    assert themes_of("Customer service is not good", {}, found.phrases) == [
        "customer",
        "customer service",
        "good",
        "not good",
        "service",
    ]


def test_counts_of_batches_are_sums_of_what_each_text_has() -> None:
    texts = ["tea pot", "tea pot", None, "漏水"]
    batch = pa.RecordBatch.from_pydict({"text": texts})
    rows = [row for found in grams_of([batch, batch], "text") for row in found.to_pylist()]
    counts = Counter[tuple[str, str, str]]()
    for row in rows:
        counts[row["gram"], row["side"], row["beside"]] += row["n"]
    assert counts["tea pot", "once", ""] == 4
    assert counts["漏水", "left", ""] == counts["漏水", "right", ""] == 2
