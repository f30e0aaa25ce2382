"""Every error a user can act on. The command line prints these without a traceback.

A message says what, where, what was found, and what to do. Each kind has an exit code of its own,
so that a scheduler can tell a typing error from bad data.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar

from vitalfew.white_space import visible


class VitalFewError(Exception):
    """Base of every error a user can act on."""

    exit_code: ClassVar[int] = 1


class ConfigError(VitalFewError):
    """The configuration or the command line says something that cannot be done."""

    exit_code = 2


class TableError(VitalFewError):
    """A table or a file is not there, or is not what its declaration promises."""

    exit_code = 3


class QualityError(VitalFewError):
    """A result breaks its table's contract; nothing was written."""

    exit_code = 4


class EngineError(VitalFewError):
    """The engine could not be started or reached, or lacks something."""

    exit_code = 5


class AnalysisError(VitalFewError):
    """The data cannot answer the question as it is asked (too few customers, too large to hold)."""

    exit_code = 6


class OutOfTimeError(AnalysisError):
    """A question took longer than it may; the engine may still be at work on it."""


class BusyError(VitalFewError):
    """Another run of the same job at the same target is under way."""

    exit_code = 7


class InternalError(VitalFewError):
    """Something went wrong that nobody foresaw; `--debug` shows where."""

    exit_code = 70


def hint(name: str, known: Iterable[str], most: int = 60) -> str:
    """A sentence that helps who misspelt `name`: the nearest known one, or all of them, or the first `most`."""
    names = sorted(known)
    small = {each.lower(): each for each in names}
    near = difflib.get_close_matches(name, names, n=1)
    near += [small[each] for each in difflib.get_close_matches(name.lower(), small, n=1)]
    if near:
        return f"did you mean {visible(near[0])}?"
    more = f", … ({len(names)} in all)" if len(names) > most else ""
    return f"known are: {', '.join(map(visible, names[:most]))}{more}." if names else "nothing is known there."
