"""Which columns an expression speaks of."""

from __future__ import annotations

from vitalfew.expressions import KEYWORDS, TOKEN, TYPES, is_identifier


def is_column(text: str) -> bool:
    """Whether `text` is one column and nothing else: a plain name, or any name in backquotes."""
    return is_identifier(text) or (len(text) > 2 and text[0] == text[-1] == "`" and "`" not in text[1:-1])


def columns_of(expression: str) -> set[str]:
    """The columns named in `expression`; one that is called like a type or a keyword must be in backquotes."""
    tokens = [match for match in TOKEN.finditer(expression) if match.lastgroup]
    found: set[str] = set()
    for position, token in enumerate(tokens):
        word = token.group()
        is_call = [after.group() for after in tokens[position + 1 : position + 2]] == ["("]
        if token.lastgroup == "quoted":
            found.add(word.strip("`"))
        elif token.lastgroup == "name" and not is_call and word.lower() not in KEYWORDS | TYPES:
            found.add(word)
    return found
