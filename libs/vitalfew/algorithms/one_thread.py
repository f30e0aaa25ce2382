"""Searches in a few dimensions, on one thread."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from threadpoolctl import threadpool_limits


def one_thread() -> AbstractContextManager[Any]:
    """A block in which linear algebra starts no threads.

    A search in four dimensions multiplies matrices of a few cells. The threads of OpenBLAS then wait for each other,
    and keep every core busy while they do: the search takes ten times the CPU.
    """
    limits: AbstractContextManager[Any] = threadpool_limits(limits=1, user_api="blas")
    return limits
