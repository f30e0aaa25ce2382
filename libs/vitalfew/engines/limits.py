"""Limits of the process (ulimit) that the embedded engine would not survive."""

from __future__ import annotations

import resource

from vitalfew.errors import EngineError

GIB = 2**30
NEEDED = 4 * GIB  # of addresses; with 2 GiB the engine aborts as it starts, with 3 GiB at the first large query
OF_PROGRAM = 3 * GIB  # of addresses that are taken before there is any data: libraries, and the stacks of threads


def addresses() -> int | None:
    """How many bytes of addresses this process may have (ulimit -v); None where nothing limits them."""
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if soft == resource.RLIM_INFINITY else soft


def require() -> None:
    """EngineError where the embedded engine would abort for want of addresses."""
    allowed = addresses()
    if allowed is not None and allowed < NEEDED:
        raise EngineError(
            f"Engine sail needs {NEEDED // GIB} GiB of virtual memory, and this process may have "
            f"{allowed / GIB:.1f} GiB (ulimit -v). "
            f"Raise the limit: ulimit -v {NEEDED // 1024}, or better: ulimit -v unlimited."
        )


def for_data() -> int | None:
    """How many bytes of those addresses are left for data; None where nothing limits them."""
    allowed = addresses()
    return None if allowed is None else max(allowed - OF_PROGRAM, GIB // 4)
