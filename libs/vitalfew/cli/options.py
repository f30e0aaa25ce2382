"""What several commands share: the options that say where, and the storage that these name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from vitalfew.cli.completion import target_names
from vitalfew.errors import ConfigError, hint

if TYPE_CHECKING:
    from vitalfew.config.loading import Config
    from vitalfew.storage.delta import Storage
    from vitalfew.tables import Table

Command = Callable[..., Any]


def located(command: Command) -> Command:
    """The options that say where: configuration folder, target, engine."""
    options = (
        click.option(
            "--conf",
            default="conf",
            show_default=True,
            envvar="VITALFEW_CONF",
            help="Folder with jobs/, targets/ and definitions.yml, or its URI (s3, gs, abfss, hdfs, dbfs).",
        ),
        click.option(
            "--target",
            default="local",
            show_default=True,
            envvar="VITALFEW_TARGET",
            shell_complete=target_names,
            help="Name of a file in CONF/targets, or a path or URI of one.",
        ),
        click.option("--engine", type=click.Choice(["spark", "connect", "sail"]), help="Instead of the target's."),
        click.option("--root", help="Folder, URI or catalog.schema of the tables, instead of the target's."),
        click.option("--debug", is_flag=True, help="Show the whole trace of an error."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def observed(as_of: str) -> date | None:
    """The day that `--as-of` names; None for the latest."""
    if as_of == "latest":
        return None
    try:
        return date.fromisoformat(as_of)
    except ValueError:
        raise ConfigError(f"--as-of is {as_of!r}; it must be a day such as 2026-01-31, or latest.") from None


def hiding(what: str) -> Callable[[Command], Command]:
    """The option --min-group, of 5 people where it is not given, of a command that hides `what`."""
    return click.option(
        "--min-group",
        default=5,
        show_default=True,
        type=click.IntRange(2, 1_000_000),
        metavar="PEOPLE",
        help=what,
    )


@contextmanager
def opened(loaded: Config) -> Iterator[Storage]:
    """The storage of a target; errors are printed without the values that came from the environment."""
    from vitalfew.storage import damaged_files, opening

    try:
        with opening.opened(loaded) as storage:
            yield storage
    except Exception as error:
        told = damaged_files.known(error, loaded.target, loaded.target_name)
        told.args = (loaded.redact(str(told)),)
        raise told from told.__cause__


def known_table(name: str) -> Table:
    """The table of that name; ConfigError where there is none."""
    from vitalfew.suite import TABLES

    if name not in TABLES:
        raise ConfigError(f"There is no table {name!r}; {hint(name, TABLES)}")
    return TABLES[name]
