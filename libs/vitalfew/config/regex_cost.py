"""Whether a regular expression ends soon on every text, by its own tree.

Java matches by trying: a repeat that may stop in several places is tried at each of them. A pattern passes where the
tries grow no faster than the square of the text: repeats hold single characters (no repeat within a repeat), and at
most two of "where it begins" and "where a repeat stops" are open. A repeat is not open where what follows it begins
with a character that it cannot hold itself, as in `[0-9]+-`.
"""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

LONGEST = 200
MOST_OPEN = 2
MOST_WAYS = 1000
OTHERS = 256  # stands for every character beyond the first 256
ALPHABET = range(OTHERS + 1)
SINGLE = ("LITERAL", "NOT_LITERAL", "ANY", "IN")
REPEATS = ("MAX_REPEAT", "MIN_REPEAT")
UNLIKE_JAVA = re.compile(r"\\[0AZ]|\[\^?\]|(?<!\\)\{(?!\d+(?:,\d*)?\})|\(\?P|&&")

Items = Sequence[tuple[Any, Any]]


@dataclass(frozen=True)
class Cost:
    """How many repeats are open, and in how many ways the alternatives of a pattern can be taken."""

    open: int = 0
    ways: int = 1


class UnboundedError(Exception):
    """A pattern that may never end, or that the engines read differently; the reason is its text."""


@lru_cache(maxsize=256)
def problem(pattern: str) -> str | None:
    """Why `pattern` is refused, or None."""
    try:
        cost = cost_of(parsed(pattern), ())
    except UnboundedError as error:
        return str(error)
    except (re.error, RecursionError, OverflowError, Warning) as error:
        return f"it cannot be read as a regular expression: {error}"
    open_targets = cost.open + (0 if pattern.removeprefix("(?i)").startswith("^") else 1)
    if open_targets > MOST_OPEN or cost.ways > MOST_WAYS:
        return (
            "it can be tried in too many ways on a long text: begin it with ^, let each repeat stop at a character "
            "that it cannot hold, as in [^,]*, or use two conditions"
        )
    return None


def groups(pattern: str) -> int:
    """How many groups a pattern that passed has."""
    return re.compile(pattern).groups


def parsed(pattern: str) -> Items:
    """The tree of a pattern in the syntax that Java, Rust and Python share."""
    if len(pattern) > LONGEST:
        raise UnboundedError(f"it has {len(pattern)} characters; {LONGEST} are allowed")
    if found := UNLIKE_JAVA.search(pattern):
        raise UnboundedError(f"{found.group()!r} does not mean the same on every engine")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tree = importlib.import_module("re._parser").parse(pattern)
    if tree.state.flags & ~(re.UNICODE | re.IGNORECASE):
        raise UnboundedError("of the flags only (?i) is allowed")
    return list(tree)


def cost_of(items: Items, after: Items) -> Cost:
    """The cost of `items` one after the other, where `after` follows them."""
    found, ways = 0, 1
    for position, item in enumerate(items):
        cost = cost_of_one(item, [*items[position + 1 :], *after])
        found, ways = found + cost.open, ways * cost.ways
        if ways > MOST_WAYS:
            break
    return Cost(found, ways)


def cost_of_one(item: tuple[Any, Any], after: Items) -> Cost:
    kind, value = str(item[0]), item[1]
    if kind in SINGLE:
        return Cost()
    if kind == "AT" and str(value) in ("AT_BEGINNING", "AT_END", "AT_BOUNDARY", "AT_NON_BOUNDARY"):
        return Cost()
    if kind == "SUBPATTERN" and not value[1] and not value[2]:
        return cost_of(list(value[3]), after)
    if kind == "BRANCH":
        each = [cost_of(list(branch), after) for branch in value[1]]
        return Cost(max(cost.open for cost in each), sum(cost.ways for cost in each))
    if kind in REPEATS:
        return cost_of_repeat(value[0], value[1], list(value[2]), after)
    raise UnboundedError("of groups and repeats only ( ), (?: ), |, *, +, ? and {n,m} are allowed")


def cost_of_repeat(least: int, most: Any, body: Items, after: Items) -> Cost:
    if int(most) == 1:
        inner = cost_of(body, after)
        return Cost(inner.open, inner.ways + 1)
    if not all(str(kind) in SINGLE for kind, _ in flat(body)):
        raise UnboundedError("a repeat holds another repeat or a choice, and that may never end: write it flat")
    if least > LONGEST:
        raise UnboundedError(f"it repeats something {least} times; {LONGEST} are allowed")
    is_open = int(most) != least and bool(first(body) & first(after))
    return Cost(int(is_open))


def flat(items: Items) -> list[tuple[Any, Any]]:
    """`items` without the groups around some of them."""
    found: list[tuple[Any, Any]] = []
    for kind, value in items:
        is_plain = str(kind) == "SUBPATTERN" and not value[1] and not value[2]
        found += flat(list(value[3])) if is_plain else [(kind, value)]
    return found


def first(items: Iterable[tuple[Any, Any]]) -> frozenset[int]:
    """The characters with which a text that matches `items` can begin."""
    found: frozenset[int] = frozenset()
    for item in items:
        begins, may_be_empty = begin(item)
        found |= begins
        if not may_be_empty:
            break
    return found


def begin(item: tuple[Any, Any]) -> tuple[frozenset[int], bool]:
    """The characters with which `item` can begin, and whether it can be empty. `$` lets nothing follow."""
    kind, value = str(item[0]), item[1]
    if kind in SINGLE:
        return characters(kind, value), False
    if kind == "AT":
        return frozenset(), str(value) != "AT_END"
    if kind == "SUBPATTERN":
        inner = list(value[3])
        return first(inner), all(begin(part)[1] for part in inner)
    if kind == "BRANCH":
        branches = [list(branch) for branch in value[1]]
        return frozenset().union(*map(first, branches)), any(all(begin(part)[1] for part in b) for b in branches)
    if kind in REPEATS:
        return first(list(value[2])), value[0] == 0 or all(begin(part)[1] for part in value[2])
    return frozenset(ALPHABET), True


def characters(kind: str, value: Any) -> frozenset[int]:
    """The characters that a single one can be, in either case."""
    if kind == "ANY":
        return frozenset(ALPHABET)
    if kind == "LITERAL":
        return either_case(value)
    if kind == "NOT_LITERAL":
        return frozenset(ALPHABET) - {value}
    found: frozenset[int] = frozenset()
    is_negated = False
    for part, inner in value:
        name = str(part)
        is_negated |= name == "NEGATE"
        if name == "LITERAL":
            found |= either_case(inner)
        elif name == "RANGE":
            found |= frozenset().union(*(either_case(c) for c in range(inner[0], min(inner[1], OTHERS) + 1)), {OTHERS})
        elif name == "CATEGORY":
            found |= category(str(inner))
    return (frozenset(ALPHABET) - found) | {OTHERS} if is_negated else found


def either_case(code: int) -> frozenset[int]:
    letter = chr(code)
    return frozenset(min(ord(c), OTHERS) for c in {letter, *letter.lower(), *letter.upper()})


def category(name: str) -> frozenset[int]:
    """The characters of \\d, \\w, \\s and their opposites, on whichever engine."""
    tests = {"DIGIT": r"\d", "WORD": r"\w", "SPACE": r"\s"}
    inside = re.compile(tests[name.removeprefix("CATEGORY_").removeprefix("NOT_")])
    is_negated = "_NOT_" in name
    return frozenset(c for c in ALPHABET if c == OTHERS or bool(inside.match(chr(c))) != is_negated)
