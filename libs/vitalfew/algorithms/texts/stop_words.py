"""Words that say nothing by themselves, English and Chinese, greetings too. Runs on executors.

Negations are kept: `not`, `no` and `never` may begin a phrase.
"""

from __future__ import annotations

ENGLISH = frozenset(
    "a about after again all also am an and any are as at be because been before being both but by can could did do"
    " does doing down during each few for from further get got had has have having he her here hers him his how i i'd"
    " i'll i'm i've if in into is it it's its itself just me more most my myself of off on once only or other our ours"
    " out over own same she should so some such than that that's the their theirs them then there these they they're"
    " this those through to too under until up us very was we we're were what when where which while who whom why will"
    " with would you you're your yours yourself"
    " hello hi hey dear regards greetings sincerely mr mrs ms".split()
)
NEGATIONS = frozenset(["no", "not", "never", "don't", "doesn't", "didn't", "can't", "won't", "isn't", "wasn't"])
"""They begin a phrase, and are no theme alone."""
CHINESE = frozenset(
    "的了是在和也就都我你您他她它们这那个有与及或被把给让对从到为以而着过吗呢吧啊呀哦嗯之其所于又再还但因此如果若则很太真挺更最些么什怎每各并且のをが"
)
"""Characters that begin or end no word here."""


def is_theme(word: str) -> bool:
    """Whether a word of a script with blanks is a theme by itself: no stop word, and two characters long."""
    return len(word) > 1 and word not in ENGLISH and word not in NEGATIONS


def is_phrase(words: tuple[str, ...]) -> bool:
    """Whether words that follow each other may be a phrase: its last is a theme, its first one or a negation."""
    return is_theme(words[-1]) and (is_theme(words[0]) or words[0] in NEGATIONS)


def is_han_word(gram: str) -> bool:
    """Whether it begins and ends with characters that say something."""
    return gram[0] not in CHINESE and gram[-1] not in CHINESE
