"""Names, literals and keywords of Spark SQL: what the modules about expressions share."""

from __future__ import annotations

import re

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
NO_NAME = re.compile(r"`|\$\{")  # Spark would replace ${env:NAME}
KEYWORDS = frozenset("and or not in between like rlike is null true false case when then else end as distinct".split())


class NotAllowedError(ValueError):
    """An expression that is not run; the reason is its text, and `instead` is what was perhaps meant."""

    def __init__(self, reason: str, instead: str | None = None) -> None:
        super().__init__(reason)
        self.instead = instead


def is_identifier(name: str) -> bool:
    """Whether `name` is one plain identifier."""
    return IDENTIFIER.fullmatch(name) is not None


def quote(name: str) -> str:
    """A dotted name with every part quoted; ValueError for a part that is not an identifier."""
    parts = name.split(".")
    if not all(map(is_identifier, parts)):
        raise ValueError(f"{name!r} is not a name: letters, digits and _ only, parts joined by dots")
    return ".".join(f"`{part}`" for part in parts)


def literal(text: str) -> str:
    """`text` as a Spark SQL string literal on one line, in which Spark finds no `${env:NAME}` to replace."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("${", "$\\{")
    return "'" + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + "'"


def is_column(text: str) -> bool:
    """Whether `text` is one column and nothing else: a plain name, or any name in backquotes."""
    return is_identifier(text) or (len(text) > 2 and text[0] == text[-1] == "`" and not NO_NAME.search(text[1:-1]))
