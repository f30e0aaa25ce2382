"""The text of an expression as a tree, by sqlglot, with nothing left over and every text read as Spark reads it.

Functions are not translated: the parser knows none, so that each keeps the name by which it was called.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from itertools import pairwise
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.errors import SqlglotError
from sqlglot.parsers import spark
from sqlglot.tokenizer_core import Token, TokenType

from vitalfew.config.sql_names import IDENTIFIER, KEYWORDS, NotAllowedError

LONGEST = 10_000
DEEPEST = 30
TEXT = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)
NAME = re.compile(r"`[^`]+`")
NUMBER = re.compile(r"\d{1,38}(?:\.\d{0,38})?(?:[eE][+-]?\d{1,3})?|\.\d{1,38}(?:[eE][+-]?\d{1,3})?")
OPERATOR = re.compile(r"<=>|<=|>=|<>|!=|==|\|\||[-+*/%<>=(),.!]")
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
WORDS = KEYWORDS | frozenset("div escape from ilike interval".split())
FORBIDDEN = frozenset("select with table exists lateral over union values varchar char".split())
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "\\": "\\", "'": "'", '"': '"', "%": "\\%", "_": "\\_"}


class SparkParser(spark.SparkParser):
    """Spark's grammar with no function but casts, and no name that is a function without brackets."""

    FUNCTIONS: ClassVar[dict[str, Any]] = {}
    NO_PAREN_FUNCTIONS: ClassVar[dict[Any, Any]] = {}
    NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {"CASE": spark.SparkParser.NO_PAREN_FUNCTION_PARSERS["CASE"]}
    FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
        name: spark.SparkParser.FUNCTION_PARSERS[name] for name in ("CAST", "TRY_CAST")
    }
    STRICT_CAST = True


@lru_cache(maxsize=1024)
def parsed(text: str) -> exp.Expr:
    """The tree of `text`; NotAllowedError where it is none, or holds what no expression may."""
    if not text.strip():
        raise NotAllowedError("is empty")
    if len(text) > LONGEST:
        raise NotAllowedError(f"has {len(text):,} characters; {LONGEST:,} are allowed")
    dialect = Spark()
    try:
        tokens = read(text, dialect.tokenize(text))
        trees = SparkParser(dialect=dialect).parse_into(exp.Condition, tokens, text)
    except NotAllowedError:
        raise
    except (SqlglotError, RecursionError) as error:
        raise NotAllowedError(f"is no expression: {why(error)}") from error
    found: exp.Expr | None = trees[0] if len(trees) == 1 else None
    if found is None:
        raise NotAllowedError("is not one expression")
    return found


def columns(tree: exp.Expr) -> set[str]:
    """The columns that a tree names; of a field the column that holds it."""
    return {str(found.parts[0].name) for found in tree.find_all(exp.Column)}


def calculated(tree: exp.Expr) -> set[str]:
    """The columns that stand beside a sign of arithmetic; those from which an interval is taken apart."""
    found = set()
    for node in tree.find_all(*ARITHMETIC):
        sides = [side.unnest() for side in (node.this, node.expression)]
        if not any(isinstance(side, exp.Interval) for side in sides):
            found |= {str(side.parts[0].name) for side in sides if isinstance(side, exp.Column)}
    return found


def why(error: Exception) -> str:
    """What the parser says, in a few words."""
    cause = error.__cause__ or error
    found = [found for found in getattr(cause, "errors", []) if found.get("highlight")]
    return f"it is not clear near {found[0]['highlight']!r}" if found else "its parts do not fit together"


def read(text: str, tokens: list[Token]) -> list[Token]:
    """The tokens of an expression; NotAllowedError for what is none, or may be read in two ways."""
    found = read_tokens(text, tokens)
    refuse_neighbours(text, found)
    refuse_gaps(found)
    return found


def read_tokens(
    text: str, tokens: list[Token], what: str = "an expression", phrases: Collection[str] = ()
) -> list[Token]:
    """`tokens`, texts read as Spark 4 does; NotAllowedError for what is neither text, name, number nor operator.

    `phrases`: keywords of several words, in small letters, that may be in `what` is read.
    """
    end = 0
    found: list[Token] = []
    for token in tokens:
        raw = text[token.start : token.end + 1]
        if text[end : token.start].strip():
            raise NotAllowedError(f"{text[end : end + 12].strip()!r} is not allowed in {what}")
        is_next = bool(found) and token.start == end and raw[:1] == "'" == text[end - 1]
        if is_next and found[-1].token_type == TokenType.STRING:
            found[-1] = replaced(found[-1], found[-1].text + "'" + value(raw))  # two quotes are one, inside a text
        else:
            found.append(replaced(token, one(raw, what, phrases)))
        end = token.end + 1
    if text[end:].strip():
        raise NotAllowedError(f"{text[end : end + 12].strip()!r} is not allowed in {what}")
    refuse_depth(found)
    return found


def one(raw: str, what: str, phrases: Collection[str]) -> str:
    """What a token says; NotAllowedError for one of another kind."""
    if " ".join(raw.lower().split()) in phrases:
        return raw
    if raw[:1] == "'":
        return value(raw)
    if NAME.fullmatch(raw) and raw.isprintable():
        return raw[1:-1]
    if IDENTIFIER.fullmatch(raw) or NUMBER.fullmatch(raw) or OPERATOR.fullmatch(raw):
        return raw
    if raw[:1] == '"':
        raise NotAllowedError(
            f"{raw[:30]} is in double quotes: texts are written in 'single quotes', columns in `backquotes`"
        )
    if re.fullmatch(r"[rRxXbB]['\"].*", raw, re.DOTALL):
        raise NotAllowedError(f"{raw[:30]!r} is not allowed: write a text as 'text', with \\\\ for a backslash")
    if raw.isidentifier():
        raise NotAllowedError(
            f"{raw[:30]!r} is not allowed as it is: it has letters other than a to z; put it in `backquotes`"
        )
    raise NotAllowedError(f"{raw[:30]!r} is not allowed in {what}")


def value(raw: str) -> str:
    """What a text in single quotes says."""
    if not TEXT.fullmatch(raw):
        raise NotAllowedError(f"{raw[:30]!r} is not one text in single quotes")
    return ESCAPE.sub(lambda match: escaped(match[1]), raw[1:-1])


def escaped(code: str) -> str:
    if code[0] == "u" and len(code) == 5:
        return chr(int(code[1:], 16))
    if code not in ESCAPES:
        raise NotAllowedError(
            f"'\\{code}' in a text is read as {code!r}: write \\\\{code} if you mean the backslash too"
        )
    return ESCAPES[code]


def replaced(token: Token, text: str) -> Token:
    return Token(token.token_type, text, token.line, token.col, token.start, token.end)


def refuse_depth(tokens: list[Token]) -> None:
    depth = 0
    for token in tokens:
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if depth < 0:
            break
        if depth > DEEPEST:
            raise NotAllowedError(f"its brackets are nested more than {DEEPEST} deep")
    if depth:
        raise NotAllowedError("its brackets do not match")


def refuse_neighbours(text: str, tokens: list[Token]) -> None:
    """NotAllowedError where two names follow each other, most likely one that holds a space, or two texts."""
    is_word = [is_plain_word(token) for token in tokens]
    for token, is_plain in zip(tokens, is_word, strict=True):
        if is_plain and token.text.lower() in FORBIDDEN:
            raise NotAllowedError(
                f"{token.text!r} is not allowed in an expression; a column of that name needs backquotes"
            )
    for at in range(len(tokens) - 1):
        if tokens[at].token_type == tokens[at + 1].token_type == TokenType.STRING:
            raise NotAllowedError(f"two texts follow each other: {tokens[at].text!r} {tokens[at + 1].text!r}")
        if is_word[at] and is_word[at + 1]:
            last = next((i for i in range(at, len(tokens)) if not is_word[i]), len(tokens))
            start, end = tokens[at].start, tokens[last - 1].end + 1
            raise NotAllowedError(
                f"{text[start:end]!r} reads as several names; one that holds spaces needs backquotes",
                f"{text[:start]}`{text[start:end]}`{text[end:]}",
            )


def refuse_gaps(tokens: list[Token]) -> None:
    """NotAllowedError where a comma has nothing on one of its sides: the parser would pass over it."""
    kinds = [TokenType.L_PAREN, *[token.token_type for token in tokens], TokenType.R_PAREN]
    for left, right in pairwise(kinds):
        is_gap = left in (TokenType.COMMA, TokenType.L_PAREN) and right == TokenType.COMMA
        if is_gap or (left == TokenType.COMMA and right == TokenType.R_PAREN):
            raise NotAllowedError("a comma has nothing before or after it")


def is_plain_word(token: Token) -> bool:
    if token.token_type in (TokenType.STRING, TokenType.IDENTIFIER):
        return False
    return IDENTIFIER.fullmatch(token.text) is not None and token.text.lower() not in WORDS
