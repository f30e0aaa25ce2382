"""What stands out among the cases of a burst or of a rising theme, two levels deep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby
from operator import or_

import numpy as np
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from vitalfew.algorithms.statistics.false_discovery import log_false_discovery_rate
from vitalfew.algorithms.statistics.hypergeometric import log_upper_tail
from vitalfew.jobs.voice.params import VoiceParams
from vitalfew.jobs.voice.source_counts import WHOLE, Counts, counts
from vitalfew.jobs.voice.subjects import Subject
from vitalfew.jobs.voice.tables import RISING

MOST_OF_ATTRIBUTE = 3
"""Values of one attribute that are told on a level of a subject."""
LEAST_ELSEWHERE = 20
"""With fewer other customers that have `within`, its cases are held against all of the subject's kind."""


@dataclass(frozen=True)
class Part:
    """The rows of a subject, or on the second level those of them that have the pair `within`."""

    subject: Subject
    within: str = WHOLE


@dataclass(frozen=True)
class Finding:
    """A pair that stands out: in how many of how many cases, of how many different people, and how seldom elsewhere."""

    part: Part
    pair: str
    cases: int
    cases_with: int
    people: int
    expected_share: float
    log_p: float
    log_q: float

    @property
    def attribute(self) -> str:
        return self.pair.partition(":")[0]

    @property
    def value(self) -> str:
        return self.pair.partition(":")[2]

    @property
    def excess(self) -> float:
        return self.cases_with / self.cases - self.expected_share

    @property
    def level(self) -> int:
        """0 where all cases have it; 2 where it is one of some cases."""
        return 2 if self.part.within else 0 if self.cases == self.cases_with else 1


def sources(themed: DataFrame, subjects: Sequence[Subject], params: VoiceParams) -> list[Finding]:
    """What stands out of each subject; then what stands out among the cases with its first."""
    first = without_repeats(standing_out(themed, [Part(subject) for subject in subjects], params))
    shared = {(each.part.subject, each.pair) for each in first if each.level == 0}
    deeper = [
        Part(subject, leading.pair)
        for subject in subjects
        if (leading := next((each for each in first if each.part.subject == subject and each.level == 1), None))
    ]
    second = standing_out(themed, deeper, params)
    return first + [each for each in second if (each.part.subject, each.pair) not in shared]


def without_repeats(found: Sequence[Finding]) -> list[Finding]:
    """The findings without those of a rising theme that an earlier subject tells: most of its cases are cases there."""
    kept: list[Finding] = []
    for _, group in groupby(found, key=lambda each: each.part):
        mine = list(group)
        subject, cases = mine[0].part.subject, mine[0].cases
        is_told = subject.subject == RISING and any(
            each.value == subject.subject_id and each.attribute in ("theme", "code") and 2 * each.cases_with >= cases
            for each in kept
        )
        kept += [] if is_told else mine
    return kept


Whole = tuple[str, str, str]


def standing_out(themed: DataFrame, parts: Sequence[Part], params: VoiceParams) -> list[Finding]:
    """The findings of all parts, told apart from chance together; of each part the best of each attribute first."""
    if not parts:
        return []
    cases = counts(themed, [within(part, part.subject.cases(params)) for part in parts], params.min_people)
    if not cases:
        return []
    asked: dict[Whole, list[Part]] = {}
    for part in parts:
        for each in dict.fromkeys((part, Part(part.subject))):
            asked.setdefault(whole_of(each), []).append(each)
    others = [within(found[0], elsewhere(found, params)) for found in asked.values()]
    counted = counts(themed, others, params.min_people, {pair for _, pair in cases})
    places = {whole: number for number, whole in enumerate(asked)}

    def held_against(part: Part) -> int:
        alike = counted.get((places[whole_of(part)], WHOLE), (0, 0))[0]
        return places[whole_of(part if alike >= LEAST_ELSEWHERE else Part(part.subject))]

    return told(parts, Counts(cases, counted, [held_against(part) for part in parts]), params)


def whole_of(part: Part) -> Whole:
    """Bursts of one signal are held against the same; a rising theme against the texts of its kind without it."""
    subject = part.subject
    return subject.subject, f"{subject.kind}:{subject.subject_id}" if subject.subject == RISING else "", part.within


def elsewhere(parts: Sequence[Part], params: VoiceParams) -> Column:
    """Whether a row is like the cases of the parts of one whole, and none: what another burst has is not usual."""
    is_case = reduce(or_, [part.subject.cases(params) for part in parts])
    return parts[0].subject.everything(params) & ~F.coalesce(is_case, F.lit(False))


def told(parts: Sequence[Part], found: Counts, params: VoiceParams) -> list[Finding]:
    """What has a larger share among the cases than elsewhere, beyond chance over all pairs of all parts.

    Fisher's exact test, one-sided; q by Benjamini and Hochberg over all pairs that enough people have, among the cases
    or elsewhere (after Tarone 1990: those of fewer cannot stand out).
    """
    by_whole: dict[int, set[str]] = {}
    for number, pair in found.elsewhere:
        by_whole.setdefault(number, set()).add(pair)
    for number, pair in found.cases:
        by_whole.setdefault(found.wholes[number], set()).add(pair)
    tried = []
    for number, part in enumerate(parts):
        whole = found.wholes[number]
        drawn, rest = found.cases.get((number, WHOLE), (0, 0))[0], found.elsewhere.get((whole, WHOLE), (0, 0))[0]
        for pair in sorted(by_whole.get(whole, ())) if min(drawn, rest) > 0 else []:
            if is_asked(part, pair):
                hits, people = found.cases.get((number, pair), (0, 0))
                marked = hits + found.elsewhere.get((whole, pair), (0, 0))[0]
                tried.append((number, pair, people, hits, drawn, marked, drawn + rest))
    if not tried:
        return []
    people, hits, drawn, marked, totals = np.array([each[2:] for each in tried], np.int64).T
    log_p = np.zeros(hits.size)
    for total in np.unique(totals):
        here = (totals == total) & (people >= params.min_people)
        log_p[here] = log_upper_tail(hits[here], drawn[here], marked[here], int(total))
    log_q = log_false_discovery_rate(log_p)
    usual = (marked - hits) / (totals - drawn)
    is_more = (hits / drawn >= params.source_factor * usual) | ((hits == drawn) & (usual < 1))
    is_told = (people >= params.min_people) & (log_q <= np.log(params.significance)) & is_more
    findings = [
        Finding(
            parts[tried[i][0]],
            tried[i][1],
            int(drawn[i]),
            int(hits[i]),
            int(people[i]),
            float(usual[i]),
            float(log_p[i]),
            float(log_q[i]),
        )
        for i in np.flatnonzero(is_told).tolist()
    ]
    return [each for part in parts for each in best(part, findings)]


def within(part: Part, condition: Column) -> Column:
    return condition & F.array_contains("pairs", part.within) if part.within else condition


def is_asked(part: Part, pair: str) -> bool:
    """Whether a pair says anything of a part that its subject and `within` do not say."""
    attribute, _, value = pair.partition(":")
    if pair in (WHOLE, part.within) or part.subject.is_trivial(attribute, value):
        return False
    return attribute != part.within.partition(":")[0] or attribute == "theme"


def best(part: Part, found: Sequence[Finding]) -> list[Finding]:
    """Of a part: the best of each attribute by excess, then the second ones, as many as are told."""
    mine = sorted((each for each in found if each.part == part), key=lambda each: (each.level, -each.excess, each.pair))
    turns: dict[tuple[int, str], int] = {}
    placed: list[tuple[int, int, Finding]] = []
    for each in mine:
        turn = turns[each.level, each.attribute] = turns.get((each.level, each.attribute), 0) + 1
        if turn <= MOST_OF_ATTRIBUTE:
            placed.append((each.level, turn, each))
    return [each for *_, each in sorted(placed, key=lambda place: place[:2])]
