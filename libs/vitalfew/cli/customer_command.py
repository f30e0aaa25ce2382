"""`vitalfew customer`: one customer's story."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from vitalfew.cli.options import located, observed, opened


@click.command()
@click.argument("customer_id")
@located
@click.option("--as-of", default="latest", show_default=True, help="The day: YYYY-MM-DD, or the newest.")
@click.option("--language", type=click.Choice(["en", "zh"]), help="Instead of the target's.")
@click.option("--to", metavar="FILE", help="Write a page (.html) that only you can read, instead of the terminal.")
def customer(
    customer_id: str, conf: str, target: str, engine: str | None, root: str | None, debug: bool, **options: Any
) -> None:
    """The story of one customer: what to do, what they brought, bought and will want, and how they have changed.

    Example: vitalfew customer 2375 --target demo --to customer.html
    """
    del debug
    from vitalfew.cli.customer.known import known
    from vitalfew.cli.customer.story import story
    from vitalfew.cli.customer.terminal import in_words
    from vitalfew.cli.layouts import screen_width
    from vitalfew.cli.report import observed_day, saved
    from vitalfew.config import loading
    from vitalfew.errors import ConfigError
    from vitalfew.messages.words import Words
    from vitalfew.report.html.render import html
    from vitalfew.runs.published import Published
    from vitalfew.visible_text import visible_lines

    to = Path(options["to"]) if options["to"] else None
    if to is not None and to.suffix != ".html":
        raise ConfigError(f"--to is {str(to)!r}; the page is an HTML file: give it a name that ends in .html.")
    day = observed(options["as_of"])
    loaded = loading.load(conf, target, [], (), engine=engine, root=root)
    words = Words(options["language"] or loaded.target.language, loaded.target.currency)
    with opened(loaded) as storage:
        published = Published(storage, loaded.target.files)
        page = story(known(published, customer_id, observed_day(published, day)))
    if to is None:
        click.echo(visible_lines(loaded.redact(in_words(page, words, screen_width()))))
    else:
        click.echo(f"{saved(to, loaded.redact(html(page, words)))} is written, for you only.")
