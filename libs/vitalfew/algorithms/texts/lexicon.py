"""Which grams are words and phrases: by cohesion and free boundaries, without a dictionary.

A word holds together: its parts stand together far more often than by chance. And it is free: what stands beside it
varies, which the entropy of its neighbours measures (branching entropy: Jin and Tanaka-Ishii 2006; Huang and Powers
2003 for cohesion). A phrase holds together more than chance explains by the likelihood ratio of Dunning (1993).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from vitalfew.algorithms.texts.grams import GRAMS, grams_of
from vitalfew.dataframes.collect import collect_rows
from vitalfew.dataframes.ratios import ratio

LEAST_COHESION = 2.0
"""Of a word of Han, in nats: its parts stand together e² times as often as by chance, wherever it is cut."""
LEAST_FREEDOM = 0.7
"""Entropy of the neighbours on either side, in nats: as of two that are equally frequent."""
LEAST_RATIO = 15.13
"""Twice the logarithm of the likelihood ratio of a phrase: chi-squared of one degree at p = 0.0001."""
MOST_GRAMS = 400_000
"""Of which words and phrases are learnt: the most frequent ones."""


@dataclass(frozen=True)
class Lexicon:
    """What was learnt: `words` of Han with their logarithm of probability, and `phrases`, of Han too."""

    words: Mapping[str, float]
    phrases: frozenset[str]


def learnt(texts: DataFrame, column: str, least: int) -> Lexicon:
    """The words and phrases of texts, each there at least `least` times; counted where the texts are."""
    counted = texts.select(column).mapInArrow(lambda batches: grams_of(batches, column), GRAMS)
    beside = counted.groupBy("gram", "is_han", "units", "side", "beside").agg(F.sum("n").alias("n"))
    spread = F.when(F.col("beside") == "", 0.0).otherwise(F.col("n") * F.log("n"))
    sides = beside.groupBy("gram", "is_han", "units", "side").agg(F.sum("n").alias("n"), F.sum(spread).alias("spread"))
    freedom = F.log("n") - ratio(F.col("spread"), F.col("n"))
    grams = (
        sides.where(F.col("n") >= least)
        .groupBy("gram", "is_han", "units")
        .agg(F.max("n").alias("n"), F.min(freedom).alias("freedom"))
    )
    most = grams.orderBy(F.desc("n"), "gram", "is_han").limit(MOST_GRAMS)
    return lexicon(collect_rows(most, "words and phrases", MOST_GRAMS))


def lexicon(grams: Iterable[Row]) -> Lexicon:
    """Of grams with `gram`, `is_han`, `units`, `n` and, of Han, `freedom`."""
    han: dict[str, int] = {}
    spaced: dict[str, int] = {}
    free: set[str] = set()
    for row in grams:
        (han if row["is_han"] else spaced)[row["gram"]] = row["n"]
        if row["is_han"] and row["units"] > 1 and row["freedom"] >= LEAST_FREEDOM:
            free.add(row["gram"])
    words, phrases = han_words(han, free)
    return Lexicon(words, phrases | spaced_phrases(spaced))


def han_words(counts: Mapping[str, int], free: Iterable[str]) -> tuple[dict[str, float], frozenset[str]]:
    """Words of Han, the shorter first: what is made of shorter words is a phrase and no word."""
    total = sum(n for gram, n in counts.items() if len(gram) == 1)
    words: dict[str, float] = {}
    phrases: set[str] = set()
    for gram in sorted(free, key=lambda each: (len(each), each)):
        if cohesion(gram, counts, total) < LEAST_COHESION:
            continue
        if any(gram[:cut] in words and gram[cut:] in words for cut in range(2, len(gram) - 1)):
            phrases.add(gram)
        else:
            words[gram] = log(counts[gram] / total)
    return words, frozenset(phrases)


def cohesion(gram: str, counts: Mapping[str, int], total: int) -> float:
    """Pointwise mutual information of the two parts of a gram, of all cuts the least. A part that begins or ends with a
    stop word was not counted: such a cut says nothing."""
    cuts = [(gram[:cut], gram[cut:]) for cut in range(1, len(gram))]
    known = [(counts[left], counts[right]) for left, right in cuts if left in counts and right in counts]
    return min((log(counts[gram] * total / (left * right)) for left, right in known), default=0.0)


def spaced_phrases(counts: Mapping[str, int]) -> frozenset[str]:
    """Two or three words that stand together more often than chance explains, however they are cut."""
    total = sum(n for gram, n in counts.items() if " " not in gram)
    return frozenset(gram for gram in counts if " " in gram and ratio_of_phrase(gram, counts, total) >= LEAST_RATIO)


def ratio_of_phrase(gram: str, counts: Mapping[str, int], total: int) -> float:
    """Likelihood ratio of the parts of a phrase standing together, of all cuts the least; 0 where they do so less."""
    words = gram.split(" ")
    cuts = [(" ".join(words[:cut]), " ".join(words[cut:])) for cut in range(1, len(words))]
    known = [(counts[left], counts[right]) for left, right in cuts if left in counts and right in counts]
    return min((likelihood_ratio(counts[gram], left, right, total) for left, right in known), default=0.0)


def likelihood_ratio(both: int, left: int, right: int, total: int) -> float:
    """Twice the logarithm of the likelihood ratio of two things (Dunning 1993); 0 where `both` is below chance."""
    if both * total <= left * right:
        return 0.0
    cells = [
        (both, left * right),
        (left - both, left * (total - right)),
        (right - both, (total - left) * right),
        (total - left - right + both, (total - left) * (total - right)),
    ]
    return 2 * sum(seen * log(seen * total / chance) for seen, chance in cells if seen > 0 and chance > 0)
