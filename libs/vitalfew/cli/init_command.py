"""The command `init`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from vitalfew.errors import ConfigError


def answers(_: click.Context, __: click.Parameter, given: Sequence[str]) -> dict[str, str]:
    """KEY=VALUE pairs; ConfigError where one is none."""
    found: dict[str, str] = {}
    for text in given:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f"--answer {text}: must read KEY=VALUE, such as --answer dates=day.")
        found[key.strip()] = value.strip()
    return found


@click.command("init")
@click.argument("files", nargs=-1, required=True)
@click.option("--name", default="shop", show_default=True, help="Name of the new target: CONF/targets/NAME.yml.")
@click.option("--conf", default="conf", show_default=True, envvar="VITALFEW_CONF", help="Folder of the configuration.")
@click.option("--root", help="Folder of the tables; data/NAME if it is not given.")
@click.option("--answer", "given", multiple=True, metavar="KEY=VALUE", callback=answers, help="An answer beforehand.")
@click.option("--yes", is_flag=True, help="Take what is proposed; fail where two readings are equally likely.")
@click.option("--force", is_flag=True, help="Write over a target that is there.")
@click.option(
    "--shared-machine",
    type=click.Choice(["refuse", "allow"]),
    default="refuse",
    show_default=True,
    help="As in a target: whether other users of this machine may reach the embedded engine.",
)
@click.option("--debug", is_flag=True, help="Show the whole trace of an error.")
def init(files: Sequence[str], debug: bool, **options: Any) -> None:
    """Look at FILES (a folder, or files: CSV, JSON, Excel, Parquet, zip), and write the target that takes them in.

    It finds the columns by their names in many languages, and how numbers, times and money are written.
    It tries that on the files, shows ten rows and the sums, and asks where the files do not tell.

    Example: vitalfew init sales/ --name shop, and then vitalfew run all --target shop
    """
    del debug
    from vitalfew.cli.init.command import Wish, run

    root = options["root"] or f"data/{options['name']}"
    run(
        Wish(
            files, options["conf"], options["name"], root, options["given"], options["yes"], options["force"],
            options["shared_machine"],
        )
    )  # fmt: skip
