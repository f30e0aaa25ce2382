"""What a query of a user may say: parsed, every part of its tree on a list, and written again from the tree.

It reads tables by their plain names and nothing else: no file, no function that makes rows, no statement but SELECT.
Its expressions are those of the settings (`expression_sql`), and five aggregates.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from vitalfew.config import expression_sql
from vitalfew.config.expression_sql import AGGREGATES, Aggregate, near
from vitalfew.config.expression_tree import LONGEST, SparkParser, read_tokens, refuse_gaps, why
from vitalfew.config.sql_names import NotAllowedError
from vitalfew.errors import hint

MOST_RELATIONS = 50
MOST_OF_A_ROW = 1_000.0
"""How many times as long as a cell a row may be."""
CLAUSES = {"expressions", "distinct", "from_", "joins", "where", "group", "having", "order", "limit"}
JOINS = {
    ("", ""): "join",
    ("", "INNER"): "join",
    ("LEFT", ""): "left join",
    ("LEFT", "OUTER"): "left join",
    ("RIGHT", ""): "right join",
    ("RIGHT", "OUTER"): "right join",
    ("FULL", ""): "full join",
    ("FULL", "OUTER"): "full join",
    ("LEFT", "SEMI"): "left semi join",
    ("LEFT", "ANTI"): "left anti join",
    ("", "SEMI"): "left semi join",
    ("", "ANTI"): "left anti join",
}
EVERYWHERE = "as_of"
"""A column that is equal in all rows of a view, and so joins each of them with each."""


def parsed(text: str) -> exp.Select:
    """The tree of one SELECT; NotAllowedError where the text is none, or holds what no query may."""
    query = text.strip().removesuffix(";")
    if not query.strip():
        raise NotAllowedError("it is empty")
    if len(query) > LONGEST:
        raise NotAllowedError(f"it has {len(query):,} characters; {LONGEST:,} are allowed")
    dialect = Spark()
    try:
        tokens = read_tokens(query, dialect.tokenize(query), "a query", ("group by", "order by"))
        refuse_gaps(tokens)
        for left, right in pairwise(tokens):
            if left.token_type == right.token_type == TokenType.STRING:
                raise NotAllowedError(f"two texts follow each other: {left.text!r} {right.text!r}")
        trees = SparkParser(dialect=dialect).parse(tokens, query)
    except NotAllowedError:
        raise
    except (SqlglotError, RecursionError) as error:
        raise NotAllowedError(f"it is no query: {why(error)}") from error
    found = trees[0] if len(trees) == 1 else None
    if type(found) is not exp.Select:
        raise NotAllowedError("it is not one SELECT")
    return found


@dataclass(frozen=True)
class Common:
    """A common table expression: its name as it was first written, how many relations it is of, and its columns.

    Of each column how many times as long as a cell a value of it may be.
    """

    name: str
    size: int
    columns: Mapping[str, float]


@dataclass
class Query:
    """A query over tables that are given by their names and columns.

    `others`: names that cannot be read, and why. `seen_as` says what a table is called where the query is run.
    """

    text: str
    tables: Mapping[str, Collection[str]]
    others: Mapping[str, str]
    seen_as: Callable[[str], str]
    read: set[str] = field(default_factory=set)
    """The tables that it reads, once `sql` has been asked for."""
    common: dict[str, Common] = field(default_factory=dict)
    """Its common table expressions so far, by their names in small letters."""

    def sql(self) -> str:
        """SQL that says the same, made from the tree; NotAllowedError for the first part of it that is not allowed."""
        tree = parsed(self.text)
        self.read, self.common = set(), {}
        before = ""
        if given := tree.args.get("with_"):
            refuse_others(given, ("expressions",))
            before = f"with {', '.join(map(self.named_query, given.expressions))} "
        main = tree.copy()
        main.set("with_", None)
        sql, _ = self.select(main)
        self.refuse_unknown_columns(tree)
        return before + sql

    def named_query(self, node: exp.Expr) -> str:
        """One common table expression; no name of a table, and none twice."""
        refuse_others(node, {"this", "alias"})
        name = alias_of(node)
        if not name or not isinstance(node.this, exp.Select):
            raise NotAllowedError(f"{near(node)} is not allowed in a query")
        if name.lower() in (*self.tables, *self.others, *self.common):
            raise NotAllowedError(f"with {name}: there is a table or query of that name; choose another")
        sql, size = self.select(node.this)
        self.common[name.lower()] = Common(name, size, self.columns_of(node.this))
        return f"{quoted(name)} as ({sql})"

    def select(self, node: exp.Select) -> tuple[str, int]:
        """One SELECT, and how many relations it is of."""
        refuse_others(node, CLAUSES)
        if not node.expressions:
            raise NotAllowedError("it selects nothing")
        distinct = node.args.get("distinct")
        if distinct is not None:
            refuse_others(distinct, ())
        sql = [f"select{' distinct' if distinct is not None else ''} {', '.join(map(item, node.expressions))}"]
        size = 0
        if source := node.args.get("from_"):
            refuse_others(source, ("this",))
            found, size = self.relation(source.this)
            sql.append(f"from {found}")
        for each in node.args.get("joins") or []:
            found, more = self.join(each)
            sql.append(found)
            size += more
        if size > MOST_RELATIONS:
            raise NotAllowedError(f"it reads more than {MOST_RELATIONS} tables, with those of its inner queries")
        refuse_ungrouped(node, {*self.columns_read(node)})
        self.columns_of(node)
        return " ".join([*sql, *clauses(node)]), size

    def relation(self, node: exp.Expr) -> tuple[str, int]:
        """A table, a common table expression, or a query in brackets with a name; and its size."""
        if isinstance(node, exp.Subquery):
            refuse_others(node, {"this", "alias"})
            name = alias_of(node)
            if not isinstance(node.this, exp.Select):
                raise NotAllowedError(f"{near(node)} is not allowed in a query")
            if not name:
                raise NotAllowedError(f"{near(node)} needs a name: (select …) as name")
            if node.this.args.get("with_"):
                raise NotAllowedError("`with` stands at the beginning of a query only")
            sql, size = self.select(node.this)
            return f"({sql}) as {quoted(name)}", size
        if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier) or node.args.get("db"):
            raise NotAllowedError(f"{near(node)} is no table that a query may read: tables have plain names, as in rfm")
        refuse_others(node, {"this", "alias"})
        name = node.this.name
        shown_as = alias_of(node) or name
        if common := self.common.get(name.lower()):
            return f"{quoted(common.name)} as {quoted(shown_as)}", common.size
        if name.lower() in self.others:
            raise NotAllowedError(f"{name}: {self.others[name.lower()]}")
        if name.lower() not in self.tables:
            raise NotAllowedError(f"there is no table {name!r}; {hint(name, [*self.tables, *self.common])}")
        self.read.add(name.lower())
        return f"{quoted(self.seen_as(name.lower()))} as {quoted(shown_as)}", 1

    def join(self, node: exp.Join) -> tuple[str, int]:
        """A join by an equality, so that no row is joined with all others."""
        refuse_others(node, {"this", "side", "kind", "on", "using"})
        words = JOINS.get((str(node.args.get("side") or ""), str(node.args.get("kind") or "")))
        on, using = node.args.get("on"), node.args.get("using")
        names = [part.name for part in using or []]
        is_by_key = {name.lower() for name in names} - {EVERYWHERE} or (on is not None and has_equality(on))
        if words is None or not is_by_key:
            raise NotAllowedError(
                f"{near(node)}: a join needs `on` with an equality of the two sides, or `using` (by more than as_of)"
            )
        sql, size = self.relation(node.this)
        if on is not None:
            return f"{words} {sql} on {of_a_row(on, 'on')}", size
        return f"{words} {sql} using ({', '.join(map(quoted, names))})", size

    def columns_in(self, relation: exp.Expr) -> Mapping[str, float]:
        """The columns of a table, a common table expression or an inner query, in small letters, and their sizes."""
        if isinstance(relation, exp.Subquery):
            return self.columns_of(relation.this)
        name = relation.name.lower()
        if name in self.common:
            return self.common[name].columns
        return {column.lower(): 1.0 for column in self.tables.get(name, ())}

    def columns_read(self, node: exp.Select) -> dict[str, float]:
        """The columns of all relations of a SELECT; of two that have one name the longer."""
        found: dict[str, float] = {}
        for relation in relations_of(node):
            for name, length in self.columns_in(relation).items():
                found[name] = max(length, found.get(name, 0.0))
        return found

    def columns_of(self, node: exp.Expr) -> dict[str, float]:
        """The names of what a SELECT selects, and how long their values may be; of a star, all that it reads.

        NotAllowedError where values become too long: what inner queries join or replace is counted with the rest.
        """
        read = self.columns_read(node) if isinstance(node, exp.Select) else {}
        known, found, whole = {**read}, dict[str, float](), 0.0
        for each in node.expressions:
            if isinstance(each, exp.Star) or isinstance(each.this, exp.Star):
                found |= read
                whole += sum(read.values())
                continue
            length = bounded(each, known)
            whole += length
            name = each.alias_or_name.lower()
            found[name] = known[name] = max(length, known.get(name, 0.0) if each.alias else 0.0)
        for clause in ("where", "group", "having", "order", "joins"):
            for part in as_list(node.args.get(clause)):
                bounded(part, known)
        if whole > MOST_OF_A_ROW:
            raise NotAllowedError("its rows may be too long: it selects too much that is joined or replaced")
        return found

    def refuse_unknown_columns(self, tree: exp.Select) -> None:
        """NotAllowedError for a column that no table has that is read, and that the query does not name itself."""
        columns = {name for table in self.read for name in self.tables[table]}
        columns |= {found.alias.lower() for found in tree.find_all(exp.Alias)}
        relations = {alias_of(found).lower() for found in tree.find_all(exp.Table, exp.Subquery)}
        relations |= {found.this.name.lower() for found in tree.find_all(exp.Table)}
        for found in tree.find_all(exp.Column):
            parts = [part.name for part in found.parts if isinstance(part, exp.Identifier)]
            name = parts[1] if len(parts) > 1 and parts[0].lower() in relations else parts[0]
            is_star = isinstance(found.this, exp.Star)
            if not is_star and name.lower() not in columns:
                where = ", ".join(sorted(self.read)) or "a query without tables"
                meant = hint(name, columns)
                quotes = "" if meant.startswith("did") else f" A text is written as '{name}', in single quotes."
                raise NotAllowedError(f"{name} is no column of {where}; {meant}{quotes}")


def bounded(node: exp.Expr, columns: Mapping[str, float]) -> float:
    """How many times as long as a cell a value may be; NotAllowedError where that is too long."""
    if (length := expression_sql.size(node, columns)) > expression_sql.LARGEST:
        raise NotAllowedError("its result may be too long: it joins or replaces too much")
    return length


def as_list(found: exp.Expr | list[exp.Expr] | None) -> list[exp.Expr]:
    """The parts of a clause that may be missing; of joins their conditions, as inner queries are looked at as such."""
    if isinstance(found, list):
        return [each.args["on"] for each in found if each.args.get("on")]
    return [found] if found is not None else []


def relations_of(node: exp.Expr) -> list[exp.Expr]:
    """What a SELECT reads from and joins."""
    source = node.args.get("from_")
    return [each.this for each in ([source] if source else []) + (node.args.get("joins") or [])]


def refuse_ungrouped(node: exp.Select, columns: Collection[str]) -> None:
    """NotAllowedError for a column that differs within a group; engines say so in words of their own.

    `columns`: those of the relations. Where one is called as what is selected, `group by` means the column.
    """
    group = node.args.get("group")
    grouped: list[exp.Expr] = group.expressions if group else []
    selected = {each.alias.lower() for each in node.expressions if each.alias}
    if not grouped and not any(map(is_aggregate, [part for each in node.expressions for part in each.walk()])):
        refuse_unselected(node, selected)
        return
    names = {column.name.lower() for each in grouped for column in each.find_all(exp.Column)}
    positions = {each.name for each in grouped if isinstance(each, exp.Literal)}
    for position, each in enumerate(node.expressions, 1):
        is_called = each.alias.lower() in names and each.alias.lower() not in columns
        if str(position) in positions or is_called:
            names |= {column.name.lower() for column in each.find_all(exp.Column)}
            continue
        refuse_free(each, names)
    having, order = node.args.get("having"), node.args.get("order")
    for each in [*([having.this] if having else []), *(order.expressions if order else [])]:
        refuse_free(each, names | selected)


def refuse_free(node: exp.Expr, names: Collection[str]) -> None:
    """NotAllowedError for a column in `node`, outside of its aggregates, that is none of `names`."""
    inside = {id(column) for part in node.walk() if is_aggregate(part) for column in part.find_all(exp.Column)}
    for column in node.find_all(exp.Column, exp.Star):
        is_star_of_count = isinstance(column, exp.Star) and is_aggregate(column.parent or column)
        if id(column) not in inside and not is_star_of_count and column.name.lower() not in names:
            raise NotAllowedError(f"{near(column)} is neither in `group by` nor in an aggregate such as max")


def refuse_unselected(node: exp.Select, selected: Collection[str]) -> None:
    """NotAllowedError for `having` without groups, and for sorting what is distinct by something else."""
    if node.args.get("having"):
        raise NotAllowedError("`having` is for groups, and there are none: use `where`")
    order = node.args.get("order")
    if not node.args.get("distinct") or not order or any(column.find(exp.Star) for column in node.expressions):
        return
    known = {*selected, *(each.name.lower() for each in node.expressions if isinstance(each, exp.Column))}
    for column in order.find_all(exp.Column):
        if column.name.lower() not in known:
            raise NotAllowedError(f"{near(column)} is not selected: `select distinct` is sorted by what it selects")


def refuse_others(node: exp.Expr, allowed: Collection[str]) -> None:
    """NotAllowedError where a part of a query has more than these arguments."""
    extra = [name for name, value in node.args.items() if value and name not in allowed]
    if extra:
        said = extra[0].strip("_").replace("_", " ")
        raise NotAllowedError(
            f"`{said}` is not allowed: a query has with, select, distinct, from, join, where, group by, having, "
            "order by and limit"
        )


def alias_of(node: exp.Expr) -> str:
    """The name that a relation is given; empty where it has none."""
    alias = node.args.get("alias")
    if alias is None:
        return ""
    if not isinstance(alias, exp.TableAlias) or not isinstance(alias.this, exp.Identifier):
        raise NotAllowedError(f"{near(node)} is not allowed in a query")
    refuse_others(alias, {"this"})
    return alias.this.name


def quoted(name: str) -> str:
    if not name or "`" in name or "${" in name or not name.isprintable():
        raise NotAllowedError(f"{name!r} is no name")
    return f"`{name}`"


def clauses(node: exp.Select) -> Iterator[str]:
    """What comes after the relations of a SELECT."""
    if where := node.args.get("where"):
        refuse_others(where, ("this",))
        yield f"where {of_a_row(where.this, 'where')}"
    if group := node.args.get("group"):
        refuse_others(group, ("expressions",))
        if not group.expressions:
            raise NotAllowedError("`group by` needs the columns by which it groups")
        yield f"group by {', '.join(of_a_row(each, 'group by') for each in group.expressions)}"
    if having := node.args.get("having"):
        refuse_others(having, ("this",))
        yield f"having {expression(having.this)}"
    if order := node.args.get("order"):
        refuse_others(order, ("expressions",))
        yield f"order by {', '.join(map(sorting, order.expressions))}"
    if limit := node.args.get("limit"):
        yield f"limit {rows_of(limit)}"


def of_a_row(node: exp.Expr, clause: str) -> str:
    """A value that has no aggregate in it."""
    if found := next(filter(is_aggregate, node.walk()), None):
        raise NotAllowedError(
            f"{near(found)} is of many rows, and no part of `{clause}`: `having` comes after grouping"
        )
    return expression_sql.written(node)


def expression(node: exp.Expr) -> str:
    """A value of a query: an expression as settings have them, with aggregates."""
    if found := node.find(exp.Window, exp.Filter):
        raise NotAllowedError(f"{near(found)} is not allowed in a query")
    return expression_sql.written(node.transform(as_aggregate))


def as_aggregate(node: exp.Expr) -> exp.Expr:
    if not is_aggregate(node):
        return node
    if any(map(is_aggregate, [found for part in node.expressions for found in part.walk()])):
        raise NotAllowedError(f"{near(node)} aggregates what is aggregated: do so in an inner query")
    return Aggregate(this=node.this, expressions=node.expressions)


def is_aggregate(node: exp.Expr) -> bool:
    return type(node) is exp.Anonymous and isinstance(node.this, str) and node.this.lower() in AGGREGATES


def item(node: exp.Expr) -> str:
    """What is selected: a value, with a name or without, or all columns."""
    if isinstance(node, exp.Star):
        refuse_others(node, set())
        return "*"
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Star) and len(node.parts) == 2:
        refuse_others(node.this, set())
        return f"{quoted(node.parts[0].name)}.*"
    if isinstance(node, exp.Alias):
        refuse_others(node, {"this", "alias"})
        return f"{expression(node.this)} as {quoted(node.alias)}"
    return expression(node)


def sorting(node: exp.Expr) -> str:
    if not isinstance(node, exp.Ordered):
        raise NotAllowedError(f"{near(node)} is not allowed in `order by`")
    refuse_others(node, {"this", "desc", "nulls_first"})
    direction = "desc" if node.args.get("desc") else "asc"
    return f"{expression(node.this)} {direction} nulls {'first' if node.args.get('nulls_first') else 'last'}"


def rows_of(node: exp.Expr) -> int:
    """The number of a LIMIT."""
    refuse_others(node, {"expression"})
    found = node.expression
    if not isinstance(found, exp.Literal) or found.is_string or not found.name.isdigit() or len(found.name) > 9:
        raise NotAllowedError(f"{near(node)}: a limit is a whole number below 1,000,000,000")
    return int(found.name)


def has_equality(on: exp.Expr) -> bool:
    """Whether all pairs that are joined have something equal, other than the day."""
    found = on.unnest()
    if isinstance(found, exp.And):
        return any(has_equality(side) for side in (found.this, found.expression))
    if not isinstance(found, exp.EQ | exp.NullSafeEQ):
        return False
    left, right = ([*side.find_all(exp.Column)] for side in (found.this, found.expression))
    sides = [{column.table.lower() for column in columns} for columns in (left, right)]
    is_of_both = "" in sides[0] | sides[1] or sides[0].isdisjoint(sides[1])
    return bool(left and right and is_of_both) and {column.name.lower() for column in left + right} != {EVERYWHERE}
