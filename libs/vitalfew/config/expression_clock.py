"""Texts that Spark reads by the clock: 'now' or 'today', where it makes a date or a time of a constant.

It does so in a cast, and also without one: where such a text is compared with a time, is beside one in `coalesce`, or
is an argument of `year`. So these texts stand only where all beside them is known to be text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from sqlglot import exp

from vitalfew.config.expression_functions import TO_TIMES
from vitalfew.config.sql_names import NotAllowedError

WORDS = ("epoch", "now", "today", "tomorrow", "yesterday")
READ_BY_THE_CLOCK = re.compile(rf"\s*({'|'.join(WORDS)})(?![a-z0-9_])", re.IGNORECASE)
OF_TEXT = frozenset(
    """concat concat_ws left lower lpad ltrim md5 regexp_extract regexp_replace replace right rpad rtrim sha2
    split_part substr substring translate trim upper""".split()
)
TAKE_TEXT = OF_TEXT | frozenset("char_length contains crc32 endswith isnotnull isnull length startswith".split())
ALIKE = frozenset("coalesce greatest ifnull least nullif nvl".split())
COMPARED = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ)
CALCULATED = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod)


def refuse(tree: exp.Expr) -> None:
    """NotAllowedError where Spark may read a constant text of `tree` by the clock."""
    refuse_among([tree])
    for node in tree.walk():
        refuse_among(alone(node))
        for group in alike(node):
            if not all(map(is_text, group)):
                refuse_among(group)


def alone(node: exp.Expr) -> Iterable[exp.Expr]:
    """The operands of `node` that may be made a date or a time, whatever is beside them."""
    if isinstance(node, CALCULATED):
        return (node.this, node.expression)
    if isinstance(node, (exp.Cast, exp.TryCast)) and not is_string(node):
        return (node.this,)
    if isinstance(node, exp.Anonymous):
        name, given = str(node.this).lower(), node.expressions
        is_by_format = name in TO_TIMES and len(given) > 1
        return () if is_by_format or name in {*TAKE_TEXT, *ALIKE, "if", "string"} else given
    return ()


def alike(node: exp.Expr) -> Iterator[Sequence[exp.Expr]]:
    """The operands of `node` that come to one type."""
    if isinstance(node, COMPARED):
        yield (node.this, node.expression)
    elif isinstance(node, exp.In):
        yield (node.this, *node.expressions)
    elif isinstance(node, exp.Between):
        yield (node.this, node.args["low"], node.args["high"])
    elif isinstance(node, exp.Case):
        yield values(node)
        if node.this:
            yield (node.this, *[branch.this for branch in node.args["ifs"]])
    elif isinstance(node, exp.Anonymous) and str(node.this).lower() in {*ALIKE, "if"}:
        yield values_of_call(node)


def refuse_among(nodes: Iterable[exp.Expr]) -> None:
    """NotAllowedError for a node that is read by the clock."""
    for node in nodes:
        if is_read_by_the_clock(node):
            text = node.unnest().sql(dialect="spark")
            raise NotAllowedError(
                f"{text} is read by the clock where a time is expected: it is no date or time, as in '2026-01-31'. "
                "If it is a text, say so of what stands beside it, as in string(the_column)"
            )


def is_read_by_the_clock(node: exp.Expr) -> bool:
    """Whether `node` is a constant text that may be one of the words."""
    inner = node.unnest()
    if isinstance(inner, exp.Literal):
        return inner.is_string and READ_BY_THE_CLOCK.match(inner.name) is not None
    if not is_text(inner) or inner.find(exp.Column):
        return False
    if any(str(found.this).lower() == "date_format" for found in inner.find_all(exp.Anonymous)):
        return True
    letters = set("".join(found.name for found in inner.find_all(exp.Literal)).lower())
    return any(letters.issuperset(word) for word in WORDS)


def is_text(node: exp.Expr) -> bool:
    """Whether `node` is a text, or NULL, whatever the columns are."""
    inner = node.unnest()
    if isinstance(inner, exp.Literal):
        return bool(inner.is_string)
    if isinstance(inner, exp.Case):
        return all(map(is_text, values(inner)))
    if isinstance(inner, exp.Anonymous):
        name = str(inner.this).lower()
        is_alike = name in {*ALIKE, "if"} and all(map(is_text, values_of_call(inner)))
        return is_alike or name in {*OF_TEXT, "date_format", "string"}
    return isinstance(inner, (exp.Null, exp.DPipe)) or is_string(inner)


def is_string(node: exp.Expr) -> bool:
    return isinstance(node, (exp.Cast, exp.TryCast)) and node.args["to"].this == exp.DType.TEXT


def values(case: exp.Case) -> list[exp.Expr]:
    """What a CASE may come to."""
    default = case.args.get("default")
    return [*[branch.args["true"] for branch in case.args["ifs"]], *([default] if default else [])]


def values_of_call(call: exp.Anonymous) -> list[exp.Expr]:
    """The arguments to one of which a call may come; of `if` not the condition."""
    return list(call.expressions[str(call.this).lower() == "if" :])
