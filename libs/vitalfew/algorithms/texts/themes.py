"""The themes of a text: its words and phrases, each once. Runs on executors."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from vitalfew.algorithms.texts.grams import LONGEST_GRAM, LONGEST_PHRASE
from vitalfew.algorithms.texts.runs import plain, runs
from vitalfew.algorithms.texts.stop_words import is_theme

UNKNOWN = -20.0
"""Logarithm of the probability of a character that is in no word."""


def themes_of(text: str | None, words: Mapping[str, float], phrases: frozenset[str]) -> list[str]:
    """The themes of `text`, sorted; of Han those of `words`, of other scripts all that say something."""
    found: set[str] = set()
    for is_han, units in runs(plain(text or "")):
        parts = segmented("".join(units), words) if is_han else units
        found.update(part for part in parts if (part in words if is_han else is_theme(part)))
        joint = "" if is_han else " "
        for size in range(2, LONGEST_PHRASE + 1) if phrases else ():
            phrased = (joint.join(parts[start : start + size]) for start in range(len(parts) - size + 1))
            found.update(phrase for phrase in phrased if phrase in phrases)
    return sorted(found)


def segmented(run: str, words: Mapping[str, float]) -> list[str]:
    """A run of Han as the most probable row of words and single characters (Viterbi, one word at a time)."""
    best = [0.0] + [-inf] * len(run)
    begin = [0] * (len(run) + 1)
    for end in range(1, len(run) + 1):
        for start in range(max(0, end - LONGEST_GRAM), end):
            word = run[start:end]
            chance = words.get(word, UNKNOWN if end - start == 1 else -inf)
            if best[start] + chance > best[end]:
                best[end], begin[end] = best[start] + chance, start
    parts: list[str] = []
    end = len(run)
    while end:
        parts.append(run[begin[end] : end])
        end = begin[end]
    return parts[::-1]
