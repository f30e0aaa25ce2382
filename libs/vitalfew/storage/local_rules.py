"""Whether rules hold of a few rows that this process has in memory, without a query to the engine.

The rules are those of tables: SQL conditions, as the engine reads them. What is not surely the same here as there is
left to the engine: another function, a number that is none, an overflow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache, reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from vitalfew.dataframes.identifiers import exact_rules
from vitalfew.messages.sentences import closed_values
from vitalfew.tables import Table

Value = Any
"""A column of Arrow, or one value for all rows."""

COMPARISONS: dict[type[exp.Expr], Callable[[Value, Value], Value]] = {
    exp.EQ: pc.equal,
    exp.NEQ: pc.not_equal,
    exp.GT: pc.greater,
    exp.GTE: pc.greater_equal,
    exp.LT: pc.less,
    exp.LTE: pc.less_equal,
    exp.And: pc.and_kleene,
    exp.Or: pc.or_kleene,
    exp.Add: pc.add_checked,
    exp.Sub: pc.subtract_checked,
}
EXTREMES: dict[type[exp.Expr], Callable[..., Value]] = {
    exp.Greatest: pc.max_element_wise,
    exp.Least: pc.min_element_wise,
}


class UnsureError(Exception):
    """A rule, or a value, of which the engine might say something else."""


def keeps(rows: pa.Table, table: Table) -> bool:
    """Whether `rows` keep what holds of each row of `table`; False also where this cannot be told here."""
    if any(rows[name].null_count for name in table.required):
        return False
    for name, values in closed_values(table).items():
        known = pc.is_in(rows[name], pa.array([*values, None], rows[name].type))
        if not pc.all(known, min_count=0).as_py():
            return False
    return all_hold(rows, (*table.always, *exact_rules(table)))


def all_hold(rows: pa.Table, rules: Iterable[str]) -> bool:
    """Whether each of `rules` is true of each of `rows`; False also where this cannot be told here."""
    try:
        return all(holds(rows, rule) for rule in rules)
    except (UnsureError, SqlglotError, KeyError, pa.ArrowException):
        return False


def holds(rows: pa.Table, rule: str) -> bool:
    """Whether `rule` is true of each of `rows`: what is NULL is not true."""
    found = value(tree(rule), rows)
    if not pa.types.is_boolean(found.type):
        raise UnsureError(rule)
    if isinstance(found, pa.Scalar):
        return found.as_py() is True
    return found.null_count == 0 and bool(pc.all(found, min_count=0).as_py())


@cache
def tree(rule: str) -> exp.Expr:
    """The condition, parsed."""
    return parse_one(rule, dialect="spark")


def value(node: exp.Expr, rows: pa.Table) -> Value:
    """What `node` is for each of `rows`; UnsureError for a kind of expression that no rule needs so far."""
    kind = type(node)
    if kind in COMPARISONS:
        return COMPARISONS[kind](value(node.this, rows), value(node.expression, rows))
    if kind in EXTREMES:
        return EXTREMES[kind](*parts(node, rows), skip_nulls=True)
    reader = READERS.get(kind)
    if reader is None:
        raise UnsureError(node.sql())
    return reader(node, rows)


def parts(node: exp.Expr, rows: pa.Table) -> list[Value]:
    """The arguments of a function of several, whole numbers as money where another is."""
    found = [value(each, rows) for each in (node.this, *node.expressions) if each is not None]
    money = next((each.type for each in found if pa.types.is_decimal(each.type)), None)
    if money is None:
        return found
    return [each.cast(money) if pa.types.is_integer(each.type) else each for each in found]


def column(node: exp.Expr, rows: pa.Table) -> Value:
    """A column; a number that is none is greater than all others to the engine, and to Arrow it is not."""
    found = rows[node.name]
    if pa.types.is_floating(found.type) and pc.any(pc.is_nan(found)).as_py():
        raise UnsureError(node.name)
    return found


def literal(node: exp.Expr, _: pa.Table) -> Value:
    """A text or a number as it is written."""
    if node.is_string:
        return pa.scalar(node.name)
    return pa.scalar(int(node.name) if node.is_int else Decimal(node.name))


def is_null(node: exp.Expr, rows: pa.Table) -> Value:
    if not isinstance(node.expression, exp.Null):
        raise UnsureError(node.sql())
    return pc.is_null(value(node.this, rows))


def between(node: exp.Expr, rows: pa.Table) -> Value:
    this, low, high = (value(node.args[name], rows) for name in ("this", "low", "high"))
    return pc.and_kleene(pc.greater_equal(this, low), pc.less_equal(this, high))


def one_of(node: exp.Expr, rows: pa.Table) -> Value:
    """As comparisons one by one, which are NULL where the value is."""
    this = value(node.this, rows)
    return reduce(pc.or_kleene, [pc.equal(this, value(each, rows)) for each in node.expressions])


def size(node: exp.Expr, rows: pa.Table) -> Value:
    """Of a list; that of none is -1 on some versions of Spark, and NULL on others."""
    found = value(node.this, rows)
    if found.null_count:
        raise UnsureError(node.sql())
    return pc.list_value_length(found)


READERS: dict[type[exp.Expr], Callable[[exp.Expr, pa.Table], Value]] = {
    exp.Column: column,
    exp.Literal: literal,
    exp.Paren: lambda node, rows: value(node.this, rows),
    exp.Neg: lambda node, rows: pc.negate_checked(value(node.this, rows)),
    exp.Not: lambda node, rows: pc.invert(value(node.this, rows)),
    exp.Is: is_null,
    exp.Between: between,
    exp.In: one_of,
    exp.Coalesce: lambda node, rows: pc.coalesce(*parts(node, rows)),
    exp.ArraySize: size,
    exp.Null: lambda *_: pa.scalar(None),
    exp.Boolean: lambda node, _: pa.scalar(bool(node.this)),
}
