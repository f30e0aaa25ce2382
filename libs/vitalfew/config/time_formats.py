"""Formats of times and dates, checked before a file is read: those of other tools are translated, slips answered."""

from __future__ import annotations

import re

TOKEN = re.compile(r"'[^']*'|%[A-Za-z%]|([A-Za-z])\1*|.", re.DOTALL)
PERCENT = {
    "Y": "yyyy", "y": "yy", "m": "MM", "b": "MMM", "B": "MMMM", "d": "dd", "e": "d", "p": "a", "z": "XX",
    "H": "HH", "I": "hh", "M": "mm", "S": "ss", "f": "SSSSSS",
    "F": "yyyy-MM-dd", "D": "MM/dd/yy", "T": "HH:mm:ss", "R": "HH:mm",
}  # fmt: skip
YEARS = ("yyyy", "yy", "uuuu", "uu")


def translated(form: str) -> str:
    """`form` as a pattern of Spark; ValueError with the right spelling where it does not say what a day is."""
    plain = in_our_letters(from_percent(form) if "%" in form else form)
    right = corrected(plain)
    if right != plain:
        raise ValueError(f"{form!r} {slip(plain, right)}: write {right!r}")
    if why := lacking(right):
        raise ValueError(f"{form!r} {why}")
    return right


def tokens(form: str) -> list[str]:
    """Runs of one letter, literal parts, and single signs."""
    return [match.group() for match in TOKEN.finditer(form)]


def letters(form: str) -> list[str]:
    """The runs of letters of `form`, without its literal parts."""
    return [token for token in tokens(form) if is_letter(token)]


def is_letter(token: str) -> bool:
    """Whether a token is of a pattern's letters: 年 and 時 stand for themselves."""
    return token[0].isascii() and token[0].isalpha()


def from_percent(form: str) -> str:
    """A format of strftime in letters; what stands between its codes and is a letter is literal."""
    found = []
    for token in tokens(form):
        if token[0] == "%" and token[1:] not in PERCENT:
            raise ValueError(
                f"{form!r} has the code {token}, which has no counterpart: write it in letters, as dd/MM/yyyy"
            )
        literal = f"'{token}'" if token[0].isalpha() else token
        found.append(PERCENT[token[1:]] if token[0] == "%" else literal)
    return "".join(found)


def in_our_letters(form: str) -> str:
    """`form` in Spark's letters: years and days may come in capitals (YYYY-MM-DD), the half of the day as A."""
    same = {"Y": "y", "D": "d", "A": "a"}
    return "".join(same.get(token[0], token[0]) * len(token) if token[0] in same else token for token in tokens(form))


def corrected(form: str) -> str:
    """`form` with months that are written as minutes, minutes as months, and hours of the wrong half put right."""
    found = tokens(form)
    last = ""
    for at, token in enumerate(found):
        if is_letter(token):
            found[at] = corrected_token(token, last, found)
            last = found[at][0]
    return "".join(found)


def corrected_token(token: str, last: str, found: list[str]) -> str:
    """One run of letters put right, after the run `last`, in a format of the tokens `found`."""
    follows_hour, has_half = last in ("h", "H"), any(other in ("a", "aa") for other in found)
    is_seconds = last == "m" and not any(other in ("s", "ss") for other in found)
    if (token in ("m", "mm") and not follows_hour) or (token in ("h", "hh") and not has_half):
        return token.upper()
    if (token in ("M", "MM") and follows_hour) or (token in ("H", "HH") and has_half):
        return token.lower()
    return token.lower() if token in ("S", "SS") and is_seconds else token


def slip(given: str, right: str) -> str:
    """What is wrong with `given`, in words."""
    wrong = next(one for one, other in zip(tokens(given), tokens(right), strict=True) if one != other)
    return {
        "m": "has no month there: mm is minutes",
        "M": "has no minutes there: MM is the month",
        "S": "has no seconds: SS is a part of a second",
        "h": "has hours from 1 to 12 (hh) and does not say which half of the day",
        "H": "has hours from 0 to 23 (HH) and a half of the day (a)",
    }[wrong[0]]


def lacking(form: str) -> str | None:
    """What `form` does not say of a day, and how to; None where it says all."""
    found = letters(form)
    kinds = {token[0] for token in found}
    if not kinds & {"y", "u"}:
        return "has no year: write yyyy for four digits, yy for two"
    if not any(token in YEARS for token in found):
        return "has a year of neither four digits nor two: write yyyy or yy"
    if not kinds & {"M", "L"}:
        return "has no month: write MM"
    if "d" not in kinds:
        return "has no day: write dd. What has no day cannot be put on one; where the first is meant, map an expression"
    if "m" in kinds and not kinds & {"h", "H"}:
        return "has minutes (mm) and no hour: write HH"
    twice = sorted({token[0] for token in found if [other[0] for other in found].count(token[0]) > 1})
    return f"says {', '.join(twice)} twice" if twice else None
