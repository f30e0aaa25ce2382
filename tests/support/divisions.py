"""Divisions of columns in source code, by anything that could be zero."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TypeGuard

DIVIDING = (ast.Div, ast.FloorDiv)


def divisions(code: str) -> Iterator[ast.BinOp]:
    """Where a column is divided, or divides, by other than a number, a constant or a literal."""
    tree = ast.parse(code)
    makers = {f.name for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) and is_column(f.returns)}
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    seen: set[int] = set()
    for function in functions:
        divided = [node for node in ast.walk(function) if is_division(node) and id(node) not in seen]
        columns = {"F", *makers, *names_of_columns(function, {"F", *makers})} if divided else set[str]()
        for node in divided:
            if mentions(node, columns):
                seen.add(id(node))
                yield node


def is_division(node: ast.AST) -> TypeGuard[ast.BinOp]:
    """Whether something is divided by other than a number, a constant or a literal."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, DIVIDING) and not is_safe(node.right)


def is_column(annotation: ast.expr | None) -> bool:
    return annotation is not None and "Column" in {n.id for n in ast.walk(annotation) if isinstance(n, ast.Name)}


def names_of_columns(function: ast.FunctionDef, known: set[str]) -> set[str]:
    """Arguments that are columns, and names that were given an expression of columns; not what was collected."""
    found = {a.arg for a in function.args.args + function.args.kwonlyargs if is_column(a.annotation)}
    for _ in range(3):  # names from names
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and mentions(node.value, known | found) and not is_frame(node.value):
                found |= {n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name)}
    return found


def is_frame(value: ast.expr) -> bool:
    """Whether an expression ends in a method that gives a frame, or rows, rather than a column."""
    methods = {"collect", "agg", "select", "withColumn", "join", "crossJoin", "where", "groupBy", "first", "drop"}
    called = {n.func.attr for n in ast.walk(value) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)}
    return bool(called & methods)


def mentions(node: ast.AST, names: set[str]) -> bool:
    return any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(node))


def is_safe(divisor: ast.expr) -> bool:
    """A number other than zero, a constant of the module, or a literal made of plain values."""
    if isinstance(divisor, ast.Constant):
        return bool(divisor.value)
    if isinstance(divisor, ast.Name):
        return divisor.id.isupper()
    if isinstance(divisor, ast.BinOp):
        return is_safe(divisor.left) and is_safe(divisor.right)
    return isinstance(divisor, ast.Call) and ast.unparse(divisor.func) == "F.lit"
