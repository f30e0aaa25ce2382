"""The command `explain`: what a column means, which job made it and how, and what it says of a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vitalfew.cli.options import known_table, located, observed, opened
from vitalfew.errors import ConfigError, hint

if TYPE_CHECKING:
    from vitalfew.tables import Table


@click.command()
@click.argument("name", metavar="TABLE[.COLUMN]")
@located
@click.option("--customer", metavar="ID", help="Show what the table says of this customer, too.")
@click.option("--as-of", default="latest", show_default=True, help="The day: YYYY-MM-DD, or the newest.")
def explain(
    name: str,
    conf: str,
    target: str,
    engine: str | None,
    root: str | None,
    debug: bool,
    customer: str | None,
    as_of: str,
) -> None:
    """Say what a column means, which job writes it, and with which settings; of a TABLE alone, list its columns.

    Other users of the machine see a command line, and so the ID of a customer in it.

    Example: vitalfew explain rfm.segment --customer 1712 --as-of 2025-01-31
    """
    del debug
    table, column = asked(name)
    if column is None:
        if customer is not None:
            raise ConfigError(f"--customer is for one column: vitalfew explain {table.name}.COLUMN --customer ID")
        from vitalfew.cli.explain import columns_listed

        click.echo("\n".join(columns_listed(table)))
        return
    from vitalfew.cli.explain import Question, answer, writer
    from vitalfew.config import loading
    from vitalfew.visible_text import visible_lines

    question = Question(table, column, observed(as_of), customer)
    question.check()
    job = writer(table)
    loaded = loading.load(conf, target, [job] if job else [], (), engine=engine, root=root)
    with opened(loaded) as storage:
        lines = answer(storage, loaded, question)
    click.echo(visible_lines(loaded.redact("\n".join(lines))))


def asked(name: str) -> tuple[Table, str | None]:
    """The table, and the column where one is named; ConfigError, with the nearest, where there is none of that name."""
    from vitalfew.suite import TABLES

    table_name, dot, column = name.partition(".")
    homes = [f"{table.name}.{table_name}" for table in TABLES.values() if table_name in table.columns]
    if not dot and table_name not in TABLES and homes:
        raise ConfigError(f"{table_name} is a column, of {', '.join(homes)}: name one of these.")
    table = known_table(table_name)
    if not dot:
        return table, None
    if column not in table.columns:
        raise ConfigError(
            f"There is no column {column!r} in {table.name}; {hint(column, table.columns)} "
            f"(vitalfew explain {table.name} lists its columns)"
        )
    return table, column
