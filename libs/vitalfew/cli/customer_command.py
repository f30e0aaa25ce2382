"""`vitalfew customer`: one customer's story."""

from __future__ import annotations

from typing import Any

import click

from vitalfew.cli.options import located, observed, opened


@click.command()
@click.argument("customer_id")
@located
@click.option("--as-of", default="latest", show_default=True, help="The day: YYYY-MM-DD, or the newest.")
@click.option("--language", type=click.Choice(["en", "zh"]), help="Instead of the target's.")
@click.option("--page", metavar="FILE", help="Write a page (.html) that only you can read, instead of the terminal.")
def customer(
    customer_id: str, conf: str, target: str, engine: str | None, root: str | None, debug: bool, **options: Any
) -> None:
    """The story of one customer: what to do, what they brought, bought and will want, and how they have changed.

    An id that begins with a dash comes last, after two of them: vitalfew customer --target demo -- -12

    Example: vitalfew customer 2375 --target demo --page customer.html
    """
    del debug
    from vitalfew.cli.customer.known import known
    from vitalfew.cli.customer.pseudonym import meant_by, under_pseudonym
    from vitalfew.cli.customer.story import story
    from vitalfew.cli.report import observed_day
    from vitalfew.cli.written_page import checked_file, tell
    from vitalfew.config import loading
    from vitalfew.messages.words import Words
    from vitalfew.runs.published import Published

    page, day = checked_file("--page", options["page"]), observed(options["as_of"])
    loaded = loading.load(conf, target, [], (), engine=engine, root=root)
    words = Words(options["language"] or loaded.target.language, loaded.target.currency)
    with opened(loaded) as storage:
        published = Published(storage, loaded.target.files)
        is_hidden = loaded.target.customer_ids == "pseudonyms"
        customer_id = meant_by(published, customer_id) if is_hidden else customer_id
        rows = known(published, customer_id, observed_day(published, day))
        found = story(under_pseudonym(rows, storage) if is_hidden else rows)
    tell(found, words, page, loaded)
