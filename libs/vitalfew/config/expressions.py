"""What an expression or a name from a configuration may say, checked before an engine sees it.

Spark SQL expressions can read files, run Java and query other tables; these cannot: only columns, literals, operators
and the functions named here. `initcap` is not among them: the engines do not agree where a word begins.
"""

from __future__ import annotations

import re

from vitalfew.errors import hint

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
TOKEN = re.compile(
    r"""\s+
    | (?P<text>'(?:[^'\\]|''|\\.)*')
    | (?P<quoted>`[^`]+`)
    | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?[A-Za-z]{0,2}|\.\d+)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<comment>--|/\*)
    | (?P<operator><=>|<=|>=|<>|!=|==|\|\||[-+*/%<>=(),.!])
    """,
    re.VERBOSE,
)
KEYWORDS = frozenset("and or not in between like rlike is null true false case when then else end as distinct".split())
TYPES = frozenset(
    "string boolean byte short int integer long bigint float double decimal date timestamp smallint tinyint".split()
)
FUNCTIONS = frozenset(
    """abs bround cast ceil char_length coalesce concat concat_ws contains crc32 date date_add date_format
    date_sub date_trunc datediff day dayofmonth dayofweek endswith floor from_utc_timestamp greatest hour if ifnull
    isnan isnotnull isnull least left length lower lpad ltrim make_date md5 minute month nanvl nullif nvl
    quarter regexp_extract regexp_replace replace right round rpad rtrim second sha2 sign split_part startswith substr
    substring timestamp_millis timestamp_seconds to_date to_timestamp to_utc_timestamp translate trim try_add try_cast
    try_divide try_multiply try_subtract try_to_timestamp upper weekday year""".split()
)


def problem(expression: str) -> str | None:
    """What is wrong with `expression`, or None."""
    position, depth, tokens = 0, 0, []
    while position < len(expression):
        match = TOKEN.match(expression, position)
        if match is None or match.lastgroup == "comment":
            return f"{expression[position : position + 12]!r} is not allowed in an expression"
        position = match.end()
        if match.lastgroup is None:
            continue
        token = match.group().strip()
        depth += (token == "(") - (token == ")")
        if depth < 0:
            break
        tokens.append((match.lastgroup, token))
    if not tokens:
        return "is empty"
    if depth:
        return "its brackets do not match"
    return next(filter(None, (called(tokens, at) for at in range(len(tokens)))), None)


def called(tokens: list[tuple[str, str]], at: int) -> str | None:
    """What is wrong with the name at `at`, if it is called as a function or is a reserved word."""
    kind, token = tokens[at]
    word = token.lower()
    is_call = at + 1 < len(tokens) and tokens[at + 1][1] == "("
    if kind == "quoted" and is_call:
        return f"function {token} is not allowed"
    if kind != "name":
        return None
    if word in ("select", "from", "with", "table", "exists", "lateral", "over"):
        return f"{token!r} is not allowed in an expression"
    if is_call and word not in FUNCTIONS | KEYWORDS | TYPES:
        return f"function {token} is not allowed; {hint(word, FUNCTIONS)}"
    return None


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
    """`text` as a Spark SQL string literal."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


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
