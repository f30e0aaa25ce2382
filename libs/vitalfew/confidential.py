"""What a message may tell of an error that came up over private data: its kind, and nothing that it quotes.

Engines and libraries quote the values that they stumble over. So while private tables are read or written, what they
say is replaced by the kind of the error; and an error that has left such a place is marked, for whoever words it later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from vitalfew.tables.table import Table

MARK = "_is_over_private_data"
QUIET: ContextVar[bool] = ContextVar("no content of private tables in messages", default=False)
ON_EXECUTOR = re.compile(r"^([A-Za-z_][\w.]*(?:Error|Exception))\b", re.MULTILINE)


@contextmanager
def about(*tables: Table) -> Iterator[None]:
    """While it lasts, no message quotes an error if one of `tables` is private; errors that leave it are marked."""
    is_quiet = QUIET.get() or any(table.is_private for table in tables)
    before = QUIET.set(is_quiet)
    try:
        yield
    except Exception as error:
        if is_quiet:
            setattr(error, MARK, True)
        raise
    finally:
        QUIET.reset(before)


def is_silent(error: BaseException) -> bool:
    """Whether what `error` says is not to be told."""
    return QUIET.get() or getattr(error, MARK, False)


def kind(error: BaseException) -> str:
    """What can be told of an error over private data: its kind, and the name that the engine has for it."""
    condition = getattr(error, "getCondition", lambda: None)()
    names = [type(error).__name__, *([str(condition)] if condition else [])]
    if "Traceback (most recent call last)" in str(error) and (raised := ON_EXECUTOR.findall(str(error))):
        names.append(f"{raised[-1]} on an executor")
    return f"{', '.join(names)} (what it says is not shown, as it may quote contact details)"


def without_causes(error: BaseException) -> None:
    """Cut from `error` those before it, which a trace would show; the trace of where they came up stays."""
    cause = error.__cause__ or error.__context__
    error.__cause__ = error.__context__ = None
    if cause is not None and error.__traceback__ is None:
        error.__traceback__ = cause.__traceback__


FALLIBLE = re.compile(
    r"\b(cast|to_date|to_timestamp|make_date|string|boolean|byte|short|int|integer|long|bigint|float|double|decimal"
    r"|date|timestamp|smallint|tinyint)\s*\(",
    re.IGNORECASE,
)
TEXT = re.compile(r"'(?:[^'\\]|''|\\.)*'|`[^`]*`")


def fallible(expression: str) -> str | None:
    """Why an expression over a private table is refused: a cast that fails quotes the value, in logs of the engine."""
    found = FALLIBLE.search(TEXT.sub("''", expression))
    if found is None:
        return None
    return (
        f"{found[1]} fails on a value that does not fit, and the engine writes that value into its logs: "
        "use try_cast or try_to_timestamp"
    )
