"""`vitalfew compare`: what changed between two days of observation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vitalfew.cli.options import hiding, located, observed, opened


@click.command()
@located
@click.option("--as-of", required=True, metavar="DAY", help="The earlier day: YYYY-MM-DD.")
@click.option(
    "--to", default="latest", show_default=True, metavar="DAY", help="The later day: YYYY-MM-DD, or the newest."
)
@click.option("--language", type=click.Choice(["en", "zh"]), help="Instead of the target's.")
@click.option("--page", metavar="FILE", help="Write a page (.html) that only you can read, instead of the terminal.")
@hiding("Hide flows of fewer people, and those that give them away.")
def compare(
    conf: str, target: str, engine: str | None, root: str | None, debug: bool, min_group: int, **options: Any
) -> None:
    """What changed between two days: orders, segments, value, what was predicted and what came, and alerts.

    Example: vitalfew compare --as-of 2017-12-01 --to 2018-01-01 --target demo
    """
    del debug
    from vitalfew.cli.compare.known import Days, known
    from vitalfew.cli.compare.story import story
    from vitalfew.cli.report import observed_day
    from vitalfew.cli.written_page import checked_file, tell
    from vitalfew.config import loading
    from vitalfew.errors import ConfigError
    from vitalfew.messages.words import Words
    from vitalfew.runs.published import Published

    first, last = observed(options["as_of"]), observed(options["to"])
    if first is None:
        raise ConfigError("--as-of is 'latest'; name the earlier day, such as 2026-01-31.")
    page: Path | None = checked_file("--page", options["page"])
    loaded = loading.load(conf, target, [], (), engine=engine, root=root)
    words = Words(options["language"] or loaded.target.language, loaded.target.currency)
    with opened(loaded) as storage:
        published = Published(storage, loaded.target.files)
        found = story(known(published, Days(first, last or observed_day(published, None)), min_group))
    tell(found, words, page, loaded)
