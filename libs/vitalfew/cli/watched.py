"""Who watches the runs of a command: OpenLineage, where the target asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vitalfew.config.loading import Config
from vitalfew.runs.pipeline import Watching


@contextmanager
def watched(config: Config, tell: Callable[[str], None]) -> Iterator[Watching]:
    """What the runs are shown to while it lasts; it says by `tell` what goes wrong there."""
    if config.target.lineage is None:
        yield Watching()
        return
    from vitalfew.runs.lineage import Lineage

    lineage = Lineage(config.target, lambda text: tell(config.redact(text)))
    try:
        yield lineage
    finally:
        lineage.close()
