"""The command `sql`: one SELECT over what is published."""

from __future__ import annotations

import sys

import click

from vitalfew.cli.layouts import FORMATS
from vitalfew.cli.options import hiding, located, observed, opened


@click.command()
@click.argument("query")
@located
@click.option(
    "--as-of", default="latest", show_default=True, help="The slice of each table: YYYY-MM-DD, or the newest."
)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="Rows to show.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help="As for show.")
@hiding("In tables that count people, hide groups of fewer, and those that give them away.")
@click.option(
    "--seconds", default=60, show_default=True, type=click.IntRange(1, 86_400), help="The longest that it may take."
)
def sql(
    query: str,
    conf: str,
    target: str,
    engine: str | None,
    root: str | None,
    debug: bool,
    as_of: str,
    limit: int,
    form: str,
    min_group: int,
    seconds: int,
) -> None:
    """Answer one SELECT over the results and facts that are published, by their names (vitalfew tables lists them).

    It has with, select, distinct, from, join, where, group by, having, order by and limit; the aggregates avg, count,
    max, min and sum; and the functions that settings may use. It reads one slice of each table, no source and no file,
    and writes nothing. A join needs an equality of its two sides. Other users of the machine see a command line; the
    QUERY - is read from the standard input.

    Example: vitalfew sql "select segment, count(*) as customers, avg(monetary) as spend from rfm group by segment
    order by spend desc"
    """
    del debug
    from vitalfew.cli.sql import Limits, answer, readable
    from vitalfew.config import loading

    asked = readable(sys.stdin.read() if query == "-" else query)
    limits = Limits(observed(as_of), limit, min_group, seconds)
    loaded = loading.load(conf, target, [], (), engine=engine, root=root)
    with opened(loaded) as storage:
        text = answer(storage, loaded, asked, limits, form)
    click.echo(text)
