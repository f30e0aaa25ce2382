"""A template: words with typed placeholders, `No order for {days:count:# day|# days}`, parsed and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

Kind = Literal[
    "integer", "decimal", "percent", "money", "date", "count", "product", "list", "text", "message", "messages"
]
KINDS: tuple[Kind, ...] = get_args(Kind)
LOOKED_UP = ("message", "messages")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
NAME = re.compile(r"^[a-z][a-z0-9_]*$")
MOST_DIGITS = 6


@dataclass(frozen=True)
class Placeholder:
    """`{name:kind}`, where a value goes.

    `digits`: decimal places of decimal.N and percent.N; `forms`: of a count, one for each plural category of the
    language, `#` being the number; `group`: of a message, the group in which the value is looked up; of a list whose
    things are messages without values, theirs; of `messages`, that of its items, which have values of their own.
    """

    name: str
    kind: Kind
    digits: int = 0
    forms: tuple[str, ...] = ()
    group: str = ""

    @property
    def type(self) -> tuple[str, str, int, str]:
        """What must be the same in all languages."""
        return self.name, self.kind, self.digits, self.group


@dataclass(frozen=True)
class Template:
    """The parts of one sentence in one language: words, and placeholders between them."""

    key: str
    parts: tuple[str | Placeholder, ...]

    @cached_property
    def placeholders(self) -> dict[str, Placeholder]:
        return {part.name: part for part in self.parts if isinstance(part, Placeholder)}


def parse(key: str, text: str, plural_forms: int) -> Template:
    """`text` as a template; ValueError, with key and place, for a placeholder that is none."""
    pieces = PLACEHOLDER.split(text)
    if any(brace in word for word in pieces[::2] for brace in "{}"):
        raise ValueError(f"message {key}: a brace without its other half in {text!r}")
    parts = [
        placeholder(key, piece, plural_forms) if i % 2 else " ".join(piece.split("\n"))
        for i, piece in enumerate(pieces)
    ]
    found: dict[str, Placeholder] = {}
    for part in parts:
        if isinstance(part, Placeholder) and found.setdefault(part.name, part).type != part.type:
            raise ValueError(f"message {key}: {part.name} has two types")
    return Template(key, tuple(part for part in parts if part != ""))


def placeholder(key: str, text: str, plural_forms: int) -> Placeholder:
    """`name:kind`, `name:decimal.2`, `name:count:# day|# days`; `name:message:group`, so too list and messages."""
    name, kind_text, argument = (*text.split(":", 2), "", "")[:3]
    kind, dot, digits = kind_text.partition(".")
    where = f"message {key}: {{{text}}}"
    if not NAME.match(name):
        raise ValueError(f"{where}: {name!r} is not the name of a placeholder: lower-case letters, digits and _")
    if kind not in KINDS:
        raise ValueError(f"{where}: {kind_text!r} is not a type; there are {', '.join(KINDS)}")
    if dot and (kind not in ("decimal", "percent") or not digits.isdigit() or int(digits) > MOST_DIGITS):
        raise ValueError(f"{where}: only decimal and percent have digits, from 0 to {MOST_DIGITS}")
    if bool(argument) != (kind in ("count", *LOOKED_UP)) and kind != "list":
        raise ValueError(f"{where}: count needs its plural forms, message its group, and no other type anything")
    forms = tuple(argument.split("|")) if kind == "count" else ()
    if forms and len(forms) != plural_forms:
        raise ValueError(f"{where}: {len(forms)} plural forms; the language has {plural_forms}")
    return Placeholder(name, kind, int(digits or 0), forms, "" if kind == "count" else argument)
