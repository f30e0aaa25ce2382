"""What an expression or a name from a configuration may say, checked before an engine sees it.

Spark SQL expressions can read files, run Java and query other tables; these cannot. Their text is parsed, every part
of the tree must be on a list (`expression_sql`, `expression_functions`), and the engines run SQL that is made from the
tree. `initcap` and `bround` are not on the list: the engines do not agree where a word begins, nor which half is even.
"""

from __future__ import annotations

import json

from vitalfew.config.sql_names import NotAllowedError, is_column


def checked(expression: str) -> str:
    """SQL that computes what `expression` says; NotAllowedError, with the reason, where it may not be run.

    Only what comes out of here goes to an engine, never the text of the user.
    """
    from vitalfew.config import expression_sql, expression_tree

    return expression_sql.written(expression_tree.parsed(expression))


def problem(expression: str, setting: str = "") -> str | None:
    """What is wrong with `expression`, the value of a `setting`, or None; with a line to paste, where there is one."""
    try:
        checked(expression)
    except NotAllowedError as error:
        if error.instead is None:
            return str(error)
        line = json.dumps(error.instead, ensure_ascii=False)
        return f"{error}: write {f'{setting}: ' if setting else ''}{line}"
    return None


def columns_of(expression: str) -> set[str]:
    """The columns that `expression` names; none where it cannot be read. A column alone may be called like anything."""
    from vitalfew.config import expression_tree

    if expression[:1] == "`" and is_column(expression):
        return {expression.strip("`")}
    try:
        return expression_tree.columns(expression_tree.parsed(expression))
    except NotAllowedError:
        return set()


def calculated(expression: str) -> set[str]:
    """The columns that `expression` adds, subtracts, multiplies or divides; none where it cannot be read."""
    from vitalfew.config import expression_tree

    try:
        return expression_tree.calculated(expression_tree.parsed(expression))
    except NotAllowedError:
        return set()


def sql_of(text: str) -> str:
    """The SQL that computes an expression of the settings, where one column alone may be called like anything."""
    return f"`{text.strip('`')}`" if is_column(text) else checked(text)
