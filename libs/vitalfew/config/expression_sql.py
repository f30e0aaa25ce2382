"""SQL from the tree of an expression: what is allowed is listed here, and is written as every engine reads it.

Every name is quoted, every text is escaped, every operand that is not plain stands in brackets: nothing is left to how
an engine reads the text that the user wrote.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from math import isinf

from sqlglot import exp
from sqlglot.errors import SqlglotError

from vitalfew.config import expression_clock, regex_cost
from vitalfew.config.expression_functions import BITS, CASTS, FUNCTIONS, HIDDEN, LIMITS, TO_TIMES, UNITS, Function
from vitalfew.config.sql_names import NotAllowedError, literal
from vitalfew.errors import hint

DEEPEST = 100
LARGEST = 100.0
LONGEST_TEXT = 1000
LONGEST_INTERVAL = 100_000
TYPES = {
    exp.DType.TEXT: "string",
    exp.DType.BOOLEAN: "boolean",
    exp.DType.TINYINT: "tinyint",
    exp.DType.SMALLINT: "smallint",
    exp.DType.INT: "int",
    exp.DType.BIGINT: "bigint",
    exp.DType.FLOAT: "float",
    exp.DType.DOUBLE: "double",
    exp.DType.DATE: "date",
    exp.DType.TIMESTAMPTZ: "timestamp",
}
COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "<=>",
}
SUMS: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-"}
PRODUCTS: dict[type[exp.Expr], str] = {exp.Mul: "*", exp.Div: "/", exp.IntDiv: "div", exp.Mod: "%"}
CONNECTORS: dict[type[exp.Expr], str] = {exp.And: "and", exp.Or: "or"}
OPERATORS: dict[type[exp.Expr], str] = {**COMPARISONS, **SUMS, **PRODUCTS, **CONNECTORS, exp.DPipe: "||"}
SHORT_ROW = 8
CHAINS = (exp.And, exp.Or, exp.DPipe)  # of which a row needs no brackets
RELATIONS = (*COMPARISONS, exp.NullSafeNEQ, exp.Like, exp.RegexpLike, exp.In, exp.Between, exp.Is, exp.Escape)
LOGIC = (exp.And, exp.Or, exp.Not)
SHORT = frozenset("avg char_length count crc32 length md5 sha2 sum".split())
"""Functions whose value is short, however long their arguments are."""
AGGREGATES = ("avg", "count", "max", "min", "sum")
PLAIN = (exp.Column, exp.Literal, exp.Null, exp.Boolean, exp.Anonymous, exp.Cast, exp.TryCast, exp.Case)


class Aggregate(exp.Anonymous):
    """One of AGGREGATES, of the rows of a group: a part of queries, which no text of an expression is read as."""


def written(tree: exp.Expr) -> str:
    """The SQL of `tree`; NotAllowedError for the first part of it that is not allowed."""
    refuse_depth(tree)
    sql = write(tree)
    expression_clock.refuse(tree)
    if size(tree) > LARGEST:
        raise NotAllowedError("its result may be too long: it joins or replaces too much")
    return sql


def refuse_depth(tree: exp.Expr) -> None:
    """NotAllowedError for a tree deeper than the engines like; rows of `and` and `or` do not count."""
    found = [(tree, 0)]
    while found:
        node, depth = found.pop()
        if depth > DEEPEST:
            raise NotAllowedError(f"it is nested more than {DEEPEST} deep")
        for child in node.iter_expressions():
            is_next = type(child) is type(node) and isinstance(node, CHAINS)
            found.append((child, depth if is_next else depth + 1))


def write(node: exp.Expr) -> str:
    kind = type(node)
    if kind in OPERATORS:
        return operation(node)
    if kind not in WRITERS:
        raise NotAllowedError(f"{near(node)} is not allowed in an expression")
    return WRITERS[kind](node)


def near(node: exp.Expr) -> str:
    """A part of an expression, for a message."""
    try:
        text = node.sql(dialect="spark")
    except (SqlglotError, RecursionError):
        text = node.key
    return repr(text if len(text) <= 60 else text[:59] + "…")


def operand(node: exp.Expr) -> str:
    """`node` inside another: in brackets, unless it is plain."""
    inner = node.unnest()
    return write(inner) if isinstance(inner, PLAIN) else f"({write(inner)})"


def refuse_unclear(node: exp.Expr, parts: Sequence[exp.Expr], unclear: tuple[type[exp.Expr], ...]) -> None:
    """NotAllowedError where a part without brackets may be read in two ways."""
    for part in parts:
        if isinstance(part, unclear):
            raise NotAllowedError(f"{near(node)} can be read in two ways: put brackets around {near(part)}")


def operation(node: exp.Expr) -> str:
    """Two operands and what stands between them; a row of the same is written from the left, without recursion."""
    kind, sign = type(node), OPERATORS[type(node)]
    parts: list[exp.Expr] = []
    at = node
    while type(at) is kind and (at is node or kind in CHAINS):
        parts.append(at.expression)
        at = at.this
    parts.append(at)
    parts.reverse()
    if kind in CONNECTORS:
        return balanced([operand(part) for part in parts], sign)
    refuse_unclear(node, parts, (*RELATIONS, *LOGIC))
    if kind in SUMS or kind in PRODUCTS:
        refuse_unclear(node, parts, (exp.DPipe,))
    if kind is exp.DPipe:
        refuse_unclear(node, parts, tuple(SUMS))
    return balanced([operand(part) for part in parts], sign)


def balanced(parts: Sequence[str], sign: str) -> str:
    """A row of operands as a tree of little depth: the embedded engine ends the process at a row of a thousand."""
    if len(parts) <= SHORT_ROW:
        return f" {sign} ".join(parts)
    half = len(parts) // 2
    return f"({balanced(parts[:half], sign)}) {sign} ({balanced(parts[half:], sign)})"


def column(node: exp.Expr) -> str:
    """A column, or a field of one, quoted."""
    parts = list(node.parts) if isinstance(node, exp.Column) else []
    if not parts or not all(isinstance(part, exp.Identifier) for part in parts):
        raise NotAllowedError(f"{near(node)} is not allowed in an expression")
    name = parts[0].name
    if any("`" in part.name or "${" in part.name or not part.name for part in parts):
        raise NotAllowedError(f"{near(node)} is no name of a column")
    if name.lower() in ("_metadata", "__metadata"):
        raise NotAllowedError(f"{name} is what an engine knows of files, no column of theirs")
    if name.lower() in HIDDEN and not parts[0].args.get("quoted"):
        raise NotAllowedError(
            f"{name} is read as the clock, the user or the session; a column called so needs backquotes"
        )
    return ".".join(f"`{part.name}`" for part in parts)


def constant(node: exp.Expr) -> str:
    if not node.args.get("is_string"):
        if isinf(float(node.name)):
            raise NotAllowedError(f"{node.name} is too large a number")
        return "0" + node.name if node.name.startswith(".") else re.sub(r"\.(?=$|[eE])", ".0", node.name)
    if len(node.name) > LONGEST_TEXT:
        raise NotAllowedError(f"a text of {len(node.name):,} characters is longer than {LONGEST_TEXT:,}")
    if any(ord(c) < 32 and c not in "\n\r\t" for c in node.name) or any("\ud800" <= c <= "\udfff" for c in node.name):
        raise NotAllowedError("a text holds a character that no text may hold")
    return literal(node.name)


def negated(node: exp.Expr) -> str:
    return f"not {operand(node.this)}"


def negative(node: exp.Expr) -> str:
    return f"- {operand(node.this)}"


def null_safe_unequal(node: exp.Expr) -> str:
    refuse_unclear(node, (node.this, node.expression), (*RELATIONS, *LOGIC))
    return f"not ({operand(node.this)} <=> {operand(node.expression)})"


def like(node: exp.Expr) -> str:
    """LIKE, its pattern a literal whose wildcards end soon."""
    refuse_unclear(node, (node.this,), (*RELATIONS, *LOGIC))
    pattern = text_of(node.expression, "the pattern of like")
    body = re.sub(r"\\(.)", r"\1", pattern, flags=re.DOTALL) if "\\" in pattern else pattern
    if re.search(r"\\(?![%_\\])", pattern):
        raise NotAllowedError(f"the pattern {pattern!r}: a backslash goes before %, _ or itself only")
    open_wildcards = len(re.findall("%+(?=[^%])", body))
    if open_wildcards > regex_cost.MOST_OPEN:
        raise NotAllowedError(
            f"the pattern {pattern!r} can be tried in too many ways: use two conditions joined by `and`"
        )
    sign = "not like" if node.args.get("negate") else "like"
    return f"{operand(node.this)} {sign} {literal(pattern)}"


def matches(node: exp.Expr) -> str:
    refuse_unclear(node, (node.this,), (*RELATIONS, *LOGIC))
    if set(node.args) - {"this", "expression", "negate"} and node.args.get("flag"):
        raise NotAllowedError(f"{near(node)} is not allowed in an expression")
    sign = "not rlike" if node.args.get("negate") else "rlike"
    return f"{operand(node.this)} {sign} {literal(pattern_of(node.expression))}"


def among(node: exp.Expr) -> str:
    listed = node.expressions
    refuse_unclear(node, (node.this,), (*RELATIONS, *LOGIC))
    if not listed or node.args.get("query") or node.args.get("unnest") or node.args.get("field"):
        raise NotAllowedError(f"{near(node)}: `in` needs a list of values in brackets")
    return f"{operand(node.this)} in ({', '.join(map(operand, listed))})"


def between(node: exp.Expr) -> str:
    low, high = node.args["low"], node.args["high"]
    refuse_unclear(node, (node.this, low, high), (*RELATIONS, *LOGIC))
    if node.args.get("symmetric"):
        raise NotAllowedError(f"{near(node)} is not allowed in an expression")
    sign = "not between" if node.args.get("negate") else "between"
    return f"{operand(node.this)} {sign} {operand(low)} and {operand(high)}"


def is_state(node: exp.Expr) -> str:
    refuse_unclear(node, (node.this,), (*RELATIONS, *LOGIC))
    what = node.expression
    if not isinstance(what, (exp.Null, exp.Boolean)):
        raise NotAllowedError(f"{near(node)}: `is` goes before null, true or false")
    sign = "is not" if node.args.get("negate") else "is"
    return f"{operand(node.this)} {sign} {write(what)}"


def case(node: exp.Expr) -> str:
    subject = f" {operand(node.this)}" if node.this else ""
    branches = "".join(f" when {operand(found.this)} then {operand(found.args['true'])}" for found in node.args["ifs"])
    default = node.args.get("default")
    return f"case{subject}{branches}{f' else {operand(default)}' if default else ''} end"


def cast(node: exp.Expr) -> str:
    if {name for name, value in node.args.items() if value} - {"this", "to", "safe", "_type"}:
        raise NotAllowedError(f"{near(node)} is not allowed in an expression")
    word = "cast" if type(node) is exp.Cast else "try_cast"
    kind = type_of(node.args["to"])
    refuse_no_date(node.this, kind)
    return f"{word}({operand(node.this)} as {kind})"


def refuse_no_date(node: exp.Expr, kind: str) -> None:
    """NotAllowedError for a constant that is no date or time: Spark reads 'now' and 'today' by the clock."""
    found = node.unnest()
    if kind not in ("date", "timestamp") or not (isinstance(found, exp.Literal) and found.is_string):
        return
    try:
        (date if kind == "date" else datetime).fromisoformat(found.name)
    except ValueError:
        raise NotAllowedError(f"{found.name!r} is no date or time, as in '2026-01-31'") from None


def type_of(node: exp.Expr) -> str:
    """The name of a type that both engines have."""
    kind = node.this if isinstance(node, exp.DataType) else None
    sizes = [int(part.name) for part in node.expressions if part.name.isdigit()]
    if kind == exp.DType.DECIMAL and len(sizes) == len(node.expressions) <= 2:
        digits, places = [*sizes, 10, 0][:2] if not sizes else [*sizes, 0][:2]
        if 1 <= digits <= 38 and places <= digits:
            return f"decimal({digits},{places})"
    if kind not in TYPES or node.expressions or node.args.get("nested"):
        raise NotAllowedError(f"{near(node)} is not a type to cast to; {hint(near(node), [*CASTS, 'decimal(18,2)'])}")
    return TYPES[kind]


def interval(node: exp.Expr) -> str:
    """A literal count of one unit, short enough for every calendar."""
    count, unit = node.this, node.args.get("unit")
    name = unit.name.lower().removesuffix("s") if isinstance(unit, exp.Var) else ""
    is_count = isinstance(count, exp.Literal) and count.name.isdigit() and int(count.name) <= LONGEST_INTERVAL
    if not is_count or name not in UNITS or name == "quarter":
        raise NotAllowedError(f"{near(node)}: an interval is a whole number and a unit, as in interval 3 day")
    return f"interval '{int(count.name)}' {name}"


def call(node: exp.Expr) -> str:
    """A function of the list, by the name that the user gave."""
    if not isinstance(node.this, str):
        raise NotAllowedError(f"function {near(node)} is not allowed")
    name, arguments = node.this.lower(), node.expressions
    if len(arguments) == 1 and (kind := TO_TIMES.get(name) or CASTS.get(name)):
        refuse_no_date(arguments[0], kind)
    if name in CASTS and len(arguments) == 1:
        return f"cast({operand(arguments[0])} as {CASTS[name]})"
    function = FUNCTIONS.get(name)
    if function is None:
        raise NotAllowedError(f"function {node.this} is not allowed; {hint(name, FUNCTIONS)}")
    if not function.least <= len(arguments) <= function.most:
        wanted = f"{function.least}" if function.least == function.most else f"{function.least} to {function.most}"
        raise NotAllowedError(f"function {name} takes {wanted} arguments, not {len(arguments)}")
    return f"{name}({', '.join(argument(name, function, arguments, at) for at in range(len(arguments)))})"


def aggregate(node: exp.Expr) -> str:
    """count(*), or an aggregate of one value, `distinct` or not."""
    name, arguments = str(node.this).lower(), node.expressions
    if len(arguments) != 1:
        raise NotAllowedError(f"function {name} takes 1 argument, not {len(arguments)}")
    found = arguments[0].unnest()
    if isinstance(found, exp.Star) and name == "count" and not any(found.args.values()):
        return "count(*)"
    if isinstance(found, exp.Distinct) and len(found.expressions) == 1 and not found.args.get("on"):
        return f"{name}(distinct {write(found.expressions[0].unnest())})"
    return f"{name}({write(found)})"


def argument(name: str, function: Function, arguments: Sequence[exp.Expr], at: int) -> str:
    """An argument, checked where it must be a literal."""
    found, kind = arguments[at].unnest(), function.literals.get(at)
    what = f"argument {at + 1} of {name}"
    if kind is None:
        return write(found)
    if kind in LIMITS or kind == "bits":
        allowed = BITS if kind == "bits" else range(LIMITS[kind][0], LIMITS[kind][1] + 1)
        return whole_number(found, what, allowed)
    if kind == "pattern":
        return literal(pattern_of(found))
    text = text_of(found, what)
    if len(text) > 100:
        raise NotAllowedError(f"{what} is longer than 100 characters")
    if kind == "unit" and text.lower() not in UNITS:
        raise NotAllowedError(f"{what} is {text!r}; {hint(text.lower(), UNITS)}")
    if kind == "replacement":
        refuse_replacement(text, text_of(arguments[1].unnest(), what))
    return literal(text)


def whole_number(node: exp.Expr, what: str, allowed: Sequence[int]) -> str:
    sign = -1 if isinstance(node, exp.Neg) else 1
    inner = node.this if isinstance(node, exp.Neg) else node
    if not isinstance(inner, exp.Literal) or inner.is_string or not inner.name.isdigit():
        raise NotAllowedError(f"{what} must be written as a whole number")
    number = sign * int(inner.name)
    if number not in allowed:
        raise NotAllowedError(f"{what} is {number}; allowed is {allowed[0]} to {allowed[-1]}")
    return str(number)


def text_of(node: exp.Expr, what: str) -> str:
    inner = node.unnest()
    if not isinstance(inner, exp.Literal) or not inner.is_string:
        raise NotAllowedError(f"{what} must be written as a text in single quotes")
    constant(inner)
    return inner.name


def pattern_of(node: exp.Expr) -> str:
    """A regular expression that ends soon."""
    pattern = text_of(node, "a regular expression")
    if why := regex_cost.problem(pattern):
        raise NotAllowedError(f"the regular expression {pattern!r}: {why}")
    return pattern


def refuse_replacement(text: str, pattern: str) -> None:
    numbers = [int(number) for number in re.findall(r"\$(\d)", text)]
    if "\\" in text or len(numbers) != text.count("$") or any(n > regex_cost.groups(pattern) for n in numbers):
        raise NotAllowedError(
            f"the replacement {text!r}: $ goes before the number of a group, a backslash before nothing"
        )


def size(tree: exp.Expr, columns: Mapping[str, float] | None = None) -> float:
    """How many times as long as a cell the value of `tree`, or of any part of it, may be.

    `columns`: by name in small letters, the sizes of columns that are themselves results of expressions.
    """
    known = columns or {}
    sizes: dict[int, float] = {}
    for node in reversed(list(tree.bfs())):
        inner = [sizes[id(child)] for child in node.iter_expressions()]
        if isinstance(node, exp.Column):
            inner += [known.get(part.name.lower(), 1.0) for part in node.parts]
        sizes[id(node)] = size_of(node, inner)
    return sizes[id(tree)]


def size_of(node: exp.Expr, inner: Sequence[float]) -> float:
    """How long the value of `node` may be, where the values of its parts are as long as `inner` says."""
    if isinstance(node, exp.DPipe):
        return sum(inner)
    most = max(inner, default=1.0)
    if not isinstance(node, exp.Anonymous):
        return most
    name = str(node.this).lower()
    if name in SHORT:
        return 1.0
    if name in ("concat", "concat_ws"):
        return sum(inner)
    if name in ("replace", "regexp_replace") and len(node.expressions) == 3:
        return most * growth(name, node.expressions[1].unnest().name, node.expressions[2].unnest().name)
    return most


def growth(name: str, searched: str, replacement: str) -> float:
    """How many times as long a text becomes, at most."""
    if name == "replace":
        return max(1.0, len(replacement) / max(1, len(searched)))
    return 1.0 + len(replacement) + replacement.count("$")


WRITERS: dict[type[exp.Expr], Callable[[exp.Expr], str]] = {
    exp.Column: column,
    exp.Literal: constant,
    exp.Null: lambda _: "null",
    exp.Boolean: lambda node: "true" if node.this else "false",
    exp.Paren: lambda node: write(node.unnest()),
    exp.Not: negated,
    exp.Neg: negative,
    exp.NullSafeNEQ: null_safe_unequal,
    exp.Like: like,
    exp.RegexpLike: matches,
    exp.In: among,
    exp.Between: between,
    exp.Is: is_state,
    exp.Case: case,
    exp.Cast: cast,
    exp.TryCast: cast,
    exp.Interval: interval,
    exp.Anonymous: call,
    Aggregate: aggregate,
}
